/**
 * The program as people start it: with a small demonstration city, empty, stopped at any moment, started
 * again, and refused with a clear sentence where it cannot start.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Balance, HealthReply, PackInfo, WallSummary } from '../../api/contract.ts';
import { TempDirs, totals } from '../fixtures/running/engine.ts';
import { Program, secretOf } from '../fixtures/running/program.ts';
import { Client } from './api-harness.ts';

/** "Within a minute" is for a quiet machine; these cities are sixty times smaller than the default. */
const READY_MS = 45_000;
const STOP_MS = 10_000;
const dirs = new TempDirs();
const cityDir = dirs.make();
const started: Program[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((program) => program.stop('SIGKILL')));
});

afterAll(() => dirs.remove());

function start(...argv: string[]): Program {
  const program = new Program(...argv);
  started.push(program);
  return program;
}

function startCity(...argv: string[]): Program {
  return start('--data', cityDir, '--port', '0', '--cases', '2000', ...argv);
}

async function asBureau(program: Program, dataDir: string): Promise<Client> {
  const client = new Client(program.url);
  expect((await client.logIn('bureau', secretOf(dataDir, 'bureau'))).status).toBe(200);
  return client;
}

async function booksOf(client: Client) {
  return totals((await client.get('/api/v1/balance')).body as Balance);
}

interface DemoNotes {
  readonly startMs: number;
  readonly endMs: number;
  readonly fedMs: number;
}

function notes(dataDir: string): DemoNotes {
  return JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')) as DemoNotes;
}

/** Runs to its end; every line of standard error. */
async function refused(...argv: string[]): Promise<{ code: number | null; lines: string[] }> {
  const program = start(...argv);
  const { code } = await program.exit();
  return { code, lines: program.errors.trimEnd().split('\n') };
}

