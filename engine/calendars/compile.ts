/**
 * Compiles the notices of one place into a Calendar.
 *
 * Owns: what makes a calendar whole (every problem is found and named at once) and the tables.
 * Does not own: reading files (the shell), arithmetic (calendar.ts).
 *
 * The table runs from 2000 to 2060 whatever is published. A day follows the week mask unless its
 * year's list says otherwise. With published years, days before the first of them are not covered and
 * days after the last are provisional; a place without any is a plain week and wholly covered.
 */
import { MINUTE_MS } from '../base/units.ts';
import type { CalendarSource, CalendarYearSource, ZoneTable } from '../rules/source.ts';
import { Calendar, type NamedDay } from './calendar.ts';
import { CalendarError, type CalendarProblem, type CalendarProblemCode } from './calendar-error.ts';
import { epochDay, formatDay, parseDate, weekdayOf } from './days.ts';
import { LocalDays } from './local-days.ts';

export const TABLE_FIRST_YEAR = 2000;
export const TABLE_LAST_YEAR = 2060;
const TABLE_FIRST_DAY = epochDay(TABLE_FIRST_YEAR, 1, 1);
const TABLE_LAST_DAY = epochDay(TABLE_LAST_YEAR, 12, 31);
const DAY_MINUTES = 1440;

/** All that is wrong with a calendar, without building it. */
export function calendarProblems(source: CalendarSource): readonly CalendarProblem[] {
  return new Compiler(source).problems;
}

/** Throws CalendarError with every problem at once. */
export function compileCalendar(source: CalendarSource, zone: ZoneTable): Calendar {
  const compiler = new Compiler(source);
  compiler.checkZone(zone);
  if (compiler.problems.length > 0) throw new CalendarError(source.place, compiler.problems);

  const years = source.years.map((y) => y.year);
  const { before, workdays } = workdayTables(source.weekmask, compiler.off, compiler.work);
  return new Calendar({
    place: source.place,
    version: source.version,
    days: new LocalDays(zone, TABLE_FIRST_DAY, TABLE_LAST_DAY),
    coveredFrom: years.length === 0 ? TABLE_FIRST_DAY : epochDay(Math.min(...years), 1, 1),
    publishedLastDay: years.length === 0 ? TABLE_LAST_DAY : epochDay(Math.max(...years), 12, 31),
    before,
    workdays,
    slots: Int32Array.from(source.officeHours.flat(), (minute) => minute * MINUTE_MS),
    named: compiler.named,
  });
}

function workdayTables(weekmask: string, off: ReadonlySet<number>, work: ReadonlySet<number>) {
  const days = TABLE_LAST_DAY - TABLE_FIRST_DAY + 1;
  const before = new Int32Array(days + 1);
  const workdays = new Int32Array(days);
  let count = 0;
  for (let i = 0; i < days; i++) {
    const day = TABLE_FIRST_DAY + i;
    before[i] = count;
    const byWeek = weekmask[weekdayOf(day)] === '1';
    if (byWeek ? !off.has(day) : work.has(day)) workdays[count++] = day;
  }
  before[days] = count;
  return { before, workdays: workdays.slice(0, count) };
}

class Compiler {
  readonly problems: CalendarProblem[] = [];
  readonly off = new Set<number>();
  readonly work = new Set<number>();
  readonly named = new Map<number, NamedDay>();
  readonly #source: CalendarSource;

  constructor(source: CalendarSource) {
    this.#source = source;
    this.#checkHead();
    this.#checkHours();
    this.#readYears();
  }

