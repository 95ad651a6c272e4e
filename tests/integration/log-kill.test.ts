/**
 * A process killed in the middle of appending: everything it said was appended is there, once.
 * Real time and real processes; the child is this file's sibling `log-kill-child.ts`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteLog } from '../../engine/log/sqlite-log.ts';

const CHILD = join(import.meta.dirname, 'log-kill-child.ts');
const ROUNDS = 6;

/** Runs the child until it has acknowledged `after` appends, kills it, returns the last one heard. */
async function runAndKill(dir: string, after: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  let acknowledged = -1;
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop()!;
    for (const line of lines) acknowledged = Number(line);
    if (lines.length > 0 && acknowledged >= after) child.kill('SIGKILL');
  });
  const signal = await new Promise((resolve) => child.on('close', (_code, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');
  return acknowledged;
}

describe('log under kill -9', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'mingcha-kill-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('keeps every acknowledged record, once, over repeated kills', async () => {
    let heard = -1;
    for (let round = 0; round < ROUNDS; round++) {
      heard = await runAndKill(dir, heard + 40 + round * 37);
      const log = new SqliteLog({ dir, partition: 0, partitions: 1 });
      expect(log.end).toBeGreaterThan(heard);
      let next = 0;
      for (const batch of log.read(0, 1000)) {
        for (let i = 0; i < batch.count; i++) {
          const record = batch.bytes.subarray(batch.offsets[i], batch.offsets[i + 1]);
          expect(Buffer.from(record).toString()).toBe(`record ${next}`);
          next++;
        }
      }
      expect(next).toBe(log.end);
      log.close();
    }
  }, 60_000);
});
