/**
 * A compiled calendar (日历): workdays (工作日), local days and office hours of one place, as tables.
 *
 * Owns: all arithmetic on days and working time that the clocks are built of. A day is a local epoch
 * day (days.ts), an instant is milliseconds since 1970 UTC.
 * Does not own: what a limit means (kernel/measure.ts), or how notices become tables (compile.ts).
 *
 * Two tables make every question O(1): `before[i]`, the workdays before day i of the table, and
 * `workdays[k]`, the k-th workday. With Saturday 3 and Sunday 4 off in
 *
 *   day      1  2  3  4  5        before    0  1  2  2  2  3
 *   worked   y  y  n  n  y        workdays  1  2  5
 *
 * adding 2 workdays to day 1 reads before[2] = 1, then workdays[1 + 2 - 1] = 5.
 *
 * Work measures. `elapsed` counts 24 hours for each workday and nothing for other days; `hours` counts
 * only office time. A measure at two instants differs by the working time between them, and the
 * inverse gives the instant at which a measure is reached: at a boundary that is the beginning of the
 * next working stretch, where a clock that has run that far would go on.
 *
 * Invariants
 * K1  before[i + 1] - before[i] is 1 on a workday, otherwise 0; workdays[before[i]] is day i if it is.
 * K2  elapsed and hours do not decrease; instantOfElapsed(elapsed(ms)) is ms on a workday and the
 *     beginning of the next workday otherwise (one hour a year excepted: local-days.ts), and likewise
 *     for hours inside office hours.
 * K3  Whatever lies outside the table is NaN, never a guess. Days before the first published year are
 *     in the table by the week mask but not covered: the caller asks `covers`.
 */
import { DAY_MS } from '../base/units.ts';
import { addMonths } from './days.ts';
import type { LocalDays } from './local-days.ts';

/** What a calendar is made of; compile.ts checks and builds it. */
export interface CalendarTables {
  readonly place: string;
  readonly version: number;
  readonly days: LocalDays;
  readonly coveredFrom: number;
  readonly publishedLastDay: number;
  readonly before: Int32Array;
  readonly workdays: Int32Array;
  /** Office hours as wall times in milliseconds: from, to, from, to … */
  readonly slots: Int32Array;
  /** Days that a notice names. */
  readonly named: ReadonlyMap<number, NamedDay>;
}

export interface NamedDay {
  readonly name: string;
  readonly notice: string;
  readonly works: boolean;
  /** Office hours of this day alone (半日), as `slots`; null where it has those of every day. */
  readonly slots: Int32Array | null;
}

export class Calendar {
  readonly place: string;
  readonly version: number;
  /** Days of the table. */
  readonly firstDay: number;
  readonly lastDay: number;
  /** First day for which the calendar is known. */
  readonly coveredFrom: number;
  /** Days after it follow the week mask and are provisional (暂定). */
  readonly publishedLastDay: number;
  /** Office time of one workday, milliseconds. */
  readonly officeDayMs: number;

  readonly #days: LocalDays;
  readonly #before: Int32Array;
  readonly #workdays: Int32Array;
  readonly #slots: Int32Array;
  readonly #named: ReadonlyMap<number, NamedDay>;
  /** Office time before each day of the table, where some day has its own hours; else null. */
  readonly #officeBefore: Float64Array | null;

