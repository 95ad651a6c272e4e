/**
 * A notice on a running server: tried by the command, loaded by the command, and the cards that come of
 * it; the preview says to the unit what publication then does, and those who may not are refused.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  CalendarReply,
  PreviewResult,
  PreviewView,
  PublishResult,
} from '../../api/contract.ts';
import { startServer } from '../../api/server.ts';
import { formatDay } from '../../engine/calendars/days.ts';
import type { CardChange } from '../../engine/cards/card.ts';
import { runCalendarCommand } from '../../engine/cli/calendar.ts';
import type { NoticeSource } from '../../engine/rules/source.ts';
import { PreviewCancelled } from '../../engine/runtime/preview.ts';
import { CITY_END_MS, cityRecords, feedCity } from '../fixtures/running/city.ts';
import { demoPack, type Running, startEngine, TempDirs } from '../fixtures/running/engine.ts';
import { CHEAP, Harness } from './api-harness.ts';

const CASES = 900;
const dirs = new TempDirs();
const dataDir = dirs.make();
let run: Running;
let doors: Harness;

beforeAll(async () => {
  const clock = { baseMs: CITY_END_MS, realBaseMs: Date.now(), speed: 0 };
  run = await startEngine({ dataDir, clock });
  const log = pino({ level: 'silent' });
  const server = await startServer({ engine: run.engine, dataDir, port: 0, log, scrypt: CHEAP });
  doors = new Harness(run.engine as never, server, dataDir);
  await feedCity(run.engine, cityRecords(CASES));
});

afterAll(async () => {
  await doors?.server.close();
  await run?.engine.stop();
  dirs.remove();
});

/** Twenty days, the first so many days before the end of the city's time, become days off. */
function noticeOf(number: string, over: Partial<NoticeSource> = {}, ago = 9): NoticeSource {
  const end = Math.floor(CITY_END_MS / 86_400_000);
  const days = Array.from({ length: 20 }, (_, i) => formatDay(end - ago + i));
  return {
    ...{ place: 'CN', number, title: '台风停工', url: 'https://example.test/notice' },
    published: '2026-01-01',
    effect: { off: days.map((date) => ({ date, name: '台风' })) },
    ...over,
  };
}

function fileOf(notice: unknown): string {
  const path = join(dirs.make(), 'notice.json');
  writeFileSync(path, JSON.stringify(notice));
  return path;
}

async function command(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const output = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const where = ['--url', doors.url, '--data', dataDir, '--json'];
  const code = await runCalendarCommand(['notice', ...argv, ...where], output);
  const last = out.at(-1) ?? '';
  return { code, err: err.join('\n'), json: last.startsWith('{') ? JSON.parse(last) : null };
}

/** What publication did, recounted from the changes that came out of it. */
function recount(changes: readonly CardChange[]) {
  const kindOf = ({ op }: CardChange) => (op === 'restored' ? 'raised' : op);
  const groups = new Map<string, PreviewResult['groups'][number]>();
  for (const change of changes) {
    const { organ, level } = change;
    const name = `${organ} ${level}`;
    const before = groups.get(name) ?? { organ, level, raised: 0, withdrawn: 0, moved: 0 };
    const kind = kindOf(change) as 'raised' | 'withdrawn' | 'moved';
    groups.set(name, { ...before, [kind]: before[kind] + 1 });
  }
  const count = (kind: string) => changes.filter((one) => kindOf(one) === kind).length;
  return {
    ...{ raised: count('raised'), withdrawn: count('withdrawn'), moved: count('moved') },
    groups: [...groups.keys()].sort().map((name) => groups.get(name)),
  };
}

async function heardWhile(work: () => Promise<void>): Promise<CardChange[]> {
  const heard: CardChange[] = [];
  const stop = run.engine.onCard((card) => heard.push(card));
  await work();
  await run.engine.effects.drain();
  stop();
  return heard;
}

const counts = ({ raised, withdrawn, moved }: PublishResult | PreviewResult) => ({
  ...{ raised, withdrawn, moved },
});

