/**
 * The checker's time bill (计时账单): every day of one clock, whether it counts and why, one by one.
 *
 * Only clocks that count days have one: workdays, or calendar days. What a clock of hours counts is an
 * amount of time; there the due instant alone is compared.
 */
import type { OracleClock } from './clock.ts';
import { DAY, type Days } from './days.ts';

export interface BillDay {
  readonly date: string;
  readonly counted: boolean;
  readonly reason:
    | 'workday'
    | 'makeup'
    | 'day'
    | 'start'
    | 'weekend'
    | 'holiday'
    | 'suspended'
    | 'special';
  /** Days counted so far, this one included. */
  readonly used: number;
}

/** A bill is no longer than this; a clock that runs on is cut here. */
export const BILL_DAYS_MOST = 800;

export function billOf(days: Days, clock: OracleClock, now: number): BillDay[] | null {
  if (clock.counts === 'time' || !clock.computable) return null;
  const start = days.dayOf(clock.start);
  const until = days.dayOf(clock.stopped ?? now);
  const due = clock.due();
  const last = Math.max(until, due === null ? until : days.dayOf(due - 1));
  const bill: BillDay[] = [];
  let used = 0;
  for (let day = start; day <= Math.min(last, start + BILL_DAYS_MOST); day++) {
    const reason = reasonOf(days, clock, day, day === start);
    const counted = reason === 'workday' || reason === 'makeup' || reason === 'day';
    if (counted) used++;
    bill.push({ date: new Date(day * DAY).toISOString().slice(0, 10), counted, reason, used });
  }
  return bill;
}

function reasonOf(days: Days, clock: OracleClock, day: number, first: boolean): BillDay['reason'] {
  const look = days.lookOf(day);
  const dayOff = look === 'weekend' || look === 'holiday';
  if (dayOff && clock.counts === 'workdays') return look;
  if (first) return 'start';
  const why = clock.leftOut(day);
  if (why !== undefined) return why;
  return clock.counts === 'workdays' ? look : 'day';
}
