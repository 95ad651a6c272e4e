/** What a notice may say of a calendar, and that files and servers make the same of it. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CalendarError } from '../../../engine/calendars/calendar-error.ts';
import { withNotice } from '../../../engine/calendars/notice.ts';
import { runCalendarCommand } from '../../../engine/cli/calendar.ts';
import { writeNotice } from '../../../engine/cli/calendar-notice.ts';
import type { CalendarSource, NoticeSource } from '../../../engine/rules/source.ts';
import { CALENDARS_DIR, loadCalendar } from '../../../engine/runtime/calendar-loader.ts';

const CN = loadCalendar('CN');
const day = (date: string) => ({ date, name: '节' });
const notice = (over: Partial<NoticeSource> = {}): NoticeSource => ({
  ...{ place: 'CN', number: '试1号', title: '试', url: 'https://example.test/1' },
  published: '2026-11-24T08:00:00+08:00',
  effect: { off: [day('2026-12-31')] },
  ...over,
});
const year = (calendar: CalendarSource, wanted: number) =>
  calendar.years.find((one) => one.year === wanted);

function refusals(over: Partial<NoticeSource>, calendar = CN): string[] {
  try {
    withNotice(calendar, notice(over));
  } catch (error) {
    if (!(error instanceof CalendarError)) throw error;
    return error.problems.map(({ code, pointer }) => `${code} ${pointer}`);
  }
  return [];
}

describe('a merged notice', () => {
  test('traces its days to itself, leaves all others, and raises the version', () => {
    const merged = withNotice(CN, notice());
    expect(merged.version).toBe(CN.version + 1);
    const [before, after] = [year(CN, 2026), year(merged, 2026)];
    expect(after?.off).toEqual([...(before?.off ?? []), { ...day('2026-12-31'), notice: 1 }]);
    expect(after?.notices[1]).toMatchObject({ number: '试1号', url: 'https://example.test/1' });
    expect(merged.years.filter((one) => one !== after)).toEqual(
      CN.years.filter((one) => one !== before),
    );
  });

  test('takes a day over from the list it stood in', () => {
    const merged = withNotice(CN, notice({ effect: { off: [day('2026-10-10')] } }));
    expect(year(merged, 2026)?.work.map(({ date }) => date)).not.toContain('2026-10-10');
    const half = { ...day('2026-10-10'), hours: [[540, 720]] as const };
    const again = withNotice(merged, notice({ number: '试2号', effect: { hours: [half] } }));
    expect(year(again, 2026)?.off.map(({ date }) => date)).not.toContain('2026-10-10');
    expect(year(again, 2026)?.hours).toEqual([{ ...half, notice: 2 }]);
    const plain = { number: '试3号', effect: { plain: ['2026-10-10'] } };
    expect(year(withNotice(again, notice(plain)), 2026)?.hours).toBeUndefined();
  });

  test('supersedes an earlier one, wholly or for some dates', () => {
    const first = withNotice(
      CN,
      notice({ effect: { off: [day('2026-12-30'), day('2026-12-31')] } }),
    );
    const later = (dates?: readonly string[]): NoticeSource =>
      notice({
        ...{ number: '试2号', effect: { off: [day('2026-12-29')] } },
        supersedes: [{ number: '试1号', ...(dates === undefined ? {} : { dates }) }],
      });
    const december = (calendar: CalendarSource) =>
      year(calendar, 2026)
        ?.off.map(({ date }) => date)
        .filter((date) => date.startsWith('2026-12'));
    expect(december(withNotice(first, later()))).toEqual(['2026-12-29']);
    expect(december(withNotice(first, later(['2026-12-30'])))).toEqual([
      '2026-12-29',
      '2026-12-31',
    ]);
  });

  test('publishes a year, and changes the December before it', () => {
    const effect = { publishes: [2027], off: [day('2027-01-01')], work: [day('2026-12-27')] };
    const merged = withNotice(CN, notice({ effect }));
    expect(merged.years.at(-1)).toMatchObject({ year: 2027, off: [day('2027-01-01')] });
    expect(year(merged, 2026)?.work.at(-1)).toEqual({ ...day('2026-12-27'), notice: 1 });
  });

  test('makes a layer of its territory, with hours that are traced as well', () => {
    const effect = { off: [day('2027-02-01')], officeHours: [[480, 720]] as const };
    const merged = withNotice(CN, notice({ territory: '350200', effect }));
    expect(merged.years).toBe(CN.years);
    const own = { territory: '350200', officeHours: [[480, 720]], off: [day('2027-02-01')] };
    expect(merged.layers).toMatchObject([{ ...own, officeHoursNotice: { number: '试1号' } }]);
  });
});

test.for<[string, Partial<NoticeSource>, readonly string[]]>([
  ['another place', { place: 'NL' }, ['NOTICE_PLACE /place']],
  ['a notice that is loaded', { number: '国办发明电〔2020〕1号' }, ['NOTICE_KNOWN /number']],
  [
    'one nobody knows',
    { supersedes: [{ number: '无' }] },
    ['NOTICE_SUPERSEDES /supersedes/0/number'],
  ],
  ['no effect', { effect: {} }, ['NOTICE_EMPTY /effect']],
  [
    'a year that is published',
    { effect: { publishes: [2026] } },
    ['NOTICE_YEAR /effect/publishes/0'],
  ],
  [
    'a year published by a territory',
    { territory: '350200', effect: { publishes: [2027] } },
    ['NOTICE_YEAR /effect/publishes'],
  ],
  ['a day of no year', { effect: { off: [day('2027-01-01')] } }, ['NOTICE_DATE /effect/off/0']],
  [
    'a day twice',
    { effect: { off: [day('2026-12-31')], work: [day('2026-12-31')] } },
    ['NOTICE_DATE /effect/work/0'],
  ],
  [
    'a day given back that nobody named',
    { effect: { plain: ['2026-12-30'] } },
    ['NOTICE_DATE /effect/plain/0'],
  ],
  [
    'a year after one that is not published',
    { effect: { publishes: [2028] } },
    ['CAL_INCOMPLETE /years'],
  ],
  ['no such date', { effect: { off: [day('2026-11-31')] } }, ['NOTICE_DATE /effect/off/0']],
])('refuses %s', ([, over, expected]) => {
  expect(refusals(over)).toEqual(expected);
});

describe('calendar notice --write', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'notice-'));
    cpSync(CALENDARS_DIR, root, { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test('makes of the files what a server makes of the calendar', () => {
    const effect = { publishes: [2027], off: [day('2027-01-01')], work: [day('2026-12-27')] };
    const names = writeNotice(notice({ effect }), root).map((path) => path.slice(root.length + 4));
    expect(names.sort()).toEqual(['2026.json', '2027.json', 'place.json']);
    const merged = withNotice(CN, notice({ effect }));
    expect(loadCalendar('CN', root)).toEqual(merged);
    const local = notice({ number: '试2号', territory: '350200' });
    expect(writeNotice(local, root).map((path) => path.slice(root.length + 4))).toEqual([
      'place.json',
      'layers/350200.json',
    ]);
    expect(loadCalendar('CN', root)).toEqual(withNotice(merged, local));
    expect(readFileSync(join(root, 'CN/layers/350200.json'), 'utf8')).toContain(
      '"$schema": "../../../schema/calendar.schema.json"',
    );
  });

  test('usage and files that are no notice', async () => {
    const err: string[] = [];
    const run = (...argv: string[]) => {
      const output = { out: () => {}, err: (line: string) => err.push(line) };
      return runCalendarCommand(['notice', ...argv], output);
    };
    expect(await run()).toBe(2);
    expect(await run('a.json', 'b.json')).toBe(2);
    expect(await run('a.json', '--fast')).toBe(2);
    const file = join(root, 'notice.json');
    writeFileSync(file, JSON.stringify(notice()));
    expect(await run(file, '--window', 'x')).toBe(2);
    err.length = 0;
    expect(await run(join(root, 'none.json'))).toBe(1);
    writeFileSync(file, '{');
    expect(await run(file, '--write')).toBe(1);
    writeFileSync(file, JSON.stringify({ ...notice(), effect: { of: [] } }));
    expect(await run(file, '--write')).toBe(1);
    expect(err.join('\n')).toContain('/effect/of');
  });
});
