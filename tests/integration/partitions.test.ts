/**
 * The same records through the whole engine on one partition and on seven, in processes of different time
 * zones: the same cards, the same numbers on the wall (law L1).
 */
import { afterAll, expect, test } from 'vitest';
import { report } from '../fixtures/running/children.ts';
import { TempDirs } from '../fixtures/running/engine.ts';

const dirs = new TempDirs();
const steps = [{ do: 'feed', cases: 300 }, { do: 'report' }] as const;

afterAll(() => dirs.remove());

test('partitions, threads and the zone of the process change nothing that anybody sees', async () => {
  const one = await report({
    ...{ dataDir: dirs.make(), steps },
    ...{ partitions: 1, threads: 1, processZone: 'America/New_York' },
  });
  const seven = await report({
    ...{ dataDir: dirs.make(), steps },
    ...{ partitions: 7, threads: 3, processZone: 'Asia/Shanghai' },
  });
  expect([one.packHashes.length, seven.packHashes.length]).toEqual([1, 7]);
  expect(one.cards).toBeGreaterThan(100);
  const { digest, cards, cardsRead, books, open, openCards } = one;
  expect(seven).toMatchObject({ digest, cards, cardsRead, books, open, openCards });
});

test('the number of partitions is fixed with the log and kept by later starts', async () => {
  const dataDir = dirs.make();
  const first = await report({ dataDir, partitions: 3, steps });
  const again = await report({ dataDir, steps: [{ do: 'report' }] });
  expect([first.packHashes.length, again.packHashes.length]).toEqual([3, 3]);
  expect(again.digest).toBe(first.digest);
  const other = report({ dataDir, partitions: 4, steps: [{ do: 'report' }] });
  await expect(other).rejects.toThrow(/3 个分区.*4.*fixed/s);
});
