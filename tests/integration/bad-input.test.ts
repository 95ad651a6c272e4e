/**
 * Everything that can be wrong with what a source sends, over HTTP into the real engine: one outcome
 * each, the good rows of the same batch accepted, the books exact to the row, and dead letters that can be
 * read back as they came.
 */
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../api/auth/access-store.ts';
import type { Balance, DeadLetterPage, ErrorBody, SubmitResult } from '../../api/contract.ts';
import { startServer } from '../../api/server.ts';
import { type ErrorCode, entryOf } from '../../engine/base/errors.ts';
import { eventLimits } from '../../engine/config/limits.ts';
import type { PackSource } from '../../engine/rules/source.ts';
import {
  BAD_EVENTS,
  type BadEvent,
  NOW_MS,
  ORGANS,
  SENDER,
  TERRITORY_OF,
} from '../fixtures/bad-events.ts';
import {
  demoPack,
  EVERYTHING,
  type Running,
  startEngine,
  TempDirs,
  totals,
} from '../fixtures/running/engine.ts';
import { type Answer, CHEAP, type Client, Harness } from './api-harness.ts';

const SINGLE = 'application/json';
const BATCH = 'application/x-ndjson';
const GZIP = { 'content-encoding': 'gzip' };
const THRICE = { 'content-encoding': 'gzip, gzip, gzip' };
const KEY = 'mck_bad-input-test-key';
const dirs = new TempDirs();
let run: Running;
let doors: Harness;
let source: Client;
/** What the books must say: accepted into the log, and refused at the door. */
const sent = { accepted: 0, refused: 0 };
let nextCase = 100_000;

/** The demonstration's pack with the organs of the table beside its own. */
function packWithOrgans(): PackSource {
  const pack = demoPack();
  const name = { zh: '测试机构', en: 'Test organ' };
  const organs = ORGANS.map((code) => ({
    ...{ code, name, short: name },
    territory: TERRITORY_OF[code] as string,
  }));
  const territories = [...new Set(Object.values(TERRITORY_OF))].map((code) => ({ code, name }));
  return {
    ...pack,
    organs: [...pack.organs, ...organs],
    territories: [...pack.territories, ...territories],
  };
}

beforeAll(async () => {
  const dataDir = dirs.make();
  const clock = { baseMs: NOW_MS, realBaseMs: Date.now(), speed: 0 };
  run = await startEngine({ dataDir, clock, pack: packWithOrgans() });
  const log = pino({ level: 'silent' });
  const server = await startServer({ engine: run.engine, dataDir, port: 0, log, scrypt: CHEAP });
  doors = new Harness(run.engine as never, server, dataDir);
  const label = { zh: '测试', en: 'test' };
  const holder = { name: SENDER.id, kind: 'key', role: 'source', label } as const;
  server.access.store.add({ ...holder, organs: SENDER.organs, territories: null }, sha256(KEY));
  source = doors.client();
  source.key = KEY;
});

afterAll(async () => {
  await doors?.server.close();
  await run?.engine.stop();
  dirs.remove();
});

function post(body: string | Uint8Array, type: string, headers: Record<string, string> = {}) {
  const init = { method: 'POST', body: Buffer.from(body) };
  return source.send('/api/v1/events', { ...init, headers: { 'content-type': type, ...headers } });
}

/** A record nobody can object to, of a case of its own. */
function goodRow(seq = 1): string {
  const caseKey = `440300-2026-${++nextCase}`;
  const at = '2026-01-05T09:00:00+08:00';
  return JSON.stringify({ caseKey, type: 'received', at, organ: 'SZ-ZJ', seq });
}

/** The body with a case of its own: the table's rows share one, and this engine would remember it. */
function bytesOf({ body }: BadEvent): Uint8Array {
  if (typeof body !== 'string') return body;
  return Buffer.from(body.replaceAll('440300-2026-000123', `440300-2026-${++nextCase}`));
}

function isRefusal(expected: BadEvent['expect']): expected is ErrorCode {
  return expected !== 'accepted' && expected !== 'held';
}

/** A stored record between two good ones, in one batch. */
async function postBetweenGoodRows(event: BadEvent): Promise<Answer> {
  const lines = [Buffer.from(goodRow()), bytesOf(event), Buffer.from(goodRow())];
  return post(Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])), BATCH);
}

describe('rows of a batch', () => {
  test.each(BAD_EVENTS.filter((event) => event.expect !== 'BODY_EMPTY'))(
    '$id $name: $expect',
    async (event) => {
      const answer = await postBetweenGoodRows(event);
      const { rows, ...counts } = answer.body as SubmitResult;
      const refused = isRefusal(event.expect);
      sent.accepted += refused ? 2 : 3;
      sent.refused += refused ? 1 : 0;
      expect([answer.status, rows.length]).toEqual([refused ? 207 : 202, 3]);
      expect([rows[0]?.outcome, rows[2]?.outcome]).toEqual(['accepted', 'accepted']);
      const bad = rows[1];
      expect(bad?.outcome).toBe(refused ? 'refused' : event.expect);
      expect(counts.refused).toBe(refused ? 1 : 0);
      if (refused) {
        expect(bad).toMatchObject({ row: 2, error: { code: event.expect } });
        expect(bad).not.toHaveProperty('position');
        expect(bad?.error?.pointer ?? '').toBe(event.pointer ?? bad?.error?.pointer ?? '');
      }
      const words = `${bad?.error?.message}\n${bad?.error?.messageEn}`;
      if (event.says !== undefined) expect(words).toContain(event.says);
      if (event.hides !== undefined) expect(answer.text).not.toContain(event.hides);
      expect(words).not.toMatch(/\{\w+\}/);
    },
  );
});

