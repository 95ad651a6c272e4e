/**
 * Countdowns that others have worked out by hand, to the second.
 *
 * A provincial system's document for its customers gives the instants after which it warns, shows
 * yellow and shows red, for cases begun on Monday 15 October 2018 at 10:00:00, and adds that one second
 * over is over. `Due` here is the first instant that is too late: one second after those. October 2018
 * has no holiday after the 7th. The other examples follow the law and the published notices.
 */
import { describe, expect, test } from 'vitest';
import type { ClockSource, DayMode } from '../../engine/rules/source.ts';
import { at, check, clock, item, pack, rung } from '../fixtures/kernel/pack.ts';
import { type Line, live, type Record_, Rig } from '../fixtures/kernel/rig.ts';

type Step = readonly [type: Line['type'], time: string, data?: Line['data']];

function linesOf(steps: readonly Step[]): Line[] {
  return steps.map(([type, time, data]) => ({
    ...{ caseKey: 'A', type, at: at(time), itemCode: 'I1' },
    ...(data === undefined ? {} : { data }),
  }));
}

/** Level → due instant of the clock's cards, local time. */
function dues(clocks: readonly ClockSource[], steps: readonly Step[], until: string) {
  const rig = new Rig(pack({ clocks })).run(live(linesOf(steps), at(until)));
  const out: Record<string, string> = {};
  for (const [name, text] of Object.entries(rig.standing())) {
    const [, ruleId, , , level] = name.split('|');
    out[`${ruleId} ${level}`] = text.slice(0, '2018-10-15 10:00:00'.length);
  }
  return out;
}

const elapsed = { mode: 'elapsed', resolutionMs: 1000 } as const;
const START = '2018-10-15 10:00:00';
const END = '2018-12-01';

describe('a case with a promise of 7 workdays and a statute of 10', () => {
  // "Two days before" falls three whole workdays before: the third last day, once begun, is gone.
  const accepted = { ...elapsed, start: [{ event: 'accepted' as const }] };
  const suspend = [{ from: 'specialOpened', to: 'specialClosed', cap: 'announced' } as const];
  const clocks = [
    clock('promise', {
      ...{ ...accepted, suspend, limit: { item: 'promised' } },
      rungs: [rung('warning', { before: 3 }), rung('yellow', { due: true })],
    }),
    clock('statute', {
      ...{ ...accepted, suspend, limit: { item: 'statutory' } },
      rungs: [rung('red', { due: true })],
    }),
  ];

  test('warns after 4, is yellow after 7, red after 10 workdays at the same time of day', () => {
    expect(dues(clocks, [['accepted', START]], END)).toEqual({
      'promise warning': '2018-10-19 10:00:01',
      'promise yellow': '2018-10-24 10:00:01',
      'statute red': '2018-10-29 10:00:01',
    });
  });

  test('each three workdays later with a special procedure of 3 days', () => {
    const data = { noticed: true, days: 3, specialType: 'hearing' };
    const steps: Step[] = [
      ['accepted', START],
      ['specialOpened', '2018-10-16 14:00', data],
    ];
    const later = {
      'promise warning': '2018-10-24 10:00:01',
      'promise yellow': '2018-10-29 10:00:01',
      'statute red': '2018-11-01 10:00:01',
    };
    expect(dues(clocks, steps, END)).toEqual(later);
    expect(dues(clocks, [...steps, ['specialClosed', '2018-10-19 14:00']], END)).toEqual(later);
    expect(dues(clocks, [...steps, ['specialClosed', '2018-10-30 09:00']], END)).toEqual(later);
  });

  test('is in time to the last second and late one second after it', () => {
    const decided = { event: 'decided' as const };
    const [promise] = clocks.map((one) => ({ ...one, stop: [decided] }));
    const over = check('over', {
      on: [decided],
      conditions: { fact: 'clock.promise.expired', operator: 'equal', value: true },
    });
    const cardsWhen = (time: string): string[] => {
      const rules = pack({ clocks: [promise as ClockSource], checks: [over] });
      const lines = linesOf([
        ['accepted', START],
        ['decided', time],
      ]);
      return Object.keys(new Rig(rules).run(live(lines, at(END))).standing());
    };
    expect(cardsWhen('2018-10-24 10:00:00')).toEqual(['A|promise||0|warning']);
    expect(cardsWhen('2018-10-24 10:00:00.999')).toEqual(['A|promise||0|warning']);
    expect(cardsWhen('2018-10-24 10:00:01')).toEqual([
      'A|over||0|yellow',
      'A|promise||0|warning',
      'A|promise||0|yellow',
    ]);
  });
});

