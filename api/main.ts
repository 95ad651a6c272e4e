/**
 * `npm start`: the embedded engine, the API and the dashboards in one process.
 *
 * Owns: options, progress, signals and the words on the terminal. Everything else is a library:
 * engine/engine.ts and api/server.ts can be started from a test.
 *
 * A first signal stops what is running in the reverse order of its start, also in the middle of it; a
 * second one leaves at once, which costs a replay and no data.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { MINUTE_MS } from '../engine/base/units.ts';
import { demoTarget } from '../engine/demo/demo-target.ts';
import { DemoFeeder } from '../engine/demo/feeder.ts';
import { EmbeddedEngine } from '../engine/engine.ts';
import type { PackSource } from '../engine/rules/source.ts';
import { makeFolder } from '../engine/runtime/data-folder.ts';
import { loadPack } from '../engine/runtime/rule-loader.ts';
import type { ClockSettings } from '../engine/runtime/virtual-clock.ts';
import { REAL_TIME } from '../engine/runtime/virtual-clock.ts';
import { startServer } from './server.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DEFAULT_PORT = 8848;
const DEFAULT_SPEED = 60;
const DEFAULT_RATE = 4;
const ADDRESS_FILE = 'address.txt';
/** Time stands still while history is fed: nothing may tick before its stamp. */
const FROZEN: ClockSettings = { baseMs: 0, realBaseMs: 0, speed: 0 };

const USAGE = `用法 / usage: npm start -- [options]
  --no-demo       不装演示数据,空库启动 / start empty, without the demonstration city
  --data DIR      数据目录,默认 ./data / data folder
  --port N        端口,默认 ${DEFAULT_PORT} / port
  --host ADDR     监听地址,默认 127.0.0.1 / address to listen on
  --pack FILE     规则包,默认 rules/packs/demo.json / rule pack of a new log
  --speed N       演示时间流速(倍),默认 ${DEFAULT_SPEED} / speed of demonstration time
  --rate N        演示业务量(倍),默认 ${DEFAULT_RATE} / rate of demonstration traffic
  --cases N       演示历史办件数,默认 120000 / cases of demonstration history`;

