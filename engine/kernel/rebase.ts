/**
 * Rebase (换日历): which cases a publication must decide again, and how little of them.
 *
 * A publication folds every case as if the new pack had been in force from the start. When it changes
 * days of the calendar and nothing else, as a notice does, most of that work finds what is known
 * already. This file leaves it out and must give the same changes and the same state
 * (tests/property/rebase.test.ts compares the two).
 *
 * Let F be the first day on which the calendars differ, or the first that only one of them calls
 * published. A fold asks a calendar about the days of its events, about the days up to a rung that has
 * rung, and about nothing later; ordinals of days before F are the same in both. Therefore
 *
 *   F ahead of today     everything decided so far stands, targets included, since they are ordinals.
 *                        What changes is when the next rung rings, and only if it rings from F on.
 *   F today or before    a case stands if its events and its last rung lie before F and no rung is to
 *                        come; any other is folded again.
 *
 * Two kinds of case are always folded again: those shelved by an earlier publication, and those with an
 * event that names a deadline to be counted in workdays, since a fold then asks about days to come. Where
 * a source delivers late, all are: until when a finding is provisional is counted in days to come too.
 *
 * Owns: that distinction. Does not own: the fold of a case (refold.ts).
 *
 * Invariants
 * RB1  After `since(F)` state and changes are those of folding every row again.
 */
import { HOUR_MS } from '../base/units.ts';
import type { Calendar } from '../calendars/calendar.ts';
import { eventLimits } from '../config/limits.ts';
import type { Program } from '../rules/program.ts';
import * as P from '../rules/program.ts';
import * as S from '../state/case-table.ts';
import * as C from '../state/clock-pool.ts';
import type { Fold } from './fold.ts';
import type { Refold } from './refold.ts';
import type { Store } from './store.ts';

/** Anything may differ on any day: every case is folded again. */
export const EVERYTHING = Number.NEGATIVE_INFINITY;
/** Room at the end of a calendar's table within which no limit may end. */
const TABLE_MARGIN_DAYS = 366;

/** Rows of a publication between two words of progress. */
const PROGRESS_ROWS = 65_536;

export class Rebase {
  readonly #store: Store;
  readonly #fold: Fold;
  readonly #refold: Refold;
  readonly #arm: (row: number) => void;

  /** `arm` sets a row's wake-up and lets ring what is due already. */
  constructor(store: Store, fold: Fold, refold: Refold, arm: (row: number) => void) {
    this.#store = store;
    this.#fold = fold;
    this.#refold = refold;
    this.#arm = arm;
  }

