/**
 * Writes rows in ClickHouse's RowBinary format into one growing buffer.
 *
 * RowBinary because it is the quickest way in that was measured (benchmarks/README.md): numbers need
 * no text, and a raw record is copied as it is, without escaping, whatever bytes it holds.
 *
 * Invariants
 * RB1  Integers are little-endian two's complement; a 64-bit one must be a safe integer.
 * RB2  Text is its UTF-8 length as a base-128 number, then the bytes.
 */
import { assert } from '../base/assert.ts';
import { KIB } from '../base/units.ts';

const TWO_32 = 0x1_0000_0000;
const encoder = new TextEncoder();

export class RowBinary {
  #bytes: Uint8Array;
  #used = 0;

  constructor(capacity = 64 * KIB) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#used;
  }

  /** Everything written since the last reset, as a view: valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  /** A copy of everything written since the last reset. */
  copy(): Uint8Array {
    return this.#bytes.slice(0, this.#used);
  }

  reset(): void {
    this.#used = 0;
  }

  u8(value: number): void {
    this.#room(1);
    this.#bytes[this.#used++] = value;
  }

  u16(value: number): void {
    this.#room(2);
    this.#bytes[this.#used++] = value;
    this.#bytes[this.#used++] = value >>> 8;
  }

  /** Also Int32: the bytes of a negative number are the same. */
  u32(value: number): void {
    this.#room(4);
    this.#word(value);
  }

  /** Int64, or UInt64 for a number that is not negative. */
  i64(value: number): void {
    assert(Number.isSafeInteger(value), 'a 64-bit column takes a safe integer');
    this.#room(8);
    const high = Math.floor(value / TWO_32);
    this.#word(value - high * TWO_32);
    this.#word(high);
  }

  /** Nullable(Int64): NaN is null. */
  nullableI64(value: number): void {
    if (Number.isNaN(value)) {
      this.u8(1);
      return;
    }
    this.u8(0);
    this.i64(value);
  }

  text(value: string): void {
    const length = value.length;
    this.#room(length * 3 + 5);
    if (length < 128 && this.#ascii(value, this.#used + 1)) {
      this.#bytes[this.#used] = length;
      this.#used += length + 1;
      return;
    }
    const bytes = encoder.encode(value);
    this.bytes(bytes, 0, bytes.length);
  }

  /** A String column out of bytes `from..to`. */
  bytes(source: Uint8Array, from: number, to: number): void {
    const length = to - from;
    this.#room(length + 5);
    this.#varint(length);
    if (length < 32) {
      let at = this.#used;
      for (let i = from; i < to; i++) this.#bytes[at++] = source[i]!;
    } else {
      this.#bytes.set(source.subarray(from, to), this.#used);
    }
    this.#used += length;
  }

  /** Bytes that are already encoded, as they are. */
  encoded(source: Uint8Array): void {
    const length = source.length;
    this.#room(length);
    if (length < 32) {
      const at = this.#used;
      for (let i = 0; i < length; i++) this.#bytes[at + i] = source[i]!;
    } else {
      this.#bytes.set(source, this.#used);
    }
    this.#used += length;
  }

  #ascii(value: string, at: number): boolean {
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 128) return false;
      this.#bytes[at + i] = code;
    }
    return true;
  }

  #word(value: number): void {
    const bytes = this.#bytes;
    const at = this.#used;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    this.#used = at + 4;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#used++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#used++] = rest;
  }

  #room(more: number): void {
    const needed = this.#used + more;
    if (needed <= this.#bytes.length) return;
    const wider = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    wider.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = wider;
  }
}

/** A text as a String column holds it: to be kept and written again with `encoded`. */
export function encodedText(value: string): Uint8Array {
  const row = new RowBinary(value.length * 3 + 5);
  row.text(value);
  return row.copy();
}
