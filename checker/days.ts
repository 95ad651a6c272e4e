/**
 * Days and working time for the checker: a person with the notices and a wall clock, one day at a time.
 * Shares no code with engine/calendars. Working time is counted as the wall shows it (zone.ts): the hour
 * that is skipped when summer time begins counts, the one shown twice counts once.
 */
import type { CalendarDaysSource, CalendarSource, ZoneTable } from '../engine/rules/source.ts';
import { Zone } from './zone.ts';

export const DAY = 86_400_000;

/** What counts as working time: workdays of 24 hours, office hours, or all time. */
export type Counting = 'elapsed' | 'hours' | 'plain';

/** A stretch of time, its end excluded. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What a list of notices says of a day: off, worked, or worked with hours of its own. */
type Saying = 'off' | 'work' | readonly (readonly [number, number])[];

const dayOfDate = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY;

function sayingsOf(lists: readonly CalendarDaysSource[]): Map<number, Saying> {
  const said = new Map<number, Saying>();
  for (const { off, work, hours = [] } of lists) {
    for (const { date } of off) said.set(dayOfDate(date), 'off');
    for (const { date } of work) said.set(dayOfDate(date), 'work');
    for (const own of hours) said.set(dayOfDate(own.date), own.hours);
  }
  return said;
}

export class Days {
  /** What is said of days, the nearest authority first, the nation last. */
  readonly #said: readonly Map<number, Saying>[];
  readonly #week: string;
  readonly #office: readonly (readonly [number, number])[];
  readonly coveredFrom: number;
  readonly publishedTo: number;
  readonly #zone: Zone;

  /** `territories`: where the case is at home, and what that belongs to, the nearest first. */
  constructor(source: CalendarSource, zone: ZoneTable, territories: readonly string[] = []) {
    this.#zone = new Zone(zone);
    const layers = territories.flatMap((code) =>
      (source.layers ?? []).filter(({ territory }) => territory === code),
    );
    this.#said = [...layers.map((layer) => sayingsOf([layer])), sayingsOf(source.years)];
    this.#week = source.weekmask;
    this.#office =
      layers.find(({ officeHours }) => officeHours !== undefined)?.officeHours ??
      source.officeHours;
    // A place without notices has its week and nothing more: known always, and for ever.
    const years = source.years.map(({ year }) => year);
    const none = years.length === 0;
    this.coveredFrom = none ? -Infinity : dayOfDate(`${Math.min(...years)}-01-01`);
    this.publishedTo = none ? Infinity : dayOfDate(`${Math.max(...years)}-12-31`);
  }

  #saying(day: number): Saying | undefined {
    return this.#said.find((one) => one.has(day))?.get(day);
  }

  dayOf(ms: number): number {
    return Math.floor(this.#zone.wallOf(ms) / DAY);
  }

  startOf(day: number): number {
    return this.#zone.instantOf(day * DAY);
  }

  works(day: number): boolean {
    const saying = this.#saying(day);
    if (saying !== undefined) return saying !== 'off';
    return this.#week[(new Date(day * DAY).getUTCDay() + 6) % 7] === '1';
  }

  /** What kind of day it is, as the bill calls it. */
  lookOf(day: number): 'workday' | 'makeup' | 'weekend' | 'holiday' {
    const said = this.#saying(day) !== undefined;
    if (this.works(day)) return said ? 'makeup' : 'workday';
    return said ? 'holiday' : 'weekend';
  }

  /** The day if it is worked, else the next that is. */
  onOrAfter(day: number): number {
    let d = day;
    while (!this.works(d)) d++;
    return d;
  }

  onOrBefore(day: number): number {
    let d = day;
    while (!this.works(d)) d--;
    return d;
  }

  /** The n-th workday after the day, or before it when n is negative. */
  workdays(day: number, n: number): number {
    let d = day;
    for (let left = Math.abs(n); left > 0; ) {
      d += Math.sign(n);
      if (this.works(d)) left--;
    }
    return d;
  }

  /** Office time of a day that has no hours of its own. */
  officeDay(): number {
    return this.#office.reduce((sum, [from, to]) => sum + (to - from) * 60_000, 0);
  }

  addMonths(day: number, months: number): number {
    const date = new Date(day * DAY);
    const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
    const next = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 1);
    return Math.min(first / DAY + date.getUTCDate() - 1, next / DAY - 1);
  }

  /** Stretches of one day that count, in the time of the wall. */
  #stretches(day: number, counting: Exclude<Counting, 'plain'>): Span[] {
    const midnight = day * DAY;
    if (!this.works(day)) return [];
    if (counting === 'elapsed') return [{ from: midnight, to: midnight + DAY }];
    const saying = this.#saying(day);
    const office = typeof saying === 'object' ? saying : this.#office;
    return office.map(([from, to]) => ({
      from: midnight + from * 60_000,
      to: midnight + to * 60_000,
    }));
  }

  /**
   * The first counted instant at which `amount` has been counted since `from`, pauses left out. At the
   * end of a stretch that is the beginning of the next one.
   */
  advance(from: number, amount: number, counting: Counting, pauses: readonly Span[]): number {
    if (counting === 'plain') return afterPauses(from, amount, pauses);
    const wall = (ms: number): number => this.#zone.wallOf(ms);
    const shown = pauses.map((pause) => ({ from: wall(pause.from), to: wall(pause.to) }));
    let left = amount;
    for (let day = this.dayOf(from); ; day++) {
      for (const stretch of this.#stretches(day, counting)) {
        const rest = { from: Math.max(stretch.from, wall(from)), to: stretch.to };
        for (const part of without(rest, shown)) {
          if (left < part.to - part.from) return this.#zone.instantOf(part.from + left);
          left -= part.to - part.from;
        }
      }
    }
  }

  /** The counted instant `amount` before `at`, which is a counted instant itself. */
  retreat(at: number, amount: number, counting: Counting): number {
    if (counting === 'plain') return at - amount;
    const end = this.#zone.wallOf(at);
    let left = amount;
    for (let day = this.dayOf(at); ; day--) {
      for (const stretch of this.#stretches(day, counting).reverse()) {
        const to = Math.min(stretch.to, end);
        if (to < stretch.from) continue;
        if (left <= to - stretch.from) return this.#zone.instantOf(to - left);
        left -= to - stretch.from;
      }
    }
  }
}

/** The instant `amount` of plain time after `from`, pauses left out. */
function afterPauses(from: number, amount: number, pauses: readonly Span[]): number {
  let left = amount;
  const parts = without({ from, to: Number.POSITIVE_INFINITY }, pauses);
  for (const part of parts) {
    if (left < part.to - part.from) return part.from + left;
    left -= part.to - part.from;
  }
  return Number.POSITIVE_INFINITY;
}

/** What is left of a stretch when the pauses are cut out, in order, empty parts dropped. */
function without(stretch: Span, pauses: readonly Span[]): Span[] {
  let parts: Span[] = [stretch];
  for (const pause of pauses) {
    parts = parts.flatMap((part) => [
      { from: part.from, to: Math.min(part.to, pause.from) },
      { from: Math.max(part.from, pause.to), to: part.to },
    ]);
    parts = parts.filter((part) => part.to > part.from);
  }
  return parts.filter((part) => part.to > part.from);
}
