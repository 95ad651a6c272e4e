/**
 * The books (law L5): after every single record, what was seen is what was applied, repeated, held and
 * dead; every refused record keeps its bytes; what is held is released at its instant.
 * Runs: MINGCHA_RUNS (default 300), seed: MINGCHA_SEED.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OUTCOMES } from '../../engine/kernel/balance.ts';
import { play, recordsOf, world } from '../fixtures/kernel/histories.ts';
import { jsonOf, type Lane, type Record_, Rig } from '../fixtures/kernel/rig.ts';
import { runs } from '../fixtures/property.ts';

const BAD = [
  '{"caseKey":"C0","type":"received"',
  '{"caseKey":"C0","type":"unheard of","at":"2024-02-01T00:00:00Z","source":"src"}',
  '{"caseKey":"C0","type":"received","at":"2024-02-31T00:00:00Z","source":"src"}',
  '[]',
  '\u0000',
];

function totals(lane: Lane): Record<string, number> {
  const sums: Record<string, number> = { applied: 0, duplicate: 0, held: 0, dead: 0 };
  for (const [, counts] of lane.partition.balance.entries()) {
    for (const [i, name] of OUTCOMES.entries()) sums[name] = (sums[name] ?? 0) + (counts[i] ?? 0);
  }
  return sums;
}

/** Records of a world, with bad bytes and changed contents of known identities strewn in. */
const messy = fc
  .tuple(world, fc.array(fc.tuple(fc.nat(200), fc.nat(BAD.length)), { maxLength: 10 }))
  .map(([one, spoils]) => {
    const played = play(one);
    const records = recordsOf(played);
    for (const [at, which] of spoils) {
      const place = at % records.length;
      const { stamp } = records[place] as Record_;
      const source = records[Math.floor(place / 2)] as Record_;
      const text = BAD[which];
      if (text !== undefined) records.splice(place, 0, { kind: 'raw', text, stamp });
      else if (source.kind === 'event' && source.line.at <= stamp) {
        const line = { ...source.line, actor: 'somebody else' };
        records.splice(place, 0, { kind: 'event', line, stamp });
      }
    }
    return { played, records };
  });

describe('after every record', () => {
  test('seen = applied + duplicate + held + dead', () => {
    fc.assert(
      fc.property(messy, ({ played, records }) => {
        const rig = new Rig(played.pack);
        const [lane] = rig.lanes as [Lane];
        let events = 0;
        let others = 0;
        for (const record of records) {
          rig.run([record]);
          if (record.kind === 'event' || record.kind === 'raw') events++;
          else others++;
          const sums = totals(lane);
          const seen = Object.values(sums).reduce((a, b) => a + b, 0);
          expect([seen, lane.partition.balance.others]).toEqual([events, others]);
          expect(sums.held).toBe(lane.partition.held.size);
        }
      }),
      runs(120),
    );
  });

  test('no held record waits beyond its instant', () => {
    fc.assert(
      fc.property(world, (one) => {
        const played = play(one);
        const rig = new Rig(played.pack);
        for (const record of recordsOf(played)) {
          rig.run([record]);
          for (const lane of rig.lanes) {
            for (const held of lane.partition.held.all()) {
              expect(held.atMs).toBeGreaterThan(record.stamp);
            }
          }
        }
      }),
      runs(60),
    );
  });
});

describe('refused records', () => {
  test('keep the bytes they came with, at their position', () => {
    fc.assert(
      fc.property(messy, ({ played, records }) => {
        const rig = new Rig(played.pack, { batch: 4 }).run(records);
        const texts = records.map((record) => {
          if (record.kind === 'event') return jsonOf(record.line);
          return record.kind === 'raw' ? record.text : '';
        });
        for (const { text, position } of rig.rejects) expect(text).toBe(texts[position]);
        const [lane] = rig.lanes as [Lane];
        const dead = rig.rejects.filter(({ kind }) => kind === 'dead').length;
        expect(totals(lane).dead).toBe(dead);
      }),
      runs(60),
    );
  });

  test('change no card', () => {
    fc.assert(
      fc.property(messy, ({ played, records }) => {
        const rig = new Rig(played.pack).run(records);
        const dead = new Set(
          rig.rejects.filter(({ kind }) => kind === 'dead').map(({ position }) => position),
        );
        const clean = records.filter((_, position) => !dead.has(position));
        expect(rig.standing()).toEqual(new Rig(played.pack).run(clean).standing());
      }),
      runs(60),
    );
  });
});
