/**
 * Law L6 over the real engine: whoever is limited to some organs or districts sees nothing of the others
 * through any door. What they may see is counted here from all cards of the city, read as the bureau,
 * while cards of everybody fall.
 */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routeTable } from '../../api/app.ts';
import type {
  CardPage,
  CardView,
  ErrorBody,
  LiveCard,
  LiveSummary,
  Session,
  WallSummary,
} from '../../api/contract.ts';
import { CARD_CATEGORIES, CARD_STATES } from '../../api/contract.ts';
import { allows, inScope } from '../../api/policy/policy.ts';
import { startServer } from '../../api/server.ts';
import type { Scope } from '../../engine/facade.ts';
import { CITY_END_MS, cityRecords, feedCity } from '../fixtures/running/city.ts';
import { type Running, startEngine, TempDirs } from '../fixtures/running/engine.ts';
import { ndjson, record } from '../fixtures/running/records.ts';
import { type Answer, CHEAP, type Client, type Frame, Harness, until } from './api-harness.ts';

/** Nobody has answered these yet. */
const OPEN = new Set('provisional issued acknowledged rejected escalated reopened'.split(' '));

const UNKNOWN_ID = 'f'.repeat(32);
const dirs = new TempDirs();
let run: Running;
let doors: Harness;
let all: CardView[] = [];
let city: WallSummary;

beforeAll(async () => {
  const dataDir = dirs.make();
  const clock = { baseMs: CITY_END_MS, realBaseMs: Date.now(), speed: 0 };
  run = await startEngine({ dataDir, clock });
  await feedCity(run.engine, cityRecords(500));
  const log = pino({ level: 'silent' });
  const options = { dataDir, port: 0, log, scrypt: CHEAP, busiestFirst: true };
  const server = await startServer({ ...options, engine: run.engine });
  doors = new Harness(run.engine as never, server, dataDir);
  all = await run.cards();
  city = await run.engine.summary({ organs: null, territories: null });
});

afterAll(async () => {
  await doors?.server.close();
  await run?.engine.stop();
  dirs.remove();
});

/** The first account of the role, with what it may see. */
async function enter(role: string): Promise<{ client: Client; scope: Scope }> {
  const entry = doors.server.credentials.entries.find((one) => one.role === role);
  if (entry === undefined) throw new Error(`no account of role ${role}`);
  const client = await doors.as(entry.name);
  return { client, scope: (client.session as Session).scope };
}

function own(scope: Scope): CardView[] {
  return all.filter((card) => inScope(scope, card));
}

function foreignCard(scope: Scope): CardView {
  return all.find((card) => !inScope(scope, card)) as CardView;
}

/** Everything a text could tell of organs outside of the scope: codes and names. */
function expectNothingForeign(text: string, scope: Scope): void {
  for (const { code, name, territory } of run.engine.pack().organs) {
    if (inScope(scope, { organ: code, territory })) continue;
    expect(text).not.toContain(code);
    expect(text).not.toContain(name.zh);
  }
}

async function pageOf(client: Client, query: string): Promise<CardPage> {
  const answer = await client.get(`/api/v1/cards?${query}`);
  expect(answer.status, query).toBe(200);
  return answer.body as CardPage;
}

async function idsOf(client: Client, query: string): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const { cards, total } = await pageOf(client, `${query}&limit=200&offset=${ids.length}`);
    ids.push(...cards.map((card) => card.cardId));
    if (cards.length === 0) {
      expect(total, query).toBe(ids.length);
      return ids.sort();
    }
  }
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((a, b) => a + b, 0);
}

/** Two answers that must not be told apart. */
function withoutId(answer: Answer): string {
  return answer.text.replace(/"requestId":"[^"]*"/, '');
}

const LIMITED = ['department', 'district'] as const;