test.for<[string, Partial<NoticeSource>, number, readonly string[]]>([
  ['of the whole country', {}, 9, []],
  ['of one territory', { territory: 'LC00' }, 45, []],
  ['with a window for closed cases', { territory: 'LC' }, 90, ['--window', '60']],
])('a preview of a notice %s counts what publication does', async ([name, over, ago, window]) => {
  const notice = noticeOf(`试〔2026〕${name}`, over, ago);
  const file = fileOf(notice);
  const digest = await run.engine.digest();
  const before = (await run.engine.balance()).rows;
  const tried = await command(file, '--preview', ...window);
  expect(tried.code, tried.err).toBe(0);
  const preview = tried.json.result as PreviewResult;
  // Trying changes nothing and appends nothing.
  expect(await run.engine.digest()).toEqual(digest);
  expect((await run.engine.balance()).rows).toEqual(before);

  if (window.length > 0) {
    const { result } = (await command(file, '--preview')).json;
    expect(result.moved + result.withdrawn).toBeGreaterThan(preview.moved + preview.withdrawn);
  }
  let published: PublishResult | null = null;
  const changes = await heardWhile(async () => {
    const loaded = await command(file, ...window);
    expect(loaded.code, loaded.err).toBe(0);
    published = loaded.json;
  });
  const did = published as unknown as PublishResult;
  expect(changes.length).toBeGreaterThan(0);
  expect({ ...counts(did), retimed: did.retimed, hash: did.hash }).toEqual({
    ...counts(preview),
    ...{ retimed: preview.retimed, hash: preview.hash },
  });
  expect(recount(changes)).toEqual({ ...counts(preview), groups: preview.groups });
  // Days to come move deadlines that nobody has reached.
  if (ago === 9) expect(did.retimed).toBeGreaterThan(0);
  // Samples are changes that came, by another version of the calendar, without the case for an operator.
  const came = new Map(changes.map((change) => [change.cardId, change]));
  for (const sample of preview.samples) {
    const { caseKey, ...rest } = sample;
    expect(caseKey).toBe('');
    expect(came.get(sample.cardId)).toMatchObject(rest);
  }
  expect(preview.samples.length).toBeGreaterThan(0);
  for (const change of changes) {
    expect(change.calendarVersion).toBe(did.calendarVersion);
    expect(change.previousCalendarVersion).toBeLessThan(did.calendarVersion);
    expect(change.previousPackVersion).toBeLessThan(did.version);
  }
});

test('a change names the verdict before it, also when it is read from the store', async () => {
  const cards = await run.cards();
  const first = demoPack().calendar.version;
  const moved = cards.filter((card) => card.op !== 'raised' && card.calendarVersion > first);
  expect(moved.length).toBeGreaterThan(0);
  for (const card of moved) {
    expect(card.previousCalendarVersion).toBeLessThan(card.calendarVersion);
    expect(card.previousDueMs).toBeGreaterThan(0);
  }
});

