/**
 * One policy, every door (law L6): what a department or district supervisor gets through the list, one
 * card, the case page, counts, facets, wall, rules, export and the socket holds nothing of others.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routeTable } from '../../api/app.ts';
import type { CardPage, LiveCard, LiveSummary, RuleList, WallSummary } from '../../api/contract.ts';
import { allows, type RoleOrNobody } from '../../api/policy/policy.ts';
import { ORGANS } from '../fixtures/fake-city.ts';
import { type Client, type Harness, startHarness, until } from './api-harness.ts';

interface Row {
  readonly organ: string;
  readonly territory: string;
}

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness();
  for (const organ of ORGANS) harness.engine.raise(organ.code, 'red');
});
afterAll(() => harness.close());

const PEOPLE: readonly [name: string, sees: (row: Row) => boolean][] = [
  ['dept-zj', (row) => row.organ === 'ZJ'],
  ['dept-zr', (row) => row.organ === 'ZR'],
  ['district-990102', (row) => row.territory === '990102'],
];

/** The oracle reads the fixture itself, not the API's policy. */
function ownCards(sees: (row: Row) => boolean) {
  return harness.engine.allCards().filter(sees);
}

function foreignWords(sees: (row: Row) => boolean): string[] {
  const cards = harness.engine.allCards().filter((card) => !sees(card));
  const organs = ORGANS.filter((row) => !sees({ ...row, organ: row.code }));
  return [
    ...cards.map((card) => card.cardId),
    ...harness.engine.cases.filter((kase) => !sees(kase)).map((kase) => kase.caseKey),
    ...organs.map((organ) => organ.name.zh),
  ];
}

function expectNothingOf(words: readonly string[], text: string): void {
  expect(words.filter((word) => text.includes(word))).toEqual([]);
}

async function wholeList(client: Client): Promise<CardPage> {
  const page = (await client.get('/api/v1/cards?limit=200')).body as CardPage;
  expect(page.total).toBeLessThanOrEqual(200);
  return page;
}

describe.each(PEOPLE)('%s', (name, sees) => {
  let client: Client;
  beforeAll(async () => {
    client = await harness.as(name);
  });

  test('door 1, the list: exactly their cards, and counts of nothing else', async () => {
    const page = await wholeList(client);
    const own = ownCards(sees);
    expect(page.total).toBe(own.length);
    expect(page.cards.map((card) => card.cardId).sort()).toEqual(
      own.map((card) => card.cardId).sort(),
    );
    expect(Object.keys(page.facets.organ).sort()).toEqual(
      [...new Set(own.map((card) => card.organ))].sort(),
    );
    for (const facet of Object.values(page.facets)) {
      expect(Object.values(facet).reduce((a, b) => a + b, 0)).toBe(own.length);
    }
  });

  test('door 1, filters: asking for another organ, case or text finds nothing', async () => {
    const foreign = harness.engine.allCards().filter((card) => !sees(card));
    for (const card of foreign.slice(0, 20)) {
      for (const query of [
        `organ=${card.organ}`,
        `caseKey=${card.caseKey}`,
        `text=${card.caseKey}`,
      ]) {
        const page = (await client.get(`/api/v1/cards?${query}`)).body as CardPage;
        expect(page.cards.filter((found) => !sees(found))).toEqual([]);
        expectNothingOf(foreignWords(sees), JSON.stringify(page));
      }
    }
  });

  test('door 1, by id: foreign cards and cases do not exist', async () => {
    const foreign = harness.engine.allCards().filter((card) => !sees(card));
    for (const card of foreign.slice(0, 40)) {
      expect((await client.get(`/api/v1/cards/${card.cardId}`)).status).toBe(404);
      expect((await client.get(`/api/v1/cases/${card.caseKey}`)).status).toBe(404);
    }
  });

  test('door 2, the export: the list’s cards, and not one word of others', async () => {
    const { text } = await client.get('/api/v1/cards/export.csv');
    const ids = text.split('\r\n').flatMap((row) => /^[0-9a-f]{32}(?=,)/.exec(row)?.[0] ?? []);
    expect(ids.sort()).toEqual(
      ownCards(sees)
        .map((card) => card.cardId)
        .sort(),
    );
    expectNothingOf(foreignWords(sees), text);
  });

  test('door 3, counts: wall and rules count their own only', async () => {
    const answer = await client.get('/api/v1/wall');
    const summary = answer.body as WallSummary;
    const open = ownCards(sees).filter((card) => card.state === 'issued');
    const byLevel = Object.values(summary.counts.cards).reduce((a, b) => a + b, 0);
    expect(byLevel).toBe(open.length);
    expect(summary.organs.filter((row) => !sees(row))).toEqual([]);
    expect(summary.latest.filter((row) => !sees(row))).toEqual([]);
    expect(summary.pressing.filter((row) => !sees(row))).toEqual([]);
    expectNothingOf(foreignWords(sees), answer.text);
    const { rules } = (await client.get('/api/v1/rules')).body as RuleList;
    expect(rules.reduce((sum, rule) => sum + rule.raised, 0)).toBe(ownCards(sees).length);
  });

  test('door 4, the socket: snapshot, frames and cards are theirs, numbers show no gap', async () => {
    const { socket, frames } = harness.socketOf(client);
    await until('snapshot', () => frames.find((frame) => frame.name === 'snapshot'));
    for (const organ of ORGANS) {
      harness.engine.raise(organ.code, 'yellow');
      harness.engine.raise(organ.code, 'red');
    }
    const expected = ORGANS.filter((row) => sees({ ...row, organ: row.code })).length * 2;
    const cards = () => frames.filter((frame) => frame.name === 'card');
    await until('own cards', () => cards().length >= expected);
    await until('a frame', () => frames.some((frame) => frame.name === 'frame'));
    const changes = cards().map((frame) => frame.body as unknown as LiveCard);
    expect(changes.filter(({ card }) => !sees(card))).toEqual([]);
    expect(changes).toHaveLength(expected);
    const first = frames[0]?.body as unknown as LiveSummary;
    expect(changes.map(({ seq }) => seq)).toEqual(changes.map((_, i) => first.seq + 1 + i));
    expectNothingOf(foreignWords(sees), JSON.stringify(frames));
    socket.disconnect();
  });
});