interface Options {
  readonly demo: boolean;
  readonly dataDir: string;
  readonly port: number;
  readonly host: string;
  readonly packFile: string;
  readonly speed: number;
  readonly rate: number;
  readonly cases: number;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function fail(text: string, code: 1 | 2): never {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      allowNegative: true,
      options: {
        demo: { type: 'boolean', default: true },
        data: { type: 'string', default: join(ROOT, 'data') },
        port: { type: 'string', default: String(DEFAULT_PORT) },
        host: { type: 'string', default: '127.0.0.1' },
        pack: { type: 'string', default: join(ROOT, 'rules/packs/demo.json') },
        speed: { type: 'string', default: String(DEFAULT_SPEED) },
        rate: { type: 'string', default: String(DEFAULT_RATE) },
        cases: { type: 'string', default: '120000' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      say(USAGE);
      process.exit(0);
    }
    return {
      demo: values.demo,
      dataDir: fromCaller(values.data),
      port: Math.round(numberOption('port', values.port, 0, 65_535)),
      host: values.host,
      packFile: fromCaller(values.pack),
      speed: numberOption('speed', values.speed, 0.001, 100_000),
      rate: numberOption('rate', values.rate, 0, 1000),
      cases: Math.round(numberOption('cases', values.cases, 1, 10_000_000)),
    };
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`, 2);
  }
}

function numberOption(name: string, text: string, least: number, most: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value >= least && value <= most) return value;
  throw new Error(
    `--${name} 应为 ${least} 到 ${most} 的数,得到 (expected a number, got) "${text}"`,
  );
}

/** Paths are those of the folder the command was given in, also when npm changes to ours. */
function fromCaller(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

/** Key of the pseudonyms, made once for each data folder and readable by its owner only. */
function pseudonymKey(dataDir: string): Uint8Array {
  const path = join(dataDir, 'pseudonym.key');
  if (!existsSync(path)) writeFileSync(path, randomBytes(32), { mode: 0o600 });
  return readFileSync(path);
}

function packOf(options: Options): PackSource {
  return { ...loadPack(options.packFile), demo: options.demo };
}

/** A line that is rewritten in place on a terminal, printed every few seconds elsewhere. */
class Progress {
  #lastMs = 0;

  show(text: string): void {
    const now = performance.now();
    const terminal = process.stdout.isTTY === true;
    if (now - this.#lastMs < (terminal ? 100 : 3000)) return;
    this.#lastMs = now;
    if (terminal) process.stdout.write(`\r\u001b[K${text}`);
    else say(text);
  }

  done(text: string): void {
    if (process.stdout.isTTY === true) process.stdout.write('\r\u001b[K');
    say(text);
    this.#lastMs = 0;
  }
}

async function startEngine(options: Options): Promise<EmbeddedEngine> {
  const progress = new Progress();
  const engine = new EmbeddedEngine({
    dataDir: options.dataDir,
    pack: packOf(options),
    pseudonymKey: pseudonymKey(options.dataDir),
    clock: options.demo ? FROZEN : REAL_TIME,
    log: (message) => process.stderr.write(`${message}\n`),
    onProgress: (applied, end) => {
      progress.show(`回放日志 ${applied} / ${end} / replaying the log`);
    },
  });
  await engine.start();
  progress.done(`引擎就绪:${engine.partitions} 个分区 / engine ready`);
  return engine;
}

async function startDemo(options: Options, engine: EmbeddedEngine, run: Run): Promise<void> {
  assertDemoFolder(options, engine);
  const progress = new Progress();
  const feeder = new DemoFeeder(
    {
      dataDir: options.dataDir,
      // The city is that of the log's first day, whatever the files or a publication say by now.
      pack: await engine.firstPack(),
      target: demoTarget(engine),
      rate: options.rate,
      cases: options.cases,
      onProgress: (fraction, records) => {
        const percent = Math.floor(fraction * 100);
        progress.show(`生成演示城市 ${percent}% (${records} 条) / filling the demonstration city`);
      },
      onTrouble: (message) => process.stderr.write(`${message}\n`),
    },
    Date.now(),
  );
  run.ends.push(() => feeder.stop());
  run.signal.addEventListener('abort', () => void feeder.stop());
  await feeder.history();
  if (run.signal.aborted) return;
  await engine.effects.drain();
  await engine.refresh();
  const baseMs = Math.max(feeder.liveFromMs, engine.lastStampMs());
  await engine.setClock({ baseMs, realBaseMs: Date.now(), speed: options.speed });
  feeder.live();
  progress.done('演示城市就绪 / demonstration city ready');
}

/** Invented cases must never get among real ones, nor stand unmarked. */
function assertDemoFolder({ dataDir }: Options, engine: EmbeddedEngine): void {
  const begun = existsSync(join(dataDir, 'demo.json'));
  const empty = engine.lastStampMs() === Number.NEGATIVE_INFINITY;
  if (engine.pack().demo && (begun || empty)) return;
  throw new Error(
    `${dataDir} 里是真实数据,不能混入演示数据;请加 --no-demo,或用 --data 换一个目录 ` +
      '(the folder holds data of its own; add --no-demo, or name another folder by --data)',
  );
}

/** What was fed by a clock that ran ahead of ours would hold back the stamps of what comes now. */
function warnOfLeap(engine: EmbeddedEngine): void {
  const lastMs = engine.lastStampMs();
  if (lastMs <= Date.now() + MINUTE_MS) return;
  say(
    `注意:日志已记到 ${new Date(lastMs).toISOString()},晚于本机时钟;在此之前新记录都按该时刻计 ` +
      '(the log is ahead of this clock; new records take its last instant until then)',
  );
}

/** Before a minute's work, see that nobody else listens there. */
function assertPortFree({ port, host }: Options): Promise<void> {
  return new Promise((done, refuse) => {
    const probe = createServer();
    probe.once('error', refuse);
    probe.listen(port, host, () => probe.close(() => done()));
  });
}

/** What has been started: how it ends, and whether somebody asked for that. */
interface Run {
  readonly signal: AbortSignal;
  readonly ends: (() => void | Promise<void>)[];
}

async function start(options: Options, run: Run): Promise<void> {
  const began = performance.now();
  await assertPortFree(options);
  makeFolder(options.dataDir);
  const engine = await startEngine(options);
  run.ends.push(() => engine.stop());
  if (run.signal.aborted) return;
  if (options.demo) await startDemo(options, engine, run);
  else warnOfLeap(engine);
  if (run.signal.aborted) return;
  const { dataDir, port, host } = options;
  const server = await startServer({
    ...{ engine, dataDir, port, host, busiestFirst: true },
    log: pino({ level: 'warn' }, pino.destination(2)),
    dashboardsDir: join(ROOT, 'dashboards/dist'),
  });
  run.ends.push(() => rmSync(join(dataDir, ADDRESS_FILE), { force: true }));
  run.ends.push(() => server.close());
  announce(options, server, (performance.now() - began) / 1000);
}

async function main(): Promise<void> {
  const options = readOptions();
  const asked = new AbortController();
  const stop = (): void => {
    if (asked.signal.aborted) process.exit(130);
    say('\n正在停止 / stopping …');
    asked.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  const run: Run = { signal: asked.signal, ends: [] };
  try {
    await start(options, run);
    if (!run.signal.aborted) await once(run.signal, 'abort');
  } finally {
    for (const end of run.ends.toReversed()) await end();
  }
  say('已停止,数据已存盘 / stopped');
  process.exit(0);
}

function announce(
  options: Options,
  server: Awaited<ReturnType<typeof startServer>>,
  seconds: number,
): void {
  const { host } = options;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const base = `http://${name.includes(':') ? `[${name}]` : name}:${server.port}`;
  // Commands run against this data folder (rules publish, load) find the server by it.
  writeFileSync(join(options.dataDir, ADDRESS_FILE), `${base}\n`);
  say(`\n明察 Mingcha 已就绪 / ready  ${base}   (${seconds.toFixed(1)} s)`);
  if (options.demo) say('演示数据:所有页面均有标记 / demonstration data, marked on every page');
  say('');
  const { entries, file } = server.credentials;
  for (const { name, kind, secret, label } of entries) {
    const what = kind === 'person' ? '口令 password' : '密钥 key';
    say(`  ${name.padEnd(22)} ${what} ${secret}   ${label.zh} / ${label.en}`);
  }
  say(`\n登录信息 / log-ins: ${file}`);
  say('停止:Ctrl-C / stop with Ctrl-C');
}

function explained(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  const message = error instanceof Error ? error.message : String(error);
  if (code === 'EADDRINUSE') {
    return `端口被占用;请停掉占用者,或用 --port 换一个 (the port is in use; stop whoever has it, or name another by --port): ${message}`;
  }
  if (code === 'EACCES' && message.startsWith('listen')) {
    return `不能监听该端口;请用 --port 换一个大于 1023 的 (that port is not ours to take; name one above 1023 by --port): ${message}`;
  }
  return message;
}

main().catch((error: unknown) => fail(`启动失败 / start failed: ${explained(error)}`, 1));