describe('the other clocks of the document', () => {
  test('a special procedure announced for 7 days: 4, 7 and 8 workdays', () => {
    const special = clock('special', {
      ...{ ...elapsed, start: [{ event: 'specialOpened' }], stop: [{ event: 'specialClosed' }] },
      limit: { event: 'days', unit: 'workday' },
      rungs: [
        ...[rung('warning', { before: 3 }), rung('yellow', { due: true })],
        rung('red', { after: 1 }),
      ],
    });
    const data = { noticed: true, days: 7, specialType: 'testing' };
    expect(dues([special], [['specialOpened', START, data]], END)).toEqual({
      'special warning': '2018-10-19 10:00:01',
      'special yellow': '2018-10-24 10:00:01',
      'special red': '2018-10-25 10:00:01',
    });
  });

  test('a special procedure that is never closed is carded though the case is finished', () => {
    const special = clock('special', {
      ...{ ...elapsed, start: [{ event: 'specialOpened' }], stop: [{ event: 'specialClosed' }] },
      limit: { event: 'days', unit: 'workday' },
    });
    const data = { noticed: true, days: 7, specialType: 'testing' };
    const steps: Step[] = [
      ['specialOpened', START, data],
      ['finished', '2018-10-16 10:00'],
    ];
    expect(dues([special], steps, END)).toEqual({ 'special yellow': '2018-10-24 10:00:01' });
  });

  test('an online submission, limit 2: 2, 5 and 7 workdays', () => {
    const online = clock('online', {
      ...{ ...elapsed, limit: { count: 2, unit: 'workday' } },
      rungs: [
        ...[rung('warning', { due: true }), rung('yellow', { after: 3 })],
        rung('red', { after: 5 }),
      ],
    });
    expect(dues([online], [['received', START]], END)).toEqual({
      'online warning': '2018-10-17 10:00:01',
      'online yellow': '2018-10-22 10:00:01',
      'online red': '2018-10-24 10:00:01',
    });
  });

  test('a certificate, three workdays after the case is finished', () => {
    const certificate = clock('certificate', {
      ...{ ...elapsed, start: [{ event: 'finished' }], stop: [{ event: 'certificateIssued' }] },
      limit: { count: 3, unit: 'workday' },
    });
    expect(dues([certificate], [['finished', START]], END)).toEqual({
      'certificate yellow': '2018-10-18 10:00:01',
    });
  });

  test('a consultation or complaint due in 5 workdays: 2, 5 and 6', () => {
    const complaint = clock('complaint', {
      ...{
        ...elapsed,
        start: [{ event: 'complaintFiled' }],
        stop: [{ event: 'complaintAnswered' }],
      },
      limit: { count: 5, unit: 'workday' },
      rungs: [
        ...[rung('warning', { before: 3 }), rung('yellow', { due: true })],
        rung('red', { after: 1 }),
      ],
    });
    expect(dues([complaint], [['complaintFiled', START]], END)).toEqual({
      'complaint warning': '2018-10-17 10:00:01',
      'complaint yellow': '2018-10-22 10:00:01',
      'complaint red': '2018-10-23 10:00:01',
    });
  });

  test('a deadline that the source itself names, to the instant', () => {
    const named = clock('named', {
      ...{ ...elapsed, limit: { event: 'deadline', by: 'instant' } },
      rungs: [rung('yellow', { due: true }), rung('red', { after: 1 })],
    });
    const data = { deadline: '2018-10-22T10:00:00+08:00' };
    expect(dues([named], [['received', START, data]], END)).toEqual({
      'named yellow': '2018-10-22 10:00:01',
      'named red': '2018-10-23 10:00:01',
    });
  });
});