describe.each(LIMITED)('a %s supervisor', (role) => {
  let client: Client;
  let scope: Scope;

  beforeAll(async () => {
    ({ client, scope } = await enter(role));
    expect(own(scope).length).toBeGreaterThan(5);
    expect(own(scope).length).toBeLessThan(all.length / 2);
  });

  test('lists exactly the cards in scope, by whatever filter', async () => {
    const filters: [string, (card: CardView) => boolean][] = [
      ['order=worst', () => true],
      ['order=newest', () => true],
      ...CARD_STATES.map((state) => byField(`state=${state}`, 'state', state)),
      ...CARD_CATEGORIES.map((one) => byField(`category=${one}`, 'category', one)),
      ...['notice', 'warning', 'yellow', 'red'].map((one) => byField(`level=${one}`, 'level', one)),
      ...[...new Set(all.map((card) => card.ruleId))].map((id) =>
        byField(`ruleId=${id}`, 'ruleId', id),
      ),
    ];
    for (const [query, wanted] of filters) {
      const expected = own(scope).filter(wanted);
      expect(await idsOf(client, query)).toEqual(expected.map((card) => card.cardId).sort());
    }
  });

  test('gets nothing by asking for others: organ, case, text, page', async () => {
    const foreign = foreignCard(scope);
    const words = [foreign.caseKey, foreign.caseKey.slice(0, 6), foreign.itemName.zh];
    const asked = [
      `organ=${foreign.organ}`,
      `caseKey=${foreign.caseKey}`,
      `organ=${foreign.organ}&caseKey=${foreign.caseKey}&ruleId=${foreign.ruleId}`,
      ...words.map((text) => `text=${encodeURIComponent(text)}`),
      'text=%25',
      'text=%27%20OR%201%3D1',
      `offset=${own(scope).length}`,
    ];
    const owned = new Set(own(scope).map((card) => card.cardId));
    for (const query of asked) {
      const answer = await client.get(`/api/v1/cards?${query}&limit=200`);
      expectNothingForeign(answer.text, scope);
      const { cards, facets } = answer.body as CardPage;
      expect(cards.every((card) => owned.has(card.cardId))).toBe(true);
      expect(sumOf(facets.organ)).toBeLessThanOrEqual(owned.size);
    }
    expect((await pageOf(client, `organ=${foreign.organ}`)).total).toBe(0);
  });

  test('counts by level, state, organ and category over the cards in scope only', async () => {
    const { facets } = await pageOf(client, 'limit=1');
    for (const facet of ['level', 'state', 'organ', 'category'] as const) {
      const counted: Record<string, number> = {};
      for (const card of own(scope)) counted[card[facet]] = (counted[card[facet]] ?? 0) + 1;
      expect(facets[facet]).toEqual(counted);
    }
  });

  test('is told the same of a foreign card or case as of one that never was', async () => {
    const foreign = foreignCard(scope);
    const pairs: [string, string][] = [
      [`/api/v1/cards/${foreign.cardId}`, `/api/v1/cards/${UNKNOWN_ID}`],
      [`/api/v1/cases/${foreign.caseKey}`, '/api/v1/cases/NOBODY-1'],
    ];
    for (const [foreignPath, unknownPath] of pairs) {
      const [seen, unknown] = [await client.get(foreignPath), await client.get(unknownPath)];
      expect([seen.status, withoutId(seen)]).toEqual([404, withoutId(unknown)]);
    }
    for (const act of ['acknowledge', 'answer']) {
      const body = { expectedVersion: 1, ...(act === 'answer' ? ANSWER : {}) };
      const seen = await client.post(`/api/v1/cards/${foreign.cardId}/${act}`, body);
      const unknown = await client.post(`/api/v1/cards/${UNKNOWN_ID}/${act}`, body);
      expect([seen.status, withoutId(seen)]).toEqual([404, withoutId(unknown)]);
    }
    const untouched = await run.engine.card(foreign.cardId, { organs: null, territories: null });
    expect(untouched?.version).toBe(foreign.version);
  });

  test('exports the rows in scope, also when asking for others', async () => {
    const { text, status } = await client.get('/api/v1/cards/export.csv');
    expect(status).toBe(200);
    const ids = text.split('\r\n').flatMap((row) => /^[0-9a-f]{32}(?=,)/.exec(row)?.[0] ?? []);
    expect(ids.sort()).toEqual(
      own(scope)
        .map((card) => card.cardId)
        .sort(),
    );
    expectNothingForeign(text, scope);
    const { organ } = foreignCard(scope);
    const asked = await client.get(`/api/v1/cards/export.csv?organ=${organ}`);
    expect(asked.text).not.toMatch(/^[0-9a-f]{32},/m);
  });

  test('sees a wall of its own cases: numbers, organs, strip, latest, pressing', async () => {
    const answer = await client.get('/api/v1/wall');
    const wall = answer.body as WallSummary;
    expectNothingForeign(answer.text, scope);
    const organs = city.organs.filter((row) => inScope(scope, row));
    expect(wall.organs).toEqual(organs);
    expect(wall.counts.open).toBe(organs.reduce((sum, row) => sum + row.open, 0));
    const unanswered = own(scope).filter((card) => OPEN.has(card.state));
    expect(sumOf(wall.counts.cards)).toBe(unanswered.length);
    const strip = city.strip.filter((row) => organs.some(({ organ }) => organ === row.organ));
    expect(wall.strip).toEqual(strip);
    const cards = wall.territories.reduce((sum, row) => sum + row.cards, 0);
    expect(cards).toBe(unanswered.length);
    for (const row of [...wall.latest, ...wall.pressing]) expect(inScope(scope, row)).toBe(true);
    expect(wall.counts.receivedToday).toBeLessThanOrEqual(city.counts.receivedToday);
  });

  test('hears on the socket of its own cards only, while cards of all fall', async () => {
    const { socket, frames } = doors.socketOf(client);
    await until('snapshot', () => frames.length > 0, 20_000);
    const organs = run.engine.pack().organs.filter(({ code }) => code !== '');
    await fallIn(organs.map(({ code, territory }) => ({ organ: code, territory })));
    const mine = organs.filter(({ code, territory }) => inScope(scope, { organ: code, territory }));
    const fallen = () => pushed(frames).filter((card) => card.caseKey.startsWith('LIVE-'));
    await until('own cards', () => fallen().length >= mine.length, 20_000);
    await until('a frame after them', () => frames.at(-1)?.name === 'frame', 20_000);
    expect(new Set(fallen().map((card) => card.organ))).toEqual(new Set(mine.map((o) => o.code)));
    expectNothingForeign(JSON.stringify(frames), scope);
    for (const frame of frames.filter((one) => one.name !== 'card')) {
      const { summary } = frame.body as unknown as LiveSummary;
      expect(summary.organs.every((row) => inScope(scope, row))).toBe(true);
    }
    socket.disconnect();
    all = await run.cards();
    city = await freshSummary();
  });
});

