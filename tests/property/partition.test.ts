/**
 * What must not matter to a partition (laws L1 and L5): how records are cut into batches, on how many
 * partitions, where a checkpoint falls, who asks for an explanation, and records that come again. And
 * what must: a pack published later gives what it would have given from the start.
 * Runs: MINGCHA_RUNS (default 300 stands for each usual number), seed: MINGCHA_SEED.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Delivery,
  packChoice,
  packOf,
  play,
  recordsOf,
  world,
} from '../fixtures/kernel/histories.ts';
import { type Record_, Rig } from '../fixtures/kernel/rig.ts';
import { runs } from '../fixtures/property.ts';

/** Numbers from 0 to 1 that pick places in a run. */
const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 });

function indexes(picks: readonly number[], length: number): number[] {
  return picks.map((pick) => Math.floor(pick * length));
}

describe('cards and their changes, byte for byte', () => {
  test('do not depend on batches', () => {
    fc.assert(
      fc.property(world, fc.constantFrom(2, 3, 7, 10_000), (one, batch) => {
        const played = play(one);
        const records = recordsOf(played);
        const single = new Rig(played.pack).run(records);
        const batched = new Rig(played.pack, { batch }).run(records);
        expect(batched.changes).toEqual(single.changes);
        expect(batched.rejects).toEqual(single.rejects);
        expect(batched.digest()).toBe(single.digest());
      }),
      runs(100),
    );
  });

  test('do not depend on the number of partitions', () => {
    fc.assert(
      fc.property(world, fc.constantFrom(2, 4, 12), (one, partitions) => {
        const played = play(one);
        const records = recordsOf(played);
        const single = new Rig(played.pack).run(records);
        const spread = new Rig(played.pack, { partitions, batch: 5 }).run(records);
        expect(spread.history()).toEqual(single.history());
        expect(spread.digest()).toBe(single.digest());
      }),
      runs(60),
    );
  });

  test('do not depend on where a snapshot was taken and restored', () => {
    fc.assert(
      fc.property(world, places, (one, picks) => {
        const played = play(one);
        const records = recordsOf(played);
        const restoreBefore = indexes(picks, records.length);
        const straight = new Rig(played.pack).run(records);
        const restored = new Rig(played.pack, { restoreBefore, batch: 3 }).run(records);
        expect(restored.changes).toEqual(straight.changes);
        expect(restored.rejects).toEqual(straight.rejects);
        expect(restored.lanes.map((lane) => lane.partition.balance.entries())).toEqual(
          straight.lanes.map((lane) => lane.partition.balance.entries()),
        );
        expect(restored.digest()).toBe(straight.digest());
      }),
      runs(100),
    );
  });

  test('do not depend on explanations asked for in between', () => {
    fc.assert(
      fc.property(world, places, (one, picks) => {
        const played = play(one);
        const records = recordsOf(played);
        const explainBefore = indexes(picks, records.length);
        const quiet = new Rig(played.pack).run(records);
        const asked = new Rig(played.pack, { explainBefore }).run(records);
        asked.explainAll();
        expect(asked.changes).toEqual(quiet.changes);
        expect(asked.digest()).toBe(quiet.digest());
      }),
      runs(100),
    );
  });
});

describe('records that come again', () => {
  test('change no card, wherever they come', () => {
    fc.assert(
      fc.property(
        world,
        fc.array(fc.tuple(fc.nat(100), fc.nat(30)), { maxLength: 12 }),
        (one, again) => {
          const played = play(one);
          const deliveries: Delivery[] = [...played.deliveries];
          if (deliveries.length > 0) {
            for (const [which, days] of again) {
              const delivery = played.deliveries[which % played.deliveries.length] as Delivery;
              const stamp = Math.min(delivery.stamp + days * 86_400_000, played.untilMs);
              deliveries.push({ ...delivery, stamp });
            }
          }
          deliveries.sort((a, b) => a.stamp - b.stamp);
          const once = new Rig(played.pack).run(recordsOf(played));
          const more = new Rig(played.pack).run(recordsOf({ ...played, deliveries }));
          expect(more.standing()).toEqual(once.standing());
          expect(more.digest()).toBe(once.digest());
        },
      ),
      runs(100),
    );
  });
});

describe('a published pack', () => {
  const publish = (stamp: number): Record_ => ({
    ...{ kind: 'control', stamp },
    control: { type: 'publish', hash: 'other', version: 2 },
  });

  /** The records with a publication somewhere among them. */
  function withPublication(records: readonly Record_[], pick: number): Record_[] {
    const at = Math.floor(pick * records.length);
    const stamp = records[Math.max(0, at - 1)]?.stamp ?? 0;
    return [...records.slice(0, at), publish(stamp), ...records.slice(at)];
  }

  test('that says the same changes nothing', () => {
    fc.assert(
      fc.property(world, fc.double({ min: 0, max: 1, noNaN: true }), (one, pick) => {
        const played = play(one);
        const records = recordsOf(played);
        const before = new Rig(played.pack).run(records);
        const packs = { other: played.pack };
        const after = new Rig(played.pack, { packs }).run(withPublication(records, pick));
        const plain = (rig: Rig) => rig.changes.map(({ position: _, detail: _d, ...rest }) => rest);
        expect(plain(after)).toEqual(plain(before));
      }),
      runs(60),
    );
  });

  test('decides as if it had been there from the start', () => {
    fc.assert(
      fc.property(
        world,
        packChoice,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (one, choice, pick) => {
          const played = play(one);
          const records = recordsOf(played);
          const other = packOf(choice);
          const changed = new Rig(played.pack, { packs: { other } });
          changed.run(withPublication(records, pick));
          expect(changed.standing()).toEqual(new Rig(other).run(records).standing());
        },
      ),
      runs(100),
    );
  });
});
