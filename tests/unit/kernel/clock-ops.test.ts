/** What changes a countdown, case by case, with dates counted by hand (engine/kernel/clock-ops.ts). */
import { describe, expect, test } from 'vitest';
import type { ClockSource } from '../../../engine/rules/source.ts';
import { at, check, clock, item, local, pack, rung, stage } from '../../fixtures/kernel/pack.ts';
import { type Line, live, Rig } from '../../fixtures/kernel/rig.ts';

const SUSPEND: NonNullable<ClockSource['suspend']> = [
  { from: 'suspended', to: 'resumed' },
  { from: 'supplementRequested', to: 'supplementReceived' },
  { from: 'specialOpened', to: 'specialClosed', cap: 'announced' },
];
const hearing = (days: number) => ({ noticed: true, days, specialType: 'hearing' });

const on = (time: string) => ({ caseKey: 'A', at: at(`2024-03-${time}`), itemCode: 'I1' });

type Step = readonly [type: Line['type'], time: string, data?: Line['data']];

/** March 2024: the 4th is a Monday and there is no holiday. Due instants of the clock's cards. */
function dues(over: Partial<ClockSource>, steps: readonly Step[], until = '2024-04-30'): string[] {
  const clocks = [clock('c', { start: [{ event: 'accepted' }], suspend: SUSPEND, ...over })];
  const lines = steps.map(
    ([type, time, data]): Line => ({
      ...{ caseKey: 'A', type, at: at(`2024-03-${time}`), itemCode: 'I1' },
      ...(data === undefined ? {} : { data }),
    }),
  );
  const rig = new Rig(pack({ clocks })).run(live(lines, at(until)));
  const standing = rig.standing();
  rig.explainAll();
  expect(rig.standing()).toEqual(standing);
  return Object.values(standing).map((text) => text.slice(0, text.lastIndexOf('.')));
}

