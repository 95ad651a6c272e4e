import { describe, expect, test } from 'vitest';
import { Buckets } from '../../../engine/timers/buckets.ts';

function drained(buckets: Buckets, bucket: number): number[] {
  const into = new Int32Array(1024);
  let count = 0;
  for (;;) {
    const taken = buckets.popChunk(bucket, into, count);
    if (taken === 0) break;
    count += taken;
  }
  return [...into.subarray(0, count)].sort((a, b) => a - b);
}

describe('Buckets', () => {
  test.for([0, 1, 15, 16, 17, 32, 33])('a bucket of %i rows gives back the same rows', (count) => {
    const buckets = new Buckets(40);
    const rows = Array.from({ length: count }, (_, i) => i * 3);
    for (const row of rows) buckets.push(7, row);
    expect(buckets.isEmpty(7)).toBe(count === 0);
    expect(drained(buckets, 7)).toEqual(rows);
    expect(buckets.isEmpty(7)).toBe(true);
  });

  test.for([1, 16, 17, 40])('any of %i rows can be taken out by its place', (count) => {
    for (let victim = 0; victim < count; victim++) {
      const buckets = new Buckets(40);
      const place = Array.from({ length: count }, (_, row) => buckets.push(3, row));
      const moved = buckets.remove(3, place[victim] as number);
      expect(moved).toBe(victim === count - 1 ? -1 : count - 1);
      expect(drained(buckets, 3)).toEqual([...place.keys()].filter((row) => row !== victim));
    }
  });

  test('chunks are used again, so a thousand rounds need no more room than one', () => {
    const buckets = new Buckets(64);
    const round = (bucket: number) => {
      for (let row = 0; row < 500; row++) buckets.push(bucket, row);
      return drained(buckets, bucket).length;
    };
    round(0);
    const { bytes } = buckets;
    for (let i = 0; i < 1000; i++) expect(round(i % 64)).toBe(500);
    expect(buckets.bytes).toBe(bytes);
  });

  test('the first used bucket is found within the range asked for, across words', () => {
    const buckets = new Buckets(200);
    buckets.push(31, 1);
    buckets.push(32, 1);
    const at = buckets.push(150, 1);
    expect(buckets.firstUsed(0, 200)).toBe(31);
    expect(buckets.firstUsed(32, 200)).toBe(32);
    expect(buckets.firstUsed(33, 200)).toBe(150);
    expect(buckets.firstUsed(33, 150)).toBe(-1);
    expect(buckets.firstUsed(151, 200)).toBe(-1);
    buckets.remove(150, at);
    expect(buckets.firstUsed(33, 200)).toBe(-1);
  });
});
