import { describe, expect, test } from 'vitest';
import { CalendarError } from '../../../engine/calendars/calendar-error.ts';
import { calendarProblems, compileCalendar } from '../../../engine/calendars/compile.ts';
import { parseDate } from '../../../engine/calendars/days.ts';
import type { CalendarSource, CalendarYearSource } from '../../../engine/rules/source.ts';

const UTC = { name: 'UTC', firstOffsetMs: 0, transitions: [] };

const off = (...dates: string[]) => dates.map((date) => ({ date, name: '节' }));
const year = (value: number, part: Partial<CalendarYearSource> = {}): CalendarYearSource => ({
  year: value,
  notices: [{ number: '一号', url: 'https://example.org/1', published: null }],
  off: [],
  work: [],
  ...part,
});
const source = (part: Partial<CalendarSource> = {}): CalendarSource => ({
  place: 'X',
  version: 1,
  zone: 'UTC',
  weekmask: '1111100',
  officeHours: [
    [540, 720],
    [810, 1050],
  ],
  years: [],
  ...part,
});
const found = (part: Partial<CalendarSource>) =>
  calendarProblems(source(part)).map(({ code, pointer }) => `${code} ${pointer}`);

describe('compileCalendar names what is wrong', () => {
  test.for<[string, Partial<CalendarSource>, string]>([
    [
      'a date that does not exist',
      { years: [year(2025, { off: off('2025-02-29') })] },
      'CAL_DATE_INVALID /years/0/off/0/date',
    ],
    [
      'a date in another form',
      { years: [year(2025, { work: off('2025-2-9') })] },
      'CAL_DATE_INVALID /years/0/work/0/date',
    ],
    [
      'a date in another year than its list',
      { years: [year(2025, { off: off('2025-01-01', '2024-12-31') })] },
      'CAL_YEAR /years/0/off/1/date',
    ],
    [
      'a date listed twice',
      { years: [year(2025, { off: off('2025-01-01', '2025-01-01') })] },
      'CAL_DUPLICATE /years/0/off/1/date',
    ],
    [
      'a date both off and worked',
      { years: [year(2025, { off: off('2025-01-26'), work: off('2025-01-26') })] },
      'CAL_CONFLICT /years/0/work/0/date',
    ],
    ['a year listed twice', { years: [year(2025), year(2025)] }, 'CAL_YEAR /years/1/year'],
    ['a year left out', { years: [year(2024), year(2026)] }, 'CAL_INCOMPLETE /years'],
    ['a year outside the table', { years: [year(1999)] }, 'CAL_RANGE /years/0/year'],
    [
      'a day that names a notice the year does not have',
      { years: [year(2025, { off: [{ date: '2025-01-01', name: '元旦', notice: 1 }] })] },
      'CAL_NOTICE /years/0/off/0',
    ],
    ['a week mask of six days', { weekmask: '111110' }, 'CAL_WEEKMASK /weekmask'],
    ['a week mask of other signs', { weekmask: 'MTWTF--' }, 'CAL_WEEKMASK /weekmask'],
    ['a week without workdays', { weekmask: '0000000' }, 'CAL_WEEKMASK /weekmask'],
    [
      'office hours that end before they start',
      { officeHours: [[720, 540]] },
      'CAL_HOURS /officeHours/0',
    ],
    ['empty office hours', { officeHours: [[540, 540]] }, 'CAL_HOURS /officeHours/0'],
    ['office hours across midnight', { officeHours: [[1200, 1500]] }, 'CAL_HOURS /officeHours/0'],
    ['negative office hours', { officeHours: [[-60, 60]] }, 'CAL_HOURS /officeHours/0'],
    ['half minutes', { officeHours: [[540.5, 600]] }, 'CAL_HOURS /officeHours/0'],
    [
      'overlapping office hours',
      {
        officeHours: [
          [540, 720],
          [700, 900],
        ],
      },
      'CAL_HOURS /officeHours/1',
    ],
    ['a version below one', { version: 0 }, 'CAL_VERSION /version'],
  ])('%s', ([, part, problem]) => {
    expect(found(part)).toEqual([problem]);
    expect(() => compileCalendar(source(part), UTC)).toThrow(CalendarError);
  });

  test('all of it at once, with what was found there, in both languages', () => {
    const years = [year(2025, { off: off('2025-02-30', '2026-01-01') })];
    const wrong = source({ weekmask: '1', years });
    expect(() => compileCalendar(wrong, UTC)).toThrow(
      /CAL_WEEKMASK[\s\S]*2025-02-30[\s\S]*CAL_YEAR[\s\S]*2026-01-01/,
    );
    expect(calendarProblems(wrong)).toHaveLength(3);
    for (const { zh, en } of calendarProblems(wrong)) {
      expect(zh).toMatch(/[\u4e00-\u9fff]/);
      expect(en).toMatch(/[a-z]/);
    }
  });

  test('a zone table of another zone', () => {
    const other = { ...UTC, name: 'Asia/Shanghai' };
    const compile = () => compileCalendar(source(), other);
    expect(compile).toThrow(/CAL_ZONE/);
  });
});

describe('compileCalendar', () => {
  test('a make-up workday on a weekday and a holiday on a Sunday change nothing', () => {
    const years = [year(2020, { off: off('2020-01-26'), work: off('2020-02-03') })];
    const calendar = compileCalendar(source({ years }), UTC);
    const plain = compileCalendar(source(), UTC);
    for (let day = parseDate('2020-01-01'); day <= parseDate('2020-12-31'); day++) {
      expect(calendar.isWorkday(day)).toBe(plain.isWorkday(day));
    }
  });

  test('years may be listed in any order', () => {
    const a = [year(2024, { off: off('2024-01-01') }), year(2025, { off: off('2025-01-01') })];
    const calendar = compileCalendar(source({ years: a.reverse() }), UTC);
    expect(calendar.isWorkday(parseDate('2024-01-01'))).toBe(false);
    expect(calendar.isWorkday(parseDate('2025-01-01'))).toBe(false);
    expect(calendar.coveredFrom).toBe(parseDate('2024-01-01'));
    expect(calendar.publishedLastDay).toBe(parseDate('2025-12-31'));
  });

  test('each day names its own notice, by number or else by address', () => {
    const notices = [
      { number: '', url: 'https://example.org/1', published: null },
      { number: '二号', url: 'https://example.org/2', published: null },
    ];
    const days = [
      { date: '2025-01-01', name: '元旦' },
      { date: '2025-05-01', name: '劳动节', notice: 1 },
    ];
    const calendar = compileCalendar(source({ years: [year(2025, { notices, off: days })] }), UTC);
    const said = (date: string) => [
      calendar.nameOf(parseDate(date)),
      calendar.noticeOf(parseDate(date)),
    ];
    expect(said('2025-01-01')).toEqual(['元旦', 'https://example.org/1']);
    expect(said('2025-05-01')).toEqual(['劳动节', '二号']);
    expect(said('2025-05-02')).toEqual(['', '']);
  });
});