/** The document's clocks, each with what stops it: cards a second before, on and after each boundary. */
describe('every boundary of the document is good to its last second', () => {
  const ladder = (a: number, level = 'red' as const) => [
    ...[rung('warning', { before: 3 }), rung('yellow', { due: true }), rung(level, { after: a })],
  ];
  const workdays = (count: number) => ({ limit: { count, unit: 'workday' as const } });
  const CLOCKS: Record<string, readonly [ClockSource, Line['type'], readonly string[]]> = {
    case: [
      clock('case', {
        ...elapsed,
        start: [{ event: 'accepted' }],
        ...workdays(7),
        rungs: ladder(3),
      }),
      'decided',
      ['19', '24', '29'],
    ],
    special: [
      clock('special', {
        ...{ ...elapsed, start: [{ event: 'specialOpened' }], rungs: ladder(1) },
        limit: { event: 'days', unit: 'workday' },
      }),
      'specialClosed',
      ['19', '24', '25'],
    ],
    online: [
      clock('online', {
        ...{ ...elapsed, ...workdays(2) },
        rungs: [
          ...[rung('warning', { due: true }), rung('yellow', { after: 3 })],
          rung('red', { after: 5 }),
        ],
      }),
      'accepted',
      ['17', '22', '24'],
    ],
    certificate: [
      clock('certificate', { ...elapsed, start: [{ event: 'finished' }], ...workdays(3) }),
      'certificateIssued',
      ['18'],
    ],
    complaint: [
      clock('complaint', {
        ...{ ...elapsed, start: [{ event: 'complaintFiled' }], ...workdays(5), rungs: ladder(1) },
      }),
      'complaintAnswered',
      ['17', '22', '23'],
    ],
  };
  const cardsWhen = (def: ClockSource, stop: Line['type'], end: string): number => {
    const begin = def.start[0]?.event as Line['type'];
    const data = { noticed: true, days: 7, specialType: 'testing' };
    const one = { ...def, stop: [{ event: stop }] };
    const steps: Step[] = [
      [begin, START, begin === 'specialOpened' ? data : {}],
      [stop, end],
    ];
    return Object.keys(dues([one], steps, END)).length;
  };

  test.for(Object.keys(CLOCKS))('%s', (name) => {
    const [def, stop, boundaries] = CLOCKS[name] as (typeof CLOCKS)[string];
    boundaries.forEach((day, i) => {
      expect(cardsWhen(def, stop, `2018-10-${day} 09:59:59`), day).toBe(i);
      expect(cardsWhen(def, stop, `2018-10-${day} 10:00:00`), day).toBe(i);
      expect(cardsWhen(def, stop, `2018-10-${day} 10:00:01`), day).toBe(i + 1);
    });
    expect(boundaries.length).toBe(def.rungs.length);
  });

  test.for(['voided', 'returned'] as const)('nothing falls due of a case that is %s', (end) => {
    const [def] = CLOCKS.case as (typeof CLOCKS)[string];
    expect(cardsWhen(def, end, '2018-10-19 10:00:00')).toBe(0);
  });
});

describe('other units from Monday 10:00', () => {
  test.for([
    ['24 hours', { count: 24, unit: 'hour' }, '2018-10-16 10:00:00'],
    // Two hours before the lunch break of Monday and four after it; two more on Tuesday from nine.
    ['8 working hours', { count: 8, unit: 'workhour' }, '2018-10-16 11:00:00'],
    ['14 days', { count: 14, unit: 'day' }, '2018-10-30 00:00:00'],
    ['12 days, which end on a Saturday', { count: 12, unit: 'day' }, '2018-10-30 00:00:00'],
    ['a month', { count: 1, unit: 'month' }, '2018-11-16 00:00:00'],
    ['a year', { count: 1, unit: 'year' }, '2019-10-16 00:00:00'],
  ] as const)('%s', ([, limit, due]) => {
    expect(dues([clock('unit', { limit })], [['received', START]], '2019-12-01')).toEqual({
      'unit yellow': due,
    });
  });
});

