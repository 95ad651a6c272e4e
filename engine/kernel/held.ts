/**
 * Held records (挂起): understood, but not to be applied yet. In this version: events said to happen
 * after the stamp they arrived with. Each is released when the engine's time reaches its instant.
 *
 * Owns: the waiting list, ordered by (instant, position). Bounded by HELD_MAX (config/limits.ts in the
 * shell repeats it for people); beyond it records go to the dead letters with HELD_FULL.
 */
export const HELD_MAX = 100_000;

export interface HeldRecord {
  readonly atMs: number;
  readonly stampMs: number;
  readonly position: number;
  readonly source: number;
  readonly raw: Uint8Array;
}

export class HeldList {
  #list: HeldRecord[] = [];

  get size(): number {
    return this.#list.length;
  }

  /** False when the list is full. */
  add(record: HeldRecord): boolean {
    if (this.#list.length >= HELD_MAX) return false;
    let low = 0;
    let high = this.#list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#list[middle]!;
      const after =
        other.atMs < record.atMs ||
        (other.atMs === record.atMs && other.position < record.position);
      if (after) low = middle + 1;
      else high = middle;
    }
    this.#list.splice(low, 0, record);
    return true;
  }

  /** Removes and returns the first record due at or before `ms`, else null. */
  take(ms: number): HeldRecord | null {
    const first = this.#list[0];
    if (first === undefined || first.atMs > ms) return null;
    this.#list.shift();
    return first;
  }

  /** Instant of the first release, Infinity when nothing waits. */
  get nextMs(): number {
    return this.#list[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  all(): readonly HeldRecord[] {
    return this.#list;
  }
}