  checkZone(zone: ZoneTable): void {
    if (zone.name === this.#source.zone) return;
    const zh = `时区与所给的时区表（${zone.name}）不是同一个`;
    const en = `the zone is not that of the zone table given with it (${zone.name})`;
    this.#fail('CAL_ZONE', '/zone', zh, en, this.#source.zone);
  }

  #checkHead(): void {
    const { weekmask, version } = this.#source;
    if (!/^[01]{7}$/.test(weekmask) || !weekmask.includes('1')) {
      this.#fail(
        'CAL_WEEKMASK',
        '/weekmask',
        '工作周应为周一至周日七个 0 或 1，且至少一天上班，如 1111100',
        'the week mask is seven digits 0 or 1, Monday first, with a workday in it, such as 1111100',
        weekmask,
      );
    }
    if (!Number.isSafeInteger(version) || version < 1) {
      const zh = '日历版本号应为从 1 起的整数';
      this.#fail('CAL_VERSION', '/version', zh, 'the version is an integer from 1', version);
    }
  }

  #checkHours(): void {
    let closed = 0;
    for (const [i, [from, to]] of this.#source.officeHours.entries()) {
      const whole = Number.isInteger(from) && Number.isInteger(to);
      if (!whole || from < closed || to <= from || to > DAY_MINUTES) {
        this.#fail(
          'CAL_HOURS',
          `/officeHours/${i}`,
          '办公时段应为当日零点起的分钟数，先起后止，不跨零点，前后不重叠',
          'office hours are minutes of the day, start before end, within one day, one after another',
          `${from}-${to}`,
        );
      }
      closed = Math.max(closed, to);
    }
  }

  #readYears(): void {
    const seen = new Set<number>();
    for (const [i, year] of this.#source.years.entries()) {
      const at = `/years/${i}`;
      if (!(year.year >= TABLE_FIRST_YEAR && year.year <= TABLE_LAST_YEAR)) {
        const zh = `只支持 ${TABLE_FIRST_YEAR} 至 ${TABLE_LAST_YEAR} 年`;
        const en = `only the years ${TABLE_FIRST_YEAR} to ${TABLE_LAST_YEAR} are supported`;
        this.#fail('CAL_RANGE', `${at}/year`, zh, en, year.year);
      } else if (seen.has(year.year)) {
        const zh = '同一年份列了两次；请合并';
        this.#fail('CAL_YEAR', `${at}/year`, zh, 'the year is listed twice; merge them', year.year);
      }
      seen.add(year.year);
      this.#readDays(year, 'off', at);
      this.#readDays(year, 'work', at);
    }
    this.#checkGaps([...seen].sort((a, b) => a - b));
  }

  #checkGaps(years: readonly number[]): void {
    for (const [i, year] of years.entries()) {
      const previous = years[i - 1];
      if (previous === undefined || year === previous + 1) continue;
      const zh = `${previous} 与 ${year} 之间缺少年份；请补上每一年的通知`;
      const en = `years are missing between ${previous} and ${year}; add the notice of each`;
      this.#fail('CAL_INCOMPLETE', '/years', zh, en, `${previous}, ${year}`);
    }
  }

  #readDays(year: CalendarYearSource, kind: 'off' | 'work', at: string): void {
    for (const [i, entry] of year[kind].entries()) {
      const { date, name } = entry;
      const pointer = `${at}/${kind}/${i}/date`;
      const day = parseDate(date);
      if (Number.isNaN(day)) {
        const zh = '不是有效日期；请写成 YYYY-MM-DD';
        this.#fail('CAL_DATE_INVALID', pointer, zh, 'no such date; write YYYY-MM-DD', date);
        continue;
      }
      if (!formatDay(day).startsWith(`${year.year}-`)) {
        const zh = `日期不在 ${year.year} 年；请移到该年的文件`;
        const en = `the date is not in ${year.year}; move it to its own year`;
        this.#fail('CAL_YEAR', pointer, zh, en, date);
      }
      this.#claim(day, kind, pointer, date);
      const notice = year.notices[entry.notice ?? 0];
      if (notice === undefined) {
        const zh = '该年的通知里没有这一份；请在 notices 中写明依据';
        const en = 'the year has no such notice; name the one that says so in notices';
        this.#fail('CAL_NOTICE', `${at}/${kind}/${i}`, zh, en, entry.notice ?? 0);
        continue;
      }
      this.named.set(day, { name, notice: notice.number || notice.url });
    }
  }

  #claim(day: number, kind: 'off' | 'work', pointer: string, date: string): void {
    const own = kind === 'off' ? this.off : this.work;
    const other = kind === 'off' ? this.work : this.off;
    if (own.has(day)) {
      const zh = '同一天列了两次；请只留一次';
      this.#fail('CAL_DUPLICATE', pointer, zh, 'the date is listed twice; keep one', date);
    }
    if (other.has(day)) {
      const zh = '同一天既放假又上班；请按通知只留一处';
      const en = 'the date is both off and worked; keep the one the notice says';
      this.#fail('CAL_CONFLICT', pointer, zh, en, date);
    }
    own.add(day);
  }

  #fail(
    code: CalendarProblemCode,
    pointer: string,
    zh: string,
    en: string,
    found: string | number,
  ): void {
    this.problems.push({ code, pointer, zh, en, found: String(found) });
  }
}
