/**
 * A time bill (计时账单) as calendar months, and its sums.
 *
 * Every day between start and deadline is one cell: counted or not, and why. Days outside the bill
 * keep their places, so that weeks line up under their weekdays.
 */
import type { BillDay } from '../../../../api/contract.ts';

export interface BillCell {
  /** Day of the month; 0 where the month has no such day. */
  readonly number: number;
  /** Null where the bill does not speak of the day. */
  readonly day: BillDay | null;
}

export interface BillMonth {
  /** YYYY-MM */
  readonly month: string;
  /** Weeks from Monday to Sunday that hold a day of the bill. */
  readonly weeks: readonly (readonly BillCell[])[];
}

const NO_CELL: BillCell = { number: 0, day: null };

export type DayLook =
  | 'counted'
  | 'over'
  | 'makeup'
  | 'start'
  | 'weekend'
  | 'holiday'
  | 'suspended'
  | 'special'
  | 'outside';

const KNOWN = new Set(['weekend', 'holiday', 'suspended', 'special', 'start', 'makeup']);

/** How a day is drawn; a counted day past the limit is time that should not have been used. */
export function lookOf(day: BillDay, limit: number): DayLook {
  if (day.counted && day.used > limit) return 'over';
  if (day.counted) return day.reason === 'makeup' ? 'makeup' : 'counted';
  return KNOWN.has(day.reason) ? (day.reason as DayLook) : 'outside';
}

/** 0 for Monday … 6 for Sunday, by the calendar and no time zone. */
export function weekdayOf(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
}

function daysOfMonth(month: string): number {
  const [year, index] = month.split('-').map(Number);
  return new Date(Date.UTC(year ?? 0, index ?? 1, 0)).getUTCDate();
}

function weeksOf(month: string, byDate: ReadonlyMap<string, BillDay>): BillMonth['weeks'] {
  const weeks: BillCell[][] = [];
  let week: BillCell[] = new Array(weekdayOf(`${month}-01`)).fill(NO_CELL);
  for (let number = 1; number <= daysOfMonth(month); number += 1) {
    const date = `${month}-${String(number).padStart(2, '0')}`;
    week.push({ number, day: byDate.get(date) ?? null });
    if (week.length === 7) {
      weeks.push(week);
      week = [];
    }
  }
  if (week.length > 0) weeks.push([...week, ...new Array(7 - week.length).fill(NO_CELL)]);
  return weeks.filter((one) => one.some((cell) => cell.day !== null));
}

export function billMonths(bill: readonly BillDay[]): readonly BillMonth[] {
  const byDate = new Map(bill.map((day) => [day.date, day]));
  const months = [...new Set(bill.map((day) => day.date.slice(0, 7)))].sort();
  return months.map((month) => ({ month, weeks: weeksOf(month, byDate) }));
}

export interface BillSums {
  readonly days: number;
  readonly byLook: ReadonlyMap<DayLook, number>;
  /** Notices that made a day off or a workday, in the order of the days. */
  readonly notices: readonly string[];
  readonly provisional: number;
}

export function sumBill(bill: readonly BillDay[], limit: number): BillSums {
  const byLook = new Map<DayLook, number>();
  for (const day of bill) {
    const look = lookOf(day, limit);
    byLook.set(look, (byLook.get(look) ?? 0) + 1);
  }
  return {
    days: bill.length,
    byLook,
    notices: [...new Set(bill.map((day) => day.notice).filter((notice) => notice !== ''))],
    provisional: bill.filter((day) => day.provisional).length,
  };
}
