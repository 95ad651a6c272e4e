/** The demonstration's feeder over a target that only notes what it is given. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../engine/base/units.ts';
import type { CardChange, CardCommand } from '../../../engine/cards/card.ts';
import { DemoFeeder, type DemoTarget } from '../../../engine/demo/feeder.ts';
import { loadPack } from '../../../engine/runtime/rule-loader.ts';
import { RULES_DIR } from '../../../engine/runtime/rule-schema.ts';

const pack = loadPack(join(RULES_DIR, 'packs', 'demo.json'));
const NOW_MS = Date.parse('2026-11-24T14:00:00+08:00');

class NotingTarget implements DemoTarget {
  readonly lines: string[] = [];
  readonly commandsGiven: CardCommand[] = [];
  readonly waiting: (CardChange & { readonly raisedAtMs: number })[] = [];
  clockMs = NOW_MS;
  /** Called after each bulk. */
  afterBulk: () => void = () => {};

  async bulk(lines: Uint8Array): Promise<number> {
    const rows = new TextDecoder().decode(lines).trimEnd().split('\n');
    this.lines.push(...rows);
    this.afterBulk();
    return rows.length;
  }

  async commands(list: readonly CardCommand[]): Promise<void> {
    this.commandsGiven.push(...list);
  }

  async tickAll(): Promise<void> {}

  async *untouched() {
    yield* this.waiting;
  }

  onCard(): () => void {
    return () => {};
  }

  nowMs(): number {
    return this.clockMs;
  }
}

interface Notes {
  readonly endMs: number;
  readonly fedMs: number;
  readonly rates: readonly { readonly fromDay: number; readonly rate: number }[];
}

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'mingcha-feeder-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

function feederOver(target: DemoTarget, rate = 4): DemoFeeder {
  const troubles = {
    onProgress: () => {},
    onTrouble: (message: string) => expect(message).toBe(''),
  };
  return new DemoFeeder({ dataDir, pack, target, rate, cases: 2000, ...troubles }, NOW_MS);
}

function notes(): Notes {
  return JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')) as Notes;
}

async function wholeHistory(): Promise<string[]> {
  const target = new NotingTarget();
  await feederOver(target).history();
  rmSync(join(dataDir, 'demo.json'));
  return target.lines;
}

describe('history', () => {
  it('stopped anywhere goes on without losing a record', async () => {
    const whole = await wholeHistory();
    const first = new NotingTarget();
    const stopped = feederOver(first);
    first.afterBulk = () => void stopped.stop();
    await stopped.history();
    expect(first.lines.length).toBeLessThan(whole.length);
    const second = new NotingTarget();
    await feederOver(second).history();
    expect(new Set([...first.lines, ...second.lines])).toEqual(new Set(whole));
    // What is sent again is at most the last second before the stop.
    expect(first.lines.length + second.lines.length).toBeLessThan(whole.length + 50);
    expect(notes().fedMs).toBe(notes().endMs);
  });

  it('marks the folder as a demonstration before anything is fed', async () => {
    const target = new NotingTarget();
    const before: boolean[] = [];
    target.afterBulk = () => before.push(notes().fedMs < notes().endMs);
    await feederOver(target).history();
    expect(before[0]).toBe(true);
  });

  it('has people answer what was left open by an earlier run', async () => {
    const card = { cardId: 'a'.repeat(32), caseKey: 'C-1', op: 'raised', version: 2 } as const;
    const open = { ...card, state: 'issued', category: 'deadline', organ: 'LC00-FG' };
    const target = new NotingTarget();
    const raisedAtMs = NOW_MS - 400 * DAY_MS;
    target.waiting.push({ ...(open as unknown as CardChange), atMs: raisedAtMs, raisedAtMs });
    await feederOver(target).history();
    expect(target.commandsGiven).toEqual([
      expect.objectContaining({ type: 'answer', cardId: card.cardId, expectedVersion: 2 }),
    ]);
  });
});

describe('live traffic', () => {
  it('takes another rate from the next day on, for good', async () => {
    await feederOver(new NotingTarget(), 4).history();
    const [begun] = notes().rates;
    expect(begun?.rate).toBe(4);
    await feederOver(new NotingTarget(), 9).history();
    const [first, second] = notes().rates;
    expect([first, second?.rate]).toEqual([begun, 9]);
    const { endMs } = notes();
    const localDay = (ms: number) => Math.floor((ms + 8 * 3_600_000) / DAY_MS);
    expect(second?.fromDay).toBe(localDay(endMs) + 1);
    await feederOver(new NotingTarget(), 2).history();
    expect(notes().rates.map((one) => one.rate)).toEqual([4, 2]);
  });

  it('refuses notes it cannot read, by name and with a way out', () => {
    writeFileSync(join(dataDir, 'demo.json'), '{"seed":1}');
    expect(() => feederOver(new NotingTarget())).toThrow(/demo\.json.*--data.*--no-demo/s);
  });
});
