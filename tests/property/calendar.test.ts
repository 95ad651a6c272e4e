/**
 * The calendar against walks: day by day for workdays, minute by minute for office hours. The walks
 * read the notices themselves and share no code with the calendar but the parsing of its sources.
 */
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import type { Calendar } from '../../engine/calendars/calendar.ts';
import { compileCalendar } from '../../engine/calendars/compile.ts';
import type { CalendarSource } from '../../engine/rules/source.ts';
import { loadCalendar } from '../../engine/runtime/calendar-loader.ts';
import { zoneTable } from '../../engine/runtime/zone-table.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const RUNS = Number(process.env.MINGCHA_PROPERTY_RUNS ?? 300);

/** What a person with the notices, a calendar and a clock would do. */
class Walk {
  readonly #source: CalendarSource;
  readonly #off: ReadonlySet<string>;
  readonly #work: ReadonlySet<string>;

  constructor(source: CalendarSource) {
    this.#source = source;
    this.#off = new Set(source.years.flatMap((y) => y.off.map((d) => d.date)));
    this.#work = new Set(source.years.flatMap((y) => y.work.map((d) => d.date)));
  }

  worked(day: number): boolean {
    const date = new Date(day * DAY);
    const iso = date.toISOString().slice(0, 10);
    if (this.#off.has(iso)) return false;
    return this.#work.has(iso) || this.#source.weekmask[(date.getUTCDay() + 6) % 7] === '1';
  }

  add(day: number, n: number): number {
    let at = day;
    for (let left = Math.abs(n); left > 0; ) {
      at += Math.sign(n);
      if (this.worked(at)) left--;
    }
    return at;
  }

  count(after: number, through: number): number {
    let count = 0;
    for (let day = after + 1; day <= through; day++) if (this.worked(day)) count++;
    for (let day = through + 1; day <= after; day++) if (this.worked(day)) count--;
    return count;
  }

  /** Office minutes in [from, to), asking the clock on the wall every minute. */
  officeMinutes(from: number, to: number): number {
    let minutes = 0;
    for (let at = from; at < to; at += MINUTE) {
      const local = DateTime.fromMillis(at, { zone: this.#source.zone });
      const minute = local.hour * 60 + local.minute;
      const day = Math.round(Date.UTC(local.year, local.month - 1, local.day) / DAY);
      if (!this.worked(day)) continue;
      if (this.#source.officeHours.some(([open, close]) => minute >= open && minute < close)) {
        minutes++;
      }
    }
    return minutes;
  }
}

interface Place {
  readonly calendar: Calendar;
  readonly walk: Walk;
}

function placeOf(source: CalendarSource): Place {
  return { calendar: compileCalendar(source, zoneTable(source.zone)), walk: new Walk(source) };
}

/** The Netherlands with Sundays worked, so that days of 23 and 25 hours are workdays. */
const PLACES: readonly [string, Place][] = [
  ['China', placeOf(loadCalendar('CN'))],
  ['the Netherlands', placeOf(loadCalendar('NL'))],
  ['a week with Sunday', placeOf({ ...loadCalendar('NL'), weekmask: '0101011' })],
  ['one workday a week', placeOf({ ...loadCalendar('CN'), weekmask: '0010000', years: [] })],
];

const day = fc.integer({ min: Date.UTC(2007, 0, 1) / DAY, max: Date.UTC(2028, 0, 1) / DAY });
const instant = fc
  .tuple(day, fc.integer({ min: 0, max: DAY - 1 }))
  .map(([d, time]) => d * DAY + time);

describe.for(PLACES)('%s', ([, { calendar, walk }]) => {
  test('adding workdays is walking them', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: -60, max: 120 }), (from, n) => {
        expect(calendar.addWorkdays(from, n)).toBe(walk.add(from, n));
      }),
      { numRuns: RUNS },
    );
  });

  test('counting workdays is walking over them', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: -200, max: 400 }), (from, span) => {
        expect(calendar.countWorkdays(from, from + span)).toBe(walk.count(from, from + span));
      }),
      { numRuns: RUNS },
    );
  });

  test('rolling forward is adding nothing to a workday and one to another', () => {
    fc.assert(
      fc.property(day, (at) => {
        const worked = walk.worked(at);
        expect(calendar.isWorkday(at)).toBe(worked);
        expect(calendar.rollForward(at)).toBe(worked ? at : walk.add(at, 1));
        expect(calendar.rollBackward(at)).toBe(worked ? at : walk.add(at, -1));
      }),
      { numRuns: RUNS },
    );
  });

  test('elapsed time after whole workdays is the same wall time on the day walked to', () => {
    fc.assert(
      fc.property(
        day,
        fc.integer({ min: 0, max: 23 }),
        fc.integer({ min: 0, max: 60 }),
        (from, hour, n) => {
          const start = calendar.dayStart(from);
          const at = start + hour * HOUR;
          fc.pre(walk.worked(from) && calendar.dayStart(from + 1) - start === DAY);
          const end = walk.add(from, n);
          fc.pre(calendar.dayStart(end + 1) - calendar.dayStart(end) === DAY);
          const reached = calendar.instantOfElapsed(calendar.elapsed(at) + n * DAY);
          expect(reached).toBe(calendar.dayStart(end) + hour * HOUR);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('elapsed time never runs backwards and its inverse leads to the same measure', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 10 * DAY }), (at, later) => {
        const work = calendar.elapsed(at);
        expect(calendar.elapsed(at + later)).toBeGreaterThanOrEqual(work);
        expect(calendar.elapsed(calendar.instantOfElapsed(work))).toBe(work);
        const days = walk.count(calendar.dayOf(at) - 1, calendar.dayOf(at + later) - 1);
        const difference = calendar.elapsed(at + later) - work;
        expect(Math.abs(difference - days * DAY)).toBeLessThan(DAY);
      }),
      { numRuns: RUNS },
    );
  });

  test('office hours are the minutes of a walk with a clock', () => {
    const minutes = fc.integer({ min: 0, max: 5 * 24 * 60 });
    fc.assert(
      fc.property(instant, minutes, (at, span) => {
        const from = Math.floor(at / MINUTE) * MINUTE;
        const to = from + span * MINUTE;
        const worked = calendar.hours(to) - calendar.hours(from);
        expect(worked).toBe(walk.officeMinutes(from, to) * MINUTE);
      }),
      { numRuns: Math.ceil(RUNS / 20) },
    );
  });

  test('the inverse of office hours is the first office minute that late', () => {
    const minutes = fc.integer({ min: 0, max: 20 * 60 });
    fc.assert(
      fc.property(instant, minutes, (at, work) => {
        const from = Math.floor(at / MINUTE) * MINUTE;
        const end = calendar.instantOfHours(calendar.hours(from) + work * MINUTE);
        expect(end).toBeGreaterThanOrEqual(from + work * MINUTE);
        expect(walk.officeMinutes(from, end)).toBe(work);
        expect(walk.officeMinutes(end, end + MINUTE)).toBe(1);
      }),
      { numRuns: Math.ceil(RUNS / 20) },
    );
  });
});

