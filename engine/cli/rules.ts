/**
 * The rules command (规则命令): runs the cases beside the rules, publishes a pack.
 *
 * Prints a table for people and, with --json, one JSON object as its last line. Exit code 1: bad
 * input, a case that fails or a refusal; 2: bad usage.
 */
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { packHash } from '../runtime/pack-hash.ts';
import { loadPackReport } from '../runtime/rule-loader.ts';
import { formatProblems, PackError } from '../runtime/rule-problem.ts';
import { RULES_DIR } from '../runtime/rule-schema.ts';
import { type CaseResult, loadPackCases, PACKS_DIR, packPaths, runCases } from './rule-cases.ts';
import { operatorKey, PublishError, publishPack, serverUrl } from './rule-publish.ts';
import { CaseInputError, caseEngine } from './rule-runner.ts';

const USAGE = `用法 usage:
  rules test [--pack FILE] [--json]                                    运行规则用例 / run the cases
  rules publish [--pack FILE] [--data DIR | --url URL] --reason TEXT   发布规则包 / publish a pack
  FILE 默认 default: test 为 rules/packs 下全部 all of them, publish 为 rules/packs/demo.json
  DIR 默认 default: data`;
const REASON_MIN = 2;
const DATA_DIR = join(RULES_DIR, '..', 'data');

class UsageError extends Error {}

interface Output {
  out(line: string): void;
  err(line: string): void;
}

interface Values {
  readonly pack?: string;
  readonly data?: string;
  readonly url?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

interface Outcome {
  readonly json: Readonly<Record<string, unknown>>;
  readonly code: number;
}

/** Runs the command; the exit code. */
export async function runRules(argv: readonly string[], output: Output): Promise<number> {
  try {
    const { values, positionals } = parse(argv);
    const outcome = await run(positionals, values, output);
    if (values.json) output.out(JSON.stringify(outcome.json));
    return outcome.code;
  } catch (error) {
    if (error instanceof UsageError) {
      output.err(`${error.message}\n${USAGE}`);
      return 2;
    }
    const known = [PackError, CaseInputError, PublishError].some((kind) => error instanceof kind);
    if (!known) throw error;
    output.err((error as Error).message);
    return 1;
  }
}

function parse(argv: readonly string[]): { values: Values; positionals: string[] } {
  const options = {
    pack: { type: 'string' },
    data: { type: 'string' },
    url: { type: 'string' },
    reason: { type: 'string' },
    json: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function run(positionals: readonly string[], values: Values, output: Output): Promise<Outcome> {
  const [command, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`多余的参数 (unexpected): ${rest.join(' ')}`);
  if (command === 'test') return Promise.resolve(test(values, output));
  if (command === 'publish') return publish(values, output);
  throw new UsageError(`没有这个命令 (no such command): ${command ?? ''}`);
}

function test(values: Values, output: Output): Outcome {
  const paths = values.pack === undefined ? packPaths() : [values.pack];
  const results: CaseResult[] = [];
  const untested = new Set<string>();
  const tested = new Set<string>();
  for (const path of paths) {
    const { pack, warnings, files, untested: without } = loadPackCases(path);
    if (warnings.length > 0) output.err(formatProblems(warnings));
    const engine = caseEngine(pack);
    for (const ruleId of without) untested.add(`${pack.id}/${ruleId}`);
    for (const file of files) {
      // A rule shared by packs is tried once, in the first pack that has it.
      if (tested.has(file.file)) continue;
      tested.add(file.file);
      results.push(...named(file.file, () => runCases(file, engine)));
    }
  }
  const failed = results.filter((r) => r.differences.length > 0);
  for (const line of failed.flatMap(failureLines)) output.err(line);
  printTable(results, output);
  const json = {
    packs: paths.length,
    rules: tested.size,
    cases: results.length,
    passed: results.length - failed.length,
    failed: failed.length,
    untested: [...untested],
  };
  return { json, code: failed.length > 0 ? 1 : 0 };
}

/** Adds the file to the message of a case that cannot be run. */
function named<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof CaseInputError)) throw error;
    throw new CaseInputError(`${relative(process.cwd(), file)}: ${error.message}`);
  }
}

function failureLines(result: CaseResult): string[] {
  const head = `✗ ${result.ruleId}: ${result.zh} / ${result.name}`;
  return [head, ...result.differences.map((line) => `    ${line}`)];
}

function printTable(results: readonly CaseResult[], output: Output): void {
  const counts = new Map<string, { passed: number; all: number }>();
  for (const result of results) {
    const count = counts.get(result.ruleId) ?? { passed: 0, all: 0 };
    count.all++;
    if (result.differences.length === 0) count.passed++;
    counts.set(result.ruleId, count);
  }
  const width = Math.max(4, ...[...counts.keys()].map((id) => id.length));
  for (const [id, { passed, all }] of counts) {
    output.out(`${passed === all ? '✓' : '✗'} ${id.padEnd(width)}  ${passed}/${all}`);
  }
}

async function publish(values: Values, output: Output): Promise<Outcome> {
  const reason = values.reason?.trim() ?? '';
  if (reason.length < REASON_MIN) {
    throw new UsageError('发布须用 --reason 写明理由 (publishing needs --reason)');
  }
  const { pack, warnings } = loadPackReport(values.pack ?? join(PACKS_DIR, 'demo.json'));
  if (warnings.length > 0) output.err(formatProblems(warnings));
  const dataDir = values.data ?? DATA_DIR;
  const url = serverUrl(dataDir, values.url);
  const published = await publishPack(url, operatorKey(dataDir), pack, reason);
  output.out(`规则包 pack      ${pack.id} v${published.version} ${published.hash.slice(0, 12)}`);
  output.out(`新发牌 raised    ${published.raised}`);
  output.out(`撤销 withdrawn   ${published.withdrawn}`);
  output.out(`改期 moved       ${published.moved}`);
  for (const { id, change, effective, from, to } of published.rules) {
    const since = effective === 'now' ? '自现在起 from now' : '自始 from the start';
    output.out(`  ${id}  ${change}  v${from} → v${to}  ${since}`);
  }
  return { json: { pack: pack.id, fileHash: packHash(pack), ...published }, code: 0 };
}

if (import.meta.main) {
  process.exitCode = await runRules(process.argv.slice(2), {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
  });
}
