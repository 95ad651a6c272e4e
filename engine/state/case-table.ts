/**
 * The case table: one 64-byte record a case, in one buffer seen through several typed arrays.
 *
 * Owns: the row layout, row allocation, growth. Does not own: keys' look-up (key-index.ts), event
 * lists (event-list.ts), clocks (clock-pool.ts), cards (card-table.ts): a row only holds where they are.
 *
 * A row is one cache line. Separate columns would cost one miss each on random access, which is what a
 * stream of events is; so the columns are interleaved. Fields are read as `table.i32[row * 16 + ORGAN]`.
 *
 * Invariants
 * T1  Row numbers are dense, given out in order of first arrival, and never reused.
 * T2  `LAST_AT` and `LAST_FIRED` bound the incremental path: an event at or after both cannot change
 *     what was already decided (kernel/fold.ts).
 */

export const ROW_WORDS = 16;
const ROW_F64 = ROW_WORDS / 2;
const ROW_BYTES = ROW_WORDS * 4;

/** float64 fields. */
export const LAST_AT = 0; // `at` of the last event in fold order, ms; -Infinity when none
export const LAST_FIRED = 1; // greatest due instant already fired for the row; -Infinity when none

/** int32 fields. */
export const KEY_OFF = 4; // key bytes in the key arena
export const KEY_HASH = 5;
export const ITEM = 6; // dictionary id, ABSENT when no event named one
export const ORGAN = 7;
export const TERRITORY = 8;
export const EVENT_BLOCK = 9; // arena offset of the event list, 0 = none
export const CLOCK_BLOCK = 11; // clock pool offset
export const SEEN = 13; // bit t: an event of type t was folded; bits 27..31 are ROW_* flags
export const CARD_HEAD = 14; // first card + 1, 0 = none
export const BLOOM = 15; // 32-bit Bloom filter over event identities (fast "surely new")

/** uint16 fields (index in halves). */
export const EVENT_LENGTH = 20; // bytes used in the event block   (word 10, low half)
export const EVENT_COUNT = 21; //                                    (word 10, high half)
export const ITEM_VERSION = 24; //                                   (word 12, low half)

/** uint8 fields (index in bytes). */
export const KEY_LENGTH = 50; // length of the key less 1   (word 12, third byte)
export const CLOCK_COUNT = 51; // word 12, fourth byte

/** Flags beside the type bits of SEEN. */
export const ROW_DEEMED = 1 << 27; // 视为受理 happened
export const ROW_CLOSED = 1 << 28; // a terminal event was folded
export const ROW_ORPHAN = 1 << 29; // no `received` yet: made by another event
export const ROW_LOG_ENDED = 1 << 30; // log-end constraints were evaluated
export const ROW_RENEWED = 1 << 31; // 视为准予延续 happened

export class CaseTable {
  f64: Float64Array;
  i32: Int32Array;
  u16: Uint16Array;
  u8: Uint8Array;
  count = 0;
  #capacity: number;

  constructor(capacity = 1024) {
    const buffer = new ArrayBuffer(capacity * ROW_BYTES);
    this.#capacity = capacity;
    this.f64 = new Float64Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u8 = new Uint8Array(buffer);
  }

  add(): number {
    if (this.count === this.#capacity) this.#grow();
    const row = this.count++;
    const w = row * ROW_WORDS;
    this.f64[row * ROW_F64 + LAST_AT] = Number.NEGATIVE_INFINITY;
    this.f64[row * ROW_F64 + LAST_FIRED] = Number.NEGATIVE_INFINITY;
    this.i32[w + ITEM] = -1;
    this.i32[w + ORGAN] = -1;
    this.i32[w + TERRITORY] = -1;
    return row;
  }

  lastAt(row: number): number {
    return this.f64[row * ROW_F64 + LAST_AT] as number;
  }

  setLastAt(row: number, ms: number): void {
    this.f64[row * ROW_F64 + LAST_AT] = ms;
  }

  lastFired(row: number): number {
    return this.f64[row * ROW_F64 + LAST_FIRED] as number;
  }

  setLastFired(row: number, ms: number): void {
    this.f64[row * ROW_F64 + LAST_FIRED] = ms;
  }

  get(row: number, field: number): number {
    return this.i32[row * ROW_WORDS + field] as number;
  }

  set(row: number, field: number, value: number): void {
    this.i32[row * ROW_WORDS + field] = value;
  }

  half(row: number, field: number): number {
    return this.u16[row * ROW_WORDS * 2 + field] as number;
  }

  setHalf(row: number, field: number, value: number): void {
    this.u16[row * ROW_WORDS * 2 + field] = value;
  }

  byte(row: number, field: number): number {
    return this.u8[row * ROW_BYTES + field] as number;
  }

  setByte(row: number, field: number, value: number): void {
    this.u8[row * ROW_BYTES + field] = value;
  }

  get byteLength(): number {
    return this.count * ROW_BYTES;
  }

  /** The used rows, for a snapshot. */
  bytes(): Uint8Array {
    return this.u8.subarray(0, this.count * ROW_BYTES);
  }

  static from(bytes: Uint8Array): CaseTable {
    const count = bytes.length / ROW_BYTES;
    const table = new CaseTable(Math.max(1024, Math.ceil(count * 1.25)));
    table.u8.set(bytes);
    table.count = count;
    return table;
  }

  #grow(): void {
    this.#capacity = Math.ceil(this.#capacity * (this.#capacity < 1 << 20 ? 2 : 1.5));
    const buffer = new ArrayBuffer(this.#capacity * ROW_BYTES);
    const u8 = new Uint8Array(buffer);
    u8.set(this.u8);
    this.u8 = u8;
    this.f64 = new Float64Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u16 = new Uint16Array(buffer);
  }
}
