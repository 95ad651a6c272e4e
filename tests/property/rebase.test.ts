/**
 * A notice changes days and nothing else; the partition then decides again only what those days can
 * change (kernel/rebase.ts, RB1). The same notices inside packs that also change their name, which is
 * reason enough to fold every case again, must give the same changes, byte for byte.
 * Runs: MINGCHA_RUNS, seed: MINGCHA_SEED.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../engine/base/units.ts';
import { epochDay, formatDay, parseDate, weekdayOf } from '../../engine/calendars/days.ts';
import { Dictionary } from '../../engine/events/dictionary.ts';
import { EVERYTHING, firstDifference } from '../../engine/kernel/rebase.ts';
import { compileProgram } from '../../engine/rules/compile.ts';
import type { CalendarSource, PackSource } from '../../engine/rules/source.ts';
import { packOf, play, recordsOf, type World, world } from '../fixtures/kernel/histories.ts';
import { at, CALENDAR, pack } from '../fixtures/kernel/pack.ts';
import { type Record_, Rig } from '../fixtures/kernel/rig.ts';
import { runs } from '../fixtures/property.ts';

/** Turns days around, days off into workdays and workdays into days off; forgets years after the last. */
function noticed(
  days: readonly number[],
  lastYear = 2026,
  source: CalendarSource = CALENDAR,
): CalendarSource {
  const years = source.years
    .filter(({ year }) => year <= lastYear)
    .map((year) => ({ ...year, off: [...year.off], work: [...year.work] }));
  for (const day of days) {
    const date = formatDay(day);
    const year = years.find((one) => date.startsWith(String(one.year)));
    if (year === undefined) continue;
    const list = weekdayOf(day) < 5 ? year.off : year.work;
    const other = list === year.off ? year.work : year.off;
    const known = list.findIndex((one) => one.date === date);
    if (known >= 0) list.splice(known, 1);
    else list.push({ date, name: 'turned' });
    // A notice may name days off that the week has off anyway.
    const named = other.findIndex((one) => one.date === date);
    if (named >= 0) other.splice(named, 1);
  }
  return { ...source, years, version: source.version + days.length + 1 };
}

/** Local days off in the lowest layer, where there are layers. */
function closed(source: CalendarSource, days: readonly number[]): CalendarSource {
  const layers = source.layers?.map((layer, i, all) => {
    if (i < all.length - 1) return layer;
    const dates = days.map((day) => ({ date: formatDay(day), name: 'closed' }));
    const known = [...layer.off, ...layer.work, ...(layer.hours ?? [])].map(({ date }) => date);
    return { ...layer, off: [...layer.off, ...dates.filter(({ date }) => !known.includes(date))] };
  });
  return layers === undefined ? source : { ...source, layers };
}

interface Notice {
  /** Days turned around, counted from the day of the publication. */
  readonly days: readonly number[];
  readonly lastYear: number;
  /** Days off in the lowest layer, counted likewise. */
  readonly local: readonly number[];
  readonly window: number | undefined;
  /** When it is published, in days after the first of the world. */
  readonly after: number;
}

const notice: fc.Arbitrary<Notice> = fc.record({
  days: fc.uniqueArray(fc.integer({ min: -6, max: 14 }), { maxLength: 3 }),
  lastYear: fc.constantFrom(2025, 2026, 2026, 2026, 2026, 2026),
  local: fc.uniqueArray(fc.integer({ min: -4, max: 14 }), { maxLength: 2 }),
  window: fc.constantFrom(undefined, undefined, 1, 10),
  after: fc.integer({ min: 0, max: 40 }),
});

/** The records with a tick each noon, as time passes in a partition, and publications among them. */
function recordsWith(one: World, notices: readonly Notice[]): Record_[] {
  const played = play(one);
  const noon = (day: number): number => at(one.base) + (day + 0.5) * DAY_MS;
  const ticks = Array.from({ length: one.until }, (_, day): Record_ => {
    return { kind: 'tick', stamp: noon(day) };
  });
  const controls = notices.map(({ after, window }, n): Record_ => {
    const closedWindowDays = window === undefined ? {} : { closedWindowDays: window };
    const control = {
      type: 'publish',
      hash: String(n),
      version: n + 2,
      ...closedWindowDays,
    } as const;
    return { kind: 'control', stamp: noon(after), control };
  });
  return [...recordsOf(played), ...ticks, ...controls]
    .filter(({ stamp }) => stamp <= played.untilMs)
    .sort((a, b) => a.stamp - b.stamp);
}

