/**
 * The time bill: what it says of each day, and that it and the clock agree, though they share no
 * arithmetic (engine/kernel/time-bill.ts). Runs: MINGCHA_RUNS (default 300), seed: MINGCHA_SEED.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClockExplanation } from '../../../engine/kernel/explain.ts';
import { inOrder, play, recordsOf, world } from '../../fixtures/kernel/histories.ts';
import { at, clock, pack } from '../../fixtures/kernel/pack.ts';
import { type Line, live, Rig } from '../../fixtures/kernel/rig.ts';
import { runs } from '../../fixtures/property.ts';

type Step = readonly [type: Line['type'], time: string, data?: Line['data']];

function billOf(steps: readonly Step[], until: string): ClockExplanation {
  const clocks = [
    clock('c', {
      ...{ start: [{ event: 'accepted' }], limit: { item: 'promised' } },
      suspend: [
        { from: 'suspended', to: 'resumed' },
        { from: 'specialOpened', to: 'specialClosed', cap: 'announced' },
      ],
    }),
  ];
  const lines = steps.map(
    ([type, time, data]): Line => ({
      ...{ caseKey: 'A', type, at: at(`2024-${time}`), itemCode: 'I1' },
      ...(data === undefined ? {} : { data }),
    }),
  );
  const rig = new Rig(pack({ clocks })).run(live(lines, at(until)));
  return rig.explain('A').clocks[0] as ClockExplanation;
}

describe('Spring Festival 2024, day by day', () => {
  const clockView = billOf([['accepted', '02-07 10:00']], '2024-02-20');

  test('every day says whether it counts, why, and by which notice', () => {
    const notice = '国办发明电〔2023〕7号';
    const rows = clockView.bill.map((d) => [d.date.slice(5), d.reason, d.counted, d.used, d.note]);
    expect(rows).toEqual([
      ['02-07', 'start', false, 0, ''],
      ['02-08', 'workday', true, 1, ''],
      ['02-09', 'workday', true, 2, ''],
      ...Array.from({ length: 8 }, (_, i) => [`02-${10 + i}`, 'holiday', false, 2, '春节']),
      ['02-18', 'makeup', true, 3, '春节'],
      ['02-19', 'workday', true, 4, ''],
      ['02-20', 'workday', true, 5, ''],
      ['02-21', 'workday', true, 6, ''],
      ['02-22', 'workday', true, 7, ''],
    ]);
    const noticed = clockView.bill.filter((day) => day.notice === notice).map((day) => day.date);
    expect([noticed.length, noticed[0], noticed.at(-1)]).toEqual([9, '2024-02-10', '2024-02-18']);
    expect(clockView.bill.filter((day) => day.notice !== '' && day.notice !== notice)).toEqual([]);
  });

  test('its sums are those of now', () => {
    expect(clockView).toMatchObject({ used: 5, remaining: 2, excluded: 0, provisional: false });
    expect(clockView.dueMs).toBe(at('2024-02-23'));
  });
});

test('weekends, suspended days and announced days are told apart', () => {
  const view = billOf(
    [
      ['accepted', '03-01 10:00'],
      ['suspended', '03-04 10:00'],
      ['resumed', '03-06 10:00'],
      ['specialOpened', '03-07 10:00', { noticed: true, days: 2, specialType: 'hearing' }],
      ['specialClosed', '03-13 10:00'],
    ],
    '2024-03-20',
  );
  expect(view.bill.map(({ date, reason }) => `${date.slice(8)} ${reason}`)).toEqual([
    ...['01 start', '02 weekend', '03 weekend', '04 workday', '05 suspended', '06 suspended'],
    ...['07 workday', '08 special', '09 weekend', '10 weekend', '11 special', '12 workday'],
    ...['13 workday', '14 workday', '15 workday', '16 weekend', '17 weekend', '18 workday'],
    ...['19 workday', '20 workday'],
  ]);
  expect(view).toMatchObject({ excluded: 4, dueMs: at('2024-03-19'), state: 'expired' });
});

test('a day beyond the last published year is marked as not sure', () => {
  const clocks = [clock('c')];
  const line: Line = { caseKey: 'A', type: 'received', at: at('2026-12-29 10:00') };
  const rig = new Rig(pack({ clocks })).run(live([line], at('2027-01-04')));
  const [view] = rig.explain('A').clocks as [ClockExplanation];
  expect(view.provisional).toBe(true);
  const unsure = view.bill.filter((day) => day.provisional).map((day) => day.date);
  expect(unsure[0]).toBe('2027-01-01');
});

describe('on random histories', () => {
  test('the days counted up to the due day are the limit', () => {
    let compared = 0;
    fc.assert(
      fc.property(world, (one) => {
        const legal = { ...one, choice: { ...one.choice, mode: 'legal' as const } };
        const played = inOrder(play(legal), (i) => i);
        const rig = new Rig(played.pack).run(recordsOf(played));
        for (const key of new Set(played.deliveries.map(({ line }) => line.caseKey))) {
          for (const view of rig.explain(key).clocks) compared += compare(view);
        }
      }),
      runs(150),
    );
    expect(compared).toBeGreaterThan(0);
  });

  /** 1 when the clock counts workdays and has an end to compare with. */
  function compare(view: ClockExplanation): number {
    if (!['intake', 'statute', 'special', 'stage'].includes(view.ruleId)) return 0;
    if (view.dueMs === null || view.limit === 0) return 0;
    const dueDay = view.bill.findLastIndex((day) => at(day.date) < (view.dueMs as number));
    const used = view.bill[dueDay]?.used ?? Number.NaN;
    // Held up on its last day, the rest of a day was put off to a day that counts beyond the limit.
    const last = view.pauses.filter(({ fromMs }) => countedThrough(view, fromMs) >= view.limit);
    expect(used).toBeGreaterThanOrEqual(view.limit);
    expect(used).toBeLessThanOrEqual(view.limit + last.length);
    return 1;
  }

  function countedThrough(view: ClockExplanation, ms: number): number {
    return view.bill.findLast((day) => at(day.date) <= ms)?.used ?? 0;
  }
});