const ANSWER = { category: 'confirmed', text: '属实,已整改' };
let liveCases = 0;

function byField(
  query: string,
  field: 'state' | 'category' | 'level' | 'ruleId',
  value: string,
): [string, (card: CardView) => boolean] {
  return [query, (card) => card[field] === value];
}

function pushed(frames: readonly Frame[]): CardView[] {
  const cards = frames.filter((frame) => frame.name === 'card');
  return cards.map((frame) => (frame.body as unknown as LiveCard).card);
}

/** Decisions without acceptance: one procedure card in each of the organs, over HTTP. */
async function fallIn(organs: readonly { organ: string; territory: string }[]): Promise<void> {
  const rows = organs.flatMap(({ organ, territory }) => {
    const caseKey = `LIVE-${++liveCases}`;
    const base = { caseKey, organ, territory, itemCode: `${organ}-01` };
    const at = '2026-11-20T09:30:00+08:00';
    return [
      record({ ...base, type: 'received', at, seq: liveCases * 10 }),
      record({
        ...base,
        type: 'decided',
        at: '2026-11-20T09:31:00+08:00',
        seq: liveCases * 10 + 1,
      }),
    ];
  });
  const body = Buffer.from(ndjson(...rows));
  const headers = { 'content-type': 'application/x-ndjson' };
  const source = doors.withKey('demo-source');
  const answer = await source.send('/api/v1/events', { method: 'POST', body, headers });
  expect([answer.status, answer.text]).toEqual([202, expect.stringContaining('"refused":0')]);
}

