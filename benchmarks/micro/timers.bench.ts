/**
 * The timing wheel (时间轮): rows armed at random over 60 days, armed again, fired in order, and a
 * cliff of rows due at one instant; beside it, in the same run and on the same dues, a binary heap in
 * typed arrays, and Node's own setTimeout on fewer timers.
 *
 * The heap fires only the first part of its rows in order (each costs it log n), which must be the
 * same rows as the wheel's. setTimeout gets delays below 24 days, because it fires longer ones at
 * once, and fires all its timers at one instant, to be compared with the cliff. Rates are timers a
 * second; the best round counts.
 */

import { Prng } from '../../engine/base/prng.ts';
import { DAY_MS } from '../../engine/base/units.ts';
import { Wheel } from '../../engine/timers/wheel.ts';
import { type Bench, BenchError, type BenchResult } from '../harness.ts';

const START_MS = Date.UTC(2026, 0, 5);
const SPAN_MS = 60 * DAY_MS;
const TIMEOUT_SPAN_MS = 20 * DAY_MS;

interface Load {
  readonly dues: Float64Array;
  /** Rows to arm again, and for when. */
  readonly movedRows: Int32Array;
  readonly movedDues: Float64Array;
}

/** Best rate of each step over the rounds, and what the last round answered. */
class Rates {
  readonly best = new Map<string, number>();

  time(step: string, count: number, work: () => void): void {
    const start = performance.now();
    work();
    this.add(step, count, performance.now() - start);
  }

  add(step: string, count: number, ms: number): void {
    const rate = (count / ms) * 1000;
    this.best.set(step, Math.max(rate, this.best.get(step) ?? 0));
  }

  of(step: string): number {
    return this.best.get(step) ?? 0;
  }
}

export async function run(bench: Bench): Promise<BenchResult> {
  const timers = bench.parameter('timers', 50_000, 10_000_000);
  const moves = bench.parameter('moves', 25_000, 2_000_000);
  const cliff = bench.parameter('cliff', 50_000, 1_000_000);
  const heapFires = bench.parameter('heapFires', 20_000, 1_000_000);
  const timeouts = bench.parameter('timeouts', 5_000, 200_000);
  const rounds = bench.parameter('rounds', 2, 3);
  const load = randomLoad(timers, moves);
  const rates = new Rates();
  let bytes = 0;
  let order = { first: 0, all: 0 };
  for (let round = 0; round < rounds; round++) {
    bench.progress(`wheel, round ${round + 1} of ${rounds}`);
    const wheel = new Wheel(START_MS);
    order = runWheel(wheel, load, heapFires, rates);
    bytes = wheel.bytes / timers;
    runCliff(cliff, rates);
  }
  if (bench.peers !== false) {
    bench.progress('binary heap');
    const heapOrder = runHeap(load, heapFires, rates);
    if (heapOrder !== order.first) {
      throw new BenchError('BENCH_ORDER', `wheel and heap disagree: ${order.first}, ${heapOrder}`);
    }
    bench.progress('setTimeout');
    await runTimeouts(timeouts, rates);
  }
  return bench.result(figuresOf(rates, bytes, cliff), String(order.all), ratiosOf(rates));
}

function figuresOf(rates: Rates, bytes: number, cliff: number): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const [step, rate] of rates.best) figures[`${step} timers/s`] = rate;
  figures['wheel bytes/timer'] = bytes;
  figures['wheel cliff ms'] = (cliff / rates.of('wheel cliff')) * 1000;
  return figures;
}

function ratiosOf(rates: Rates): Record<string, number> {
  const ratios: Record<string, number> = {};
  for (const peer of ['heap', 'setTimeout']) {
    for (const step of ['schedule', 'reschedule', 'fire']) {
      const theirs = rates.of(`${peer} ${step}`);
      const cliff = peer === 'setTimeout' && step === 'fire';
      const ours = rates.of(cliff ? 'wheel cliff' : `wheel ${step}`);
      if (theirs > 0) ratios[`${peer} ${step}`] = ours / theirs;
    }
  }
  return ratios;
}

function randomLoad(timers: number, moves: number): Load {
  const random = new Prng(20_260_105);
  const due = () => START_MS + Math.floor(random.unit() * SPAN_MS);
  return {
    dues: Float64Array.from({ length: timers }, due),
    movedRows: Int32Array.from({ length: moves }, () => random.int(0, timers - 1)),
    movedDues: Float64Array.from({ length: moves }, due),
  };
}

