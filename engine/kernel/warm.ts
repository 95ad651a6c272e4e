/**
 * Warming: touches what the next few events will need, so that cache misses overlap.
 *
 * An event of a random case costs eight to ten misses (index slot, row, key, event list, clocks, wheel),
 * and each waits for the one before. Touched group-wise in short loops, the misses of many events are
 * under way at the same time. Reading changes nothing, so warming cannot change a result (N2); a row
 * guessed wrongly is only a wasted read.
 *
 * Measured: benchmarks, `kernel`.
 */
import type { EventBatch } from '../events/event.ts';
import * as S from '../state/case-table.ts';
import type { Store } from './store.ts';

export const WARM_GROUP = 64;

export class Warmer {
  readonly #store: Store;
  readonly #rows = new Int32Array(WARM_GROUP);
  /** Keeps the reads alive; its value means nothing. */
  sink = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Touches the state of rows `from` .. `to` (at most WARM_GROUP) of the batch. */
  warm(batch: EventBatch, from: number, to: number): void {
    const { keys, table, events, clocks, wheel } = this.#store;
    const rows = this.#rows;
    const hashes = batch.keyHash;
    const count = to - from;
    let sum = 0;
    for (let k = 0; k < count; k++) rows[k] = keys.guess(hashes[from + k]!);
    for (let k = 0; k < count; k++) {
      const row = rows[k]!;
      if (row >= 0) sum += table.get(row, S.KEY_HASH);
    }
    const keyBytes = keys.bytes;
    const eventBytes = events.arena.bytes;
    const clockBytes = clocks.arena.bytes;
    for (let k = 0; k < count; k++) {
      const row = rows[k]!;
      if (row < 0) continue;
      sum += keyBytes[table.get(row, S.KEY_OFF)]!;
      sum += eventBytes[table.get(row, S.EVENT_BLOCK) + table.half(row, S.EVENT_LENGTH)]!;
      sum += clockBytes[table.get(row, S.CLOCK_BLOCK)]!;
      sum += wheel.touch(row);
    }
    this.sink = sum | 0;
  }
}
