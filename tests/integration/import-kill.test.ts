/**
 * The import command killed in the middle (kill -9) and given the same file again: same cards, none lost,
 * none doubled, books balanced.
 */
import { spawn } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Prng } from '../../engine/base/prng.ts';
import { DAY_MS, HOUR_MS } from '../../engine/base/units.ts';
import { seedOf } from '../fixtures/property.ts';
import { report } from '../fixtures/running/children.ts';
import { ROOT, TempDirs } from '../fixtures/running/engine.ts';

const CASES = 2000;
const ROUNDS = 3;
const SEED = seedOf(45);
const FIXED = ['办件编号', '事项编码', '承办部门', '区划', '材料', '受理文书号'];
const TIMES = ['收件时间', '受理时间', '决定时间', '送达时间', '办结时间'];
const UNUSED = [
  ...['不予受理时间', '不予受理理由', '暂停时间', '恢复时间'],
  ...['缴费时间', '缴费金额', '出证时间'],
];
const MATERIALS = 'form;report;plan;equipment';
const dirs = new TempDirs();
const file = join(dirs.make(), 'cases.csv');

interface Imported {
  readonly cases: number;
  readonly applied: number;
  readonly duplicate: number;
  readonly deadLettered: number;
  readonly digest: string;
  readonly cards: unknown;
  readonly open: number;
  readonly overdue: number;
}

/** One row a case over a year; every fifth is late or unfinished. */
function csv(rng: Prng): string {
  const startMs = Date.parse('2025-03-03T01:00:00Z');
  const rows = Array.from({ length: CASES }, (_, i) => {
    const receivedMs = startMs + rng.int(0, 300) * DAY_MS + rng.int(0, 8) * HOUR_MS;
    const at = (days: number): string => {
      return new Date(receivedMs + days * DAY_MS + 8 * HOUR_MS).toISOString().slice(0, 19);
    };
    const late = rng.chance(0.2);
    const decided = rng.int(4, late ? 60 : 15);
    const steps = rng.chance(0.1) ? ['', '', ''] : [decided, decided + 2, decided + 3].map(at);
    const fixed = [`C-${i}`, 'LC00-FG-02', 'LC00-FG', 'LC00', MATERIALS, `受${i}`];
    return [...fixed, at(0), at(1), ...steps, ...UNUSED.map(() => '')].join(',');
  });
  return `${[...FIXED, ...TIMES, ...UNUSED].join(',')}\n${rows.join('\n')}\n`;
}

/** Runs the command; `killAtBytes`: it dies once the first partition's log has grown so far. */
function runImport(dataDir: string, killAtBytes = Number.POSITIVE_INFINITY) {
  const cli = join(ROOT, 'engine/cli/import.ts');
  const argv = ['--disable-warning=ExperimentalWarning', cli, file, '--profile', 'csv-case'];
  const child = spawn(process.execPath, [...argv, '--data', dataDir, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    errors += part;
  });
  const timer = setInterval(() => {
    if (logBytes(dataDir) >= killAtBytes) child.kill('SIGKILL');
  }, 2);
  return new Promise<{ killed: boolean; result: Imported | null }>((resolve, reject) => {
    child.on('close', (code, signal) => {
      clearInterval(timer);
      if (signal === 'SIGKILL') resolve({ killed: true, result: null });
      else if (code !== 0) reject(new Error(`import ended with ${code}: ${errors}`));
      else resolve({ killed: false, result: JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') });
    });
  });
}

function logBytes(dataDir: string): number {
  return ['p0.sqlite', 'p0.sqlite-wal'].reduce((sum, name) => {
    const path = join(dataDir, 'log', name);
    return sum + (existsSync(path) ? statSync(path).size : 0);
  }, 0);
}

let undisturbed: Imported;
let fullBytes = 0;

beforeAll(async () => {
  writeFileSync(file, csv(new Prng(SEED)));
  const dataDir = dirs.make();
  const { result } = await runImport(dataDir);
  undisturbed = result as Imported;
  fullBytes = logBytes(dataDir);
});

afterAll(() => dirs.remove());

test(`killed ${ROUNDS} times and begun again it ends with the same cards (seed ${SEED})`, async () => {
  const rng = new Prng(SEED + 1);
  const dataDir = dirs.make();
  let kills = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const share = 0.25 + 0.2 * round + 0.15 * rng.unit();
    if ((await runImport(dataDir, fullBytes * share)).killed) kills++;
  }
  expect(kills).toBeGreaterThan(1);
  const { result } = await runImport(dataDir);
  const { digest, cards, open, overdue, cases } = undisturbed;
  expect(result).toMatchObject({ digest, cards, open, overdue, cases, deadLettered: 0 });
  expect(result?.duplicate).toBeGreaterThan(0);
  const after = await report({ dataDir, steps: [{ do: 'report' }] });
  expect(after.digest).toBe(digest);
  expect(after.books.applied).toBe(undisturbed.applied);
  expect([after.stored.cards, after.stored.cardIds]).toEqual([after.cards, after.cards]);
  expect(after.stored.events).toBe(after.books.accepted);
  expect(after.stored.eventPositions).toBe(after.books.accepted);
});
