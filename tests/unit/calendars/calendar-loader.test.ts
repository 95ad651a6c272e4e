import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  CALENDARS_DIR,
  calendarPlaces,
  loadCalendar,
} from '../../../engine/runtime/calendar-loader.ts';
import { PackError, type RuleProblem } from '../../../engine/runtime/rule-problem.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'calendars-'));
  cpSync(CALENDARS_DIR, root, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const path = (name: string) => join(root, 'CN', name);
const edit = (name: string, change: (value: Record<string, unknown>) => void) => {
  const value = JSON.parse(readFileSync(path(name), 'utf8'));
  change(value);
  writeFileSync(path(name), JSON.stringify(value));
};
const problems = (place = 'CN'): readonly RuleProblem[] => {
  try {
    loadCalendar(place, root);
  } catch (error) {
    if (error instanceof PackError) return error.problems;
    throw error;
  }
  return [];
};
const where = () => problems().map(({ file, pointer }) => `${file.split('/').at(-1)}#${pointer}`);

describe('loadCalendar', () => {
  test('reads every year of a place, in order', () => {
    const { years, ...head } = loadCalendar('CN', root);
    expect(head).toMatchObject({ place: 'CN', zone: 'Asia/Shanghai', weekmask: '1111100' });
    expect(years.map((y) => y.year)).toEqual(Array.from({ length: 20 }, (_, i) => 2007 + i));
    expect(years.every((y) => y.notices.length > 0)).toBe(true);
    expect(calendarPlaces(root)).toEqual(['CN', 'NL']);
  });

  test('a place without a calendar is refused, with those there are', () => {
    expect(() => loadCalendar('ZZ', root)).toThrow(/ZZ/);
    expect(problems('ZZ')[0]?.en).toContain('CN, NL');
  });

  test.for<[string, () => void, string]>([
    ['broken JSON', () => writeFileSync(path('2025.json'), '{ "year": 2025, }'), '2025.json#'],
    [
      'a byte order mark',
      () => writeFileSync(path('2025.json'), `\ufeff${readFileSync(path('2025.json'), 'utf8')}`),
      '2025.json#',
    ],
    [
      'a file far too large',
      () => writeFileSync(path('2025.json'), ' '.repeat(300_000)),
      '2025.json#',
    ],
    ['no place.json', () => rmSync(path('place.json')), 'place.json#'],
    ['a stray file', () => writeFileSync(path('notes.json'), '{}'), 'notes.json#'],
    [
      'an unknown field',
      () => edit('2025.json', (y) => Object.assign(y, { holidays: [] })),
      '2025.json#/holidays',
    ],
    [
      'a year without a notice',
      () => edit('2025.json', (y) => Object.assign(y, { notices: [] })),
      '2025.json#/notices',
    ],
    [
      'another year than the file’s name',
      () => edit('2026.json', (y) => Object.assign(y, { year: 2027, off: [], work: [] })),
      '2026.json#/year',
    ],
    [
      'full-width digits',
      () =>
        edit('2025.json', (y) =>
          Object.assign(y, { off: [{ date: '２０２５-01-01', name: 'x' }] }),
        ),
      '2025.json#/off/0/date',
    ],
    [
      'a date that does not exist',
      () =>
        edit('2025.json', (y) => Object.assign(y, { off: [{ date: '2025-02-29', name: 'x' }] })),
      '2025.json#/off/0/date',
    ],
    [
      'a week mask without workdays',
      () => edit('place.json', (p) => Object.assign(p, { weekmask: '0000000' })),
      'place.json#/weekmask',
    ],
    [
      'another place than the folder',
      () => edit('place.json', (p) => Object.assign(p, { place: 'NL' })),
      'place.json#/place',
    ],
  ])('names file and pointer: %s', ([, spoil, expected]) => {
    spoil();
    expect(where()).toContain(expected);
  });

  test('reads a layer of a territory, and names the file of what is wrong in it', () => {
    mkdirSync(path('layers'));
    const layer = {
      territory: '350200',
      notices: [],
      off: [],
      work: [],
      officeHours: [[480, 900]],
    };
    writeFileSync(path('layers/350200.json'), JSON.stringify(layer));
    expect(loadCalendar('CN', root).layers).toEqual([layer]);
    const off = [{ date: '2026-09-31', name: '台风' }];
    writeFileSync(path('layers/350200.json'), JSON.stringify({ ...layer, off }));
    expect(where()).toEqual(['350200.json#/off/0/date']);
    writeFileSync(path('layers/350200.json'), JSON.stringify({ ...layer, territory: '350201' }));
    expect(where()).toEqual(['350200.json#/territory']);
    writeFileSync(path('layers/350200.json'), JSON.stringify({ ...layer, hours: 'none' }));
    expect(where()).toEqual(['350200.json#/hours']);
  });

  test('reports the problems of all files at once', () => {
    edit('2024.json', (y) => Object.assign(y, { notices: [] }));
    edit('2025.json', (y) => Object.assign(y, { off: 'none' }));
    expect(where()).toEqual(['2024.json#/notices', '2025.json#/off']);
  });
});
