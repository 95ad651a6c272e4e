/** A room's numbering, replay and pace of summaries, without a socket. */
import { describe, expect, test } from 'vitest';
import { LiveRoom } from '../../../api/live-room.ts';
import { apiLimits } from '../../../engine/config/limits.ts';
import { FakeEngine } from '../../fixtures/fake-engine.ts';

const ALL = { organs: null, territories: null };
const engine = new FakeEngine({ cases: 20, nowMs: () => Date.UTC(2026, 10, 24) });
const card = engine.raise();

function roomWith(count: number): LiveRoom {
  const room = new LiveRoom(ALL);
  for (let i = 0; i < count; i++) room.add(card);
  return room;
}

describe('replay', () => {
  test('gives everything after a place, nothing at the newest', () => {
    const room = roomWith(5);
    expect(room.after(room.epoch, 3)?.map(({ seq }) => seq)).toEqual([4, 5]);
    expect(room.after(room.epoch, 5)).toEqual([]);
    expect(room.after(room.epoch, 0)).toHaveLength(5);
  });

  test('refuses another epoch, the future, the negative, and what is no longer kept', () => {
    const room = roomWith(3 * apiLimits.replayCardsMax);
    const newest = room.seq;
    expect(room.after('other', newest)).toBeNull();
    expect(room.after(room.epoch, newest + 1)).toBeNull();
    expect(room.after(room.epoch, -1)).toBeNull();
    expect(room.after(room.epoch, 0)).toBeNull();
    expect(room.after(room.epoch, newest - apiLimits.replayCardsMax)).toHaveLength(
      apiLimits.replayCardsMax,
    );
  });

  test('two rooms never share an epoch', () => {
    expect(roomWith(0).epoch).not.toBe(roomWith(0).epoch);
  });
});

describe('summaries and frames', () => {
  test('are computed at most once a second, and once for all who ask at the same time', async () => {
    let computed = 0;
    const counting = Object.assign(Object.create(engine), {
      summary: () => {
        computed++;
        return engine.summary(ALL);
      },
    }) as FakeEngine;
    const room = new LiveRoom(ALL);
    await Promise.all([room.summary(counting, 0), room.summary(counting, 0)]);
    await room.summary(counting, 999);
    expect(computed).toBe(1);
    await room.summary(counting, 1000);
    expect(computed).toBe(2);
  });

  test('a frame is sent when it is news, at most every 250 ms, and every five seconds anyway', async () => {
    const room = new LiveRoom(ALL);
    expect(room.takeFrame(0)).toBeNull();
    await room.summary(engine, 0);
    expect(room.takeFrame(0)).not.toBeNull();
    await room.summary(engine, 1000);
    expect(room.takeFrame(1000)).toBeNull();
    expect(room.takeFrame(4999)).toBeNull();
    expect(room.takeFrame(5000)).not.toBeNull();
    engine.raise();
    await room.summary(engine, 5000);
    expect(room.takeFrame(5100)).toBeNull();
    expect(room.takeFrame(5250)).not.toBeNull();
  });

  test('a summary states the place the room had before it was asked for', async () => {
    const room = roomWith(3);
    const slow = Object.assign(Object.create(engine), {
      summary: async () => {
        room.add(card);
        return engine.summary(ALL);
      },
    }) as FakeEngine;
    expect((await room.summary(slow, 0)).seq).toBe(3);
    expect(room.seq).toBe(4);
  });

  test('a failed summary is tried again, and the room goes on', async () => {
    const room = roomWith(1);
    const broken = Object.assign(Object.create(engine), {
      summary: () => Promise.reject(new Error('down')),
    }) as FakeEngine;
    await expect(room.summary(broken, 0)).rejects.toThrow('down');
    expect((await room.summary(engine, 1000)).seq).toBe(1);
  });
});