function run(one: World, notices: readonly Notice[], renamed: boolean): Rig {
  const first = parseDate(one.base);
  const base = packOf(one.choice);
  const packs: Record<string, PackSource> = {};
  notices.forEach(({ days, lastYear, local, after }, n) => {
    const dated = (day: number): number => first + after + day;
    const nation = noticed(days.map(dated), lastYear, base.calendar);
    const calendar = closed(nation, local.map(dated));
    const name = renamed ? { zh: String(n), en: String(n) } : base.name;
    packs[String(n)] = { ...base, version: n + 2, name, calendar };
  });
  return new Rig(base, { packs }).run(recordsWith(one, notices));
}

describe('notices', () => {
  test('decide what folding every case again decides', () => {
    fc.assert(
      fc.property(world, fc.array(notice, { minLength: 1, maxLength: 3 }), (one, notices) => {
        const quick = run(one, notices, false);
        const whole = run(one, notices, true);
        expect(quick.changes).toEqual(whole.changes);
        expect(quick.standing()).toEqual(whole.standing());
        expect(quick.digest()).toBe(whole.digest());
      }),
      runs(120),
    );
  });
});

describe('the first day on which two packs differ', () => {
  const NOW = Date.UTC(2026, 5, 1);
  const program = (over: Partial<PackSource>) =>
    compileProgram(pack({ ...over }), new Dictionary());
  const between = (a: Partial<PackSource>, b: Partial<PackSource>, now = NOW) =>
    firstDifference(program(a), program(b), now);
  const MAY_DAY = epochDay(2026, 5, 1);

  test('is the first that a notice turned around', () => {
    const calendar = noticed([MAY_DAY + 30, MAY_DAY]);
    expect(between({}, { calendar, version: 2 })).toBe(MAY_DAY);
    expect(between({ calendar }, {})).toBe(MAY_DAY);
  });

  test('is the day after the shorter publication, when nothing before it differs', () => {
    const next = epochDay(2027, 1, 1);
    const plain = { ...CALENDAR.years[0]!, year: 2027, off: [], work: [] };
    const longer = { ...CALENDAR, years: [...CALENDAR.years, plain] };
    expect(between({}, { calendar: longer })).toBe(next);
    expect(between({ calendar: longer }, {})).toBe(next);
    expect(between({ calendar: noticed([next - 1]) }, { calendar: longer })).toBe(next - 1);
  });

  test('is the first on which a territory differs, be it for half a day', () => {
    const layer = (date: string) => ({
      ...{
        territory: 'city',
        off: [],
        work: [],
        hours: [{ date, name: 'half', hours: [[540, 720]] as const }],
      },
      notices: [{ number: 'L', url: 'https://example.test/', published: null }],
    });
    const half = { ...CALENDAR, layers: [layer('2026-06-10')] };
    const other = { ...CALENDAR, layers: [layer('2026-06-09')] };
    expect(between({}, { calendar: half })).toBe(epochDay(2026, 6, 10));
    expect(between({ calendar: half }, { calendar: other })).toBe(epochDay(2026, 6, 9));
  });

  test('is none when only names and numbers of notices differ', () => {
    expect(between({}, { calendar: noticed([]), version: 7 })).toBe(Number.POSITIVE_INFINITY);
  });

  test.for<[string, Partial<PackSource>]>([
    ['office hours', { calendar: { ...CALENDAR, officeHours: [[600, 700]] } }],
    ['the first year', { calendar: { ...CALENDAR, years: CALENDAR.years.slice(1) } }],
    ['a rule', { terminal: ['finished'] }],
    ['an item', { items: [] }],
  ])('is every day when the packs differ in %s', ([, over]) => {
    expect(between({}, over)).toBe(EVERYTHING);
  });

  test('is every day once limits come near the end of the table', () => {
    const calendar = noticed([MAY_DAY]);
    expect(between({}, { calendar }, Date.UTC(2059, 0, 1))).toBe(MAY_DAY);
    expect(between({}, { calendar }, Date.UTC(2060, 0, 10))).toBe(EVERYTHING);
  });
});
