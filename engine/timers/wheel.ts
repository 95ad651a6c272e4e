/**
 * A hierarchical timing wheel over typed arrays: at most one wake-up for each row of a table.
 *
 * Owns: when each row is next due, and the order in which due rows come out.
 * Does not own: what a wake-up means (kernel/step.ts), nor the passing of time: the caller says how
 * far time has come by the argument of `next`.
 *
 * Definition. Time is cut into ticks of 2048 ms, counted from 1970 (31 bits reach the year 2109).
 * `cursor` is the first tick whose rows have not been sorted yet. A row waits in a bucket, a doubly
 * linked list through two columns, chosen by the highest bits in which its tick differs from the
 * cursor:
 *
 *   level 0   2,048 buckets of one tick     the 70 minutes the cursor is in
 *   level 1  16,384 buckets of 70 minutes   the 2.2 years the cursor is in
 *   level 2      64 buckets of 2.2 years    everything else up to 2109
 *   beyond        1 bucket                  later than that; kept, never due
 *
 * When the cursor enters a bucket of a higher level its rows are dealt out one or two levels lower;
 * with limits of weeks that happens once in a row's life. When it reaches a bucket of level 0, that
 * bucket is *opened*: its rows are sorted by (due, row) into the *run*. Rows armed for a tick that is
 * already open go to a small indexed heap, and `next` takes the lesser of the two heads.
 *
 * Example. Wheel at 10:00:00. Row 7 is armed for 10:00:03 (tick +1, level 0), row 9 for tomorrow
 * (level 1). `next(10:00:04)` opens tick +1 and returns 7; the caller arms 7 again for 10:00:03 and
 * 5 for 09:00: both ticks are open, so both go to the heap, and the next two calls return 5 (due
 * 09:00, late but before anything later) and 7. Then -1. Row 9 waits in its bucket; it will be dealt
 * to level 0 when `next` is called with a time in its 70 minutes.
 *
 * Cost. arm, cancel: O(1), or O(log h) for the h rows in the heap. next: O(1) when nothing is due
 * (one comparison); otherwise O(1) amortised plus the sort of its bucket, by radix when large, so a
 * million rows due at one instant come out in linear time. Finding the next bucket reads bitmaps.
 * 16 bytes a row: due (Float64), next and prev (Int32).
 *
 * Invariants
 * T1  `due[row] === Infinity` exactly when the row is not armed; `size` counts the others.
 * T2  A row with due < cursor * 2048 is in the run or the heap; every other row is in a bucket.
 * T3  `next` returns rows in the order (due, row) among all rows armed at the time of the call, and
 *     never one due later than its argument.
 * T4  No row is due before `quietUntil`.
 * T5  A bucket's bit is set exactly when its list is not empty.
 */
import { assert } from '../base/assert.ts';
import { sortByDue } from './sort-by-due.ts';

const TICK_BITS = 11;
const TICK_MS = 1 << TICK_BITS;
const TICKS_PER_MS = 1 / TICK_MS; // a power of two: multiplying by it is exact

const LEVEL0_BITS = 11;
const LEVEL1_BITS = 14;
const LEVEL2_BITS = 6;
const LEVEL0_SLOTS = 1 << LEVEL0_BITS;
const LEVEL1_SLOTS = 1 << LEVEL1_BITS;
const LEVEL2_SLOTS = 1 << LEVEL2_BITS;
const LEVEL1_SHIFT = LEVEL0_BITS;
const LEVEL2_SHIFT = LEVEL0_BITS + LEVEL1_BITS;
/** Tick differences below this are level 0, level 1. */
const LEVEL0_SPAN = 1 << LEVEL1_SHIFT;
const LEVEL1_SPAN = 1 << LEVEL2_SHIFT;

/** First bucket of each level in `heads`. */
const LEVEL0 = 0;
const LEVEL1 = LEVEL0 + LEVEL0_SLOTS;
const LEVEL2 = LEVEL1 + LEVEL1_SLOTS;
const BEYOND = LEVEL2 + LEVEL2_SLOTS;
const BUCKETS = BEYOND + 1;

/** The last tick stays unused, so that the cursor can pass every tick in use. */
const HORIZON_MS = ((1 << 30) * 2 - 1) * TICK_MS;

