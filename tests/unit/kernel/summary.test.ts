/**
 * The wall's numbers against a recount from explanations, cards and events (engine/kernel/summary.ts).
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { PartitionExplanation } from '../../../engine/kernel/explain.ts';
import {
  CELL_SUSPENDED,
  CELL_UNCOMPUTABLE,
  type OrganCounts,
  Summarizer,
} from '../../../engine/kernel/summary.ts';
import { NO_OPENINGS, packOf } from '../../fixtures/kernel/histories.ts';
import { seededLog } from '../../fixtures/kernel/log.ts';
import { at, clock, pack } from '../../fixtures/kernel/pack.ts';
import { type Line, live, Rig } from '../../fixtures/kernel/rig.ts';

const DAY = 86_400_000;
const OPEN = ['provisional', 'issued', 'acknowledged', 'rejected', 'escalated', 'reopened'];
const EVERYWHERE = { organs: null, territories: null };
const PUBLISHED = at('2027-01-01');

const rules = packOf({
  ...{ intakeDays: 5, deemed: true, promised: { count: 7, unit: 'workday' as const } },
  ...{ statutory: 10, mode: 'legal' as const, resolutionMs: 1000, ladder: 2, extension: 5 },
  ...{ stageLimit: 2, complaint: { count: 5, unit: 'day' as const }, named: 'day' as const },
  ...{ each: true, checkedAt: ['caseEnd'] as const, ...NO_OPENINGS },
});

interface Case {
  readonly view: PartitionExplanation;
  readonly ranks: readonly number[];
  readonly levels: readonly string[];
}

function casesOf(rig: Rig): Case[] {
  const levelsOf = new Map<string, string[]>();
  for (const [name, { state }] of rig.cards()) {
    const [caseKey = '', , , , level = ''] = name.split('|');
    if (!OPEN.includes(state)) continue;
    levelsOf.set(caseKey, [...(levelsOf.get(caseKey) ?? []), level]);
  }
  return rig.explainAll().map((view) => {
    const levels = levelsOf.get(view.caseKey) ?? [];
    const ranks = levels.map((level) => rules.levels.find(({ code }) => code === level)?.rank ?? 0);
    return { view, levels, ranks };
  });
}

function stateOf({ view }: Case): string {
  const running = view.clocks.filter((one) => one.stoppedMs === null);
  if (running.some(({ state }) => state === 'expired')) return 'expired';
  if (running.some(({ state }) => state === 'suspended')) return 'suspended';
  const ticks = running.some(({ state }) => state === 'running');
  return !ticks && running.some(({ state }) => state === 'uncomputable')
    ? 'uncomputable'
    : 'running';
}

function worstDue({ view }: Case): number {
  const dues = view.clocks.filter((one) => one.stoppedMs === null).map((one) => one.dueMs);
  return Math.min(...dues.filter((due) => due !== null), Number.POSITIVE_INFINITY);
}

function cellOf(one: Case): number {
  const rank = Math.max(0, ...one.ranks);
  if (rank > 0) return rank;
  const state = stateOf(one);
  if (state === 'suspended') return CELL_SUSPENDED;
  return state === 'uncomputable' ? CELL_UNCOMPUTABLE : 0;
}

function recount(cases: readonly Case[]): OrganCounts {
  const open = cases.filter(({ view }) => !view.closed);
  const cards: Record<string, number> = {};
  for (const { levels } of cases)
    for (const level of levels) cards[level] = (cards[level] ?? 0) + 1;
  const count = (state: string): number => open.filter((one) => stateOf(one) === state).length;
  return {
    open: open.length,
    overdue: count('expired'),
    suspended: count('suspended'),
    uncomputable: count('uncomputable'),
    provisional: open.filter((one) => Number.isFinite(worstDue(one)) && worstDue(one) > PUBLISHED)
      .length,
    cards,
    cells: open.map(cellOf),
  };
}

/** The log up to a day, so that cases are in all stages of life. */
function rigAt(seed: number, day: string): Rig {
  const now = at(day);
  const records = seededLog(seed, 4000).filter(({ stamp }) => stamp <= now);
  return new Rig(rules, { batch: 100 }).run([...records, { kind: 'tick', stamp: now }]);
}

