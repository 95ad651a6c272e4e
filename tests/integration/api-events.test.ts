/** Intake over HTTP: rows E1, E2, E8-E11, E35, E37-E40, E44-E46 of the bad-input catalogue. */
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody, SubmitResult } from '../../api/contract.ts';
import { apiLimits, eventLimits } from '../../engine/config/limits.ts';
import type { Client, Harness } from './api-harness.ts';
import { startHarness } from './api-harness.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const NDJSON = { 'content-type': 'application/x-ndjson' };

let harness: Harness;
let source: Client;
let seq = 0;

beforeAll(async () => {
  harness = await startHarness();
  source = harness.withKey('demo-source');
});
afterAll(() => harness.close());

function event(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const at = '2026-11-24T09:00:00+08:00';
  return { caseKey: 'YZ-1', type: 'received', at, organ: 'ZJ', seq: ++seq, ...changes };
}

function post(body: NonNullable<RequestInit['body']>, headers: Record<string, string> = JSON_TYPE) {
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, headers, duplex: 'half' };
  return source.send('/api/v1/events', init);
}

function errorOf(body: unknown): ErrorBody['error'] {
  return (body as ErrorBody).error;
}

describe('a single record', () => {
  test('is accepted with its receipt', async () => {
    const answer = await post(JSON.stringify(event()));
    const result = answer.body as SubmitResult;
    expect([answer.status, result.accepted, result.rows[0]?.outcome]).toEqual([202, 1, 'accepted']);
    expect(result.rows[0]?.position).toBeTypeOf('number');
  });

  test('may be written over several lines', async () => {
    const answer = await post(JSON.stringify(event(), null, 2).replaceAll('\n', '\r\n'));
    expect([answer.status, (answer.body as SubmitResult).rows.length]).toEqual([202, 1]);
  });

  test('two objects under application/json are one that is no JSON', async () => {
    const answer = await post(`${JSON.stringify(event())}\n${JSON.stringify(event())}`);
    expect([answer.status, errorOf(answer.body).code]).toEqual([400, 'JSON_SYNTAX']);
  });

  test('E37: the same bytes again are a duplicate, answered 200', async () => {
    const body = JSON.stringify(event());
    await post(body);
    const answer = await post(body);
    expect([answer.status, (answer.body as SubmitResult).duplicate]).toEqual([200, 1]);
  });

  test('E38: the same number with other content is refused with 409', async () => {
    const first = event();
    await post(JSON.stringify(first));
    const answer = await post(JSON.stringify({ ...first, type: 'accepted' }));
    const error = errorOf(answer.body);
    expect([answer.status, error.code]).toEqual([409, 'ID_REUSED_WITH_OTHER_CONTENT']);
    expect([error.row, error.pointer, error.source]).toEqual([1, '/seq', 'demo-source']);
  });

  test('E39: a gap in the source’s numbers is accepted and said', async () => {
    seq += 5;
    const answer = await post(JSON.stringify(event()));
    const [row] = (answer.body as SubmitResult).rows;
    expect([answer.status, row?.outcome, row?.error?.code]).toEqual([202, 'held', 'SEQUENCE_GAP']);
  });

  test('E40: a case never received is held', async () => {
    const answer = await post(JSON.stringify(event({ caseKey: 'NEVER', type: 'finished' })));
    const [row] = (answer.body as SubmitResult).rows;
    expect([answer.status, row?.outcome, row?.error?.code]).toEqual([202, 'held', 'CASE_UNKNOWN']);
  });

  test('a refused record has its code’s status, pointer and both texts', async () => {
    const answer = await post(JSON.stringify(event({ type: 'ACCPET' })));
    const error = errorOf(answer.body);
    expect([answer.status, error.code, error.pointer]).toEqual([422, 'TYPE_UNKNOWN', '/type']);
    expect(error.message).toContain('ACCPET');
    expect(error.messageEn).toContain('ACCPET');
    expect(error.requestId).toBe(answer.headers.get('x-request-id'));
  });
});

describe('a batch', () => {
  test('E44: three bad rows of 1,000 are named, the others accepted', async () => {
    const rows = Array.from({ length: 1000 }, () => JSON.stringify(event()));
    rows[16] = '{"a":1';
    rows[499] = JSON.stringify(event({ type: 'ACCPET' }));
    rows[999] = JSON.stringify(event({ caseKey: undefined }));
    const answer = await post(rows.join('\n'), NDJSON);
    const result = answer.body as SubmitResult;
    const refused = result.rows.filter((row) => row.outcome === 'refused');
    expect(answer.status).toBe(207);
    expect(refused.map((row) => [row.row, row.error?.code])).toEqual([
      [17, 'JSON_SYNTAX'],
      [500, 'TYPE_UNKNOWN'],
      [1000, 'FIELD_REQUIRED'],
    ]);
    expect(result.accepted + result.held + result.refused).toBe(1000);
  });

  test('all good is 202, gzipped or not', async () => {
    const two = () => `${JSON.stringify(event())}\n${JSON.stringify(event())}\n`;
    expect((await post(two(), NDJSON)).status).toBe(202);
    const packed = gzipSync(two());
    const answer = await post(packed, { ...NDJSON, 'content-encoding': 'gzip' });
    expect([answer.status, (answer.body as SubmitResult).rows.length]).toEqual([202, 2]);
  });
});

