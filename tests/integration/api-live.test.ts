/** Live sockets: rows W1-W4, W7-W10, W12 and A16; frames, numbering, resume, slow readers. */
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LiveCard, LiveNotice, LiveSummary } from '../../api/contract.ts';
import { apiLimits } from '../../engine/config/limits.ts';
import { type Client, type Frame, type Harness, startHarness, until } from './api-harness.ts';

let harness: Harness;
let dept: Client;

beforeEach(async () => {
  harness = await startHarness({ cases: 60 });
  dept = await harness.as('dept-zj');
});
afterEach(() => harness.close());

function named<T>(frames: readonly Frame[], name: string): T[] {
  return frames.filter((frame) => frame.name === name).map((frame) => frame.body as unknown as T);
}

async function snapshotOf(frames: readonly Frame[]): Promise<LiveSummary> {
  return until('snapshot', () => named<LiveSummary>(frames, 'snapshot')[0]);
}

function refusalOf(opened: ReturnType<Harness['socket']>): Promise<string> {
  return new Promise((resolve, reject) => {
    opened.socket.once('connect_error', (error) => resolve(error.message));
    opened.socket.once('connect', () => reject(new Error('connected')));
  });
}

describe('coming in', () => {
  test('W1: another origin, or a browser without one, is refused at the handshake', async () => {
    const { cookie } = dept;
    const attempts: Record<string, string>[] = [
      { cookie, origin: 'https://evil.example' },
      { cookie, origin: `${harness.url}.evil.example` },
      { cookie, origin: 'null' },
      { cookie },
      { 'user-agent': 'Mozilla/5.0' },
    ];
    for (const headers of attempts) {
      expect(await refusalOf(harness.socket(headers))).toMatch(/websocket error/);
    }
    const { frames } = harness.socketOf(dept);
    expect((await snapshotOf(frames)).seq).toBe(0);
  });

  test('W2: without a session, or with an ended one, nobody comes in', async () => {
    expect(await refusalOf(harness.socket({ origin: harness.url }))).toBe('UNAUTHENTICATED');
    const { cookie } = dept;
    await dept.send('/api/v1/session', { method: 'DELETE' });
    const opened = harness.socket({ cookie, origin: harness.url });
    expect(await refusalOf(opened)).toBe('UNAUTHENTICATED');
  });

  test('a wall token opens a socket without a cookie; another key does not', async () => {
    const { frames } = harness.socket({}, { token: harness.secretOf('wall') });
    expect((await snapshotOf(frames)).summary.organs.length).toBeGreaterThan(10);
    const source = harness.socket({}, { token: harness.secretOf('demo-source') });
    expect(await refusalOf(source)).toBe('FORBIDDEN');
    const guess = harness.socket({}, { token: 'mck_guess-guess-guess' });
    expect(await refusalOf(guess)).toBe('UNAUTHENTICATED');
  });

  test('until the engine is ready nobody comes in', async () => {
    harness.engine.ready = false;
    expect(await refusalOf(harness.socketOf(dept))).toBe('NOT_READY');
  });

  test('W8: one person has a bounded number of sockets, and hears why', async () => {
    for (let i = 0; i < apiLimits.socketsPerPersonMax; i++) {
      const { socket } = harness.socketOf(dept);
      await until('connected', () => socket.connected);
    }
    const opened = harness.socketOf(dept);
    const error = await new Promise<Error & { data?: LiveNotice }>((resolve) =>
      opened.socket.once('connect_error', resolve),
    );
    expect(error.message).toBe('SOCKET_LIMIT');
    expect(error.data?.message).toContain(String(apiLimits.socketsPerPersonMax));
    const other = harness.socketOf(await harness.as('dept-zr'));
    expect((await snapshotOf(other.frames)).seq).toBe(0);
  });

  test('long polling is not spoken', async () => {
    const answer = await dept.get('/socket.io/?EIO=4&transport=polling');
    expect(answer.status).toBe(400);
  });
});

describe('sessions that end while connected', () => {
  test('W2, A16: log-out and a disabled account cut the socket within five seconds', async () => {
    const first = harness.socketOf(dept);
    const zr = await harness.as('dept-zr');
    const second = harness.socketOf(zr);
    await snapshotOf(first.frames);
    await snapshotOf(second.frames);
    await dept.send('/api/v1/session', { method: 'DELETE' });
    harness.server.access.store.setDisabled('dept-zr', true);
    for (const { socket, frames } of [first, second]) {
      await until('cut', () => !socket.connected, 5000);
      expect(named<LiveNotice>(frames, 'session').at(-1)?.state).toBe('ended');
    }
  });
});

