/**
 * What can be done to a clock: start, stop, suspend, resume, extend, and say when it next rings.
 *
 * Owns: the meaning of a slot (state/clock-pool.ts) under a definition (rules/program.ts).
 * Does not own: which event does what (fold.ts), cards (findings.ts).
 *
 * Invariants
 * O1  While running, `target` is where the measure must arrive; while suspended, what is left of it.
 * O2  Mode A: the day of a start, a suspension or a resumption is not counted after it; the days
 *     excluded by a suspension are the workdays after its first day up to and including its last, and
 *     those of a special procedure likewise, as many as were announced. A day that both exclude is
 *     excluded once.
 * O3  A clock that cannot be computed (no calendar, no limit) is a state, counted and shown, never
 *     silence (law L5).
 * O4  What comes after the limit ran out (an extension, a special procedure) does not bring it back.
 * O5  All versions of a clock share one slot a stage, and number its runs together; a run begins under
 *     the version in force at its start and ends under it.
 */
import type { ClockDef } from '../rules/program.ts';
import * as P from '../rules/program.ts';
import { ITEM, ITEM_VERSION } from '../state/case-table.ts';
import * as C from '../state/clock-pool.ts';
import type { History } from '../state/history.ts';
import * as M from './measure.ts';
import type { Store } from './store.ts';
import type { ClockOp } from './trace.ts';

