/**
 * What every benchmark is written against. A benchmark is a module `micro/NAME.bench.ts` or
 * `macro/NAME.bench.ts` that exports `run(bench: Bench)`; main.ts finds it by its file name.
 *
 * Owns: sizes, repeated measuring, checksums, the shape of a result.
 * Does not own: what is measured, printing (main.ts).
 *
 * Invariants
 * H1  Every benchmark runs at size `small` in well under a second or two: the test suite runs them all.
 * H2  A result carries a checksum of the answers, so that a faster wrong answer is seen.
 * H3  A ratio compares runs of the same process or the same minute on the same input, never two
 *     figures from different days.
 */
export type BenchSize = 'small' | 'large';

/** What one run answers; `--json` prints it as one line. */
export interface BenchResult {
  readonly name: string;
  readonly size: BenchSize;
  /** What was measured, unit at the end of the name: `events/s`, `bytes/case`, `ns/op`. */
  readonly figures: Readonly<Record<string, number>>;
  /** Ours divided by the peer's, measured in the same run: above 1 is faster than the peer. */
  readonly ratios: Readonly<Record<string, number>>;
  readonly checksum: string;
}

export interface BenchModule {
  run(bench: Bench): BenchResult | Promise<BenchResult>;
}

export interface BenchOptions {
  readonly size: BenchSize;
  /** Event files made elsewhere (`--input`). */
  readonly inputs?: readonly string[];
  /** Overrides of parameters (`--set name=value`). */
  readonly overrides?: Readonly<Record<string, number>>;
  /** Peers: run them, leave them out, or as the benchmark finds right for its size. */
  readonly peers?: boolean;
  /** Leave generated files where they are. */
  readonly keep?: boolean;
  /** Folder to build peers and make input in, and to find them in the next time; implies `keep`. */
  readonly work?: string;
  /** Lines for people while a long run goes on; nothing by default. */
  readonly progress?: (line: string) => void;
}

export interface Measured<T> {
  /** Median wall time of the runs, seconds. */
  readonly seconds: number;
  readonly bestSeconds: number;
  readonly worstSeconds: number;
  /** CPU time of the median run, all threads of this process, seconds. */
  readonly cpuSeconds: number;
  readonly runs: number;
  /** What the last run returned. */
  readonly result: T;
}

export interface MeasureOptions {
  /** Measured runs; the median counts. Default 3 large, 1 small. */
  readonly runs?: number;
  /** Runs before measuring. Default 1 large, 0 small. */
  readonly warmups?: number;
}

export class BenchError extends Error {
  override name = 'BenchError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export class Bench {
  readonly name: string;
  readonly size: BenchSize;
  readonly inputs: readonly string[];
  readonly peers: boolean | undefined;
  readonly keep: boolean;
  readonly work: string | undefined;
  /** Parameters the run used, for the table. */
  readonly parameters = new Map<string, number>();
  readonly #overrides: Readonly<Record<string, number>>;
  readonly #progress: (line: string) => void;

  constructor(name: string, options: BenchOptions) {
    this.name = name;
    this.size = options.size;
    this.inputs = options.inputs ?? [];
    this.peers = options.peers;
    this.keep = options.keep ?? options.work !== undefined;
    this.work = options.work;
    this.#overrides = options.overrides ?? {};
    this.#progress = options.progress ?? (() => {});
  }

  /** The value for this size, unless `--set name=value` says otherwise. */
  parameter(name: string, small: number, large: number): number {
    const value = this.#overrides[name] ?? (this.size === 'small' ? small : large);
    this.parameters.set(name, value);
    return value;
  }

  progress(line: string): void {
    this.#progress(line);
  }

  /** Runs `work` several times and answers its median time; the last run's result comes along. */
  measure<T>(work: () => T, options: MeasureOptions = {}): Measured<T> {
    const { runs, warmups } = this.#plan(options);
    for (let i = 0; i < warmups; i++) work();
    const timings: Timing[] = [];
    let result!: T;
    for (let i = 0; i < runs; i++) {
      const watch = new Stopwatch();
      result = work();
      timings.push(watch.read());
    }
    return { ...summarize(timings), result };
  }

  /** The same for work that waits, one run after the other. */
  async measureAsync<T>(
    work: () => Promise<T>,
    options: MeasureOptions = {},
  ): Promise<Measured<T>> {
    const { runs, warmups } = this.#plan(options);
    for (let i = 0; i < warmups; i++) await work();
    const timings: Timing[] = [];
    let result!: T;
    for (let i = 0; i < runs; i++) {
      const watch = new Stopwatch();
      result = await work();
      timings.push(watch.read());
    }
    return { ...summarize(timings), result };
  }

  result(
    figures: Readonly<Record<string, number>>,
    checksum: string,
    ratios: Readonly<Record<string, number>> = {},
  ): BenchResult {
    return { name: this.name, size: this.size, figures, ratios, checksum };
  }

  #plan(options: MeasureOptions): { runs: number; warmups: number } {
    const large = this.size === 'large';
    const runs = this.#overrides.runs ?? options.runs ?? (large ? 3 : 1);
    if (!(runs >= 1)) throw new BenchError('BENCH_RUNS', `runs must be at least 1, not ${runs}`);
    return { runs, warmups: options.warmups ?? (large ? 1 : 0) };
  }
}

export interface Timing {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Wall and CPU time (all threads of this process) since it was made. */
export class Stopwatch {
  readonly #startMs = performance.now();
  readonly #startCpu = process.cpuUsage();

  read(): Timing {
    const cpu = process.cpuUsage(this.#startCpu);
    return {
      seconds: (performance.now() - this.#startMs) / 1000,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
    };
  }
}

/**
 * Order-free sum of 32-bit hashes modulo 2^40: the same on any number of threads, and what the
 * peer engines print.
 */
export class Checksum {
  #sum = 0;

  add(hash: number): void {
    this.#sum = (this.#sum + (hash >>> 0)) % 2 ** 40;
  }

  /** Joins the sum of another thread. */
  merge(sum: number): void {
    this.#sum = (this.#sum + sum) % 2 ** 40;
  }

  get value(): number {
    return this.#sum;
  }

  toString(): string {
    return String(this.#sum);
  }
}

function summarize(timings: readonly Timing[]) {
  const sorted = [...timings].sort((a, b) => a.seconds - b.seconds);
  const middle = sorted[sorted.length >> 1] as Timing;
  return {
    seconds: middle.seconds,
    cpuSeconds: middle.cpuSeconds,
    bestSeconds: (sorted[0] as Timing).seconds,
    worstSeconds: (sorted.at(-1) as Timing).seconds,
    runs: sorted.length,
  };
}
