#!/usr/bin/env node
/**
 * The one plain-JavaScript file: runs on any Node >= 20 with nothing installed, installs what is
 * missing (Node 26 included, as the npm package `node`) and starts the program that was asked for.
 *
 * Owns: installation, the dashboards build, the order of checks in `test`, signals and exit codes.
 * Does not own: options of the programs it starts; everything after the command is passed on.
 *
 * Invariants
 * B1  When the stamps match, nothing touches the network and nothing is rebuilt.
 * B2  A stamp is written only after what it vouches for has been checked.
 * B3  One signal from outside reaches the child once; we leave when the child has left, with its code.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const MODULES = join(ROOT, 'node_modules');
const NODE = join(MODULES, '.bin', 'node');
const INSTALL_STAMP = join(MODULES, '.mingcha-lock');
const INSTALL_LOCK = join(ROOT, '.mingcha-installing');
const DASHBOARDS = join(ROOT, 'dashboards');
const DIST_STAMP = join(DASHBOARDS, 'dist', '.mingcha-sources');
const NODE_FLAGS = ['--disable-warning=ExperimentalWarning'];

/** Command → entry file, what people read while it starts, and whether it needs the dashboards. */
const PROGRAMS = {
  start: { entry: 'api/main.ts', dashboards: true },
  import: { entry: 'engine/cli/import.ts' },
  calendar: { entry: 'engine/cli/calendar.ts' },
  rules: { entry: 'engine/cli/rules.ts' },
  digest: { entry: 'engine/cli/digest.ts' },
  check: { entry: 'checker/main.ts' },
  agree: { entry: 'tests/agreement/main.ts' },
  bench: { entry: 'benchmarks/main.ts' },
  load: { entry: 'engine/cli/load.ts' },
  simulate: { entry: 'tests/simulation/main.ts' },
  soak: { entry: 'tests/simulation/main.ts', args: ['--soak'] },
};

const USAGE = `用法 / usage: node bin/mingcha.mjs COMMAND [options]
  start      启动全部(日志、引擎、数据库、接口、大屏)/ start everything
  test       全部检查 / all checks; with arguments: only vitest, with these arguments
  import     导入 XES 或 CSV 日志 / import an event log
  calendar   工作日计算 / workday arithmetic
  rules      规则用例与发布 / rule cases, publishing
  digest     发牌摘要与平衡 / card digest and balance
  check      离线核验:独立程序逐日重算 / check a dossier by an independent program
  agree      随机办件:引擎与核验程序对算 / random cases by engine and checker
  bench      性能测试 / benchmarks
  load       负载测试(k6)/ load test
  simulate   确定性模拟与植入缺陷 / deterministic simulation, mutants
  soak       长时间模拟 / simulation for long
  build      构建前端 / build the dashboards`;

/** A failure with a stable code; the message says what, where and what to do. */
class BootstrapError extends Error {
  constructor(code, message, exitCode = 1) {
    super(message);
    this.code = code;
    this.exitCode = exitCode;
  }
}

function say(zh, en) {
  process.stderr.write(`▸ ${zh} / ${en}\n`);
}