const NIL = -1;
/** Values of `nextRow` for rows that are in no bucket; `prevRow` then holds the position. */
const IN_RUN = -2;
const IN_HEAP = -3;

const ROWS_START = 1024;

export class Wheel {
  /** Due instant of the row returned last by `next`. */
  firedDue = Number.NEGATIVE_INFINITY;
  /** Latest time given to `next`. */
  nowMs: number;
  /** Armed rows. */
  size = 0;

  #capacity = ROWS_START;
  #due: Float64Array;
  /** Next row in the bucket, NIL at its end; IN_RUN, IN_HEAP elsewhere. */
  #nextRow: Int32Array;
  /** Previous row in the bucket, ~bucket for its first row; position in run or heap elsewhere. */
  #prevRow: Int32Array;

  readonly #heads: Int32Array;
  readonly #bits: Int32Array;
  #cursor: number;
  #openEndMs: number;
  #quietUntil = Number.POSITIVE_INFINITY;

  /** Rows of the opened bucket in order; NIL where a row was cancelled or moved. */
  #run: Int32Array = new Int32Array(64);
  #runAt = 0;
  #runEnd = 0;
  #heap: Int32Array = new Int32Array(64);
  #heapSize = 0;

  constructor(startMs: number) {
    assert(startMs < HORIZON_MS, 'a wheel starts before the year 2109');
    this.nowMs = startMs;
    this.#cursor = startMs > 0 ? (startMs * TICKS_PER_MS) | 0 : 0;
    this.#openEndMs = this.#cursor * TICK_MS;
    this.#due = new Float64Array(ROWS_START).fill(Number.POSITIVE_INFINITY);
    this.#nextRow = new Int32Array(ROWS_START);
    this.#prevRow = new Int32Array(ROWS_START);
    this.#heads = new Int32Array(BUCKETS).fill(NIL);
    this.#bits = new Int32Array((BUCKETS >> 5) + 1);
  }

  /** Bytes held, for budgets and benchmarks. */
  get bytes(): number {
    const columns = this.#due.byteLength + this.#nextRow.byteLength + this.#prevRow.byteLength;
    const open = this.#run.byteLength + this.#heap.byteLength;
    return columns + open + this.#heads.byteLength + this.#bits.byteLength;
  }

  /** Instant the row is armed for, Infinity when it is not. */
  dueOf(row: number): number {
    return row < this.#capacity ? (this.#due[row] as number) : Number.POSITIVE_INFINITY;
  }

