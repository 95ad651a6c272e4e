/**
 * The life of cards in the time of the log (laws L1, L2, L7): clocks on cards, provisional findings and
 * what people do. Two ways must agree: the kernel, and a checker that walks the log from instant to
 * instant and shares no code with it. And nothing may depend on batches, partitions or checkpoints.
 * Runs: MINGCHA_RUNS (default 300 stands for each usual number), seed: MINGCHA_SEED.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OracleLife } from '../../checker/card-life.ts';
import type { CardChange } from '../../engine/cards/card.ts';
import { cardNames, cardWorld, playCards } from '../fixtures/kernel/card-worlds.ts';
import { local } from '../fixtures/kernel/pack.ts';
import { Rig } from '../fixtures/kernel/rig.ts';
import { runs } from '../fixtures/property.ts';

const time = (ms: number | null): string => (ms === null ? '-' : local(ms));

/** The newest change of every card, as one line each. */
function believed(rig: Rig): Record<string, string> {
  const names = cardNames(rig.changes);
  const newest = new Map<string, CardChange>();
  for (const change of rig.changes) newest.set(change.cardId, change);
  const lines = [...newest.values()].map((one): [string, string] => [
    names.get(one.cardId) ?? '',
    `${one.state} due ${time(one.dueMs)} reply ${time(one.replyDueMs)} ` +
      `supervise ${time(one.superviseDueMs)} issue ${time(one.issueMs)}`,
  ]);
  return Object.fromEntries(lines.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What time alone brought, in order. */
function timed(rig: Rig): string[] {
  const names = cardNames(rig.changes);
  return rig.changes
    .filter(
      ({ op, parent }) => op === 'issued' || op === 'escalated' || (op === 'raised' && parent),
    )
    .map(({ atMs, cardId, state }) => `${local(atMs)} ${names.get(cardId)} ${state}`)
    .sort();
}

describe('cards in time', () => {
  test('become what the checker says, at the instants at which it says so', () => {
    fc.assert(
      fc.property(cardWorld, (one) => {
        const { pack, records, life } = playCards(one);
        const rig = new Rig(pack).run(records);
        const oracle = new OracleLife(pack).run(life);
        const expected = [...oracle.view()].map(([name, card]): [string, string] => [
          name,
          `${card.state} due ${time(card.due)} reply ${time(card.replyDue)} ` +
            `supervise ${time(card.superviseDue)} issue ${time(card.issueAt)}`,
        ]);
        expect(believed(rig)).toEqual(
          Object.fromEntries(expected.sort(([a], [b]) => (a < b ? -1 : 1))),
        );
        const told = oracle.told.map(({ at, card, state }) => `${local(at)} ${card} ${state}`);
        expect(timed(rig)).toEqual(told.sort());
      }),
      runs(150),
    );
  });

  test('do not depend on batches, nor on where a snapshot was taken and restored', () => {
    const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 });
    fc.assert(
      fc.property(cardWorld, fc.constantFrom(2, 5, 10_000), places, (one, batch, picks) => {
        const { pack, records } = playCards(one);
        const restoreBefore = picks.map((pick) => Math.floor(pick * records.length));
        const single = new Rig(pack).run(records);
        const other = new Rig(pack, { batch, restoreBefore, explainBefore: restoreBefore });
        expect(other.run(records).changes).toEqual(single.changes);
        expect(other.digest()).toBe(single.digest());
      }),
      runs(60),
    );
  });

  test('do not depend on the number of partitions', () => {
    fc.assert(
      fc.property(cardWorld, fc.constantFrom(2, 4), (one, partitions) => {
        const { pack, records } = playCards(one);
        const spread = new Rig(pack, { partitions, batch: 3 }).run(records);
        expect(spread.history()).toEqual(new Rig(pack).run(records).history());
      }),
      runs(30),
    );
  });
});
