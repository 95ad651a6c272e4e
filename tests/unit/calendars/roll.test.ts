import { describe, expect, test } from 'vitest';
import { compileCalendar } from '../../../engine/calendars/compile.ts';
import { formatDay, parseDate } from '../../../engine/calendars/days.ts';
import { ROLLS, rollDay } from '../../../engine/calendars/roll.ts';

const week = compileCalendar(
  { place: 'X', version: 1, zone: 'UTC', weekmask: '1111100', officeHours: [], years: [] },
  { name: 'UTC', firstOffsetMs: 0, transitions: [] },
);
const rolled = (date: string, roll: (typeof ROLLS)[number]) => {
  const day = rollDay(week, parseDate(date), roll);
  return Number.isNaN(day) ? 'refused' : formatDay(day);
};

describe('rollDay', () => {
  test.for(ROLLS)('%s leaves a workday alone', (roll) => {
    expect(rolled('2026-07-31', roll)).toBe('2026-07-31');
  });

  test.for([
    ['2026-07-18', 'raise', 'refused'],
    ['2026-07-18', 'none', '2026-07-18'],
    ['2026-07-18', 'forward', '2026-07-20'],
    ['2026-07-18', 'backward', '2026-07-17'],
    ['2026-07-18', 'modifiedfollowing', '2026-07-20'],
    ['2026-07-18', 'modifiedpreceding', '2026-07-17'],
    ['2026-05-30', 'modifiedfollowing', '2026-05-29'],
    ['2026-08-01', 'modifiedpreceding', '2026-08-03'],
  ] as const)('%s by %s is %s', ([date, roll, result]) => {
    expect(rolled(date, roll)).toBe(result);
  });
});
