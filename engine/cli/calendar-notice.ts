/**
 * The notice command (通知命令): sends a notice to a running server, tries it there first, or writes it
 * into the calendar files of the deployment.
 *
 * Owns: reading the file, the conversation with the server, writing the files. Does not own: what a
 * notice does (calendars/notice.ts), who may load one (the server's policy).
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { withNotice } from '../calendars/notice.ts';
import type { PreviewView, PublishResult } from '../facade.ts';
import type { CalendarSource, NoticeSource } from '../rules/source.ts';
import { CALENDARS_DIR, loadCalendar } from '../runtime/calendar-loader.ts';
import { canonicalJson } from '../runtime/pack-hash.ts';
import { PackError } from '../runtime/rule-problem.ts';
import { RULES_DIR, schemaProblems } from '../runtime/rule-schema.ts';
import { callServer, operatorKey, PublishError, serverUrl } from './rule-publish.ts';

const NOTICES_PATH = '/api/v1/calendar/notices';
const PREVIEWS_PATH = '/api/v1/previews';
const DATA_DIR = join(RULES_DIR, '..', 'data');
const LOOK_MS = 250;

export const NOTICE_USAGE = `  calendar notice FILE [--preview] [--reason TEXT] [--window DAYS] [--data DIR | --url URL] [--json]
                                                                   载入通知；--preview 只试算影响面
  calendar notice FILE --write                                     写入 rules/calendars，不连服务端`;

export class NoticeUsageError extends Error {}

interface Output {
  out(line: string): void;
  err(line: string): void;
}

const OPTIONS = {
  preview: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  reason: { type: 'string' },
  window: { type: 'string' },
  data: { type: 'string' },
  url: { type: 'string' },
  server: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** Runs the command; the exit code. `signal`: the person gave up, and a preview is ended. */
export async function runNotice(
  argv: readonly string[],
  output: Output,
  signal?: AbortSignal,
): Promise<number> {
  const { values, positionals } = parse(argv);
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) {
    throw new NoticeUsageError('notice 需要一个文件 / takes one file');
  }
  const notice = readNotice(file);
  if (values.write) {
    for (const path of writeNotice(notice)) output.out(`已写入 written  ${path}`);
    return 0;
  }
  const window = values.window === undefined ? {} : { closedWindowDays: daysOf(values.window) };
  const dataDir = values.data ?? DATA_DIR;
  const server = new Server(serverUrl(dataDir, values.url ?? values.server), operatorKey(dataDir));
  const body = {
    notice,
    reason: values.reason ?? `载入${notice.number}`,
    ...window,
  };
  if (!values.preview) {
    const result = (await server.post(NOTICES_PATH, body)) as PublishResult;
    for (const line of publishedLines(notice, result)) output.out(line);
    if (values.json) output.out(JSON.stringify({ number: notice.number, ...result }));
    return 0;
  }
  const view = await tried(server, body, output, signal);
  for (const line of previewLines(notice, view)) output.out(line);
  if (values.json) output.out(JSON.stringify({ number: notice.number, ...view }));
  return view.state === 'done' ? 0 : 1;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new NoticeUsageError(error instanceof Error ? error.message : String(error));
  }
}

function daysOf(text: string): number {
  if (/^[0-9]{1,5}$/.test(text)) return Number(text);
  throw new NoticeUsageError(`--window 应为天数 / is a number of days: ${text}`);
}

/** Throws PackError with every problem of the file. */
export function readNotice(file: string): NoticeSource {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PublishError(`${file}: 读不出 JSON / cannot be read as JSON: ${why}`);
  }
  const problems = schemaProblems('notice', value, file);
  if (problems.length > 0) throw new PackError(problems);
  const { $schema: _, ...notice } = value as NoticeSource & { $schema?: string };
  return notice;
}

class Server {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  post(path: string, body: unknown): Promise<unknown> {
    return callServer(this.#url, this.#key, 'POST', path, body);
  }

  call(method: 'GET' | 'DELETE', path: string): Promise<unknown> {
    return callServer(this.#url, this.#key, method, path);
  }
}

async function tried(
  server: Server,
  body: unknown,
  output: Output,
  signal: AbortSignal | undefined,
): Promise<PreviewView> {
  let view = (await server.post(`${NOTICES_PATH}?preview=true`, body)) as PreviewView;
  const path = `${PREVIEWS_PATH}/${view.id}`;
  let said = -1;
  while (view.state === 'running') {
    if (signal?.aborted === true) return (await server.call('DELETE', path)) as PreviewView;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    view = (await server.call('GET', path)) as PreviewView;
    if (view.done === said) continue;
    said = view.done;
    output.err(`试算 preview  ${view.done} / ${view.total}`);
  }
  return view;
}

function publishedLines(notice: NoticeSource, result: PublishResult): string[] {
  return [
    `通知 notice          ${notice.number}`,
    `日历版本 calendar    ${result.calendarVersion}，规则包 pack v${result.version}`,
    ...countLines(result),
  ];
}

function countLines(counts: Pick<PublishResult, 'raised' | 'withdrawn' | 'moved' | 'retimed'>) {
  return [
    `新发牌 raised        ${counts.raised}`,
    `撤销 withdrawn       ${counts.withdrawn}`,
    `改期 moved           ${counts.moved}`,
    `期限变动的办件 cases with other deadlines  ${counts.retimed}`,
  ];
}

function previewLines(notice: NoticeSource, { state, problem, result }: PreviewView): string[] {
  if (result === null) return [`试算未完成 preview ${state}  ${problem}`];
  const { before, after, groups, cases } = result;
  return [
    `试算 preview         ${notice.number}，办件 cases ${cases}；尚未发布 (not published)`,
    ...countLines(result),
    `暂定期限 provisional ${before.provisional} → ${after.provisional}`,
    `无法计算 uncomputable ${before.uncomputable} → ${after.uncomputable}`,
    ...groups.map(
      ({ organ, level, raised, withdrawn, moved }) =>
        `  ${organ.padEnd(12)} ${level.padEnd(8)} +${raised} -${withdrawn} ~${moved}`,
    ),
    ...result.samples.map(
      ({ op, itemCode, ruleId, level, previousDueMs, dueMs }) =>
        `  例 ${op} ${itemCode} ${ruleId} ${level}  ${iso(previousDueMs)} → ${iso(dueMs)}`,
    ),
  ];
}

function iso(ms: number | null): string {
  return ms === null ? '—' : new Date(ms).toISOString();
}

/** Writes the notice into the calendar files of its place; the paths it wrote. */
export function writeNotice(notice: NoticeSource, root = CALENDARS_DIR): string[] {
  const before = loadCalendar(notice.place, root);
  const after = withNotice(before, notice);
  const old = filesOf(before);
  const written: string[] = [];
  for (const [name, value] of filesOf(after)) {
    if (canonicalJson(old.get(name)) === canonicalJson(value)) continue;
    const path = join(root, notice.place, name);
    const $schema = `${name.includes('/') ? '../' : ''}../../schema/calendar.schema.json`;
    if (!existsSync(dirname(path))) mkdirSync(dirname(path));
    writeFileSync(path, `${JSON.stringify({ $schema, ...(value as object) }, null, 2)}\n`);
    written.push(path);
  }
  // What was written must load.
  loadCalendar(notice.place, root);
  return written;
}

function filesOf({ years, layers = [], ...place }: CalendarSource): Map<string, unknown> {
  return new Map<string, unknown>([
    ['place.json', place],
    ...years.map((year) => [`${year.year}.json`, year] as const),
    ...layers.map((layer) => [`layers/${layer.territory}.json`, layer] as const),
  ]);
}
