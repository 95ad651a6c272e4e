/**
 * Compiles the notices of one place into calendars: the national one, and one for each territory that
 * a layer concerns.
 *
 * Owns: how layers lie over each other, and the tables. Does not own: reading files (the shell), what
 * makes a calendar whole (read.ts), arithmetic (calendar.ts).
 *
 * The table runs from 2000 to 2060 whatever is published. A day follows the week mask unless a notice
 * names it; of the layers that name it, the one of the nearest territory decides all of it. With
 * published years, days before the first of them are not covered and days after the last are
 * provisional; a place without any is a plain week and wholly covered. Layers publish no year.
 */
import type { CalendarSource, PackSource, TerritorySource, ZoneTable } from '../rules/source.ts';
import { Calendar, type NamedDay } from './calendar.ts';
import { CalendarError, type CalendarProblem } from './calendar-error.ts';
import { epochDay, weekdayOf } from './days.ts';
import { LocalDays } from './local-days.ts';
import { CalendarReader, slotsOf, TABLE_FIRST_YEAR, TABLE_LAST_YEAR } from './read.ts';

export { TABLE_FIRST_YEAR, TABLE_LAST_YEAR };

const TABLE_FIRST_DAY = epochDay(TABLE_FIRST_YEAR, 1, 1);
const TABLE_LAST_DAY = epochDay(TABLE_LAST_YEAR, 12, 31);

/** The calendars of one place. */
export interface Calendars {
  readonly national: Calendar;
  /** By territory; null where nothing differs anywhere. */
  readonly byTerritory: ReadonlyMap<string, Calendar> | null;
}

/** All that is wrong with a calendar, without building it; `territories` are those layers may name. */
export function calendarProblems(
  source: CalendarSource,
  territories?: readonly TerritorySource[],
): readonly CalendarProblem[] {
  const reader = new CalendarReader(source);
  if (territories !== undefined) reader.checkTerritories(new Set(territories.map((t) => t.code)));
  return reader.problems;
}

/** The national calendar. Throws CalendarError with every problem at once. */
export function compileCalendar(source: CalendarSource, zone: ZoneTable): Calendar {
  const reader = new CalendarReader(source);
  reader.checkZone(zone);
  refuse(source, reader);
  return build(source, reader.national, slotsOf(source.officeHours), localDays(zone));
}

/** Every calendar of a pack. Throws CalendarError with every problem at once. */
export function compileCalendars(
  pack: Pick<PackSource, 'calendar' | 'zone' | 'territories'>,
): Calendars {
  const { calendar: source, zone, territories } = pack;
  const reader = new CalendarReader(source);
  reader.checkZone(zone);
  reader.checkTerritories(new Set(territories.map((territory) => territory.code)));
  refuse(source, reader);
  const days = localDays(zone);
  const national = build(source, reader.national, slotsOf(source.officeHours), days);
  if (reader.layers.size === 0) return { national, byTerritory: null };
  return { national, byTerritory: localCalendars(pack, reader, national, days) };
}

/** One calendar a layer, shared by the territories below it that have none of their own. */
function localCalendars(
  pack: Pick<PackSource, 'calendar' | 'territories'>,
  reader: CalendarReader,
  national: Calendar,
  days: LocalDays,
): ReadonlyMap<string, Calendar> {
  const parents = new Map(pack.territories.map(({ code, parent }) => [code, parent]));
  const built = new Map<string, Calendar>();
  const out = new Map<string, Calendar>();
  for (const { code } of pack.territories) {
    const chain = layersAbove(code, parents, reader);
    const [nearest] = chain;
    if (nearest === undefined) {
      out.set(code, national);
      continue;
    }
    let calendar = built.get(nearest);
    if (calendar === undefined) {
      const named = new Map(reader.national);
      let slots = slotsOf(pack.calendar.officeHours);
      for (const territory of chain.toReversed()) {
        const layer = reader.layers.get(territory);
        for (const [day, what] of layer?.days ?? []) named.set(day, what);
        slots = layer?.slots ?? slots;
      }
      calendar = build(pack.calendar, named, slots, days);
      built.set(nearest, calendar);
    }
    out.set(code, calendar);
  }
  return out;
}

/** Territories with a layer from the territory itself upwards, nearest first. */
function layersAbove(
  code: string,
  parents: ReadonlyMap<string, string | undefined>,
  reader: CalendarReader,
): string[] {
  const seen = new Set<string>();
  const chain: string[] = [];
  for (let at: string | undefined = code; at !== undefined && !seen.has(at); at = parents.get(at)) {
    seen.add(at);
    if (reader.layers.has(at)) chain.push(at);
  }
  return chain;
}

function refuse(source: CalendarSource, reader: CalendarReader): void {
  if (reader.problems.length > 0) throw new CalendarError(source.place, reader.problems);
}

function localDays(zone: ZoneTable): LocalDays {
  return new LocalDays(zone, TABLE_FIRST_DAY, TABLE_LAST_DAY);
}

function build(
  source: CalendarSource,
  named: ReadonlyMap<number, NamedDay>,
  slots: Int32Array,
  days: LocalDays,
): Calendar {
  const years = source.years.map((y) => y.year);
  return new Calendar({
    place: source.place,
    version: source.version,
    days,
    coveredFrom: years.length === 0 ? TABLE_FIRST_DAY : epochDay(Math.min(...years), 1, 1),
    publishedLastDay: years.length === 0 ? TABLE_LAST_DAY : epochDay(Math.max(...years), 12, 31),
    ...workdayTables(source.weekmask, named),
    slots,
    named,
  });
}

function workdayTables(weekmask: string, named: ReadonlyMap<number, NamedDay>) {
  const days = TABLE_LAST_DAY - TABLE_FIRST_DAY + 1;
  const before = new Int32Array(days + 1);
  const workdays = new Int32Array(days);
  let count = 0;
  for (let i = 0; i < days; i++) {
    const day = TABLE_FIRST_DAY + i;
    before[i] = count;
    const works = named.get(day)?.works ?? weekmask[weekdayOf(day)] === '1';
    if (works) workdays[count++] = day;
  }
  before[days] = count;
  return { before, workdays: workdays.slice(0, count) };
}
