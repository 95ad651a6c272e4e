import { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import { compileCalendar } from '../../../engine/calendars/compile.ts';
import { formatDay, parseDate } from '../../../engine/calendars/days.ts';
import { loadCalendar } from '../../../engine/runtime/calendar-loader.ts';
import { zoneTable } from '../../../engine/runtime/zone-table.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const load = (place: string) => {
  const source = loadCalendar(place);
  return compileCalendar(source, zoneTable(source.zone));
};
const china = load('CN');
const netherlands = load('NL');

const at = (text: string) => DateTime.fromISO(text, { zone: 'Asia/Shanghai' }).toMillis();
const inAmsterdam = (text: string) =>
  DateTime.fromISO(text, { zone: 'Europe/Amsterdam' }).toMillis();
const show = (ms: number, zone = 'Asia/Shanghai') =>
  DateTime.fromMillis(ms, { zone }).toFormat('yyyy-MM-dd HH:mm:ss');
const addDays = (date: string, n: number) => formatDay(china.addWorkdays(parseDate(date), n));

describe('counting workdays: the start day does not count', () => {
  test.for([
    ['2026-09-18', 1, '2026-09-20', 'a Sunday worked for the National Day'],
    ['2026-09-19', 1, '2026-09-20', 'from a Saturday off'],
    ['2026-09-20', 1, '2026-09-21', 'from a Sunday worked'],
    ['2026-09-24', 1, '2026-09-28', 'over Mid-Autumn'],
    ['2026-09-30', 1, '2026-10-08', 'over the National Day'],
    ['2026-09-30', 3, '2026-10-10', 'to a Saturday worked'],
    ['2018-10-15', 7, '2018-10-24', 'over a plain week end'],
    ['2026-10-08', -1, '2026-09-30', 'backwards over the National Day'],
    ['2026-10-03', -1, '2026-09-30', 'backwards from a holiday'],
    ['2026-10-03', 0, '2026-10-03', 'nothing added stays on the holiday'],
    ['2019-04-26', 2, '2019-04-29', 'a Sunday worked by a notice of that spring'],
  ] as const)('%s and %i is %s: %s', ([from, n, to]) => {
    expect(addDays(from, n)).toBe(to);
    const count = china.countWorkdays(parseDate(from), parseDate(to));
    // From a holiday backwards the days in between hold one workday more than were stepped over.
    if (n >= 0) expect(count).toBe(n);
  });

  test('a year holds the workdays its notice leaves', () => {
    const inYear = (y: number) =>
      china.countWorkdays(parseDate(`${y - 1}-12-31`), parseDate(`${y}-12-31`));
    expect([2024, 2025, 2026].map(inYear)).toEqual([251, 248, 248]);
  });

  test('rolling goes to the next and to the previous workday', () => {
    const holiday = parseDate('2026-10-03');
    expect(formatDay(china.rollForward(holiday))).toBe('2026-10-08');
    expect(formatDay(china.rollBackward(holiday))).toBe('2026-09-30');
    const worked = parseDate('2026-09-20');
    expect([china.rollForward(worked), china.rollBackward(worked)]).toEqual([worked, worked]);
  });

  test('the ordinal of a workday leads back to it', () => {
    for (let day = parseDate('2026-01-01'); day <= parseDate('2026-12-31'); day++) {
      const back = china.workdayAt(china.ordinal(day));
      expect(back).toBe(china.rollBackward(day));
    }
  });
});

describe('elapsed time with workdays of 24 hours (mode B)', () => {
  // A system document's worked examples: acceptance on Monday 2018-10-15 at 10:00.
  test.for([
    [2, '2018-10-17 10:00:00'],
    [3, '2018-10-18 10:00:00'],
    [4, '2018-10-19 10:00:00'],
    [5, '2018-10-22 10:00:00'],
    [6, '2018-10-23 10:00:00'],
    [7, '2018-10-24 10:00:00'],
    [8, '2018-10-25 10:00:00'],
    [10, '2018-10-29 10:00:00'],
    [13, '2018-11-01 10:00:00'],
  ] as const)('%i workdays after 2018-10-15 10:00:00 is %s', ([workdays, end]) => {
    const work = china.elapsed(at('2018-10-15T10:00:00')) + workdays * DAY;
    expect(show(china.instantOfElapsed(work))).toBe(end);
  });

  test('a start on a day off counts from the next workday’s midnight', () => {
    const work = china.elapsed(at('2026-10-03T15:00:00'));
    expect(show(china.instantOfElapsed(work))).toBe('2026-10-08 00:00:00');
    expect(show(china.instantOfElapsed(work + DAY))).toBe('2026-10-09 00:00:00');
  });

  test('summer time moves neither end by an hour', () => {
    for (const [start, end] of [
      ['2026-03-27T10:00:00', '2026-03-30 10:00:00'],
      ['2026-10-23T10:00:00', '2026-10-26 10:00:00'],
    ] as const) {
      const work = netherlands.elapsed(inAmsterdam(start)) + DAY;
      expect(show(netherlands.instantOfElapsed(work), 'Europe/Amsterdam')).toBe(end);
    }
  });
});

