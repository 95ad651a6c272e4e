import { describe, expect, it } from 'vitest';
import type { CardChange } from '../../../engine/cards/card.ts';
import { Effects } from '../../../engine/runtime/effects.ts';
import type { Sink, SinkBatch } from '../../../engine/sinks/sink.ts';

/** A sink whose writes end when told to: stored, or failed. */
class SlowSink implements Sink {
  readonly written: SinkBatch[] = [];
  readonly #open: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  write(batch: SinkBatch): Promise<void> {
    this.written.push(batch);
    return new Promise((resolve, reject) => this.#open.push({ resolve, reject }));
  }

  async store(): Promise<void> {
    for (const { resolve } of this.#open.splice(0)) resolve();
    await settled();
  }

  async fail(): Promise<void> {
    for (const { reject } of this.#open.splice(0)) reject(new Error('no room on the disk'));
    await settled();
  }

  async open(): Promise<void> {}
  async position(): Promise<number> {
    return -1;
  }
  async close(): Promise<void> {}
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function batch(partition: number, from: number, to: number, cards: string[] = []): SinkBatch {
  const changes = cards.map((cardId) => ({ cardId }) as CardChange);
  const events = Uint8Array.of(...Array.from({ length: to - from }, (_, i) => from + 1 + i));
  return { partition, from, to, events, eventCount: to - from, cards: changes, dead: [] };
}

function effectsOver(sink: Sink) {
  const sunk: [number, number][] = [];
  const heard: string[] = [];
  const troubles: string[] = [];
  const effects = new Effects({
    sink,
    onSunk: (partition, to) => sunk.push([partition, to]),
    onCard: (card) => heard.push(card.cardId),
    onTrouble: (message) => troubles.push(message),
  });
  return { effects, sunk, heard, troubles };
}

describe('effects on their way to the sink', () => {
  it('writes what a partition decided meanwhile in one go, in order', async () => {
    const sink = new SlowSink();
    const { effects, sunk, heard } = effectsOver(sink);
    effects.take(batch(0, -1, 1, ['a']));
    effects.take(batch(0, 1, 2, ['b']));
    effects.take(batch(0, 2, 5, ['c']));
    effects.take(batch(1, -1, 0));
    expect(heard).toEqual(['a', 'b', 'c']);
    expect(sink.written.map((one) => [one.partition, one.from, one.to])).toEqual([
      [0, -1, 1],
      [1, -1, 0],
    ]);
    await sink.store();
    expect(sunk).toEqual([
      [0, 1],
      [1, 0],
    ]);
    const [, , joined] = sink.written;
    expect(joined).toMatchObject({ partition: 0, from: 1, to: 5, eventCount: 4 });
    expect([...(joined?.events ?? [])]).toEqual([2, 3, 4, 5]);
    expect(joined?.cards.map((card) => card.cardId)).toEqual(['b', 'c']);
    expect(effects.position(0)).toBe(1);
    await sink.store();
    expect(effects.position(0)).toBe(5);
    expect(effects.status).toMatchObject({ ok: true, waitingBytes: 0, delayMs: 0 });
  });

  it('gives a failed batch again before any later one, and says so meanwhile', async () => {
    const sink = new SlowSink();
    const { effects, sunk, troubles } = effectsOver(sink);
    effects.take(batch(0, -1, 1));
    effects.take(batch(0, 1, 2));
    await sink.fail();
    expect(effects.status).toMatchObject({ ok: false, message: 'no room on the disk' });
    expect(troubles).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sink.written.map((one) => one.to)).toEqual([1, 1]);
    await sink.store();
    await sink.store();
    expect(sunk).toEqual([
      [0, 1],
      [0, 2],
    ]);
    expect(effects.status.ok).toBe(true);
  });

  it('never claims what it gave up when it was closed', async () => {
    const sink = new SlowSink();
    const { effects, sunk } = effectsOver(sink);
    effects.take(batch(0, -1, 1));
    effects.take(batch(0, 1, 2));
    effects.close();
    await sink.fail();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sunk).toEqual([]);
    expect(sink.written).toHaveLength(1);
    expect(effects.position(0)).toBe(-1);
  });

  it('waits for the sink no longer than it was told to', async () => {
    const sink = new SlowSink();
    const { effects } = effectsOver(sink);
    expect(await effects.drain(50)).toBe(true);
    effects.take(batch(0, -1, 1));
    expect(await effects.drain(50)).toBe(false);
    const whole = effects.drain();
    await sink.store();
    expect(await whole).toBe(true);
  });

  it('begins where the sink stands: what it holds already is stored', async () => {
    const sink = new SlowSink();
    const { effects } = effectsOver(sink);
    effects.begin([7, -1]);
    expect([effects.position(0), effects.position(1)]).toEqual([7, -1]);
    expect(await effects.drain(50)).toBe(true);
  });
});
