/**
 * Local days and office hours of the demonstration city, in whole seconds, without an object for
 * each instant: two years of records are written in seconds.
 *
 * Owns: office times, moving by workdays, writing an instant as text.
 * Does not own: which days are workdays (the compiled calendar).
 *
 * The zone's offset is read once: the demonstration's zone has no daylight saving time.
 */
import type { Prng } from '../base/prng.ts';
import { DAY_MS, SECOND_MS } from '../base/units.ts';
import { civilOf, epochDay, formatDay } from '../calendars/days.ts';

/** What the generator needs of a compiled calendar. */
export interface WorkdayCalendar {
  dayOf(ms: number): number;
  dayStart(day: number): number;
  isWorkday(day: number): boolean;
  ordinal(day: number): number;
  workdayAt(ordinal: number): number;
}

export const DAY_SECONDS = DAY_MS / SECOND_MS;
const MINUTE_SECONDS = 60;
/** Share of visits before the noon break. */
const MORNING_SHARE = 0.56;

const TWO_DIGITS = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, '0'));

export class DayBook {
  readonly #calendar: WorkdayCalendar;
  readonly #hours: readonly (readonly [number, number])[];
  readonly #offsetSec: number;
  readonly #offsetText: string;
  readonly #dates = new Map<number, string>();

  constructor(
    calendar: WorkdayCalendar,
    officeHours: readonly (readonly [number, number])[],
    nearMs: number,
  ) {
    this.#calendar = calendar;
    this.#hours = officeHours.length > 0 ? officeHours : [[540, 1020]];
    const day = calendar.dayOf(nearMs);
    this.#offsetSec = (day * DAY_MS - calendar.dayStart(day)) / SECOND_MS;
    this.#offsetText = offsetText(this.#offsetSec);
  }

  dayOf(sec: number): number {
    return Math.floor((sec + this.#offsetSec) / DAY_SECONDS);
  }

  startOf(day: number): number {
    return day * DAY_SECONDS - this.#offsetSec;
  }

  isWorkday(day: number): boolean {
    return this.#calendar.isWorkday(day);
  }

  /** The workday `count` workdays after `day`; with 0, `day` itself or the next workday. */
  workdayAfter(day: number, count: number): number {
    const calendar = this.#calendar;
    const base = calendar.ordinal(day) + (count === 0 && !calendar.isWorkday(day) ? 1 : 0);
    return calendar.workdayAt(base + count);
  }

  /** An instant inside office hours, mostly in the middle of the morning or the afternoon. */
  officeTime(day: number, rng: Prng): number {
    const half = rng.unit() < MORNING_SHARE ? 0 : this.#hours.length - 1;
    const [from, to] = this.#hours[half] as readonly [number, number];
    const share = (rng.unit() + rng.unit()) / 2;
    return this.startOf(day) + Math.floor((from + share * (to - from)) * MINUTE_SECONDS);
  }

  /** When the office closes that day. */
  closing(day: number): number {
    const [, to] = this.#hours[this.#hours.length - 1] as readonly [number, number];
    return this.startOf(day) + to * MINUTE_SECONDS;
  }

  /** Year and day of the year (from 1) of a local day. */
  yearDay(day: number): { readonly year: number; readonly yearDay: number } {
    const year = civilOf(day).year;
    return { year, yearDay: day - epochDay(year, 1, 1) + 1 };
  }

  /** RFC 3339 with the local offset. */
  text(sec: number): string {
    const local = sec + this.#offsetSec;
    const day = Math.floor(local / DAY_SECONDS);
    const rest = local - day * DAY_SECONDS;
    const hour = Math.floor(rest / 3600);
    const minute = Math.floor(rest / 60) % 60;
    const clock = `${TWO_DIGITS[hour]}:${TWO_DIGITS[minute]}:${TWO_DIGITS[rest % 60]}`;
    return `${this.#dateText(day)}T${clock}${this.#offsetText}`;
  }

  #dateText(day: number): string {
    const known = this.#dates.get(day);
    if (known !== undefined) return known;
    const text = formatDay(day);
    this.#dates.set(day, text);
    return text;
  }
}

function offsetText(offsetSec: number): string {
  const minutes = Math.abs(offsetSec) / 60;
  const sign = offsetSec < 0 ? '-' : '+';
  return `${sign}${TWO_DIGITS[Math.floor(minutes / 60)]}:${TWO_DIGITS[minutes % 60]}`;
}
