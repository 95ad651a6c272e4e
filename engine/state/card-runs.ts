/**
 * Runs of clocks on cards, in growing columns; the runs of a card are a linked list from the card.
 *
 * Owns: the columns and the list. Does not own: what a run means (kernel/card-life.ts).
 *
 * Invariants
 * U1  A run is never removed; a clock that starts again on a card uses its run again.
 * U2  Within one card, the definition is unique.
 */
import type { CardTable } from './card-table.ts';

export class CardRuns {
  readonly #cards: CardTable;
  count = 0;
  next: Int32Array; // next run of the card + 1, 0 = last
  def: Int32Array; // dictionary id of the clock's id
  occurrence: Int32Array;
  running: Uint8Array;
  rung: Uint8Array; // rungs that have rung
  start: Float64Array;
  /** First instant that is too late; Infinity when not running or beyond computing. */
  due: Float64Array;
  /** Instant of the next rung; Infinity when there is none. */
  wake: Float64Array;

  constructor(cards: CardTable, capacity = 64) {
    this.#cards = cards;
    this.next = new Int32Array(capacity);
    this.def = new Int32Array(capacity);
    this.occurrence = new Int32Array(capacity);
    this.running = new Uint8Array(capacity);
    this.rung = new Uint8Array(capacity);
    this.start = new Float64Array(capacity);
    this.due = new Float64Array(capacity);
    this.wake = new Float64Array(capacity);
  }

  first(card: number): number {
    return this.#cards.runs[card]! - 1;
  }

  after(run: number): number {
    return this.next[run]! - 1;
  }

  find(card: number, def: number): number {
    for (let r = this.first(card); r >= 0; r = this.after(r)) if (this.def[r] === def) return r;
    return -1;
  }

  /** A run that has never begun (occurrence -1), at the head of the card's list. */
  add(card: number, def: number): number {
    if (this.count === this.next.length) this.#grow();
    const run = this.count++;
    this.next[run] = this.#cards.runs[card]!;
    this.#cards.runs[card] = run + 1;
    this.def[run] = def;
    this.occurrence[run] = -1;
    this.end(run);
    return run;
  }

  end(run: number): void {
    this.running[run] = 0;
    this.due[run] = Number.POSITIVE_INFINITY;
    this.wake[run] = Number.POSITIVE_INFINITY;
  }

  get byteLength(): number {
    return this.count * (4 * 3 + 2 + 8 * 3);
  }

  /** Used parts of all columns, for a snapshot. */
  columns(): (Int32Array | Float64Array | Uint8Array)[] {
    const n = this.count;
    return [
      this.next.subarray(0, n),
      this.def.subarray(0, n),
      this.occurrence.subarray(0, n),
      this.running.subarray(0, n),
      this.rung.subarray(0, n),
      this.start.subarray(0, n),
      this.due.subarray(0, n),
      this.wake.subarray(0, n),
    ];
  }

  /** Takes over columns written by `columns()` of `count` runs. */
  load(count: number, parts: readonly Uint8Array[]): void {
    while (this.next.length < count) this.#grow();
    this.count = count;
    loadColumns(this.columns(), parts);
  }

  #grow(): void {
    const n = this.next.length * 2;
    this.next = grown(this.next, new Int32Array(n));
    this.def = grown(this.def, new Int32Array(n));
    this.occurrence = grown(this.occurrence, new Int32Array(n));
    this.running = grown(this.running, new Uint8Array(n));
    this.rung = grown(this.rung, new Uint8Array(n));
    this.start = grown(this.start, new Float64Array(n));
    this.due = grown(this.due, new Float64Array(n));
    this.wake = grown(this.wake, new Float64Array(n));
  }
}

export function grown<T extends Int32Array | Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Copies the bytes of a snapshot into the columns. */
export function loadColumns(
  own: readonly (Int32Array | Float64Array | Uint8Array)[],
  parts: readonly Uint8Array[],
): void {
  for (let i = 0; i < own.length; i++) {
    const column = own[i]!;
    new Uint8Array(column.buffer, column.byteOffset, column.byteLength).set(parts[i]!);
  }
}
