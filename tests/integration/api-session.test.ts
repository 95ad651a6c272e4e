/** Log-in, sessions, keys, CSRF: the authentication rows A1-A16 that apply, and H9. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorBody, Session } from '../../api/contract.ts';
import { startServer } from '../../api/server.ts';
import { FakeEngine } from '../fixtures/fake-engine.ts';
import { CHEAP, type Harness, startHarness } from './api-harness.ts';

let nowMs = Date.UTC(2026, 10, 24, 2);
let harness: Harness;

beforeAll(async () => {
  harness = await startHarness({}, { clock: { nowMs: () => nowMs } });
});
afterAll(() => harness.close());

function codeOf(body: unknown): string {
  return (body as ErrorBody).error.code;
}

async function fail(user: string, password = 'wrong-password'): Promise<number> {
  return (await harness.client().logIn(user, password)).status;
}

/** Failures are counted for ten minutes; tests that count start afterwards. */
function passWindow(): void {
  nowMs += 11 * 60_000;
}

describe('log-in', () => {
  test('opens a session with a strict, script-proof cookie and the rights of the role', async () => {
    const client = harness.client();
    const answer = await client.logIn('dept-zj', harness.secretOf('dept-zj'));
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Strict/);
    expect(cookie).not.toMatch(/; Secure/);
    const session = (await client.get('/api/v1/session')).body as Session;
    expect(session.scope).toEqual({ organs: ['ZJ'], territories: null });
    expect(session.actions).toContain('cards.handle');
    expect(session.actions).not.toContain('rules.publish');
  });

  test('over https the cookie is Secure and bound to the host', async () => {
    const secure = await startHarness({}, { https: true });
    const client = secure.client();
    const answer = await client.logIn('bureau', secure.secretOf('bureau'));
    expect(answer.headers.get('set-cookie')).toMatch(/^__Host-mingcha_session=.*; Secure/);
    expect((await client.get('/api/v1/session')).status).toBe(200);
    await secure.close();
  });

  test('A1: a wrong user and a wrong password get the same text after the same work', async () => {
    passWindow();
    const timed = async (user: string) => {
      const startMs = performance.now();
      const answer = await harness.client().logIn(user, 'wrong-password');
      const { requestId: _, ...error } = (answer.body as ErrorBody).error;
      return { status: answer.status, error, ms: performance.now() - startMs };
    };
    const known = await timed('author');
    const unknown = await timed('nobody-of-this-name');
    expect(known.status).toBe(401);
    expect(unknown.error).toEqual(known.error);
    expect(unknown.ms).toBeLessThan(20 * known.ms + 50);
    expect(known.ms).toBeLessThan(20 * unknown.ms + 50);
  });

  test('A1: a disabled account is answered like a wrong password', async () => {
    harness.server.access.store.setDisabled('author', true);
    const answer = await harness.client().logIn('author', harness.secretOf('author'));
    harness.server.access.store.setDisabled('author', false);
    expect([answer.status, codeOf(answer.body)]).toEqual([401, 'LOGIN_FAILED']);
    expect((await harness.client().logIn('author', harness.secretOf('author'))).status).toBe(200);
  });

  test('A2: five failures on a name, known or not, are limited for ten minutes', async () => {
    for (const user of ['district-990102', 'no-such-user']) {
      passWindow();
      for (let i = 0; i < 5; i++) expect(await fail(user)).toBe(401);
      const answer = await harness.client().logIn(user, 'wrong-password');
      expect([answer.status, codeOf(answer.body)]).toEqual([429, 'RATE_LIMITED']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(500);
    }
    passWindow();
    expect(await fail('district-990102', harness.secretOf('district-990102'))).toBe(200);
  });

  test('A2: fifty failures over many names stop the address', async () => {
    passWindow();
    for (let i = 0; i < 50; i++) expect(await fail(`guess-${i}`)).toBe(401);
    expect(await fail('guess-50')).toBe(429);
    passWindow();
  });

  test.each([
    ['1 MiB', 'x'.repeat(1 << 20), 413],
    ['129 characters', 'x'.repeat(129), 422],
    ['73 bytes', 'x'.repeat(73), 401],
    ['a NUL', 'abc\u0000def', 400],
    ['an emoji', '🔑🔑🔑🔑', 401],
    ['the right one after a space', ' RIGHT', 401],
    ['the right one with a tail', 'RIGHTx', 401],
  ])('A3: a password of %s is compared exactly or refused', async (_what, password, status) => {
    passWindow();
    const given = password.replace('RIGHT', harness.secretOf('operator'));
    expect(await fail('operator', given)).toBe(status);
  });

  test('A6: a session id sent along with the log-in is not used, and ends', async () => {
    const first = await harness.as('dept-zr');
    const old = first.cookie;
    await first.logIn('dept-zr', harness.secretOf('dept-zr'));
    expect(first.cookie).not.toBe(old);
    const stale = harness.client();
    stale.cookie = old;
    expect((await stale.get('/api/v1/session')).status).toBe(401);
    const planted = harness.client();
    planted.cookie = 'mingcha_session=planted-by-somebody-else';
    await planted.logIn('dept-zr', harness.secretOf('dept-zr'));
    expect(planted.cookie).not.toContain('planted');
  });
});

