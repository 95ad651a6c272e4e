/**
 * `job`: the supervision job from bytes to cards, one partition a core, beside Flink and plain Java.
 *
 * Measured: reading the file, decoding, rules with history, timers, and the sum over all cards.
 * Not measured: starting threads, compiling the pack, making the input.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Bench, BenchError, type BenchResult, Checksum, Stopwatch } from '../harness.ts';
import { JobPeers, type PeerRun, peersMissing } from '../peers/job/runner.ts';
import type { JobOutcome } from './job-engine.ts';
import { writeJobEvents } from './job-events.ts';
import { JOB_EXPECTED } from './job-expected.ts';

interface JobRun {
  readonly outcome: JobOutcome;
  readonly eventsPerSecond: number;
  readonly cpuSecondsPerMillion: number;
}

interface JobInput {
  readonly whole: readonly string[];
  readonly parts: readonly string[];
  readonly cases: number | null;
  readonly peers: JobPeers | null;
  readonly close: () => void;
}

async function startWorker(): Promise<Worker> {
  const worker = new Worker(new URL('./job-worker.ts', import.meta.url));
  await new Promise<void>((settle, fail) => {
    worker.once('message', () => settle());
    worker.once('error', fail);
  });
  return worker;
}

function outcomeOf(worker: Worker, file: string): Promise<JobOutcome> {
  return new Promise((settle, fail) => {
    worker.once('message', (outcome: JobOutcome) => settle(outcome));
    worker.once('error', fail);
    worker.postMessage(file);
  });
}

function join2(outcomes: readonly JobOutcome[]): JobOutcome {
  const sum = new Checksum();
  for (const outcome of outcomes) sum.merge(outcome.checksum);
  const total = (pick: (outcome: JobOutcome) => number) =>
    outcomes.reduce((all, outcome) => all + pick(outcome), 0);
  return {
    events: total((o) => o.events),
    cards: total((o) => o.cards),
    levels: [0, 1, 2, 3].map((level) => total((o) => o.levels[level] as number)),
    checksum: sum.value,
  };
}

/** All files at once, each in a fresh thread. */
async function runFiles(files: readonly string[]): Promise<JobRun> {
  const workers = await Promise.all(files.map(() => startWorker()));
  try {
    const watch = new Stopwatch();
    const outcomes = await Promise.all(
      workers.map((worker, index) => outcomeOf(worker, files[index] as string)),
    );
    const { seconds, cpuSeconds } = watch.read();
    const outcome = join2(outcomes);
    return {
      outcome,
      eventsPerSecond: outcome.events / seconds,
      cpuSecondsPerMillion: cpuSeconds / (outcome.events / 1e6),
    };
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Median run by speed; all runs must agree. */
async function repeat(bench: Bench, what: string, files: readonly string[]): Promise<JobRun> {
  const runs: JobRun[] = [];
  const count = bench.parameter('runs', 1, 3);
  for (let i = 0; i < count; i++) {
    const run = await runFiles(files);
    bench.progress(`${what}: ${Math.round(run.eventsPerSecond).toLocaleString('en-US')} events/s`);
    runs.push(run);
  }
  const sums = new Set(runs.map((run) => run.outcome.checksum));
  if (sums.size !== 1) throw new BenchError('JOB_UNSTABLE', `runs differ: ${[...sums].join(', ')}`);
  runs.sort((a, b) => a.eventsPerSecond - b.eventsPerSecond);
  return runs[runs.length >> 1] as JobRun;
}

function prepare(bench: Bench): JobInput {
  if (bench.inputs.length > 0) {
    for (const file of bench.inputs) {
      if (!existsSync(file)) throw new BenchError('BENCH_INPUT', `no file ${file}`);
    }
    const several = bench.inputs.length > 1;
    return {
      whole: several ? [] : bench.inputs,
      parts: several ? bench.inputs : [],
      cases: null,
      peers: null,
      close: () => {},
    };
  }
  const cases = bench.parameter('cases', 2_000, 836_120);
  const wanted = bench.peers ?? bench.size === 'large';
  const missing = wanted ? peersMissing() : 'not asked for';
  if (bench.peers === true && missing !== null) throw new BenchError('PEER_MISSING', missing);
  if (wanted && missing === null) {
    const peers = new JobPeers(
      bench.work === undefined ? { keep: bench.keep } : { keep: true, existing: bench.work },
    );
    bench.progress(`building the peers and ${cases} cases in ${peers.folder}`);
    peers.build();
    const parts = peers.generate(cases);
    return { whole: [peers.whole], parts, cases, peers, close: () => peers.close() };
  }
  if (wanted) bench.progress(`without peers: ${missing}`);
  const folder = mkdtempSync(join(tmpdir(), 'mingcha-job-'));
  bench.progress(`writing the events of ${cases} cases to ${folder}`);
  const { whole, parts } = writeJobEvents(folder, cases);
  const close = () => {
    if (!bench.keep) rmSync(folder, { recursive: true, force: true });
  };
  return { whole: [whole], parts, cases, peers: null, close };
}

function check(what: string, cards: number, checksum: string, cases: number | null): void {
  const expected = cases === null ? undefined : JOB_EXPECTED[cases];
  if (expected === undefined) return;
  if (cards === expected.cards && checksum === expected.checksum) return;
  throw new BenchError(
    'JOB_WRONG',
    `${what}: ${cards} cards, checksum ${checksum}; every other engine has ${expected.cards} cards, ` +
      `checksum ${expected.checksum}`,
  );
}

function peerRuns(bench: Bench, input: JobInput): Record<string, PeerRun> {
  if (input.peers === null) return {};
  const runs: Record<string, PeerRun> = {};
  bench.progress('Flink, state on heap, two slots');
  runs['flink heap, 2 slots'] = input.peers.flink();
  bench.progress('plain Java, one thread');
  runs['plain java, 1 thread'] = input.peers.plainJava();
  for (const [name, run] of Object.entries(runs)) check(name, run.cards, run.checksum, input.cases);
  return runs;
}

export async function run(bench: Bench): Promise<BenchResult> {
  const input = prepare(bench);
  try {
    const peers = peerRuns(bench, input);
    const one = input.whole.length > 0 ? await repeat(bench, 'one partition', input.whole) : null;
    const two = input.parts.length > 0 ? await repeat(bench, 'partitions', input.parts) : null;
    const best = (two ?? one) as JobRun;
    const sum = String(best.outcome.checksum);
    for (const ours of [one, two]) {
      if (ours === null) continue;
      check('job', ours.outcome.cards, String(ours.outcome.checksum), input.cases);
      if (String(ours.outcome.checksum) !== sum) {
        throw new BenchError('JOB_UNSTABLE', 'one partition and several give different cards');
      }
    }
    return bench.result(figures(one, two, input.parts.length, peers), sum, ratios(one, two, peers));
  } finally {
    input.close();
  }
}

function figures(
  one: JobRun | null,
  two: JobRun | null,
  parts: number,
  peers: Readonly<Record<string, PeerRun>>,
): Record<string, number> {
  const { outcome } = (two ?? one) as JobRun;
  const [warning, deadline, red, procedure] = outcome.levels as [number, number, number, number];
  const all: Record<string, number> = { events: outcome.events, cards: outcome.cards };
  Object.assign(all, { warning, deadline, red, procedure });
  if (one !== null) {
    all['events/s, 1 partition'] = one.eventsPerSecond;
    all['CPU s/M events, 1 partition'] = one.cpuSecondsPerMillion;
  }
  if (two !== null) {
    all[`events/s, ${parts} partitions`] = two.eventsPerSecond;
    all[`CPU s/M events, ${parts} partitions`] = two.cpuSecondsPerMillion;
  }
  for (const [name, peer] of Object.entries(peers)) {
    all[`events/s, ${name}`] = peer.eventsPerSecond;
    all[`CPU s/M events, ${name}`] = peer.cpuSecondsPerMillion;
  }
  return all;
}

function ratios(
  one: JobRun | null,
  two: JobRun | null,
  peers: Readonly<Record<string, PeerRun>>,
): Record<string, number> {
  const all: Record<string, number> = {};
  for (const [name, peer] of Object.entries(peers)) {
    const ours = name.includes('2 slots') ? two : one;
    if (ours !== null) all[name] = ours.eventsPerSecond / peer.eventsPerSecond;
  }
  return all;
}
