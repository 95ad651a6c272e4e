/** Partitions' counts added up into one wall (runtime/wall.ts). */
import { describe, expect, test } from 'vitest';
import type { Scope } from '../../../engine/facade.ts';
import { Summarizer } from '../../../engine/kernel/summary.ts';
import { PackNames } from '../../../engine/runtime/pack-names.ts';
import { wallSummary } from '../../../engine/runtime/wall.ts';
import { ALL_WELL } from '../../fixtures/fake-city.ts';
import { NO_OPENINGS, packOf } from '../../fixtures/kernel/histories.ts';
import { seededLog } from '../../fixtures/kernel/log.ts';
import { at } from '../../fixtures/kernel/pack.ts';
import { Rig } from '../../fixtures/kernel/rig.ts';

const HOUR = 3_600_000;
const NOW = at('2026-06-10 11:20');
const rules = packOf({
  ...{ intakeDays: 5, deemed: true, promised: { count: 7, unit: 'workday' as const } },
  ...{ statutory: 10, mode: 'legal' as const, resolutionMs: 1000, ladder: 2, extension: 5 },
  ...{ stageLimit: 2, complaint: { count: 5, unit: 'day' as const }, named: 'day' as const },
  ...{ each: true, checkedAt: ['caseEnd'] as const, ...NO_OPENINGS },
});
const names = new PackNames(rules, 'hash');
const records = seededLog(4, 12_000).filter(({ stamp }) => stamp <= NOW);
const EVERYWHERE: Scope = { organs: null, territories: null };

function wallOf(partitions: number, scope: Scope = EVERYWHERE) {
  const rig = new Rig(rules, { partitions, batch: 200 });
  rig.run([...records, { kind: 'tick', stamp: NOW }]);
  const parts = rig.lanes.map(({ partition }) => new Summarizer(partition).summarize(scope));
  const hourMs = Math.floor(NOW / HOUR) * HOUR;
  return wallSummary({
    ...{
      partitions: parts,
      latest: [],
      storeReadable: true,
      names,
      nowMs: NOW,
      asOfMs: NOW,
      dataAgeMs: 0,
      speed: 1,
      scope,
      deadMan: ALL_WELL,
    },
    hourly: [
      { hourMs, level: 'yellow', cards: 3 },
      { hourMs: hourMs - 23 * HOUR, level: 'red', cards: 1 },
      { hourMs: hourMs - 24 * HOUR, level: 'red', cards: 9 },
    ],
  });
}

describe('a wall', () => {
  const one = wallOf(1);

  test('says the same on one partition and on four', () => {
    const four = wallOf(4);
    expect(four.counts).toEqual(one.counts);
    expect(four.organs).toEqual(one.organs);
    expect(four.territories).toEqual(one.territories);
    expect(four.strip).toEqual(one.strip);
    // Which of several cases due at one instant come first is not laid down.
    const shown = (wall: typeof one) =>
      wall.pressing.map(({ state, dueMs, levelRank }) =>
        state === 'expired' ? [levelRank, dueMs] : [state, dueMs],
      );
    expect(shown(four)).toEqual(shown(one));
  });

  test('adds up: organs make the city, cells make the open cases', () => {
    const sum = (pick: (organ: (typeof one.organs)[number]) => number): number =>
      one.organs.reduce((total, organ) => total + pick(organ), 0);
    expect(one.counts.open).toBe(sum(({ open }) => open));
    expect(one.counts.open).toBeGreaterThan(30);
    expect(one.strip.reduce((total, { cells }) => total + cells.length, 0)).toBe(one.counts.open);
    const yellow = sum(({ cards }) => cards.yellow ?? 0);
    expect(one.counts.cards.yellow).toBe(yellow);
  });

  test('leaves half of its list to what can still be saved', () => {
    expect(one.pressing.length).toBe(40);
    const late = one.pressing.filter(({ state }) => state === 'expired').length;
    expect(late).toBeGreaterThan(0);
    expect(late).toBeLessThan(40);
  });

  test('charts the last 24 hours, empty ones included', () => {
    expect(one.hourly.length).toBe(24);
    expect(one.hourly.at(-1)?.byLevel).toEqual({ yellow: 3 });
    expect(one.hourly[0]?.byLevel).toEqual({ red: 1 });
    expect(one.hourly.flatMap(({ byLevel }) => Object.values(byLevel))).toEqual([1, 3]);
  });

  test('shows an organ in scope that has nothing, and none that is not', () => {
    const scoped = wallOf(2, { organs: ['office'], territories: null });
    expect(scoped.organs.map(({ organ }) => organ)).toEqual(['office']);
    const elsewhere = wallOf(1, { organs: ['bureau'], territories: ['moon'] });
    expect(elsewhere.counts).toMatchObject({ open: 0, cards: {} });
    expect(elsewhere.organs).toEqual([]);
  });
});