  constructor(tables: CalendarTables) {
    this.place = tables.place;
    this.version = tables.version;
    this.firstDay = tables.days.firstDay;
    this.lastDay = tables.days.lastDay;
    this.coveredFrom = tables.coveredFrom;
    this.publishedLastDay = tables.publishedLastDay;
    this.#days = tables.days;
    this.#before = tables.before;
    this.#workdays = tables.workdays;
    this.#slots = tables.slots;
    this.#named = tables.named;
    this.officeDayMs = officeTime(this.#slots);
    this.#officeBefore = this.#sumOffice();
  }

  #sumOffice(): Float64Array | null {
    const own = [...this.#named.values()].some((day) => day.slots !== null);
    if (!own || this.officeDayMs === 0) return null;
    const sums = new Float64Array(this.#before.length);
    for (let i = 0; i < sums.length - 1; i++) {
      const day = this.firstDay + i;
      const time = this.isWorkday(day) ? officeTime(this.#slotsOf(day)) : 0;
      sums[i + 1] = (sums[i] as number) + time;
    }
    return sums;
  }

  #slotsOf(day: number): Int32Array {
    return this.#named.get(day)?.slots ?? this.#slots;
  }

  /** False where no published calendar exists and nothing can be computed. */
  covers(day: number): boolean {
    return day >= this.coveredFrom && day <= this.lastDay;
  }

  isProvisional(day: number): boolean {
    return day > this.publishedLastDay;
  }

  dayOf(ms: number): number {
    return this.#days.dayOf(ms);
  }

  /** Instant of local midnight at the beginning of the day. */
  dayStart(day: number): number {
    return this.#days.dayStart(day);
  }

  isWorkday(day: number): boolean {
    const i = day - this.firstDay;
    return (this.#before[i + 1] as number) > (this.#before[i] as number);
  }

  /** Workdays from firstDay up to and including the day. */
  ordinal(day: number): number {
    return this.#workdaysBefore(day + 1);
  }

  /** The workday whose ordinal is `n` (from 1). */
  workdayAt(n: number): number {
    return n >= 1 && n <= this.#workdays.length ? (this.#workdays[n - 1] as number) : Number.NaN;
  }

  #workdaysBefore(day: number): number {
    const i = day - this.firstDay;
    return i >= 0 && i < this.#before.length ? (this.#before[i] as number) : Number.NaN;
  }

  /**
   * The n-th workday after the day, or before it for negative n; the day itself for 0. The day counts
   * as nothing, worked or not (开始的当日不计入).
   */
  addWorkdays(day: number, n: number): number {
    if (n > 0) return this.workdayAt(this.#workdaysBefore(day + 1) + n);
    if (n < 0) return this.workdayAt(this.#workdaysBefore(day) + n + 1);
    return day;
  }

  /** Workdays after one day up to and including the other; negative the other way round. */
  countWorkdays(afterDay: number, throughDay: number): number {
    return this.#workdaysBefore(throughDay + 1) - this.#workdaysBefore(afterDay + 1);
  }

  /** The day if it is a workday, otherwise the next workday (顺延, 民法典 第203条). */
  rollForward(day: number): number {
    return this.workdayAt(this.#workdaysBefore(day) + 1);
  }

  /** The day if it is a workday, otherwise the workday before it. */
  rollBackward(day: number): number {
    return this.workdayAt(this.#workdaysBefore(day + 1));
  }

  /**
   * First day that two calendars of one zone do not describe alike, the first that only one calls
   * published included; Infinity when there is none, -Infinity when they differ in more than days.
   */
  firstDifference(other: Calendar): number {
    if (!this.#sameFrame(other)) return Number.NEGATIVE_INFINITY;
    const [own, its] = [this.publishedLastDay, other.publishedLastDay];
    const unpublished = own === its ? Number.POSITIVE_INFINITY : Math.min(own, its) + 1;
    let first = unpublished;
    for (const day of [...this.#named.keys(), ...other.#named.keys()]) {
      if (day < first && !sameSlots(this.#slotsOf(day), other.#slotsOf(day))) first = day;
    }
    for (let day = this.firstDay; day < first && day <= this.lastDay; day++) {
      const i = day - this.firstDay + 1;
      if (this.#before[i] !== other.#before[i]) first = day;
    }
    return first;
  }

  /** Same table, same office hours, known from the same day on. */
  #sameFrame(other: Calendar): boolean {
    return (
      this.firstDay === other.firstDay &&
      this.lastDay === other.lastDay &&
      this.coveredFrom === other.coveredFrom &&
      sameSlots(this.#slots, other.#slots)
    );
  }

  addMonths(day: number, months: number): number {
    return addMonths(day, months);
  }

  /** Working time up to an instant, with workdays of 24 hours. */
  elapsed(ms: number): number {
    const day = this.#days.dayOf(ms);
    const i = day - this.firstDay;
    if (!(i >= 0 && i < this.#before.length - 1)) return Number.NaN;
    const before = this.#before[i] as number;
    if (this.#before[i + 1] === before) return before * DAY_MS;
    return before * DAY_MS + this.#days.wallOf(ms, day);
  }

  /** The instant at which `elapsed` reaches `work`. */
  instantOfElapsed(work: number): number {
    const whole = Math.floor(work / DAY_MS);
    const day = this.workdayAt(whole + 1);
    return day >= 0 ? this.#days.instantAt(day, work - whole * DAY_MS) : Number.NaN;
  }

  /** Working time up to an instant, counting office hours only; NaN when the place has none. */
  hours(ms: number): number {
    const day = this.#days.dayOf(ms);
    const i = day - this.firstDay;
    if (this.officeDayMs === 0 || !(i >= 0 && i < this.#before.length - 1)) return Number.NaN;
    if (this.#officeBefore !== null) {
      const sum = this.#officeBefore[i] as number;
      if (!this.isWorkday(day)) return sum;
      return sum + workedUntil(this.#days.wallOf(ms, day), this.#slotsOf(day));
    }
    const before = this.#before[i] as number;
    if (this.#before[i + 1] === before) return before * this.officeDayMs;
    return before * this.officeDayMs + workedUntil(this.#days.wallOf(ms, day), this.#slots);
  }

  /** The instant at which `hours` reaches `work`: at a slot's end, the beginning of the next slot. */
  instantOfHours(work: number): number {
    if (this.officeDayMs === 0) return Number.NaN;
    if (this.#officeBefore !== null) return this.#unevenInstant(work, this.#officeBefore);
    const whole = Math.floor(work / this.officeDayMs);
    const day = this.workdayAt(whole + 1);
    if (!(day >= 0)) return Number.NaN;
    return this.#days.instantAt(day, wallAfter(work - whole * this.officeDayMs, this.#slots));
  }

  /** The last workday that begins with no more than `work` done: days differ, so it is looked for. */
  #unevenInstant(work: number, sums: Float64Array): number {
    let low = 0;
    let high = this.#workdays.length - 1;
    if (!(work >= 0) || work >= (sums[sums.length - 1] as number)) return Number.NaN;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const begun = sums[(this.#workdays[middle] as number) - this.firstDay] as number;
      if (begun <= work) low = middle;
      else high = middle - 1;
    }
    const day = this.#workdays[low] as number;
    const left = work - (sums[day - this.firstDay] as number);
    return this.#days.instantAt(day, wallAfter(left, this.#slotsOf(day)));
  }

  /** Name of the holiday that made the day off or a make-up workday (调休上班); '' for plain days. */
  nameOf(day: number): string {
    return this.#named.get(day)?.name ?? '';
  }

  /** Number of the notice that says so, or its address where it has none; '' for plain days. */
  noticeOf(day: number): string {
    return this.#named.get(day)?.notice ?? '';
  }
}

/** Time between the beginnings and ends of the slots. */
function officeTime(slots: Int32Array): number {
  let time = 0;
  for (let s = 0; s < slots.length; s += 2) time += (slots[s + 1] as number) - (slots[s] as number);
  return time;
}

function workedUntil(wall: number, slots: Int32Array): number {
  let worked = 0;
  for (let s = 0; s < slots.length && wall > (slots[s] as number); s += 2) {
    worked += Math.min(wall, slots[s + 1] as number) - (slots[s] as number);
  }
  return worked;
}

function wallAfter(worked: number, slots: Int32Array): number {
  let left = worked;
  let s = 0;
  for (; s < slots.length - 2; s += 2) {
    const length = (slots[s + 1] as number) - (slots[s] as number);
    if (left < length) break;
    left -= length;
  }
  return (slots[s] as number) + left;
}

function sameSlots(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((at, s) => at === b[s]);
}
