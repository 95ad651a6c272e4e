/**
 * What can be done to a clock: start, stop, suspend, resume, extend, and say when it next rings.
 *
 * Owns: the meaning of a slot (state/clock-pool.ts) under a definition (rules/program.ts).
 * Does not own: which event does what (fold.ts), cards (findings.ts).
 *
 * Invariants
 * O1  While running, `target` is where the measure must arrive; while suspended, what is left of it.
 * O2  Mode A: the day of a start, a suspension or a resumption is not counted after it; the days
 *     excluded by a suspension are the workdays after its first day up to and including its last.
 * O3  A clock that cannot be computed (no calendar, no limit) is a state, counted and shown, never
 *     silence (law L5).
 */
import type { ClockDef } from '../rules/program.ts';
import * as P from '../rules/program.ts';
import { ITEM, ITEM_VERSION } from '../state/case-table.ts';
import * as C from '../state/clock-pool.ts';
import type { History } from '../state/history.ts';
import * as M from './measure.ts';
import type { Store } from './store.ts';

const LIMIT_MAX = 0xffff;

export class ClockOps {
  readonly #store: Store;
  /** Out-values of #limit: count and unit, to return two numbers without an object. */
  #count = 0;
  #unit = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Starts (def, stage) at `atMs`, unless it runs already. `h`/`i` is the starting event. */
  start(row: number, def: ClockDef, stage: number, atMs: number, h: History, i: number): void {
    const store = this.#store;
    const clocks = store.clocks;
    let at = clocks.find(row, def.index, stage);
    if (at >= 0) {
      const state = clocks.state(at);
      if (state !== C.CLOCK_STOPPED && state !== C.CLOCK_STOPPED_LATE) return;
      clocks.setOccurrence(at, clocks.occurrence(at) + 1);
    } else {
      if (!this.#applies(row, def, stage)) return;
      at = clocks.add(row, def.index, stage);
      if (at < 0) return;
    }
    clocks.setRung(at, 0);
    const covered = store.program.calendar.covers(this.#dayOf(atMs));
    const able = this.#limit(row, def, stage, h, i) && covered;
    if (able) this.#set(at, def, atMs, h.deadline[i]!);
    clocks.setState(at, C.CLOCK_RUNNING);
    const due = able ? this.due(at) : Number.NaN;
    if (!Number.isNaN(due)) {
      this.#traced('start', at, atMs, due, clocks.limit(at));
      return;
    }
    // No limit, no calendar, or beyond the calendar's table: a state, not a guess (O3).
    clocks.setState(at, C.CLOCK_UNCOMPUTABLE);
    clocks.setLimit(at, 0);
    this.#traced('uncomputable', at, atMs, Number.NaN, 0);
  }

  stop(row: number, def: ClockDef, stage: number, atMs: number): void {
    const clocks = this.#store.clocks;
    const count = clocks.count(row);
    for (let k = 0; k < count; k++) {
      const at = clocks.at(row, k);
      if (clocks.def(at) !== def.index) continue;
      if (def.perStage && stage !== C.NO_STAGE && clocks.stage(at) !== stage) continue;
      const state = clocks.state(at);
      if (state === C.CLOCK_STOPPED || state === C.CLOCK_STOPPED_LATE) continue;
      const late = this.expired(at, atMs);
      const due = this.due(at);
      clocks.setState(at, late ? C.CLOCK_STOPPED_LATE : C.CLOCK_STOPPED);
      this.#traced('stop', at, atMs, due, 0);
    }
  }

  suspend(row: number, def: ClockDef, atMs: number): void {
    const clocks = this.#store.clocks;
    for (let k = 0; k < clocks.count(row); k++) {
      const at = clocks.at(row, k);
      if (clocks.def(at) === def.index) this.#suspendOne(at, atMs);
    }
  }

  #suspendOne(at: number, atMs: number): void {
    const clocks = this.#store.clocks;
    const state = clocks.state(at);
    if (state !== C.CLOCK_RUNNING && state !== C.CLOCK_SPECIAL) return;
    const due = this.due(at);
    const used = M.measureAt(this.#store.program.calendar, clocks.measure(at), atMs);
    clocks.setTarget(at, clocks.target(at) - used);
    clocks.setState(at, C.CLOCK_SUSPENDED);
    this.#traced('suspend', at, atMs, due, 0);
  }

  /** Announced days of a special procedure are excluded from now on, whether it is closed or not. */
  suspendCapped(row: number, def: ClockDef, atMs: number, days: number): void {
    const clocks = this.#store.clocks;
    if (days <= 0) return;
    for (let k = 0; k < clocks.count(row); k++) {
      const at = clocks.at(row, k);
      if (clocks.def(at) === def.index) this.#excludeOne(at, atMs, days);
    }
  }

  #excludeOne(at: number, atMs: number, days: number): void {
    const clocks = this.#store.clocks;
    if (clocks.state(at) !== C.CLOCK_RUNNING) return;
    const size = M.unitSize(this.#store.program.calendar, clocks.measure(at));
    clocks.setTarget(at, clocks.target(at) + days * size);
    clocks.setState(at, C.CLOCK_SPECIAL);
    this.#traced('special', at, atMs, this.due(at), days);
  }

  /** Ends a suspension; what was left when it began is left again. */
  resume(row: number, def: ClockDef, atMs: number): void {
    const clocks = this.#store.clocks;
    for (let k = 0; k < clocks.count(row); k++) {
      const at = clocks.at(row, k);
      if (clocks.def(at) === def.index) this.#resumeOne(at, atMs);
    }
  }

  #resumeOne(at: number, atMs: number): void {
    const clocks = this.#store.clocks;
    if (clocks.state(at) !== C.CLOCK_SUSPENDED) return;
    const calendar = this.#store.program.calendar;
    const measure = clocks.measure(at);
    const left = clocks.target(at);
    const idle = measure === M.M_ORDINAL && left === 0 && !calendar.isWorkday(this.#dayOf(atMs));
    clocks.setTarget(at, M.measureAt(calendar, measure, atMs) + (idle ? 1 : left));
    clocks.setState(at, C.CLOCK_RUNNING);
    this.#traced('resume', at, atMs, this.due(at), 0);
  }

  /** Ends a special procedure opened at `openedMs`: gives back announced days it did not need. */
  resumeCapped(row: number, def: ClockDef, atMs: number, openedMs: number, days: number): void {
    const clocks = this.#store.clocks;
    for (let k = 0; k < clocks.count(row); k++) {
      const at = clocks.at(row, k);
      if (clocks.def(at) === def.index) this.#giveBackOne(at, atMs, openedMs, days);
    }
  }

  #giveBackOne(at: number, atMs: number, openedMs: number, days: number): void {
    const clocks = this.#store.clocks;
    if (clocks.state(at) !== C.CLOCK_SPECIAL) return;
    const calendar = this.#store.program.calendar;
    const measure = clocks.measure(at);
    const cap = days * M.unitSize(calendar, measure);
    const used = M.measureAt(calendar, measure, atMs) - M.measureAt(calendar, measure, openedMs);
    clocks.setTarget(at, clocks.target(at) - cap + Math.min(cap, used));
    clocks.setState(at, C.CLOCK_RUNNING);
    this.#traced('resume', at, atMs, this.due(at), 0);
  }

  /** Adds granted days, if granted before expiry; bounded by the definition or the item. */
  extend(row: number, def: ClockDef, atMs: number, days: number): void {
    const store = this.#store;
    const clocks = store.clocks;
    const at = clocks.find(row, def.index, C.NO_STAGE);
    if (at < 0 || this.expired(at, atMs)) return;
    const state = clocks.state(at);
    if (state !== C.CLOCK_RUNNING && state !== C.CLOCK_SPECIAL && state !== C.CLOCK_SUSPENDED)
      return;
    const item = this.itemOf(row);
    const fromItem = item < 0 ? 0 : store.program.items.extensionMax[item]!;
    const granted = Math.min(days, def.extendMax < 0 ? fromItem : def.extendMax);
    if (granted <= 0) return;
    const size = M.unitSize(store.program.calendar, clocks.measure(at));
    clocks.setTarget(at, clocks.target(at) + granted * size);
    clocks.setLimit(at, Math.min(LIMIT_MAX, clocks.limit(at) + granted));
    this.#traced('extend', at, atMs, this.due(at), granted);
  }

  /** Due instant of the clock itself; Infinity while suspended, stopped or uncomputable. */
  due(at: number): number {
    const clocks = this.#store.clocks;
    if (!ticking(clocks.state(at))) return Number.POSITIVE_INFINITY;
    return M.dueAt(
      this.#store.program.calendar,
      clocks.measure(at),
      clocks.target(at),
      this.#def(at).resolutionMs,
    );
  }

  /** Instant of the next rung that has not fired; Infinity when there is none. */
  nextRung(at: number): number {
    const clocks = this.#store.clocks;
    if (!ticking(clocks.state(at))) return Number.POSITIVE_INFINITY;
    const def = this.#def(at);
    const rung = clocks.rung(at);
    if (rung >= def.rungKind.length) return Number.POSITIVE_INFINITY;
    const calendar = this.#store.program.calendar;
    const measure = clocks.measure(at);
    const target = M.rungTarget(
      calendar,
      measure,
      clocks.target(at),
      clocks.limit(at),
      def.rungKind[rung]!,
      def.rungValue[rung]!,
    );
    const due = M.dueAt(calendar, measure, target, def.resolutionMs);
    // A rung beyond the calendar's table never rings.
    return Number.isNaN(due) ? Number.POSITIVE_INFINITY : due;
  }

  /** Has the limit run out at `ms`? Also answers for suspended and stopped clocks. */
  expired(at: number, ms: number): boolean {
    const clocks = this.#store.clocks;
    const state = clocks.state(at);
    if (state === C.CLOCK_STOPPED_LATE) return true;
    if (state === C.CLOCK_SUSPENDED) return clocks.target(at) < 0;
    return ms >= this.due(at);
  }

  /** Item index of the row in the program in force, -1 when unknown. */
  itemOf(row: number): number {
    const { table, program } = this.#store;
    return P.itemIndexOf(program.items, table.get(row, ITEM), table.half(row, ITEM_VERSION));
  }

  #def(at: number): ClockDef {
    return this.#store.program.clocks[this.#store.clocks.def(at)]!;
  }

