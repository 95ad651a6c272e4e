/**
 * What a publication may do to case memory: from the start, everything is as if the version had always
 * been there; from now on, what began before keeps its verdict and what begins after is judged by the
 * new version alone. Either way the cards follow from the events and the pack in force (law L1).
 * Runs: MINGCHA_RUNS (default 300 stands for each usual number), seed: MINGCHA_SEED.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PackSource, ValiditySource } from '../../engine/rules/source.ts';
import { mergePack } from '../../engine/runtime/pack-merge.ts';
import {
  type PackChoice,
  type Played,
  packChoice,
  packOf,
  play,
  recordsOf,
  world,
} from '../fixtures/kernel/histories.ts';
import { at } from '../fixtures/kernel/pack.ts';
import { type Record_, Rig } from '../fixtures/kernel/rig.ts';
import { runs } from '../fixtures/property.ts';

const DAY = 86_400_000;

interface Rule extends ValiditySource {
  readonly id: string;
  readonly version: number;
}

const FATES = ['start', 'now', 'left', 'retired', 'gone'] as const;
type Fate = (typeof FATES)[number];

interface Publication {
  readonly choice: PackChoice;
  /** Of each rule: from the start, from now, as it was, ended now, gone from the start. */
  readonly fates: readonly Fate[];
  readonly day: number;
  readonly time: string;
}

const publication = (fates: readonly Fate[]): fc.Arbitrary<Publication> =>
  fc.record({
    choice: packChoice,
    fates: fc.array(fc.constantFrom(...fates), { minLength: 18, maxLength: 18 }),
    day: fc.integer({ min: 0, max: 24 }),
    time: fc.constantFrom('00:00', '09:00', '10:00:01', '12:30'),
  });

/** The pack an author writes after `before`, whose rules say how they take effect. */
function authoredAfter(before: PackSource, { choice, fates }: Publication, version: number) {
  const next = packOf(choice);
  const retired: { id: string; effective: 'now' }[] = [];
  let r = 0;
  const list = <T extends Rule>(now: readonly T[], old: readonly T[]): T[] =>
    now.flatMap((rule) => {
      const fate = fates[r++ % fates.length];
      if (fate === 'retired') retired.push({ id: rule.id, effective: 'now' });
      const gone = fate === 'retired' || fate === 'gone';
      // A check reads this clock: the pack could not do without it.
      if (gone && rule.id !== 'statute') return [];
      const last = old.findLast(({ id }) => id === rule.id);
      if (fate !== 'left' || last === undefined) {
        return [{ ...rule, version, ...(fate === 'now' ? { effective: 'now' as const } : {}) }];
      }
      const { validFrom: _from, validTo: _to, ...content } = last;
      return [{ ...(content as unknown as T), effective: 'now' as const }];
    });
  const clocks = list(next.clocks, before.clocks);
  const checks = list(next.checks, before.checks);
  const sequences = list(next.sequences, before.sequences);
  const here = retired.filter(({ id }) => id !== 'statute');
  return { ...next, clocks, checks, sequences, ...(here.length > 0 ? { retired: here } : {}) };
}

interface Published {
  readonly stamp: number;
  readonly hash: string;
  readonly pack: PackSource;
}

/** The pack in force after each publication, in the order of their moments. */
function publishedPacks(
  first: PackSource,
  list: readonly Publication[],
  base: string,
): Published[] {
  const moment = ({ day, time }: Publication) => at(`${base} ${time}`) + day * DAY;
  const inTime = [...list].sort((a, b) => moment(a) - moment(b));
  let pack = first;
  return inTime.map((one, i) => {
    pack = mergePack(pack, authoredAfter(pack, one, i + 2), moment(one)).pack;
    return { stamp: moment(one), hash: `p${i}`, pack };
  });
}

function withPublications(played: Played, published: readonly Published[]): Record_[] {
  const controls = published.map(({ stamp, hash }): Record_ => {
    return { kind: 'control', stamp, control: { type: 'publish', hash, version: 2 } };
  });
  // A publication comes after what bears its very stamp: all of it is folded again anyhow.
  return [...recordsOf(played), ...controls].sort((a, b) => a.stamp - b.stamp);
}

/** Names, due instants, states and ids of the cards that stand. */
function cardsOf(rig: Rig): Record<string, string> {
  const ids = rig.cards();
  const rows = Object.entries(rig.standing());
  return Object.fromEntries(rows.map(([name, card]) => [name, `${card} ${ids.get(name)?.cardId}`]));
}

describe('publications among the records', () => {
  test('leave the cards that the pack in force gives from the first record on', () => {
    fc.assert(
      fc.property(
        world,
        fc.array(publication(FATES), { minLength: 1, maxLength: 2 }),
        (one, list) => {
          const played = play(one);
          const published = publishedPacks(played.pack, list, one.base);
          const packs = Object.fromEntries(published.map(({ hash, pack }) => [hash, pack]));
          const rig = new Rig(played.pack, { packs }).run(withPublications(played, published));
          const { pack } = published.at(-1) as Published;
          expect(cardsOf(rig)).toEqual(cardsOf(new Rig(pack).run(recordsOf(played))));
        },
      ),
      runs(150),
    );
  });

  test('from the start: the cards of the new pack alone', () => {
    fc.assert(
      fc.property(world, publication(['start']), (one, it) => {
        const played = play(one);
        const published = publishedPacks(played.pack, [it], one.base);
        const packs = { p0: (published[0] as Published).pack };
        const rig = new Rig(played.pack, { packs }).run(withPublications(played, published));
        expect(cardsOf(rig)).toEqual(cardsOf(new Rig(packOf(it.choice)).run(recordsOf(played))));
      }),
      runs(100),
    );
  });
});

