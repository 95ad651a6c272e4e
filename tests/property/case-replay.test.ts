/**
 * What was believed at an instant (engine/kernel/case-replay.ts, law L1): replaying one case's records
 * gives the explanation that an engine gave which was stopped at that instant; and a card's newest
 * change known by then is the card as it stood there. Runs: MINGCHA_RUNS (default 120).
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CardChange } from '../../engine/cards/card.ts';
import { Dictionaries } from '../../engine/events/dictionary.ts';
import type { LoggedRecord } from '../../engine/kernel/case-replay.ts';
import { replayCase } from '../../engine/kernel/case-replay.ts';
import type { PackSource } from '../../engine/rules/source.ts';
import { packChoice, packOf, play, recordsOf, world } from '../fixtures/kernel/histories.ts';
import { bytesOf, KINDS, keyOf, programOf, type Record_, Rig } from '../fixtures/kernel/rig.ts';
import { runs } from '../fixtures/property.ts';

/** The part of a log that concerns the case, up to the instant. */
function recordsOfCase(records: readonly Record_[], caseKey: string, atMs: number): LoggedRecord[] {
  return records
    .map((record, position) => ({ record, position }))
    .filter(({ record }) => record.stamp <= atMs && record.kind !== 'tick')
    .filter(({ record }) => record.kind === 'control' || keyOf(record) === caseKey)
    .map(({ record, position }) => {
      const { stamp: stampMs, kind } = record;
      return { position, stampMs, kind: KINDS[kind], bytes: bytesOf(record) };
    });
}

/** The records with a pack published half way through. */
function withPublication(records: readonly Record_[], when: number): Record_[] {
  const at = Math.floor((records.length - 1) * when);
  const stamp = (records[at] as Record_).stamp;
  const control = { type: 'publish', hash: 'other', version: 2 } as const;
  return [...records.slice(0, at), { kind: 'control', control, stamp }, ...records.slice(at)];
}

const share = fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000);
const past = fc.tuple(world, packChoice, share, fc.array(share, { minLength: 1, maxLength: 3 }));

function prepared([one, otherChoice, when]: [
  Parameters<typeof play>[0],
  Parameters<typeof packOf>[0],
  number,
  number[],
]) {
  const played = play(one);
  const packs = { other: { ...packOf(otherChoice), version: 2 } };
  return { played, packs, records: withPublication(recordsOf(played), when) };
}

function stoppedAt(
  pack: PackSource,
  packs: Readonly<Record<string, PackSource>>,
  records: readonly Record_[],
  atMs: number,
): Rig {
  const known = records.filter(({ stamp }) => stamp <= atMs);
  return new Rig(pack, { packs }).run([...known, { kind: 'tick', stamp: atMs }]);
}

function newestKnown(changes: readonly CardChange[], atMs: number): Map<string, string> {
  const out = new Map<string, string>();
  for (const { cardId, version, state, dueMs, provisional, knownMs } of changes) {
    if (knownMs <= atMs) out.set(cardId, JSON.stringify({ version, state, dueMs, provisional }));
  }
  return out;
}

describe('looking back', () => {
  test('a case at a random instant is what an engine stopped there said of it', () => {
    fc.assert(
      fc.property(past, (drawn) => {
        const { played, packs, records } = prepared(drawn);
        const first = (records[0] as Record_).stamp;
        for (const moment of drawn[3]) {
          const atMs = first + Math.floor((played.untilMs - first) * moment);
          const live = stoppedAt(played.pack, packs, records, atMs);
          const dictionaries = new Dictionaries();
          const program = (hash: string) =>
            programOf(hash === 'other' ? packs.other : played.pack, dictionaries);
          for (const { caseKey, ...expected } of live.explainAll()) {
            const believed = replayCase({
              ...{ caseKey: new TextEncoder().encode(caseKey), atMs, index: 0, dictionaries },
              ...{ program: program(''), packHash: '', resolve: program },
              records: recordsOfCase(records, caseKey, atMs),
            });
            expect(believed?.explained).toEqual({ caseKey, ...expected });
          }
        }
      }),
      runs(120),
    );
  });

  test('cards at a random instant are those of an engine stopped there', () => {
    fc.assert(
      fc.property(past, (drawn) => {
        const { played, packs, records } = prepared(drawn);
        const whole = new Rig(played.pack, { packs }).run(records);
        const first = (records[0] as Record_).stamp;
        for (const moment of drawn[3]) {
          const atMs = first + Math.floor((played.untilMs - first) * moment);
          const live = stoppedAt(played.pack, packs, records, atMs);
          expect(newestKnown(whole.changes, atMs)).toEqual(newestKnown(live.changes, atMs));
          expect(newestKnown(live.changes, atMs).size).toBe(live.cards().size);
        }
      }),
      runs(120),
    );
  });

  test('no version of a card was known before the one before it', () => {
    fc.assert(
      fc.property(world, (one) => {
        const played = play(one);
        const known = new Map<string, number>();
        for (const change of new Rig(played.pack).run(recordsOf(played)).changes) {
          expect(change.knownMs).toBeGreaterThanOrEqual(known.get(change.cardId) ?? change.atMs);
          known.set(change.cardId, change.knownMs);
        }
      }),
      runs(120),
    );
  });
});