describe('bodies and headers', () => {
  test('E1: nothing in the body', async () => {
    for (const headers of [JSON_TYPE, NDJSON]) {
      const answer = await post('', headers);
      expect([answer.status, errorOf(answer.body).code]).toEqual([400, 'BODY_EMPTY']);
    }
  });

  test('E8: an announced length over the limit is refused unread, the connection closed', async () => {
    const answer = await post(Buffer.alloc(20 * 1024 * 1024, 32), NDJSON);
    const error = errorOf(answer.body);
    expect([answer.status, error.code]).toEqual([413, 'BODY_TOO_LARGE']);
    expect(error.limit).toBe(apiLimits.eventsBytesMax);
    expect(answer.headers.get('connection')).toBe('close');
  });

  test('E8: 20 MiB in chunks without a length stop at the limit', async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1 << 18;
        controller.enqueue(new Uint8Array(1 << 18).fill(32));
        if (sent >= 20 * 1024 * 1024) controller.close();
      },
    });
    const answer = await post(endless, NDJSON);
    expect([answer.status, errorOf(answer.body).code]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  test('E9: a gzip bomb stops inflating at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(8 * eventLimits.bodyBytesMax, 32));
    const before = process.memoryUsage().arrayBuffers;
    const answer = await post(bomb, { ...NDJSON, 'content-encoding': 'gzip' });
    const error = errorOf(answer.body);
    expect([answer.status, error.code]).toEqual([413, 'BODY_INFLATES_TOO_LARGE']);
    expect(error.limit).toBe(eventLimits.bodyBytesMax);
    const grown = process.memoryUsage().arrayBuffers - before;
    expect(grown).toBeLessThan(4 * eventLimits.bodyBytesMax);
  });

  test.each(['gzip, gzip, gzip', 'br', 'deflate', 'zstd', 'x-unknown'])(
    'E10: content encoding %s is refused',
    async (encoding) => {
      const answer = await post('{}', { ...JSON_TYPE, 'content-encoding': encoding });
      expect([answer.status, errorOf(answer.body).code]).toEqual([415, 'ENCODING_UNSUPPORTED']);
    },
  );

  test('gzip that is none is refused, not guessed', async () => {
    const answer = await post('{"a":1}', { ...JSON_TYPE, 'content-encoding': 'gzip' });
    expect([answer.status, errorOf(answer.body).code]).toEqual([415, 'ENCODING_UNSUPPORTED']);
  });

  test('E11: GBK is read when it is declared', async () => {
    const record = JSON.stringify(event({ caseKey: '@@' }));
    const gbk = Buffer.from(record, 'latin1');
    const at = gbk.indexOf('@@');
    gbk.set([0xd6, 0xd0], at); // 中
    const answer = await post(gbk, { 'content-type': 'application/json; charset=GB18030' });
    expect(answer.status).toBe(202);
    const other = await post('{}', { 'content-type': 'application/json; charset=utf-16' });
    expect([other.status, errorOf(other.body).code]).toEqual([415, 'MEDIA_TYPE']);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])(
    'E45: content type "%s" is refused',
    async (type) => {
      const body = Buffer.from(JSON.stringify(event()));
      const answer = await post(body, type === '' ? {} : { 'content-type': type });
      expect([answer.status, errorOf(answer.body).code]).toEqual([415, 'MEDIA_TYPE']);
    },
  );

  test('E46: two contradictory lengths are refused and the connection closed', async () => {
    const answer = await raw(
      'POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n' +
        'Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n0\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"BODY_LENGTH_AMBIGUOUS"');
  });
});

describe('who may send', () => {
  test('only a source key: no cookie, no other key', async () => {
    const body = event();
    const nobody = await harness.client().post('/api/v1/events', body);
    expect([nobody.status, errorOf(nobody.body).code]).toEqual([401, 'UNAUTHENTICATED']);
    for (const name of ['bureau', 'dept-zj', 'operator', 'author']) {
      const answer = await (await harness.as(name)).post('/api/v1/events', body);
      expect([answer.status, errorOf(answer.body).code]).toEqual([403, 'FORBIDDEN']);
    }
    for (const name of ['wall', 'operator-key']) {
      const answer = await harness.withKey(name).post('/api/v1/events', body);
      expect(answer.status).toBe(403);
    }
  });

  test('E35: a key limited to one organ cannot report another’s case', async () => {
    const { store } = harness.server.access;
    const { sha256 } = await import('../../api/auth/access-store.ts');
    const label = { zh: '住建', en: 'Housing' };
    const holder = { name: 'zj-source', kind: 'key', role: 'source', label } as const;
    store.add(
      { ...holder, organs: ['ZJ'], territories: null },
      sha256('mck_only-for-housing-0001'),
    );
    const client = harness.client();
    client.key = 'mck_only-for-housing-0001';
    expect((await client.post('/api/v1/events', event({ organ: 'ZJ' }))).status).toBe(202);
    const answer = await client.post('/api/v1/events', event({ organ: 'ZR' }));
    expect([answer.status, errorOf(answer.body).code]).toEqual([403, 'SOURCE_NOT_OWNER']);
  });

  test('an engine that is not ready takes nothing', async () => {
    harness.engine.ready = false;
    const answer = await post(JSON.stringify(event()));
    harness.engine.ready = true;
    expect([answer.status, errorOf(answer.body).code]).toEqual([503, 'NOT_READY']);
  });
});

/** Bytes as they are, for requests that no client library would send. */
function raw(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(harness.server.port, '127.0.0.1', () => socket.write(request));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('close', () => resolve(text)).on('error', reject);
  });
}
