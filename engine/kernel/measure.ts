/**
 * Measures: the quantities clocks count in, and how they turn into instants.
 *
 * Owns: the arithmetic between an instant, a measure and a due instant. One slot stores one measure
 * code (4 bits) and its target in that measure.
 *
 *   ordinal  workdays begun, mode A (法定计时: start day not counted, ends with the last workday)
 *   day      local calendar days, mode A; a last day that is no workday rolls forward (民法典 203)
 *   ms-…     elapsed time, days or hours
 *   elapsed  working time with 24-hour workdays, mode B
 *   hours-…  working time inside office hours, mode C; limits in workdays or working hours
 *   deadline an instant or a local day given by the source itself
 *
 * *Due* is the first instant that is too late (law: expired when now >= due). In mode A that is the
 * local midnight after the last day; in modes B and C the exact instant plus the resolution.
 */
import { DAY_MS, HOUR_MS } from '../base/units.ts';
import type { Calendar } from '../calendars/calendar.ts';
import * as P from '../rules/program.ts';

export const M_ORDINAL = 0;
export const M_DAY = 1;
export const M_MS_DAY = 2;
export const M_MS_HOUR = 3;
export const M_ELAPSED = 4;
export const M_HOURS_DAY = 5;
export const M_HOURS_HOUR = 6;
export const M_DEADLINE_MS = 7;
export const M_DEADLINE_DAY = 8;

export function inCalendarDays(code: number): boolean {
  return code === M_DAY || code === M_DEADLINE_DAY;
}

/** Measure code of a limit in `unit` under `mode`. */
export function measureFor(mode: number, unit: number): number {
  if (unit === P.UNIT_HOUR) return M_MS_HOUR;
  if (unit === P.UNIT_WORKHOUR) return M_HOURS_HOUR;
  if (unit === P.UNIT_MONTH || unit === P.UNIT_YEAR) return M_DAY;
  if (unit === P.UNIT_DAY) return mode === P.MODE_LEGAL ? M_DAY : M_MS_DAY;
  if (mode === P.MODE_LEGAL) return M_ORDINAL;
  return mode === P.MODE_ELAPSED ? M_ELAPSED : M_HOURS_DAY;
}

/** The measure at an instant. */
export function measureAt(calendar: Calendar, code: number, ms: number): number {
  switch (code) {
    case M_ORDINAL:
      return calendar.ordinal(calendar.dayOf(ms));
    case M_DAY:
    case M_DEADLINE_DAY:
      return calendar.dayOf(ms);
    case M_ELAPSED:
      return calendar.elapsed(ms);
    case M_HOURS_DAY:
    case M_HOURS_HOUR:
      return calendar.hours(ms);
    default:
      return ms;
  }
}

/** Size of one unit of the limit in the measure. */
export function unitSize(calendar: Calendar, code: number): number {
  switch (code) {
    case M_ORDINAL:
    case M_DAY:
    case M_DEADLINE_DAY:
      return 1;
    case M_MS_HOUR:
    case M_HOURS_HOUR:
      return HOUR_MS;
    case M_HOURS_DAY:
      return calendar.officeDayMs;
    default:
      return DAY_MS;
  }
}

/** Size of one announced day of a special procedure in the measure. */
export function announcedDay(calendar: Calendar, code: number): number {
  if (code === M_MS_HOUR) return DAY_MS;
  return code === M_HOURS_HOUR ? calendar.officeDayMs : unitSize(calendar, code);
}

/** First instant that is too late when the measure may reach `target`. */
export function dueAt(
  calendar: Calendar,
  code: number,
  target: number,
  resolutionMs: number,
): number {
  switch (code) {
    case M_ORDINAL:
      return calendar.dayStart(calendar.workdayAt(target) + 1);
    case M_DAY:
      return calendar.dayStart(calendar.rollForward(target) + 1);
    case M_DEADLINE_DAY:
      return calendar.dayStart(target + 1);
    case M_ELAPSED:
      return calendar.instantOfElapsed(target) + resolutionMs;
    case M_HOURS_DAY:
    case M_HOURS_HOUR:
      return calendar.instantOfHours(target) + resolutionMs;
    default:
      return target + resolutionMs;
  }
}

/** Target of a rung: the clock's own target moved by the rung's offset. */
export function rungTarget(
  calendar: Calendar,
  code: number,
  target: number,
  limit: number,
  kind: number,
  value: number,
): number {
  if (kind === P.RUNG_DUE) return target;
  const size = unitSize(calendar, code);
  if (kind === P.RUNG_BEFORE) return target - value * size;
  if (kind === P.RUNG_AFTER) return target + value * size;
  const left = (limit * size * (100 - value)) / 100;
  return target - (size === 1 ? Math.floor(left) : left);
}