describe.each([
  [1, '2026-03-20 15:00'],
  [2, '2026-06-10 11:00'],
  [3, '2026-12-11 09:30'],
] as const)('a city of seed %i on %s', (seed, day) => {
  let rig: Rig;
  let cases: Case[];
  const summary = (scope = EVERYWHERE as Parameters<Summarizer['summarize']>[0]) =>
    new Summarizer((rig.lanes[0] as Rig['lanes'][0]).partition).summarize(scope);

  beforeAll(() => {
    rig = rigAt(seed, day);
    cases = casesOf(rig);
  });

  test('counts of every organ are those of a recount', () => {
    const { organs } = summary();
    for (const organ of ['bureau', 'office']) {
      const own = cases.filter(({ view }) => view.organ === organ);
      expect(own.length).toBeGreaterThan(20);
      expect([organ, organs[organ]]).toEqual([organ, recount(own)]);
    }
  });

  test('a scope sees its own organs only', () => {
    const { organs, pressing } = summary({ organs: ['office'], territories: null });
    expect(Object.keys(organs)).toEqual(['office']);
    expect(new Set(pressing.map(({ organ }) => organ))).toEqual(new Set(['office']));
    expect(summary({ organs: [], territories: null }).pressing).toEqual([]);
  });

  test('what happened today is counted from local midnight', () => {
    const now = at(day);
    const midnight = now - ((now + 8 * 3_600_000) % DAY);
    const today = cases.map(({ view }) => view.events.filter(({ atMs }) => atMs >= midnight));
    const of = (type: string): number => today.flat().filter((event) => event.type === type).length;
    const ended = today.filter((events) =>
      events.some(({ type }) => (rules.terminal as readonly string[]).includes(type)),
    );
    expect(summary().today).toEqual({
      received: of('received'),
      accepted: of('accepted'),
      finished: ended.length,
    });
  });

  test('the most pressing cases are the worst late ones and the next to fall due', () => {
    const { pressing, nowMs } = summary();
    const open = cases.filter(({ view }) => !view.closed);
    const late = open
      .filter((one) => stateOf(one) === 'expired')
      .map((one) => ({
        key: one.view.caseKey,
        due: worstDue(one),
        rank: Math.max(0, ...one.ranks),
      }))
      .sort((a, b) => b.rank - a.rank || b.due - a.due);
    const near = open
      .filter((one) => stateOf(one) === 'running' && Number.isFinite(worstDue(one)))
      .map((one) => ({ due: worstDue(one) }))
      .sort((a, b) => a.due - b.due);
    const listed = (state: string) => pressing.filter((row) => row.state === state);
    expect(listed('expired').map(({ levelRank, dueMs }) => [levelRank, dueMs])).toEqual(
      late.slice(0, 40).map(({ rank, due }) => [rank, due]),
    );
    expect(listed('running').map(({ dueMs }) => dueMs)).toEqual(
      near.slice(0, 40).map(({ due }) => due),
    );
    for (const row of pressing)
      expect((row.dueMs as number) <= nowMs).toBe(row.state === 'expired');
  });
});

test('a scope of codes that nobody uses sees nothing, not the cases that name none', () => {
  const line: Line = { caseKey: 'A', type: 'received', at: at('2024-03-04 10:00') };
  const rig = new Rig(pack({ clocks: [clock('c')] })).run(live([line], at('2024-03-20')));
  const [lane] = rig.lanes as [Rig['lanes'][0]];
  const summarizer = new Summarizer(lane.partition);
  for (const scope of [
    { organs: ['nowhere'], territories: null },
    { organs: null, territories: ['nowhere'] },
  ]) {
    const { organs, territories, pressing } = summarizer.summarize(scope);
    expect([organs, territories, pressing]).toEqual([{}, {}, []]);
  }
  expect(summarizer.summarize(EVERYWHERE).pressing.length).toBe(1);
});

test('a case that is suspended after its end stays among the late ones', () => {
  const clocks = [clock('c', { suspend: [{ from: 'suspended', to: 'resumed' }] })];
  const line = (type: Line['type'], time: string): Line => ({
    ...{ caseKey: 'A', type, at: at(`2024-03-${time}`), organ: 'bureau' },
  });
  const lines = [line('received', '04 10:00'), line('suspended', '13 10:00')];
  const rig = new Rig(pack({ clocks })).run(live(lines, at('2024-03-20')));
  const [lane] = rig.lanes as [Rig['lanes'][0]];
  const { organs, pressing } = new Summarizer(lane.partition).summarize(EVERYWHERE);
  expect(organs.bureau).toMatchObject({ open: 1, overdue: 1, suspended: 0 });
  expect(pressing).toMatchObject([{ state: 'expired', dueMs: at('2024-03-12') }]);
});
