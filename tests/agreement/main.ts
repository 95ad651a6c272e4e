/**
 * `npm run agree -- [--cases N] [--seed S] [--threads T] [--json]`: random case histories by the kernel
 * and by the checker, on every core. Prints how many agreed; exit 1 on the first disagreements, each
 * with the block whose seed repeats it.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { BlockReport, BlockRequest } from './worker.ts';

const USAGE = '用法 / usage: npm run agree -- [--cases N] [--seed S] [--threads T] [--json]';
const CASES = 20_000;
const SEED = 20_091_208;
const SHOWN_MOST = 20;
const REPORT_MS = process.stderr.isTTY ? 500 : 30_000;

function whole(text: string, name: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  process.stderr.write(`--${name} 应为正整数 (a positive whole number): ${text}\n${USAGE}\n`);
  process.exit(2);
}

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: String(CASES) },
    seed: { type: 'string', default: String(SEED) },
    threads: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'boolean', default: false },
  },
});
const wanted = whole(values.cases, 'cases');
const seed = whole(values.seed, 'seed');
const threads = whole(values.threads, 'threads');

const total = { cases: 0, cards: 0, clocks: 0, billDays: 0, disagreements: 0 };
const started = performance.now();
let next = 0;
let shownMs = started;

/** A seed of its own for each block, so that a block can be run again alone. */
function requestOf(block: number): BlockRequest {
  return { block, seed: (seed + Math.imul(block, 0x9e3779b1)) >>> 1 };
}

function show(): void {
  const seconds = (performance.now() - started) / 1000;
  const bar = '█'.repeat(Math.min(20, Math.floor((total.cases / wanted) * 20))).padEnd(20, '░');
  const rate = Math.round(total.cases / seconds);
  const end = process.stderr.isTTY ? '\r' : '\n';
  process.stderr.write(`${bar} ${total.cases} 件 cases, ${rate}/s, ${Math.round(seconds)} s${end}`);
}

function take(report: BlockReport): void {
  total.cases += report.cases;
  total.cards += report.cards;
  total.clocks += report.clocks;
  total.billDays += report.billDays;
  for (const { world, found } of report.disagreements) {
    if (total.disagreements++ >= SHOWN_MOST) continue;
    const where = `block ${report.block} seed ${requestOf(report.block).seed} world ${world}`;
    process.stdout.write(
      `✗ ${where} ${found.caseKey} ${found.subject} ${found.name}\n` +
        `    引擎 engine   ${found.engine}\n    核验 checker  ${found.checker}\n`,
    );
  }
  if (performance.now() - shownMs < REPORT_MS) return;
  shownMs = performance.now();
  show();
}

async function lane(): Promise<void> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url));
  await new Promise<void>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (message: BlockReport | { ready: unknown }) => {
      if (!('ready' in message)) take(message);
      if (total.cases >= wanted || total.disagreements > SHOWN_MOST) resolve();
      else worker.postMessage(requestOf(next++));
    });
  });
  await worker.terminate();
}

await Promise.all(Array.from({ length: threads }, lane));
show();
const seconds = Math.round((performance.now() - started) / 1000);
process.stdout.write(
  `核对 agreed on ${total.cases} 件 cases, ${total.cards} 张牌 cards, ${total.clocks} 个时钟 clocks, ` +
    `${total.billDays} 个账单日 bill days in ${seconds} s (seed ${seed})\n` +
    `分歧 disagreements  ${total.disagreements}\n`,
);
if (values.json) process.stdout.write(`${JSON.stringify({ ...total, seed, seconds })}\n`);
process.exit(total.disagreements === 0 ? 0 : 1);
