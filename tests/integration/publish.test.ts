/**
 * A rule author changes a threshold and its cases; an operator puts it in force on a running server with
 * the rules command; cards are raised, moved and withdrawn as engines that had each pack from the first
 * day say (those run in processes of their own).
 */
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PackInfo, RuleList } from '../../api/contract.ts';
import { startServer } from '../../api/server.ts';
import { runRules } from '../../engine/cli/rules.ts';
import type { LiveChange } from '../../engine/facade.ts';
import { AuthorsCopy } from '../fixtures/running/author.ts';
import { runChild } from '../fixtures/running/children.ts';
import { CITY_END_MS, cityRecords, feedCity } from '../fixtures/running/city.ts';
import {
  factsOf,
  type Running,
  startEngine,
  TempDirs,
  totals,
} from '../fixtures/running/engine.ts';
import { ndjson, record } from '../fixtures/running/records.ts';
import type { CardFacts } from '../fixtures/running/steps.ts';
import { CHEAP, Harness } from './api-harness.ts';

const CASES = 300;
const CLOCK = { baseMs: CITY_END_MS, realBaseMs: Date.now(), speed: 0 };
const dirs = new TempDirs();
const dataDir = dirs.make();
const copy = new AuthorsCopy(dirs.make());
const out: string[] = [];
let run: Running;
let doors: Harness;

async function open(): Promise<void> {
  run = await startEngine({ dataDir, clock: CLOCK });
  const log = pino({ level: 'silent' });
  const server = await startServer({ engine: run.engine, dataDir, port: 0, log, scrypt: CHEAP });
  doors = new Harness(run.engine as never, server, dataDir);
}

beforeAll(async () => {
  await open();
  await feedCity(run.engine, cityRecords(CASES));
});

afterAll(async () => {
  await doors?.server.close();
  await run?.engine.stop();
  dirs.remove();
});

/** The rules command in this process: its exit code, and its last line when that is JSON. */
async function rules(...argv: string[]): Promise<{ code: number; json: Record<string, number> }> {
  out.length = 0;
  const line = (text: string) => out.push(text);
  const code = await runRules([...argv, '--json'], { out: line, err: line });
  const last = out.at(-1) ?? '';
  return { code, json: last.startsWith('{') ? JSON.parse(last) : {} };
}

const CARD_CLOCKS = new Set(['card-reply', 'letter-reply', 'supervise-start', 'supervise-close']);

function publish() {
  const where = ['--pack', copy.packFile, '--url', doors.url, '--data', dataDir];
  return rules('publish', ...where, '--reason', '调整预警提前量');
}

/** The cards of an engine that had the author's pack from its first record. */
async function cardsFromTheStart(pack: string): Promise<readonly CardFacts[]> {
  const steps = [{ do: 'feed', cases: CASES }, { do: 'cards' }] as const;
  const { code, said, errors } = await runChild({ dataDir: dirs.make(), pack, steps });
  expect(code, errors).toBe(0);
  return said.flatMap((one) => (one.said === 'cards' ? one.cards : []));
}

/**
 * Findings that stand. Cards about cards (督办) are left out: their clocks run from the day on which the
 * engine told of a card, which for a card raised by the publication is later than from the start.
 */
function standing(cards: readonly CardFacts[]): Map<string, CardFacts> {
  const live = cards.filter((card) => card.state !== 'withdrawn' && !CARD_CLOCKS.has(card.ruleId));
  return new Map(live.map((card) => [card.cardId, card]));
}

/** What a publication between the two sets of cards has to say it did. */
function recount(before: Map<string, CardFacts>, after: Map<string, CardFacts>) {
  const both = [...after.values()].filter((card) => before.has(card.cardId));
  return {
    raised: after.size - both.length,
    withdrawn: before.size - both.length,
    moved: both.filter((card) => before.get(card.cardId)?.dueMs !== card.dueMs).length,
  };
}

