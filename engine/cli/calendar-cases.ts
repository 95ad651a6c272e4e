/**
 * Compares workday arithmetic with a file of cases: each names a calendar, an operation and the answer
 * another library gives. Every answer here comes from the kernel's Calendar.
 *
 * Owns: reading the case format. A calendar of the file either refers to the installed calendar of
 * the place (`ref`) or states a week mask, holidays and extra workdays.
 */
import type { Calendar } from '../calendars/calendar.ts';
import { compileCalendar } from '../calendars/compile.ts';
import { formatDay, parseDate } from '../calendars/days.ts';
import { ROLLS, type Roll, rollDay } from '../calendars/roll.ts';
import type { CalendarDaySource, CalendarYearSource } from '../rules/source.ts';

export interface CaseReport {
  readonly cases: number;
  readonly agree: number;
  readonly disagree: number;
  readonly disagreements: readonly Disagreement[];
}

export interface Disagreement {
  readonly id: string;
  readonly expected: string;
  readonly found: string;
}

/** What is wrong with the file of cases itself. */
export class CasesError extends Error {
  override name = 'CasesError';
}

interface StatedCalendar {
  readonly ref?: string;
  readonly weekmask?: string;
  readonly holidays?: readonly string[];
  readonly workdays?: readonly string[];
}

interface Case {
  readonly id: string;
  readonly op: string;
  readonly calendar: string;
  readonly start?: string;
  readonly n?: number;
  readonly roll?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly date?: string;
  readonly expected: unknown;
}

type Answer = number | string | boolean | readonly string[];

/** The answer of an operation that is refused, whatever the other library calls its error. */
const REFUSED = 'refused';

export function checkCases(file: unknown, installed: Calendar): CaseReport {
  const { calendars, cases } = contentOf(file);
  const compiled = new Map<string, Calendar>();
  const calendarOf = (name: string): Calendar => {
    const known = compiled.get(name);
    if (known !== undefined) return known;
    const stated = calendars[name];
    if (stated === undefined) throw new CasesError(`没有日历 / no calendar "${name}" in the file`);
    const calendar = stated.ref === undefined ? compileStated(name, stated) : installed;
    compiled.set(name, calendar);
    return calendar;
  };
  const disagreements: Disagreement[] = [];
  for (const one of cases) {
    const found = JSON.stringify(answer(calendarOf(one.calendar), one));
    const expected = JSON.stringify(isRefusal(one.expected) ? REFUSED : one.expected);
    if (found !== expected) disagreements.push({ id: one.id, expected, found });
  }
  const disagree = disagreements.length;
  return { cases: cases.length, agree: cases.length - disagree, disagree, disagreements };
}

function contentOf(file: unknown) {
  const content = file as { calendars?: Record<string, StatedCalendar>; cases?: readonly Case[] };
  if (typeof content?.calendars !== 'object' || !Array.isArray(content.cases)) {
    throw new CasesError(
      '文件应含 calendars（对象）与 cases（数组）/ ' +
        'the file must hold "calendars", an object, and "cases", an array',
    );
  }
  return { calendars: content.calendars, cases: content.cases as readonly Case[] };
}

function isRefusal(expected: unknown): boolean {
  return typeof expected === 'object' && expected !== null && 'error' in expected;
}

function compileStated(name: string, stated: StatedCalendar): Calendar {
  const off = [...new Set(stated.holidays ?? [])].sort();
  const work = [...new Set(stated.workdays ?? [])].sort();
  const mentioned = [...off, ...work].map((date) => Number(date.slice(0, 4)));
  const first = Math.min(...mentioned);
  const years: CalendarYearSource[] = [];
  const days = (dates: readonly string[], year: number): CalendarDaySource[] =>
    dates.filter((d) => d.startsWith(`${year}-`)).map((date) => ({ date, name }));
  for (let year = first; year <= Math.max(...mentioned); year++) {
    const notices = [{ number: name, url: '', published: null }];
    years.push({ year, notices, off: days(off, year), work: days(work, year) });
  }
  const weekmask = stated.weekmask ?? '';
  const source = { place: name, version: 1, zone: 'UTC', weekmask, officeHours: [], years };
  return compileCalendar(source, { name: 'UTC', firstOffsetMs: 0, transitions: [] });
}

function answer(calendar: Calendar, one: Case): Answer {
  switch (one.op) {
    case 'offset': {
      const day = calendar.addWorkdays(
        rollDay(calendar, dayIn(one, 'start'), rollOf(one)),
        nOf(one),
      );
      return Number.isNaN(day) ? REFUSED : formatDay(day);
    }
    case 'count': {
      const begin = dayIn(one, 'begin');
      const end = dayIn(one, 'end');
      return begin > end
        ? calendar.countWorkdays(begin, end)
        : calendar.countWorkdays(begin - 1, end - 1);
    }
    case 'count_inclusive':
      return calendar.countWorkdays(dayIn(one, 'begin') - 1, dayIn(one, 'end'));
    case 'list':
      return listWorkdays(calendar, dayIn(one, 'begin'), dayIn(one, 'end') - 1);
    case 'list_inclusive':
      return listWorkdays(calendar, dayIn(one, 'begin'), dayIn(one, 'end'));
    case 'is_working_day':
      return calendar.isWorkday(dayIn(one, 'date'));
    default:
      throw new CasesError(`${one.id}: 不支持的运算 / operation "${one.op}" is not supported`);
  }
}

function listWorkdays(calendar: Calendar, from: number, to: number): string[] {
  const count = calendar.countWorkdays(from - 1, to);
  return Array.from({ length: count }, (_, i) => formatDay(calendar.addWorkdays(from - 1, i + 1)));
}

function dayIn(one: Case, field: 'start' | 'begin' | 'end' | 'date'): number {
  const day = parseDate(one[field] ?? '');
  if (Number.isNaN(day)) {
    const found = JSON.stringify(one[field]);
    throw new CasesError(`${one.id}: ${field} 不是有效日期 / is no date: ${found}`);
  }
  return day;
}

function nOf(one: Case): number {
  if (Number.isSafeInteger(one.n)) return one.n as number;
  throw new CasesError(`${one.id}: n 应为整数 / must be an integer`);
}

function rollOf(one: Case): Roll {
  const roll = ROLLS.find((known) => known === one.roll);
  if (roll !== undefined) return roll;
  throw new CasesError(`${one.id}: roll 应为 / must be one of ${ROLLS.join(', ')}`);
}
