/** Every JSON answer satisfies the schema its route declares, errors and socket frames included. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routeTable } from '../../api/app.ts';
import { LiveCard, LiveNotice, LiveSummary, type Named } from '../../api/contract.ts';
import { firstError } from '../../api/validate.ts';
import { RULES_DIR } from '../../engine/runtime/rule-schema.ts';
import { type Answer, type Client, type Harness, startHarness, until } from './api-harness.ts';

const LABOUR_DAY = JSON.parse(
  readFileSync(join(RULES_DIR, 'notices', 'cn-2019-labour-day.json'), 'utf8'),
);
let harness: Harness;
const clients = new Map<string, Client>();
const seen = new Set<string>();

beforeAll(async () => {
  harness = await startHarness();
  for (const name of ['bureau', 'dept-zj', 'author', 'operator']) {
    clients.set(name, await harness.as(name));
  }
  clients.set('nobody', harness.client());
  clients.set('source', harness.withKey('demo-source'));
});
afterAll(() => harness.close());

function expectShape(method: string, pattern: string, answer: Answer): void {
  const route = routeTable().find((row) => row.method === method && row.path === pattern);
  const shape = route?.replies[answer.status];
  expect(shape, `${method} ${pattern} declares ${answer.status}`).toBeDefined();
  seen.add(`${method} ${pattern}`);
  if (shape === null || typeof shape === 'string') return;
  expect(firstError(shape as Named<unknown>, answer.body)).toBeNull();
}

const GETS: readonly [pattern: string, who: string, path?: string][] = [
  ['/api/v1/session', 'bureau'],
  ['/api/v1/session', 'nobody'],
  ['/api/v1/cards', 'bureau'],
  ['/api/v1/cards', 'nobody'],
  ['/api/v1/cards', 'author'],
  ['/api/v1/cards', 'bureau', '/api/v1/cards?limit=x'],
  ['/api/v1/cards/export.csv', 'bureau'],
  ['/api/v1/cards/:cardId', 'bureau', `/api/v1/cards/${'0'.repeat(32)}`],
  ['/api/v1/cases/:caseKey', 'bureau', '/api/v1/cases/none'],
  ['/api/v1/wall', 'dept-zj'],
  ['/api/v1/rules', 'author'],
  ['/api/v1/pack', 'operator'],
  ['/api/v1/balance', 'operator'],
  ['/api/v1/dead-letters', 'operator'],
  ['/api/v1/digest', 'bureau'],
  ['/api/v1/limits', 'nobody'],
  ['/api/v1/health', 'nobody'],
  ['/api/v1/health', 'operator'],
  ['/api/v1/health/live', 'nobody'],
  ['/metrics', 'operator'],
  ['/api/v1/openapi.json', 'nobody'],
];

describe('answers', () => {
  test.each(GETS)('GET %s as %s', async (pattern, who, path) => {
    expectShape('get', pattern, await (clients.get(who) as Client).get(path ?? pattern));
  });

  test('every card and every open case of the city', async () => {
    const bureau = clients.get('bureau') as Client;
    for (const card of harness.engine.allCards().slice(0, 40)) {
      const one = await bureau.get(`/api/v1/cards/${card.cardId}`);
      expectShape('get', '/api/v1/cards/:cardId', one);
      const kase = await bureau.get(`/api/v1/cases/${card.caseKey}`);
      expectShape('get', '/api/v1/cases/:caseKey', kase);
    }
  });

  test('commands, good, refused and in conflict', async () => {
    const dept = clients.get('dept-zj') as Client;
    const card = harness.engine.raise('ZJ');
    const path = `/api/v1/cards/${card.cardId}`;
    const text = { category: 'confirmed', text: '属实，已整改' };
    const acknowledge = '/api/v1/cards/:cardId/acknowledge';
    const answer = '/api/v1/cards/:cardId/answer';
    const acknowledged = await dept.post(`${path}/acknowledge`, { expectedVersion: 1 });
    expectShape('post', acknowledge, acknowledged);
    for (const expectedVersion of [1, 2, 3]) {
      expectShape('post', answer, await dept.post(`${path}/answer`, { ...text, expectedVersion }));
    }
    expectShape('post', answer, await dept.post(`${path}/answer`, { ...text, role: 'x' }));
    const review = '/api/v1/cards/:cardId/review';
    const bureau = clients.get('bureau') as Client;
    const accept = { act: 'accept', reason: '整改属实' };
    for (const expectedVersion of [3, 4, 4]) {
      const reply = await bureau.post(`${path}/review`, { ...accept, expectedVersion });
      expectShape('post', review, reply);
    }
    expectShape(
      'post',
      review,
      await dept.post(`${path}/review`, { ...accept, expectedVersion: 4 }),
    );
  });

  test('events, single and batch', async () => {
    const source = clients.get('source') as Client;
    const event = { caseKey: 'K-1', type: 'received', at: '2026-11-24T09:00:00+08:00', seq: 1 };
    expectShape('post', '/api/v1/events', await source.post('/api/v1/events', event));
    expectShape('post', '/api/v1/events', await source.post('/api/v1/events', event));
    expectShape(
      'post',
      '/api/v1/events',
      await source.post('/api/v1/events', { ...event, rev: {} }),
    );
    const batch = { method: 'POST', body: `${JSON.stringify({ ...event, seq: 2 })}\n{` };
    const headers = { 'content-type': 'application/x-ndjson' };
    expectShape(
      'post',
      '/api/v1/events',
      await source.send('/api/v1/events', { ...batch, headers }),
    );
  });

  test('publishing, log-in and log-out', async () => {
    const operator = clients.get('operator') as Client;
    const body = { pack: { calendar: {} }, reason: '按新通知' };
    const publish = '/api/v1/rules/publish';
    expectShape('post', publish, await operator.post(publish, body));
    expectShape('post', publish, await operator.post(publish, { pack: {}, reason: '按新通知' }));
    const notice = { notice: LABOUR_DAY, reason: '按新通知' };
    const notices = '/api/v1/calendar/notices';
    expectShape('post', notices, await operator.post(notices, notice));
    expectShape('post', notices, await operator.post(notices, { notice: {}, reason: '按新通知' }));
    const tried = await operator.post(`${notices}?preview=true`, notice);
    expect(tried.status).toBe(202);
    expectShape('post', notices, tried);
    expectShape('post', notices, await operator.post(`${notices}?preview=true`, notice));
    const preview = '/api/v1/previews/:previewId';
    expectShape('get', preview, await operator.get('/api/v1/previews/1'));
    expectShape('get', preview, await operator.get('/api/v1/previews/99'));
    const drop = { method: 'DELETE' };
    expectShape('delete', preview, await operator.send('/api/v1/previews/1', drop));
    const draft = { pack: { calendar: {} } };
    expectShape(
      'post',
      '/api/v1/rules/preview',
      await operator.post('/api/v1/rules/preview', draft),
    );
    expectShape('get', '/api/v1/calendar', await operator.get('/api/v1/calendar'));
    const wall = { token: harness.secretOf('wall') };
    const wallPath = '/api/v1/session/wall';
    expectShape('post', wallPath, await harness.client().post(wallPath, wall));
    const leaving = harness.client();
    const session = '/api/v1/session';
    const opened = await leaving.logIn('author', harness.secretOf('author'));
    expectShape('post', session, opened);
    expectShape('post', session, await harness.client().logIn('author', 'wrong'));
    expectShape('delete', session, await leaving.send(session, { method: 'DELETE' }));
  });

  test('not one route was left out', () => {
    const all = routeTable().map(({ method, path }) => `${method} ${path}`);
    expect([...seen].sort()).toEqual(all.sort());
  });
});

test('socket frames satisfy their schemas', async () => {
  const { socket, frames } = harness.socketOf(clients.get('bureau') as Client);
  await until('snapshot', () => frames.length > 0);
  harness.engine.invent();
  (socket.emit as (name: string) => void)('nonsense');
  const shapes: Record<string, Named<unknown>> = {
    snapshot: LiveSummary,
    frame: LiveSummary,
    card: LiveCard,
    session: LiveNotice,
  };
  for (const name of Object.keys(shapes)) {
    const frame = await until(name, () => frames.find((one) => one.name === name), 8000);
    expect(firstError(shapes[name] as Named<unknown>, frame.body)).toBeNull();
  }
});