  /**
   * The program in force agrees with the one before it on all days before `day` (RB1). Cases closed
   * before `windowMs` keep their verdict. Returns how many cases will be woken at another instant.
   */
  since(day: number, windowMs: number, onRow: ((row: number) => void) | null = null): number {
    const { table, wheel, nowMs, program } = this.#store;
    const { calendar } = program;
    const fromMs = Number.isFinite(day) ? calendar.dayStart(day) : day;
    const ahead = day > calendar.dayOf(nowMs);
    const again = day === Number.POSITIVE_INFINITY ? 0 : lookingAhead(program);
    let retimed = 0;
    for (let row = 0; row < table.count; row++) {
      const due = wheel.dueOf(row);
      if (this.#longClosed(row, windowMs)) this.#refold.shelve(row);
      else if (this.#refold.shelved(row)) this.#refold.row(row);
      else if ((table.get(row, S.SEEN) & again) !== 0) this.#refold.row(row);
      else if (ahead) this.#rearm(row, fromMs);
      else if (!this.#settledBefore(row, fromMs)) this.#refold.row(row);
      if (this.#store.cards.first(row) >= 0) this.#cards(row);
      if (wheel.dueOf(row) !== due) retimed++;
      if (onRow !== null && row % PROGRESS_ROWS === 0) onRow(row);
    }
    return retimed;
  }

  /** Nothing is decided otherwise; what rings at `fromMs` or later rings at another time. */
  #rearm(row: number, fromMs: number): void {
    const { wheel, clocks } = this.#store;
    if (clocks.count(row) === 0 || wheel.dueOf(row) < fromMs) return;
    this.#store.enter(row);
    wheel.arm(row, this.#fold.nextDue(row));
  }

  /** Clocks on cards run by the calendar too; their starts lie in the past, their ends may not. */
  #cards(row: number): void {
    this.#store.enter(row);
    this.#fold.life.rebase(row);
    this.#arm(row);
  }

  /** Closed before the instant, and no clock of it goes on or waits for a calendar. */
  #longClosed(row: number, beforeMs: number): boolean {
    const { table, clocks } = this.#store;
    if ((table.get(row, S.SEEN) & S.ROW_CLOSED) === 0 || table.lastAt(row) >= beforeMs)
      return false;
    const count = clocks.count(row);
    for (let k = 0; k < count; k++) {
      const state = clocks.state(clocks.at(row, k));
      const over = state === C.CLOCK_STOPPED || state === C.CLOCK_STOPPED_LATE;
      if (!over && state !== C.CLOCK_NOTE) return false;
    }
    return true;
  }

  /** Was the row's last word spoken before `ms`? */
  #settledBefore(row: number, ms: number): boolean {
    const { table, wheel } = this.#store;
    if (table.lastAt(row) >= ms || table.lastFired(row) >= ms) return false;
    if (wheel.dueOf(row) !== Number.POSITIVE_INFINITY) return false;
    this.#store.enter(row);
    return this.#fold.nextDue(row) === Number.POSITIVE_INFINITY;
  }
}

/**
 * First day on which two programs differ: Infinity when they say the same, EVERYTHING when more than
 * days differ, or when a limit that began by `nowMs` might end beyond the table of either calendar: it
 * could then be computed under one of them only.
 */
export function firstDifference(before: Program, after: Program, nowMs: number): number {
  if (!sameButDays(before, after) || after.lags.length > 0) return EVERYTHING;
  const limits = new LongestLimits(after);
  let first = Number.POSITIVE_INFINITY;
  for (const [old, next] of calendarPairs(before, after)) {
    if (!limits.endWithin(old, nowMs) || !limits.endWithin(next, nowMs)) return EVERYTHING;
    first = Math.min(first, old.firstDifference(next));
  }
  return first;
}

/** What cases counted by before and count by now, each pair once. */
function calendarPairs(before: Program, after: Program): (readonly [Calendar, Calendar])[] {
  const pairs = new Map<Calendar, Set<Calendar>>();
  const take = (old: Calendar, next: Calendar): void => {
    pairs.set(old, (pairs.get(old) ?? new Set()).add(next));
  };
  take(before.calendar, after.calendar);
  for (const side of ['byTerritory', 'byOrgan'] as const) {
    const [old, next] = [before.local?.[side], after.local?.[side]];
    for (const code of new Set([...(old?.keys() ?? []), ...(next?.keys() ?? [])])) {
      take(old?.get(code) ?? before.calendar, next?.get(code) ?? after.calendar);
    }
  }
  return [...pairs].flatMap(([old, nexts]) => [...nexts].map((next) => [old, next] as const));
}

/** Event types, as a mask, at which a fold counts the workdays of days to come. */
function lookingAhead({ clocks }: Program): number {
  let mask = 0;
  for (const { limitFrom, startMask } of clocks) {
    if (limitFrom === P.LIMIT_DEADLINE_WORKDAY) mask |= startMask;
  }
  return mask;
}

function sameButDays(before: Program, after: Program): boolean {
  const rest = ({ pack }: Program): string =>
    JSON.stringify({ ...pack, version: null, calendar: null });
  return rest(before) === rest(after);
}

/** The longest limits of a program, by what they are counted in. */
class LongestLimits {
  readonly #counts: number[] = P.UNITS.map(() => 0);

  constructor({ clocks, items }: Program) {
    for (const { limitFrom, limitCount, limitUnit } of clocks) {
      this.#take(limitFrom === P.LIMIT_EVENT_DAYS ? eventLimits.daysMax : limitCount, limitUnit);
    }
    for (let i = 0; i < items.count; i++) {
      this.#take(items.promisedCount[i]!, items.promisedUnit[i]!);
      this.#take(items.statutoryCount[i]!, items.statutoryUnit[i]!);
    }
    items.stageLimit.forEach((count, s) => {
      this.#take(count, items.stageUnit[s]!);
    });
  }

  /** Does every limit begun by `nowMs` end well within the calendar's table? */
  endWithin(calendar: Calendar, nowMs: number): boolean {
    const today = calendar.dayOf(nowMs);
    const workdays = calendar.countWorkdays(today, calendar.lastDay);
    const days = calendar.lastDay - today;
    return (
      this.#workdays(calendar) <= workdays - TABLE_MARGIN_DAYS &&
      this.#days() <= days - TABLE_MARGIN_DAYS
    );
  }

  #take(count: number, unit: number): void {
    this.#counts[unit] = Math.max(this.#counts[unit]!, count);
  }

  #workdays({ officeDayMs }: Calendar): number {
    const hours = this.#counts[P.UNIT_WORKHOUR]!;
    const spread =
      hours === 0 || officeDayMs === 0 ? 0 : Math.ceil((hours * HOUR_MS) / officeDayMs);
    return Math.max(this.#counts[P.UNIT_WORKDAY]!, spread);
  }

  #days(): number {
    const days = Math.max(this.#counts[P.UNIT_DAY]!, this.#counts[P.UNIT_HOUR]!);
    return Math.max(days, this.#counts[P.UNIT_MONTH]! * 31, this.#counts[P.UNIT_YEAR]! * 366);
  }
}
