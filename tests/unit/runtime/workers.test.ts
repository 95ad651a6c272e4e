import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Workers } from '../../../engine/runtime/workers.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mingcha-workers-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

it('threads that cannot start say why, and asking them is refused instead of waiting', async () => {
  const file = join(dir, 'file');
  writeFileSync(file, 'in the way of a folder');
  const stopped: string[] = [];
  const workers = new Workers({
    threads: 2,
    partitionCount: 4,
    dir: file,
    packHash: 'x',
    packJson: '{}',
    clock: { baseMs: 0, realBaseMs: 0, speed: 0 },
    onEffects: () => {},
    onProgress: () => {},
    onStopped: (_, reason) => stopped.push(reason),
  });
  await expect(workers.start([-1, -1, -1, -1])).rejects.toThrow(/ENOTDIR|EEXIST/);
  await workers.terminate();
  await expect(workers.ask(0, 'state', { partition: 0 })).rejects.toMatchObject({
    code: 'NOT_READY',
  });
  // Whoever started them has heard; partitions that never ran have not stopped.
  expect(stopped).toEqual([]);
});
