/**
 * A hierarchical timing wheel over typed arrays: at most one wake-up for each row of a table.
 *
 * Owns: when each row is next due, and the order in which due rows come out.
 * Does not own: what a wake-up means (kernel/step.ts), nor the passing of time: the caller says how
 * far time has come by the argument of `next`.
 *
 * Definition. Time is cut into ticks of 2^20 ms (17.5 minutes), counted from 1970; 22 bits of them
 * reach the year 2109. `cursor` is the first tick whose rows have not been sorted yet. A row waits in
 * a bucket chosen by the highest bits in which its tick differs from the cursor:
 *
 *   near    65,536 buckets of one tick      the 2.2 years the cursor is in
 *   far         64 buckets of 2.2 years     everything else up to 2109
 *   beyond       1 bucket                   later than that; kept, never due
 *
 * When the cursor enters a far bucket its rows are dealt out to the near ones. When it reaches a near
 * bucket that is *opened*: its rows are sorted by (due, row) into the *run*. Rows armed for a tick
 * that is already open go to a heap, and `next` takes the lesser of the two heads. A wheel of finer
 * ticks and more levels would spare the heap, but move every row once or twice more; limits here are
 * days, and sorting some thousand rows together is cheaper than moving each.
 *
 * Example. Ticks begin, say, at 10:00 and 10:17:30, the wheel stands at 10:00. Row 7 is armed for
 * 10:20, row 9 for tomorrow, each into its near bucket. `next(10:21)` opens the tick of 10:17:30 and
 * returns 7; the caller arms 7 again for 10:20 and 5 for 09:00: both ticks are open, so both go to
 * the heap, and the next two calls return 5 (due 09:00, late but before anything later) and 7. Then
 * -1, and until tomorrow's bucket begins `next` costs one comparison.
 *
 * Cost. arm, cancel: O(1), or O(log h) among the h rows in the heap. next: O(1) when nothing is due
 * (one comparison); otherwise O(1) amortised plus the sort of its bucket, by radix when large, so a
 * million rows due at one instant come out in linear time. Finding the next bucket reads bitmaps.
 * 16 bytes a row: due (Float64), place (Int32), and its word in a bucket.
 *
 * Invariants
 * T1  `due[row] === Infinity` exactly when the row is not armed; `size` counts the others.
 * T2  A row due before `openEndMs` (= cursor * 2^20) is in the run or the heap; every other armed
 *     row is in the bucket that its due has under the present cursor.
 * T3  `next` returns rows in the order (due, row) among all rows armed at the time of the call, and
 *     never one due later than its argument.
 * T4  No row is due before `quietUntil`.
 * T5  `place[row]` is the row's place in its bucket or in the heap, ~index in the run.
 */
import { assert } from '../base/assert.ts';
import { Buckets, CHUNK_ROWS } from './buckets.ts';
import { DueSorter } from './due-sorter.ts';
import { RowHeap } from './row-heap.ts';

const TICK_BITS = 20;
const NEAR_BITS = 16;
const FAR_BITS = 6;
const TICK_MS = 1 << TICK_BITS;
const TICKS_PER_MS = 1 / TICK_MS; // a power of two: multiplying by it is exact

/** Number of the first bucket of each kind. */
const NEAR = 0;
const FAR = NEAR + (1 << NEAR_BITS);
const BEYOND = FAR + (1 << FAR_BITS);
const BUCKETS = BEYOND + 1;
const NEAR_MASK = (1 << NEAR_BITS) - 1;

/** The last tick stays unused, so that the cursor can pass every tick in use. */
const HORIZON_MS = ((1 << (NEAR_BITS + FAR_BITS)) - 1) * TICK_MS;

const NIL = -1;
const NEVER = Number.POSITIVE_INFINITY;
const ROWS_START = 1024;

export class Wheel {
  /** Due instant of the row returned last by `next`. */
  firedDue = Number.NEGATIVE_INFINITY;
  /** Latest time given to `next`. */
  nowMs: number;
  /** Armed rows. */
  size = 0;