describe('office hours (mode C)', () => {
  const later = (start: string, ms: number) =>
    show(china.instantOfHours(china.hours(at(start)) + ms));

  test.for([
    ['2018-10-15T10:00:00', 1, '2018-10-15 11:00:00', 'inside the morning'],
    ['2018-10-15T10:00:00', 2, '2018-10-15 13:30:00', 'to the end of the morning: the afternoon'],
    ['2018-10-15T10:00:00', 3, '2018-10-15 14:30:00', 'over the lunch break'],
    ['2018-10-15T10:00:00', 6, '2018-10-16 09:00:00', 'to the end of the day: the next morning'],
    ['2018-10-15T10:00:00', 7, '2018-10-16 10:00:00', 'one day of seven hours'],
    ['2018-10-15T10:00:00', 49, '2018-10-24 10:00:00', 'seven days of seven hours'],
    ['2018-10-15T12:15:00', 0, '2018-10-15 13:30:00', 'an event at lunch moves to the afternoon'],
    ['2018-10-15T22:00:00', 0, '2018-10-16 09:00:00', 'an event at night moves to the morning'],
    ['2018-10-20T10:00:00', 1, '2018-10-22 10:00:00', 'an event on Saturday moves to Monday'],
    ['2018-09-29T10:00:00', 1, '2018-09-29 11:00:00', 'a Saturday worked is worked'],
  ] as const)('%s and %i hours is %s: %s', ([start, hours, end]) => {
    expect(later(start, hours * HOUR)).toBe(end);
  });

  test('a workday holds the hours the place states', () => {
    expect([china.officeDayMs, netherlands.officeDayMs]).toEqual([7 * HOUR, 8 * HOUR]);
  });
});

describe('where the calendar ends', () => {
  test('days before the first notice are not covered, days after the last are provisional', () => {
    expect(china.covers(parseDate('2006-12-31'))).toBe(false);
    expect(china.covers(parseDate('2007-01-01'))).toBe(true);
    expect(china.isProvisional(parseDate('2026-12-31'))).toBe(false);
    expect(china.isProvisional(parseDate('2027-01-01'))).toBe(true);
    expect(china.covers(parseDate('2060-12-31'))).toBe(true);
    expect(china.covers(parseDate('2061-01-01'))).toBe(false);
  });

  test('a place without notices is a plain week, covered and firm to the end', () => {
    expect(netherlands.covers(parseDate('2000-01-01'))).toBe(true);
    expect(netherlands.isProvisional(parseDate('2060-12-31'))).toBe(false);
  });

  test('what lies outside the table is not a number', () => {
    const last = china.ordinal(china.lastDay);
    const beyond = [
      china.ordinal(china.lastDay + 1),
      china.ordinal(china.firstDay - 2),
      china.workdayAt(0),
      china.workdayAt(last + 1),
      china.addWorkdays(parseDate('2060-12-01'), 100),
      china.countWorkdays(parseDate('1990-01-01'), parseDate('2026-01-01')),
      china.rollForward(parseDate('2061-01-01')),
      china.elapsed(at('1999-12-31T12:00:00')),
      china.elapsed(at('2061-01-01T12:00:00')),
      china.hours(at('1999-12-31T12:00:00')),
      china.instantOfElapsed(last * DAY),
      china.instantOfElapsed(-1),
      china.instantOfElapsed(Number.NaN),
      china.instantOfHours(last * china.officeDayMs),
    ];
    expect(beyond).toEqual(beyond.map(() => Number.NaN));
    expect(china.isWorkday(china.lastDay + 1)).toBe(false);
  });

  test('without office hours mode C cannot be computed', () => {
    const source = { ...loadCalendar('NL'), officeHours: [] };
    const calendar = compileCalendar(source, zoneTable(source.zone));
    expect(calendar.hours(inAmsterdam('2026-01-05T10:00:00'))).toBeNaN();
    expect(calendar.instantOfHours(HOUR)).toBeNaN();
  });
});