describe('with a demonstration city', () => {
  let applied = 0;
  let fedMs = 0;

  test('stopped while history is fed it ends cleanly, and notes how far it got', async () => {
    const program = startCity();
    await program.said('生成演示城市');
    const exit = await program.stop();
    expect(exit.code, program.errors).toBe(0);
    expect(exit.ms).toBeLessThan(STOP_MS);
    expect(program.errors).toBe('');
    const { startMs, endMs, fedMs: fed } = notes(cityDir);
    expect(fed).toBeGreaterThan(startMs);
    expect(fed).toBeLessThan(endMs);
  });

  test('started again it goes on, prints address and log-ins, and the wall answers', async () => {
    const beganMs = performance.now();
    const program = startCity();
    await program.ready();
    expect(performance.now() - beganMs).toBeLessThan(READY_MS);
    expect(program.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(readFileSync(join(cityDir, 'address.txt'), 'utf8').trim()).toBe(program.url);
    for (const name of ['bureau', 'operator', 'demo-source', 'wall']) {
      expect(program.output).toContain(secretOf(cityDir, name));
    }
    const client = await asBureau(program, cityDir);
    const wall = (await client.get('/api/v1/wall')).body as WallSummary;
    expect(wall).toMatchObject({ demo: true, speed: 60 });
    expect(wall.counts.open).toBeGreaterThan(20);
    const books = await booksOf(client);
    expect(books.applied).toBeGreaterThan(10_000);
    expect(books).toMatchObject({ held: 0, deadLettered: 0 });
    const exit = await program.stop();
    expect([exit.code, program.errors]).toEqual([0, '']);
    expect(exit.ms).toBeLessThan(STOP_MS);
    expect(existsSync(join(cityDir, 'address.txt'))).toBe(false);
    applied = books.applied;
    fedMs = notes(cityDir).fedMs;
    expect(fedMs).toBeGreaterThanOrEqual(notes(cityDir).endMs);
  });

  test('the next start feeds on from there and doubles nothing', async () => {
    const program = startCity('--speed', '3600');
    await program.ready();
    const client = await asBureau(program, cityDir);
    await waitFor(async () => (await booksOf(client)).applied > applied + 20);
    const exit = await program.stop('SIGTERM');
    expect([exit.code, program.errors]).toEqual([0, '']);
    expect(notes(cityDir).fedMs).toBeGreaterThan(fedMs);
    const { digestCards, books } = await digestOf(cityDir);
    // The city itself sends some records twice; what a restart repeats would be many more.
    expect(books.duplicate / books.accepted).toBeLessThan(0.01);
    expect(books).toMatchObject({ held: 0, deadLettered: 0 });
    expect(digestCards).toBeGreaterThan(100);
  });

  test('real and invented cases are never mixed', async () => {
    const dir = dirs.make();
    const plain = start('--no-demo', '--data', dir, '--port', '0');
    await plain.ready();
    await plain.stop();
    const { code, lines } = await refused('--data', dir, '--port', '0', '--cases', '2000');
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(/真实数据.*--no-demo/);
    writeFileSync(join(cityDir, 'demo.json'), '{"half":');
    const broken = await refused('--data', cityDir, '--port', '0');
    expect(broken.code).toBe(1);
    expect(broken.lines.at(-1)).toContain(join(cityDir, 'demo.json'));
  });
});

async function waitFor(done: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 20_000;
  while (!(await done())) {
    if (performance.now() > endMs) throw new Error('never came true');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** What `npm run digest` says of a folder that nobody has open. */
async function digestOf(dataDir: string) {
  const cli = join(import.meta.dirname, '../../engine/cli/digest.ts');
  const argv = ['--disable-warning=ExperimentalWarning', cli, '--data', dataDir, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, argv, { maxBuffer: 1 << 26 });
  const said = JSON.parse(stdout.trimEnd().split('\n').at(-1) as string) as {
    readonly cards: number;
    readonly balance: Balance;
  };
  return { digestCards: said.cards, books: totals(said.balance) };
}

describe('without demonstration data', () => {
  test('it starts empty, real and unmarked, and takes records', async () => {
    const dir = dirs.make();
    const program = start('--no-demo', '--data', dir, '--port', '0');
    await program.ready();
    expect(program.output).not.toContain('演示数据');
    const client = await asBureau(program, dir);
    const wall = (await client.get('/api/v1/wall')).body as WallSummary;
    expect(wall).toMatchObject({ demo: false, speed: 1, counts: { open: 0 } });
    expect((await client.get('/api/v1/pack')).body as PackInfo).toMatchObject({ demo: false });
    const source = new Client(program.url);
    source.key = secretOf(dir, 'demo-source');
    const at = new Date(Date.now() - 60_000).toISOString().replace(/\.\d+Z/, 'Z');
    const record = { caseKey: 'A-1', type: 'received', at, organ: 'LC00-FG', seq: 1 };
    expect((await source.post('/api/v1/events', record)).status).toBe(202);
    const health = (await client.get('/api/v1/health')).body as HealthReply;
    expect(health).toMatchObject({ ready: true });
    expect(await booksOf(client)).toMatchObject({ accepted: 1, applied: 1 });
    const exit = await program.stop();
    expect([exit.code, program.errors]).toEqual([0, '']);
  });
});

describe('what cannot be started is refused with one sentence', () => {
  test('options that do not exist or make no sense: exit 2 and the usage', async () => {
    const bad = [
      ['--speeed', '3'],
      ['--port', 'eighty'],
      ['--port', ''],
      ['--cases', '0'],
      ['surplus'],
    ];
    for (const argv of bad) {
      const { code, lines } = await refused(...argv);
      expect([argv, code]).toEqual([argv, 2]);
      expect(lines.join('\n')).toContain('usage: npm start');
      expect(lines.join('\n')).not.toContain('    at ');
    }
  });

  test('a port in use: exit 1, at once, naming port and option', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const dir = join(dirs.make(), 'fresh');
    const { code, lines } = await refused('--data', dir, '--port', String(port));
    server.close();
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lines[0]).toMatch(new RegExp(`--port.*${port}`));
    expect(existsSync(dir)).toBe(false);
  });

  test('a data folder that is a file, a pack that is not there', async () => {
    const file = join(dirs.make(), 'file');
    writeFileSync(file, 'x');
    const folder = await refused('--data', file, '--port', '0', '--no-demo');
    expect([folder.code, folder.lines.length]).toEqual([1, 1]);
    expect(folder.lines[0]).toMatch(/可写的目录.*--data/);
    const pack = join(dirs.make(), 'none.json');
    const dir = dirs.make();
    const missing = await refused('--data', dir, '--port', '0', '--pack', pack);
    expect(missing.code).toBe(1);
    expect(missing.lines.join('\n')).toContain(pack);
    expect(missing.lines.join('\n')).not.toContain('    at ');
  });
});
