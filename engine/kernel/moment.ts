/**
 * The event being folded, and what came before it.
 *
 * Owns: the cursor (row, history, index) and the lazy decoding of the case's past. In a re-fold the
 * past is the same history up to the cursor; on the incremental path it is decoded from the event list
 * only when a rule asks for it.
 */
import type { ClockDef } from '../rules/program.ts';
import { inForce } from '../rules/program.ts';
import { NO_STAGE } from '../state/clock-pool.ts';
import { History } from '../state/history.ts';
import type { ClockOps } from './clock-ops.ts';
import type { Store } from './store.ts';

export class Moment {
  readonly #store: Store;
  readonly #scratch = new History();
  row = -1;
  history: History = this.#scratch;
  index = 0;
  /** Events before this one: rows 0..pastCount-1 of `past()`. */
  pastCount = 0;
  /** The past is `history` itself (re-fold), or already decoded into the scratch. */
  #whole = false;
  #decoded = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Incremental: the event stands alone in `history`, its past is the row's whole list. */
  single(row: number, history: History, index: number): void {
    this.#store.enter(row);
    this.row = row;
    this.history = history;
    this.index = index;
    this.#whole = false;
    this.#decoded = false;
    this.pastCount = this.#store.events.count(row);
  }

  /** Re-fold: event `index` of a whole history (index = count: after the last). */
  within(row: number, history: History, index: number): void {
    this.#store.enter(row);
    this.row = row;
    this.history = history;
    this.index = index;
    this.#whole = true;
    this.pastCount = index;
  }

  past(): History {
    if (this.#whole) return this.history;
    if (!this.#decoded) {
      this.#store.events.decode(this.row, this.#scratch);
      this.#decoded = true;
    }
    return this.#scratch;
  }

  /** Moves the event itself into the past: what comes now is after it. */
  include(): void {
    if (!this.#whole) {
      const past = this.past();
      this.history.copyTo(past, this.index, this.pastCount);
    }
    this.pastCount++;
  }

  /**
   * Index of the past event that began the present run of a clock: the first after its last stop.
   * `idle`: types that stopped nothing (a refusal after the deemed acceptance).
   */
  startOf(def: ClockDef, ops: ClockOps, idle: number): number {
    const dated = Number.isFinite(def.validFrom) || Number.isFinite(def.validTo);
    if (dated || def.others.length > 0) return this.#startUnderVersion(def, ops, idle);
    const past = this.past();
    let start = -1;
    for (let i = this.pastCount - 1; i >= 0; i--) {
      const bit = 1 << past.type[i]!;
      if ((def.startMask & bit) !== 0) start = i;
      if ((def.stopMask & ~idle & bit) !== 0) break;
    }
    return start;
  }

  /** The same where versions of the clock take turns: each starts only while it is in force. */
  #startUnderVersion(def: ClockDef, ops: ClockOps, idle: number): number {
    const { clocks } = this.#store.program;
    const versions = [def, ...def.others.map((other) => clocks[other]!)];
    const past = this.past();
    let running: ClockDef | undefined;
    let start = -1;
    for (let i = 0; i < this.pastCount; i++) {
      const bit = 1 << past.type[i]!;
      if (running !== undefined && (running.stopMask & ~idle & bit) !== 0) running = undefined;
      if (running !== undefined) continue;
      running = versions.find(
        (one) =>
          (one.startMask & bit) !== 0 &&
          inForce(one, past.at[i]!) &&
          ops.applies(this.row, one, NO_STAGE),
      );
      if (running !== undefined) start = i;
    }
    return start;
  }
}
