/**
 * `npm run load -- ingest|walls`: runs the k6 scripts against a running server and says whether the
 * thresholds held.
 *
 * Owns: finding k6 and the server, keys and items for the script, the result as one JSON line.
 * Does not own: the scripts and their thresholds (benchmarks/k6/).
 *
 * Exit code: 0 all thresholds held, 99 one was crossed (k6's own code), 1 no k6 or no server, 2 usage.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { serverUrl } from './rule-publish.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const SCRIPTS = ['ingest', 'walls'] as const;
const ITEMS_MAX = 40;

const USAGE = `用法 / usage: npm run load -- ingest|walls [options]
  --k6 PATH         k6 程序 / the k6 program; default: k6 on the PATH
  --url URL         服务器地址,默认数据目录所记的 / server; default: the one noted in the data folder
  --data DIR        数据目录(取密钥)/ data folder, for the keys; default data
  --key KEY         数据源密钥 / source key, instead of the data folder's
  --token TOKEN     大屏令牌 / wall token, instead of the data folder's
  --duration 20s    时长(秒)/ how long, in seconds
  --rate N          每秒批数 / batches a second (default: ingest 10, walls 5)
  --rows N          每批事件数 / events a batch; default 200
  --sockets N       walls: 大屏数 / how many walls; default 200
  --report FILE     输出网页报告 / write k6's page of charts
  --json            最后一行为 JSON / one JSON object as the last line`;

const HOW_TO_GET_K6 = `没有找到 k6。获取方法(任选其一),然后重试,或用 --k6 PATH 指明位置:
  go install go.k6.io/k6@v1.8.1      需要 Go 1.24 或更新,约 3 分钟,程序在 $(go env GOPATH)/bin
  https://grafana.com/docs/k6/latest/set-up/install-k6/
k6 was not found. Get it either way, then run again, or name it with --k6 PATH.
  (The npm package called k6 is an empty stand-in and does not help.)`;

class UsageError extends Error {}

/** A failure that is not the caller's grammar: exit code 1. */
class LoadError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      k6: { type: 'string' },
      url: { type: 'string' },
      data: { type: 'string', default: 'data' },
      key: { type: 'string' },
      token: { type: 'string' },
      duration: { type: 'string', default: '20s' },
      rate: { type: 'string' },
      rows: { type: 'string', default: '200' },
      sockets: { type: 'string', default: '200' },
      report: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}

type Values = ReturnType<typeof parse>['values'];

function readCommand(argv: readonly string[]): { script: string; values: Values } | null {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const { values, positionals } = parsed;
  if (values.help) return null;
  const [script, extra] = positionals;
  if (script === undefined || extra !== undefined || !SCRIPTS.some((name) => name === script)) {
    throw new UsageError(`one of ${SCRIPTS.join(', ')} is needed`);
  }
  if (!/^\d+s$/.test(values.duration)) throw new UsageError('--duration is seconds, such as 20s');
  for (const name of ['rate', 'rows', 'sockets'] as const) {
    const value = values[name];
    if (value !== undefined && !/^\d+$/.test(value)) throw new UsageError(`--${name} is a number`);
  }
  if (values.url !== undefined && !URL.canParse(values.url)) {
    throw new UsageError(`--url is not an address: ${values.url}`);
  }
  return { script, values };
}

function findK6(given: string | undefined): string {
  const candidate = given ?? 'k6';
  const { status } = spawnSync(candidate, ['version'], { timeout: 20_000 });
  if (status === 0) return candidate;
  if (given !== undefined) throw new LoadError('K6_NOT_FOUND', `${given} 不是可用的 k6 / is no k6`);
  throw new LoadError('K6_NOT_FOUND', HOW_TO_GET_K6);
}

/** Secret of the first key with that role in the data folder's `credentials.txt`. */
function secretOf(role: string, folder: string): string {
  const file = join(resolve(ROOT, folder), 'credentials.txt');
  if (existsSync(file)) {
    for (const row of readFileSync(file, 'utf8').split('\n')) {
      const [, kind, rowRole, secret] = row.split('\t');
      if (kind === 'key' && rowRole === role && secret !== undefined) return secret;
    }
  }
  throw new LoadError(
    'KEY_NOT_FOUND',
    `${file} 中没有 ${role} 密钥;请用 --data 指明数据目录,或用 --key、--token 给出\n` +
      `no ${role} key in ${file}; name the data folder with --data, or give --key and --token`,
  );
}

interface CatalogueItem {
  readonly code: string;
  readonly version: number;
  readonly organ: string;
}

/** One answer of the server; its own words when it refuses. */
async function ask<T>(url: string, path: string, token: string): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`${url}${path}`, { headers: { Authorization: `Bearer ${token}` } });
  } catch (error) {
    const cause = (error as Error).cause ?? error;
    throw new LoadError(
      'SERVER_NOT_FOUND',
      `${url} 没有应答;请先执行 npm start,或用 --url 指明地址\n` +
        `no answer from ${url} (${String(cause)}); run npm start first, or name it with --url`,
    );
  }
  if (response.ok) return (await response.json()) as T;
  const text = await response.text();
  throw new LoadError('SERVER_REFUSED', `${url}${path}: ${response.status} ${text}`);
}

