/**
 * A process killed between and inside inserts: what it said was stored is there in a new process, once,
 * and the position never runs ahead of the rows. Real processes; chDB locks its folder to one of them,
 * so that reading is a child of its own too.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cardId } from '../contract/sink.contract.ts';

const CHILD = join(import.meta.dirname, 'sink-kill-child.ts');
const ROUNDS = 3;
const run = promisify(execFile);

interface Found {
  readonly events: number;
  readonly distinct: number;
  readonly last: number;
  readonly cards: number;
  readonly cardsChanged: number;
  readonly changes: number;
  readonly changesDistinct: number;
  readonly position: number;
  readonly versions: Readonly<Record<string, number>>;
}

/** Kills the writer a few milliseconds after it acknowledged `after`; returns the last it said. */
async function writeAndKill(dir: string, after: number, delayMs: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, 'write', dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  let acknowledged = -1;
  let dying = false;
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop()!;
    for (const line of lines) acknowledged = Number(line);
    if (dying || acknowledged < after) return;
    dying = true;
    setTimeout(() => child.kill('SIGKILL'), delayMs);
  });
  const signal = await new Promise((resolve) => child.on('close', (_code, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');
  return acknowledged;
}

describe('sink under kill -9', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'mingcha-sink-kill-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('keeps what was acknowledged, once, and goes on where it stopped', async () => {
    let heard = -1;
    for (let round = 0; round < ROUNDS; round++) {
      heard = await writeAndKill(dir, heard + 15 + round * 10, round * 9);
      const { stdout } = await run(process.execPath, [CHILD, 'check', dir]);
      const found = JSON.parse(stdout) as Found;
      expect(found.position).toBeGreaterThanOrEqual(heard);
      expect(found.last).toBeGreaterThanOrEqual(found.position);
      expect(found.distinct).toBe(found.last + 1);
      expect(found.events).toBe(found.distinct);
      expect(found.cards).toBe(found.cardsChanged);
      expect(found.changes).toBe(found.changesDistinct);
      for (let n = 0; n < 16 && n <= heard; n++) {
        const newest = 1 + Math.floor((heard - n) / 16);
        expect(found.versions[cardId(n)], `card ${n}`).toBeGreaterThanOrEqual(newest);
      }
    }
  }, 120_000);
});
