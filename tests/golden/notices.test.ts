/**
 * Two notices that changed a year already begun, replayed as they became known: the revised Labour Day
 * of 2019 and the prolonged Spring Festival of 2020; and 2027, which nobody has published.
 *
 * Every date is counted by hand. One case has clocks of 6, 7, 8 … workdays, named after them.
 *
 * 2019, received on Thursday 21 March. As first published, only Wednesday 1 May is off:
 *   workdays 26 to 30 are 29 April, 30 April, 2 May, 3 May, 6 May.
 * As revised, 1 to 4 May are off, Sundays 28 April and 5 May are worked:
 *   26 to 30 are 28 April, 29 April, 30 April, 5 May, 6 May.
 *
 * 2020, received on Thursday 16 January. As first published, 24 to 30 January are off, Sunday 19 January
 * and Saturday 1 February are worked: workdays 6 to 9 are 23 January, 31 January, 1 and 3 February.
 * As prolonged to 2 February: 23 January, 3, 4 and 5 February.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withNotice } from '../../engine/calendars/notice.ts';
import type { CardChange } from '../../engine/cards/card.ts';
import type { CalendarSource, NoticeSource, PackSource } from '../../engine/rules/source.ts';
import { RULES_DIR } from '../../engine/runtime/rule-schema.ts';
import { at, CALENDAR, check, clock, local, pack, rung } from '../fixtures/kernel/pack.ts';
import { type Line, type Record_, Rig } from '../fixtures/kernel/rig.ts';

function noticeOf(name: string): NoticeSource {
  const { $schema: _, ...notice } = JSON.parse(
    readFileSync(join(RULES_DIR, 'notices', `${name}.json`), 'utf8'),
  );
  return notice as NoticeSource;
}

const LABOUR_DAY = noticeOf('cn-2019-labour-day');
const SPRING_FESTIVAL = noticeOf('cn-2020-spring-festival');

/** A year as its first notice had it: without what the later one says, and with what that replaced. */
function asFirstPublished(year: number, off: readonly string[], work: readonly string[]) {
  const years = CALENDAR.years
    .filter((one) => one.year <= year)
    .map((one) => {
      if (one.year !== year) return one;
      const first = (days: typeof one.off, back: readonly string[], name: string) =>
        [
          ...days.filter((day) => day.notice === undefined),
          ...back.map((date) => ({ date, name })),
        ].sort((a, b) => (a.date < b.date ? -1 : 1));
      const [notice] = one.notices;
      return {
        year,
        notices: notice === undefined ? [] : [notice],
        off: first(one.off, off, year === 2019 ? '劳动节' : '春节'),
        work: first(one.work, work, '春节'),
      };
    });
  return { ...CALENDAR, version: 1, years };
}

const FIRST_2019 = asFirstPublished(2019, ['2019-05-01'], []);
const FIRST_2020 = asFirstPublished(2020, [], ['2020-02-01']);

function clocked(calendar: CalendarSource, days: readonly number[]): PackSource {
  const clocks = days.map((count) => clock(`d${count}`, { limit: { count, unit: 'workday' } }));
  return pack({ calendar, clocks });
}

interface Replay {
  readonly first: CalendarSource;
  readonly notice: NoticeSource;
  readonly days: readonly number[];
  readonly received: string;
  readonly loaded: string;
  readonly more?: readonly Line[];
  readonly over?: Partial<PackSource>;
  readonly closedWindowDays?: number;
  readonly until: string;
}

function replay(one: Replay): Rig {
  const before = { ...clocked(one.first, one.days), ...one.over };
  const after = { ...before, version: 2, calendar: withNotice(one.first, one.notice) };
  const { closedWindowDays } = one;
  const window = closedWindowDays === undefined ? {} : { closedWindowDays };
  const lines: Line[] = [
    { caseKey: 'A', type: 'received', at: at(one.received) },
    ...(one.more ?? []),
  ];
  const records: Record_[] = [
    ...lines.map(
      (line, i): Record_ => ({
        ...{ kind: 'event', stamp: line.at },
        line: { seq: i + 1, itemCode: 'I1', ...line },
      }),
    ),
    {
      ...{ kind: 'control', stamp: at(one.loaded) },
      control: { type: 'publish', hash: 'next', version: 2, ...window },
    },
    { kind: 'tick', stamp: at(one.until) },
  ];
  records.sort((a, b) => a.stamp - b.stamp);
  return new Rig(before, { packs: { next: after } }).run(records);
}

