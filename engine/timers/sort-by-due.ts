/**
 * Sorts rows by (due, row), for the bucket a wheel opens.
 *
 * Small buckets, the common case, by insertion. Larger ones by radix, least significant digit first:
 * the rows' digits, then the due as an offset into the bucket (`offsetBits` wide). Digits in which
 * all rows agree are skipped, so a cliff (a million rows due at one instant) costs two passes over
 * the rows, without a comparison. All rows must be due within [baseMs, baseMs + 2^offsetBits).
 */
const INSERTION_MAX = 48;
const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

export function sortByDue(
  rows: Int32Array,
  count: number,
  due: Float64Array,
  baseMs: number,
  offsetBits: number,
): void {
  if (count <= INSERTION_MAX) sortByInsertion(rows, count, due);
  else sortByRadix(rows, count, due, baseMs, offsetBits);
}

function sortByInsertion(rows: Int32Array, count: number, due: Float64Array): void {
  for (let i = 1; i < count; i++) {
    const row = rows[i] as number;
    const at = due[row] as number;
    let j = i - 1;
    for (; j >= 0; j--) {
      const other = rows[j] as number;
      const otherDue = due[other] as number;
      if (otherDue < at || (otherDue === at && other < row)) break;
      rows[j + 1] = other;
    }
    rows[j + 1] = row;
  }
}

function sortByRadix(
  rows: Int32Array,
  count: number,
  due: Float64Array,
  baseMs: number,
  offsetBits: number,
): void {
  const keys = new Int32Array(count);
  let differingRows = 0;
  let differingOffsets = 0;
  const firstRow = rows[0] as number;
  const firstOffset = (due[firstRow] as number) - baseMs;
  for (let i = 0; i < count; i++) {
    const row = rows[i] as number;
    const offset = (due[row] as number) - baseMs;
    keys[i] = offset;
    differingRows |= row ^ firstRow;
    differingOffsets |= offset ^ firstOffset;
  }
  const sorter = new RadixSorter(rows, keys, count);
  for (let shift = 0; shift < 31; shift += DIGIT_BITS) {
    if (((differingRows >>> shift) & (DIGITS - 1)) !== 0) sorter.passByRow(shift);
  }
  for (let shift = 0; shift < offsetBits; shift += DIGIT_BITS) {
    if (((differingOffsets >>> shift) & (DIGITS - 1)) !== 0) sorter.passByKey(shift);
  }
  sorter.copyTo(rows);
}

/** Rows and their keys, and the two arrays they are dealt into and out of by turns. */
class RadixSorter {
  readonly #count: number;
  readonly #starts = new Int32Array(DIGITS);
  #rows: Int32Array;
  #keys: Int32Array;
  #otherRows: Int32Array;
  #otherKeys: Int32Array;

  constructor(rows: Int32Array, keys: Int32Array, count: number) {
    this.#count = count;
    this.#rows = rows.slice(0, count);
    this.#keys = keys;
    this.#otherRows = new Int32Array(count);
    this.#otherKeys = new Int32Array(count);
  }

  passByRow(shift: number): void {
    this.#pass(this.#rows, shift);
  }

  passByKey(shift: number): void {
    this.#pass(this.#keys, shift);
  }

  copyTo(rows: Int32Array): void {
    rows.set(this.#rows);
  }

  #pass(digits: Int32Array, shift: number): void {
    const starts = this.#starts.fill(0);
    for (let i = 0; i < this.#count; i++) {
      const digit = ((digits[i] as number) >>> shift) & (DIGITS - 1);
      starts[digit] = (starts[digit] as number) + 1;
    }
    let total = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const inDigit = starts[digit] as number;
      starts[digit] = total;
      total += inDigit;
    }
    for (let i = 0; i < this.#count; i++) {
      const digit = ((digits[i] as number) >>> shift) & (DIGITS - 1);
      const to = starts[digit] as number;
      starts[digit] = to + 1;
      this.#otherRows[to] = this.#rows[i] as number;
      this.#otherKeys[to] = this.#keys[i] as number;
    }
    this.#swap();
  }

  #swap(): void {
    const rows = this.#rows;
    const keys = this.#keys;
    this.#rows = this.#otherRows;
    this.#keys = this.#otherKeys;
    this.#otherRows = rows;
    this.#otherKeys = keys;
  }
}