/** Facts by card id, without the state: people may have acted on some meanwhile. */
function factsById(cards: Map<string, CardFacts>) {
  const rows = [...cards.values()].map(({ state: _, ...facts }) => facts);
  return rows.sort((a, b) => (a.cardId < b.cardId ? -1 : 1));
}

async function factsNow(): Promise<Map<string, CardFacts>> {
  return standing((await run.cards()).map(factsOf));
}

test('a threshold changed without its cases fails them; with them it passes', async () => {
  copy.setWarning(3, 2);
  const failing = await rules('test', '--pack', copy.packFile);
  expect(failing.code).toBe(1);
  expect(out.join('\n')).toContain('promise');
  copy.expectWarningsEarlier(2);
  const passing = await rules('test', '--pack', copy.packFile);
  expect([passing.code, passing.json.failed]).toEqual([0, 0]);
});

test('published without a restart, it changes the cards it must and keeps what people did', async () => {
  const before = await factsNow();
  const [acted] = await run.cards(undefined, { ruleId: 'promise', states: ['issued'] });
  const { cardId, caseKey, version } = acted as NonNullable<typeof acted>;
  await run.engine.command(
    { commandId: 'p1', type: 'acknowledge', cardId, caseKey, actor: 'x', expectedVersion: version },
    { organs: null, territories: null },
  );
  copy.dropDemoMark();
  const fresh = standing(await cardsFromTheStart(copy.packFile));
  const { code, json } = await publish();
  expect(code, out.join('\n')).toBe(0);
  expect(json).toMatchObject({ version: 2, ...recount(before, fresh) });
  expect(json.raised).toBeGreaterThan(0);
  expect(json.moved).toBeGreaterThan(0);
  expect(factsById(await factsNow())).toEqual(factsById(fresh));
  const kept = await run.engine.card(cardId, { organs: null, territories: null });
  expect(kept).toMatchObject({ state: 'acknowledged', version: version + 1 });
});

test('every door shows the pack in force, and demonstration data stays marked', async () => {
  const operator = await doors.as('operator');
  const { rules: list } = (await operator.get('/api/v1/rules')).body as RuleList;
  expect(list.find((rule) => rule.id === 'promise')).toMatchObject({ version: 2 });
  const info = (await operator.get('/api/v1/pack')).body as PackInfo;
  expect(info).toMatchObject({ version: 2, demo: true });
  expect(new Set(run.engine.states().map((state) => state.packHash))).toEqual(new Set([info.hash]));
  // Every partition's log says who put it in force, and why (law L7).
  for (const { partition } of run.engine.states()) {
    const { hash } = info;
    const logged = await run.engine.workers.ask(partition, 'publication', { partition, hash });
    const control = JSON.parse(logged ?? '{}') as Record<string, unknown>;
    expect(control).toMatchObject({ actor: 'operator-key', reason: '调整预警提前量', version: 2 });
  }
});

test('records that come afterwards are judged by the new pack', async () => {
  const caseKey = 'LC00-FG-AFTER';
  const source = { id: 'city', organs: null, stamps: 'live' } as const;
  const at = '2026-11-20T09:00:00+08:00';
  await run.engine.submit(
    ndjson(
      record({ caseKey, type: 'received', at, seq: 1 }),
      record({ caseKey, type: 'accepted', at: '2026-11-20T09:10:00+08:00', seq: 2, document: 'D' }),
    ),
    source,
  );
  // 15 workdays end with 11 December; the warning comes three of them earlier.
  await run.moveTo('2026-12-09T00:00:00+08:00');
  const cards = await run.cards(undefined, { caseKey, ruleId: 'promise' });
  expect(cards.map((card) => [card.level, card.dueMs, card.packVersion])).toEqual([
    ['warning', Date.parse('2026-12-09T00:00:00+08:00'), 2],
  ]);
});