  #due: Float64Array;
  #place: Int32Array;
  readonly #buckets = new Buckets(BUCKETS);
  readonly #heap = new RowHeap();
  readonly #sorter = new DueSorter();
  readonly #chunk = new Int32Array(CHUNK_ROWS);
  #cursor: number;
  #openEndMs: number;
  #quietUntil = NEVER;

  /** Rows of the opened bucket in order; NIL where a row was cancelled or moved. */
  #run = new Int32Array(64);
  #runAt = 0;
  #runEnd = 0;

  constructor(startMs: number) {
    assert(startMs < HORIZON_MS, 'a wheel starts before the year 2109');
    this.nowMs = startMs;
    this.#cursor = startMs > 0 ? (startMs * TICKS_PER_MS) | 0 : 0;
    this.#openEndMs = this.#cursor * TICK_MS;
    this.#due = new Float64Array(ROWS_START).fill(NEVER);
    this.#place = new Int32Array(ROWS_START);
  }

  /** Bytes held, for budgets and benchmarks. */
  get bytes(): number {
    const columns = this.#due.byteLength + this.#place.byteLength + this.#run.byteLength;
    return columns + this.#buckets.bytes + this.#heap.bytes + this.#sorter.bytes;
  }

  /** No row is due before this instant (T4); a bound, so the shell may look once too often. */
  get quietUntilMs(): number {
    return this.#quietUntil;
  }

  /** Reads what the row's timer needs, so that it is in the cache; the value means nothing. */
  touch(row: number): number {
    return row < this.#due.length ? (this.#place[row] as number) + (this.#due[row] as number) : 0;
  }

  /** Instant the row is armed for, Infinity when it is not. */
  dueOf(row: number): number {
    return row < this.#due.length ? (this.#due[row] as number) : NEVER;
  }

