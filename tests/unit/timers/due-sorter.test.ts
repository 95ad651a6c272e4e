import { describe, expect, test } from 'vitest';
import { Prng } from '../../../engine/base/prng.ts';
import { DueSorter } from '../../../engine/timers/due-sorter.ts';

const BASE = 1_800_000_000_000;

describe('DueSorter', () => {
  test.for([
    ['few rows', 20, 1 << 20],
    ['few rows, one due', 30, 1],
    ['just over insertion', 41, 1 << 20],
    ['a usual bucket', 900, 1 << 20],
    ['many rows', 5000, 1 << 20],
    ['many rows, few dues', 5000, 3],
    ['a cliff', 5000, 1],
    ['groups around the insertion limit', 5000, 125],
  ] as const)('sorts by due, then row: %s', ([, count, spread]) => {
    const random = new Prng(count * 31 + spread);
    const rows = new Int32Array(count);
    const due = new Float64Array(20 * count);
    const used = new Set<number>();
    for (let i = 0; i < count; i++) {
      let row = random.int(0, due.length - 1);
      while (used.has(row)) row = random.int(0, due.length - 1);
      used.add(row);
      rows[i] = row;
      due[row] = BASE + random.int(0, spread - 1);
    }
    const dueOf = (row: number) => due[row] as number;
    const expected = [...rows].sort((a, b) => dueOf(a) - dueOf(b) || a - b);
    new DueSorter().sort(rows, count, due, BASE);
    expect([...rows]).toEqual(expected);
  });

  test('sorts only the first `count` rows', () => {
    const due = Float64Array.of(BASE + 3, BASE + 2, BASE + 1);
    const rows = Int32Array.of(0, 1, 2);
    new DueSorter().sort(rows, 2, due, BASE);
    expect([...rows]).toEqual([1, 0, 2]);
  });
});