describe('three readings of seven workdays from Monday 10:00', () => {
  const reading = (mode: DayMode): ClockSource =>
    clock('promise', { mode, start: [{ event: 'accepted' }], limit: { item: 'promised' } });

  test.for([
    ['legal', '2018-10-25 00:00:00'],
    ['elapsed', '2018-10-24 10:00:01'],
    ['hours', '2018-10-24 10:00:01'],
  ] as const)('%s: too late from %s', ([mode, due]) => {
    expect(dues([reading(mode)], [['accepted', START]], END)).toEqual({ 'promise yellow': due });
  });

  test.for([
    ['legal', '2018-10-24 09:00', 0],
    ['legal', '2018-10-24 15:00', 0],
    ['elapsed', '2018-10-24 09:00', 0],
    ['elapsed', '2018-10-24 15:00', 1],
    ['hours', '2018-10-24 09:00', 0],
    ['hours', '2018-10-24 15:00', 1],
  ] as const)('%s: decided at %s has %i cards', ([mode, time, cards]) => {
    const one = { ...reading(mode), stop: [{ event: 'decided' as const }] };
    const steps: Step[] = [
      ['accepted', START],
      ['decided', time],
    ];
    expect(Object.keys(dues([one], steps, END)).length).toBe(cards);
  });

  test('what is accepted after hours begins the next morning in office hours only', () => {
    const evening: Step[] = [['accepted', '2018-10-15 18:30']];
    expect(dues([reading('legal')], evening, END)).toEqual({
      'promise yellow': '2018-10-25 00:00:00',
    });
    expect(dues([reading('elapsed')], evening, END)).toEqual({
      'promise yellow': '2018-10-24 18:30:01',
    });
    expect(dues([reading('hours')], evening, END)).toEqual({
      'promise yellow': '2018-10-25 09:00:01',
    });
  });

  test('what is accepted in the lunch break or on a Saturday begins with the office hours after it', () => {
    const lunch: Step[] = [['accepted', '2018-10-15 12:30']];
    expect(dues([reading('elapsed')], lunch, END)).toEqual({
      'promise yellow': '2018-10-24 12:30:01',
    });
    expect(dues([reading('hours')], lunch, END)).toEqual({
      'promise yellow': '2018-10-24 13:30:01',
    });
    const saturday: Step[] = [['accepted', '2018-10-13 10:00']];
    expect(dues([reading('legal')], saturday, END)).toEqual({
      'promise yellow': '2018-10-24 00:00:00',
    });
    expect(dues([reading('elapsed')], saturday, END)).toEqual({
      'promise yellow': '2018-10-24 00:00:01',
    });
    expect(dues([reading('hours')], saturday, END)).toEqual({
      'promise yellow': '2018-10-24 09:00:01',
    });
  });
});

