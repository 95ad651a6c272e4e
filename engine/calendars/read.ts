/**
 * Reads a CalendarSource: what each layer says of each day, and all that is wrong with it.
 *
 * Owns: what makes a calendar whole; every problem is found and named at once, with its place.
 * Does not own: how layers lie over each other, tables (compile.ts).
 */
import { MINUTE_MS } from '../base/units.ts';
import type {
  CalendarDaySource,
  CalendarDaysSource,
  CalendarLayerSource,
  CalendarSource,
  OfficeHours,
  ZoneTable,
} from '../rules/source.ts';
import type { NamedDay } from './calendar.ts';
import type { CalendarProblem, CalendarProblemCode } from './calendar-error.ts';
import { formatDay, parseDate } from './days.ts';

export const TABLE_FIRST_YEAR = 2000;
export const TABLE_LAST_YEAR = 2060;
const DAY_MINUTES = 1440;
const KINDS = ['off', 'work', 'hours'] as const;

type Kind = (typeof KINDS)[number];

/** What one layer says: its days, and its office hours if it has its own. */
export interface ReadLayer {
  readonly days: ReadonlyMap<number, NamedDay>;
  readonly slots: Int32Array | null;
}

export class CalendarReader {
  readonly problems: CalendarProblem[] = [];
  readonly national = new Map<number, NamedDay>();
  /** By territory. */
  readonly layers = new Map<string, ReadLayer>();
  readonly #source: CalendarSource;

  constructor(source: CalendarSource) {
    this.#source = source;
    this.#checkHead();
    this.#checkHours(source.officeHours, '/officeHours');
    this.#readYears();
    for (const [i, layer] of (source.layers ?? []).entries()) this.#readLayer(layer, i);
  }

  checkZone(zone: ZoneTable): void {
    if (zone.name === this.#source.zone) return;
    const zh = `时区与所给的时区表（${zone.name}）不是同一个`;
    const en = `the zone is not that of the zone table given with it (${zone.name})`;
    this.#fail('CAL_ZONE', '/zone', zh, en, this.#source.zone);
  }

  /** A layer of a territory that nobody has would hold for no case, and nobody would notice. */
  checkTerritories(known: ReadonlySet<string>): void {
    for (const [i, { territory }] of (this.#source.layers ?? []).entries()) {
      if (known.has(territory)) continue;
      const zh = '规则包里没有这个区划';
      const en = 'the pack has no such territory';
      this.#fail('CAL_TERRITORY', `/layers/${i}/territory`, zh, en, territory);
    }
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

  #checkHours(hours: OfficeHours, at: string): void {
    let closed = 0;
    for (const [i, [from, to]] of hours.entries()) {
      const whole = Number.isInteger(from) && Number.isInteger(to);
      if (!whole || from < closed || to <= from || to > DAY_MINUTES) {
        this.#fail(
          'CAL_HOURS',
          `${at}/${i}`,
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
      this.#readDays(year, at, this.national, year.year);
    }
    this.#checkGaps([...seen].sort((a, b) => a - b));
  }

  #readLayer(layer: CalendarLayerSource, index: number): void {
    const at = `/layers/${index}`;
    const { territory, officeHours } = layer;
    if (this.layers.has(territory)) {
      const zh = '同一区划列了两层；请合并';
      const en = 'the territory has two layers; merge them';
      this.#fail('CAL_TERRITORY', `${at}/territory`, zh, en, territory);
    }
    if (officeHours !== undefined) this.#checkHours(officeHours, `${at}/officeHours`);
    const days = new Map<number, NamedDay>();
    this.#readDays(layer, at, days, null);
    const slots = officeHours === undefined ? null : slotsOf(officeHours);
    this.layers.set(territory, { days, slots });
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

  /** `year`: the only one whose days may stand here; null for any. */
  #readDays(
    source: CalendarDaysSource,
    at: string,
    into: Map<number, NamedDay>,
    year: number | null,
  ): void {
    const kinds = new Map<number, Kind>();
    for (const kind of KINDS) {
      for (const [i, entry] of (source[kind] ?? []).entries()) {
        const place = `${at}/${kind}/${i}`;
        const day = this.#dayOf(entry.date, `${place}/date`, year);
        if (Number.isNaN(day)) continue;
        this.#claim(kinds, day, kind, `${place}/date`, entry.date);
        const notice = source.notices[entry.notice ?? 0];
        if (notice === undefined) {
          const zh = '没有这一份通知；请在 notices 中写明依据';
          const en = 'there is no such notice; name the one that says so in notices';
          this.#fail('CAL_NOTICE', place, zh, en, entry.notice ?? 0);
          continue;
        }
        const slots = this.#ownHours(entry, place);
        const works = kind !== 'off';
        into.set(day, { name: entry.name, notice: notice.number || notice.url, works, slots });
      }
    }
  }

  #ownHours(entry: CalendarDaySource & { hours?: OfficeHours }, place: string): Int32Array | null {
    const { hours } = entry;
    if (hours === undefined) return null;
    this.#checkHours(hours, `${place}/hours`);
    if (hours.length === 0) {
      const zh = '没有办公时段的一天是放假，请列入 off';
      const en = 'a day without office hours is a day off: list it in off';
      this.#fail('CAL_HOURS', `${place}/hours`, zh, en, '[]');
    }
    return slotsOf(hours);
  }

  #dayOf(date: string, pointer: string, year: number | null): number {
    const day = parseDate(date);
    if (Number.isNaN(day)) {
      const zh = '不是有效日期；请写成 YYYY-MM-DD';
      this.#fail('CAL_DATE_INVALID', pointer, zh, 'no such date; write YYYY-MM-DD', date);
    } else if (year !== null && !formatDay(day).startsWith(`${year}-`)) {
      const zh = `日期不在 ${year} 年；请移到该年的文件`;
      const en = `the date is not in ${year}; move it to its own year`;
      this.#fail('CAL_YEAR', pointer, zh, en, date);
    }
    return day;
  }

  #claim(kinds: Map<number, Kind>, day: number, kind: Kind, pointer: string, date: string): void {
    const claimed = kinds.get(day);
    if (claimed === kind) {
      const zh = '同一天列了两次；请只留一次';
      this.#fail('CAL_DUPLICATE', pointer, zh, 'the date is listed twice; keep one', date);
    } else if (claimed !== undefined) {
      const zh = '同一天列在放假、上班、半日中的两处；请按通知只留一处';
      const en = 'the date stands in two of off, work and hours; keep the one the notice says';
      this.#fail('CAL_CONFLICT', pointer, zh, en, date);
    }
    kinds.set(day, kind);
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

/** From and to, from and to … as wall times in milliseconds. */
export function slotsOf(hours: OfficeHours): Int32Array {
  return Int32Array.from(hours.flat(), (minute) => minute * MINUTE_MS);
}