  #dayOf(ms: number): number {
    return this.#store.program.calendar.dayOf(ms);
  }

  /** A stage clock needs a stage that has a limit; a clock for one item kind needs that kind. */
  #applies(row: number, def: ClockDef, stage: number): boolean {
    if (def.itemKind < 0 && def.limitFrom !== P.LIMIT_STAGE) return true;
    const items = this.#store.program.items;
    const item = this.itemOf(row);
    if (item < 0) return def.limitFrom !== P.LIMIT_STAGE;
    if (def.itemKind >= 0 && items.kind[item] !== def.itemKind) return false;
    if (def.limitFrom !== P.LIMIT_STAGE) return true;
    const s = P.stageIndexOf(items, item, stage);
    return s >= 0 && items.stageLimit[items.stageFirst[item]! + s]! > 0;
  }

  /** Finds the limit into #count and #unit; false when there is none. */
  #limit(row: number, def: ClockDef, stage: number, h: History, i: number): boolean {
    this.#count = def.limitCount;
    this.#unit = def.limitUnit;
    if (def.limitFrom === P.LIMIT_CONST) return true;
    if (def.limitFrom === P.LIMIT_EVENT_DAYS) {
      this.#count = h.days[i]!;
      return this.#count >= 0;
    }
    if (def.limitFrom >= P.LIMIT_DEADLINE_INSTANT) {
      this.#count = 0;
      return !Number.isNaN(h.deadline[i]!);
    }
    const items = this.#store.program.items;
    const item = this.itemOf(row);
    if (item < 0) return false;
    if (def.limitFrom === P.LIMIT_STAGE) {
      const s = items.stageFirst[item]! + P.stageIndexOf(items, item, stage);
      this.#count = items.stageLimit[s]!;
      this.#unit = items.stageUnit[s]!;
      return true;
    }
    const promised = def.limitFrom === P.LIMIT_PROMISED;
    this.#count = promised ? items.promisedCount[item]! : items.statutoryCount[item]!;
    this.#unit = promised ? items.promisedUnit[item]! : items.statutoryUnit[item]!;
    return true;
  }

  /** Writes target, limit and measure for a start at `atMs` with the limit found by #limit. */
  #set(at: number, def: ClockDef, atMs: number, deadlineMs: number): void {
    const clocks = this.#store.clocks;
    const calendar = this.#store.program.calendar;
    let measure = M.measureFor(def.mode, this.#unit);
    let limit = this.#count;
    let target: number;
    if (def.limitFrom === P.LIMIT_DEADLINE_INSTANT) {
      measure = M.M_DEADLINE_MS;
      target = deadlineMs;
    } else if (def.limitFrom === P.LIMIT_DEADLINE_DAY) {
      measure = M.M_DEADLINE_DAY;
      target = calendar.dayOf(deadlineMs);
    } else if (this.#unit === P.UNIT_MONTH || this.#unit === P.UNIT_YEAR) {
      const day = calendar.dayOf(atMs);
      target = calendar.addMonths(day, limit * (this.#unit === P.UNIT_YEAR ? 12 : 1));
      limit = target - day;
    } else {
      const begun = M.measureAt(calendar, measure, atMs);
      target = begun + limit * M.unitSize(calendar, measure);
      const idle = measure === M.M_ORDINAL && limit === 0;
      if (idle && !calendar.isWorkday(calendar.dayOf(atMs))) target++;
    }
    clocks.setMeasure(at, measure);
    clocks.setTarget(at, target);
    clocks.setLimit(at, Math.min(LIMIT_MAX, limit));
  }

  #traced(
    op: 'start' | 'stop' | 'suspend' | 'special' | 'resume' | 'extend' | 'uncomputable',
    at: number,
    atMs: number,
    dueMs: number,
    amount: number,
  ): void {
    const trace = this.#store.trace;
    if (trace === null) return;
    const clocks = this.#store.clocks;
    trace.clock(op, clocks.def(at), clocks.stage(at), clocks.occurrence(at), atMs, dueMs, amount);
  }
}

export function ticking(state: number): boolean {
  return state === C.CLOCK_RUNNING || state === C.CLOCK_SPECIAL;
}
