/**
 * Sorts rows by (due, row), for the bucket a wheel opens.
 *
 * Owns: the scratch arrays, kept from one sort to the next so that opening a bucket allocates nothing.
 * Does not own: the rows and their dues, which are arguments.
 *
 * First by due, as an offset from the bucket's start in milliseconds, then each group of equal dues
 * by row. Both steps use insertion for a few rows and radix, least significant digit first, for many;
 * digits in which all agree are skipped. So a usual bucket takes two passes over its rows, and a
 * cliff (a million rows due at one instant) also two, over the digits of the row numbers.
 */
const INSERTION_MAX = 40;
/** Digits are narrow for few rows, because every pass also walks the table of digits. */
const FEW = 1024;
const FEW_BITS = 8;
const MANY_BITS = 11;

export class DueSorter {
  readonly #starts = new Int32Array(1 << MANY_BITS);
  #keys = new Int32Array(64);
  #otherKeys = new Int32Array(64);
  #otherRows = new Int32Array(64);

  get bytes(): number {
    return this.#starts.byteLength + 3 * this.#keys.byteLength;
  }

  /** Sorts `rows[0..count)`; each is due less than 2^31 ms after `baseMs`. */
  sort(rows: Int32Array, count: number, due: Float64Array, baseMs: number): void {
    if (count > this.#keys.length) this.#grow(count);
    const keys = this.#keys;
    for (let i = 0; i < count; i++) keys[i] = (due[rows[i] as number] as number) - baseMs;
    if (count <= INSERTION_MAX) {
      insert(keys, rows, 0, count);
      return;
    }
    this.#radix(keys, rows, 0, count);
    let from = 0;
    for (let i = 1; i <= count; i++) {
      if (i < count && keys[i] === keys[from]) continue;
      if (i - from > INSERTION_MAX) this.#radix(rows, keys, from, i);
      else if (i - from > 1) insert(rows, keys, from, i);
      from = i;
    }
  }

  /** Sorts `keys[from..to)`, taking the companions along; equal keys stay in order. */
  #radix(keys: Int32Array, companions: Int32Array, from: number, to: number): void {
    const first = keys[from] as number;
    let differing = 0;
    for (let i = from + 1; i < to; i++) differing |= (keys[i] as number) ^ first;
    const bits = to - from < FEW ? FEW_BITS : MANY_BITS;
    for (let shift = 0; shift < 31; shift += bits) {
      if (((differing >>> shift) & ((1 << bits) - 1)) === 0) continue;
      this.#pass(keys, companions, from, to, shift, (1 << bits) - 1);
    }
  }

  #pass(
    keys: Int32Array,
    companions: Int32Array,
    from: number,
    to: number,
    shift: number,
    mask: number,
  ): void {
    const starts = this.#starts;
    starts.fill(0, 0, mask + 1);
    for (let i = from; i < to; i++) (starts[((keys[i] as number) >>> shift) & mask] as number)++;
    let total = 0;
    for (let digit = 0; digit <= mask; digit++) {
      const inDigit = starts[digit] as number;
      starts[digit] = total;
      total += inDigit;
    }
    const otherKeys = this.#otherKeys;
    const otherCompanions = this.#otherRows;
    for (let i = from; i < to; i++) {
      const key = keys[i] as number;
      const at = (starts[(key >>> shift) & mask] as number)++;
      otherKeys[at] = key;
      otherCompanions[at] = companions[i] as number;
    }
    const count = to - from;
    for (let i = 0; i < count; i++) {
      keys[from + i] = otherKeys[i] as number;
      companions[from + i] = otherCompanions[i] as number;
    }
  }

  #grow(count: number): void {
    const length = Math.max(count, 2 * this.#keys.length);
    this.#keys = new Int32Array(length);
    this.#otherKeys = new Int32Array(length);
    this.#otherRows = new Int32Array(length);
  }
}

/** Insertion by (key, companion). */
function insert(keys: Int32Array, companions: Int32Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const key = keys[i] as number;
    const companion = companions[i] as number;
    let j = i - 1;
    for (; j >= from; j--) {
      const other = keys[j] as number;
      if (other < key || (other === key && (companions[j] as number) < companion)) break;
      keys[j + 1] = other;
      companions[j + 1] = companions[j] as number;
    }
    keys[j + 1] = key;
    companions[j + 1] = companion;
  }
}