export class ClockOps {
  readonly #store: Store;
  /** Out-values of #limit: count and unit, to return two numbers without an object. */
  #count = 0;
  #unit = 0;
  /** Days that the event being folded added to a limit. */
  granted = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Starts (def, stage) at `atMs`, unless this version is not in force then or the clock runs already,
   * under whichever version (O5). `h`/`i` is the starting event.
   */
  start(row: number, def: ClockDef, stage: number, atMs: number, h: History, i: number): void {
    if (!P.inForce(def, atMs)) return;
    const store = this.#store;
    const clocks = store.clocks;
    let at = this.find(row, def, stage);
    if (at >= 0 && !stopped(clocks.state(at))) return;
    const own = at >= 0 && clocks.def(at) === def.index;
    if (!own && !this.applies(row, def, stage)) return;
    if (!own && this.#tooLate(def, atMs, h.deadline[i]!)) return;
    if (at >= 0) this.#nextRun(row, at, def, stage);
    else at = clocks.add(row, def.index, stage);
    if (at < 0) return;
    clocks.setRung(at, 0);
    clocks.setLate(at, false);
    const covered = store.calendar.covers(this.#dayOf(atMs));
    const able = this.#limit(row, def, stage, h, i) && covered;
    if (able) {
      this.#set(at, def, atMs, h.deadline[i]!);
      const named = def.limitFrom >= P.LIMIT_DEADLINE_INSTANT;
      const idle = !named && clocks.limit(at) === 0 && clocks.measure(at) === M.M_ORDINAL;
      if (idle && !store.calendar.isWorkday(this.#dayOf(atMs))) {
        // A limit of no days, begun on a day off, ends on the next workday.
        const note = clocks.makeNote(row, def.index, stage);
        at = clocks.find(row, def.index, stage);
        this.#skipDayOff(at, note, atMs);
      }
    }
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

  /** The slot of a run that has ended is given to the next one, of this version. */
  #nextRun(row: number, at: number, def: ClockDef, stage: number): void {
    const clocks = this.#store.clocks;
    clocks.setOccurrence(at, clocks.occurrence(at) + 1);
    const note = clocks.note(row, clocks.def(at), stage);
    if (note >= 0) clocks.clearNote(note);
    if (clocks.def(at) === def.index) return;
    clocks.give(row, at, def.index, stage);
  }

  /** Slot of (the clock, stage) under whichever version it runs or ran last; -1 for none. */
  find(row: number, def: ClockDef, stage: number): number {
    const clocks = this.#store.clocks;
    let at = clocks.find(row, def.index, stage);
    for (let k = 0; at < 0 && k < def.others.length; k++) {
      at = clocks.find(row, def.others[k]!, stage);
    }
    return at;
  }

  stop(row: number, def: ClockDef, stage: number, atMs: number): void {
    const clocks = this.#store.clocks;
    const count = clocks.count(row);
    for (let k = 0; k < count; k++) {
      const at = clocks.at(row, k);
      if (clocks.def(at) !== def.index) continue;
      if (def.perStage && stage !== C.NO_STAGE && clocks.stage(at) !== stage) continue;
      const state = clocks.state(at);
      if (stopped(state)) continue;
      const due = this.due(at);
      const late = clocks.late(at) || atMs >= due;
      clocks.setState(at, late ? C.CLOCK_STOPPED_LATE : C.CLOCK_STOPPED);
      this.#traced('stop', at, atMs, due, 0);
    }
  }

  /** A pair of the definition begins to hold the clock up; `pairs` has its bit. */
  suspend(row: number, def: ClockDef, atMs: number, pairs: number): void {
    const clocks = this.#store.clocks;
    const count = clocks.count(row);
    for (let k = 0; k < count; k++) {
      const at = clocks.at(row, k);
      if (clocks.def(at) === def.index && live(clocks.state(at))) {
        this.#suspendOne(row, k, atMs, pairs);
      }
    }
  }

  #suspendOne(row: number, k: number, atMs: number, pairs: number): void {
    const clocks = this.#store.clocks;
    const note = this.#note(row, k);
    if (note >= 0) clocks.setOccurrence(note, clocks.occurrence(note) | pairs);
    const at = clocks.at(row, k);
    if (suspended(clocks.state(at))) return;
    const special = clocks.state(at) === C.CLOCK_SPECIAL;
    const due = this.due(at);
    const late = this.expired(at, atMs);
    const measure = this.#measureAt(at, atMs);
    this.#undoSkip(at, note, measure);
    const left = clocks.target(at) - measure - (special ? this.#announcedLeft(note, measure) : 0);
    // The days off on which a calendar limit has ended, before it rolls forward, are in time.
    const rolling = clocks.measure(at) === M.M_DAY && !late;
    clocks.setTarget(at, rolling ? Math.max(0, left) : left);
    clocks.setLate(at, late);
    clocks.setState(at, special ? C.CLOCK_SUSPENDED_SPECIAL : C.CLOCK_SUSPENDED);
    this.#traced('suspend', at, atMs, due, 0);
  }

  /** Pairs end; when none is open any more, what was left when the first began is left again. */
  resume(row: number, def: ClockDef, atMs: number, pairs: number): void {
    const clocks = this.#store.clocks;
    const count = clocks.count(row);
    for (let k = 0; k < count; k++) {
      const at = clocks.at(row, k);
      if (clocks.def(at) !== def.index || !suspended(clocks.state(at))) continue;
      const note = clocks.note(row, def.index, clocks.stage(at));
      const open = note < 0 ? 0 : clocks.occurrence(note) & ~pairs;
      if (note >= 0) clocks.setOccurrence(note, open);
      if (open === 0) this.#resumeOne(at, note, atMs);
    }
    clocks.dropIdleNotes(row);
  }

  #resumeOne(at: number, note: number, atMs: number): void {
    const clocks = this.#store.clocks;
    const special = clocks.state(at) === C.CLOCK_SUSPENDED_SPECIAL;
    const measure = this.#measureAt(at, atMs);
    const left = clocks.target(at) + (special ? this.#announcedLeft(note, measure) : 0);
    clocks.setTarget(at, measure + left);
    if (left === 0 && !clocks.late(at)) this.#skipDayOff(at, note, atMs);
    clocks.setState(at, special ? C.CLOCK_SPECIAL : C.CLOCK_RUNNING);
    this.#traced('resume', at, atMs, this.due(at), 0);
  }

  /** Announced days of a special procedure are excluded from now on, whether it is closed or not. */
  suspendCapped(row: number, def: ClockDef, atMs: number, days: number): void {
    const clocks = this.#store.clocks;
    if (days <= 0) return;
    const count = clocks.count(row);
    for (let k = 0; k < count; k++) {
      const at = clocks.at(row, k);
      if (clocks.def(at) !== def.index || this.expired(at, atMs)) continue;
      const state = clocks.state(at);
      if (state === C.CLOCK_RUNNING || state === C.CLOCK_SUSPENDED) {
        this.#excludeOne(row, k, atMs, days);
      }
    }
  }

  #excludeOne(row: number, k: number, atMs: number, days: number): void {
    const { clocks, calendar } = this.#store;
    const note = this.#note(row, k);
    if (note < 0) return;
    const at = clocks.at(row, k);
    const measure = this.#measureAt(at, atMs);
    const announced = days * M.announcedDay(calendar, clocks.measure(at));
    if (clocks.state(at) === C.CLOCK_RUNNING) this.#undoSkip(at, note, measure);
    clocks.setTarget(note, measure + announced);
    if (clocks.state(at) === C.CLOCK_SUSPENDED) {
      clocks.setState(at, C.CLOCK_SUSPENDED_SPECIAL);
    } else {
      const from = clocks.measure(at) === M.M_DAY ? measure : Number.NEGATIVE_INFINITY;
      clocks.setTarget(at, Math.max(clocks.target(at), from) + announced);
      clocks.setState(at, C.CLOCK_SPECIAL);
    }
    this.#traced('special', at, atMs, this.due(at), days);
  }

  /** Ends a special procedure: gives back the announced days it did not need. */
  resumeCapped(row: number, def: ClockDef, atMs: number): void {
    const clocks = this.#store.clocks;
    const count = clocks.count(row);
    for (let k = 0; k < count; k++) {
      const at = clocks.at(row, k);
      if (clocks.def(at) !== def.index) continue;
      const state = clocks.state(at);
      if (state !== C.CLOCK_SPECIAL && state !== C.CLOCK_SUSPENDED_SPECIAL) continue;
      const note = this.#note(row, k);
      if (state === C.CLOCK_SPECIAL) {
        const measure = this.#measureAt(at, atMs);
        const unused = this.#announcedLeft(note, measure);
        clocks.setTarget(at, clocks.target(at) - unused);
        if (unused > 0 && clocks.target(at) === measure) this.#skipDayOff(at, note, atMs);
      }
      clocks.setTarget(note, Number.NEGATIVE_INFINITY);
      clocks.setState(at, state === C.CLOCK_SPECIAL ? C.CLOCK_RUNNING : C.CLOCK_SUSPENDED);
      this.#traced('closed', at, atMs, this.due(at), 0);
    }
    clocks.dropIdleNotes(row);
  }

  /** Adds granted days, if granted before expiry and, all together, within what definition or item allow. */
  extend(row: number, def: ClockDef, atMs: number, days: number): void {
    const { clocks, calendar, program } = this.#store;
    const found = clocks.find(row, def.index, C.NO_STAGE);
    if (found < 0 || !live(clocks.state(found)) || this.expired(found, atMs)) return;
    const item = this.itemOf(row);
    const fromItem = item < 0 ? 0 : program.items.extensionMax[item]!;
    const most = def.extendMax < 0 ? fromItem : def.extendMax;
    const note = clocks.makeNote(row, def.index, C.NO_STAGE);
    if (note < 0) return;
    const granted = days;
    if (granted <= 0 || granted > most - clocks.limit(note)) return;
    this.granted = granted;
    clocks.setLimit(note, clocks.limit(note) + granted);
    const at = clocks.find(row, def.index, C.NO_STAGE);
    const size = M.unitSize(calendar, clocks.measure(at));
    const beyond = Math.min(granted, clocks.rung(note));
    clocks.setRung(note, clocks.rung(note) - beyond);
    clocks.setTarget(at, clocks.target(at) + granted * size - beyond);
    clocks.setLimit(at, Math.min(C.LIMIT_MAX, clocks.limit(at) + granted));
    this.#traced('extend', at, atMs, this.due(at), granted);
  }

  /** Note of slot k of the row, made where there is none; offsets of slots may have moved. */
  #note(row: number, k: number): number {
    const clocks = this.#store.clocks;
    const at = clocks.at(row, k);
    return clocks.makeNote(row, clocks.def(at), clocks.stage(at));
  }

  #measureAt(at: number, ms: number): number {
    return M.measureAt(this.#store.calendar, this.#store.clocks.measure(at), ms);
  }

  /** What is left of the announced days of the open special procedure when the measure is there. */
  #announcedLeft(note: number, measure: number): number {
    return note < 0 ? 0 : Math.max(0, this.#store.clocks.target(note) - measure);
  }

  /**
   * Nothing is left but the rest of a day; on a day off that is the next workday, which counts beyond
   * the limit. The note's `rung` says how many such days there were: extensions give them back first.
   */
  #skipDayOff(at: number, note: number, ms: number): void {
    const { clocks, calendar } = this.#store;
    if (clocks.measure(at) !== M.M_ORDINAL || calendar.isWorkday(this.#dayOf(ms))) return;
    clocks.setTarget(at, clocks.target(at) + 1);
    if (note >= 0) clocks.setRung(note, Math.min(C.RUNGS_MAX, clocks.rung(note) + 1));
  }

  /** Another pause begins before that workday: again nothing is left but the rest of a day. */
  #undoSkip(at: number, note: number, measure: number): void {
    const clocks = this.#store.clocks;
    if (note < 0 || clocks.rung(note) === 0 || clocks.target(at) !== measure + 1) return;
    if (this.#announcedLeft(note, measure) > 0) return;
    clocks.setRung(note, clocks.rung(note) - 1);
    clocks.setTarget(at, measure);
  }

  /** Due instant of the clock itself; Infinity while suspended, stopped or uncomputable. */
  due(at: number): number {
    const clocks = this.#store.clocks;
    if (!ticking(clocks.state(at))) return Number.POSITIVE_INFINITY;
    return M.dueAt(
      this.#store.calendar,
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
    const calendar = this.#store.calendar;
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

  /** Had the limit run out at `ms`? Of a suspended or stopped clock: when that began. */
  expired(at: number, ms: number): boolean {
    const clocks = this.#store.clocks;
    if (clocks.late(at) || clocks.state(at) === C.CLOCK_STOPPED_LATE) return true;
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
    return this.#store.calendar.dayOf(ms);
  }

  /** A stage clock needs a stage that has a limit; a clock for one kind of item needs that kind. */
  applies(row: number, def: ClockDef, stage: number): boolean {
    if (def.stages !== null && !def.stages.includes(stage)) return false;
    const items = this.#store.program.items;
    const item = this.itemOf(row);
    if (item < 0) return def.limitFrom !== P.LIMIT_STAGE && def.traits === 0;
    if (def.itemKind >= 0 && items.kind[item] !== def.itemKind) return false;
    const traits = items.traitMask[item]!;
    if ((traits & def.traits) !== def.traits || (traits & def.exceptTraits) !== 0) return false;
    if (def.limitFrom !== P.LIMIT_STAGE) return true;
    const s = P.stageIndexOf(items, item, stage);
    return s >= 0 && items.stageLimit[items.stageFirst[item]! + s]! > 0;
  }

  /** Is there less time left before the deadline than the definition asks for? */
  #tooLate(def: ClockDef, atMs: number, deadlineMs: number): boolean {
    if (def.least === 0 || Number.isNaN(deadlineMs)) return false;
    const { calendar } = this.#store;
    const from = calendar.dayOf(atMs);
    const to = calendar.dayOf(deadlineMs);
    if (def.limitFrom !== P.LIMIT_DEADLINE_WORKDAY) return to - from < def.least;
    return calendar.ordinal(to) - calendar.ordinal(from) < def.least;
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
    const calendar = this.#store.calendar;
    let measure = M.measureFor(def.mode, this.#unit);
    let limit = this.#count;
    let target: number;
    if (def.limitFrom === P.LIMIT_DEADLINE_INSTANT) {
      measure = M.M_DEADLINE_MS;
      target = deadlineMs;
    } else if (def.limitFrom === P.LIMIT_DEADLINE_DAY) {
      measure = M.M_DEADLINE_DAY;
      target = calendar.dayOf(deadlineMs);
    } else if (def.limitFrom === P.LIMIT_DEADLINE_WORKDAY) {
      measure = M.M_ORDINAL;
      target = calendar.ordinal(calendar.dayOf(deadlineMs));
    } else if (this.#unit === P.UNIT_MONTH || this.#unit === P.UNIT_YEAR) {
      const day = calendar.dayOf(atMs);
      target = calendar.addMonths(day, limit * (this.#unit === P.UNIT_YEAR ? 12 : 1));
      limit = target - day;
    } else {
      const begun = M.measureAt(calendar, measure, atMs);
      target = begun + limit * M.unitSize(calendar, measure);
    }
    clocks.setMeasure(at, measure);
    clocks.setTarget(at, target);
    clocks.setLimit(at, Math.min(C.LIMIT_MAX, limit));
  }

  #traced(op: ClockOp, at: number, atMs: number, dueMs: number, amount: number): void {
    const trace = this.#store.trace;
    if (trace === null) return;
    const clocks = this.#store.clocks;
    const measure = clocks.measure(at);
    const [def, stage, occurrence] = [clocks.def(at), clocks.stage(at), clocks.occurrence(at)];
    trace.clock(op, def, stage, occurrence, atMs, dueMs, amount, measure);
  }
}

export function ticking(state: number): boolean {
  return state === C.CLOCK_RUNNING || state === C.CLOCK_SPECIAL;
}

export function stopped(state: number): boolean {
  return state === C.CLOCK_STOPPED || state === C.CLOCK_STOPPED_LATE;
}

export function suspended(state: number): boolean {
  return state === C.CLOCK_SUSPENDED || state === C.CLOCK_SUSPENDED_SPECIAL;
}

/** Neither stopped nor beyond computing. */
function live(state: number): boolean {
  return ticking(state) || suspended(state);
}