function runWheel(wheel: Wheel, load: Load, firstFires: number, rates: Rates) {
  const { dues, movedRows, movedDues } = load;
  wheel.arm(dues.length - 1, START_MS); // growing is not what is measured
  rates.time('wheel schedule', dues.length, () => {
    for (let row = 0; row < dues.length; row++) wheel.arm(row, dues[row] as number);
  });
  rates.time('wheel reschedule', movedRows.length, () => {
    for (let i = 0; i < movedRows.length; i++) {
      wheel.arm(movedRows[i] as number, movedDues[i] as number);
    }
  });
  let all = 0;
  let first = 0;
  let fired = 0;
  rates.time('wheel fire', dues.length, () => {
    const end = START_MS + SPAN_MS;
    for (let row = wheel.next(end); row !== -1; row = wheel.next(end)) {
      all = (Math.imul(all, 31) + row) >>> 0;
      if (++fired === firstFires) first = all;
    }
  });
  if (fired !== dues.length) throw new BenchError('BENCH_LOST', `${fired} of ${dues.length} fired`);
  return { first, all };
}

function runCliff(count: number, rates: Rates): void {
  const random = new Prng(7);
  const rows = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.int(0, i);
    const row = rows[i] as number;
    rows[i] = rows[j] as number;
    rows[j] = row;
  }
  const wheel = new Wheel(START_MS);
  const due = START_MS + 10 * DAY_MS;
  for (const row of rows) wheel.arm(row, due);
  rates.time('wheel cliff', count, () => {
    let expected = 0;
    for (let row = wheel.next(due); row !== -1; row = wheel.next(due)) {
      if (row !== expected++) throw new BenchError('BENCH_ORDER', `row ${row} out of order`);
    }
  });
}

/** An indexed binary heap by (due, row), as a careful engineer would write it. */
class DueHeap {
  readonly #due: Float64Array;
  readonly #rows: Int32Array;
  readonly #places: Int32Array;
  #size = 0;

  constructor(capacity: number) {
    this.#due = new Float64Array(capacity).fill(Number.POSITIVE_INFINITY);
    this.#rows = new Int32Array(capacity);
    this.#places = new Int32Array(capacity).fill(-1);
  }

  arm(row: number, due: number): void {
    const before = this.#due[row] as number;
    this.#due[row] = due;
    if (this.#places[row] === -1) this.#up(this.#size++, row);
    else if (due < before) this.#up(this.#places[row] as number, row);
    else this.#down(this.#places[row] as number, row);
  }

  next(): number {
    const row = this.#rows[0] as number;
    this.#places[row] = -1;
    const last = this.#rows[--this.#size] as number;
    if (this.#size > 0) this.#down(0, last);
    return row;
  }

  #before(a: number, b: number): boolean {
    const dueA = this.#due[a] as number;
    const dueB = this.#due[b] as number;
    return dueA < dueB || (dueA === dueB && a < b);
  }

  #up(from: number, row: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#rows[parent] as number;
      if (!this.#before(row, above)) break;
      this.#put(at, above);
      at = parent;
    }
    this.#put(at, row);
  }

  #down(from: number, row: number): void {
    let at = from;
    for (let child = 2 * at + 1; child < this.#size; child = 2 * at + 1) {
      const right = child + 1;
      if (right < this.#size && this.#before(this.#rows[right]!, this.#rows[child]!)) child = right;
      const below = this.#rows[child] as number;
      if (!this.#before(below, row)) break;
      this.#put(at, below);
      at = child;
    }
    this.#put(at, row);
  }

  #put(at: number, row: number): void {
    this.#rows[at] = row;
    this.#places[row] = at;
  }
}

function runHeap(load: Load, fires: number, rates: Rates): number {
  const { dues, movedRows, movedDues } = load;
  const heap = new DueHeap(dues.length);
  rates.time('heap schedule', dues.length, () => {
    for (let row = 0; row < dues.length; row++) heap.arm(row, dues[row] as number);
  });
  rates.time('heap reschedule', movedRows.length, () => {
    for (let i = 0; i < movedRows.length; i++) {
      heap.arm(movedRows[i] as number, movedDues[i] as number);
    }
  });
  let order = 0;
  rates.time('heap fire', fires, () => {
    for (let i = 0; i < fires; i++) order = (Math.imul(order, 31) + heap.next()) >>> 0;
  });
  return order;
}

async function runTimeouts(count: number, rates: Rates): Promise<void> {
  const random = new Prng(3);
  const delays = Float64Array.from({ length: count }, () => 1 + random.unit() * TIMEOUT_SPAN_MS);
  const handles: NodeJS.Timeout[] = [];
  const idle = () => {};
  rates.time('setTimeout schedule', count, () => {
    for (let i = 0; i < count; i++) handles.push(setTimeout(idle, delays[i] as number));
  });
  rates.time('setTimeout reschedule', count, () => {
    for (let i = 0; i < count; i++) {
      clearTimeout(handles[i]);
      handles[i] = setTimeout(idle, delays[count - 1 - i] as number);
    }
  });
  for (const handle of handles) clearTimeout(handle);
  const ms = await new Promise<number>((resolve) => {
    let fired = 0;
    let firstAt = 0;
    const fire = () => {
      if (fired++ === 0) firstAt = performance.now();
      if (fired === count) resolve(performance.now() - firstAt);
    };
    for (let i = 0; i < count; i++) setTimeout(fire, 1);
  });
  rates.add('setTimeout fire', count, ms);
}
