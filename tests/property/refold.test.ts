/**
 * The core law (L1, L2): the cards of a case follow from its events and from nothing else: not from
 * the order in which they arrived, nor from what was believed in between. Three ways must agree card
 * for card: records as they arrive, the same records as they happened, and an oracle that shares no
 * code with either. Runs: MINGCHA_RUNS (default 300 of each kind of world), seed: MINGCHA_SEED.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inOrder, play, recordsOf, runs, type World, world } from '../fixtures/kernel/histories.ts';
import { Rig } from '../fixtures/kernel/rig.ts';
import { oracleStanding } from './oracle-standing.ts';

function agree(one: World, tieBreak: (i: number) => number): void {
  const played = play(one);
  const expected = oracleStanding(played);
  const arrived = new Rig(played.pack).run(recordsOf(played));
  expect(arrived.standing()).toEqual(expected);
  const happened = new Rig(played.pack).run(recordsOf(inOrder(played, tieBreak)));
  expect(happened.standing()).toEqual(expected);
  expect(arrived.rejects.filter(({ kind }) => kind === 'dead')).toEqual([]);
}

describe('random histories', () => {
  test('as they arrived, as they happened, and as the oracle says: the same cards', () => {
    fc.assert(
      fc.property(world, fc.infiniteStream(fc.nat(1000)), (one, stream) => {
        const ties: number[] = [];
        const tieBreak = (i: number): number => {
          while (ties.length <= i) ties.push(stream.next().value as number);
          return ties[i] as number;
        };
        agree(one, tieBreak);
      }),
      runs(300),
    );
  });
});
