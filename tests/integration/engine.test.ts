/**
 * The engine as a whole: log, workers, kernel, embedded ClickHouse, behind its facade. One life of a few
 * cases, told in order; time moves only when a test moves it.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CardChange } from '../../engine/cards/card.ts';
import type { CardView, LiveChange, RowResult, SubmitSource } from '../../engine/facade.ts';
import {
  EVERYTHING,
  type Running,
  startEngine,
  TempDirs,
  totals,
} from '../fixtures/running/engine.ts';
import { ndjson, record, reformatted } from '../fixtures/running/records.ts';

const SOURCE: SubmitSource = { id: 'city', organs: null, stamps: 'live' };
const KEY = 'LC00-FG-2026-0001';
const received = record({
  caseKey: KEY,
  type: 'received',
  at: '2026-03-02T09:00:00+08:00',
  seq: 1,
});
const accepted = record({
  caseKey: KEY,
  type: 'accepted',
  at: '2026-03-02T09:30:00+08:00',
  seq: 2,
  document: '受字〔2026〕1号',
  data: { materials: ['form', 'report', 'plan', 'equipment'] },
});

const dirs = new TempDirs();
const changes: LiveChange[] = [];
let run: Running;

beforeAll(async () => {
  const baseMs = Date.parse('2026-03-02T10:00:00+08:00');
  const clock = { baseMs, realBaseMs: Date.now(), speed: 0 };
  run = await startEngine({ dataDir: dirs.make(), clock });
  run.engine.onChange((change) => changes.push(change));
});

afterAll(async () => {
  await run?.engine.stop();
  dirs.remove();
});

function submit(...rows: readonly (Record<string, unknown> | string)[]) {
  return run.engine.submit(ndjson(...rows), SOURCE);
}

async function books() {
  return totals(await run.engine.balance());
}

function outcomes(rows: readonly RowResult[]): string[] {
  return rows.map(({ outcome, error }) =>
    error === undefined ? outcome : `${outcome} ${error.code}`,
  );
}

/** The one card of the rule and level on the case. */
async function cardOf(caseKey: string, ruleId: string, level: string): Promise<CardView> {
  const cards = (await run.cards(EVERYTHING, { caseKey })).filter((card) => {
    return card.ruleId === ruleId && card.level === level;
  });
  expect(cards).toHaveLength(1);
  return cards[0] as CardView;
}

test('rows are accepted, each at its position, and counted by source', async () => {
  const rows = await submit(received, accepted);
  expect(outcomes(rows)).toEqual(['accepted', 'accepted']);
  const [first, second] = rows as [RowResult, RowResult];
  expect(first).toMatchObject({ row: 1, position: 0 });
  expect(second).toMatchObject({ row: 2, position: 1, partition: first.partition });
  const balance = await run.engine.balance();
  expect(totals(balance, 'city')).toMatchObject({ accepted: 2, applied: 2 });
  expect(balance.refused).toEqual({});
});

test('the same record again is a duplicate, in the same bytes or written otherwise', async () => {
  const rows = await submit(received, reformatted(received));
  expect(outcomes(rows)).toEqual(['duplicate', 'duplicate']);
  expect(await books()).toMatchObject({ accepted: 4, applied: 2, duplicate: 2 });
});

test('a number used again for other content is refused loudly and kept as a dead letter', async () => {
  const other = { ...received, at: '2026-03-02T08:00:00+08:00' };
  const rows = await submit(other);
  expect(outcomes(rows)).toEqual(['refused ID_REUSED_WITH_OTHER_CONTENT']);
  expect(rows[0]?.error?.message).not.toContain('{');
  await run.engine.effects.drain();
  const [letter] = await run.engine.deadLetters(10, 0);
  expect(letter).toMatchObject({
    kind: 'dead',
    code: 'ID_REUSED_WITH_OTHER_CONTENT',
    source: 'city',
  });
  expect(JSON.parse(letter?.raw ?? '')).toEqual({ ...other, source: 'city' });
  const balance = await run.engine.balance();
  expect(totals(balance)).toMatchObject({ accepted: 5, applied: 2, duplicate: 2, deadLettered: 1 });
  // Accepted and dead-lettered is not refused at the door: nothing is counted twice.
  expect(balance.refused).toEqual({});
});

