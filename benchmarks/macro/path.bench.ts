/**
 * `path`: the whole embedded way of a record in one process: append to the log (synced to disk),
 * decode, rules, and event rows and cards stored in ClickHouse with its own syncs on.
 *
 * The clock runs from the first append until every row of every partition is durable in both places.
 * Not measured: HTTP, the door's checks of form and rights, screens. The same events through the
 * door are reported beside it.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedEngine } from '../../engine/engine.ts';
import { type Bench, BenchError, type BenchResult, Stopwatch } from '../harness.ts';
import { writeJobEvents } from './job-events.ts';
import { JOB_EXPECTED } from './job-expected.ts';
import { JOB_PACK } from './job-pack.ts';

const END_MS = Date.UTC(2035, 0, 1);
const PIECE_BYTES = 2 << 20;
const IN_FLIGHT = 3;
const NEWLINE = 10;
const STANDING_STILL = { baseMs: 0, realBaseMs: 0, speed: 0 };

interface PathRun {
  readonly events: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly cards: number;
  readonly digest: string;
}

/** Whole lines of a file, some megabytes at a time, each piece a buffer of its own. */
function* pieces(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r');
  let carried = new Uint8Array(0);
  try {
    for (;;) {
      const buffer = new Uint8Array(carried.length + PIECE_BYTES);
      buffer.set(carried);
      const filled = carried.length + readSync(file, buffer, carried.length, PIECE_BYTES, null);
      if (filled === 0) return;
      const end = buffer.lastIndexOf(NEWLINE, filled - 1) + 1;
      if (end === 0) throw new BenchError('BENCH_INPUT', `${path} ends in mid-line`);
      yield buffer.subarray(0, end);
      carried = buffer.slice(end, filled);
    }
  } finally {
    closeSync(file);
  }
}

type Send = (engine: EmbeddedEngine, piece: Uint8Array) => Promise<number>;

const append: Send = (engine, piece) => engine.desk.bulk(piece, 'arrival');

const submit: Send = async (engine, piece) => {
  const source = { id: 'bench', organs: null, stamps: 'history' } as const;
  const results = await engine.submit(piece, source);
  const refused = results.find(({ outcome }) => outcome !== 'accepted');
  if (refused !== undefined) {
    throw new BenchError('BENCH_INPUT', `row ${refused.row}: ${refused.error?.messageEn}`);
  }
  return results.length;
};

/** Feeds a file with some pieces on their way at once; they are appended in the order they are sent. */
async function feed(engine: EmbeddedEngine, file: string, send: Send): Promise<number> {
  let events = 0;
  const underWay: Promise<number>[] = [];
  for (const piece of pieces(file)) {
    underWay.push(send(engine, piece));
    if (underWay.length >= IN_FLIGHT) events += (await underWay.shift()) as number;
  }
  for (const one of underWay) events += await one;
  return events;
}

async function runOnce(file: string, send: Send): Promise<PathRun> {
  const dataDir = mkdtempSync(join(tmpdir(), 'mingcha-path-'));
  const engine = new EmbeddedEngine({
    dataDir,
    pack: JOB_PACK,
    clock: STANDING_STILL,
    pseudonymKey: new Uint8Array(32),
    log: (message) => process.stderr.write(`  ${message}\n`),
  });
  try {
    await engine.start();
    const watch = new Stopwatch();
    const events = await feed(engine, file, send);
    await engine.endLog(END_MS);
    await engine.effects.drain();
    const { seconds, cpuSeconds } = watch.read();
    await requireDurable(engine, events);
    const { digest, cards } = await engine.digest();
    return { events, seconds, cpuSeconds, cards, digest };
  } finally {
    await engine.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** What was measured must be there: all applied, and the sink at the end of every log. */
async function requireDurable(engine: EmbeddedEngine, events: number): Promise<void> {
  const { rows, balanced } = await engine.balance();
  const applied = rows.reduce((sum, row) => sum + row.applied, 0);
  const behind = engine.health().partitions.filter((one) => one.sinkPosition !== one.end - 1);
  if (balanced && applied === events && behind.length === 0) return;
  throw new BenchError(
    'PATH_LOST',
    `${applied} of ${events} events applied, balanced: ${balanced}, partitions behind: ${behind.length}`,
  );
}

/** The run in the middle by its own clock, which leaves out starting and stopping the engine. */
async function median(runs: number, once: () => Promise<PathRun>): Promise<PathRun> {
  const all: PathRun[] = [];
  for (let i = 0; i < runs; i++) all.push(await once());
  all.sort((a, b) => a.seconds - b.seconds);
  return all[runs >> 1] as PathRun;
}

export async function run(bench: Bench): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'mingcha-path-input-'));
  try {
    const cases = bench.parameter('cases', 2_000, 100_000);
    const { whole } = writeJobEvents(folder, cases);
    const runs = bench.parameter('runs', 1, 3);
    const appended = await median(runs, () => runOnce(whole, append));
    const submitted = await median(runs, () => runOnce(whole, submit));
    const { events, cards, digest } = appended;
    const expected = JOB_EXPECTED[cases];
    if (expected !== undefined && expected.cards !== cards) {
      throw new BenchError('PATH_WRONG', `${cards} cards instead of ${expected.cards}`);
    }
    if (submitted.digest !== digest) {
      throw new BenchError('PATH_WRONG', 'through the door and by append give different cards');
    }
    const figures = {
      events,
      cards,
      'events/s, append to stored': events / appended.seconds,
      'events/s, door to stored': events / submitted.seconds,
      'CPU s/M events, append to stored': appended.cpuSeconds / (events / 1e6),
    };
    return bench.result(figures, digest);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