describe('the calendar', () => {
  const promise = clock('promise', {
    ...{ start: [{ event: 'accepted' }], limit: { item: 'promised' } },
    suspend: [{ from: 'suspended', to: 'resumed' }],
  });

  test('Spring Festival 2024: eight days off, the Sundays before and after worked', () => {
    // 1 Feb Thursday: 2, 4 (Sunday, make-up), 5, 6, 7, 8, 9 are seven workdays.
    expect(dues([promise], [['accepted', '2024-02-01 10:00']], '2024-03-31')).toEqual({
      'promise yellow': '2024-02-10 00:00:00',
    });
    // 5 Feb Monday: 6, 7, 8, 9, then 18 (Sunday, make-up), 19, 20.
    expect(dues([promise], [['accepted', '2024-02-05 10:00']], '2024-03-31')).toEqual({
      'promise yellow': '2024-02-21 00:00:00',
    });
    // Suspended over the festival: 6 counts; resumed on the worked Sunday, which does not; 19 to 26.
    const steps: Step[] = [
      ['accepted', '2024-02-05 10:00'],
      ['suspended', '2024-02-06 16:00'],
      ['resumed', '2024-02-18 09:00'],
    ];
    expect(dues([promise], steps, '2024-03-31')).toEqual({
      'promise yellow': '2024-02-27 00:00:00',
    });
  });

  test('a limit in calendar days rolls from a day off to the next workday', () => {
    const days = clock('days', { limit: { count: 15, unit: 'day' } });
    expect(dues([days], [['received', '2024-01-28 10:00']], '2024-03-31')).toEqual({
      'days yellow': '2024-02-19 00:00:00',
    });
    const month = clock('month', { limit: { count: 1, unit: 'month' } });
    expect(dues([month], [['received', '2024-01-31 10:00']], '2024-03-31')).toEqual({
      'month yellow': '2024-03-01 00:00:00',
    });
  });

  test('a deadline beyond the last published notice is marked as not sure', () => {
    const rules = pack({ clocks: [promise] });
    const lines = linesOf([['accepted', '2026-12-28 10:00']]);
    expect(new Rig(rules).run(live(lines, at('2027-02-01'))).standing()).toEqual({
      'A|promise||0|yellow': '2027-01-07 00:00:00.000 provisional ?',
    });
    const before = linesOf([['accepted', '2026-12-21 10:00']]);
    expect(new Rig(rules).run(live(before, at('2027-02-01'))).standing()).toEqual({
      'A|promise||0|yellow': '2026-12-31 00:00:00.000 provisional',
    });
  });

  test('a case from before the first published year has a clock that says it cannot tell', () => {
    const rig = new Rig(pack({ clocks: [promise] }));
    rig.run(live(linesOf([['accepted', '2006-12-28 10:00']]), at('2007-02-01')));
    expect(rig.standing()).toEqual({});
    expect(rig.explain('A').clocks.map(({ state, dueMs }) => [state, dueMs])).toEqual([
      ['uncomputable', null],
    ]);
  });
});

describe('silence of five workdays', () => {
  const intake = clock('intake', {
    ...{ stop: [{ event: 'accepted' }, { event: 'supplementRequested' }, { event: 'refused' }] },
    deemed: 'accepted',
  });
  const promise = clock('promise', { start: [{ event: 'accepted' }], limit: { item: 'promised' } });
  const rules = pack({ items: [item('I1')], clocks: [intake, promise] });
  const received: Step = ['received', '2024-03-04 10:00'];

  test('accepts the case from the day of receipt', () => {
    const rig = new Rig(rules).run(live(linesOf([received]), at('2024-03-31')));
    expect(rig.standing()).toEqual({
      'A|intake||0|yellow': '2024-03-12 00:00:00.000 issued',
      'A|promise||0|yellow': '2024-03-14 00:00:00.000 issued',
    });
    expect(rig.explain('A')).toMatchObject({ deemed: true, deemedAtMs: at('2024-03-12') });
  });

  test('that was none, as an acceptance shows which arrives late, withdraws the card', () => {
    const [receipt, acceptance] = linesOf([received, ['accepted', '2024-03-11 16:00']]);
    const records: Record_[] = [
      { kind: 'event', line: { ...(receipt as Line), seq: 1 }, stamp: at('2024-03-04 10:00') },
      { kind: 'tick', stamp: at('2024-03-13') },
      { kind: 'event', line: { ...(acceptance as Line), seq: 2 }, stamp: at('2024-03-13 09:00') },
      { kind: 'tick', stamp: at('2024-03-31') },
    ];
    const rig = new Rig(rules).run(records);
    expect(rig.changes.map(({ op, ruleId, atMs }) => [op, ruleId, atMs])).toEqual([
      ['raised', 'intake', at('2024-03-12')],
      ['withdrawn', 'intake', at('2024-03-13 09:00')],
      ['raised', 'promise', at('2024-03-21')],
    ]);
    expect(rig.explain('A')).toMatchObject({ deemed: false });
  });
});
