import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCalendar } from '../../../engine/cli/calendar.ts';

const run = (...argv: string[]) => {
  const out: string[] = [];
  const err: string[] = [];
  const code = runCalendar(argv, { out: (l) => out.push(l), err: (l) => err.push(l) });
  return { code, out, err: err.join('\n') };
};
const json = (...argv: string[]) => {
  const { code, out } = run(...argv, '--json');
  expect(code).toBe(0);
  return JSON.parse(out.at(-1) as string) as Record<string, unknown>;
};

describe('calendar add', () => {
  test('adds workdays', () => {
    expect(json('add', '2018-10-15', '7')).toMatchObject({
      result: '2018-10-24',
      provisional: false,
      unit: 'workday',
    });
  });

  test.for(['-3', '−3'])('takes %s workdays away', (n) => {
    expect(json('add', '2026-10-10', n)).toMatchObject({ n: -3, result: '2026-09-30' });
  });

  test('adds days, and says to which workday a day off rolls', () => {
    const answer = json('add', '2026-05-01', '2', '--unit', 'day');
    expect(answer).toMatchObject({ result: '2026-05-03', rolled: '2026-05-06' });
  });

  test('says when the answer is provisional', () => {
    expect(json('add', '2026-12-28', '5')).toMatchObject({ provisional: true });
    expect(run('add', '2026-12-28', '5').out.join('\n')).toContain('暂定');
    expect(run('add', '2026-12-01', '5').out.join('\n')).not.toContain('暂定');
  });

  test('counts by another place’s calendar', () => {
    expect(json('add', '2026-09-30', '1', '--place', 'NL')).toMatchObject({ result: '2026-10-01' });
  });
});

describe('calendar count', () => {
  test('counts the workdays of both days and those between', () => {
    expect(json('count', '2026-01-01', '2026-12-31')).toMatchObject({ workdays: 248, days: 365 });
    expect(json('count', '2026-09-20', '2026-09-20')).toMatchObject({ workdays: 1 });
    expect(json('count', '2026-10-01', '2026-10-07')).toMatchObject({ workdays: 0 });
    expect(json('count', '2026-12-30', '2027-01-04')).toMatchObject({ provisional: true });
  });
});

describe('calendar check', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cases-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (content: unknown) => {
    const path = join(folder, 'cases.json');
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const week = { w: { weekmask: '1111100', holidays: ['2011-11-11', '2011-11-11'], workdays: [] } };
  const offset = { op: 'offset', calendar: 'w', start: '2011-11-10', n: 1, roll: 'raise' };

  test('tells agreement from disagreement', () => {
    const path = file({
      calendars: week,
      cases: [
        { id: 'right', ...offset, expected: '2011-11-14' },
        { id: 'wrong', ...offset, expected: '2011-11-11' },
        { id: 'refused', ...offset, start: '2011-11-11', expected: { error: 'ValueError' } },
        {
          id: 'list',
          op: 'list',
          calendar: 'w',
          begin: '2011-11-10',
          end: '2011-11-15',
          expected: ['2011-11-10', '2011-11-14'],
        },
      ],
    });
    const { code, out } = run('check', path, '--json');
    expect(JSON.parse(out.at(-1) as string)).toEqual({ cases: 4, agree: 3, disagree: 1 });
    expect(out.join('\n')).toContain('wrong');
    expect(code).toBe(1);
  });

  test.for<[string, unknown, RegExp]>([
    ['no JSON', '{', /JSON/],
    ['no cases', { calendars: {} }, /cases/],
    ['an unknown calendar', { calendars: {}, cases: [{ id: 'a', ...offset }] }, /calendar "w"/],
    ['an unknown operation', { calendars: week, cases: [{ id: 'a', ...offset, op: 'x' }] }, /"x"/],
    ['an unknown roll', { calendars: week, cases: [{ id: 'a', ...offset, roll: 'x' }] }, /roll/],
    [
      'no such date',
      { calendars: week, cases: [{ id: 'a', ...offset, start: '2011-02-30' }] },
      /start/,
    ],
    ['half a day', { calendars: week, cases: [{ id: 'a', ...offset, n: 0.5 }] }, /n /],
  ])('a bad file is bad input: %s', ([, content, message]) => {
    const { code, err, out } = run('check', file(content));
    expect([code, out]).toEqual([1, []]);
    expect(err).toMatch(message);
  });
});

describe('exit codes', () => {
  test.for([
    ['add', '2025-02-30', '1'],
    ['add', '2025-01-01', 'x'],
    ['add', '2025-01-01', '1.5'],
    ['add', '2006-12-31', '1'],
    ['add', '2060-12-30', '30'],
    ['add', '2025-01-01', '1', '--place', 'ZZ'],
    ['count', '2026-02-01', '2026-01-01'],
    ['check', 'no-such-file.json'],
  ])('1 for bad input: %s %s %s', (argv) => {
    const { code, out, err } = run(...argv);
    expect([code, out]).toEqual([1, []]);
    expect(err).not.toBe('');
  });

  test.for([
    [],
    ['subtract', '2025-01-01', '1'],
    ['add', '2025-01-01'],
    ['count', '2025-01-01'],
    ['add', '2025-01-01', '1', '--unit', 'week'],
    ['add', '2025-01-01', '1', '--colour'],
  ])('2 for bad usage: %s %s %s', (argv) => {
    const { code, out, err } = run(...argv);
    expect([code, out]).toEqual([2, []]);
    expect(err).toContain('usage');
  });
});
