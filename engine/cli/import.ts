/**
 * The import command (导入命令): a XES or CSV event log through a mapping profile into the engine.
 *
 * Prints what it read and what the engine found; with --json one JSON object as its last line.
 * Progress and errors go to standard error. Exit code 1: bad input; 2: bad usage.
 */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describe } from '../base/errors.ts';
import { type ImportSummary, type ImportTarget, runImport } from '../intake/import.ts';
import { ImportError } from '../intake/import-error.ts';
import { ImportProgress, type ProgressOutput } from '../intake/import-progress.ts';
import { loadProfile, type Profile } from '../intake/profile.ts';
import { FolderError } from '../runtime/data-folder.ts';
import { PackError } from '../runtime/rule-problem.ts';
import { openEngineTarget } from './import-target.ts';
import { type TableRow, tableLines } from './table.ts';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const RULES_DIR = join(ROOT, 'rules');
const PARTITIONS_MAX = 64;
const REFUSED_SHOWN = 10;

const USAGE = `用法 usage: npm run import -- FILE --profile NAME|FILE.json [options]
  FILE             XES 或 CSV,可用 gzip 压缩 / XES or CSV, gzipped or not
  --profile P      rules/profiles/ 中的名字,或自己的 .json / a shipped name or your own .json
  --data DIR       数据目录,缺省 data/import-<profile> / data folder
  --partitions N   新建日志时的分区数,缺省 4 / partitions of a new log, default 4
  --json           最后一行输出一个 JSON 对象 / one JSON object as the last line`;

class UsageError extends Error {}

export interface ImportOutput {
  out(line: string): void;
  err(line: string): void;
  /** Where progress is drawn. */
  readonly progress: ProgressOutput;
}

export interface TargetOptions {
  readonly dataDir: string;
  readonly rulesDir: string;
  /** For a new log; undefined: the default, or what the folder's log has. */
  readonly partitions: number | undefined;
  readonly profile: Profile;
  /** What the engine has to say meanwhile. */
  readonly note: (message: string) => void;
}

export type OpenTarget = (options: TargetOptions) => Promise<ImportTarget>;

interface Arguments {
  readonly file: string;
  readonly profile: string;
  readonly data: string | undefined;
  readonly partitions: number | undefined;
  readonly json: boolean;
}

/** Runs the command; the exit code. */
export async function runImportCommand(
  argv: readonly string[],
  output: ImportOutput,
  openTarget: OpenTarget = openEngineTarget,
): Promise<number> {
  try {
    const args = parse(argv);
    const profile = loadProfile(args.profile, RULES_DIR);
    const dataDir = args.data ?? join(ROOT, 'data', `import-${profile.id}`);
    const note = (message: string) => output.err(message);
    const place = { dataDir, rulesDir: RULES_DIR, partitions: args.partitions };
    const summary = await runImport({
      file: args.file,
      profile,
      progress: new ImportProgress(output.progress, () => performance.now()),
      openTarget: () => openTarget({ ...place, profile, note }),
    });
    print(summary, profile, output);
    if (args.json) output.out(JSON.stringify(jsonOf(summary)));
    return 0;
  } catch (error) {
    return explain(error, output);
  }
}

function explain(error: unknown, output: ImportOutput): number {
  if (error instanceof UsageError) {
    output.err(`${error.message}\n${USAGE}`);
    return 2;
  }
  if (error instanceof ImportError) {
    const { message, messageEn } = describe(error.code, error.params);
    output.err([`${error.code}: ${message}`, messageEn, ...error.details].join('\n  '));
    return 1;
  }
  if (error instanceof PackError || error instanceof FolderError) {
    output.err(error.message);
    return 1;
  }
  throw error;
}

/** Paths are those of the folder the command was given in, also when npm changes to ours. */
function fromCaller(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

function parse(argv: readonly string[]): Arguments {
  const { values, positionals } = parseOptions(argv);
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) {
    throw new UsageError(
      `需要一个文件,给了 ${positionals.length} 个 / takes one FILE, found ${positionals.length}`,
    );
  }
  if (values.profile === undefined) {
    throw new UsageError('缺少 --profile / --profile is missing');
  }
  const { profile } = values;
  return {
    file: fromCaller(file),
    profile: profile.endsWith('.json') ? fromCaller(profile) : profile,
    data: values.data === undefined ? undefined : fromCaller(values.data),
    partitions: partitionCount(values.partitions),
    json: values.json,
  };
}

function partitionCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const partitions = Number(text);
  if (Number.isInteger(partitions) && partitions >= 1 && partitions <= PARTITIONS_MAX) {
    return partitions;
  }
  throw new UsageError(
    `--partitions 应为 1 至 ${PARTITIONS_MAX} / must be 1 to ${PARTITIONS_MAX}: ${text}`,
  );
}

function parseOptions(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        profile: { type: 'string' },
        data: { type: 'string' },
        partitions: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function print(summary: ImportSummary, profile: Profile, output: ImportOutput): void {
  const { read, engine } = summary;
  const rows: TableRow[] = [
    ['映射 profile', `${profile.id} v${profile.version}  ${profile.name.zh} ${profile.name.en}`],
    ['读到办件 cases read', count(read.cases)],
    ['读到事件 events read', count(read.events)],
    ['产生记录 records made', `${count(read.records)} (办件 of cases: ${count(read.caseRecords)})`],
    ['略过 skipped', count(read.skipped)],
    ['拒收 refused', count(read.refused + summary.refusedByDoor)],
    ['已处理 applied', count(engine.applied)],
    ['重复 duplicate', count(engine.duplicate)],
    ['挂起 held', count(engine.held)],
    ['死信 dead-lettered', count(engine.deadLettered)],
    ['在办 open', `${count(engine.open)} (已超期 overdue: ${count(engine.openOverdue)})`],
  ];
  for (const [rule, levels] of Object.entries(engine.cards)) {
    const text = Object.entries(levels).map(([level, cards]) => `${level} ${count(cards)}`);
    rows.push([`牌 cards  ${rule}`, text.join('  ')]);
  }
  rows.push(['摘要 digest', engine.digest]);
  for (const line of tableLines(rows)) output.out(line);
  if (read.changedCases > 0) {
    output.err(`${count(read.changedCases)} 个办件前后说法不一 / cases contradict themselves`);
  }
  const shown = summary.refusedRows.slice(0, REFUSED_SHOWN);
  for (const row of shown) {
    output.err(`${row.where}: ${row.code}: ${row.message} / ${row.messageEn}`);
  }
  const total = read.refused + summary.refusedByDoor;
  if (total > shown.length) output.err(`… 共 ${count(total)} 行被拒收 / rows refused in all`);
}

function jsonOf(summary: ImportSummary): Readonly<Record<string, unknown>> {
  const { read, engine } = summary;
  return {
    cases: read.cases,
    events: read.events,
    records: read.records,
    skipped: read.skipped,
    refused: read.refused + summary.refusedByDoor,
    applied: engine.applied,
    duplicate: engine.duplicate,
    held: engine.held,
    deadLettered: engine.deadLettered,
    open: engine.open,
    overdue: engine.openOverdue,
    cards: engine.cards,
    digest: engine.digest,
  };
}

if (import.meta.main) {
  const code = await runImportCommand(process.argv.slice(2), {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    progress: process.stderr,
  });
  // A data folder that failed to open may leave threads behind, which must not keep us here.
  process.exit(code);
}