  /** Arms the row for `dueMs` (whole milliseconds), in place of what it was armed for. */
  arm(row: number, dueMs: number): void {
    if (row >= this.#capacity) this.#grow(row);
    const old = this.#due[row] as number;
    if (old === dueMs) return;
    if (old !== Number.POSITIVE_INFINITY) this.#detach(row);
    else this.size++;
    if (dueMs === Number.POSITIVE_INFINITY) {
      this.#due[row] = dueMs;
      this.size--;
      return;
    }
    assert(Math.floor(dueMs) === dueMs, 'a due instant is a whole number of milliseconds');
    this.#due[row] = dueMs;
    if (dueMs < this.#quietUntil) this.#quietUntil = dueMs;
    if (dueMs < this.#openEndMs) this.#heapPush(row);
    else this.#link(row, dueMs);
  }

  cancel(row: number): void {
    if (row >= this.#capacity || this.#due[row] === Number.POSITIVE_INFINITY) return;
    this.#detach(row);
    this.#due[row] = Number.POSITIVE_INFINITY;
    this.size--;
  }

  /**
   * Disarms and returns the first row in the order (due, row) whose due is at or before `toMs`; -1
   * when there is none. `firedDue` holds its due. Call again until -1; rows may be armed in between.
   */
  next(toMs: number): number {
    assert(toMs >= this.nowMs, 'time given to a wheel does not go back');
    this.nowMs = toMs;
    while (toMs >= this.#quietUntil) {
      const row = this.#head();
      if (row !== NIL) {
        const due = this.#due[row] as number;
        if (due > toMs) {
          this.#quietUntil = due;
          return NIL;
        }
        if (this.#nextRow[row] === IN_RUN) this.#runAt++;
        else this.#heapRemove(0);
        this.#due[row] = Number.POSITIVE_INFINITY;
        this.size--;
        this.firedDue = due;
        return row;
      }
      this.#advance(toMs);
    }
    return NIL;
  }

  /** First row of run and heap together, NIL when both are empty. */
  #head(): number {
    let inRun = NIL;
    while (this.#runAt < this.#runEnd) {
      inRun = this.#run[this.#runAt] as number;
      if (inRun !== NIL) break;
      this.#runAt++;
    }
    if (this.#heapSize === 0) return inRun;
    const inHeap = this.#heap[0] as number;
    return inRun === NIL || this.#before(inHeap, inRun) ? inHeap : inRun;
  }

  #before(a: number, b: number): boolean {
    const dueA = this.#due[a] as number;
    const dueB = this.#due[b] as number;
    return dueA < dueB || (dueA === dueB && a < b);
  }

  /**
   * One step towards the next row: deals out the bucket the cursor stands in, opens a bucket of
   * level 0, or jumps to the next bucket of a higher level; when that begins after `toMs`, it only
   * notes that it is quiet until then. Called with an empty run and heap.
   */
  #advance(toMs: number): void {
    const cursor = this.#cursor;
    const own2 = LEVEL2 + (cursor >>> LEVEL2_SHIFT);
    if (this.#heads[own2] !== NIL) {
      this.#deal(own2);
      return;
    }
    const own1 = LEVEL1 + ((cursor >>> LEVEL1_SHIFT) & (LEVEL1_SLOTS - 1));
    if (this.#heads[own1] !== NIL) {
      this.#deal(own1);
      return;
    }

    const own0 = LEVEL0 + (cursor & (LEVEL0_SLOTS - 1));
    const bucket0 = this.#firstUsed(own0, LEVEL1);
    if (bucket0 !== NIL) {
      const tick = cursor - own0 + bucket0;
      if (this.#reaches(tick, toMs)) this.#open(bucket0, tick);
      return;
    }
    const bucket1 = this.#firstUsed(own1, LEVEL2);
    if (bucket1 !== NIL) {
      const tick = ((cursor >>> LEVEL1_SHIFT) + bucket1 - own1) << LEVEL1_SHIFT;
      if (this.#reaches(tick, toMs)) this.#moveCursor(tick);
      return;
    }
    const bucket2 = this.#firstUsed(own2, BEYOND);
    if (bucket2 !== NIL) {
      const tick = (bucket2 - LEVEL2) << LEVEL2_SHIFT;
      if (this.#reaches(tick, toMs)) this.#moveCursor(tick);
      return;
    }
    this.#quietUntil = Number.POSITIVE_INFINITY;
  }

  #reaches(tick: number, toMs: number): boolean {
    const startMs = tick * TICK_MS;
    if (startMs <= toMs) return true;
    this.#quietUntil = startMs;
    return false;
  }

  #moveCursor(tick: number): void {
    assert(tick >= this.#cursor, 'the cursor does not go back');
    this.#cursor = tick;
    this.#openEndMs = tick * TICK_MS;
  }

  /** First bucket in [from, to) with rows, NIL when there is none. */
  #firstUsed(from: number, to: number): number {
    const bits = this.#bits;
    const last = (to - 1) >> 5;
    let word = from >> 5;
    let used = (bits[word] as number) & (-1 << (from & 31));
    while (used === 0) {
      if (++word > last) return NIL;
      used = bits[word] as number;
    }
    const bucket = (word << 5) + 31 - Math.clz32(used & -used);
    return bucket < to ? bucket : NIL;
  }

  /** Moves all rows of a bucket of a higher level to where they belong under the present cursor. */
  #deal(bucket: number): void {
    let row = this.#heads[bucket] as number;
    this.#clear(bucket);
    while (row !== NIL) {
      const following = this.#nextRow[row] as number;
      this.#link(row, this.#due[row] as number);
      row = following;
    }
  }

  /** Sorts the rows of a bucket of level 0 into the run and moves the cursor past its tick. */
  #open(bucket: number, tick: number): void {
    let row = this.#heads[bucket] as number;
    this.#clear(bucket);
    let count = 0;
    while (row !== NIL) {
      if (count === this.#run.length) this.#run = grown(this.#run, count + 1);
      this.#run[count++] = row;
      row = this.#nextRow[row] as number;
    }
    const run = this.#run;
    if (count > 1) sortByDue(run, count, this.#due, tick * TICK_MS, TICK_BITS);
    for (let i = 0; i < count; i++) {
      const member = run[i] as number;
      this.#nextRow[member] = IN_RUN;
      this.#prevRow[member] = i;
    }
    this.#runAt = 0;
    this.#runEnd = count;
    this.#moveCursor(tick + 1);
  }

  #clear(bucket: number): void {
    this.#heads[bucket] = NIL;
    (this.#bits[bucket >> 5] as number) &= ~(1 << (bucket & 31));
  }

  #link(row: number, dueMs: number): void {
    const bucket = this.#bucketOf(dueMs);
    const head = this.#heads[bucket] as number;
    this.#heads[bucket] = row;
    this.#nextRow[row] = head;
    this.#prevRow[row] = ~bucket;
    if (head === NIL) (this.#bits[bucket >> 5] as number) |= 1 << (bucket & 31);
    else this.#prevRow[head] = row;
  }

  #bucketOf(dueMs: number): number {
    if (dueMs >= HORIZON_MS) return BEYOND;
    const tick = (dueMs * TICKS_PER_MS) | 0;
    const differing = tick ^ this.#cursor;
    if (differing < LEVEL0_SPAN) return LEVEL0 + (tick & (LEVEL0_SLOTS - 1));
    if (differing < LEVEL1_SPAN) return LEVEL1 + ((tick >>> LEVEL1_SHIFT) & (LEVEL1_SLOTS - 1));
    return LEVEL2 + (tick >>> LEVEL2_SHIFT);
  }

  /** Takes an armed row out of wherever it waits; its due is left for the caller to change. */
  #detach(row: number): void {
    const following = this.#nextRow[row] as number;
    const previous = this.#prevRow[row] as number;
    if (following >= NIL) {
      if (following !== NIL) this.#prevRow[following] = previous;
      if (previous >= 0) this.#nextRow[previous] = following;
      else if (following !== NIL) this.#heads[~previous] = following;
      else this.#clear(~previous);
    } else if (following === IN_RUN) this.#run[previous] = NIL;
    else this.#heapRemove(previous);
  }

  #heapPush(row: number): void {
    if (this.#heapSize === this.#heap.length) this.#heap = grown(this.#heap, this.#heapSize + 1);
    this.#nextRow[row] = IN_HEAP;
    this.#siftUp(this.#heapSize++, row);
  }

  #heapRemove(at: number): void {
    const last = this.#heap[--this.#heapSize] as number;
    if (at === this.#heapSize) return;
    const parent = (at - 1) >> 1;
    if (at > 0 && this.#before(last, this.#heap[parent] as number)) this.#siftUp(at, last);
    else this.#siftDown(at, last);
  }

  #siftUp(from: number, row: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent] as number;
      if (!this.#before(row, above)) break;
      this.#heapSet(at, above);
      at = parent;
    }
    this.#heapSet(at, row);
  }

  #siftDown(from: number, row: number): void {
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#heapSize) break;
      const right = child + 1;
      if (
        right < this.#heapSize &&
        this.#before(this.#heap[right] as number, this.#heap[child] as number)
      ) {
        child = right;
      }
      const below = this.#heap[child] as number;
      if (!this.#before(below, row)) break;
      this.#heapSet(at, below);
      at = child;
    }
    this.#heapSet(at, row);
  }

  #heapSet(at: number, row: number): void {
    this.#heap[at] = row;
    this.#prevRow[row] = at;
  }

  #grow(row: number): void {
    assert(row >= 0, 'a row is a small integer from 0');
    let capacity = this.#capacity;
    while (capacity <= row) capacity *= 2;
    const due = new Float64Array(capacity).fill(Number.POSITIVE_INFINITY, this.#capacity);
    due.set(this.#due);
    this.#due = due;
    this.#nextRow = grown(this.#nextRow, capacity);
    this.#prevRow = grown(this.#prevRow, capacity);
    this.#capacity = capacity;
  }
}

/** A copy at least twice as long, and at least `length`. */
function grown(array: Int32Array, length: number): Int32Array {
  const copy = new Int32Array(Math.max(2 * array.length, length));
  copy.set(array);
  return copy;
}
