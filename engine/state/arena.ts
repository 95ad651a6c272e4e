/**
 * A byte arena: variable-length blocks inside one growing buffer, with one free list per size class.
 *
 * Owns: where blocks lie. Does not own: what is in them (event lists, keys).
 *
 * A block's capacity is a multiple of 16 bytes: class c holds 16 * c bytes, c in 1..CLASS_MAX. A freed
 * block's first four bytes hold the offset of the next free block of its class.
 *
 * Invariants
 * A1  Offset 0 is never handed out, so 0 can mean "no block".
 * A2  A block is in exactly one place: handed out, or on the free list of its class.
 */
import { assert } from '../base/assert.ts';

export const GRAIN = 16;
export const CLASS_MAX = 4096;

export class Arena {
  bytes: Uint8Array;
  view: DataView;
  #used: number;
  readonly #free: Int32Array;

  constructor(capacity = 1 << 16) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
    this.#used = GRAIN;
    this.#free = new Int32Array(CLASS_MAX + 1);
  }

  /** Size class whose block holds at least `length` bytes. */
  static classOf(length: number): number {
    return (length + GRAIN - 1) >> 4;
  }

  /** Offset of a block of class `c`; its bytes are whatever was there before. */
  take(c: number): number {
    assert(c >= 1 && c <= CLASS_MAX, 'block class within bounds');
    const head = this.#free[c] as number;
    if (head !== 0) {
      this.#free[c] = this.view.getInt32(head, true);
      return head;
    }
    const offset = this.#used;
    const end = offset + c * GRAIN;
    if (end > this.bytes.length) this.#grow(end);
    this.#used = end;
    return offset;
  }

  give(offset: number, c: number): void {
    assert(offset >= GRAIN, 'a handed-out block');
    this.view.setInt32(offset, this.#free[c] as number, true);
    this.#free[c] = offset;
  }

  /** Bytes in use or on free lists: what a memory figure must count. */
  get byteLength(): number {
    return this.#used;
  }

  #grow(least: number): void {
    const size = Math.max(least, Math.min(this.bytes.length * 2, this.bytes.length + (1 << 28)));
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes.subarray(0, this.#used));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  /** Parts for a snapshot: the used bytes and the free-list heads. */
  parts(): { bytes: Uint8Array; free: Int32Array } {
    return { bytes: this.bytes.subarray(0, this.#used), free: this.#free };
  }

  static from(bytes: Uint8Array, free: Int32Array): Arena {
    const arena = new Arena(Math.max(1 << 16, bytes.length + (bytes.length >> 3)));
    arena.bytes.set(bytes);
    arena.#used = bytes.length;
    arena.#free.set(free);
    return arena;
  }
}