describe('suspension', () => {
  test('leaves out the workdays after its first day up to its last', () => {
    // 5 counts; 6, 7 and 8 do not; 11, 12, 13, 14 do.
    expect(
      dues({}, [
        ['accepted', '04 10:00'],
        ['suspended', '05 15:00'],
        ['resumed', '08 09:00'],
      ]),
    ).toEqual(['2024-03-15 00:00:00']);
  });

  test('lasts until every pair that holds the clock up is closed', () => {
    expect(
      dues({}, [
        ['accepted', '04 10:00'],
        ['supplementRequested', '05 15:00'],
        ['suspended', '06 09:00'],
        ['resumed', '07 09:00'],
        ['supplementReceived', '08 09:00'],
      ]),
    ).toEqual(['2024-03-15 00:00:00']);
  });

  test('is not ended by the end of a pair that never began', () => {
    expect(
      dues({}, [
        ['accepted', '04 10:00'],
        ['supplementRequested', '05 15:00'],
        ['resumed', '07 09:00'],
      ]),
    ).toEqual([]);
  });

  test('that nobody ends lets nothing fall due', () => {
    const steps: Step[] = [
      ['accepted', '04 10:00'],
      ['suspended', '05 15:00'],
    ];
    expect(dues({}, steps)).toEqual([]);
  });

  test('on the last day leaves the rest of a day: the day of resumption, or the next workday', () => {
    const begin: Step[] = [
      ['accepted', '04 10:00'],
      ['suspended', '11 15:00'],
    ];
    expect(dues({}, [...begin, ['resumed', '13 09:00']])).toEqual(['2024-03-14 00:00:00']);
    expect(dues({}, [...begin, ['resumed', '16 09:00']])).toEqual(['2024-03-19 00:00:00']);
  });

  test('on the days off before a calendar limit rolls forward is in time', () => {
    // Five calendar days end on Saturday the 9th, which rolls to Monday the 11th.
    const days = { limit: { count: 5, unit: 'day' as const } };
    const steps: Step[] = [
      ['accepted', '04 10:00'],
      ['suspended', '10 10:00'],
      ['resumed', '13 10:00'],
    ];
    expect(dues(days, steps)).toEqual(['2024-03-14 00:00:00']);
    expect(dues(days, steps, '2024-03-13 23:59')).toEqual([]);
  });

  test('after the limit ran out does not bring the case back into time', () => {
    // Due at the end of Friday the 8th; suspended on the Saturday after it.
    const limit = { count: 4, unit: 'workday' as const };
    const rungs = [rung('yellow', { due: true }), rung('red', { after: 1 })];
    const late = { fact: 'clock.c.expired', operator: 'equal', value: true };
    const source = pack({
      clocks: [clock('c', { limit, suspend: SUSPEND, rungs })],
      checks: [check('late', { on: [{ event: 'decided' }], conditions: late })],
    });
    const steps: Step[] = [
      ['received', '04 10:00'],
      ['suspended', '09 10:00'],
      ['decided', '10 10:00'],
      ['resumed', '13 10:00'],
      ['decided', '13 11:00'],
    ];
    const lines = steps.map(([type, time]): Line => ({ ...on(time), type }));
    const rig = new Rig(source).run(live(lines, at('2024-03-15')));
    expect(rig.standing()).toEqual({
      'A|c||0|red': '2024-03-15 00:00:00.000 issued',
      'A|c||0|yellow': '2024-03-09 00:00:00.000 issued',
      'A|late||0|yellow': '2024-03-10 10:00:00.000 issued',
      'A|late||1|yellow': '2024-03-13 11:00:00.000 issued',
    });
    const [view] = rig.explain('A').clocks;
    expect(view).toMatchObject({ state: 'expired', dueMs: at('2024-03-09') });
  });

  test('of a case suspends its stage clocks as well', () => {
    const stages = [stage('s1', 2)];
    const source = pack({
      items: [item('I1', { stages })],
      clocks: [
        clock('c', {
          ...{ start: [{ event: 'stageEntered' }], suspend: SUSPEND },
          ...{ perStage: true, limit: { item: 'stage' } },
        }),
      ],
    });
    const line = (type: Line['type'], time: string): Line => ({
      ...{ caseKey: 'A', type, at: at(`2024-03-${time}`), itemCode: 'I1', data: { stage: 's1' } },
    });
    const rig = new Rig(source).run(
      live(
        [
          line('stageEntered', '04 10:00'),
          line('suspended', '04 11:00'),
          line('resumed', '07 09:00'),
        ],
        at('2024-04-01'),
      ),
    );
    expect(rig.standing()).toEqual({ 'A|c|s1|0|yellow': '2024-03-12 00:00:00.000 provisional' });
  });
});