describe('what a client says', () => {
  test.each([
    ['W3: another room', ['join', 'all']],
    ['W3: a wildcard', ['subscribe', '*']],
    ['W4: __proto__', ['__proto__', {}]],
    ['W4: a number', [7 as unknown as string, {}]],
    ['W12: a card', ['card', { epoch: 'x', seq: 1, card: {} }]],
    ['resume without a body', ['resume']],
    ['resume with more than it needs', ['resume', { epoch: 'x', seq: 1, room: 'all' }]],
    ['resume with two bodies', ['resume', { epoch: 'x', seq: 1 }, 'all']],
  ])('%s is answered by an error frame and changes nothing', async (_what, packet) => {
    const { socket, frames } = harness.socketOf(dept);
    await snapshotOf(frames);
    const emit = socket.emit.bind(socket) as (...packet: unknown[]) => void;
    emit(...packet);
    const refused = await until('refusal', () => named<LiveNotice>(frames, 'session')[0]);
    expect([refused.state, refused.code]).toEqual(['refused', 'SOCKET_EVENT']);
    harness.engine.raise('HB');
    const own = harness.engine.raise('ZJ');
    const [card] = await until('own card', () => {
      const cards = named<LiveCard>(frames, 'card');
      return cards.length > 0 && cards;
    });
    expect(card?.card.cardId).toBe(own.cardId);
    expect(named(frames, 'card')).toHaveLength(1);
    expect(socket.connected).toBe(true);
  });

  test('W7: a message over the limit ends the connection', async () => {
    const { socket, frames } = harness.socketOf(dept);
    await snapshotOf(frames);
    socket.emit('resume', { epoch: 'x'.repeat(10_000), seq: 1 });
    await until('closed', () => !socket.connected);
  });

  test('W7: a flood of messages ends the connection', async () => {
    const { socket, frames } = harness.socketOf(dept);
    const { epoch, seq } = await snapshotOf(frames);
    for (let i = 0; i < 100; i++) socket.emit('resume', { epoch, seq });
    await until('closed', () => !socket.connected);
    expect(named<LiveNotice>(frames, 'session').at(-1)?.code).toBe('RATE_LIMITED');
  });
});

describe('what members hear', () => {
  test('every card once, in order, numbered without gaps, at once', async () => {
    const { frames } = harness.socketOf(dept);
    const { epoch, seq } = await snapshotOf(frames);
    const raised = Array.from({ length: 50 }, () => harness.engine.raise('ZJ').cardId);
    const cards = await until('50 cards', () => {
      const all = named<LiveCard>(frames, 'card');
      return all.length === 50 && all;
    });
    expect(cards.map((change) => change.card.cardId)).toEqual(raised);
    expect(cards.map((change) => change.seq)).toEqual(raised.map((_, i) => seq + 1 + i));
    expect(new Set(cards.map((change) => change.epoch))).toEqual(new Set([epoch]));
  });

  test('cards raised while the snapshot is made are neither lost nor doubled', async () => {
    const { summary } = harness.engine;
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    harness.engine.summary = async (scope) => {
      const result = await summary.call(harness.engine, scope);
      await gate;
      return result;
    };
    const { socket, frames } = harness.socketOf(dept);
    await until('connected', () => socket.connected);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const during = [harness.engine.raise('ZJ').cardId, harness.engine.raise('ZJ').cardId];
    release();
    await snapshotOf(frames);
    const after = harness.engine.raise('ZJ').cardId;
    const cards = await until('three cards', () => {
      const all = named<LiveCard>(frames, 'card');
      return all.length >= 3 && all;
    });
    expect(cards.map((change) => change.card.cardId)).toEqual([...during, after]);
    expect(frames.findIndex((frame) => frame.name === 'snapshot')).toBe(0);
  });

  test('frames come when something changed, not faster than the summary, and else rarely', async () => {
    const { frames } = harness.socketOf(dept);
    await snapshotOf(frames);
    let computed = 0;
    const { summary } = harness.engine;
    harness.engine.summary = (scope) => {
      computed++;
      return summary.call(harness.engine, scope);
    };
    const startMs = performance.now();
    const busy = setInterval(() => harness.engine.raise('ZJ'), 20);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    clearInterval(busy);
    const seconds = (performance.now() - startMs) / 1000;
    expect(computed).toBeGreaterThanOrEqual(1);
    expect(computed).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
    const inBusyTime = named(frames, 'frame').length;
    expect(inBusyTime).toBeGreaterThanOrEqual(1);
    expect(inBusyTime).toBeLessThanOrEqual(computed + 1);
    await new Promise((resolve) => setTimeout(resolve, 1600));
    const quiet = named(frames, 'frame').length;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(named(frames, 'frame').length - quiet).toBeLessThanOrEqual(1);
  });
});

