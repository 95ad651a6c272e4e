/**
 * Late evidence over the real engine: a record taken back, the card it refutes and the record that
 * refuted it, and the case and its cards as they were believed before (认知时点). Told in order.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CaseDetail, SubmitSource } from '../../engine/facade.ts';
import {
  demoPack,
  EVERYTHING,
  type Running,
  startEngine,
  TempDirs,
} from '../fixtures/running/engine.ts';
import { ndjson, record } from '../fixtures/running/records.ts';

const SOURCE: SubmitSource = { id: 'city', organs: null, stamps: 'live' };
const KEY = 'LC00-FG-2026-0077';
const FOREIGN = { organs: ['LC00-JY'], territories: null };
const dirs = new TempDirs();
const dataDir = dirs.make();
const pack = demoPack();
let run: Running;

const at = (time: string): number => Date.parse(`2026-${time}+08:00`);
const suspended = record({
  ...{ caseKey: KEY, type: 'suspended', at: '2026-03-03T09:00:00+08:00', seq: 3 },
  ...{ recordedAt: '2026-03-03T09:05:00+08:00', sentAt: '2026-03-04T01:00:00+08:00' },
});

beforeAll(async () => {
  const clock = { baseMs: at('03-02T10:00:00'), realBaseMs: Date.now(), speed: 0 };
  run = await startEngine({ dataDir, clock });
  await run.engine.submit(
    ndjson(
      record({ caseKey: KEY, type: 'received', at: '2026-03-02T09:00:00+08:00', seq: 1 }),
      record({ caseKey: KEY, type: 'accepted', at: '2026-03-02T09:30:00+08:00', seq: 2 }),
    ),
    SOURCE,
  );
});

afterAll(async () => {
  await run?.engine.stop();
  dirs.remove();
});

async function believed(time: string): Promise<CaseDetail> {
  const detail = await run.engine.caseDetail(KEY, EVERYTHING, at(time));
  if (detail === null) throw new Error(`${KEY} is unknown`);
  return detail;
}

function statement({ clocks }: CaseDetail): unknown {
  const promise = clocks.find(({ ruleId }) => ruleId === 'promise');
  return [promise?.state, promise?.dueMs];
}

test('late evidence refutes cards, which are withdrawn with the record that refuted them', async () => {
  await run.moveTo('2026-03-28T10:00:00+08:00');
  const before = await run.cards(EVERYTHING, { caseKey: KEY });
  expect(before.map(({ ruleId, state }) => [ruleId, state])).toContainEqual(['promise', 'issued']);
  const rows = await run.engine.submit(ndjson(suspended), SOURCE);
  await run.engine.effects.drain();
  const detail = await run.engine.caseDetail(KEY, EVERYTHING);
  const withdrawn = detail?.cards.filter(({ state }) => state === 'withdrawn') ?? [];
  expect(withdrawn.length).toBeGreaterThan(0);
  expect(withdrawn.every(({ position }) => position === rows[0]?.position)).toBe(true);
  expect(detail?.evidence).toEqual([
    {
      ...{ kind: 'event', position: rows[0]?.position, stampMs: at('03-28T10:00:00') },
      ...{ type: 'suspended', atMs: at('03-03T09:00:00'), source: 'city', seq: 3, rev: 0 },
      ...{ retracted: false, packVersion: null, actor: '', reason: '' },
    },
  ]);
  const card = withdrawn[0];
  const shown = await run.engine.cardDetail(card?.cardId ?? '', EVERYTHING);
  expect(shown).toMatchObject({ cardId: card?.cardId, evidence: detail?.evidence[0] });
  expect(shown?.clock).toMatchObject({ ruleId: card?.ruleId, state: 'suspended' });
  expect(shown?.clock?.bill[0]?.date).toBe('2026-03-02');
  expect(await run.engine.cardDetail(card?.cardId ?? '', FOREIGN)).toBeNull();
});

test('each record has its four times, and what lies between them', async () => {
  const detail = await run.engine.caseDetail(KEY, EVERYTHING);
  const event = detail?.events.find(({ type }) => type === 'suspended');
  expect(event).toMatchObject({
    ...{ atMs: at('03-03T09:00:00'), recordedAtMs: at('03-03T09:05:00') },
    ...{ sentAtMs: at('03-04T01:00:00'), stampMs: at('03-28T10:00:00') },
    ...{ recordDelayMs: 300_000, sendDelayMs: 57_300_000, late: true, status: 'current' },
    arrivalDelayMs: at('03-28T10:00:00') - at('03-04T01:00:00'),
  });
});

test('what is taken back counts no more, stays in the history, and gives the cards back', async () => {
  await run.moveTo('2026-03-29T10:00:00+08:00');
  const back = { ...suspended, rev: 1, retracted: true };
  const [row] = await run.engine.submit(ndjson(back), SOURCE);
  await run.engine.effects.drain();
  const detail = await run.engine.caseDetail(KEY, EVERYTHING);
  const promise = detail?.cards.filter(({ ruleId }) => ruleId === 'promise') ?? [];
  expect(promise.every(({ state }) => state === 'issued')).toBe(true);
  const told = detail?.events.map(({ type, rev, status, endedBy }) => [type, rev, status, endedBy]);
  expect(told).toEqual([
    ['received', 0, 'current', null],
    ['accepted', 0, 'current', null],
    ['suspended', 0, 'retracted', row?.position],
    ['suspended', 1, 'retraction', null],
  ]);
  expect(detail?.ledger).toEqual([]);
});

test('a published pack is evidence by its version, actor and reason', async () => {
  const clocks = pack.clocks.filter(({ id }) => id !== 'promise');
  const next = JSON.stringify({ ...pack, clocks, version: pack.version + 1 });
  await run.moveTo('2026-03-30T10:00:00+08:00');
  await run.engine.publish(next, 'rules-author', '承诺时限不再考核');
  await run.engine.effects.drain();
  const detail = await run.engine.caseDetail(KEY, EVERYTHING);
  const published = detail?.evidence.filter(({ kind }) => kind === 'publication');
  expect(published).toMatchObject([
    {
      ...{ kind: 'publication', type: '', packVersion: pack.version + 1 },
      ...{ actor: 'rules-author', reason: '承诺时限不再考核' },
    },
  ]);
  expect(detail?.packVersion).toBe(pack.version + 1);
});

test('the past is told as it was believed then, by the rules of then', async () => {
  const asOf = ['03-02T12:00:00', '03-28T09:00:00', '03-28T12:00:00', '03-29T12:00:00'];
  const then = await Promise.all(asOf.map((time) => believed(time)));
  expect(then.map(({ asOfMs, nowMs }) => [asOfMs, nowMs])).toEqual(
    asOf.map((time) => [at(time), at(time)]),
  );
  expect(then.map(({ packVersion }) => packVersion)).toEqual(asOf.map(() => pack.version));
  const due = statement(then[0] as CaseDetail) as [string, number];
  expect(then.map(statement)).toEqual([
    ['running', due[1]],
    ['expired', due[1]],
    ['suspended', null],
    ['expired', due[1]],
  ]);
  const states = then.map(({ cards }) =>
    cards.filter(({ ruleId }) => ruleId === 'promise').map(({ state }) => state),
  );
  expect(states[0]).toEqual([]);
  expect(new Set(states[1])).toEqual(new Set(['issued']));
  expect(new Set(states[2])).toContain('withdrawn');
  expect(new Set(states[3])).toEqual(new Set(['issued']));
  expect(then.map(({ events }) => events.length)).toEqual([2, 2, 3, 4]);
  const now = await run.engine.caseDetail(KEY, EVERYTHING);
  expect(now?.clocks.some(({ ruleId }) => ruleId === 'promise')).toBe(false);
});

test('lists of cards, too', async () => {
  const list = (time: string, scope = EVERYTHING) =>
    run.engine.cards(
      { order: 'worst', limit: 100, offset: 0, ruleId: 'promise', asOfMs: at(time) },
      scope,
    );
  expect((await list('03-02T12:00:00')).total).toBe(0);
  const issued = await list('03-28T09:00:00');
  expect(issued.facets.state).toEqual({ issued: issued.total });
  expect(issued.total).toBeGreaterThan(0);
  expect((await list('03-28T12:00:00')).facets.state.withdrawn).toBeGreaterThan(0);
  expect((await list('03-30T10:00:00')).facets.state).toEqual({ withdrawn: issued.total });
  expect((await list('03-28T09:00:00', FOREIGN)).total).toBe(0);
});

test('the past is bounded: not before the case, not ahead of time, not for others', async () => {
  const ask = (time: string, scope = EVERYTHING) =>
    run.engine.caseDetail(KEY, scope, at(time)).catch((error: { code: string }) => error.code);
  expect(await ask('03-01T00:00:00')).toBe('AS_OF_UNKNOWN');
  expect(await ask('04-01T00:00:00')).toBe('AS_OF_FUTURE');
  expect(await ask('03-28T09:00:00', FOREIGN)).toBeNull();
  const many = await Promise.all(Array.from({ length: 9 }, () => ask('03-28T09:00:00')));
  expect(many.filter((one) => one === 'AS_OF_BUSY').length).toBe(5);
});

test('all of it survives a restart', async () => {
  const before = await believed('03-28T12:00:00');
  await run.engine.stop();
  const clock = { baseMs: at('03-31T10:00:00'), realBaseMs: Date.now(), speed: 0 };
  run = await startEngine({ dataDir, clock });
  expect(await believed('03-28T12:00:00')).toEqual(before);
});
