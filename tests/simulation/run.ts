/** One seed from beginning to end, and the cutting down of one that fails. */
import { createHash } from 'node:crypto';
import { doors } from './doors/fate.ts';
import { Oracle } from './oracle.ts';
import { type Scenario, type Step, scenarioOf } from './scenario.ts';
import { Broken, Town } from './town.ts';

export interface Run {
  readonly steps: number;
  readonly crashes: number;
  readonly calls: number;
  /** '' when every promise held. */
  readonly problem: string;
  /** Of all calls at doors and of the cards: equal for equal seeds. */
  readonly hash: string;
}

export async function runScenario(scenario: Scenario, tmp: string): Promise<Run> {
  const town = new Town(scenario, tmp);
  let problem = '';
  let taken = 0;
  let digest = '';
  try {
    await town.open();
    for (const step of scenario.steps) {
      await town.take(step);
      taken++;
    }
    await town.heal();
    const oracle = new Oracle(scenario, town.clickhouse, town.watch);
    problem = oracle.judge(town.hosts);
    digest = town.digest();
    if (problem === '') problem = await again(town, oracle, digest);
  } catch (error) {
    problem = told(error, scenario.steps[taken]);
  } finally {
    town.close();
  }
  const hash = createHash('sha256').update(doors.trace.join('\n')).update(digest).digest('hex');
  return {
    ...{ steps: taken, crashes: doors.crashes, calls: doors.calls },
    ...{ problem, hash: hash.slice(0, 16) },
  };
}

/** The same cards once more, from the disk alone. */
async function again(town: Town, oracle: Oracle, digest: string): Promise<string> {
  await town.restart();
  if (town.digest() !== digest) return `digest ${town.digest()} after a restart, ${digest} before`;
  return oracle.judge(town.hosts);
}

function told(error: unknown, step: Step | undefined): string {
  const where = step === undefined ? 'after the last step' : `at ${JSON.stringify(step)}`;
  if (error instanceof Broken) return `${error.message}\n  ${where}`;
  return `${error instanceof Error ? error.stack : String(error)}\n  ${where}`;
}

export function runSeed(seed: number, tmp: string): Promise<Run> {
  return runScenario(scenarioOf(seed), tmp);
}

/** Fewer steps that still fail: halves, quarters, … single ones are left out while it fails. */
export async function shrink(scenario: Scenario, tmp: string, triesMax = 400): Promise<Scenario> {
  let best = scenario;
  let tries = 0;
  for (let size = best.steps.length; size >= 1; size = size >> 1) {
    for (let at = 0; at < best.steps.length && tries < triesMax; ) {
      const steps = [...best.steps.slice(0, at), ...best.steps.slice(at + size)];
      const fewer = { ...best, steps };
      tries++;
      if ((await runScenario(fewer, tmp)).problem === '') at += size;
      else best = fewer;
    }
  }
  return best;
}