  /** Arms the row for `dueMs` (whole milliseconds), in place of what it was armed for. */
  arm(row: number, dueMs: number): void {
    if (row >= this.#due.length) this.#grow(row);
    const old = this.#due[row] as number;
    if (old === dueMs) return;
    if (dueMs === NEVER) {
      this.cancel(row);
      return;
    }
    assert(Math.floor(dueMs) === dueMs, 'a due instant is a whole number of milliseconds');
    if (old === NEVER) this.size++;
    else this.#detach(row, old);
    this.#due[row] = dueMs;
    if (dueMs < this.#quietUntil) this.#quietUntil = dueMs;
    if (dueMs < this.#openEndMs) this.#heap.push(row, this.#due, this.#place);
    else this.#place[row] = this.#buckets.push(this.#bucketOf(dueMs), row);
  }

  cancel(row: number): void {
    const due = this.dueOf(row);
    if (due === NEVER) return;
    this.#detach(row, due);
    this.#due[row] = NEVER;
    this.size--;
  }

  /**
   * Disarms and returns the first row in the order (due, row) whose due is at or before `toMs`; -1
   * when there is none. `firedDue` holds its due. Call again until -1; rows may be armed in between.
   */
  next(toMs: number): number {
    assert(toMs >= this.nowMs && toMs < HORIZON_MS, 'time given to a wheel does not go back');
    this.nowMs = toMs;
    while (toMs >= this.#quietUntil) {
      const inRun = this.#runHead();
      const row = this.#lesser(inRun, this.#heap.head);
      if (row === NIL) {
        this.#advance(toMs);
        continue;
      }
      const due = this.#due[row] as number;
      if (due > toMs) {
        this.#quietUntil = due;
        return NIL;
      }
      if (row === inRun) this.#runAt++;
      else this.#heap.remove(0, this.#due, this.#place);
      this.#due[row] = NEVER;
      this.size--;
      this.firedDue = due;
      return row;
    }
    return NIL;
  }

  #runHead(): number {
    while (this.#runAt < this.#runEnd) {
      const row = this.#run[this.#runAt] as number;
      if (row !== NIL) return row;
      this.#runAt++;
    }
    return NIL;
  }

  /** The one that fires first; NIL counts as later than any row. */
  #lesser(a: number, b: number): number {
    if (b === NIL) return a;
    if (a === NIL) return b;
    const dueA = this.#due[a] as number;
    const dueB = this.#due[b] as number;
    return dueA < dueB || (dueA === dueB && a < b) ? a : b;
  }

  /**
   * One step towards the next row: opens the next near bucket, or enters the next far one; when that
   * begins after `toMs`, it only notes that it is quiet until then. Called with an empty run and heap.
   */
  #advance(toMs: number): void {
    const own = NEAR + (this.#cursor & NEAR_MASK);
    const near = this.#buckets.firstUsed(own, FAR);
    if (near !== NIL) {
      const tick = this.#cursor - own + near;
      if (this.#reaches(tick, toMs)) this.#open(near, tick);
      return;
    }
    const far = this.#buckets.firstUsed(FAR, BEYOND);
    if (far !== NIL) {
      const tick = (far - FAR) << NEAR_BITS;
      if (this.#reaches(tick, toMs)) this.#moveCursor(tick);
      return;
    }
    this.#quietUntil = NEVER;
  }

  #reaches(tick: number, toMs: number): boolean {
    const startMs = tick * TICK_MS;
    if (startMs <= toMs) return true;
    this.#quietUntil = startMs;
    return false;
  }

  /** Deals out the far bucket that the cursor enters, so that T2 holds again. */
  #moveCursor(tick: number): void {
    assert(tick >= this.#cursor, 'the cursor does not go back');
    this.#cursor = tick;
    this.#openEndMs = tick * TICK_MS;
    const far = FAR + (tick >>> NEAR_BITS);
    const chunk = this.#chunk;
    for (;;) {
      const count = this.#buckets.popChunk(far, chunk, 0);
      if (count === 0) return;
      for (let i = 0; i < count; i++) {
        const row = chunk[i] as number;
        this.#place[row] = this.#buckets.push(this.#bucketOf(this.#due[row] as number), row);
      }
    }
  }

  /** Sorts the rows of a near bucket into the run and moves the cursor past its tick. */
  #open(bucket: number, tick: number): void {
    let count = 0;
    for (;;) {
      if (count + CHUNK_ROWS > this.#run.length) this.#run = doubled(this.#run);
      const taken = this.#buckets.popChunk(bucket, this.#run, count);
      if (taken === 0) break;
      count += taken;
    }
    const run = this.#run;
    if (count > 1) this.#sorter.sort(run, count, this.#due, tick * TICK_MS);
    for (let i = 0; i < count; i++) this.#place[run[i] as number] = ~i;
    this.#runAt = 0;
    this.#runEnd = count;
    this.#moveCursor(tick + 1);
  }

  #bucketOf(dueMs: number): number {
    if (dueMs >= HORIZON_MS) return BEYOND;
    const tick = (dueMs * TICKS_PER_MS) | 0;
    const differing = tick ^ this.#cursor;
    return differing <= NEAR_MASK ? NEAR + (tick & NEAR_MASK) : FAR + (tick >>> NEAR_BITS);
  }

  /** Takes an armed row out of wherever it waits; its due is left for the caller to change. */
  #detach(row: number, dueMs: number): void {
    const place = this.#place[row] as number;
    if (dueMs >= this.#openEndMs) {
      const moved = this.#buckets.remove(this.#bucketOf(dueMs), place);
      if (moved !== NIL) this.#place[moved] = place;
    } else if (place < 0) this.#run[~place] = NIL;
    else this.#heap.remove(place, this.#due, this.#place);
  }

  /** Columns grow by half, so that a third of them at most lies idle. */
  #grow(row: number): void {
    assert(row >= 0, 'a row is a small integer from 0');
    const before = this.#due.length;
    const capacity = Math.max(before + (before >> 1), row + 1);
    const due = new Float64Array(capacity).fill(NEVER, before);
    due.set(this.#due);
    this.#due = due;
    const place = new Int32Array(capacity);
    place.set(this.#place);
    this.#place = place;
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(2 * array.length);
  copy.set(array);
  return copy;
}
