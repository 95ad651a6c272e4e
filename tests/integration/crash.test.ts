/**
 * Processes killed in the middle of their work (kill -9): whoever starts again and feeds again from the
 * beginning ends with the same cards, none lost, none doubled (laws L1, L3, L5).
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Prng } from '../../engine/base/prng.ts';
import { packHash } from '../../engine/runtime/pack-hash.ts';
import { seedOf } from '../fixtures/property.ts';
import { report, reportsOf, runChild } from '../fixtures/running/children.ts';
import { demoPack, TempDirs } from '../fixtures/running/engine.ts';
import { stricterPack } from '../fixtures/running/packs.ts';
import type { Report, Step } from '../fixtures/running/steps.ts';

const CASES = 300;
const ROUNDS = 5;
const SEED = seedOf(20091208);
const feed = { do: 'feed', cases: CASES } as const;
/** A test here starts up to eight whole engines one after the other; busy machines need the time. */
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });
const dirs = new TempDirs();
const quietDir = dirs.make();
const killedDir = dirs.make();
let undisturbed: Report;

beforeAll(async () => {
  undisturbed = await report({ dataDir: quietDir, steps: [feed, { do: 'report' }] });
});

afterAll(() => dirs.remove());

/** What must be the same however often the run was cut. */
function outcomeOf({ digest, cards, cardsRead, open, openCards }: Report) {
  return { digest, cards, cardsRead, open, openCards };
}

function expectNothingDoubled({ cards, stored, books, records }: Report): void {
  expect(stored.cards).toBe(cards);
  expect(stored.cardIds).toBe(cards);
  expect(stored.changes).toBe(stored.changeIds);
  expect(stored.events).toBe(stored.eventPositions);
  expect(stored.events).toBe(books.accepted);
  expect(records).toBeGreaterThanOrEqual(books.accepted);
}

/** Kills the feeding child at a moment drawn from `rng`; the last chunk it said was fed. */
async function feedAndKill(dataDir: string, rng: Prng, after: number): Promise<number> {
  const killAt = after + rng.int(2, 8);
  const delayMs = rng.int(0, 20);
  let fed = -1;
  let dying = false;
  const { signal, errors } = await runChild(
    { dataDir, steps: [{ ...feed, checkpointEvery: rng.int(2, 5) }] },
    (said, child) => {
      if (said.said !== 'fed') return;
      fed = said.chunk;
      if (dying || fed < killAt) return;
      dying = true;
      setTimeout(() => child.kill('SIGKILL'), delayMs);
    },
  );
  expect(signal, errors).toBe('SIGKILL');
  return fed;
}

test(`a feed killed ${ROUNDS} times ends as one that was never disturbed (seed ${SEED})`, async () => {
  const rng = new Prng(SEED);
  let fed = -1;
  for (let round = 0; round < ROUNDS; round++) fed = await feedAndKill(killedDir, rng, fed);
  const after = await report({ dataDir: killedDir, steps: [feed, { do: 'report' }] });
  expect(outcomeOf(after)).toEqual(outcomeOf(undisturbed));
  expectNothingDoubled(undisturbed);
  expectNothingDoubled(after);
  // Every record fed is applied once; whatever was fed again is a duplicate.
  expect(after.books.applied).toBe(undisturbed.books.applied);
  expect(after.books.duplicate).toBeGreaterThan(undisturbed.books.duplicate);
  expect(after.books).toMatchObject({ held: 0, deadLettered: 0 });
});

/** Without checkpoints and projection all of the log is read again, which takes its time. */
test('a process killed while it starts and replays changes nothing', async () => {
  const rng = new Prng(SEED + 1);
  rmSync(join(killedDir, 'checkpoints'), { recursive: true });
  const before = outcomeOf(undisturbed);
  for (let round = 0; round < 3; round++) {
    const ended = await runChild(
      { dataDir: killedDir, steps: [{ do: 'hang' }] },
      (said, child) => {
        if (said.said === 'done') child.kill('SIGKILL');
      },
      rng.int(300, 1500),
    );
    expect(ended.signal, ended.errors).toBe('SIGKILL');
  }
  const after = await report({ dataDir: killedDir, steps: [{ do: 'report' }] });
  expect(outcomeOf(after)).toEqual(before);
  expect(after.books.applied).toBe(undisturbed.books.applied);
  expectNothingDoubled(after);
});

test('a publication cut short between partitions is completed by the next start', async () => {
  const pack = join(dirs.make(), 'stricter.json');
  const stricter = stricterPack(demoPack());
  writeFileSync(pack, JSON.stringify(stricter));
  const dataDir = dirs.make();
  const cut: Step = { do: 'publishTo', pack, partitions: [0, 1] };
  const killed = await runChild({ dataDir, steps: [feed, cut, { do: 'hang' }] }, (said, child) => {
    if (said.said === 'done' && said.step === 'hang') child.kill('SIGKILL');
  });
  expect(killed.signal, killed.errors).toBe('SIGKILL');

  const next = await runChild({ dataDir, steps: [{ do: 'report' }] });
  const [completed] = reportsOf(next) as [Report];
  expect(completed.packHashes).toEqual(Array.from({ length: 4 }, () => packHash(stricter)));
  const [started] = next.said;
  expect(started?.said === 'started' ? started.notes.join('\n') : '').toContain('2, 3');
  const whole = await report({
    dataDir: quietDir,
    steps: [{ do: 'publish', pack }, { do: 'report' }],
  });
  expect(outcomeOf(completed)).toEqual(outcomeOf(whole));
  expect(completed.digest).not.toBe(undisturbed.digest);
  // The start after that has nothing left to complete.
  const again = await runChild({ dataDir, steps: [{ do: 'report' }] });
  const [quiet] = again.said;
  expect(quiet?.said === 'started' ? quiet.notes.join('\n') : '').not.toContain('补完');
  expect(outcomeOf((reportsOf(again) as [Report])[0])).toEqual(outcomeOf(whole));
});
