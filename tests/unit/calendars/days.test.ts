import { describe, expect, test } from 'vitest';
import {
  addMonths,
  civilOf,
  epochDay,
  formatDay,
  parseDate,
  weekdayOf,
} from '../../../engine/calendars/days.ts';

describe('epoch days', () => {
  test('agree with the platform’s dates over eight centuries, day by day', () => {
    for (let day = epochDay(1599, 12, 1); day <= epochDay(2401, 2, 1); day++) {
      const date = new Date(day * 86_400_000);
      const { year, month, day: dayOfMonth } = civilOf(day);
      const same =
        year === date.getUTCFullYear() &&
        month === date.getUTCMonth() + 1 &&
        dayOfMonth === date.getUTCDate() &&
        weekdayOf(day) === (date.getUTCDay() + 6) % 7 &&
        epochDay(year, month, dayOfMonth) === day;
      if (!same) throw new Error(`day ${day}: ${year}-${month}-${dayOfMonth}`);
    }
    expect(civilOf(0)).toEqual({ year: 1970, month: 1, day: 1 });
  });
});

describe('parseDate', () => {
  test.for([
    ['1970-01-01', 0],
    ['2026-01-01', 20_454],
    ['2024-02-29', 19_782],
    ['2000-02-29', 11_016],
    ['0000-01-01', -719_528],
  ] as const)('%s is day %i', ([text, day]) => {
    expect(parseDate(text)).toBe(day);
    expect(formatDay(day)).toBe(text);
  });

  test.for([
    ['2025-02-30', 'no such day'],
    ['2025-02-29', 'no leap year'],
    ['1900-02-29', 'no leap year'],
    ['2025-06-31', 'a month of 30 days'],
    ['2025-13-01', 'month 13'],
    ['2025-00-10', 'month 0'],
    ['2025-01-00', 'day 0'],
    ['2025-1-1', 'short'],
    ['25-01-01', 'short year'],
    ['2025/01/01', 'slashes'],
    ['20250101', 'no hyphens'],
    ['2025-01-01T00:00', 'a time'],
    [' 2025-01-01', 'a space'],
    ['2025-01-01\n', 'a line end'],
    ['２０２５-01-01', 'full-width digits'],
    ['-025-01-01', 'a sign'],
    ['', 'nothing'],
  ] as const)('refuses %j: %s', ([text]) => {
    expect(parseDate(text)).toBeNaN();
  });
});

describe('addMonths (对应日)', () => {
  test.for([
    ['2026-03-15', 1, '2026-04-15', 'the corresponding day'],
    ['2026-01-31', 1, '2026-02-28', 'the last day where there is none'],
    ['2024-01-31', 1, '2024-02-29', 'the last day of a leap February'],
    ['2024-02-29', 12, '2025-02-28', 'a year after a leap day'],
    ['2024-02-29', 48, '2028-02-29', 'four years after a leap day'],
    ['2026-11-30', 3, '2027-02-28', 'over the year’s end'],
    ['2026-02-28', 1, '2026-03-28', 'a last day does not stick to the end'],
    ['2026-03-31', -1, '2026-02-28', 'backwards'],
    ['2026-01-15', -13, '2024-12-15', 'backwards over the year’s end'],
    ['2026-05-05', 0, '2026-05-05', 'nothing added'],
  ] as const)('%s and %i months is %s: %s', ([from, months, to]) => {
    expect(formatDay(addMonths(parseDate(from), months))).toBe(to);
  });
});