/** `op clock old → new @ when, versions`: everything said of a card. */
function told({ op, ruleId, dueMs, previousDueMs, atMs, ...of }: CardChange): string {
  const short = (ms: number) => local(ms).slice(5, 16);
  const moved = previousDueMs === null ? '' : `${short(previousDueMs)} → `;
  const versions = `${of.previousCalendarVersion}→${of.calendarVersion}`;
  return `${op} ${ruleId} ${moved}${short(dueMs)} @ ${short(atMs)}, ${versions}`;
}
const history = (rig: Rig): string[] => rig.changes.map(told);

test.for([
  [2019, FIRST_2019, LABOUR_DAY],
  [2020, FIRST_2020, SPRING_FESTIVAL],
] as const)('%i with its later notice is the year as it was worked', ([year, first, notice]) => {
  const merged = withNotice(first, notice);
  const known = CALENDAR.years.find((one) => one.year === year);
  expect(merged.years.at(-1)).toEqual(known);
  expect(merged.version).toBe(2);
});

describe('Labour Day 2019', () => {
  const base = {
    ...{ first: FIRST_2019, notice: LABOUR_DAY, days: [26, 27, 28, 29, 30] },
    ...{ received: '2019-03-21 10:00', until: '2019-05-10' },
  };

  test('known on 22 March: deadlines move before they are reached', () => {
    const rig = replay({ ...base, loaded: '2019-03-22 16:00' });
    expect(history(rig)).toEqual([
      'raised d26 04-29 00:00 @ 04-29 00:00, 0→2',
      'raised d27 04-30 00:00 @ 04-30 00:00, 0→2',
      'raised d28 05-01 00:00 @ 05-01 00:00, 0→2',
      'raised d29 05-06 00:00 @ 05-06 00:00, 0→2',
      'raised d30 05-07 00:00 @ 05-07 00:00, 0→2',
    ]);
  });

  test('never known: as first published', () => {
    const rig = replay({ ...base, loaded: '2019-05-10' });
    expect(history(rig).slice(0, 5)).toEqual([
      'raised d26 04-30 00:00 @ 04-30 00:00, 0→1',
      'raised d27 05-01 00:00 @ 05-01 00:00, 0→1',
      'raised d28 05-03 00:00 @ 05-03 00:00, 0→1',
      'raised d29 05-04 00:00 @ 05-04 00:00, 0→1',
      'raised d30 05-07 00:00 @ 05-07 00:00, 0→1',
    ]);
  });

  test('loaded late, on 2 May: a deadline already past is carded at once', () => {
    const rig = replay({ ...base, loaded: '2019-05-02 10:00' });
    expect(history(rig)).toEqual([
      'raised d26 04-30 00:00 @ 04-30 00:00, 0→1',
      'raised d27 05-01 00:00 @ 05-01 00:00, 0→1',
      'moved d26 04-30 00:00 → 04-29 00:00 @ 05-02 10:00, 1→2',
      'moved d27 05-01 00:00 → 04-30 00:00 @ 05-02 10:00, 1→2',
      'raised d28 05-01 00:00 @ 05-02 10:00, 1→2',
      'raised d29 05-06 00:00 @ 05-06 00:00, 0→2',
      'raised d30 05-07 00:00 @ 05-07 00:00, 0→2',
    ]);
  });

  test('loaded later still, on 5 May: what is no longer late is withdrawn, and comes in its time', () => {
    const rig = replay({ ...base, days: [28, 29, 30], loaded: '2019-05-05 10:00' });
    expect(history(rig)).toEqual([
      'raised d28 05-03 00:00 @ 05-03 00:00, 0→1',
      'raised d29 05-04 00:00 @ 05-04 00:00, 0→1',
      'moved d28 05-03 00:00 → 05-01 00:00 @ 05-05 10:00, 1→2',
      'withdrawn d29 05-04 00:00 → 05-04 00:00 @ 05-05 10:00, 1→2',
      'restored d29 05-04 00:00 → 05-06 00:00 @ 05-06 00:00, 2→2',
      'raised d30 05-07 00:00 @ 05-07 00:00, 0→2',
    ]);
    const [card] = rig.changes.filter(({ op }) => op === 'withdrawn');
    expect([card?.previousPackVersion, card?.packVersion]).toEqual([1, 2]);
  });

  test('an act on the Sunday that the notice made a workday is no longer one on a day off', () => {
    const dayOff = check('day-off', {
      on: [{ event: 'rated' }],
      conditions: { all: [{ fact: 'event.workday', operator: 'equal', value: false }] },
    });
    const more: Line[] = [{ caseKey: 'A', type: 'rated', at: at('2019-04-28 10:00') }];
    const over = { checks: [dayOff] };
    const rig = replay({ ...base, days: [], more, over, loaded: '2019-05-02 10:00' });
    expect(history(rig)).toEqual([
      'raised day-off 04-28 10:00 @ 04-28 10:00, 0→1',
      'withdrawn day-off 04-28 10:00 → 04-28 10:00 @ 05-02 10:00, 1→2',
    ]);
  });
});