describe('special procedure', () => {
  const accepted: Step = ['accepted', '04 10:00'];

  test('leaves out the days it took, never more than announced', () => {
    // Opened on the 5th: 6 and 7 are left out when it is closed on the 7th; 6, 7, 8 when it is not.
    const opened: Step = ['specialOpened', '05 10:00', hearing(3)];
    expect(dues({}, [accepted, opened, ['specialClosed', '07 10:00']])).toEqual([
      '2024-03-14 00:00:00',
    ]);
    expect(dues({}, [accepted, opened])).toEqual(['2024-03-15 00:00:00']);
    expect(dues({}, [accepted, opened, ['specialClosed', '14 10:00']])).toEqual([
      '2024-03-15 00:00:00',
    ]);
  });

  test('not announced in writing changes nothing', () => {
    const steps: Step[] = [accepted, ['specialOpened', '05 10:00', { days: 3, noticed: false }]];
    expect(dues({}, steps)).toEqual(['2024-03-12 00:00:00']);
  });

  test('is closed as the one that was opened, not as a later one that was not announced', () => {
    expect(
      dues({}, [
        accepted,
        ['specialOpened', '05 10:00', hearing(10)],
        ['specialOpened', '06 10:00', { days: 3, noticed: false }],
        ['specialClosed', '07 10:00'],
      ]),
    ).toEqual(['2024-03-14 00:00:00']);
  });

  test('and a suspension at once leave out every day once', () => {
    // 6, 7, 8, 11 by the hearing, 7 and 8 also by the suspension; 5, 12, 13, 14, 15 count.
    const opened: Step = ['specialOpened', '05 10:00', hearing(4)];
    const during: Step[] = [
      ['suspended', '06 10:00'],
      ['resumed', '08 10:00'],
    ];
    expect(dues({}, [accepted, opened, ...during])).toEqual(['2024-03-16 00:00:00']);
    // Closed on the 7th, while suspended to the 8th: 6, 7, 8 are left out.
    const [first, last] = during as [Step, Step];
    const closed: Step = ['specialClosed', '07 10:00'];
    expect(dues({}, [accepted, opened, first, closed, last])).toEqual(['2024-03-15 00:00:00']);
  });

  test('opened during a suspension goes on after it', () => {
    // Suspended 6 to 7, hearing 7 to 12: 6, 7, 8, 11, 12 are left out, 5, 13, 14, 15, 18 count.
    expect(
      dues({}, [
        accepted,
        ['suspended', '05 10:00'],
        ['specialOpened', '06 10:00', hearing(4)],
        ['resumed', '07 10:00'],
      ]),
    ).toEqual(['2024-03-19 00:00:00']);
  });

  test('closed on a day off, having begun on the last day, leaves the next workday', () => {
    expect(
      dues({ limit: { count: 4, unit: 'workday' } }, [
        accepted,
        ['specialOpened', '08 10:00', hearing(3)],
        ['specialClosed', '09 10:00'],
      ]),
    ).toEqual(['2024-03-12 00:00:00']);
  });

  test('that ends on a day off, and another pause before the next workday, leave that rest of a day', () => {
    const limit = { limit: { count: 4, unit: 'workday' as const } };
    const closed: Step[] = [
      accepted,
      ['specialOpened', '08 10:00', hearing(3)],
      ['specialClosed', '09 10:00'],
    ];
    const suspended: Step[] = [
      ['suspended', '10 10:00'],
      ['resumed', '13 10:00'],
    ];
    expect(dues(limit, [...closed, ...suspended])).toEqual(['2024-03-14 00:00:00']);
    const opened: Step = ['specialOpened', '10 10:00', hearing(2)];
    expect(dues(limit, [...closed, opened])).toEqual(['2024-03-13 00:00:00']);
    const none = { limit: { count: 0, unit: 'workday' as const } };
    expect(dues(none, [['accepted', '09 10:00'], opened])).toEqual(['2024-03-13 00:00:00']);
  });

  test('on the workday that stands for the rest of a day puts that off, interrupted or not', () => {
    const limit = { limit: { count: 4, unit: 'workday' as const } };
    const steps: Step[] = [
      accepted,
      ['suspended', '08 15:00'],
      ['resumed', '09 10:00'],
      ['specialOpened', '11 10:00', hearing(1)],
    ];
    expect(dues(limit, steps)).toEqual(['2024-03-13 00:00:00']);
    const interrupted: Step[] = [...steps, ['suspended', '11 12:00'], ['resumed', '11 15:00']];
    expect(dues(limit, interrupted)).toEqual(['2024-03-13 00:00:00']);
  });

  test('opened after the limit ran out does not bring the case back into time', () => {
    const rungs = [rung('yellow', { due: true }), rung('red', { after: 5 })];
    const checks = [
      check('late', {
        on: [{ event: 'decided' }],
        conditions: { fact: 'clock.c.expired', operator: 'equal', value: true },
      }),
    ];
    const clocks = [clock('c', { suspend: SUSPEND, rungs })];
    const line = (type: Line['type'], time: string, data?: Line['data']): Line => ({
      ...{ caseKey: 'A', type, at: at(`2024-03-${time}`) },
      ...(data === undefined ? {} : { data }),
    });
    const lines = [
      line('received', '04 10:00'),
      line('specialOpened', '13 10:00', hearing(30)),
      line('decided', '14 10:00'),
    ];
    const rig = new Rig(pack({ clocks, checks })).run(live(lines, at('2024-03-25')));
    expect(rig.standing()).toEqual({
      'A|c||0|red': '2024-03-19 00:00:00.000 issued',
      'A|c||0|yellow': '2024-03-12 00:00:00.000 issued',
      'A|late||0|yellow': '2024-03-14 10:00:00.000 issued',
    });
  });

  test('is announced in days, also for a limit in hours', () => {
    const hours = { mode: 'elapsed' as const, limit: { count: 8, unit: 'hour' as const } };
    const steps: Step[] = [
      ['accepted', '04 10:00'],
      ['specialOpened', '04 11:00', hearing(1)],
      ['specialClosed', '06 11:00'],
    ];
    expect(dues(hours, steps)).toEqual(['2024-03-05 18:00:01']);
    const office = { mode: 'hours' as const, limit: { count: 1, unit: 'workhour' as const } };
    // Seven office hours are left out: 11:00 to 12:00, 13:30 to 17:30, and 9:00 to 11:00 next day.
    const half: Step = ['accepted', '04 10:30'];
    expect(dues(office, [half, ...steps.slice(1)])).toEqual(['2024-03-05 11:30:01']);
  });
});

