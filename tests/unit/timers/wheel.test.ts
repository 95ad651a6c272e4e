import { describe, expect, test } from 'vitest';
import { AssertionError } from '../../../engine/base/assert.ts';
import { Wheel } from '../../../engine/timers/wheel.ts';

const TICK = 2 ** 20;
const NEAR_SPAN = 2 ** 36;
const DAY = 86_400_000;
/** A tick boundary in 2026 that is not a boundary of anything larger. */
const START = Math.floor(Date.UTC(2026, 0, 5) / TICK) * TICK;

/** Everything due by `to`, as [row, due]. */
function fired(wheel: Wheel, to: number): [number, number][] {
  const rows: [number, number][] = [];
  for (let row = wheel.next(to); row !== -1; row = wheel.next(to)) rows.push([row, wheel.firedDue]);
  return rows;
}

describe('Wheel: when a row fires', () => {
  test.for([
    ['at the wheel’s own start', 0],
    ['one millisecond later', 1],
    ['at the last millisecond of the first tick', TICK - 1],
    ['at the first millisecond of the next tick', TICK],
    ['a day later', DAY],
    ['at the last millisecond before the next far bucket', NEAR_SPAN - (START % NEAR_SPAN) - 1],
    ['at the first millisecond of the next far bucket', NEAR_SPAN - (START % NEAR_SPAN)],
    ['thirty years later', 30 * 365 * DAY],
  ] as const)('not a millisecond before its due and exactly then: %s', ([, distance]) => {
    const wheel = new Wheel(START - 1);
    const due = START + distance;
    wheel.arm(3, due);
    expect(wheel.next(due - 1)).toBe(-1);
    expect(wheel.dueOf(3)).toBe(due);
    expect(fired(wheel, due)).toEqual([[3, due]]);
    expect(wheel.dueOf(3)).toBe(Number.POSITIVE_INFINITY);
  });

  test('at once when its due is past, before anything later', () => {
    const wheel = new Wheel(START);
    wheel.arm(1, START + 5);
    wheel.arm(2, START - 40 * DAY);
    wheel.arm(3, -7);
    expect(fired(wheel, START + 5)).toEqual([
      [3, -7],
      [2, START - 40 * DAY],
      [1, START + 5],
    ]);
  });

  test('never when its due lies beyond the horizon, but it is kept and can be moved', () => {
    const wheel = new Wheel(START);
    const far = Date.UTC(2200, 0, 1);
    wheel.arm(1, far);
    expect(wheel.next(Date.UTC(2100, 0, 1))).toBe(-1);
    expect([wheel.dueOf(1), wheel.size]).toEqual([far, 1]);
    wheel.arm(1, Date.UTC(2101, 0, 1));
    expect(fired(wheel, Date.UTC(2101, 0, 1))).toEqual([[1, Date.UTC(2101, 0, 1)]]);
  });

  test('in a wheel that starts in 1970 as in one that starts today', () => {
    const wheel = new Wheel(0);
    wheel.arm(4, START + DAY);
    wheel.arm(2, START + DAY);
    expect(fired(wheel, START + 2 * DAY)).toEqual([
      [2, START + DAY],
      [4, START + DAY],
    ]);
  });
});

