/**
 * Workday arithmetic (工作日计算): ten workdays from a random day of 2007-2026 by China's calendar,
 * workdays between two days, and working time to an instant and back; beside it, in the same run and
 * with the same holidays and make-up workdays, the loops people write with luxon and with Date.
 *
 * All figures are nanoseconds an operation, reading the random day from an array included. The loops
 * answer a part of the same questions and must give the same answers.
 */
import { DateTime } from 'luxon';
import { Prng } from '../../engine/base/prng.ts';
import { DAY_MS } from '../../engine/base/units.ts';
import type { Calendar } from '../../engine/calendars/calendar.ts';
import { compileCalendar } from '../../engine/calendars/compile.ts';
import { epochDay, parseDate } from '../../engine/calendars/days.ts';
import type { CalendarSource } from '../../engine/rules/source.ts';
import { loadCalendar } from '../../engine/runtime/calendar-loader.ts';
import { zoneTable } from '../../engine/runtime/zone-table.ts';
import { type Bench, BenchError, type BenchResult } from '../harness.ts';

const WORKDAYS = 10;

export function run(bench: Bench): BenchResult {
  const operations = bench.parameter('operations', 200_000, 20_000_000);
  const luxonOperations = bench.parameter('luxonOperations', 500, 20_000);
  const dateOperations = bench.parameter('dateOperations', 5_000, 200_000);
  const source = loadCalendar('CN');
  const zone = zoneTable(source.zone);
  const calendar = compileCalendar(source, zone);
  const days = randomDays();
  const nanoseconds = (count: number, work: () => number) => {
    const { bestSeconds, result } = bench.measure(work, { runs: 5, warmups: 1 });
    return { ns: (bestSeconds * 1e9) / count, sum: result };
  };
  const add = nanoseconds(operations, () => addAll(calendar, days, operations));
  const count = nanoseconds(operations, () => countAll(calendar, days, operations));
  const elapsed = nanoseconds(operations, () => elapsedAll(calendar, days, operations));
  const compile = bench.measure(() => compileCalendar(source, zone).lastDay, { runs: 3 });
  const figures: Record<string, number> = {
    'add ns/op': add.ns,
    'count ns/op': count.ns,
    'elapsed and back ns/op': elapsed.ns,
    'compile ms': compile.bestSeconds * 1000,
  };
  const ratios: Record<string, number> = {};
  if (bench.peers !== false) {
    const exceptions = exceptionsOf(source);
    const peers = [
      ['luxon', luxonOperations, (n: number) => luxonAll(exceptions, days, n)],
      ['date', dateOperations, (n: number) => dateAll(exceptions, days, n)],
    ] as const;
    for (const [peer, operationsOfPeer, work] of peers) {
      bench.progress(`${peer} loop`);
      const theirs = nanoseconds(operationsOfPeer, () => work(operationsOfPeer));
      requireSame(peer, theirs.sum, addAll(calendar, days, operationsOfPeer));
      figures[`${peer} loop add ns/op`] = theirs.ns;
      ratios[`${peer} loop`] = theirs.ns / add.ns;
    }
  }
  return bench.result(figures, `${add.sum}-${count.sum}-${elapsed.sum}`, ratios);
}

function requireSame(peer: string, theirs: number, ours: number): void {
  if (theirs !== ours) throw new BenchError('BENCH_DAYS', `${peer} gives ${theirs}, we ${ours}`);
}

const DAYS_MASK = 0xffff;

function randomDays(): Int32Array {
  const random = new Prng(2026);
  const first = epochDay(2007, 1, 1);
  const last = epochDay(2026, 11, 30);
  return Int32Array.from({ length: DAYS_MASK + 1 }, () => random.int(first, last));
}

function addAll(calendar: Calendar, days: Int32Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum = (sum + calendar.addWorkdays(days[i & DAYS_MASK] as number, WORKDAYS)) | 0;
  }
  return sum;
}

function countAll(calendar: Calendar, days: Int32Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const from = days[i & DAYS_MASK] as number;
    sum = (sum + calendar.countWorkdays(from, days[(i + 1) & DAYS_MASK] as number)) | 0;
  }
  return sum;
}

function elapsedAll(calendar: Calendar, days: Int32Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const at = (days[i & DAYS_MASK] as number) * DAY_MS + (i & DAYS_MASK) * 1000;
    const end = calendar.instantOfElapsed(calendar.elapsed(at) + WORKDAYS * DAY_MS);
    sum = (sum + ((end / 1000) | 0)) | 0;
  }
  return sum;
}

/** ISO date → worked or not, where a notice says so. */
function exceptionsOf(source: CalendarSource): ReadonlyMap<string, boolean> {
  const exceptions = new Map<string, boolean>();
  for (const year of source.years) {
    for (const { date } of year.off) exceptions.set(date, false);
    for (const { date } of year.work) exceptions.set(date, true);
  }
  return exceptions;
}

function luxonAll(
  exceptions: ReadonlyMap<string, boolean>,
  days: Int32Array,
  count: number,
): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    let at = DateTime.fromMillis((days[i & DAYS_MASK] as number) * DAY_MS, { zone: 'utc' });
    for (let left = WORKDAYS; left > 0; ) {
      at = at.plus({ days: 1 });
      if (exceptions.get(at.toISODate() ?? '') ?? at.weekday <= 5) left--;
    }
    sum = (sum + parseDate(at.toISODate() ?? '')) | 0;
  }
  return sum;
}

function dateAll(
  exceptions: ReadonlyMap<string, boolean>,
  days: Int32Array,
  count: number,
): number {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const at = new Date((days[i & DAYS_MASK] as number) * DAY_MS);
    for (let left = WORKDAYS; left > 0; ) {
      at.setUTCDate(at.getUTCDate() + 1);
      const weekday = at.getUTCDay();
      const byWeek = weekday !== 0 && weekday !== 6;
      if (exceptions.get(at.toISOString().slice(0, 10)) ?? byWeek) left--;
    }
    sum = (sum + at.getTime() / DAY_MS) | 0;
  }
  return sum;
}