describe('sessions', () => {
  test('A7: log-out ends the session at once', async () => {
    const client = await harness.as('bureau');
    expect((await client.get('/api/v1/wall')).status).toBe(200);
    expect((await client.send('/api/v1/session', { method: 'DELETE' })).status).toBe(204);
    const after = await client.get('/api/v1/wall');
    expect([after.status, codeOf(after.body)]).toEqual([401, 'UNAUTHENTICATED']);
  });

  test('A7: a disabled account is out on its next request', async () => {
    const client = await harness.as('dept-sc');
    harness.server.access.store.setDisabled('dept-sc', true);
    expect((await client.get('/api/v1/cards')).status).toBe(401);
    harness.server.access.store.setDisabled('dept-sc', false);
  });

  test('end after four idle hours, and after twelve however busy', async () => {
    const idle = await harness.as('bureau');
    nowMs += 4 * 3_600_000 + 1;
    expect((await idle.get('/api/v1/session')).status).toBe(401);
    const busy = await harness.as('bureau');
    for (let hour = 0; hour < 11; hour++) {
      nowMs += 3_600_000;
      expect((await busy.get('/api/v1/session')).status).toBe(200);
    }
    nowMs += 3_600_001;
    expect((await busy.get('/api/v1/session')).status).toBe(401);
  });

  test('H9: a change with the cookie alone, or another session’s token, is refused', async () => {
    const client = await harness.as('dept-zj');
    const other = await harness.as('dept-zr');
    const card = harness.engine.raise('ZJ');
    const path = `/api/v1/cards/${card.cardId}/acknowledge`;
    const body = { expectedVersion: card.version };
    for (const token of ['', other.csrf, 'x'.repeat(client.csrf.length)]) {
      const answer = await client.post(path, body, { 'x-csrf-token': token });
      expect([answer.status, codeOf(answer.body)]).toEqual([403, 'CSRF']);
    }
    const foreign = await client.post(path, body, { origin: 'https://evil.example' });
    expect([foreign.status, codeOf(foreign.body)]).toEqual([403, 'ORIGIN']);
    expect((await client.post(path, body, { origin: harness.url })).status).toBe(200);
  });

  test('a log-in from another site’s page is refused', async () => {
    const body = { user: 'bureau', password: harness.secretOf('bureau') };
    const answer = await harness.client().post('/api/v1/session', body, { origin: 'http://evil' });
    expect([answer.status, codeOf(answer.body)]).toEqual([403, 'ORIGIN']);
  });
});

describe('keys and wall tokens', () => {
  test.each([
    ['unknown', 'Bearer mck_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['of another scheme', 'Basic YWRtaW46YWRtaW4='],
    ['an unsigned web token', 'Bearer eyJhbGciOiJub25lIn0.e30.'],
    ['empty', 'Bearer '],
  ])('A8: a key that is %s is refused, also beside a good cookie', async (_what, authorization) => {
    const client = await harness.as('bureau');
    const answer = await client.send('/api/v1/wall', { headers: { authorization } });
    expect([answer.status, codeOf(answer.body)]).toEqual([401, 'KEY_UNKNOWN']);
  });

  test('a wall address turns into a read-only session and loses its token', async () => {
    const pages = await startHarness({}, { dashboardsDir: '/nonexistent' });
    const client = pages.client();
    const answer = await client.get(`/wall?token=${pages.secretOf('wall')}&scene=2`);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/wall?scene=2']);
    client.cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] as string;
    const session = (await client.get('/api/v1/session')).body as Session;
    expect(session.role).toBe('wall');
    expect((await client.get('/api/v1/wall')).status).toBe(200);
    expect((await client.get('/api/v1/cards')).status).toBe(403);
    expect((await pages.client().get('/wall?token=wrong')).status).toBe(401);
    await pages.close();
  });

  test('a wall token does not replace the session of a person who follows the link', async () => {
    const pages = await startHarness({}, { dashboardsDir: '/nonexistent' });
    const client = await pages.as('bureau');
    const answer = await client.get(`/wall?token=${pages.secretOf('wall')}`);
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([303, null]);
    await pages.close();
  });

  test('a source key is no wall token', async () => {
    const token = harness.secretOf('demo-source');
    const answer = await harness.client().post('/api/v1/session/wall', { token });
    expect([answer.status, codeOf(answer.body)]).toEqual([401, 'KEY_UNKNOWN']);
  });
});

describe('first start', () => {
  test('makes every account once; the second start reads the same log-ins from the file', async () => {
    const { file, fresh, entries } = harness.server.credentials;
    expect(fresh).toBe(true);
    expect(entries.map((entry) => entry.role)).toEqual(
      expect.arrayContaining(['bureau', 'department', 'author', 'operator', 'source', 'wall']),
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = await startServer({
      engine: harness.engine,
      dataDir: harness.dataDir,
      port: 0,
      log: pino({ level: 'silent' }),
      scrypt: CHEAP,
    });
    expect(again.credentials).toEqual({ file, fresh: false, entries });
    await again.close();
  });

  test('busiest first: the organs with most to answer get the log-ins', async () => {
    const engine = new FakeEngine({ cases: 50 });
    for (let i = 0; i < 60; i++) engine.raise('XGXK');
    for (let i = 0; i < 40; i++) engine.raise('JT');
    const dataDir = mkdtempSync(join(tmpdir(), 'mingcha-api-'));
    const log = pino({ level: 'silent' });
    const options = { engine, dataDir, port: 0, log, scrypt: CHEAP, busiestFirst: true };
    const server = await startServer(options);
    const names = server.credentials.entries.map((entry) => entry.name);
    await server.close();
    rmSync(dataDir, { recursive: true });
    expect(names.slice(1, 3)).toEqual(['dept-xgxk', 'dept-jt']);
    expect(names).toContain('district-990107');
  });

  test('keeps no secret in the database', () => {
    const secrets = harness.server.credentials.entries.map((entry) => entry.secret);
    for (const name of ['access.sqlite', 'access.sqlite-wal']) {
      const path = join(harness.dataDir, name);
      const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
      for (const secret of secrets) expect(bytes.includes(secret)).toBe(false);
    }
    expect(existsSync(join(harness.dataDir, 'access.sqlite'))).toBe(true);
  });
});