describe('the supervision job’s own calendar', () => {
  const offset = HOUR;
  const holidays = ['2026-01-01', '2026-01-06', '2026-04-06', '2026-05-01', '2026-05-03'];
  const source: CalendarSource = {
    ...{ place: 'JOB', version: 1, zone: '+01:00', weekmask: '1111100', officeHours: [] },
    years: [
      {
        year: 2026,
        notices: [{ number: 'job', url: '', published: null }],
        off: holidays.map((date) => ({ date, name: 'off' })),
        work: [],
      },
    ],
  };
  const calendar = compileCalendar(source, {
    ...{ name: '+01:00', firstOffsetMs: offset, transitions: [] },
  });
  const walk = new Walk(source);
  const first = Date.UTC(2026, 0, 1) / DAY;

  test('counts continuous workdays of 24 hours, as a walk from the first day does', () => {
    const constant = calendar.elapsed(first * DAY - offset);
    const time = fc.integer({ min: 0, max: 4 * 365 * DAY });
    fc.assert(
      fc.property(time, fc.integer({ min: 0, max: 25 * DAY }), (since, more) => {
        const at = first * DAY - offset + since;
        const today = Math.floor((at + offset) / DAY);
        const before = walk.count(first - 1, today - 1) * DAY;
        const work = before + (walk.worked(today) ? at + offset - today * DAY : 0);
        expect(calendar.elapsed(at) - constant).toBe(work);
        const whole = Math.floor((work + more) / DAY);
        const expected = walk.add(first - 1, whole + 1) * DAY + ((work + more) % DAY) - offset;
        expect(calendar.instantOfElapsed(work + more + constant)).toBe(expected);
      }),
      { numRuns: RUNS },
    );
  });
});
