/**
 * A process that runs seeds, one after the other, and says one line of JSON about each. Started with
 * hooks.ts before it, which puts the simulated doors in place.
 */
import { rmSync } from 'node:fs';
import { makeFolder } from './folder.ts';
import { runScenario, runSeed, shrink } from './run.ts';
import { scenarioOf } from './scenario.ts';

/** What a worker is asked, as JSON in its first argument. */
export interface Work {
  readonly from: number;
  readonly step: number;
  readonly to: number;
  /** Every n-th seed runs twice, 0 for none. */
  readonly repeatEvery: number;
  /** Cut down the first failure before saying it, and stop there. */
  readonly shrink: boolean;
  readonly stopAtFirst: boolean;
  /** Begins no seed after this many milliseconds. */
  readonly withinMs: number | null;
}

export interface Said {
  readonly seed: number;
  readonly steps: number;
  readonly crashes: number;
  readonly problem: string;
  /** Steps of the case cut down, and what is wrong with it. */
  readonly shrunk?: { readonly steps: readonly unknown[]; readonly problem: string };
}

async function one(seed: number, work: Work, tmp: string): Promise<Said> {
  const { steps, crashes, problem, hash } = await runSeed(seed, tmp);
  const said = { seed, steps, crashes };
  if (problem === '' && work.repeatEvery > 0 && seed % work.repeatEvery === 0) {
    const again = await runSeed(seed, tmp);
    const other = again.hash === hash ? '' : 'the same seed runs in two ways';
    return { ...said, problem: again.problem || other };
  }
  if (problem === '' || !work.shrink) return { ...said, problem };
  const small = await shrink(scenarioOf(seed), tmp);
  const shrunk = { steps: small.steps, problem: (await runScenario(small, tmp)).problem };
  return { ...said, problem, shrunk };
}

const work = JSON.parse(process.argv[2] ?? '') as Work;
const tmp = makeFolder(process.pid);
process.on('exit', () => rmSync(tmp, { recursive: true, force: true }));
process.on('SIGTERM', () => process.exit(143));
const started = performance.now();
for (let seed = work.from; seed <= work.to; seed += work.step) {
  if (work.withinMs !== null && performance.now() - started > work.withinMs) break;
  const said = await one(seed, work, tmp);
  process.stdout.write(`${JSON.stringify(said)}\n`);
  if (said.problem !== '' && work.stopAtFirst) break;
}
