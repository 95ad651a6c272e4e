/**
 * Case key → row: open addressing with linear probing over one Int32Array of row + 1.
 *
 * Owns: the slots and the key bytes (each key once, one after the other). Load factor at most 3/4, so
 * 5.3 to 10.7 bytes a case beside the key itself. Rows are never removed: no tombstones, no gaps.
 *
 * Two keys are the same only if their bytes are; the 32-bit hash merely saves most comparisons.
 */
import type { CaseTable } from './case-table.ts';
import { KEY_HASH, KEY_LENGTH, KEY_OFF } from './case-table.ts';

export class KeyIndex {
  readonly #table: CaseTable;
  /** Key bytes of all rows; a row says where its own begin. */
  bytes: Uint8Array;
  #used: number;
  #slots: Int32Array;
  #mask: number;

  constructor(table: CaseTable, keys: Uint8Array = new Uint8Array(0)) {
    this.#table = table;
    this.bytes = new Uint8Array(Math.max(1 << 16, keys.length + (keys.length >> 3)));
    this.bytes.set(keys);
    this.#used = keys.length;
    let size = 2048;
    while (size * 3 < table.count * 4) size *= 2;
    this.#slots = new Int32Array(size);
    this.#mask = size - 1;
    for (let row = 0; row < table.count; row++) this.#place(row);
  }

  /** Row of the key, or -1. */
  find(bytes: Uint8Array, off: number, length: number, hash: number): number {
    const table = this.#table;
    let slot = spread(hash) & this.#mask;
    for (;;) {
      const entry = this.#slots[slot] as number;
      if (entry === 0) return -1;
      const row = entry - 1;
      if (table.get(row, KEY_HASH) === hash && this.#same(row, bytes, off, length)) return row;
      slot = (slot + 1) & this.#mask;
    }
  }

  /** Row the first slot of the hash points at, -1 when it is empty: right but for collisions. */
  guess(hash: number): number {
    return this.#slots[spread(hash) & this.#mask]! - 1;
  }

  /** Stores the key for a new row. The caller has made sure that it is not there yet. */
  put(row: number, bytes: Uint8Array, off: number, length: number, hash: number): void {
    const at = this.#used;
    this.#used = at + length;
    if (this.#used > this.bytes.length) this.#growBytes();
    const target = this.bytes;
    for (let i = 0; i < length; i++) target[at + i] = bytes[off + i] as number;
    this.#table.set(row, KEY_OFF, at);
    this.#table.set(row, KEY_HASH, hash);
    this.#table.setByte(row, KEY_LENGTH, length - 1);
    if (this.#table.count * 4 > this.#slots.length * 3) this.#grow();
    else this.#place(row);
  }

  /** Length of a row's key: 1 to 256 bytes, 64 characters of at most four. */
  lengthOf(row: number): number {
    return this.#table.byte(row, KEY_LENGTH) + 1;
  }

  get byteLength(): number {
    return this.#slots.byteLength + this.#used;
  }

  /** The key bytes in use, for a snapshot. */
  keyBytes(): Uint8Array {
    return this.bytes.subarray(0, this.#used);
  }

  #growBytes(): void {
    const wider = new Uint8Array(Math.ceil(this.bytes.length * 1.5));
    wider.set(this.bytes);
    this.bytes = wider;
  }

  #same(row: number, bytes: Uint8Array, off: number, length: number): boolean {
    if (this.lengthOf(row) !== length) return false;
    const at = this.#table.get(row, KEY_OFF);
    const keys = this.bytes;
    for (let i = 0; i < length; i++) if (keys[at + i] !== bytes[off + i]) return false;
    return true;
  }

  #place(row: number): void {
    let slot = spread(this.#table.get(row, KEY_HASH)) & this.#mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = row + 1;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    this.#mask = this.#slots.length - 1;
    for (let row = 0; row < this.#table.count; row++) this.#place(row);
  }
}

/** FNV's low bits are weak for short keys; one multiply spreads them. */
function spread(hash: number): number {
  const h = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return h ^ (h >>> 15);
}
