import { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import { epochDay, parseDate } from '../../../engine/calendars/days.ts';
import { LocalDays } from '../../../engine/calendars/local-days.ts';
import { zoneTable } from '../../../engine/runtime/zone-table.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FIRST = epochDay(2000, 1, 1);
const LAST = epochDay(2060, 12, 31);
const table = new Map<string, LocalDays>();

function localDays(zone: string): LocalDays {
  const known = table.get(zone);
  if (known !== undefined) return known;
  const made = new LocalDays(zoneTable(zone), FIRST, LAST);
  table.set(zone, made);
  return made;
}

/** Every day that is not 24 hours long and its neighbours, and of the others every seventeenth. */
function sample(days: LocalDays): number[] {
  const regular = (day: number) => days.dayStart(day + 1) - days.dayStart(day) === DAY;
  const chosen: number[] = [];
  for (let day = FIRST; day <= LAST; day++) {
    const plain = regular(day - 1) && regular(day) && regular(day + 1);
    if (!plain || day % 17 === 0) chosen.push(day);
  }
  return chosen;
}

const instant = (iso: string) => DateTime.fromISO(iso, { setZone: true }).toMillis();

/** Zones with summer time, none, a half-hour shift, a change at midnight, and a day that never was. */
const ZONES = [
  'Europe/Amsterdam',
  'Asia/Shanghai',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'UTC',
];

describe('LocalDays', () => {
  test.for(ZONES)('finds the days luxon finds: %s', (zone) => {
    const days = localDays(zone);
    for (const day of sample(days)) {
      const midnight = DateTime.fromObject({ year: 1970, month: 1, day: 1 }, { zone }).plus({
        days: day,
      });
      const start = midnight.startOf('day').toMillis();
      if (days.dayStart(day) !== start) throw new Error(`${zone} day ${day}: ${midnight.toISO()}`);
      for (const at of [start, start + 1, start - 1, start + 11 * HOUR]) {
        const local = DateTime.fromMillis(at, { zone });
        const expected = Math.round(Date.UTC(local.year, local.month - 1, local.day) / DAY);
        if (days.dayOf(at) !== expected) throw new Error(`${zone} ${local.toISO()}`);
      }
    }
    expect(days.dayOf(days.dayStart(LAST) + DAY)).toBe(LAST + 1);
  });

  test.for(ZONES)('the wall time leads back to the instant, on every regular hour: %s', (zone) => {
    const days = localDays(zone);
    for (let day = FIRST; day <= LAST; day += 1) {
      const start = days.dayStart(day);
      if (days.dayStart(day + 1) - start !== DAY) continue;
      for (let hour = 0; hour < 24; hour += 5) {
        const at = start + hour * HOUR;
        if (days.instantAt(day, days.wallOf(at, day)) !== at) throw new Error(`${zone} ${day}`);
      }
    }
  });

  test('a day of 23 hours jumps over an hour', () => {
    const days = localDays('Europe/Amsterdam');
    const day = parseDate('2026-03-29');
    expect(days.dayStart(day + 1) - days.dayStart(day)).toBe(23 * HOUR);
    const before = instant('2026-03-29T01:59:59+01:00');
    const after = instant('2026-03-29T03:00:00+02:00');
    expect(days.wallOf(before, day)).toBe(2 * HOUR - 1000);
    expect(days.wallOf(after, day)).toBe(3 * HOUR);
    expect(after - before).toBe(1000);
    expect(days.instantAt(day, 10 * HOUR)).toBe(instant('2026-03-29T10:00:00+02:00'));
    expect(days.instantAt(day, 2.5 * HOUR)).toBe(after);
    expect(days.instantAt(day, 1 * HOUR)).toBe(instant('2026-03-29T01:00:00+01:00'));
  });

  test('a day of 25 hours holds its wall time while an hour is shown again', () => {
    const days = localDays('Europe/Amsterdam');
    const day = parseDate('2026-10-25');
    expect(days.dayStart(day + 1) - days.dayStart(day)).toBe(25 * HOUR);
    const first = instant('2026-10-25T02:30:00+02:00');
    const again = instant('2026-10-25T02:30:00+01:00');
    expect(days.wallOf(first, day)).toBe(2.5 * HOUR);
    expect(days.wallOf(again, day)).toBe(3 * HOUR);
    expect(days.instantAt(day, 2.5 * HOUR)).toBe(first);
    expect(days.instantAt(day, 3 * HOUR)).toBe(instant('2026-10-25T03:00:00+01:00'));
    expect(days.wallOf(instant('2026-10-25T23:59:59+01:00'), day)).toBe(DAY - 1000);
    expect(days.instantAt(day, 10 * HOUR)).toBe(instant('2026-10-25T10:00:00+01:00'));
  });

  test('the days around a change are ordinary days', () => {
    const days = localDays('Europe/Amsterdam');
    for (const date of ['2026-03-28', '2026-03-30', '2026-10-24', '2026-10-26']) {
      const day = parseDate(date);
      expect(days.dayStart(day + 1) - days.dayStart(day)).toBe(DAY);
      expect(days.wallOf(days.dayStart(day) + 10 * HOUR, day)).toBe(10 * HOUR);
    }
  });

  test('where summer time begins at midnight, the day begins at one o’clock', () => {
    const days = localDays('America/Sao_Paulo');
    const day = parseDate('2018-11-04');
    expect(days.dayStart(day)).toBe(instant('2018-11-04T01:00:00-02:00'));
    expect(days.wallOf(days.dayStart(day), day)).toBe(HOUR);
    expect(days.instantAt(day, 0)).toBe(days.dayStart(day));
    expect(days.instantAt(day, 9 * HOUR)).toBe(instant('2018-11-04T09:00:00-02:00'));
  });

  test('a day that a place skipped has no length', () => {
    const days = localDays('Pacific/Apia');
    const day = parseDate('2011-12-30');
    expect(days.dayStart(day)).toBe(days.dayStart(day + 1));
    expect(days.dayOf(days.dayStart(day))).toBe(day + 1);
    expect(days.dayOf(days.dayStart(day) - 1)).toBe(day - 1);
  });

  test('days outside the span are still days', () => {
    const days = localDays('Asia/Shanghai');
    expect(days.dayOf(instant('1995-06-01T00:30:00+08:00'))).toBe(epochDay(1995, 6, 1));
    expect(days.dayOf(instant('2075-06-01T23:30:00+08:00'))).toBe(epochDay(2075, 6, 1));
    expect(days.dayStart(epochDay(2075, 6, 1))).toBe(instant('2075-06-01T00:00:00+08:00'));
  });
});

describe('zoneTable', () => {
  test('China has had no summer time since 1991', () => {
    const zone = zoneTable('Asia/Shanghai');
    expect(zone.transitions.at(-1)).toEqual({
      atMs: instant('1991-09-15T01:00:00+08:00'),
      offsetMs: 8 * HOUR,
    });
  });

  test('the Netherlands change twice a year, at one o’clock UTC', () => {
    const { transitions } = zoneTable('Europe/Amsterdam');
    const of2026 = transitions.filter(({ atMs }) => new Date(atMs).getUTCFullYear() === 2026);
    expect(of2026).toEqual([
      { atMs: Date.UTC(2026, 2, 29, 1), offsetMs: 2 * HOUR },
      { atMs: Date.UTC(2026, 9, 25, 1), offsetMs: HOUR },
    ]);
  });

  test('an unknown zone is refused by name', () => {
    expect(() => zoneTable('Asia/Peking2')).toThrow(/Asia\/Peking2/);
  });
});
