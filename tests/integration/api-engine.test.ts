/**
 * The API over the real engine (log, workers, embedded ClickHouse): events come in over HTTP, cards go
 * out through all four doors, a department sees its own only, and answers one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type {
  CardPage,
  CardView,
  LiveCard,
  SubmitResult,
  WallSummary,
} from '../../api/contract.ts';
import { type RunningServer, startServer } from '../../api/server.ts';
import { EmbeddedEngine } from '../../engine/engine.ts';
import { loadPack } from '../../engine/runtime/rule-loader.ts';
import { CHEAP, type Client, Harness, until } from './api-harness.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const OWN = 'LC00-FG';
const FOREIGN = 'LC00-JY';

let engine: EmbeddedEngine;
let server: RunningServer;
let dataDir: string;
let doors: Harness;
let dept: Client;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'mingcha-real-'));
  engine = new EmbeddedEngine({
    dataDir,
    pack: loadPack(join(ROOT, 'rules/packs/demo.json')),
    partitions: 2,
    threads: 1,
    pseudonymKey: new Uint8Array(32).fill(7),
    log: (message) => process.stderr.write(`${message}\n`),
  });
  await engine.start();
  const log = pino({ level: 'silent' });
  server = await startServer({ engine, dataDir, port: 0, log, scrypt: CHEAP });
  doors = new Harness(engine as never, server, dataDir);
  dept = await doors.as(`dept-${OWN.toLowerCase()}`);
});

afterAll(async () => {
  await server?.close();
  await engine?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** A decision without acceptance: a procedure card on every such case. */
function outOfOrder(organ: string, number: number): string {
  const at = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const base = {
    caseKey: `${organ}-T${number}`,
    at,
    itemCode: `${organ}-01`,
    itemVersion: 1,
    organ,
  };
  const received = { ...base, type: 'received', seq: number * 10 };
  const decided = { ...base, type: 'decided', document: 'D-1', seq: number * 10 + 1 };
  return `${JSON.stringify(received)}\n${JSON.stringify(decided)}\n`;
}

async function submit(...cases: readonly [organ: string, number: number][]): Promise<SubmitResult> {
  const body = cases.map(([organ, number]) => outOfOrder(organ, number)).join('');
  const source = doors.withKey('demo-source');
  const headers = { 'content-type': 'application/x-ndjson' };
  const answer = await source.send('/api/v1/events', { method: 'POST', body, headers });
  expect(answer.text).not.toContain('"refused","error"');
  expect(answer.status).toBe(202);
  return answer.body as SubmitResult;
}

/** The store may be a moment behind the kernel. */
async function pageOf(client: Client, path: string, enough: (page: CardPage) => boolean) {
  const endMs = performance.now() + 15_000;
  for (;;) {
    const page = (await client.get(path)).body as CardPage;
    if (enough(page)) return page;
    if (performance.now() > endMs) throw new Error(`never enough at ${path}: ${page.total} cards`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('a department gets its own cards through list, export, wall and socket, and no other', async () => {
  const { frames } = doors.socketOf(dept);
  await until('snapshot', () => frames.length > 0, 10_000);
  await submit([FOREIGN, 1], [OWN, 2], [FOREIGN, 3], [OWN, 4], [FOREIGN, 5]);
  const bureau = await doors.as('bureau');
  const all = await pageOf(bureau, '/api/v1/cards?limit=200', (page) => {
    return new Set(page.cards.map((card) => card.caseKey)).size === 5;
  });
  expect(new Set(all.cards.map((card) => card.organ))).toEqual(new Set([OWN, FOREIGN]));

  const page = (await dept.get('/api/v1/cards?limit=200')).body as CardPage;
  const own = all.cards.filter((card) => card.organ === OWN).map((card) => card.cardId);
  expect(page.cards.map((card) => card.cardId).sort()).toEqual(own.sort());
  expect(page.facets.organ).toEqual({ [OWN]: own.length });

  const { text: csv } = await dept.get('/api/v1/cards/export.csv');
  expect(csv.trimEnd().split('\r\n')).toHaveLength(own.length + 2);

  const wall = await dept.get('/api/v1/wall');
  expect((wall.body as WallSummary).organs.map((row) => row.organ)).toEqual([OWN]);

  const pushed = () => frames.filter((frame) => frame.name === 'card');
  await until('own cards on the socket', () => pushed().length >= own.length, 10_000);
  const live = pushed().map((frame) => (frame.body as unknown as LiveCard).card);
  expect(new Set(live.map((card) => card.organ))).toEqual(new Set([OWN]));

  for (const text of [JSON.stringify(page), csv, wall.text, JSON.stringify(frames)]) {
    expect(text).not.toContain(FOREIGN);
  }
  const foreign = all.cards.find((card) => card.organ === FOREIGN) as CardView;
  expect((await dept.get(`/api/v1/cards/${foreign.cardId}`)).status).toBe(404);
  expect((await dept.get(`/api/v1/cases/${foreign.caseKey}`)).status).toBe(404);
});

test('a card is acknowledged and answered; the store agrees; an old version is refused', async () => {
  await submit([OWN, 6]);
  const path = `/api/v1/cards?caseKey=${OWN}-T6`;
  const { cards } = await pageOf(dept, path, (page) => page.total > 0);
  const [card] = cards as [CardView];
  const act = `/api/v1/cards/${card.cardId}`;
  const first = await dept.post(`${act}/acknowledge`, { expectedVersion: card.version });
  expect([first.status, first.text]).toEqual([200, expect.stringContaining('"acknowledged"')]);
  const answer = { category: 'confirmed', text: '属实，已整改' };
  const stale = await dept.post(`${act}/answer`, { ...answer, expectedVersion: card.version });
  expect([stale.status, stale.text]).toEqual([409, expect.stringContaining('CARD_VERSION')]);
  const expectedVersion = card.version + 1;
  expect((await dept.post(`${act}/answer`, { ...answer, expectedVersion })).status).toBe(200);
  const stored = await pageOf(dept, path, (page) => page.cards[0]?.state === 'answered');
  expect(stored.cards[0]).toMatchObject({ answerText: answer.text, replyDueMs: null });
});

test('a pack that is none is refused with every problem, and the engine goes on', async () => {
  const operator = await doors.as('operator');
  const body = { pack: { id: 'x' }, reason: '错误的规则包' };
  const refused = await operator.post('/api/v1/rules/publish', body);
  expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('PACK_INVALID')]);
  expect((await operator.get('/api/v1/health')).status).toBe(200);
});
