import { describe, expect, it } from 'vitest';
import { remaining } from '../../../dashboards/src/shared/remaining.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 24, 2, 0, 0);
const running = (leftMs: number, workdays: number | null) =>
  remaining({ state: 'running', dueMs: NOW + leftMs, workdays }, NOW);

describe('reading of a deadline', () => {
  it.each([
    ['three workdays ahead', 5 * DAY, 3, { kind: 'workdays', over: false, count: 3 }],
    [
      'a fraction of a workday rounds down',
      4 * DAY,
      2.9,
      { kind: 'workdays', over: false, count: 2 },
    ],
    ['the last day shows hours', 4 * HOUR + 12 * 60_000, 0, hours(false, 4, '12')],
    ['the last day wins over a stale count', 5 * HOUR, 1, hours(false, 5, '00')],
    ['the last hour runs by the second', 12 * 60_000 + 7_000, 0, clock(false, '12:07')],
    ['the due instant itself is over', 0, 0, clock(true, '00:00')],
    ['minutes over', -61_000, 0, clock(true, '01:01')],
    ['hours over', -3 * HOUR, 0, hours(true, 3, '00')],
    ['workdays over', -2 * DAY, -2, { kind: 'workdays', over: true, count: 2 }],
    ['without a count, calendar days', 6 * DAY, null, { kind: 'days', over: false, count: 6 }],
    [
      'a stale count of the other side is not used',
      -4 * DAY,
      2,
      { kind: 'days', over: true, count: 4 },
    ],
  ])('%s', (_name, leftMs, workdays, expected) => {
    expect(running(leftMs, workdays)).toEqual(expected);
  });

  it('says what cannot be computed instead of a number', () => {
    const input = { state: 'uncomputable', dueMs: null, workdays: null } as const;
    expect(remaining(input, NOW)).toEqual({ kind: 'uncomputable' });
  });

  it('does not run while the clock is suspended', () => {
    const input = { state: 'suspended', dueMs: NOW + HOUR, workdays: 1 } as const;
    expect(remaining(input, NOW)).toEqual({ kind: 'suspended' });
  });

  it('has no reading without a deadline', () => {
    const input = { state: 'running', dueMs: null, workdays: null } as const;
    expect(remaining(input, NOW)).toEqual({ kind: 'none' });
  });
});

function hours(over: boolean, count: number, text: string) {
  return { kind: 'hours', over, hours: count, text };
}

function clock(over: boolean, text: string) {
  return { kind: 'clock', over, text };
}