describe('extension', () => {
  const extend = { event: 'extended', max: 3 } as const;
  const accepted: Step = ['accepted', '04 10:00'];

  test('adds what was granted, and nothing when that is more than its bound', () => {
    expect(dues({ extend }, [accepted, ['extended', '05 10:00', { days: 2 }]])).toEqual([
      '2024-03-14 00:00:00',
    ]);
    expect(dues({ extend }, [accepted, ['extended', '05 10:00', { days: 3 }]])).toEqual([
      '2024-03-15 00:00:00',
    ]);
    expect(dues({ extend }, [accepted, ['extended', '05 10:00', { days: 4 }]])).toEqual([
      '2024-03-12 00:00:00',
    ]);
  });

  test('granted twice stays within the same bound', () => {
    const twice = (days: number): Step[] => [
      accepted,
      ['extended', '05 10:00', { days: 2 }],
      ['extended', '06 10:00', { days }],
    ];
    expect(dues({ extend }, twice(1))).toEqual(['2024-03-15 00:00:00']);
    expect(dues({ extend }, twice(2))).toEqual(['2024-03-14 00:00:00']);
  });

  test('first gives back the workday that stood for the rest of the last day', () => {
    // All four days are counted on Friday the 8th; what was left of it was put off to Monday the 11th,
    // which is the fifth day once there are six: the sixth is Tuesday.
    const limit = { limit: { count: 4, unit: 'workday' as const }, extend };
    const held: Step[] = [accepted, ['suspended', '08 15:00'], ['resumed', '09 10:00']];
    expect(dues(limit, held)).toEqual(['2024-03-12 00:00:00']);
    for (const time of ['10 10:00', '11 10:00']) {
      const extended: Step = ['extended', time, { days: 2 }];
      expect(dues(limit, [...held, extended])).toEqual(['2024-03-13 00:00:00']);
    }
    // The same for no days at all that begin on a Saturday.
    const none = { limit: { count: 0, unit: 'workday' as const }, extend };
    const saturday: Step = ['accepted', '09 10:00'];
    expect(dues(none, [saturday])).toEqual(['2024-03-12 00:00:00']);
    const extended: Step = ['extended', '11 10:00', { days: 2 }];
    expect(dues(none, [saturday, extended])).toEqual(['2024-03-13 00:00:00']);
  });

  test('granted after expiry changes nothing', () => {
    expect(dues({ extend }, [accepted, ['extended', '12 00:00', { days: 2 }]])).toEqual([
      '2024-03-12 00:00:00',
    ]);
  });

  test('of an earlier run does not shorten that of a later one', () => {
    const again: Step[] = [
      accepted,
      ['extended', '05 10:00', { days: 3 }],
      ['finished', '06 10:00'],
      ['accepted', '11 10:00'],
      ['extended', '12 10:00', { days: 3 }],
    ];
    expect(dues({ extend }, again)).toEqual(['2024-03-22 00:00:00']);
  });
});

test('the instants of this file are local', () => {
  expect(local(at('2024-03-04 10:00'))).toBe('2024-03-04 10:00:00.000');
});