test('after a restart the published pack is still in force', async () => {
  const digest = await run.engine.digest();
  const before = factsById(await factsNow());
  await doors.server.close();
  await run.engine.stop();
  await open();
  expect(run.engine.pack()).toMatchObject({ version: 2, demo: true });
  expect(await run.engine.digest()).toEqual(digest);
  expect(factsById(await factsNow())).toEqual(before);
});

test('a live change of a card raised before the restart says when that was', async () => {
  const [card] = await run.cards(undefined, { states: ['issued'], levels: ['yellow'] });
  const { cardId, caseKey, version, raisedAtMs, replyDueMs } = card as NonNullable<typeof card>;
  const heard: LiveChange[] = [];
  const unsubscribe = run.engine.onChange((change) => heard.push(change));
  await run.moveTo('2026-12-09T12:00:00+08:00');
  await run.engine.command(
    { commandId: 'p2', type: 'acknowledge', cardId, caseKey, actor: 'x', expectedVersion: version },
    { organs: null, territories: null },
  );
  unsubscribe();
  const change = heard.find((one) => one.card.cardId === cardId);
  expect(change?.card).toMatchObject({ state: 'acknowledged', raisedAtMs, replyDueMs });
  expect(change?.card.atMs).toBeGreaterThan(raisedAtMs);
});

test('published back, what only the stricter pack said is withdrawn and stays readable', async () => {
  const before = await factsNow();
  copy.setWarning(1, 3);
  const { code, json } = await publish();
  expect(code, out.join('\n')).toBe(0);
  const after = await factsNow();
  expect(json).toMatchObject({ version: 3, ...recount(before, after) });
  expect(json.withdrawn).toBeGreaterThan(0);
  const gone = [...before.keys()].filter((cardId) => !after.has(cardId));
  const [first = ''] = gone;
  const card = await run.engine.card(first, { organs: null, territories: null });
  expect(card).toMatchObject({ state: 'withdrawn', op: 'withdrawn', ruleId: 'promise' });
  expect((await run.engine.digest()).cards).toBe((await run.cards()).length);
  totals(await run.engine.balance());
});

test('publications at the same time reach every partition in one order', async () => {
  const pack = await run.engine.firstPack();
  const versions = [11, 12, 13];
  const results = await Promise.all(
    versions.map((version) => {
      return run.engine.publish(JSON.stringify({ ...pack, version }), 'operator', '同时发布');
    }),
  );
  expect(results.map((result) => result.version)).toEqual(versions);
  const hashes = new Set(run.engine.states().map((state) => state.packHash));
  expect(hashes).toEqual(new Set([results[2]?.hash]));
  expect(run.engine.pack().version).toBe(13);
});

test('a version from now on leaves the cards that stand, and both versions are in force in their time', async () => {
  const pack = await run.engine.firstPack();
  await run.engine.publish(JSON.stringify({ ...pack, version: 14 }), 'operator', '准备');
  const before = factsById(await factsNow());
  const later = pack.clocks.map((clock) =>
    clock.id === 'promise'
      ? {
          ...{ ...clock, version: clock.version + 1, effective: 'now' as const },
          rungs: clock.rungs.slice(1),
        }
      : clock,
  );
  const draft = { ...pack, version: 15, clocks: later };
  const result = await run.engine.publish(JSON.stringify(draft), 'operator', '自现在起');
  expect(result).toMatchObject({ raised: 0, withdrawn: 0, moved: 0 });
  const from = pack.clocks.find(({ id }) => id === 'promise')?.version ?? 0;
  expect(result.rules).toEqual([
    { id: 'promise', kind: 'clock', change: 'changed', effective: 'now', from, to: from + 1 },
  ]);
  expect(factsById(await factsNow())).toEqual(before);
  const rules = await run.engine.rules({ organs: null, territories: null });
  const [young, old] = rules.find(({ id }) => id === 'promise')?.versions ?? [];
  expect(young).toMatchObject({ version: from + 1, validTo: null });
  expect(old).toMatchObject({ version: from, validFrom: null, validTo: young?.validFrom });
});
