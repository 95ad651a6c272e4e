/**
 * The processes of a simulation: workers over seeds, and one for each mutant. A process each, because a
 * mutant is a whole program, and because one world lives in one process.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { clearFolders } from './folder.ts';
import { type Mutant, type NamedTest, SEEDS_MAX } from './mutants.ts';
import type { Said, Work } from './worker.ts';

const ROOT = join(import.meta.dirname, '../..');
const HOOKS = join(import.meta.dirname, 'hooks.ts');
const WORKER = join(import.meta.dirname, 'worker.ts');
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');

/** A seed takes a tenth of a second. A world that says nothing for so long goes round in a circle. */
const SILENT_MS = 60_000;

/** The worker said nothing for SILENT_MS and was ended. */
export class Silent extends Error {}

/** Runs a worker to its end; each seed is told as it is done. */
export function runWorker(work: Work, mutant: string, onSaid: (said: Said) => void): Promise<void> {
  const args = ['--no-warnings', '--import', HOOKS, WORKER, JSON.stringify(work)];
  const env = { ...process.env, MINGCHA_DOORS: 'simulated', MINGCHA_MUTANT: mutant };
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    errors += part;
  });
  let silent = false;
  const end = (): void => {
    silent = true;
    child.kill('SIGKILL');
  };
  // Cutting a failure down runs its seed very often: only a run that does not is expected to speak.
  let watch = work.shrink ? undefined : setTimeout(end, SILENT_MS);
  createInterface({ input: child.stdout }).on('line', (line) => {
    onSaid(JSON.parse(line) as Said);
    if (watch !== undefined) {
      clearTimeout(watch);
      watch = setTimeout(end, SILENT_MS);
    }
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(watch);
      if (child.pid !== undefined) clearFolders(child.pid);
      if (code === 0) resolve();
      else if (silent) reject(new Silent(`no word for ${SILENT_MS / 1000} s`));
      else reject(new Error(`a worker ended with ${code ?? signal}\n${errors}`));
    });
  });
}

export interface Verdict {
  readonly mutant: Mutant;
  readonly killed: boolean;
  /** What killed it: a seed and what was seen, or a test. */
  readonly by: string;
}

export function tryMutant(mutant: Mutant): Promise<Verdict> {
  return mutant.killedBy === 'simulation' ? trySeeds(mutant) : tryTest(mutant, mutant.killedBy);
}

async function trySeeds(mutant: Mutant): Promise<Verdict> {
  let killed = false;
  let by = `alive after ${SEEDS_MAX} seeds`;
  const work = { from: 1, step: 1, to: SEEDS_MAX, repeatEvery: 0, withinMs: null };
  const rest = { shrink: false, stopAtFirst: true };
  await runWorker({ ...work, ...rest }, mutant.id, ({ seed, problem }) => {
    if (problem === '') return;
    killed = true;
    by = `seed ${seed}: ${problem.split('\n')[0]}`;
  }).catch((error: unknown) => {
    if (error instanceof Silent) {
      killed = true;
      by = `stood still: ${error.message}`;
      return;
    }
    throw new Error(`mutant ${mutant.id}: ${error instanceof Error ? error.message : error}`);
  });
  return { mutant, killed, by };
}

/** The named test must fail with the mutant; that it passes without is what `npm test` says. */
async function tryTest(mutant: Mutant, { file, title }: NamedTest): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'mingcha-mutant-'));
  const report = join(folder, 'report.json');
  const only = title === '' ? [] : ['-t', title];
  const args = [VITEST, 'run', '--reporter=json', `--outputFile.json=${report}`, file, ...only];
  const env = {
    ...process.env,
    MINGCHA_MUTANT: mutant.id,
    NODE_OPTIONS: `--no-warnings --import ${HOOKS}`,
  };
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: 'ignore' });
  await new Promise((resolve) => child.on('close', resolve));
  const { numFailedTests } = JSON.parse(readFileSync(report, 'utf8')) as { numFailedTests: number };
  rmSync(folder, { recursive: true });
  const killed = numFailedTests > 0;
  return { mutant, killed, by: `${file} ${title}`.trim() };
}

/** Work done by so many hands at once, results in the order of the work. */
export async function inParallel<T, R>(
  list: readonly T[],
  hands: number,
  work: (one: T) => Promise<R>,
): Promise<R[]> {
  const out: R[] = [];
  let next = 0;
  const hand = async (): Promise<void> => {
    while (next < list.length) {
      const at = next++;
      out[at] = await work(list[at] as T);
    }
  };
  await Promise.all(Array.from({ length: hands }, hand));
  return out;
}