/** One refusal of each id, sent alone: its status is that of the whole answer. */
const REFUSED = BAD_EVENTS.filter((event) => isRefusal(event.expect));
const ALONE = [...new Map(REFUSED.map((event) => [event.id, event])).values()];

describe('a record alone', () => {
  test.each(ALONE)('$id $name: $expect', async (event) => {
    const answer = await post(bytesOf(event), SINGLE);
    if (event.expect !== 'BODY_EMPTY') sent.refused++;
    const { error } = answer.body as ErrorBody;
    const code = event.expect as ErrorCode;
    expect([answer.status, error.code]).toEqual([entryOf(code).status, code]);
    if (event.hides !== undefined) expect(answer.text).not.toContain(event.hides);
  });
});

describe('bodies', () => {
  const big = eventLimits.bodyBytesMax + 1;

  test.each<[id: string, code: ErrorCode, body: () => Uint8Array, headers: Record<string, string>]>(
    [
      ['E8', 'BODY_TOO_LARGE', () => Buffer.alloc(big, 'x'), {}],
      ['E9', 'BODY_INFLATES_TOO_LARGE', () => gzipSync(Buffer.alloc(big, 'x')), GZIP],
      ['E10', 'ENCODING_UNSUPPORTED', () => Buffer.from(goodRow()), THRICE],
      ['E45', 'MEDIA_TYPE', () => Buffer.from(goodRow()), { 'content-type': 'text/plain' }],
    ],
  )('%s: %s', async (_id, code, body, headers) => {
    const answer = await post(body(), BATCH, headers);
    const { error } = answer.body as ErrorBody;
    expect([answer.status, error.code]).toEqual([entryOf(code).status, code]);
  });

  test('E46: two contradictory lengths are refused and the connection is closed', async () => {
    const { hostname, port } = new URL(doors.url);
    const request =
      `POST /api/v1/events HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${KEY}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '0\r\n\r\n';
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    socket.write(request);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('BODY_LENGTH_AMBIGUOUS');
  });

  test('E44: of 10,000 rows with 3 bad ones 9,997 are accepted and three are named', async () => {
    const bad = new Map([
      [17, '{"caseKey":'],
      [5000, goodRow().replace('2026-01-05', '2026-02-30')],
      [10_000, goodRow().replace('received', 'recieved')],
    ]);
    const lines = Array.from({ length: 10_000 }, (_, i) => bad.get(i + 1) ?? goodRow());
    const answer = await post(lines.join('\n'), BATCH);
    const { rows, ...counts } = answer.body as SubmitResult;
    expect([answer.status, counts]).toEqual([
      207,
      { accepted: 9997, duplicate: 0, held: 0, refused: 3 },
    ]);
    const named = rows.filter((row) => row.outcome === 'refused');
    expect(named.map((row) => [row.row, row.error?.code])).toEqual([
      [17, 'JSON_SYNTAX'],
      [5000, 'TIME_INVALID_DATE'],
      [10_000, 'TYPE_UNKNOWN'],
    ]);
    sent.accepted += 9997;
    sent.refused += 3;
  });
});

test('E37, E38: the same again is a duplicate, other content under its number a conflict', async () => {
  const row = goodRow();
  const other = row.replace('09:00', '10:00');
  const statuses: number[] = [];
  for (const body of [row, row, other]) statuses.push((await post(body, SINGLE)).status);
  expect(statuses).toEqual([202, 200, 409]);
  sent.accepted += 3;
  await run.engine.effects.drain();
  const operator = await doors.as('operator');
  const { letters } = (await operator.get('/api/v1/dead-letters?limit=200')).body as DeadLetterPage;
  const letter = letters.find((one) => one.code === 'ID_REUSED_WITH_OTHER_CONTENT');
  // As it came, with the sender filled in by the door.
  expect(letter?.raw).toBe(`{"source":"${SENDER.id}",${other.slice(1)}`);
});

test('a held record that turns out to be a contradiction stays on the list of dead letters', async () => {
  const row = goodRow(77);
  const later = row.replace('2026-01-05T09:00', '2026-06-01T20:00');
  const answers = [await post(later, SINGLE), await post(row, SINGLE)];
  expect(answers.map((answer) => answer.status)).toEqual([202, 202]);
  sent.accepted += 2;
  const { caseKey } = JSON.parse(row) as { caseKey: string };
  const listed = async (): Promise<string[]> => {
    await run.engine.effects.drain();
    const letters = await run.engine.deadLetters(1000, 0);
    return letters.filter((one) => one.raw.includes(caseKey)).map((one) => one.kind);
  };
  expect(await listed()).toEqual(['held']);
  await run.moveTo(NOW_MS + 86_400_000);
  expect(await listed()).toEqual(['dead']);
});

test('no store keeps a person unmasked', async () => {
  const id = '11010519491231002X';
  const row = JSON.parse(goodRow()) as { caseKey: string };
  const data = { applicantId: id, applicantName: '张三丰', applicantPhone: '13800138000' };
  expect((await post(JSON.stringify({ ...row, data }), SINGLE)).status).toBe(202);
  sent.accepted++;
  const text = JSON.stringify(await run.engine.caseDetail(row.caseKey, EVERYTHING));
  expect(text).toContain('applicantHash');
  for (const secret of [id, '19491231', '张三丰', '13800138000'])
    expect(text).not.toContain(secret);
});

test('the books agree to the row with what was sent, and balance', async () => {
  const operator = await doors.as('operator');
  const balance = (await operator.get('/api/v1/balance')).body as Balance;
  expect(balance.refused).toEqual({ [SENDER.id]: sent.refused });
  expect(totals(balance).accepted).toBe(sent.accepted);
  expect(totals(balance, SENDER.id).accepted).toBe(sent.accepted);
  expect(balance.balanced).toBe(true);
});
