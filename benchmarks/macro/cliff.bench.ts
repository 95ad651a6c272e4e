/**
 * `cliff`: very many clocks due in one instant while events keep coming, in the whole embedded engine:
 * log, partitions, ClickHouse.
 *
 * All cases are received on one day under one limit, so all are late at the same midnight. Then events
 * of other cases are sent at a fixed rate, each batch after its own time whether the one before was
 * answered or not; in the middle of them that midnight passes. Measured: how long batches wait for
 * their answer (durable and applied) before, and the longest wait of those that carry time over the
 * cliff, after which the last of its cards is decided; then until every card is stored. Checked: one
 * card a case, and every event applied.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUR_MS } from '../../engine/base/units.ts';
import { EmbeddedEngine } from '../../engine/engine.ts';
import type { PackSource } from '../../engine/rules/source.ts';
import { type Bench, BenchError, type BenchResult } from '../harness.ts';
import { JOB_PACK } from './job-pack.ts';

const DAY = Date.UTC(2026, 1, 2, 8);
/** Midnight after five workdays, where the job's zone is. */
const CLIFF_MS = Date.UTC(2026, 1, 9, 23);
const FILL_ROWS = 20_000;
const BATCH_MS = 20;
const STANDING_STILL = { baseMs: 0, realBaseMs: 0, speed: 0 };

const label = { zh: 'cliff', en: 'cliff' };
const PACK: PackSource = {
  ...JOB_PACK,
  id: 'cliff',
  clocks: [
    {
      ...{ id: 'five', version: 1, name: label, basis: 'benchmark', category: 'deadline' },
      ...{ effect: 'promised', mode: 'legal', limit: { count: 5, unit: 'workday' } },
      start: [{ event: 'received' }],
      stop: [{ event: 'decided' }],
      rungs: [{ level: 'yellow', at: { due: true }, title: label }],
    },
  ],
  sequences: [],
};

/** NDJSON of `count` receipts from case `first` on, all at `atMs`. */
function receipts(first: number, count: number, atMs: number): Uint8Array {
  const at = new Date(atMs).toISOString();
  let text = '';
  for (let c = first; c < first + count; c++) {
    const key = `CLIFF-${String(c).padStart(9, '0')}`;
    const organ = `"organ":"PINB-${1000 + (c % 380)}"`;
    text += `{"seq":${c},"caseKey":"${key}","itemCode":"RE-${c % 900}",${organ},"type":"received","at":"${at}"}\n`;
  }
  return new TextEncoder().encode(text);
}

interface Wait {
  readonly atMs: number;
  readonly ms: number;
}

/** Sends batches at their times, across the cliff in the middle; how long each waited. */
async function drive(
  engine: EmbeddedEngine,
  first: number,
  rate: number,
  seconds: number,
): Promise<{ waits: Wait[]; events: number; cliffAt: number }> {
  const rows = Math.max(1, Math.round((rate * BATCH_MS) / 1000));
  const batches = Math.round((seconds * 1000) / BATCH_MS);
  const middle = batches >> 1;
  const pieces = Array.from({ length: batches }, (_, k) =>
    receipts(first + k * rows, rows, CLIFF_MS + (k - middle) * BATCH_MS),
  );
  const waits: Wait[] = [];
  const underWay: Promise<void>[] = [];
  const started = performance.now();
  let cliffAt = 0;
  for (const [k, piece] of pieces.entries()) {
    const due = started + k * BATCH_MS;
    const ahead = due - performance.now();
    if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
    if (k === middle) cliffAt = due;
    // The wait counts from when the batch should have been sent: a stall hides nothing.
    const sent = engine.desk.bulk(piece, 'arrival').then(() => {
      waits.push({ atMs: due, ms: performance.now() - due });
    });
    underWay.push(sent);
  }
  await Promise.all(underWay);
  return { waits, events: rows * batches, cliffAt };
}

function percentile(waits: readonly Wait[], part: number): number {
  const sorted = waits.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

async function measure(bench: Bench, engine: EmbeddedEngine): Promise<BenchResult> {
  const cases = bench.parameter('cases', 2_000, 1_000_000);
  const rate = bench.parameter('rate', 5_000, 50_000);
  const seconds = bench.parameter('seconds', 1, 10);
  await engine.start();
  for (let c = 0; c < cases; c += FILL_ROWS) {
    const count = Math.min(FILL_ROWS, cases - c);
    await engine.desk.bulk(receipts(c, count, DAY + (c % HOUR_MS)), 'arrival');
  }
  await engine.effects.drain();
  bench.progress(`${cases} clocks wait for ${new Date(CLIFF_MS).toISOString()}`);
  const { waits, events, cliffAt } = await drive(engine, cases, rate, seconds);
  await engine.effects.drain();
  const storedMs = performance.now() - cliffAt;
  const before = waits.filter(({ atMs }) => atMs < cliffAt);
  const after = waits.filter(({ atMs }) => atMs >= cliffAt);
  const crossing = after.reduce((most, { ms }) => Math.max(most, ms), 0);
  const slow = after.filter(({ ms }) => ms > 2 * percentile(before, 0.99));
  const settledMs = slow.reduce((last, { atMs, ms }) => Math.max(last, atMs + ms - cliffAt), 0);
  const { digest, cards } = await engine.digest();
  const { rows, balanced } = await engine.balance();
  const applied = rows.reduce((sum, row) => sum + row.applied, 0);
  if (cards !== cases || !balanced || applied !== cases + events) {
    throw new BenchError('CLIFF_WRONG', `${cards} cards of ${cases}, ${applied} events applied`);
  }
  const figures = {
    'clocks due at once': cases,
    'events/s beside': rate,
    'ms until the last card is decided and the batch answered': crossing,
    'ms until all is stored': storedMs,
    'answer p99 from the cliff on, ms': percentile(after, 0.99),
    'answer p99 before, ms': percentile(before, 0.99),
    'ms until batches wait less than twice that p99 again': settledMs,
  };
  return bench.result(figures, digest);
}

export async function run(bench: Bench): Promise<BenchResult> {
  const dataDir = mkdtempSync(join(tmpdir(), 'mingcha-cliff-'));
  const engine = new EmbeddedEngine({
    dataDir,
    pack: PACK,
    clock: STANDING_STILL,
    pseudonymKey: new Uint8Array(32),
    log: (message) => process.stderr.write(`  ${message}\n`),
  });
  try {
    return await measure(bench, engine);
  } finally {
    await engine.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