describe('Spring Festival 2020', () => {
  const base = {
    ...{ first: FIRST_2020, notice: SPRING_FESTIVAL, days: [6, 7, 8, 9] },
    ...{ received: '2020-01-16 10:00', until: '2020-02-08' },
  };

  test('known on 27 January: nobody is late on the days that became holidays', () => {
    const rig = replay({ ...base, loaded: '2020-01-27 09:00' });
    expect(history(rig)).toEqual([
      'raised d6 01-24 00:00 @ 01-24 00:00, 0→1',
      'raised d7 02-04 00:00 @ 02-04 00:00, 0→2',
      'raised d8 02-05 00:00 @ 02-05 00:00, 0→2',
      'raised d9 02-06 00:00 @ 02-06 00:00, 0→2',
    ]);
  });

  test('loaded on the first workday after: cards of the days in between are withdrawn', () => {
    const rig = replay({ ...base, loaded: '2020-02-03 09:00' });
    expect(history(rig)).toEqual([
      'raised d6 01-24 00:00 @ 01-24 00:00, 0→1',
      'raised d7 02-01 00:00 @ 02-01 00:00, 0→1',
      'raised d8 02-02 00:00 @ 02-02 00:00, 0→1',
      'withdrawn d8 02-02 00:00 → 02-02 00:00 @ 02-03 09:00, 1→2',
      'withdrawn d7 02-01 00:00 → 02-01 00:00 @ 02-03 09:00, 1→2',
      'restored d7 02-01 00:00 → 02-04 00:00 @ 02-04 00:00, 2→2',
      'restored d8 02-02 00:00 → 02-05 00:00 @ 02-05 00:00, 2→2',
      'raised d9 02-06 00:00 @ 02-06 00:00, 0→2',
    ]);
  });

  describe('a case that was finished on 3 February, late as first published and in time as prolonged', () => {
    const closed = {
      ...{ ...base, days: [7], loaded: '2020-02-10 09:00', until: '2020-02-20' },
      more: [{ caseKey: 'A', type: 'finished', at: at('2020-02-03 10:00') }] as const,
    };

    test('is examined again within the window', () => {
      for (const closedWindowDays of [undefined, 7]) {
        const window = closedWindowDays === undefined ? {} : { closedWindowDays };
        expect(history(replay({ ...closed, ...window }))).toEqual([
          'raised d7 02-01 00:00 @ 02-01 00:00, 0→1',
          'withdrawn d7 02-01 00:00 → 02-01 00:00 @ 02-10 09:00, 1→2',
        ]);
      }
    });

    test('keeps its verdict beyond the window, whoever looks at it', () => {
      const rig = replay({ ...closed, closedWindowDays: 6 });
      const kept = ['raised d7 02-01 00:00 @ 02-01 00:00, 0→1'];
      expect(history(rig)).toEqual(kept);
      // The page shows the clock by the calendar in force; the card stands by the one of its time.
      const [clockNow] = rig.explain('A').clocks;
      expect(local(clockNow?.dueMs ?? 0)).toBe('2020-02-04 00:00:00.000');
      expect(history(rig)).toEqual(kept);
      expect(rig.standing()).toEqual({ 'A|d7||0|yellow': '2020-02-01 00:00:00.000 issued' });
    });

    test('beyond the window, is decided again when anything new is heard of it', () => {
      const late: Line = { caseKey: 'A', type: 'rated', at: at('2020-02-15 10:00') };
      const rig = replay({ ...closed, closedWindowDays: 6, more: [...closed.more, late] });
      expect(history(rig)).toEqual([
        'raised d7 02-01 00:00 @ 02-01 00:00, 0→1',
        'withdrawn d7 02-01 00:00 → 02-01 00:00 @ 02-15 10:00, 1→2',
      ]);
    });

    test('an open clock of a closed case is counted again however long ago that was', () => {
      const open = clock('d7', {
        limit: { count: 7, unit: 'workday' },
        stop: [{ event: 'rated' }],
      });
      const over = { clocks: [open] };
      const rig = replay({ ...closed, closedWindowDays: 0, over, loaded: '2020-02-03 11:00' });
      expect(history(rig)).toEqual([
        'raised d7 02-01 00:00 @ 02-01 00:00, 0→1',
        'withdrawn d7 02-01 00:00 → 02-01 00:00 @ 02-03 11:00, 1→2',
        'restored d7 02-01 00:00 → 02-04 00:00 @ 02-04 00:00, 2→2',
      ]);
    });
  });
});