test('a higher revision corrects the record it names', async () => {
  const corrected = { ...received, at: '2026-03-02T08:50:00+08:00', rev: 1 };
  expect(outcomes(await submit(corrected))).toEqual(['accepted']);
  const detail = await run.engine.caseDetail(KEY, EVERYTHING);
  expect(detail?.receivedMs).toBe(Date.parse('2026-03-02T08:50:00+08:00'));
  expect(detail?.events.map(({ rev, status }) => [rev, status])).toEqual([
    [1, 'current'],
    [0, 'superseded'],
    [0, 'current'],
  ]);
});

test('a bad row is refused, counted apart, and the good rows beside it are accepted', async () => {
  const before = await books();
  const bad = { ...received, seq: 9, at: '2026-02-30T09:00:00+08:00' };
  const good = record({ ...received, caseKey: 'LC00-FG-2026-0002' } as never);
  expect(outcomes(await submit(bad, good))).toEqual(['refused TIME_INVALID_DATE', 'accepted']);
  const balance = await run.engine.balance();
  expect(totals(balance).accepted).toBe(before.accepted + 1);
  expect(balance.refused).toEqual({ city: 1 });
});

test('an event of the future is held and takes effect when its time has come', async () => {
  const key = 'LC00-FG-2026-0003';
  const at = '2026-03-02T15:00:00+08:00';
  const rows = await submit(record({ caseKey: key, type: 'received', at, seq: 1 }));
  expect(outcomes(rows)).toEqual(['held TIME_IN_FUTURE']);
  expect((await books()).held).toBe(1);
  expect(await run.engine.caseDetail(key, EVERYTHING)).toBeNull();
  await run.moveTo('2026-03-02T14:59:59+08:00');
  expect((await books()).held).toBe(1);
  const waiting = await run.engine.deadLetters(10, 0);
  expect(waiting.map((letter) => letter.kind)).toEqual(['held', 'dead']);
  await run.moveTo(at);
  expect((await books()).held).toBe(0);
  expect((await run.engine.caseDetail(key, EVERYTHING))?.receivedMs).toBe(Date.parse(at));
  const letters = await run.engine.deadLetters(10, 0);
  expect(letters.map((letter) => letter.kind)).toEqual(['dead']);
});

test('the wall counts open cases, the events of today and clocks that cannot be computed', async () => {
  const unknown = { caseKey: 'LC00-FG-2026-0004', itemCode: 'ZZ-1', seq: 1 };
  const at = '2026-03-02T14:00:00+08:00';
  await submit(
    record({ ...unknown, type: 'received', at }),
    record({ ...unknown, type: 'accepted', at: '2026-03-02T14:05:00+08:00', seq: 2 }),
  );
  const { counts, organs } = await run.engine.summary(EVERYTHING);
  expect(counts).toMatchObject({ open: 4, receivedToday: 4, acceptedToday: 2, finishedToday: 0 });
  expect(counts.uncomputable).toBe(1);
  const organ = organs.find((one) => one.organ === 'LC00-FG');
  expect(organ).toMatchObject({ open: 4, overdue: 0, territory: 'LC00' });
  const own = await run.engine.summary({ organs: ['LC00-JY'], territories: null });
  expect(own.counts).toMatchObject({ open: 0, receivedToday: 0 });
});

test('a case page explains its clock day by day', async () => {
  const detail = await run.engine.caseDetail(KEY, EVERYTHING);
  const clock = detail?.clocks.find((one) => one.ruleId === 'promise');
  expect(clock).toMatchObject({ state: 'running', limit: 15, unit: 'workday', mode: 'legal' });
  // 2 March is not counted; 15 workdays end with the 23rd.
  expect(clock?.dueMs).toBe(Date.parse('2026-03-24T00:00:00+08:00'));
  const bill = clock?.bill ?? [];
  expect(bill[0]).toMatchObject({ date: '2026-03-02', counted: false });
  expect(bill.filter((day) => day.counted).map((day) => day.date)).toHaveLength(15);
  expect(bill.find((day) => day.date === '2026-03-07')).toMatchObject({ reason: 'weekend' });
  expect(bill.find((day) => day.date === '2026-03-23')).toMatchObject({ counted: true, used: 15 });
  expect(detail?.events[0]?.record).toMatchObject({ caseKey: KEY, source: 'city' });
});