describe('refusals', () => {
  test('a notice loaded twice, or of another place, or of a territory nobody has', async () => {
    const again = await command(fileOf(noticeOf('试〔2026〕of the whole country')));
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('NOTICE_KNOWN')]);
    const other = await command(fileOf(noticeOf('试2', { place: 'NL' })));
    expect([other.code, other.err]).toEqual([1, expect.stringContaining('NOTICE_PLACE')]);
    const moon = await command(fileOf(noticeOf('试3', { territory: 'moon' })));
    expect([moon.code, moon.err]).toEqual([1, expect.stringContaining('/layers/')]);
    const day = { date: '2026-02-30', name: 'x' };
    const wrong = await command(fileOf(noticeOf('试4', { effect: { off: [day] } })));
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('/effect/off/0')]);
    const shape = await command(fileOf({ ...noticeOf('试5'), effekt: {} }));
    expect([shape.code, shape.err]).toEqual([1, expect.stringContaining('effekt')]);
  });

  test('a pack with an older calendar does not take loaded notices back', async () => {
    const pack = JSON.stringify(demoPack());
    await expect(run.engine.publish(pack, 'op', '旧日历')).rejects.toThrow(
      /calendar notice --write/,
    );
  });

  test('an author may try but not load; a department neither; nobody is asked to log in', async () => {
    const body = { notice: noticeOf('试6'), reason: '按新通知' };
    const path = '/api/v1/calendar/notices';
    const author = await doors.as('author');
    expect((await author.post(path, body)).status).toBe(403);
    const both = `${path}?preview=true&preview=false`;
    expect([400, 403]).toContain((await author.post(both, body)).status);
    const tried = await author.post(`${path}?preview=true`, body);
    expect(tried.status).toBe(202);
    const { id } = tried.body as PreviewView;
    await author.send(`/api/v1/previews/${id}`, { method: 'DELETE' });
    const { entries } = doors.server.credentials;
    const department = await doors.as(
      entries.find(({ role }) => role === 'department')?.name ?? '',
    );
    for (const query of ['', '?preview=true']) {
      expect((await department.post(path + query, body)).status).toBe(403);
    }
    expect((await department.get(`/api/v1/previews/${id}`)).status).toBe(403);
    expect((await doors.client().post(path, body)).status).toBe(401);
    expect((await department.get('/api/v1/calendar')).status).toBe(200);
  });
});

test('the calendar in force lists its notices with the days that trace to each', async () => {
  const bureau = await doors.as('bureau');
  const { calendar, provisional } = (await bureau.get('/api/v1/calendar')).body as CalendarReply;
  const { version, notices } = calendar;
  const everything = { organs: null, territories: null };
  expect(provisional).toBe((await run.engine.summary(everything)).counts.provisional);
  expect(version).toBe(demoPack().calendar.version + 3);
  const local = notices.filter(({ territory }) => territory !== '');
  expect(local.map(({ territory }) => territory).sort()).toEqual(['LC', 'LC00']);
  expect(local.map(({ off }) => off)).toEqual([20, 20]);
  const pack = demoPack().calendar.years.find(({ year }) => year === 2020);
  const spring = notices.find(({ number }) => number === '国办发明电〔2020〕1号');
  expect(spring).toMatchObject({ years: [2020], off: 3, work: 1, published: '2020-01-26' });
  expect(pack?.notices[1]?.url).toBe(spring?.url);
});

test('a preview can be cancelled, tells how far it is, and leaves room for the next', async () => {
  const pack = { ...demoPack(), version: 99 };
  const abort = new AbortController();
  const draft = { notice: noticeOf('试7') };
  const cancelled = run.engine.changes.preview(draft, {
    signal: abort.signal,
    onProgress: () => abort.abort(),
  });
  await expect(cancelled).rejects.toBeInstanceOf(PreviewCancelled);
  const told: [number, number][] = [];
  const result = await run.engine.changes.preview(draft, {
    samples: 2,
    onProgress: (done, total) => told.push([done, total]),
  });
  expect(told.at(-1)).toEqual([result.cases, result.cases]);
  expect(result.asOf.positions).toHaveLength(run.engine.partitions);
  const kinds = ['raised', 'restored', 'withdrawn', 'moved'];
  for (const kind of kinds) {
    expect(result.samples.filter(({ op }) => op === kind).length).toBeLessThanOrEqual(2);
  }
  const first = run.engine.changes.startPreview(draft);
  expect(() => run.engine.changes.startPreview(draft)).toThrow(/PREVIEW_BUSY/);
  expect(run.engine.changes.cancelPreview(first.id)?.state).toBe('cancelled');
  expect(run.engine.changes.cancelPreview('none')).toBeNull();
  // A rule pack is tried the same way.
  const calendar = { ...pack.calendar, version: 99 };
  const whole = await run.engine.changes.preview({ pack: { ...pack, calendar } });
  expect(whole.packVersion).toBe(99);
  expect(whole.withdrawn + whole.moved + whole.raised).toBeGreaterThan(0);
});