describe('Wheel: the order law', () => {
  test('equal dues come out by row, whatever the order they were armed in', () => {
    const wheel = new Wheel(START);
    const rows = [9, 2, 700, 41, 3, 8, 1];
    for (const row of rows) wheel.arm(row, START + DAY);
    expect(fired(wheel, START + DAY).map(([row]) => row)).toEqual(rows.sort((a, b) => a - b));
  });

  test('a row armed again for the open bucket takes its place in it', () => {
    const wheel = new Wheel(START);
    for (const row of [1, 2, 3]) wheel.arm(row, START + row * 10);
    const to = START + 100;
    expect(wheel.next(to)).toBe(1);
    wheel.arm(1, START + 25);
    expect(wheel.next(to)).toBe(2);
    wheel.arm(2, START + 1);
    expect(fired(wheel, to)).toEqual([
      [2, START + 1],
      [1, START + 25],
      [3, START + 30],
    ]);
  });

  test('rows of the open bucket that are moved away or cancelled do not fire there', () => {
    const wheel = new Wheel(START);
    for (const row of [1, 2, 3, 4]) wheel.arm(row, START + row);
    expect(wheel.next(START + 4)).toBe(1);
    wheel.cancel(2);
    wheel.arm(3, START + DAY);
    expect(fired(wheel, START + 4)).toEqual([[4, START + 4]]);
    expect(fired(wheel, START + DAY)).toEqual([[3, START + DAY]]);
  });

  test('a row that keeps arming itself for now fires each time, before the others', () => {
    const wheel = new Wheel(START);
    wheel.arm(5, START + 7);
    wheel.arm(6, START + 8);
    const order: number[] = [];
    for (let row = wheel.next(START + 8); row !== -1; row = wheel.next(START + 8)) {
      order.push(row);
      if (row === 5 && order.length < 4) wheel.arm(5, START);
    }
    expect(order).toEqual([5, 5, 5, 5, 6]);
  });

  test('rows left in the open bucket wait for their own due', () => {
    const wheel = new Wheel(START);
    wheel.arm(1, START + 10);
    wheel.arm(2, START + 20);
    expect(fired(wheel, START + 10)).toEqual([[1, START + 10]]);
    wheel.arm(3, START + 15);
    expect(fired(wheel, START + 19)).toEqual([[3, START + 15]]);
    expect(fired(wheel, START + 20)).toEqual([[2, START + 20]]);
  });
});

describe('Wheel: bookkeeping', () => {
  test('arming for never is cancelling', () => {
    const wheel = new Wheel(START);
    wheel.arm(1, START + DAY);
    wheel.arm(1, Number.POSITIVE_INFINITY);
    wheel.arm(2, Number.POSITIVE_INFINITY);
    expect(wheel.size).toBe(0);
    expect(wheel.next(START + 2 * DAY)).toBe(-1);
  });

  test('unknown rows are not armed, and cancelling one does nothing', () => {
    const wheel = new Wheel(START);
    wheel.cancel(5_000_000);
    expect(wheel.dueOf(5_000_000)).toBe(Number.POSITIVE_INFINITY);
    expect(wheel.size).toBe(0);
  });

  test('it grows with the rows and holds about sixteen bytes for each', () => {
    const wheel = new Wheel(START);
    const rows = 400_000;
    wheel.arm(rows - 1, START);
    for (let row = 0; row < rows; row++) wheel.arm(row, START + DAY + row * 1000);
    expect(wheel.size).toBe(rows);
    expect(wheel.bytes / rows).toBeLessThan(20);
  });

  test('it is quiet until the first due, and says so', () => {
    const wheel = new Wheel(START);
    expect(wheel.quietUntilMs).toBe(Number.POSITIVE_INFINITY);
    wheel.arm(1, START + 50);
    expect(wheel.quietUntilMs).toBeLessThanOrEqual(START + 50);
    expect(wheel.next(START + 49)).toBe(-1);
    expect(wheel.quietUntilMs).toBe(START + 50);
    expect(wheel.nowMs).toBe(START + 49);
  });

  test('a cliff of many rows at one instant comes out whole and in order', () => {
    const wheel = new Wheel(START);
    const rows = 200_000;
    for (let i = 0; i < rows; i++) wheel.arm((i * 7919) % rows, START + 30 * DAY);
    let expected = 0;
    for (let row = wheel.next(START + 30 * DAY); row !== -1; row = wheel.next(START + 30 * DAY)) {
      if (row !== expected++) throw new Error(`row ${row} came out of order`);
    }
    expect(expected).toBe(rows);
  });
});

describe('Wheel: what only a bug can do', () => {
  test.for([Number.NaN, 1.5])('a due of %s is refused', (due) => {
    expect(() => new Wheel(START).arm(1, due)).toThrow(AssertionError);
  });

  test('time that goes back is refused', () => {
    const wheel = new Wheel(START);
    wheel.next(START + 1);
    expect(() => wheel.next(START)).toThrow(AssertionError);
  });
});
