/**
 * Re-fold: decide one case again from its event list.
 *
 * Used when an event arrives out of its order or a rule, item or calendar version changes. Clears what
 * the case's clocks and flags say, folds all events in order through the same code as the incremental
 * path (fold.ts), lets time pass to now, and compares: findings not found again are withdrawn.
 *
 * Cost: linear in the events of that one case.
 */
import * as S from '../state/case-table.ts';
import { History, TYPE_RETRACTED } from '../state/history.ts';
import type { Fold } from './fold.ts';
import type { Store } from './store.ts';

export class Refold {
  readonly #store: Store;
  readonly #fold: Fold;
  readonly history = new History();

  constructor(store: Store, fold: Fold) {
    this.#store = store;
    this.#fold = fold;
  }

  /** Closed before the window of the last publication, and nothing new since? */
  shelved(row: number): boolean {
    return this.#store.clocks.shelved(row);
  }

  /**
   * A case whose verdict stays as it is although another pack is in force. It gives its clocks back:
   * they were reckoned under the former pack. Whatever comes for it folds it again first.
   */
  shelve(row: number): void {
    this.#store.clocks.shelve(row);
    this.#store.wheel.cancel(row);
  }

  /** Folds the row's stored list. */
  row(row: number): void {
    this.#store.events.decode(row, this.history);
    this.fold(row);
  }

  /** Folds `history`, which holds the row's events in order. */
  fold(row: number): void {
    const store = this.#store;
    const h = this.history;
    this.#clear(row);
    this.#fold.findings.beginRefold(row);
    const moment = this.#fold.moment;
    const end = store.logEndMs <= store.nowMs ? store.logEndMs : Number.POSITIVE_INFINITY;
    let ended = false;
    for (let i = 0; i < h.count; i++) {
      if (h.type[i] === TYPE_RETRACTED) continue;
      moment.within(row, h, i);
      if (!ended && h.at[i]! > end) {
        if (i > 0) this.#fold.endLog(row, end);
        ended = true;
      }
      this.#fold.fire(row, h.at[i]!);
      this.#fold.event();
    }
    moment.within(row, h, h.count);
    if (!ended && end <= store.nowMs) this.#fold.endLog(row, end);
    this.#fold.fire(row, store.nowMs);
    this.#fold.findings.endRefold(row);
    store.wheel.arm(row, this.#fold.nextDue(row));
  }

  #clear(row: number): void {
    const { table, clocks } = this.#store;
    clocks.clear(row);
    // All flags are rebuilt; a row is an orphan until a `received` is folded.
    table.set(row, S.SEEN, S.ROW_ORPHAN);
    table.setLastAt(row, Number.NEGATIVE_INFINITY);
    table.setLastFired(row, Number.NEGATIVE_INFINITY);
  }
}
