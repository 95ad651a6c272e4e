/**
 * `npm run bench -- NAME|all`: runs benchmarks, prints a table for people and, with `--json`, one
 * line a run for programs. Several benchmarks run one after the other, each in a process of its own:
 * what one leaves in the heap or teaches the compiler must not change the next.
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Bench, BenchError, type BenchOptions, type BenchResult } from './harness.ts';
import { benchmarkFiles, loadBenchmark } from './registry.ts';

const USAGE = `用法 / usage: npm run bench -- NAME|all [options]
  --size small|large   规模 / how much work; default small
  --json               每次运行一行 JSON / one JSON line a run
  --input FILE...      job: 使用现成的事件文件,每个文件一个分区 / event files, one partition each
  --peers, --no-peers  是否与其他引擎同场比较 / run the peer engines beside it, or not
  --keep               保留生成的文件 / keep generated files
  --work DIR           同场引擎与输入放在此处并留用 / build peers and input there, and keep them
  --set name=value     覆盖参数(可重复)/ override a parameter, as often as needed`;

interface Command {
  readonly names: readonly string[];
  readonly options: BenchOptions;
  readonly json: boolean;
}

/** Bad usage: exit code 2. */
class UsageError extends Error {}

function readArguments(argv: readonly string[]): ReturnType<typeof parse> {
  try {
    return parse(argv);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    allowNegative: true,
    options: {
      size: { type: 'string', default: 'small' },
      json: { type: 'boolean', default: false },
      input: { type: 'string', multiple: true, default: [] },
      work: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
      peers: { type: 'boolean' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}

function readOverrides(pairs: readonly string[]): Record<string, number> {
  const overrides: Record<string, number> = {};
  for (const pair of pairs) {
    const match = /^([A-Za-z]\w*)=(-?\d+(?:\.\d+)?)$/.exec(pair);
    if (match === null) throw new UsageError(`--set wants name=number, not "${pair}"`);
    overrides[match[1] as string] = Number(match[2]);
  }
  return overrides;
}

function readCommand(argv: readonly string[]): Command | null {
  const { values, positionals } = readArguments(argv);
  if (values.help) return null;
  const [name, ...files] = positionals;
  if (name === undefined) throw new UsageError('which benchmark?');
  if (values.size !== 'small' && values.size !== 'large') {
    throw new UsageError(`--size is small or large, not "${values.size}"`);
  }
  if (files.length > 0 && values.input.length === 0) {
    throw new UsageError(`unexpected "${files[0]}"; event files follow --input`);
  }
  const all = [...benchmarkFiles().keys()];
  if (name !== 'all' && !all.includes(name)) {
    throw new UsageError(`no benchmark "${name}"; there are: ${all.join(', ')}, all`);
  }
  const options: BenchOptions = {
    size: values.size,
    inputs: [...values.input, ...files],
    overrides: readOverrides(values.set),
    ...(values.keep ? { keep: true } : {}),
    ...(values.work === undefined ? {} : { work: resolve(values.work) }),
    ...(values.peers === undefined ? {} : { peers: values.peers }),
    progress: (line) => process.stderr.write(`  ${line}\n`),
  };
  return { names: name === 'all' ? all : [name], options, json: values.json };
}

function formatNumber(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 2 : 4;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

function table(bench: Bench, result: BenchResult): string {
  const rows: [string, string][] = [];
  for (const [what, value] of bench.parameters) rows.push([`(${what})`, formatNumber(value)]);
  for (const [what, value] of Object.entries(result.figures))
    rows.push([what, formatNumber(value)]);
  for (const [peer, value] of Object.entries(result.ratios)) {
    rows.push([`× ${peer}`, formatNumber(value)]);
  }
  rows.push(['checksum', result.checksum]);
  const wide = Math.max(...rows.map(([what]) => what.length));
  const lines = rows.map(([what, value]) => `  ${what.padEnd(wide)}  ${value.padStart(20)}`);
  return `${result.name} (${result.size})\n${lines.join('\n')}\n`;
}

async function runOne(name: string, command: Command): Promise<number> {
  const bench = new Bench(name, command.options);
  const { run } = await loadBenchmark(name);
  const result = await run(bench);
  process.stdout.write(table(bench, result));
  if (command.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  return 0;
}

/** One process for each benchmark; all run, and the first failing exit code is ours. */
function runEach(names: readonly string[], argv: readonly string[]): number {
  const cores = cpus();
  process.stdout.write(`${cores.length} × ${cores[0]?.model ?? '?'}, Node ${process.version}\n\n`);
  const rest = argv.filter((argument) => argument !== 'all');
  let firstFailure = 0;
  for (const name of names) {
    const args = [...process.execArgv, import.meta.filename, name, ...rest];
    const child = spawnSync(process.execPath, args, { stdio: 'inherit' });
    const code = child.status ?? 1;
    if (firstFailure === 0) firstFailure = code;
  }
  return firstFailure;
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    const command = readCommand(argv);
    if (command === null) {
      process.stdout.write(`${USAGE}\n`);
      return 0;
    }
    const [first] = command.names;
    if (command.names.length > 1) return runEach(command.names, argv);
    return await runOne(first as string, command);
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`BENCH_USAGE: ${error.message}\n${USAGE}\n`);
      return 2;
    }
    if (!(error instanceof BenchError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