/** Later than a summary that may still be shared. */
async function freshSummary(): Promise<WallSummary> {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return run.engine.summary({ organs: null, territories: null });
}

test('a wall token reads the wall and can do nothing else', async () => {
  const token = doors.secretOf('wall');
  const client = doors.client();
  const answer = await client.post('/api/v1/session/wall', { token });
  expect(answer.status).toBe(200);
  client.cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] as string;
  client.csrf = (answer.body as Session).csrf;
  expect((await client.get('/api/v1/wall')).status).toBe(200);
  const [card] = all as [CardView];
  for (const path of [
    '/api/v1/cards',
    `/api/v1/cards/${card.cardId}`,
    `/api/v1/cases/${card.caseKey}`,
  ]) {
    expect((await client.get(path)).status).toBe(403);
  }
  const act = await client.post(`/api/v1/cards/${card.cardId}/acknowledge`, { expectedVersion: 1 });
  expect(act.status).toBe(403);
  const { socket, frames } = doors.socket({}, { token });
  await until('snapshot', () => frames.length > 0, 20_000);
  const loud = socket as unknown as { emit(name: string, body: unknown): void };
  loud.emit('acknowledge', { cardId: card.cardId });
  await until('refusal', () => frames.some((frame) => frame.name === 'session'), 20_000);
  socket.disconnect();
});

test('every case of the city can be opened, which changes nothing', async () => {
  const digest = await run.engine.digest();
  for (const [caseKey, count] of cityCases()) {
    const detail = await run.engine.caseDetail(caseKey, { organs: null, territories: null });
    expect(detail?.events.length, caseKey).toBe(count);
  }
  expect(await run.engine.digest()).toEqual(digest);
});

/** How many different records the city sent about each case. */
function cityCases(): Map<string, number> {
  const seen = new Map<string, Set<string>>();
  for (const chunk of cityRecords(500).chunks) {
    for (const line of Buffer.from(chunk).toString().trimEnd().split('\n')) {
      const { caseKey } = JSON.parse(line) as { caseKey: string };
      seen.set(caseKey, (seen.get(caseKey) ?? new Set()).add(line));
    }
  }
  return new Map([...seen].map(([caseKey, lines]) => [caseKey, lines.size]));
}

const ROLES = ['bureau', 'district', 'department', 'author', 'operator', 'source', 'wall'] as const;

test.each(ROLES)('what %s may not do is refused in the one shape of refusals', async (role) => {
  const entry = doors.server.credentials.entries.find((one) => one.role === role);
  const name = entry?.name ?? '';
  const client = entry?.kind === 'key' ? doors.withKey(name) : await doors.as(name);
  const denied = routeTable().filter(({ action }) => !allows(role, action));
  expect(denied.length).toBeGreaterThan(3);
  for (const { method, path } of denied) {
    // As if through a proxy, so that this machine's own right to the metrics does not count.
    const headers = { 'x-forwarded-for': '10.0.0.1', 'content-type': 'application/json' };
    const init = {
      method: method.toUpperCase(),
      headers,
      ...(method === 'post' ? { body: '{}' } : {}),
    };
    const answer = await client.send(path.replace(/:\w+/, UNKNOWN_ID), init);
    const { error } = answer.body as ErrorBody;
    expect([path, answer.status, error.code]).toEqual([path, 403, 'FORBIDDEN']);
    expect(Object.keys(error).sort()).toEqual(
      ['code', 'limit', 'message', 'messageEn', 'pointer', 'requestId', 'row', 'source'].sort(),
    );
    expect([error.message, error.messageEn].every((text) => text.length > 5)).toBe(true);
  }
});
