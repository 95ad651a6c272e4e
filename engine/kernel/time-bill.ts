/**
 * The time bill (计时账单): every local day from the start of a clock to its end, counted or not, why,
 * and by which notice.
 *
 * Owns: the day-by-day account, counted by going through the days one at a time; it shares no
 * arithmetic with the clock (measure.ts), only the calendar's answer to "is this a workday?".
 *
 * Mode A: the start day is not counted, nor is a day that begins while the clock is suspended, up to
 * and including the day it resumes (clock-ops.ts O2). A special procedure excludes the days after its
 * first up to its last that would count, but not more than announced. A limit in calendar days counts
 * days off as well.
 */

import type { Calendar } from '../calendars/calendar.ts';
import { formatDay } from '../calendars/days.ts';
import type { ClockRecord, Pause } from './clock-record.ts';

export interface BillEntry {
  readonly date: string;
  readonly counted: boolean;
  readonly reason:
    | 'workday'
    | 'makeup'
    /** One of a limit in calendar days, worked or not. */
    | 'day'
    | 'start'
    | 'weekend'
    | 'holiday'
    | 'suspended'
    | 'special';
  /** Name of the holiday, '' otherwise. */
  readonly note: string;
  /** Number of the notice that made it a day off or a workday, '' for plain days. */
  readonly notice: string;
  readonly provisional: boolean;
  /** Days counted so far, this one included. */
  readonly used: number;
}

export interface TimeBill {
  readonly days: readonly BillEntry[];
  readonly used: number;
  readonly remaining: number | null;
  readonly excluded: number;
}

/** Longest bill; a clock that runs on is cut here and says so by its last date. */
export const BILL_DAYS_MAX = 800;

/** `everyDay`: the limit is in calendar days. */
export function timeBill(
  calendar: Calendar,
  record: ClockRecord,
  nowMs: number,
  everyDay: boolean,
): TimeBill {
  const start = calendar.dayOf(record.startMs);
  const until = record.stoppedMs ?? nowMs;
  const untilDay = calendar.dayOf(until);
  const dueDay = record.dueMs === null ? untilDay : calendar.dayOf(record.dueMs - 1);
  const last = Math.min(Math.max(untilDay, dueDay), start + BILL_DAYS_MAX);
  const counts = (day: number): boolean => everyDay || calendar.isWorkday(day);
  const special = specialDays(calendar, record.pauses, last, counts);
  const reasonOf = (day: number): BillEntry['reason'] => {
    if (!counts(day)) return calendar.nameOf(day) === '' ? 'weekend' : 'holiday';
    if (day === start) return 'start';
    if (suspendedOn(calendar, record.pauses, day)) return 'suspended';
    if (special.has(day)) return 'special';
    if (everyDay) return 'day';
    return calendar.nameOf(day) === '' ? 'workday' : 'makeup';
  };
  const days: BillEntry[] = [];
  let used = 0;
  let usedNow = 0;
  let excluded = 0;
  for (let day = start; day <= last; day++) {
    const reason = reasonOf(day);
    const counted = reason === 'workday' || reason === 'makeup' || reason === 'day';
    if (counted) used++;
    if (counted && day <= untilDay) usedNow++;
    if (reason === 'suspended' || reason === 'special') excluded++;
    days.push({
      date: formatDay(day),
      counted,
      reason,
      note: calendar.nameOf(day),
      notice: calendar.noticeOf(day),
      provisional: day > calendar.publishedLastDay,
      used,
    });
  }
  const limited = record.dueMs !== null && record.limit > 0;
  return {
    days,
    used: usedNow,
    remaining: limited ? record.limit - usedNow : null,
    excluded,
  };
}

function suspendedOn(calendar: Calendar, pauses: readonly Pause[], day: number): boolean {
  return pauses.some((pause) => pause.kind === 'suspension' && within(calendar, pause, day));
}

/** After the first day of the pause, up to and including its last. */
function within(calendar: Calendar, pause: Pause, day: number): boolean {
  if (day <= calendar.dayOf(pause.fromMs)) return false;
  return pause.toMs === null || day <= calendar.dayOf(pause.toMs);
}

/** Days that special procedures exclude: at most the announced number each. */
function specialDays(
  calendar: Calendar,
  pauses: readonly Pause[],
  last: number,
  counts: (day: number) => boolean,
): ReadonlySet<number> {
  const out = new Set<number>();
  for (const pause of pauses) {
    if (pause.kind !== 'special') continue;
    let left = pause.days;
    for (let day = calendar.dayOf(pause.fromMs) + 1; left > 0 && day <= last; day++) {
      if (!counts(day)) continue;
      if (!within(calendar, pause, day)) break;
      out.add(day);
      left--;
    }
  }
  return out;
}
