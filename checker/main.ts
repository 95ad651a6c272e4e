/**
 * `npm run check`: the offline checker (离线核验). Reads a dossier, works every case out again by its own
 * day-by-day arithmetic, and says where the engine and it agree and where they do not.
 *
 * Shares no code with the engine: with --data it runs the engine's own export as another program and
 * reads the file that leaves.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { judge } from './case-fold.ts';
import { compare, type Disagreement } from './compare.ts';
import { askOf, DOSSIER_FORMAT, type DossierCase, type DossierHead } from './dossier.ts';
import { zoneFaults } from './zone-table.ts';

const ROOT = resolve(import.meta.dirname, '..');
const USAGE = '用法 / usage: npm run check -- FILE.ndjson[.gz] | --data DIR  [--json]';
/** Disagreements printed one by one; all are counted. */
const SHOWN_MOST = 50;

const SUBJECTS = {
  card: '牌 card',
  clock: '时钟 clock',
  due: '到期时刻 due instant',
  state: '时钟状态 clock state',
  pauses: '暂停与特别程序 pauses',
  bill: '计时账单 time bill',
} as const;

interface Report {
  cases: number;
  cards: number;
  clocks: number;
  days: number;
  disagreements: number;
  readonly byName: Record<string, number>;
  readonly zoneFaults: string[];
  readonly samples: Disagreement[];
}

class CheckError extends Error {}

function fail(text: string, code: 1 | 2): never {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}

function fromCaller(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

/** The engine's export of a data folder, made by the engine's own program. */
function exported(dataDir: string, folder: string): string {
  const file = join(folder, 'dossier.ndjson.gz');
  const program = join(ROOT, 'engine', 'cli', 'digest.ts');
  const args = ['--disable-warning=ExperimentalWarning', program];
  const { status } = spawnSync(process.execPath, [...args, '--data', dataDir, '--dossier', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (existsSync(file) && status === 0) return file;
  throw new CheckError(
    `${dataDir} 的卷宗没有写成,见上 (the dossier of this folder was not written, see above)`,
  );
}

function headOf(line: string, file: string): DossierHead {
  const head = JSON.parse(line) as DossierHead;
  if (head.kind === 'mingcha-dossier' && head.format === DOSSIER_FORMAT) return head;
  throw new CheckError(
    `${file} 第一行不是第 ${DOSSIER_FORMAT} 版卷宗的抬头;用 npm run digest -- --dossier 重新导出 ` +
      `(the first line is no dossier head of format ${DOSSIER_FORMAT}; export it again)`,
  );
}

async function check(file: string): Promise<Report> {
  const report: Report = {
    ...{ cases: 0, cards: 0, clocks: 0, days: 0, disagreements: 0 },
    ...{ byName: {}, zoneFaults: [], samples: [] },
  };
  if (!existsSync(file)) {
    throw new CheckError(
      `没有文件 ${file};请写卷宗的路径,或用 --data 指明数据目录 ` +
        '(no such file; give the path of a dossier, or a data folder with --data)',
    );
  }
  const raw = createReadStream(file);
  const input = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  let head: DossierHead | null = null;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line === '') continue;
    if (head === null) {
      head = headOf(line, file);
      for (const { pack } of head.packs) report.zoneFaults.push(...zoneFaults(pack.zone));
      continue;
    }
    checkCase(report, head, JSON.parse(line) as DossierCase);
  }
  if (head === null) throw new CheckError(`${file} 是空文件 (the file is empty)`);
  return report;
}

function checkCase(report: Report, head: DossierHead, one: DossierCase): void {
  const inForce = head.packs.at(-1);
  if (inForce === undefined) throw new CheckError('卷宗没有规则包 (the dossier names no pack)');
  const found = compare(one, judge(askOf(inForce.pack, one)));
  report.cases++;
  report.cards += found.cards;
  report.clocks += found.clocks;
  report.days += found.days;
  report.disagreements += found.disagreements.length;
  for (const each of found.disagreements) {
    const name = `${each.subject} ${each.name.split(/[ |]/)[0]}`;
    report.byName[name] = (report.byName[name] ?? 0) + 1;
    if (report.samples.length < SHOWN_MOST) report.samples.push(each);
  }
}

function print(report: Report): void {
  const lines = report.samples.map(
    ({ caseKey, subject, name, engine, checker }) =>
      `✗ ${caseKey} ${SUBJECTS[subject]} ${name}\n    引擎 engine   ${engine}\n    核验 checker  ${checker}`,
  );
  lines.push(...report.zoneFaults.map((text) => `✗ 时区表 zone table: ${text}`));
  const hidden = report.disagreements - report.samples.length;
  if (hidden > 0) lines.push(`… 另有 ${hidden} 处 (and ${hidden} more)`);
  for (const [name, count] of Object.entries(report.byName)) lines.push(`  ${count} × ${name}`);
  lines.push(
    `核对 checked  ${report.cases} 件 cases, ${report.cards} 张牌 cards, ` +
      `${report.clocks} 个时钟 clocks, ${report.days} 个账单日 bill days`,
    `分歧 disagreements  ${report.disagreements + report.zoneFaults.length}`,
  );
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function main(): Promise<never> {
  let asked: { values: { data?: string; json?: boolean }; positionals: string[] };
  try {
    asked = parseArgs({
      options: { data: { type: 'string' }, json: { type: 'boolean' } },
      allowPositionals: true,
    });
  } catch (error) {
    fail(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`, 2);
  }
  const { values, positionals } = asked;
  const [file] = positionals;
  if ((file === undefined) === (values.data === undefined) || positionals.length > 1)
    fail(USAGE, 2);
  const report = await checked(file, values.data);
  print(report);
  if (values.json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exit(report.disagreements + report.zoneFaults.length === 0 ? 0 : 1);
}

async function checked(file: string | undefined, data: string | undefined): Promise<Report> {
  if (file !== undefined) return check(fromCaller(file));
  const folder = mkdtempSync(join(tmpdir(), 'mingcha-check-'));
  try {
    return await check(exported(fromCaller(data ?? ''), folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => fail(error instanceof Error ? error.message : String(error), 1));
