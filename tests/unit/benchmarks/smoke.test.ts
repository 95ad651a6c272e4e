/**
 * Every benchmark runs small: one that only runs before a release is broken by then. Each runs in a
 * process of its own, through the command people use.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { JOB_EXPECTED } from '../../../benchmarks/macro/job-expected.ts';
import { benchmarkFiles } from '../../../benchmarks/registry.ts';

const MAIN = join(import.meta.dirname, '../../../benchmarks/main.ts');

function bench(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', timeout: 60_000 });
}

test.for([...benchmarkFiles().keys()])('benchmark %s answers one line of figures', (name) => {
  const { status, stdout, stderr } = bench(name, '--size', 'small', '--json');
  expect(stderr).not.toMatch(/error/i);
  expect(status).toBe(0);
  const result = JSON.parse(stdout.trimEnd().split('\n').at(-1) as string);
  expect(result).toMatchObject({ name, size: 'small', checksum: expect.stringMatching(/\w/) });
  const figures = Object.entries(result.figures as Record<string, number>);
  expect(figures.length).toBeGreaterThan(0);
  for (const [figure, value] of figures) expect(value, figure).toSatisfy(Number.isFinite);
});

test('the job gives the cards of every other engine', () => {
  const { status, stdout } = bench('job', '--json', '--no-peers', '--set', 'cases=20000');
  expect(status).toBe(0);
  const result = JSON.parse(stdout.trimEnd().split('\n').at(-1) as string);
  expect(result.figures.cards).toBe(JOB_EXPECTED[20_000]?.cards);
  expect(result.checksum).toBe(JOB_EXPECTED[20_000]?.checksum);
});

test.for([
  [['gone'], 'BENCH_USAGE: no benchmark "gone"'],
  [[], 'BENCH_USAGE: which benchmark?'],
  [['job', '--size', 'huge'], 'BENCH_USAGE: --size is small or large'],
  [['job', '--set', 'cases'], 'BENCH_USAGE: --set wants name=number'],
  [['job', '--wrong'], 'BENCH_USAGE: '],
  [['job', 'file.jsonl'], 'BENCH_USAGE: unexpected "file.jsonl"'],
] as const)('bad usage %j is named and exits with 2', ([args, message]) => {
  const { status, stdout, stderr } = bench(...args);
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
});

test('bad input is named and exits with 1', () => {
  const { status, stderr } = bench('job', '--input', join(import.meta.dirname, 'gone.jsonl'));
  expect(status).toBe(1);
  expect(stderr).toContain('BENCH_INPUT');
});