function seconds(sinceMs) {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

function sha256(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

/** Reports progress while `work` runs: on a terminal in place, elsewhere a line every 15 seconds. */
async function withElapsed(zh, en, work) {
  const started = performance.now();
  say(`正在${zh} …`, `${en} …`);
  const inPlace = process.stderr.isTTY;
  const tick = () => process.stderr.write(`  ${seconds(started)}${inPlace ? '\r' : '\n'}`);
  const timer = setInterval(tick, inPlace ? 1000 : 15_000);
  try {
    const result = await work();
    clearInterval(timer);
    say(`${zh}完成,用时 ${seconds(started)}`, `${en}: done in ${seconds(started)}`);
    return result;
  } finally {
    clearInterval(timer);
  }
}

/**
 * Asks the C library for huge pages behind large arrays (Linux; elsewhere the variable means nothing):
 * the case tables are read at random, and a page walk then costs as much as the read. Measured 15 to 20 %
 * of the kernel's time.
 */
function programEnv() {
  const tunables = process.env.GLIBC_TUNABLES;
  if (tunables?.includes('glibc.malloc.hugetlb')) return process.env;
  const huge = 'glibc.malloc.hugetlb=1';
  return { ...process.env, GLIBC_TUNABLES: tunables ? `${tunables}:${huge}` : huge };
}

/** Runs a command to its end with its output captured. */
function capture(command, args, env) {
  return new Promise((settle) => {
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => settle({ code: 127, output: error.message }));
    child.on('close', (code) =>
      settle({ code: code ?? 1, output: Buffer.concat(chunks).toString() }),
    );
  });
}

/**
 * Runs a program with our input and output. It gets a process group of its own, because a terminal
 * sends Ctrl-C to the whole group and npm sends it once more: the child must hear it once (B3).
 */
function run(command, args, env = process.env) {
  return new Promise((settle) => {
    const child = spawn(command, args, { cwd: ROOT, env, stdio: 'inherit', detached: true });
    let lastSignalMs = Number.NEGATIVE_INFINITY;
    const forward = (signal) => {
      const nowMs = performance.now();
      if (nowMs - lastSignalMs < 2000) return;
      lastSignalMs = nowMs;
      child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    const watch = watchNpm(() => forward('SIGTERM'));
    const finish = (code) => {
      clearInterval(watch);
      for (const signal of signals) process.removeListener(signal, forward);
      settle(code);
    };
    child.on('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      finish(127);
    });
    child.on('exit', (code, signal) => finish(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** Under npm, its sudden death (kill -9) must not leave the program running unseen. */
function watchNpm(orphaned) {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  return setInterval(() => {
    if (process.ppid !== parent) orphaned();
  }, 1000);
}

// ---------------------------------------------------------------------------------- installation

/** PATH without this project's own tools: `npm ci` deletes them while it runs. */
function outsidePath() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.filter((folder) => !resolve(folder).startsWith(MODULES));
}

function npmCommand() {
  const script = process.env.npm_execpath;
  const node = process.env.npm_node_execpath;
  if (script?.endsWith('npm-cli.js') && node && !resolve(node).startsWith(MODULES)) {
    return { command: node, args: [script] };
  }
  return { command: 'npm', args: [] };
}

/**
 * True when the packages on disk are those of the lock file, whoever installed them: npm keeps a
 * hidden lock of what it laid down. Optional packages of other platforms may be absent.
 */
function installedAsLocked(lockText) {
  const hiddenPath = join(MODULES, '.package-lock.json');
  if (!existsSync(hiddenPath) || !existsSync(NODE)) return false;
  const wanted = JSON.parse(lockText).packages;
  const present = JSON.parse(readFileSync(hiddenPath, 'utf8')).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const version = present[path]?.version;
    if (version === undefined ? !entry.optional : version !== entry.version) return false;
  }
  return true;
}

/** One installation at a time: two commands on a fresh clone would delete each other's packages. */
async function underInstallLock(work) {
  const deadlineMs = performance.now() + 10 * 60_000;
  for (;;) {
    try {
      mkdirSync(INSTALL_LOCK);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const ageMs = Date.now() - (statSync(INSTALL_LOCK, { throwIfNoEntry: false })?.mtimeMs ?? 0);
      if (ageMs > 10 * 60_000) rmSync(INSTALL_LOCK, { recursive: true, force: true });
      if (performance.now() > deadlineMs) {
        throw new BootstrapError(
          'INSTALL_LOCKED',
          `另一个安装进程占用了 ${INSTALL_LOCK};若没有,请删除该目录后重试\n` +
            `another installation holds ${INSTALL_LOCK}; if there is none, delete that folder`,
        );
      }
      await new Promise((settle) => setTimeout(settle, 500));
    }
  }
  const release = () => rmSync(INSTALL_LOCK, { recursive: true, force: true });
  const onSignal = () => {
    release();
    process.exit(130);
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    return await work();
  } finally {
    release();
    process.removeListener('SIGINT', onSignal);
    process.removeListener('SIGTERM', onSignal);
  }
}

async function runNpmCi() {
  const npm = npmCommand();
  const env = { ...process.env, PATH: outsidePath().join(delimiter) };
  const args = [
    ...npm.args,
    'ci',
    '--prefer-offline',
    '--no-fund',
    '--no-audit',
    '--loglevel=error',
  ];
  const { code, output } = await capture(npm.command, args, env);
  if (code === 0) return;
  process.stderr.write(`${output}\n`);
  throw new BootstrapError(
    'INSTALL_FAILED',
    `npm ci 失败(退出码 ${code})。首次安装需要能访问 npm 源;若本机离线或在防火墙后,请用
  npm config set registry <可达镜像> 后重试,或从同平台的已安装机器复制 node_modules。
npm ci failed with exit code ${code}. The first installation needs an npm registry: when this
  machine is offline, point npm at a reachable mirror (npm config set registry ...) and run the
  command again, or copy node_modules from an installed machine of the same platform.`,
  );
}

async function checkNode() {
  const { code, output } = await capture(NODE, ['--version'], process.env);
  if (code === 0 && Number(/^v(\d+)/.exec(output)?.[1]) >= 26) return;
  throw new BootstrapError(
    'NODE_MISSING',
    `npm 包 node 没有装上 Node 26(${output.trim()})。安装脚本可能被禁用:执行
  npm config set ignore-scripts false,删除 node_modules 后重试。
the npm package "node" did not bring Node 26 (${output.trim()}). Install scripts may be off: run
  npm config set ignore-scripts false, delete node_modules and run the command again.`,
  );
}

async function ensureInstalled() {
  const lockText = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  const wanted = sha256([lockText]);
  const stamped = () =>
    existsSync(INSTALL_STAMP) && existsSync(NODE) && readFileSync(INSTALL_STAMP, 'utf8') === wanted;
  if (stamped()) return;
  await underInstallLock(async () => {
    if (stamped()) return;
    if (!installedAsLocked(lockText)) {
      await withElapsed('安装依赖(首次约一分钟)', 'installing packages', runNpmCi);
    }
    await checkNode();
    writeFileSync(INSTALL_STAMP, wanted);
  });
}

// ------------------------------------------------------------------------------------ dashboards

function* filesUnder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (entry.name === 'dist' || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    else yield path;
  }
}

/** Content hash of everything the bundle is made of (times are not trusted: a checkout sets them). */
function dashboardSources() {
  const parts = [readFileSync(join(ROOT, 'package-lock.json'))];
  const contract = join(ROOT, 'api', 'contract.ts');
  for (const path of [...filesUnder(DASHBOARDS), ...(existsSync(contract) ? [contract] : [])]) {
    parts.push(path.slice(ROOT.length), readFileSync(path));
  }
  return sha256(parts);
}

async function buildDashboards({ force }) {
  if (!existsSync(join(DASHBOARDS, 'index.html'))) return 0;
  const wanted = dashboardSources();
  if (!force && existsSync(DIST_STAMP) && readFileSync(DIST_STAMP, 'utf8') === wanted) return 0;
  return withElapsed('构建前端', 'building the dashboards', async () => {
    const vite = join(MODULES, 'vite', 'bin', 'vite.js');
    const args = [...NODE_FLAGS, vite, 'build', 'dashboards', '--logLevel', 'warn'];
    const { code, output } = await capture(NODE, args, { ...process.env, NODE_ENV: 'production' });
    if (code !== 0) {
      process.stderr.write(output);
      throw new BootstrapError('BUILD_FAILED', '前端构建失败,见上 / the build failed, see above');
    }
    writeFileSync(DIST_STAMP, wanted);
    return 0;
  });
}

// ------------------------------------------------------------------------------------------ test

/** The checks of `npm test`, in order. All run, also after a failure. */
function testSteps(reportFile) {
  const tool = (file, ...args) => run(NODE, [...NODE_FLAGS, join(MODULES, file), ...args]);
  const types = (project) => tool('typescript/bin/tsc', '--noEmit', '-p', project);
  const steps = [['类型检查 / types', () => types('.')]];
  if (existsSync(join(DASHBOARDS, 'tsconfig.json'))) {
    steps.push(['类型检查(前端)/ types of the dashboards', () => types('dashboards')]);
  }
  const biome = [
    '@biomejs/biome/bin/biome',
    'check',
    '--diagnostic-level=error',
    '--max-diagnostics=60',
    '.',
  ];
  steps.push(['格式与静态检查 / lint', () => tool(...biome)]);
  steps.push(['前端构建 / dashboards build', () => buildDashboards({ force: false })]);
  const vitest = ['vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json'];
  steps.push(['测试 / tests', () => tool(...vitest, `--outputFile.json=${reportFile}`)]);
  return steps;
}

/** Counts of vitest's report; a missing report or a file that did not load is a failure. */
function readCounts(reportFile) {
  if (!existsSync(reportFile)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(reportFile, 'utf8'));
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

async function runStep(name, step) {
  const started = performance.now();
  process.stdout.write(`\n━━ ${name}\n`);
  let code = 1;
  try {
    code = await step();
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    code = error.exitCode;
  }
  const verdict = code === 0 ? '通过 / passed' : `失败 / failed (${code})`;
  process.stdout.write(`━━ ${name}: ${verdict}, ${seconds(started)}\n`);
  return code;
}

async function runTests(args) {
  if (args.length > 0) {
    return run(NODE, [...NODE_FLAGS, join(MODULES, 'vitest/vitest.mjs'), 'run', ...args]);
  }
  const started = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'mingcha-test-'));
  const reportFile = join(folder, 'report.json');
  let firstFailure = 0;
  let passed = 0;
  let failed = 0;
  try {
    const steps = testSteps(reportFile);
    for (const [name, step] of steps) {
      const code = await runStep(name, step);
      if (firstFailure === 0) firstFailure = code;
      if (code >= 128) return code; // a signal ended it: do not start the next one
      const isVitest = step === steps.at(-1)[1];
      if (isVitest) continue;
      if (code === 0) passed++;
      else failed++;
    }
    const counts = readCounts(reportFile);
    passed += counts.passed;
    failed += counts.failed;
    process.stdout.write(`\n用时 / total: ${seconds(started)}\n`);
    process.stdout.write(`${passed} passed, ${failed} failed, ${counts.skipped} skipped\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return firstFailure !== 0 ? firstFailure : failed > 0 ? 1 : 0;
}

// ------------------------------------------------------------------------------------------ main

async function main([command, ...args]) {
  if (command === undefined || command === 'help' || command === '--help' || command === '-h') {
    process.stdout.write(`${USAGE}\n`);
    return command === undefined ? 2 : 0;
  }
  const program = Object.hasOwn(PROGRAMS, command) ? PROGRAMS[command] : undefined;
  if (program === undefined && command !== 'test' && command !== 'build') {
    throw new BootstrapError('COMMAND_UNKNOWN', `没有命令 / no command "${command}"\n${USAGE}`, 2);
  }
  await ensureInstalled();
  if (command === 'test') return runTests(args);
  if (command === 'build') return buildDashboards({ force: true });
  const asksHelp = args.includes('--help') || args.includes('-h');
  if (program.dashboards && !asksHelp) await buildDashboards({ force: false });
  return run(
    NODE,
    [...NODE_FLAGS, join(ROOT, program.entry), ...(program.args ?? []), ...args],
    programEnv(),
  );
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BootstrapError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = error.exitCode;
}
