/** Requests of every odd kind: rows H1-H4, H7, H8, H13, H14; headers on every answer; pages; health. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody, HealthReply, LimitsReply } from '../../api/contract.ts';
import { apiLimits } from '../../engine/config/limits.ts';
import { type Client, type Harness, startHarness } from './api-harness.ts';

let harness: Harness;
let bureau: Client;
let dashboardsDir: string;
const logged: string[] = [];

beforeAll(async () => {
  dashboardsDir = mkdtempSync(join(tmpdir(), 'mingcha-dist-'));
  mkdirSync(join(dashboardsDir, 'assets'));
  const page = '<style nonce="__CSP_NONCE__"></style><i data-nonce="__CSP_NONCE__"></i>';
  writeFileSync(join(dashboardsDir, 'index.html'), page);
  writeFileSync(join(dashboardsDir, 'assets', 'app.js'), `console.log('${'x'.repeat(4000)}')`);
  const log = pino({ level: 'info' }, { write: (line: string) => logged.push(line) });
  harness = await startHarness({}, { dashboardsDir, log });
  bureau = await harness.as('bureau');
});
afterAll(async () => {
  await harness.close();
  rmSync(dashboardsDir, { recursive: true, force: true });
});

function codeOf(body: unknown): string {
  return (body as ErrorBody).error.code;
}

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

describe('queries', () => {
  test.each([
    ['limit=-1', 'QUERY_INVALID'],
    ['limit=0', 'QUERY_INVALID'],
    ['limit=201', 'QUERY_INVALID'],
    ['limit=1e9', 'QUERY_INVALID'],
    ['limit=abc', 'QUERY_INVALID'],
    ['limit=10&limit=20', 'QUERY_INVALID'],
    ['level=red&level=yellow', 'QUERY_INVALID'],
    ['offset=-1', 'QUERY_INVALID'],
    ['page=2', 'QUERY_INVALID'],
    ['state=resolved', 'QUERY_INVALID'],
    ['open=yes', 'QUERY_INVALID'],
    ['text=', 'QUERY_INVALID'],
    ['order=password', 'SORT_FIELD'],
    ['sort=1%3Bdrop', 'SORT_FIELD'],
    ['filter[__proto__][x]=1', 'QUERY_INVALID'],
    ['__proto__=1', 'QUERY_INVALID'],
    ['constructor=1', 'QUERY_INVALID'],
    [`a${'['.repeat(1001)}=1`, 'QUERY_INVALID'],
    [`level=${','.repeat(1000)}`, 'QUERY_INVALID'],
    [`level=${','.repeat(5000)}`, 'QUERY_INVALID'],
  ])('H1-H3: %s is refused with 400', async (query, code) => {
    const answer = await bureau.get(`/api/v1/cards?${query}`);
    expect([answer.status, codeOf(answer.body)]).toEqual([400, code]);
  });

  test('a route without parameters takes none', async () => {
    const answer = await bureau.get('/api/v1/wall?organ=HB');
    expect([answer.status, codeOf(answer.body)]).toEqual([400, 'QUERY_INVALID']);
  });
});

describe('addresses and methods', () => {
  test.each([
    '/api/v1/cards/..%2f..%2fadmin',
    '/api/v1/cards/%2e%2e%2f',
    '/api/v1/cards/%00',
    '/api/v1/cards/%zz',
    '/api/v1/cards/%252e%252e%252f',
    '/api/v1/cases/%00',
    '/api/v1/nothing',
    '/api/v2/cards',
    '/assets/..%2f..%2fpackage.json',
    '/nothing-here',
  ])('H4: %s is not found', async (path) => {
    const answer = await raw(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nCookie: ${bureau.cookie}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).toContain('"error":{"code":');
  });

  test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    'H7: %s on the card list is 405 and names what is allowed',
    async (method) => {
      const answer = await bureau.send('/api/v1/cards', { method });
      expect([answer.status, codeOf(answer.body)]).toEqual([405, 'METHOD_NOT_ALLOWED']);
      expect(answer.headers.get('allow')).toBe('GET, HEAD');
    },
  );

  test('H7: TRACE, and a method that does not exist', async () => {
    expect(
      await raw('TRACE /api/v1/cards HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    ).toMatch(/^HTTP\/1\.1 405 /);
    expect(await raw('FETCHIT /api/v1/cards HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 [\s\S]*REQUEST_MALFORMED/,
    );
  });

  test('H7: a method override header changes nothing', async () => {
    const headers = { 'x-http-method-override': 'DELETE' };
    expect((await bureau.send('/api/v1/session', { headers })).status).toBe(200);
    expect((await bureau.get('/api/v1/session')).status).toBe(200);
  });

  test('H8: headers that claim an address or a user are not believed', async () => {
    const headers = {
      'x-forwarded-for': '1.2.3.4',
      'x-user-id': '1',
      'x-forwarded-proto': 'https',
    };
    const answer = await harness.client().send('/api/v1/cards', { headers });
    expect(answer.status).toBe(401);
    const loopback = await harness.client().send('/metrics', { headers });
    expect([loopback.status, codeOf(loopback.body)]).toEqual([401, 'UNAUTHENTICATED']);
  });

  test('H13: a client that asks for HTML gets JSON that is not sniffed', async () => {
    const answer = await bureau.send('/api/v1/cards', { headers: { accept: 'text/html' } });
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('H14: 64 kB of headers, and a thousand headers', async () => {
    const big = `GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(65_536)}\r\n\r\n`;
    expect(await raw(big)).toMatch(/^HTTP\/1\.1 431 [\s\S]*HEADERS_TOO_LARGE/);
    const many = Array.from({ length: 1000 }, (_, i) => `h${i}: 1`).join('\r\n');
    expect(await raw(`GET / HTTP/1.1\r\nHost: x\r\n${many}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 [\s\S]*HEADERS_TOO_LARGE/,
    );
  });

  test('a body that is no JSON is refused with its place', async () => {
    const answer = await bureau.send('/api/v1/session/wall', {
      method: 'POST',
      body: '{\n  "token": oops }',
      headers: { 'content-type': 'application/json' },
    });
    const { error } = answer.body as ErrorBody;
    expect([answer.status, error.code]).toEqual([400, 'JSON_SYNTAX']);
    expect(error.messageEn).toContain('line 2, column 12');
  });

  test('a body that is not UTF-8 is refused with the byte', async () => {
    const answer = await bureau.send('/api/v1/session/wall', {
      method: 'POST',
      body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]),
      headers: { 'content-type': 'application/json' },
    });
    const { error } = answer.body as ErrorBody;
    expect([answer.status, error.code]).toEqual([400, 'TEXT_NOT_UTF8']);
    expect(error.messageEn).toContain('byte 2');
  });
});

describe('every answer', () => {
  const paths = ['/', '/wall', '/assets/app.js', '/api/v1/health', '/api/v1/cards', '/nothing'];

  test.each(paths)('%s carries the content policy and the security headers', async (path) => {
    const { headers } = await harness.client().get(path);
    const policy = headers.get('content-security-policy') ?? '';
    for (const rule of [
      "default-src 'self'",
      "script-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]) {
      expect(policy.split(';')).toContain(rule);
    }
    expect(policy).toMatch(/style-src 'self' 'nonce-[\w+/=]{20,}'/);
    expect(policy).not.toMatch(/unsafe/);
    expect(headers.get('strict-transport-security')).toContain('max-age=31536000');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('an unexpected error says nothing, and is logged once under its request id', async () => {
    const { summary } = harness.engine;
    harness.engine.summary = () => Promise.reject(new Error('secret /etc/path SELECT'));
    const answer = await bureau.get('/api/v1/wall');
    harness.engine.summary = summary;
    expect([answer.status, codeOf(answer.body)]).toEqual([500, 'INTERNAL']);
    expect(answer.text).not.toMatch(/secret|SELECT|\.ts/);
    const id = answer.headers.get('x-request-id') as string;
    expect(logged.filter((line) => line.includes(id) && line.includes('secret'))).toHaveLength(1);
  });

  test('logs hold no password, cookie, key, query or body', async () => {
    await harness.client().logIn('bureau', 'a-wrong-canary-password');
    await bureau.get('/api/v1/cards?text=canary-search-text');
    await harness.withKey('operator-key').get('/api/v1/balance');
    const canaries = [
      'canary',
      bureau.cookie.split('=')[1] as string,
      ...harness.server.credentials.entries.map((entry) => entry.secret),
    ];
    const all = logged.join('');
    expect(all).toContain('"route":"/api/v1/balance"');
    for (const canary of canaries) expect(all).not.toContain(canary);
  });
});

describe('pages', () => {
  test.each(['/', '/login', '/wall', '/inbox', '/case/YZ1', '/case/a/b', '/rules'])(
    '%s is the page, with the nonce of its own policy',
    async (path) => {
      const answer = await harness.client().get(path);
      const policy = answer.headers.get('content-security-policy') ?? '';
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] as string;
      expect(answer.status).toBe(200);
      expect(answer.text.split(nonce)).toHaveLength(3);
      expect(answer.text).not.toContain('__CSP_NONCE__');
      expect(answer.headers.get('cache-control')).toBe('no-store');
    },
  );

  test('assets are cached for good and travel packed', async () => {
    const answer = await harness.client().get('/assets/app.js');
    expect(answer.headers.get('cache-control')).toContain('immutable');
    expect(answer.headers.get('content-encoding')).toMatch(/^(gzip|br)$/);
  });
});

describe('health, limits, metrics', () => {
  test('everyone hears up or down, the bureau also how far', async () => {
    const nobody = (await harness.client().get('/api/v1/health')).body as HealthReply;
    expect(nobody).toEqual({ ready: true });
    const known = (await bureau.get('/api/v1/health')).body as HealthReply;
    expect(known.partitions?.length).toBe(4);
  });

  test('until the engine is ready: health and data 503, liveness and log-in answer', async () => {
    harness.engine.ready = false;
    const health = await harness.client().get('/api/v1/health');
    expect([health.status, codeOf(health.body)]).toEqual([503, 'NOT_READY']);
    expect((await bureau.get('/api/v1/cards')).status).toBe(503);
    expect((await harness.client().get('/api/v1/health/live')).status).toBe(200);
    expect((await bureau.get('/api/v1/session')).status).toBe(200);
    harness.engine.ready = true;
  });

  test('limits are printed with their group', async () => {
    const { limits } = (await harness.client().get('/api/v1/limits')).body as LimitsReply;
    expect(limits['api.queryCharsMax']).toBe(apiLimits.queryCharsMax);
    expect(limits['event.bodyBytesMax']).toBeGreaterThan(0);
  });

  test('metrics: this machine and the operator may read them, others not', async () => {
    const local = await harness.client().get('/metrics');
    expect(local.headers.get('content-type')).toContain('text/plain');
    expect(local.text).toContain('mingcha_events_applied_total');
    expect(local.text).toMatch(/mingcha_api_request_seconds_count\{.*route="\/api\/v1\/health"/);
    const proxied = { 'x-forwarded-for': '10.0.0.1' };
    const operator = harness.withKey('operator-key');
    expect((await operator.send('/metrics', { headers: proxied })).status).toBe(200);
    expect((await bureau.send('/metrics', { headers: proxied })).status).toBe(403);
  });
});

describe('publishing', () => {
  test('an operator publishes; a bad pack is refused with the catalogue’s code', async () => {
    const operator = await harness.as('operator');
    const reason = '按新通知调整';
    const good = await operator.post('/api/v1/rules/publish', { pack: { calendar: {} }, reason });
    expect(good.status).toBe(200);
    const bad = await operator.post('/api/v1/rules/publish', { pack: {}, reason });
    expect([bad.status, codeOf(bad.body)]).toEqual([422, 'PACK_INVALID']);
    const silent = await operator.post('/api/v1/rules/publish', { pack: {}, reason: '' });
    expect([silent.status, codeOf(silent.body)]).toEqual([422, 'REASON_REQUIRED']);
    const author = await harness.as('author');
    const denied = await author.post('/api/v1/rules/publish', { pack: {}, reason });
    expect([denied.status, codeOf(denied.body)]).toEqual([403, 'FORBIDDEN']);
  });
});
