/**
 * Territory layers over the national calendar, with dates counted by hand. March 2024: the 4th is a
 * Monday and there is no holiday. The island is closed on the 6th (typhoon) and works half of the 7th;
 * the village on the island works on the 6th all the same.
 */
import { describe, expect, test } from 'vitest';
import { calendarProblems, compileCalendars } from '../../../engine/calendars/compile.ts';
import { parseDate } from '../../../engine/calendars/days.ts';
import type { CalendarSource, ClockSource, PackSource } from '../../../engine/rules/source.ts';
import { at, CALENDAR, check, clock, pack } from '../../fixtures/kernel/pack.ts';
import { type Line, live, Rig } from '../../fixtures/kernel/rig.ts';

const notices = [{ number: '岛政办〔2024〕1号', url: 'https://example.test/1', published: null }];
const hour = (h: number) => h * 60;
const calendar: CalendarSource = {
  ...CALENDAR,
  layers: [
    {
      territory: 'island',
      notices,
      off: [{ date: '2024-03-06', name: '台风停工' }],
      work: [],
      hours: [{ date: '2024-03-07', name: '半日', hours: [[hour(9), hour(11)]] }],
      officeHours: [[hour(9), hour(15)]],
    },
    {
      ...{ territory: 'village', notices, off: [] },
      work: [{ date: '2024-03-06', name: '照常上班' }],
    },
  ],
};
const label = (text: string) => ({ zh: text, en: text });
const territories: PackSource['territories'] = [
  { code: 'city', name: label('city') },
  { code: 'island', name: label('island'), parent: 'city' },
  { code: 'village', name: label('village'), parent: 'island' },
];
const organs: PackSource['organs'] = [
  { code: 'bureau', name: label('bureau'), short: label('b'), territory: 'city' },
  { code: 'port', name: label('port'), short: label('p'), territory: 'island' },
];

function due(where: Partial<Line>, over: Partial<ClockSource> = {}): string {
  const clocks = [clock('c', { limit: { count: 3, unit: 'workday' }, ...over })];
  const line: Line = { caseKey: 'A', type: 'received', at: at('2024-03-04 10:00'), ...where };
  const rig = new Rig(pack({ calendar, territories, organs, clocks }));
  return Object.values(rig.run(live([line], at('2024-04-30'))).standing())[0] ?? '';
}

describe('whose days count', () => {
  test.for<[string, Partial<Line>, string]>([
    ['nobody’s in particular', {}, '2024-03-08'],
    ['the city’s', { territory: 'city' }, '2024-03-08'],
    ['the island’s, closed on the 6th', { territory: 'island' }, '2024-03-09'],
    ['the village’s, where the 6th is worked', { territory: 'village' }, '2024-03-08'],
    ['those of the organ, where no territory is said', { organ: 'port' }, '2024-03-09'],
    ['the territory’s before the organ’s', { territory: 'city', organ: 'port' }, '2024-03-08'],
    [
      'the organ’s, where nobody knows the territory',
      { territory: 'x', organ: 'port' },
      '2024-03-09',
    ],
  ])('%s', ([, where, day]) => {
    expect(due(where)).toBe(`${day} 00:00:00.000 issued`);
  });

  test('a territory said later counts from the beginning', () => {
    const clocks = [clock('c', { limit: { count: 3, unit: 'workday' } })];
    const rig = new Rig(pack({ calendar, territories, organs, clocks })).run(
      live(
        [
          { caseKey: 'A', type: 'received', at: at('2024-03-04 10:00') },
          { caseKey: 'A', type: 'rated', at: at('2024-03-05 10:00'), territory: 'island' },
        ],
        at('2024-04-30'),
      ),
    );
    expect(Object.values(rig.standing())).toEqual(['2024-03-09 00:00:00.000 issued']);
    rig.explainAll();
  });

  test('an act on a local closure is one on a day off there, and there alone', () => {
    const checks = [
      check('day-off', {
        on: [{ event: 'rated' }],
        conditions: { all: [{ fact: 'event.workday', operator: 'equal', value: false }] },
      }),
    ];
    const lines = ['city', 'island', 'village'].map(
      (territory): Line => ({
        ...{ caseKey: territory, type: 'rated', at: at('2024-03-06 10:00'), territory },
      }),
    );
    const rig = new Rig(pack({ calendar, territories, organs, checks }));
    const cards = rig.run(live(lines, at('2024-03-07'))).standing();
    expect(Object.keys(cards).map((name) => name.split('|')[0])).toEqual(['island']);
  });
});

describe('a half day', () => {
  test('is a whole workday where days are counted', () => {
    // 5, (6 closed), 7, 8.
    expect(due({ territory: 'island' })).toBe('2024-03-09 00:00:00.000 issued');
  });

  test('gives only its own hours where hours are counted', () => {
    // Six office hours a day on the island. From Monday 10:00: 5 h on the 4th, 6 h on the 5th, 2 h on
    // the 7th; of 18 h five are left for the 8th: 9:00 to 14:00.
    const over = { mode: 'hours', resolutionMs: 0 } as const;
    expect(due({ territory: 'island' }, over)).toBe('2024-03-08 14:00:00.000 issued');
    // 13 working hours are full when the half day ends: the first moment too late is the next slot's.
    const limit = { count: 13, unit: 'workhour' } as const;
    expect(due({ territory: 'island' }, { ...over, limit })).toBe('2024-03-08 09:00:00.000 issued');
  });

  test('measures and their inverse agree at every minute round it', () => {
    const { byTerritory } = compileCalendars(pack({ calendar, territories }));
    const island = byTerritory?.get('island');
    if (island === undefined) throw new Error('the island has a calendar');
    expect(island.noticeOf(parseDate('2024-03-06'))).toBe('岛政办〔2024〕1号');
    for (let ms = at('2024-03-05 08:00'); ms < at('2024-03-08 18:00'); ms += 60_000) {
      const work = island.hours(ms);
      const back = island.instantOfHours(work);
      expect(back).toBeGreaterThanOrEqual(ms);
      expect(island.hours(back)).toBe(work);
      if (island.hours(ms + 1) > work) expect(back).toBe(ms);
    }
    expect(island.instantOfHours(-1)).toBeNaN();
    expect(island.instantOfHours(Number.MAX_SAFE_INTEGER)).toBeNaN();
  });
});

test.for<[string, CalendarSource['layers'], string]>([
  [
    'a territory that the pack does not have',
    [{ territory: 'moon', notices, off: [], work: [] }],
    'CAL_TERRITORY /layers/0/territory',
  ],
  [
    'a territory twice',
    [1, 2].map(() => ({ territory: 'city', notices, off: [], work: [] })),
    'CAL_TERRITORY /layers/1/territory',
  ],
  [
    'a half day without hours',
    [
      {
        ...{ territory: 'city', notices, off: [], work: [] },
        hours: [{ date: '2024-03-07', name: 'x', hours: [] }],
      },
    ],
    'CAL_HOURS /layers/0/hours/0/hours',
  ],
  [
    'a half day that is off as well',
    [
      {
        ...{ territory: 'city', notices, off: [{ date: '2024-03-07', name: 'x' }], work: [] },
        hours: [{ date: '2024-03-07', name: 'x', hours: [[540, 600]] }],
      },
    ],
    'CAL_CONFLICT /layers/0/hours/0/date',
  ],
])('names what is wrong with a layer: %s', ([, layers, expected]) => {
  const found = calendarProblems({ ...CALENDAR, layers: layers ?? [] }, territories);
  expect(found.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([expected]);
});
