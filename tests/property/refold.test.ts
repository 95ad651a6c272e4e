/**
 * The core law (L1, L2): the cards of a case follow from its events and from nothing else: not from
 * the order in which they arrived, nor from what was believed in between. Three ways must agree card
 * for card: records as they arrive, the same records as they happened, and an oracle that shares no
 * code with either. Runs: MINGCHA_RUNS (default 300 of each kind of world), seed: MINGCHA_SEED.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  inOrder,
  type Played,
  pausedWorld,
  play,
  recordsOf,
  type World,
  world,
} from '../fixtures/kernel/histories.ts';
import { Rig } from '../fixtures/kernel/rig.ts';
import { type VersionsChoice, versionedPack, versionsChoice } from '../fixtures/kernel/versions.ts';
import { runs } from '../fixtures/property.ts';
import { oracleStanding } from './oracle-standing.ts';

function agree(one: World, tieBreak: (i: number) => number): void {
  agreeOn(play(one), tieBreak);
}

function agreeOn(played: Played, tieBreak: (i: number) => number): void {
  const expected = oracleStanding(played);
  const arrived = new Rig(played.pack).run(recordsOf(played));
  expect(arrived.standing()).toEqual(expected);
  // The same, but for what a case is called: the first record to arrive says that.
  const ordered = inOrder(played, tieBreak);
  const happened = new Rig(played.pack).run(recordsOf(ordered));
  expect(happened.standing()).toEqual(oracleStanding(ordered));
  expect(arrived.rejects.filter(({ kind }) => kind === 'dead')).toEqual([]);
}

const ties = fc.infiniteStream(fc.nat(1000)).map((stream) => {
  const drawn: number[] = [];
  return (i: number): number => {
    while (drawn.length <= i) drawn.push(stream.next().value as number);
    return drawn[i] as number;
  };
});

describe('as they arrived, as they happened, and as the oracle says: the same cards', () => {
  test('of histories of every kind', () => {
    fc.assert(fc.property(world, ties, agree), runs(300));
  });

  test('of short limits that are paused and extended over and over', () => {
    fc.assert(fc.property(pausedWorld, ties, agree), runs(300));
  });

  test('of rules in several versions, each in its time', () => {
    const versioned = (one: World, choice: VersionsChoice): Played => {
      return { ...play(one), pack: versionedPack(one.choice, choice, one.base) };
    };
    fc.assert(
      fc.property(world, versionsChoice, ties, (one, choice, tieBreak) => {
        agreeOn(versioned(one, choice), tieBreak);
      }),
      runs(300),
    );
  });
});
