/**
 * Event lists: what is decoded is what was encoded, field by field, and the Bloom word never denies an
 * event that is there. Runs: MINGCHA_RUNS (default 300), seed: MINGCHA_SEED.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ABSENT, EVENT_TYPES, FLAG_NO_SEQ } from '../../engine/events/event.ts';
import { CaseTable } from '../../engine/state/case-table.ts';
import { EventLists, identityOf } from '../../engine/state/event-list.ts';
import { CONTENT_MASK, EVENTS_MAX, History } from '../../engine/state/history.ts';
import { runs } from '../fixtures/property.ts';

interface Row {
  readonly type: number;
  readonly flags: number;
  readonly at: number;
  readonly recordedAt: number;
  readonly stamp: number;
  readonly position: number;
  readonly source: number;
  readonly seq: number;
  readonly rev: number;
  readonly content: number;
  readonly stage: number;
  readonly days: number;
  readonly special: number;
  readonly amountFen: number;
  readonly deadline: number;
  readonly materials: number;
}

const SAFE = Number.MAX_SAFE_INTEGER;
const FIRST_MS = Date.UTC(1990, 0, 1);
const LAST_MS = Date.UTC(2100, 11, 31);

const instant = fc.oneof(
  fc.integer({ min: FIRST_MS, max: LAST_MS }),
  fc.constantFrom(FIRST_MS, LAST_MS, Date.UTC(2024, 1, 1)),
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>, absent: T): fc.Arbitrary<T> =>
  fc.oneof(fc.constant(absent), arbitrary);
const sized = (max: number): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max }), fc.constantFrom(0, max));

const row: fc.Arbitrary<Row> = fc
  .record({
    type: fc.nat(EVENT_TYPES.length - 1),
    flags: fc.nat(31),
    at: instant,
    recordedAt: maybe(instant, Number.NaN),
    stamp: instant,
    position: sized(SAFE),
    source: maybe(sized(0x7fff_fffe), ABSENT),
    seq: maybe(sized(SAFE), Number.NaN),
    rev: sized(0x7fff_ffff),
    content: fc.integer({ min: 0, max: CONTENT_MASK }),
    stage: maybe(sized(0xffffe), ABSENT),
    days: maybe(fc.integer({ min: 1, max: 1000 }), ABSENT),
    special: maybe(fc.nat(7), ABSENT),
    amountFen: maybe(sized(99_999_999_999_999), Number.NaN),
    deadline: maybe(instant, Number.NaN),
    materials: maybe(fc.integer({ min: 1, max: 0xffff_ffff }), 0),
  })
  .map((one) => (Number.isNaN(one.seq) ? { ...one, flags: one.flags | FLAG_NO_SEQ } : one));

const FIELDS = [
  ...['type', 'flags', 'at', 'recordedAt', 'stamp', 'position', 'source', 'seq', 'rev'],
  ...['content', 'stage', 'days', 'special', 'amountFen', 'deadline', 'materials'],
] as (keyof Row)[];

function write(h: History, i: number, one: Row): void {
  for (const field of FIELDS) h[field][i] = one[field];
}

function read(h: History): Row[] {
  return Array.from(
    { length: h.count },
    (_, i) => Object.fromEntries(FIELDS.map((field) => [field, h[field][i]])) as unknown as Row,
  );
}

/** The order of a fold (H1), by the plainest means. */
function inOrder(rows: readonly Row[]): Row[] {
  const number = (seq: number): number => (Number.isNaN(seq) ? 0 : seq);
  return [...rows].sort(
    (a, b) =>
      a.at - b.at || number(a.seq) - number(b.seq) || a.type - b.type || a.content - b.content,
  );
}

function historyOf(rows: readonly Row[]): History {
  const h = new History();
  for (const [i, one] of rows.entries()) write(h, i, one);
  h.count = rows.length;
  return h;
}

