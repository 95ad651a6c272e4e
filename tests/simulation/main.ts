/**
 * `npm run simulate` and `npm run soak`: seeds of the deterministic simulation, and mutants.
 *
 * A failure prints its seed, the case cut down to the steps it needs, and the command that repeats it.
 * The last line is JSON; the exit code is 1 when a promise was broken or a mutant lived.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { inParallel, runWorker, tryMutant, type Verdict } from './children.ts';
import { MUTANTS, mutantOf } from './mutants.ts';
import type { Said } from './worker.ts';

const USAGE = `用法 / usage: npm run simulate -- [options]      npm run soak -- [options]
  --seeds N       种子数 / number of seeds; simulate: 200
  --seed S        第一个种子 / first seed; default 1, alone it means that one seed
  --minutes M     跑这么多分钟 / run that long; soak: 30
  --mutants       植入缺陷,须全部被发现 / plant every mutant; each must be found
  --mutant ID     只植入这一个 / only this one
  --planted ID    种子在此缺陷下运行 / run the seeds with this mutant planted
  --jobs J        进程数 / processes
  --json          只输出最后一行 / print the last line only`;

interface Options {
  readonly from: number;
  readonly to: number;
  readonly withinMs: number | null;
  readonly mutants: readonly string[];
  /** Mutant under which the seeds run, '' for none. */
  readonly planted: string;
  readonly jobs: number;
  readonly json: boolean;
}

interface Summary {
  seeds: number;
  steps: number;
  crashes: number;
  failures: number;
}

function optionsOf(argv: readonly string[]): Options | string {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string' },
      minutes: { type: 'string' },
      mutants: { type: 'boolean', default: false },
      mutant: { type: 'string', multiple: true, default: [] },
      planted: { type: 'string', default: '' },
      jobs: { type: 'string' },
      json: { type: 'boolean', default: false },
      soak: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return USAGE;
  const number = (text: string | undefined, other: number): number => {
    const value = text === undefined ? other : Number(text);
    if (!(value >= 0)) throw new TypeError(`不是数 / not a number: ${text}`);
    return value;
  };
  const ids = values.mutants ? MUTANTS.map(({ id }) => id) : values.mutant;
  const minutes = number(values.minutes, values.soak ? 30 : 0);
  // A soak begins where no run has been, and says where.
  const from = number(values.seed, values.soak ? 1 + Math.floor(Math.random() * 2 ** 30) : 1);
  const usual = values.seed !== undefined ? 1 : ids.length > 0 ? 0 : 200;
  const seeds = minutes > 0 ? 2 ** 30 : number(values.seeds, usual);
  return {
    ...{ from, to: from + seeds - 1, withinMs: minutes > 0 ? minutes * 60_000 : null },
    ...{ mutants: ids.map((id) => mutantOf(id).id), planted: values.planted, json: values.json },
    jobs: Math.max(1, number(values.jobs, availableParallelism())),
  };
}

function print(options: Options, text: string): void {
  if (!options.json) process.stdout.write(`${text}\n`);
}

async function runSeeds(options: Options): Promise<Summary> {
  const sum: Summary = { seeds: 0, steps: 0, crashes: 0, failures: 0 };
  const jobs = Math.min(options.jobs, Math.max(0, options.to - options.from + 1));
  const hear = (said: Said): void => {
    sum.seeds++;
    sum.steps += said.steps;
    sum.crashes += said.crashes;
    if (said.problem !== '') {
      sum.failures++;
      process.stdout.write(`${failureText(said, options.planted)}\n`);
    } else if (sum.seeds % 200 === 0) {
      print(options, `  ${sum.seeds} seeds, ${sum.steps} steps, ${sum.crashes} crashes`);
    }
  };
  await Promise.all(
    Array.from({ length: jobs }, (_, job) => {
      const { to, withinMs } = options;
      const work = { from: options.from + job, step: jobs, to, repeatEvery: 10, withinMs };
      return runWorker({ ...work, shrink: true, stopAtFirst: true }, options.planted, hear);
    }),
  );
  return sum;
}

function failureText({ seed, problem, shrunk }: Said, planted: string): string {
  const under = planted === '' ? '' : ` --planted ${planted}`;
  const lines = [
    `✗ seed ${seed}: ${problem}`,
    ...(shrunk === undefined ? [] : [`  缩减后 / cut down to ${shrunk.steps.length} steps:`]),
    ...(shrunk?.steps ?? []).map((step) => `    ${JSON.stringify(step)}`),
    ...(shrunk === undefined ? [] : [`  ${shrunk.problem}`]),
    `  重现 / repeat: npm run simulate -- --seed ${seed}${under}`,
  ];
  return lines.join('\n');
}

async function runMutants(options: Options): Promise<Verdict[]> {
  return inParallel(options.mutants, options.jobs, async (id) => {
    const verdict = await tryMutant(mutantOf(id));
    print(options, `${verdict.killed ? '✓' : '✗'} ${id}: ${verdict.by}`);
    return verdict;
  });
}

const options = optionsOf(process.argv.slice(2));
if (typeof options === 'string') process.stdout.write(`${options}\n`);
else {
  const { from, to, withinMs } = options;
  const until = withinMs === null ? `seeds ${from} to ${to}` : `from seed ${from}`;
  if (to >= from) print(options, `模拟 / simulating: ${until}`);
  const sum = await runSeeds(options);
  const verdicts = await runMutants(options);
  const killed = verdicts.filter((one) => one.killed).length;
  const mutants = verdicts.length;
  process.stdout.write(`${JSON.stringify({ ...sum, mutants, killed })}\n`);
  process.exitCode = sum.failures > 0 || killed < mutants ? 1 : 0;
}