test('cards fall when their instant has come, carry it, and are announced in order', async () => {
  await run.moveTo('2026-03-24T08:00:00+08:00');
  const warning = await cardOf(KEY, 'promise', 'warning');
  const yellow = await cardOf(KEY, 'promise', 'yellow');
  expect(yellow).toMatchObject({
    version: 1,
    organ: 'LC00-FG',
    atMs: Date.parse('2026-03-24T00:00:00+08:00'),
    ruleName: { zh: '承诺办结时限' },
  });
  expect(warning.atMs).toBeLessThan(yellow.atMs);
  expect(yellow.replyDueMs).toBe(Date.parse('2026-04-01T00:00:00+08:00'));
  expect(changes.map((change) => change.seq)).toEqual(changes.map((_, i) => i + 1));
  expect(changes.map((change) => change.card.cardId)).toContain(yellow.cardId);
  const everything = await run.cards();
  expect((await run.engine.digest()).cards).toBe(everything.length);
});

test('a person acknowledges and answers; who saw an older version is refused', async () => {
  const card = await cardOf(KEY, 'promise', 'yellow');
  const act = { caseKey: KEY, cardId: card.cardId, actor: 'dept-lc00-fg' } as const;
  const signed = await run.engine.command(
    { ...act, commandId: 'c1', type: 'acknowledge', expectedVersion: 1 },
    EVERYTHING,
  );
  expect(signed).toMatchObject({ outcome: 'applied', card: { version: 2, state: 'acknowledged' } });
  // Logged before it took effect, with who and when (law L7).
  const { partition, position, atMs } = signed.card as CardChange;
  const logged = await run.engine.workers.ask(partition, 'witness', { partition, position });
  expect(JSON.parse(logged?.json ?? '')).toMatchObject({
    commandId: 'c1',
    actor: act.actor,
    cardId: card.cardId,
  });
  expect(atMs).toBe(Date.parse('2026-03-24T08:00:00+08:00'));
  const answer = { type: 'answer', data: { category: 'confirmed', text: '属实,已整改' } } as const;
  const late = await run.engine.command(
    { ...act, ...answer, commandId: 'c2', expectedVersion: 1 },
    EVERYTHING,
  );
  expect(late).toMatchObject({ outcome: 'refused', code: 'CARD_VERSION', card: { version: 2 } });
  const answered = await run.engine.command(
    { ...act, ...answer, commandId: 'c3', expectedVersion: 2 },
    EVERYTHING,
  );
  expect(answered).toMatchObject({ outcome: 'applied', card: { version: 3, state: 'answered' } });
  const foreign = { organs: ['LC00-JY'], territories: null };
  const hidden = await run.engine.command(
    { ...act, commandId: 'c4', type: 'acknowledge', expectedVersion: 3 },
    foreign,
  );
  expect(hidden).toEqual({ outcome: 'refused', code: 'CARD_UNKNOWN', card: null });
  const read = await run.engine.card(card.cardId, EVERYTHING);
  expect(read).toMatchObject({ version: 3, answerText: '属实,已整改', replyDueMs: null });
});

test('two people who chose the same command id are both answered', async () => {
  const key = 'LC00-FG-2026-0002';
  const cards = await run.cards(EVERYTHING, { caseKey: key });
  expect(cards.length).toBeGreaterThan(1);
  const results = await Promise.all(
    cards.slice(0, 2).map(({ cardId, version }) => {
      const command = { commandId: 'same', type: 'acknowledge', caseKey: key, cardId } as const;
      return run.engine.command({ ...command, actor: 'x', expectedVersion: version }, EVERYTHING);
    }),
  );
  expect(results.map((result) => result.outcome)).toEqual(['applied', 'applied']);
  expect(results.map((result) => result.card?.cardId)).toEqual(
    cards.slice(0, 2).map((card) => card.cardId),
  );
});