/**
 * Received on Monday 28 December 2026. By the week alone, workdays 3 to 7 are 31 December, 1, 4, 5 and 6
 * January. Ten days end on 7 January. The arrangement of 2027 is invented here: nobody has published it.
 */
describe('a year that nobody has published', () => {
  const NEW_YEAR: NoticeSource = {
    ...{ place: 'CN', number: '试〔2026〕1号', title: '试', url: 'https://example.test/2027' },
    published: '2026-12-30',
    effect: {
      publishes: [2027],
      off: ['2027-01-01', '2027-01-02', '2027-01-03'].map((date) => ({ date, name: '元旦' })),
    },
  };
  const provisional = ({ op, ruleId, provisional: unsure }: CardChange) =>
    `${op} ${ruleId}${unsure ? ' ?' : ''}`;
  const days10 = clock('ten', {
    ...{ limit: { count: 10, unit: 'day' } },
    rungs: [rung('warning', { before: 1 }), rung('yellow', { due: true })],
  });
  const base = {
    ...{ first: CALENDAR, notice: NEW_YEAR, days: [3, 4], received: '2026-12-28 10:00' },
    until: '2027-01-12',
  };

  test('deadlines in it are provisional, and the notice moves them before they are reached', () => {
    const rig = replay({ ...base, loaded: '2026-12-30 10:00' });
    expect(history(rig)).toEqual([
      `raised d3 01-01 00:00 @ 01-01 00:00, 0→${CALENDAR.version + 1}`,
      `raised d4 01-05 00:00 @ 01-05 00:00, 0→${CALENDAR.version + 1}`,
    ]);
    expect(rig.changes.map(provisional)).toEqual(['raised d3', 'raised d4']);
  });

  test('a card raised on a provisional deadline is withdrawn or confirmed', () => {
    const over = { clocks: [clock('d4', { limit: { count: 4, unit: 'workday' } }), days10] };
    const rig = replay({ ...base, over, loaded: '2027-01-04 10:00' });
    expect(rig.changes.map(provisional)).toEqual([
      'raised d4 ?',
      'withdrawn d4 ?',
      'restored d4',
      'raised ten',
      'raised ten',
    ]);
    const late = replay({ ...base, over, loaded: '2027-01-07 10:00' });
    expect(late.changes.map(provisional)).toEqual([
      'raised d4 ?',
      'raised ten ?',
      'moved d4',
      'moved ten',
      'raised ten',
    ]);
    // The warning of the ten days, due on the 7th, is confirmed where it was.
    expect(history(late)[3]).toContain('moved ten 01-07 00:00 → 01-07 00:00');
  });
});