describe('an event list', () => {
  test('gives back what was put in, appended one by one or all at once, next to other lists', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(row, fc.nat(2)), { maxLength: 60 }), (rows) => {
        const table = new CaseTable();
        const lists = new EventLists(table);
        for (let k = 0; k < 3; k++) table.add();
        const own: Row[][] = [[], [], []];
        const out = new History();
        for (const [one, k] of rows) {
          const list = own[k] as Row[];
          const last = list.at(-1);
          const next = last === undefined ? one : { ...one, at: Math.max(one.at, last.at) };
          const lastSource = rows.length % 2 === 0 ? Number.NaN : (last?.source ?? -1);
          lists.append(k, historyOf([next]), 0, last?.at ?? Number.NEGATIVE_INFINITY, lastSource);
          list.push(next);
        }
        for (const [k, list] of own.entries()) {
          expect(lists.count(k)).toBe(list.length);
          lists.decode(k, out);
          expect(read(out)).toEqual(list);
          if (list.length === 0) continue;
          lists.replace(k, historyOf(list));
        }
        for (const [k, list] of own.entries()) {
          lists.decode(k, out);
          expect(read(out)).toEqual(list);
        }
      }),
      runs(300),
    );
  });

  test('never denies an event that it holds', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), fc.boolean(), (rows, whole) => {
        const sorted = inOrder(rows);
        const table = new CaseTable();
        const lists = new EventLists(table);
        table.add();
        const h = historyOf(sorted);
        if (whole) lists.replace(0, h);
        else {
          for (const [i, one] of sorted.entries()) {
            const before = sorted[i - 1];
            lists.append(0, historyOf([one]), 0, before?.at ?? 0, Number.NaN);
          }
        }
        for (let i = 0; i < h.count; i++) expect(lists.mayHold(0, identityOf(h, i))).toBe(true);
      }),
      runs(200),
    );
  });

  test('says that it is full before it overflows', () => {
    const table = new CaseTable();
    const lists = new EventLists(table);
    table.add();
    const wide: Row = {
      ...{ type: 26, flags: 31, recordedAt: LAST_MS, stamp: LAST_MS, position: SAFE },
      ...{ at: FIRST_MS, source: 0x7fff_fffe, seq: SAFE, rev: 0x7fff_ffff, content: CONTENT_MASK },
      ...{ stage: 0xffffe, days: 1000, special: 7, amountFen: 99_999_999_999_999 },
      ...{ deadline: LAST_MS, materials: 0xffff_ffff },
    };
    let count = 0;
    for (; lists.hasRoom(0); count++) lists.append(0, historyOf([wide]), 0, FIRST_MS, Number.NaN);
    expect(count).toBeGreaterThan(500);
    const out = new History();
    lists.decode(0, out);
    expect(out.count).toBe(count);
    const rows = read(out);
    expect(rows[0]).toEqual(wide);
    expect(rows.at(-1)).toEqual(wide);
  });
});

describe('a history', () => {
  test('settles rows in an order that does not depend on how they came', () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 30 }),
        fc.infiniteStream(fc.nat(1 << 20)),
        (rows, s) => {
          const few = rows.map((one) => ({
            ...one,
            at: FIRST_MS + (one.at % 3),
            seq: one.seq % 3,
          }));
          const expected = inOrder(few);
          const shuffled = few
            .map((one) => ({ one, key: s.next().value as number }))
            .sort((a, b) => a.key - b.key)
            .map(({ one }) => one);
          const h = new History();
          for (const one of shuffled) {
            write(h, h.count, one);
            h.settle(h.count);
            h.count++;
          }
          const keys = (list: readonly Row[]) =>
            list.map((r) => [r.at, r.seq || 0, r.type, r.content]);
          expect(keys(read(h))).toEqual(keys(expected));
        },
      ),
      runs(200),
    );
  });

  test('holds as many rows as a list may, and one on its way in', () => {
    const h = new History();
    for (let i = 0; i < EVENTS_MAX - 1; i++) {
      h.at[i] = EVENTS_MAX - i;
      h.settle(i);
      h.count = i + 1;
    }
    expect([...h.at.subarray(0, 3)]).toEqual([2, 3, 4]);
    h.remove(0);
    expect([h.count, h.at[0]]).toEqual([EVENTS_MAX - 2, 3]);
  });
});