/** When each case begins and ends: the first and last instant that any delivery of it names. */
function spansOf(played: Played): Map<string, { first: number; last: number }> {
  const spans = new Map<string, { first: number; last: number }>();
  for (const { line } of played.deliveries) {
    const known = spans.get(line.caseKey) ?? { first: line.at, last: line.at };
    const first = Math.min(known.first, line.at);
    spans.set(line.caseKey, { first, last: Math.max(known.last, line.at) });
  }
  return spans;
}

const AT_ENDS = ['decides', 'answers'];

/** Cards of what began before the instant: events that were judged, clocks that started. */
function begunBefore(rig: Rig, ms: number): Record<string, string> {
  const runsBefore = new Set(
    rig
      .explainAll()
      .flatMap(({ caseKey, clocks }) =>
        clocks
          .filter(({ startMs }) => startMs < ms)
          .map(
            ({ ruleId, stageCode, occurrence }) =>
              `${caseKey}|${ruleId}|${stageCode}|${occurrence}`,
          ),
      ),
  );
  const clocks = new Set(rig.lanes[0]?.partition.store.program.clocks.map(({ id }) => id));
  const due = new Map<string, { run: string; dueMs: number; ruleId: string }>(
    rig.lanes.flatMap((lane) =>
      Array.from({ length: lane.partition.store.cards.count }, (_, card) => {
        const one = lane.current(card);
        const run = [one.caseKey, one.ruleId, one.stage, one.occurrence].join('|');
        return [`${run}|${one.level}`, { run, dueMs: one.dueMs, ruleId: one.ruleId }] as const;
      }),
    ),
  );
  const kept = Object.entries(cardsOf(rig)).filter(([name]) => {
    const { run, dueMs, ruleId } = due.get(name) ?? { run: '', dueMs: 0, ruleId: '' };
    return clocks.has(ruleId) ? runsBefore.has(run) : dueMs < ms;
  });
  return Object.fromEntries(kept);
}

function ofCases(cards: Record<string, string>, keep: (caseKey: string, rule: string) => boolean) {
  const kept = Object.entries(cards).filter(([name]) => {
    const [caseKey = '', rule = ''] = name.split('|');
    return keep(caseKey, rule);
  });
  return Object.fromEntries(kept);
}

describe('a version from now on', () => {
  test('leaves what began before to the old one, and has what begins after to itself', () => {
    let before = 0;
    let after = 0;
    fc.assert(
      fc.property(world, publication(['now']), fc.array(fc.nat(2)), (one, it, sides) => {
        // Some cases lie wholly before the moment, some wholly after, the rest across it.
        const cases = one.cases.map((history, k) => ({
          ...history,
          events: history.events.map((event) => {
            if ((sides[k] ?? 0) === 0) return event;
            const day = sides[k] === 1 ? event.day % 8 : it.day + 1 + (event.day % 8);
            return { ...event, day, moved: 0, delay: Math.max(0, event.delay) };
          }),
        }));
        const played = play({ ...one, cases });
        const it2 = { ...it, choice: { ...it.choice, ...itemOf(one.choice) } };
        const published = publishedPacks(played.pack, [it2], one.base);
        const { pack, stamp } = published[0] as Published;
        const rig = new Rig(played.pack, { packs: { p0: pack } });
        rig.run(withPublications(played, published));
        const old = new Rig(played.pack).run(recordsOf(played));
        const young = new Rig(packOf(it2.choice)).run(recordsOf(played));
        expect(begunBefore(rig, stamp)).toEqual(begunBefore(old, stamp));
        const spans = spansOf(played);
        const wholly = (caseKey: string, rule: string): boolean => {
          return (spans.get(caseKey)?.last ?? stamp) < stamp && !AT_ENDS.includes(rule);
        };
        const beyond = (caseKey: string): boolean => (spans.get(caseKey)?.first ?? 0) >= stamp;
        expect(ofCases(cardsOf(rig), wholly)).toEqual(ofCases(cardsOf(old), wholly));
        expect(ofCases(cardsOf(rig), beyond)).toEqual(ofCases(cardsOf(young), beyond));
        before += Object.keys(ofCases(cardsOf(rig), wholly)).length;
        after += Object.keys(ofCases(cardsOf(rig), beyond)).length;
      }),
      runs(150),
    );
    // Both kinds of case had cards to compare.
    expect(Math.min(before, after)).toBeGreaterThan(0);
  });
});

/** What a choice says of items, calendars and sources: no rules, so no versions of this kind. */
function itemOf(choice: PackChoice) {
  const { promised, statutory, extension, stageLimit, layered, traits, lag } = choice;
  return { promised, statutory, extension, stageLimit, layered, traits, lag };
}
