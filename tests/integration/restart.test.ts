/**
 * Stopping and starting: the next start answers as the last one did, from checkpoints, without them, with
 * a damaged one, and with the projection gone. Each engine is a process of its own, as in production.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { report, reportsOf, runChild } from '../fixtures/running/children.ts';
import { ROOT, TempDirs } from '../fixtures/running/engine.ts';
import type { Report, Said, Step } from '../fixtures/running/steps.ts';

const dirs = new TempDirs();
const dataDir = dirs.make();
const feed: Step = { do: 'feed', cases: 450, checkpointEvery: 10 };
const look: Step = { do: 'report' };
let first: Report;

beforeAll(async () => {
  first = await report({ dataDir, steps: [feed, look] });
});

afterAll(() => dirs.remove());

function answersOf({ digest, cards, cardsRead, open, openCards, books }: Report) {
  return { digest, cards, cardsRead, open, openCards, books };
}

function checkpoints(partition: number): string[] {
  const names = readdirSync(join(dataDir, 'checkpoints')).sort();
  return names.filter((name) => name.startsWith(`p${partition}-`));
}

/** What a start on the folder prints when it is refused: exit code and standard error. */
function refusedStart(dir: string): Promise<{ code: number | null; errors: string }> {
  const main = join(ROOT, 'api/main.ts');
  const flags = ['--disable-warning=ExperimentalWarning', main, '--no-demo', '--port', '0'];
  const child = spawn(process.execPath, [...flags, '--data', dir], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    errors += part;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, errors })));
}

test('a clean stop leaves checkpoints, and the next start reads nothing again', async () => {
  const again = await report({ dataDir, steps: [look] });
  expect(first.records).toBeGreaterThan(3000);
  expect(again.replayed).toBe(0);
  expect(again.records).toBe(first.records);
  expect(answersOf(again)).toEqual(answersOf(first));
});

test('without checkpoints the log alone gives the same answers', async () => {
  rmSync(join(dataDir, 'checkpoints'), { recursive: true });
  const again = await report({ dataDir, steps: [look] });
  expect(again.replayed).toBe(first.records);
  expect(answersOf(again)).toEqual(answersOf(first));
});

test('without its projection ClickHouse is filled again from the log', async () => {
  rmSync(join(dataDir, 'clickhouse'), { recursive: true });
  const again = await report({ dataDir, steps: [look] });
  expect(again.replayed).toBe(first.records);
  expect(answersOf(again)).toEqual(answersOf(first));
  expect(again.stored).toEqual(first.stored);
});

test('a damaged newest checkpoint costs a replay from the one before and is named', async () => {
  // One more round makes a second checkpoint of each partition.
  await report({ dataDir, steps: [feed, look] });
  const before = await report({ dataDir, steps: [look] });
  const [older, newest] = checkpoints(0) as [string, string];
  const path = join(dataDir, 'checkpoints', newest);
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
  writeFileSync(path, bytes);
  const ended = await runChild({ dataDir, steps: [look] });
  const [again] = reportsOf(ended) as [Report];
  expect(ended.errors).toContain(newest);
  const positionOf = (name: string) => Number(/-(\d+)\./.exec(name)?.[1]);
  expect(again.replayed).toBe(positionOf(newest) - positionOf(older));
  expect(answersOf(again)).toEqual(answersOf(before));
});

test('a second process on the folder is refused, says so, and disturbs nothing', async () => {
  let refused: { code: number | null; errors: string } | null = null;
  const said: Said[] = [];
  const ended = await runChild({ dataDir, steps: [look, { do: 'hang' }] }, async (one, child) => {
    said.push(one);
    if (one.said !== 'done' || one.step !== 'hang') return;
    refused = await refusedStart(dataDir);
    child.kill('SIGKILL');
  });
  expect(ended.signal).toBe('SIGKILL');
  expect(refused).toMatchObject({ code: 1 });
  const { errors } = refused as unknown as { errors: string };
  expect(errors).toContain(dataDir);
  expect(errors).toMatch(/正被另一个进程使用.*in use by another process/s);
  expect(errors.trimEnd().split('\n')).toHaveLength(1);
});

test('a folder of a newer format is refused by name and left alone', async () => {
  const dir = dirs.make();
  const db = new DatabaseSync(join(dir, 'folder.sqlite'));
  db.exec('CREATE TABLE folder (one INTEGER PRIMARY KEY, format INTEGER, partitions INTEGER)');
  db.exec('INSERT INTO folder VALUES (1, 99, 4)');
  db.close();
  const { code, errors } = await refusedStart(dir);
  expect(code).toBe(1);
  expect(errors).toMatch(/格式是 99.*newer version/s);
  expect(readdirSync(dir).filter((name) => name === 'log' || name === 'clickhouse')).toEqual([]);
});

test('a damaged log is never half believed: the start is refused by file and position', async () => {
  const file = join(dataDir, 'log', 'p1.sqlite');
  const db = new DatabaseSync(file);
  const row = db.prepare('SELECT position, data FROM segments ORDER BY position LIMIT 1').get();
  const sound = row?.data as Uint8Array;
  const damaged = Uint8Array.from(sound);
  damaged[damaged.length - 5] = (damaged.at(-5) as number) ^ 1;
  const put = 'UPDATE segments SET data = ? WHERE position = ?';
  db.prepare(put).run(damaged, row?.position as number);
  db.close();
  rmSync(join(dataDir, 'checkpoints'), { recursive: true });
  const { code, errors } = await refusedStart(dataDir);
  expect(code).toBe(1);
  expect(errors).toMatch(/LOG_CORRUPT.*p1\.sqlite.*position 0.*backup/s);
  expect(errors).not.toContain('    at ');
  const mended = new DatabaseSync(file);
  mended.prepare(put).run(sound, row?.position as number);
  mended.close();
  expect((await report({ dataDir, steps: [look] })).digest).toBe(first.digest);
});

test('a log of a newer format is refused by the name of its file', async () => {
  const file = join(dataDir, 'log', 'p2.sqlite');
  const db = new DatabaseSync(file);
  db.exec("UPDATE meta SET value = 99 WHERE key = 'format'");
  db.close();
  const { code, errors } = await refusedStart(dataDir);
  expect(code).toBe(1);
  expect(errors).toContain('LOG_FORMAT');
  expect(errors).toContain(file);
  expect(errors).not.toContain('    at ');
});