test('the bureau sees all through all four doors', async () => {
  const client = await harness.as('bureau');
  const all = harness.engine.allCards().length;
  const page = (await client.get('/api/v1/cards?limit=1')).body as CardPage;
  const { text } = await client.get('/api/v1/cards/export.csv');
  const summary = (await client.get('/api/v1/wall')).body as WallSummary;
  expect(page.total).toBe(all);
  expect(text.trimEnd().split('\r\n')).toHaveLength(all + 2);
  expect(summary.organs).toHaveLength(ORGANS.length);
  const { frames } = harness.socketOf(client);
  await until('snapshot', () => frames.length > 0);
  for (const organ of ORGANS) harness.engine.raise(organ.code);
  await until('a card of every organ', () => {
    const cards = frames.filter((frame) => frame.name === 'card');
    return cards.length === ORGANS.length;
  });
});

test.each(['author', 'operator'])('%s reads no card, no case, no wall, no socket', async (name) => {
  const client = await harness.as(name);
  const card = harness.engine.raise('ZJ');
  for (const path of [
    '/api/v1/cards',
    '/api/v1/cards/export.csv',
    `/api/v1/cards/${card.cardId}`,
    `/api/v1/cases/${card.caseKey}`,
    '/api/v1/wall',
  ]) {
    expect((await client.get(path)).status).toBe(403);
  }
  const { socket } = harness.socketOf(client);
  const error = await new Promise<Error>((resolve) => socket.once('connect_error', resolve));
  expect(error.message).toBe('FORBIDDEN');
});

describe('every role at every route', () => {
  const holders: readonly [role: RoleOrNobody, name: string][] = [
    ['bureau', 'bureau'],
    ['district', 'district-990102'],
    ['department', 'dept-zj'],
    ['author', 'author'],
    ['operator', 'operator'],
    ['source', 'demo-source'],
    ['wall', 'wall'],
    ['anonymous', ''],
  ];

  async function enter(role: RoleOrNobody, name: string): Promise<Client> {
    if (role === 'anonymous') return harness.client();
    return role === 'source' || role === 'wall' ? harness.withKey(name) : harness.as(name);
  }

  test.each(holders)('%s gets in exactly where the policy says', async (role, name) => {
    for (const { method, path, action } of routeTable()) {
      const client = await enter(role, name);
      const init: RequestInit = { method: method.toUpperCase() };
      // As if through a proxy, so that this machine's own right to the metrics does not count.
      const headers = { 'x-forwarded-for': '10.0.0.1', 'content-type': 'application/json' };
      const { status, text } = await client.send(path.replace(/:\w+/, 'none'), {
        ...init,
        headers,
        ...(method === 'post' ? { body: '{}' } : {}),
      });
      const refused = /"code":"(UNAUTHENTICATED|FORBIDDEN)"/.test(text);
      // A key has no session of its own to read: the door is open, the room empty.
      const noSession = method === 'get' && action === 'session.read' && role === 'wall';
      expect([method, path, refused, status]).toEqual([
        method,
        path,
        !allows(role, action) || noSession,
        status,
      ]);
    }
  });
});
