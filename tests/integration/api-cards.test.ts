/** Inbox, export and commands: rows H5, H6, H10-H12, H15, H16 and the promises on double clicks. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  CardPage,
  CardView,
  CaseDetail,
  CommandReply,
  ErrorBody,
} from '../../api/contract.ts';
import { type Client, type Harness, startHarness } from './api-harness.ts';

let harness: Harness;
let dept: Client;
let bureau: Client;

beforeAll(async () => {
  harness = await startHarness();
  dept = await harness.as('dept-zj');
  bureau = await harness.as('bureau');
});
afterAll(() => harness.close());

function codeOf(body: unknown): string {
  return (body as ErrorBody).error.code;
}

function answerPath(card: CardView): string {
  return `/api/v1/cards/${card.cardId}/answer`;
}

const GOOD = { category: 'objective', text: '系统故障导致延误，已恢复' };

describe('the list', () => {
  test('filters by level, state and text, worst first, with counts', async () => {
    const query = new URLSearchParams({ level: 'red,yellow', state: 'issued', limit: '200' });
    const page = (await bureau.get(`/api/v1/cards?${query}`)).body as CardPage;
    expect(page.cards.length).toBeGreaterThan(5);
    const ranks = page.cards.map((card) => card.levelRank);
    expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
    expect(new Set(page.cards.map((card) => card.level))).toEqual(new Set(['red', 'yellow']));
    expect(page.facets.level.warning).toBeGreaterThan(0);
  });

  test('H15, H16: search text is literal, whatever it holds', async () => {
    for (const text of [
      '%',
      '_',
      '*',
      "') UNION ALL SELECT 1 --",
      '{param:Identifier}',
      '<script>',
    ]) {
      const answer = await bureau.get(`/api/v1/cards?${new URLSearchParams({ text })}`);
      expect([answer.status, (answer.body as CardPage).total]).toEqual([200, 0]);
    }
    const long = await bureau.get(`/api/v1/cards?text=${'x'.repeat(10_000)}`);
    expect([long.status, codeOf(long.body)]).toEqual([400, 'QUERY_INVALID']);
  });

  test('H5: a card of another organ is answered exactly like one that does not exist', async () => {
    const foreign = harness.engine.raise('HB');
    const seen = async (cardId: string) => {
      const answer = await dept.get(`/api/v1/cards/${cardId}`);
      const { requestId: _, ...error } = (answer.body as ErrorBody).error;
      return { status: answer.status, error, length: answer.headers.get('content-length') };
    };
    const hidden = await seen(foreign.cardId);
    expect(hidden.status).toBe(404);
    expect(hidden).toEqual(await seen('0'.repeat(32)));
    expect(hidden).toEqual(await seen('no-card-id'));
    expect((await bureau.get(`/api/v1/cards/${foreign.cardId}`)).status).toBe(200);
  });

  test('a case of another organ is not found, its own is shown with the time bill', async () => {
    const foreign = harness.engine.raise('HB');
    expect((await dept.get(`/api/v1/cases/${foreign.caseKey}`)).status).toBe(404);
    const own = harness.engine.raise('ZJ');
    const detail = (await dept.get(`/api/v1/cases/${own.caseKey}`)).body as CaseDetail;
    expect(detail.organ).toBe('ZJ');
    expect(detail.clocks[0]?.bill.length).toBeGreaterThan(1);
  });
});

describe('review', () => {
  test('only the bureau accepts an answer, and says why', async () => {
    const card = harness.engine.raise('ZJ');
    const path = `/api/v1/cards/${card.cardId}/review`;
    await dept.post(answerPath(card), { ...GOOD, expectedVersion: 1 });
    const act = { act: 'accept', reason: '整改属实', expectedVersion: 2 };
    expect((await dept.post(path, act)).status).toBe(403);
    const bureau = await harness.as('bureau');
    const mute = await bureau.post(path, { ...act, reason: '  ' });
    expect([mute.status, codeOf(mute.body)]).toEqual([422, 'REASON_REQUIRED']);
    const reply = (await bureau.post(path, act)).body as CommandReply;
    expect([reply.card.state, reply.card.version]).toEqual(['accepted', 3]);
    const again = await bureau.post(path, { ...act, expectedVersion: 3 });
    expect([again.status, codeOf(again.body)]).toEqual([409, 'CARD_STATE']);
  });
});

describe('acknowledge and answer', () => {
  test('a department acknowledges its card and answers it', async () => {
    const card = harness.engine.raise('ZJ');
    const path = `/api/v1/cards/${card.cardId}/acknowledge`;
    const first = (await dept.post(path, { expectedVersion: 1 })).body as CommandReply;
    expect([first.card.state, first.card.version, first.card.actor]).toEqual([
      'acknowledged',
      2,
      'dept-zj',
    ]);
    const answer = await dept.post(answerPath(card), { ...GOOD, expectedVersion: 2 });
    const reply = answer.body as CommandReply;
    expect([answer.status, reply.card.state, reply.card.replyDueMs]).toEqual([
      200,
      'answered',
      null,
    ]);
    expect(reply.card.answerText).toBe(GOOD.text);
    expect(((await dept.get(`/api/v1/cards/${card.cardId}`)).body as CardView).version).toBe(3);
  });

  test('H11: with an old version the answer is 409 and shows the card as it is', async () => {
    const card = harness.engine.raise('ZJ');
    await dept.post(`/api/v1/cards/${card.cardId}/acknowledge`, { expectedVersion: 1 });
    const answer = await dept.post(answerPath(card), { ...GOOD, expectedVersion: 1 });
    const { error, current } = answer.body as ErrorBody;
    expect([answer.status, error.code]).toEqual([409, 'CARD_VERSION']);
    expect(current).toMatchObject({ cardId: card.cardId, version: 2, state: 'acknowledged' });
  });

  test('H12: answering twice, or a withdrawn card, is a conflict', async () => {
    const card = harness.engine.raise('ZJ');
    await dept.post(answerPath(card), { ...GOOD, expectedVersion: 1 });
    const again = await dept.post(answerPath(card), { ...GOOD, expectedVersion: 2 });
    expect([again.status, codeOf(again.body)]).toEqual([409, 'CARD_STATE']);
  });

  test.each([
    ['without a text', { text: undefined }, 'FIELD_REQUIRED'],
    ['with one character', { text: '好' }, 'REASON_REQUIRED'],
    ['with blanks', { text: '      ' }, 'REASON_REQUIRED'],
    ['with 2,001 characters', { text: '字'.repeat(2001) }, 'REASON_REQUIRED'],
    ['with an unknown category', { category: 'whatever' }, 'FIELD_TYPE'],
    ['with a category that is no text', { category: ['confirmed'] }, 'FIELD_TYPE'],
    ['with the state in the body', { state: 'closed' }, 'FIELD_NOT_WRITABLE'],
    ['with a role in the body', { role: 'bureau' }, 'FIELD_NOT_WRITABLE'],
    ['with a territory in the body', { territory: '990102' }, 'FIELD_NOT_WRITABLE'],
    ['with version 0', { expectedVersion: 0 }, 'FIELD_TYPE'],
    ['with a version as text', { expectedVersion: '1' }, 'FIELD_TYPE'],
  ])('H6, H12: an answer %s is refused with 422', async (_what, change, code) => {
    const card = harness.engine.raise('ZJ');
    const body = { ...GOOD, expectedVersion: 1, ...change };
    const answer = await dept.post(answerPath(card), body);
    expect([answer.status, codeOf(answer.body)]).toEqual([422, code]);
    expect(((await dept.get(`/api/v1/cards/${card.cardId}`)).body as CardView).version).toBe(1);
  });

  test.each([
    ['a control character', `好的\u0007好的`, 'TEXT_CONTROL_CHAR'],
    ['half a character', `好的\ud800好的`, 'TEXT_LONE_SURROGATE'],
  ])('a text with %s is refused', async (_what, text, code) => {
    const card = harness.engine.raise('ZJ');
    const answer = await dept.post(answerPath(card), { ...GOOD, text, expectedVersion: 1 });
    expect([answer.status, codeOf(answer.body)]).toEqual([400, code]);
  });

  test('H12: a text of 1 MiB is refused before it is parsed', async () => {
    const card = harness.engine.raise('ZJ');
    const body = { ...GOOD, text: 'x'.repeat(1 << 20), expectedVersion: 1 };
    const answer = await dept.post(answerPath(card), body);
    expect([answer.status, codeOf(answer.body)]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  test('E5: a __proto__ in the body is refused by name', async () => {
    const card = harness.engine.raise('ZJ');
    const body = `{"expectedVersion":1,"category":"objective","text":"好的","__proto__":{"role":"x"}}`;
    const answer = await dept.send(answerPath(card), {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.status, codeOf(answer.body)]).toEqual([400, 'JSON_FORBIDDEN_KEY']);
  });

  test('a double click with one command id changes the card once and answers the same', async () => {
    const card = harness.engine.raise('ZJ');
    const body = { ...GOOD, expectedVersion: 1, commandId: 'click-0001' };
    const [first, second] = await Promise.all([
      dept.post(answerPath(card), body),
      dept.post(answerPath(card), body),
    ]);
    const third = await dept.post(answerPath(card), body);
    expect([first.status, second.status, third.status]).toEqual([200, 200, 200]);
    expect([second.text, third.text]).toEqual([first.text, first.text]);
    expect((first.body as CommandReply).card.version).toBe(2);
    const other = await dept.post(answerPath(card), { ...body, text: '另一段文字' });
    expect([other.status, codeOf(other.body)]).toEqual([409, 'COMMAND_REUSED']);
  });

  test('two people at once: one wins, the other sees by whom', async () => {
    const card = harness.engine.raise('ZJ');
    const bodies = ['甲的说明', '乙的说明'].map((text) => ({ ...GOOD, text, expectedVersion: 1 }));
    const answers = await Promise.all(bodies.map((body) => dept.post(answerPath(card), body)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409]);
    const lost = answers.find((answer) => answer.status === 409)?.body as unknown as ErrorBody;
    expect(lost.current).toMatchObject({ actor: 'dept-zj', version: 2 });
  });

  test('the bureau reads every card and answers none', async () => {
    const card = harness.engine.raise('ZJ');
    const answer = await bureau.post(answerPath(card), { ...GOOD, expectedVersion: 1 });
    expect([answer.status, codeOf(answer.body)]).toEqual([403, 'FORBIDDEN']);
  });

  test('a card of another organ cannot be answered, nor told from an unknown one', async () => {
    const card = harness.engine.raise('HB');
    const answer = await dept.post(answerPath(card), { ...GOOD, expectedVersion: 1 });
    expect([answer.status, codeOf(answer.body)]).toEqual([404, 'CARD_UNKNOWN']);
  });
});

describe('the export', () => {
  test('holds the same cards as the list, says its scope, and opens in a spreadsheet', async () => {
    const query = 'level=red&state=issued';
    const list = (await bureau.get(`/api/v1/cards?${query}&limit=200`)).body as CardPage;
    const answer = await bureau.get(`/api/v1/cards/export.csv?${query}`);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="cards-.*csv"/,
    );
    const [note, headings, ...rows] = answer.text.trimEnd().split('\r\n');
    expect(note).toContain('# 范围：全部单位');
    expect(note).toContain('level=red');
    expect(headings?.startsWith('牌编号,级别')).toBe(true);
    expect(rows.map((row) => row.split(',')[0]).sort()).toEqual(
      list.cards.map((card) => card.cardId).sort(),
    );
  });

  test('starts with the byte order mark and guards formulas', async () => {
    const card = harness.engine.raise('ZJ');
    const text = '=HYPERLINK("http://evil")';
    await dept.post(answerPath(card), { ...GOOD, text, expectedVersion: 1 });
    const response = await fetch(`${harness.url}/api/v1/cards/export.csv?state=answered`, {
      headers: dept.headers(),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(bytes.toString()).toContain(`"'=HYPERLINK(""http://evil"")"`);
  });

  test('H10: more rows than the limit are refused as too wide', async () => {
    const { cards } = harness.engine;
    harness.engine.cards = async (query, scope) => {
      const page = await cards.call(harness.engine, query, scope);
      return { ...page, total: 100_001 };
    };
    const answer = await bureau.get('/api/v1/cards/export.csv');
    harness.engine.cards = cards;
    expect([answer.status, codeOf(answer.body)]).toEqual([422, 'RANGE_TOO_WIDE']);
  });

  test('a reader who goes away ends the work', async () => {
    let pages = 0;
    const { cards } = harness.engine;
    const { cards: some } = await harness.engine.cards(
      { order: 'newest', limit: 50, offset: 0 },
      { organs: null, territories: null },
    );
    const facets = { level: {}, state: {}, organ: {}, category: {} };
    harness.engine.cards = async () => {
      pages++;
      const page = Array.from({ length: 500 }, (_, i) => {
        const base = some[i % some.length] as CardView;
        return { ...base, cardId: `${pages}-${i}`, answerText: 'x'.repeat(2000) };
      });
      return { total: 100_000, cards: page, facets };
    };
    const stop = new AbortController();
    const { signal } = stop;
    const path = `${harness.url}/api/v1/cards/export.csv`;
    const response = await fetch(path, { headers: bureau.headers(), signal });
    await response.body?.getReader().read();
    stop.abort();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const after = pages;
    await new Promise((resolve) => setTimeout(resolve, 200));
    harness.engine.cards = cards;
    expect(pages).toBe(after);
    expect(pages).toBeLessThan(100);
  });
});

describe('the past', () => {
  test('is asked for by an instant with its zone, and nothing else', async () => {
    const bad = ['2026-03-05', '2026-03-05T09:00:00', '2026-02-30T09:00:00Z', '1772672400000', ''];
    for (const asOf of bad) {
      for (const path of ['/api/v1/cards', '/api/v1/cards/export.csv', '/api/v1/cases/X']) {
        const answer = await bureau.get(`${path}?asOf=${encodeURIComponent(asOf)}`);
        expect([path, asOf, answer.status]).toEqual([path, asOf, 400]);
        expect(codeOf(answer.body)).toBe('QUERY_INVALID');
      }
    }
    const good = await bureau.get(
      `/api/v1/cards?asOf=${encodeURIComponent('2026-03-05T09:00:00+08:00')}`,
    );
    expect(good.status).toBe(200);
  });
});
