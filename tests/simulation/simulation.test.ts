/**
 * The short run of the simulation: some seeds, some of them twice, and a mutant for every law; CI plants all
 * of them. More: `npm run simulate`, `npm run soak`.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { MUTANTS } from './mutants.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const SEEDS = 120;
/** One that breaks each law, and the oldest questions: who owns a partition, what is on the disk. */
const PLANTED = [
  'batch-shows',
  'event-before-timers',
  'checkpoint-before-sink',
  'body-without-bound',
  'held-not-counted',
  'rooms-hear-everything',
  'actor-lost',
  'fence-missing',
  'commit-not-synced',
];

vi.setConfig({ testTimeout: 900_000 });

interface Summary {
  readonly seeds: number;
  readonly steps: number;
  readonly crashes: number;
  readonly failures: number;
  readonly mutants: number;
  readonly killed: number;
}

function simulate(
  ...args: string[]
): Promise<{ code: number | null; text: string; last: Summary }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      const line = text.trimEnd().split('\n').at(-1) ?? '';
      try {
        resolve({ code, text, last: JSON.parse(line) as Summary });
      } catch {
        reject(new Error(`the simulation did not end as it should:\n${text}`));
      }
    });
  });
}

test(`${SEEDS} seeds keep every promise, and equal seeds run alike`, async () => {
  const { code, text, last } = await simulate('--seeds', String(SEEDS));
  expect(last.failures, text).toBe(0);
  expect(code, text).toBe(0);
  expect(last.seeds).toBe(SEEDS);
  // A world in which nothing happens proves nothing.
  expect(last.steps).toBeGreaterThan(SEEDS * 15);
  expect(last.crashes).toBeGreaterThan(SEEDS);
});

test('planted bugs are found', async () => {
  const ids = process.env.CI === undefined ? PLANTED : MUTANTS.map(({ id }) => id);
  const { code, text, last } = await simulate(...ids.flatMap((id) => ['--mutant', id]));
  expect(last, text).toMatchObject({ mutants: ids.length, killed: ids.length });
  expect(code).toBe(0);
});

test('a promise that is broken prints its seed, the steps it needs, and how to repeat it', async () => {
  const { code, text, last } = await simulate('--seed', '1', '--planted', 'held-not-counted');
  expect(code).toBe(1);
  expect(last).toMatchObject({ seeds: 1, failures: 1 });
  expect(text).toContain('the books do not balance');
  expect(text).toMatch(/cut down to \d+ steps/);
  expect(text).toContain('npm run simulate -- --seed 1 --planted held-not-counted');
});