test('parts of a joint case live with their parent and can be opened and acted upon', async () => {
  const parentKey = 'LC00-FG-2026-J1';
  const home = run.engine.desk.partitionOf(parentKey);
  const keys = Array.from({ length: 30 }, (_, i) => `LC00-FG-2026-J1-${i}`);
  const caseKey = keys.find((key) => run.engine.desk.partitionOf(key) !== home) ?? '';
  const at = '2026-03-24T07:00:00+08:00';
  const [row] = await submit(
    record({ caseKey, parentKey, type: 'received', at, seq: 1 }),
    record({ caseKey, parentKey, type: 'decided', at: '2026-03-24T07:30:00+08:00', seq: 2 }),
  );
  expect(row).toMatchObject({ outcome: 'accepted', partition: home });
  expect((await run.engine.caseDetail(caseKey, EVERYTHING))?.events).toHaveLength(2);
  const { cardId, version } = await cardOf(caseKey, 'accept-before-decide', 'yellow');
  const command = { commandId: 'j1', type: 'acknowledge', caseKey, cardId, actor: 'x' } as const;
  const result = await run.engine.command({ ...command, expectedVersion: version }, EVERYTHING);
  expect(result.outcome).toBe('applied');
});

test('a case page opened right after a late record loses no card', async () => {
  const caseKey = 'LC00-FG-2026-LATE';
  await submit(record({ caseKey, type: 'received', at: '2026-01-05T09:00:00+08:00', seq: 1 }));
  const detail = await run.engine.caseDetail(caseKey, EVERYTHING);
  expect(detail?.deemed).toBe(true);
  const cards = await run.cards(EVERYTHING, { caseKey });
  expect(cards.map((card) => card.ruleId)).toContain('intake');
  expect((await run.engine.digest()).cards).toBe((await run.cards()).length);
});

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The text exposition format, strictly: every line is a comment or a sample of an announced name. */
function samplesOf(text: string): Sample[] {
  const announced = new Set<string>();
  return text.split('\n').flatMap((line) => {
    const comment = /^# (HELP|TYPE) (mingcha_[a-z_]+) .+$/.exec(line);
    if (comment !== null) announced.add(comment[2] as string);
    if (comment !== null || line === '') return [];
    const [, name = '', labels = '', value = ''] =
      /^([a-z_]+)(?:\{(.*)\})? (-?[0-9.e+-]+|Nan|[+-]Inf)$/.exec(line) ?? [];
    expect(announced, line).toContain(name);
    const pairs = [...labels.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)",?/g)];
    const read = Object.fromEntries(pairs.map(([, key = '', text = '']) => [key, text]));
    return [{ name, labels: read, value: Number(value) }];
  });
}

test('metrics are well formed and say what the books say', async () => {
  const samples = samplesOf(await run.engine.metrics());
  const of = (name: string) => samples.filter((sample) => sample.name === name);
  const balance = await books();
  const records = of('mingcha_records');
  const sum = (outcome: string) =>
    records
      .filter((sample) => sample.labels.outcome === outcome)
      .reduce((total, sample) => total + sample.value, 0);
  expect(sum('applied')).toBe(balance.applied);
  expect(sum('duplicate')).toBe(balance.duplicate);
  expect(sum('dead')).toBe(balance.deadLettered);
  expect(of('mingcha_balance_difference')).toEqual([expect.objectContaining({ value: 0 })]);
  expect(of('mingcha_refused_records')).toEqual([
    { name: 'mingcha_refused_records', labels: { source: 'city' }, value: 1 },
  ]);
  expect(of('mingcha_watermark_lag_seconds').every((sample) => sample.value === 0)).toBe(true);
  expect(of('mingcha_sink_delay_seconds')).toEqual([expect.objectContaining({ value: 0 })]);
  const ends = of('mingcha_log_end').map((sample) => sample.value);
  expect(ends).toEqual(run.engine.states().map((state) => state.end));
});

test('health says how far each partition is and that ClickHouse has everything', async () => {
  await run.engine.effects.drain();
  await run.engine.refresh();
  const health = run.engine.health();
  expect(health).toMatchObject({ ready: true, sink: { ok: true, message: '' } });
  for (const partition of health.partitions.filter((one) => one.end > 0)) {
    expect(partition).toMatchObject({ applied: partition.end, stopped: '' });
    expect(partition.sinkPosition).toBe(partition.end - 1);
  }
});