/** Items of the catalogue whose organs the server's pack knows, for the script to choose from. */
async function items(url: string, token: string): Promise<string> {
  interface Pack {
    readonly organs: readonly { readonly code: string; readonly territory: string }[];
  }
  const { organs } = await ask<Pack>(url, '/api/v1/pack', token);
  const territories = new Map(organs.map((organ) => [organ.code, organ.territory]));
  const found: CatalogueItem[] = [];
  for (const file of globSync('rules/catalogue/**/*.json', { cwd: ROOT }).sort()) {
    const catalogue = JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as {
      readonly items?: readonly CatalogueItem[];
    };
    found.push(...(catalogue.items ?? []).filter(({ organ }) => territories.has(organ)));
  }
  if (found.length === 0) {
    throw new LoadError('ITEMS_NOT_FOUND', `rules/catalogue 中没有 ${url} 的机构的事项 / no items`);
  }
  const step = Math.max(1, Math.floor(found.length / ITEMS_MAX));
  const chosen = found.filter((_, index) => index % step === 0).slice(0, ITEMS_MAX);
  return JSON.stringify(
    chosen.map(({ code, version, organ }) => ({
      code,
      version,
      organ,
      territory: territories.get(organ) ?? '',
    })),
  );
}

interface Summary {
  readonly metrics: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Our own metrics and the requests' times; k6's many others are in its table above. */
const REPORTED = /^(?:events_|wall_|http_req_duration$|http_req_failed$|dropped_iterations$)/;

/** Figures of k6's summary as a flat object: `http_req_duration.p(99)` and the like. */
function flatten(script: string, exitCode: number, summary: Summary): Record<string, unknown> {
  const figures: Record<string, number> = {};
  const crossed: string[] = [];
  for (const [metric, values] of Object.entries(summary.metrics)) {
    if (!REPORTED.test(metric)) continue;
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === 'number') figures[`${metric}.${name}`] = value;
    }
    const thresholds = (values.thresholds ?? {}) as Record<string, boolean>;
    for (const [rule, failed] of Object.entries(thresholds)) {
      if (failed) crossed.push(`${metric}: ${rule}`);
    }
  }
  return { script, passed: exitCode === 0, crossed, figures };
}

async function run(script: string, values: Values): Promise<number> {
  const k6 = findK6(values.k6);
  const token = values.token ?? secretOf('wall', values.data);
  const key = values.key ?? secretOf('source', values.data);
  const url = serverUrl(values.data, values.url);
  // A demonstration runs at its own time and speed.
  const time = await ask<{ nowMs: number; speed: number }>(url, '/api/v1/wall', token);
  const choice = await items(url, token);
  const folder = mkdtempSync(join(tmpdir(), 'mingcha-load-'));
  try {
    const summaryFile = join(folder, 'summary.json');
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      MINGCHA_URL: url,
      MINGCHA_KEY: key,
      MINGCHA_WALL_TOKEN: token,
      MINGCHA_ITEMS: choice,
      MINGCHA_ENGINE_MS: String(time.nowMs),
      MINGCHA_STARTED_MS: String(Date.now()),
      MINGCHA_SPEED: String(time.speed),
      MINGCHA_DURATION: values.duration,
      MINGCHA_RATE: values.rate ?? (script === 'ingest' ? '10' : '5'),
      MINGCHA_ROWS: values.rows,
      MINGCHA_SOCKETS: values.sockets,
    };
    if (values.report !== undefined) {
      env.K6_WEB_DASHBOARD = 'true';
      env.K6_WEB_DASHBOARD_PORT = '-1';
      env.K6_WEB_DASHBOARD_EXPORT = resolve(values.report);
    }
    const file = join(ROOT, 'benchmarks/k6', `${script}.js`);
    const args = ['run', '--no-usage-report', '--quiet', `--summary-export=${summaryFile}`];
    args.push('--summary-trend-stats=avg,med,p(95),p(99),max', file);
    const { status } = spawnSync(k6, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
    const exitCode = status ?? 1;
    if (values.json && existsSync(summaryFile)) {
      const summary = JSON.parse(readFileSync(summaryFile, 'utf8')) as Summary;
      process.stdout.write(`${JSON.stringify(flatten(script, exitCode, summary))}\n`);
    }
    return exitCode;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    const command = readCommand(argv);
    if (command !== null) return await run(command.script, command.values);
    process.stdout.write(`${USAGE}\n`);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`LOAD_USAGE: ${error.message}\n${USAGE}\n`);
      return 2;
    }
    if (!(error instanceof LoadError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