describe('resume', () => {
  test('gives exactly the missed changes of one’s own room', async () => {
    const { socket, frames } = harness.socketOf(dept);
    const { epoch } = await snapshotOf(frames);
    harness.engine.raise('ZJ');
    await until('first card', () => named(frames, 'card').length === 1);
    socket.disconnect();
    harness.engine.raise('HB');
    const missed = [harness.engine.raise('ZJ').cardId, harness.engine.raise('ZJ').cardId];
    const { cookie } = dept;
    const resume = { epoch, seq: 1 };
    const back = harness.socket({ cookie, origin: harness.url }, { resume });
    expect((await snapshotOf(back.frames)).seq).toBe(1);
    missed.push(harness.engine.raise('ZJ').cardId);
    const cards = await until('missed cards', () => {
      const all = named<LiveCard>(back.frames, 'card');
      return all.length >= 3 && all;
    });
    expect(cards.map((change) => [change.seq, change.card.cardId])).toEqual([
      [2, missed[0]],
      [3, missed[1]],
      [4, missed[2]],
    ]);
  });

  test('as a message gives the changes once more', async () => {
    const { socket, frames } = harness.socketOf(dept);
    const { epoch, seq } = await snapshotOf(frames);
    for (let i = 0; i < 3; i++) harness.engine.raise('ZJ');
    await until('cards', () => named(frames, 'card').length === 3);
    socket.emit('resume', { epoch, seq: seq + 1 });
    await until('cards again', () => named(frames, 'card').length === 5);
    const numbers = named<LiveCard>(frames, 'card').map((change) => change.seq - seq);
    expect(numbers).toEqual([1, 2, 3, 2, 3]);
  });

  test('a place that cannot be served gives a snapshot with another one', async () => {
    const { cookie } = dept;
    for (const resume of [{ epoch: 'yesterday', seq: 3 }, { epoch: 7, seq: 'x' }, 'all']) {
      const { frames } = harness.socket({ cookie, origin: harness.url }, { resume });
      expect((await snapshotOf(frames)).seq).toBe(0);
    }
  });

  test.each([
    ['from the future', 0, 1_000_000],
    ['negative', 0, -5],
    ['of another epoch', 'yesterday', 0],
  ])('W9: %s is answered with a whole snapshot', async (_what, epoch, seq) => {
    const { socket, frames } = harness.socketOf(dept);
    const first = await snapshotOf(frames);
    socket.emit('resume', { epoch: epoch === 0 ? first.epoch : String(epoch), seq });
    await until('second snapshot', () => named(frames, 'snapshot').length === 2);
    expect(named(frames, 'card')).toHaveLength(0);
  });

  test('W9: another person’s place is worth nothing', async () => {
    const zr = harness.socketOf(await harness.as('dept-zr'));
    const place = await snapshotOf(zr.frames);
    harness.engine.raise('ZR');
    const { socket, frames } = harness.socketOf(dept);
    await snapshotOf(frames);
    socket.emit('resume', { epoch: place.epoch, seq: place.seq });
    await until('second snapshot', () => named(frames, 'snapshot').length === 2);
    expect(JSON.stringify(frames)).not.toContain('"organ":"ZR"');
  });
});

describe('slow readers', () => {
  test('W10: one who never reads is cut at the bound; the others miss nothing', async () => {
    const good = harness.socketOf(await harness.as('bureau'));
    await snapshotOf(good.frames);
    const slow = await openAndNeverRead(harness, harness.secretOf('wall'));
    const detail = 'x'.repeat(64 * 1024);
    let sent = 0;
    const pump = setInterval(() => {
      for (let i = 0; i < 10; i++) harness.engine.raise('ZJ', 'red', detail);
      sent += 10;
    }, 50);
    await until('cut', () => slow.closed(), 15_000);
    clearInterval(pump);
    await until('all cards', () => named(good.frames, 'card').length >= sent);
    expect(named(good.frames, 'card')).toHaveLength(sent);
    expect(good.socket.connected).toBe(true);
  }, 20_000);
});

/** Speaks just enough websocket to be a member, then reads nothing more. */
async function openAndNeverRead(server: Harness, token: string) {
  const socket = connect(server.server.port, '127.0.0.1');
  let ended = false;
  socket.on('error', () => {
    ended = true;
  });
  socket.on('close', () => {
    ended = true;
  });
  socket.write(
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n' +
      'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  await new Promise((resolve) => socket.once('data', resolve));
  socket.write(maskedText(`40${JSON.stringify({ token })}`));
  await new Promise((resolve) => setTimeout(resolve, 200));
  socket.pause();
  // Probing by writing tells a paused reader that the other side has gone.
  const closed = (): boolean => {
    if (!ended && socket.writable) socket.write(maskedText('3'));
    return ended;
  };
  return { closed };
}

function maskedText(text: string): Buffer {
  const payload = Buffer.from(text);
  const header =
    payload.length < 126
      ? Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0])
      : Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 255, 0, 0, 0, 0]);
  return Buffer.concat([header, payload]);
}
