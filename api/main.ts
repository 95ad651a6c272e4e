/**
 * `npm start`: the embedded engine, the API and the dashboards in one process.
 *
 * Owns: options, progress and the words on the terminal. Everything else is a library: engine/engine.ts
 * and api/server.ts can be started from a test.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { demoTarget } from '../engine/demo/demo-target.ts';
import { DemoFeeder } from '../engine/demo/feeder.ts';
import { EmbeddedEngine } from '../engine/engine.ts';
import type { PackSource } from '../engine/rules/source.ts';
import { loadPack } from '../engine/runtime/rule-loader.ts';
import type { ClockSettings } from '../engine/runtime/virtual-clock.ts';
import { REAL_TIME } from '../engine/runtime/virtual-clock.ts';
import { startServer } from './server.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DEFAULT_PORT = 8848;
const DEFAULT_SPEED = 60;
const DEFAULT_RATE = 4;
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
      dataDir: resolve(values.data),
      port: numberOption('port', values.port, 0, 65_535),
      host: values.host,
      packFile: resolve(values.pack),
      speed: numberOption('speed', values.speed, 0.001, 100_000),
      rate: numberOption('rate', values.rate, 0, 1000),
      cases: numberOption('cases', values.cases, 1, 10_000_000),
    };
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`, 2);
  }
}

function numberOption(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= least && value <= most) return value;
  throw new Error(
    `--${name} 应为 ${least} 到 ${most} 的数,得到 (expected a number, got) "${text}"`,
  );
}

/** Key of the pseudonyms, made once for each data folder and readable by its owner only. */
function pseudonymKey(dataDir: string): Uint8Array {
  const path = join(dataDir, 'pseudonym.key');
  if (!existsSync(path)) writeFileSync(path, randomBytes(32), { mode: 0o600 });
  return readFileSync(path);
}

function packOf(options: Options): PackSource {
  const pack = loadPack(options.packFile);
  return options.demo ? pack : { ...pack, demo: false };
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

async function startDemo(options: Options, engine: EmbeddedEngine): Promise<DemoFeeder> {
  const progress = new Progress();
  const feeder = new DemoFeeder(
    {
      dataDir: options.dataDir,
      pack: loadPack(options.packFile),
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
  await feeder.history();
  await engine.effects.drain();
  const baseMs = Math.max(feeder.liveFromMs, engine.lastStampMs());
  await engine.setClock({ baseMs, realBaseMs: Date.now(), speed: options.speed });
  feeder.live();
  progress.done('演示城市就绪 / demonstration city ready');
  return feeder;
}

async function main(): Promise<void> {
  const began = performance.now();
  const options = readOptions();
  mkdirSync(options.dataDir, { recursive: true });
  const engine = await startEngine(options);
  const feeder = options.demo ? await startDemo(options, engine) : null;
  const server = await startServer({
    engine,
    dataDir: options.dataDir,
    port: options.port,
    host: options.host,
    busiestFirst: true,
    log: pino({ level: 'warn' }, pino.destination(2)),
    dashboardsDir: join(ROOT, 'dashboards/dist'),
  });
  announce(options, server, (performance.now() - began) / 1000);
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    say('\n正在停止 / stopping …');
    await feeder?.stop();
    await server.close();
    await engine.stop();
    say('已停止,数据已存盘 / stopped');
    process.exit(0);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
}

function announce(
  options: Options,
  server: Awaited<ReturnType<typeof startServer>>,
  seconds: number,
): void {
  const { host } = options;
  const base = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${server.port}`;
  // Commands run against this data folder (rules publish, load) find the server by it.
  writeFileSync(join(options.dataDir, 'address.txt'), `${base}\n`);
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

main().catch((error: unknown) => {
  fail(`启动失败 / start failed: ${error instanceof Error ? error.message : String(error)}`, 1);
});
