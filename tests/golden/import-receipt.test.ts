/**
 * The import command on public logs: every figure from the engine's own rules, the same cards from
 * XES and CSV and on any number of partitions, all duplicates the second time, and killed in the
 * middle the same in the end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasSharedLog, ROOT, SHARED_DATA } from '../fixtures/import/helpers.ts';
import {
  expectedCards,
  type ReceiptFigures,
  readReceiptCsv,
  receiptFigures,
} from './import-oracle.ts';

interface Summary {
  readonly cases: number;
  readonly events: number;
  readonly records: number;
  readonly applied: number;
  readonly duplicate: number;
  readonly held: number;
  readonly deadLettered: number;
  readonly open: number;
  readonly overdue: number;
  readonly cards: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly digest: string;
}

/** A run takes seconds, more on a machine that is busy with other things. */
const RUN_MS = 240_000;

const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mingcha-import-run-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function start(args: readonly string[]): ChildProcess {
  const argv = [join(ROOT, 'engine', 'cli', 'import.ts'), ...args];
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...argv], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function run(file: string, profile: string, data: string, more: readonly string[] = []) {
  const args = [join(SHARED_DATA, file), '--profile', profile, '--data', data, '--json', ...more];
  const child = start(args);
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect([code, code === 0 ? '' : err]).toEqual([0, '']);
  return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Summary;
}

function sumOf(levels: Readonly<Record<string, number>> | undefined): number {
  return Object.values(levels ?? {}).reduce((sum, cards) => sum + cards, 0);
}

function bytesIn(folder: string): number {
  let bytes = 0;
  try {
    for (const name of readdirSync(folder)) bytes += statSync(join(folder, name)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return bytes;
}

/** Starts an import and kills it (SIGKILL) once the log holds this many bytes; false when it ended. */
async function killed(args: readonly string[], data: string, bytes: number): Promise<boolean> {
  const child = start(args);
  child.stdout?.resume();
  child.stderr?.resume();
  let ended = false;
  const closed = new Promise<void>((resolve) => {
    child.on('close', () => {
      ended = true;
      resolve();
    });
  });
  while (!ended && bytesIn(join(data, 'log')) < bytes) await sleep(5);
  const alive = !ended;
  child.kill('SIGKILL');
  await closed;
  return alive;
}

describe.skipIf(!hasSharedLog('receipt.xes.gz') || !hasSharedLog('receipt.csv.gz'))(
  'receipt',
  () => {
    let figures: ReceiptFigures;
    let xes: Summary;
    const xesData = newFolder();

    beforeAll(async () => {
      figures = receiptFigures(readReceiptCsv(join(SHARED_DATA, 'receipt.csv.gz')));
      xes = await run('receipt.xes.gz', 'receipt', xesData);
    });

    test('everything read is applied', () => {
      const records = figures.events + figures.cases + figures.ends;
      expect(xes).toMatchObject({ cases: figures.cases, events: figures.events, records });
      expect(xes).toMatchObject({ applied: records, duplicate: 0, held: 0, deadLettered: 0 });
      expect(xes).toMatchObject({ open: figures.open, overdue: figures.openPastDeadline });
    });

    test('the engine’s own rules find every figure', () => {
      const found = Object.entries(xes.cards).map(([rule, levels]) => [rule, sumOf(levels)]);
      expect(Object.fromEntries(found)).toEqual(expectedCards(figures));
    });

    test('CSV on one partition gives the same cards as XES on four', {
      timeout: RUN_MS,
    }, async () => {
      const csv = await run('receipt.csv.gz', 'receipt-csv', newFolder(), ['--partitions', '1']);
      expect(csv).toEqual(xes);
    });

    test('the same file again, as XES or CSV, is all duplicates and changes no card', {
      timeout: RUN_MS,
    }, async () => {
      const again = { ...xes, applied: 0, duplicate: xes.records };
      expect(await run('receipt.csv.gz', 'receipt-csv', xesData)).toEqual(again);
    });

    test('killed in the middle and started again, none is lost and none doubled', {
      timeout: RUN_MS,
    }, async () => {
      const data = newFolder();
      const file = join(SHARED_DATA, 'receipt.xes.gz');
      const args = [file, '--profile', 'receipt', '--data', data];
      const inTheMiddle = [];
      for (const bytes of [1.2e6, 3e6]) inTheMiddle.push(await killed(args, data, bytes));
      expect(inTheMiddle).toContain(true);
      const resumed = await run('receipt.xes.gz', 'receipt', data);
      const { applied, duplicate } = resumed;
      expect([applied > 0, duplicate > 0]).toEqual([true, true]);
      expect(applied + duplicate).toBe(xes.records);
      expect(resumed).toEqual({ ...xes, applied, duplicate });
    });
  },
);

describe.skipIf(!hasSharedLog('T_BPIC15_1.xes.gz'))('BPIC15', () => {
  test('reads everything and loses nothing', { timeout: RUN_MS }, async () => {
    const summary = await run('T_BPIC15_1.xes.gz', 'bpic15', newFolder());
    expect(summary).toMatchObject({ cases: 1199, events: 54_818, records: 56_017, open: 1199 });
    expect(summary).toMatchObject({ applied: 56_017, duplicate: 0, held: 0, deadLettered: 0 });
  });
});
