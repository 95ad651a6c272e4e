/**
 * Stages that an event opens though nobody says that they were entered (环节未登记也计时).
 *
 * Owns: which stages of the item a start begins, and whether a case still has stages to come.
 * Does not own: the clocks themselves (clock-ops.ts), the order of actions (fold.ts).
 *
 * Invariants
 * OP1  A stage that has had a run of the clock is not opened again by another event than its own.
 * OP2  Nothing is opened after an event that stopped the clocks of every stage, until a reopening.
 */
import { ABSENT, EVENT_TYPES } from '../events/event.ts';
import type { ClockDef } from '../rules/program.ts';
import * as P from '../rules/program.ts';
import * as S from '../state/case-table.ts';
import type { History } from '../state/history.ts';
import type { ClockOps } from './clock-ops.ts';
import type { Moment } from './moment.ts';
import type { Store } from './store.ts';

const REFUSED = 1 << EVENT_TYPES.indexOf('refused');
const REOPENED = 1 << EVENT_TYPES.indexOf('reopened');

export class Openings {
  readonly #store: Store;
  readonly #clocks: ClockOps;
  readonly #moment: Moment;

  constructor(store: Store, clocks: ClockOps, moment: Moment) {
    this.#store = store;
    this.#clocks = clocks;
    this.#moment = moment;
  }

  /** Accepted by law and not handled anew since. */
  deemed(row: number): boolean {
    const seen = this.#store.table.get(row, S.SEEN);
    return (seen & S.ROW_DEEMED) !== 0 && (seen & REOPENED) === 0;
  }

  /** Starts the clock for the stages that `opens` means; `h`/`i` is the event that opens them. */
  open(row: number, def: ClockDef, opens: number, atMs: number, h: History, i: number): void {
    const store = this.#store;
    const items = store.program.items;
    const item = this.#clocks.itemOf(row);
    if (item < 0 || this.#over(row, def)) return;
    let first = items.stageFirst[item]!;
    let end = items.asideFirst[item]!;
    if (opens === P.OPENS_NEXT) {
      const stage = P.stageIndexOf(items, item, h.stage[i]!);
      if (stage < 0) return;
      first += stage + 1;
    }
    if (opens === P.OPENS_NEXT || opens === P.OPENS_FIRST) end = Math.min(end, first + 1);
    for (let s = first; s < end; s++) {
      const stage = items.stageCode[s]!;
      if (this.#clocks.find(row, def, stage) >= 0) continue;
      this.#clocks.start(row, def, stage, atMs, h, i);
    }
  }

  /** OP2. A refusal that came after the deemed acceptance ended nothing. */
  #over(row: number, def: ClockDef): boolean {
    const ends = this.deemed(row) ? def.endMask & ~REFUSED : def.endMask;
    if ((this.#store.table.get(row, S.SEEN) & ends) === 0) return false;
    const past = this.#moment.past();
    for (let i = this.#moment.pastCount - 1; i >= 0; i--) {
      const bit = 1 << past.type[i]!;
      if ((bit & REOPENED) !== 0) return false;
      if ((bit & ends) !== 0 && past.stage[i] === ABSENT) return true;
    }
    return false;
  }
}
