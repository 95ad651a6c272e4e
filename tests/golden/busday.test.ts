/**
 * Workday arithmetic against answers that others published: every day of China's calendar from 2007
 * to 2026, and the cases that other libraries assert in their own test suites.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compileCalendar } from '../../engine/calendars/compile.ts';
import { epochDay, formatDay, weekdayOf } from '../../engine/calendars/days.ts';
import { checkCases } from '../../engine/cli/calendar-cases.ts';
import { loadCalendar } from '../../engine/runtime/calendar-loader.ts';
import { zoneTable } from '../../engine/runtime/zone-table.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const DATA = join(resolve(ROOT, process.env.MINGCHA_SHARED ?? '../shared'), 'data');

/** The file's content; skips the test, loudly, where it is absent. Absent in CI, it fails. */
function read(name: string, skip: (why: string) => void): unknown {
  const path = join(DATA, name);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  if (process.env.CI === 'true') throw new Error(`${path} is missing; set MINGCHA_SHARED`);
  skip(`${path} is not here; set MINGCHA_SHARED to the folder that holds data/`);
  return null;
}

const source = loadCalendar('CN');
const china = compileCalendar(source, zoneTable(source.zone));

describe('China 2007-2026', () => {
  test('every one of 7,305 days is worked or not as the notices say', ({ skip }) => {
    const file = read('cn-calendar.json', skip) as {
      days: Record<string, { type: 'holiday' | 'workday'; name: string }>;
      years: Record<string, { working_days?: number }>;
    };
    let days = 0;
    const wrong: string[] = [];
    for (let day = epochDay(2007, 1, 1); day <= epochDay(2026, 12, 31); day++) {
      const date = formatDay(day);
      const listed = file.days[date];
      const worked = listed ? listed.type === 'workday' : weekdayOf(day) < 5;
      if (china.isWorkday(day) !== worked) wrong.push(date);
      if (china.nameOf(day) !== (listed?.name ?? '')) wrong.push(`${date} ${china.nameOf(day)}`);
      days++;
    }
    expect(wrong).toEqual([]);
    expect(days).toBe(7305);
    for (const [year, { working_days: expected }] of Object.entries(file.years)) {
      if (expected === undefined) continue;
      const first = epochDay(Number(year), 1, 1);
      const last = epochDay(Number(year), 12, 31);
      expect([year, china.countWorkdays(first - 1, last)]).toEqual([year, expected]);
    }
  });

  test('every day a notice names leads to that notice', () => {
    for (const year of source.years) {
      for (const { date } of [...year.off, ...year.work]) {
        const [y, m, d] = date.split('-').map(Number) as [number, number, number];
        expect(china.noticeOf(epochDay(y, m, d))).toMatch(
          /^国(办)?发明电〔20\d\d〕\d+号$|^https?:/,
        );
      }
    }
  });
});

describe('cases of other libraries', () => {
  test('all 2,366 agree, each by the roll rule it names', ({ skip }) => {
    const file = read('busday-cases.json', skip);
    if (file === null) return;
    const report = checkCases(file, china);
    expect(report.disagreements).toEqual([]);
    expect(report.cases).toBe(2366);
    expect(report.agree).toBe(2366);
  });
});
