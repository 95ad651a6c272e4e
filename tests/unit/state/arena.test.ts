/** Blocks do not overlap, are used again, and survive growth and a snapshot (engine/state/arena.ts). */
import { describe, expect, test } from 'vitest';
import { Prng } from '../../../engine/base/prng.ts';
import { Arena, CLASS_MAX, GRAIN } from '../../../engine/state/arena.ts';

interface Block {
  readonly offset: number;
  readonly size: number;
  readonly mark: number;
}

function fill(arena: Arena, { offset, size, mark }: Block): void {
  arena.bytes.fill(mark, offset, offset + size * GRAIN);
}

function check(arena: Arena, { offset, size, mark }: Block): void {
  const bytes = arena.bytes.subarray(offset, offset + size * GRAIN);
  expect(bytes.length).toBe(size * GRAIN);
  expect(bytes.every((byte) => byte === mark)).toBe(true);
}

test('a class holds as many bytes as it says', () => {
  expect([1, 15, 16, 17, 32, 33].map((length) => Arena.classOf(length))).toEqual([
    1, 1, 1, 2, 2, 3,
  ]);
});

describe('random taking and giving', () => {
  test('never hands out a byte twice, nor offset 0', () => {
    const random = new Prng(7);
    let arena = new Arena(256);
    let live: Block[] = [];
    for (let step = 0; step < 4000; step++) {
      if (live.length > 0 && random.chance(0.45)) {
        const [block] = live.splice(random.int(0, live.length - 1), 1) as [Block];
        check(arena, block);
        arena.give(block.offset, block.size);
      } else {
        const size = random.chance(0.95) ? random.int(1, 6) : random.int(7, 300);
        const block = { offset: arena.take(size), size, mark: random.int(1, 255) };
        expect(block.offset).toBeGreaterThan(0);
        fill(arena, block);
        live.push(block);
      }
      if (step === 2500) {
        const { bytes, free } = arena.parts();
        arena = Arena.from(bytes.slice(), free.slice());
      }
    }
    for (const block of live) check(arena, block);
    live = live.sort((a, b) => a.offset - b.offset);
    for (const [i, block] of live.entries()) {
      const before = live[i - 1];
      if (before) expect(block.offset).toBeGreaterThanOrEqual(before.offset + before.size * GRAIN);
    }
  });

  test('uses what was given back before it grows', () => {
    const arena = new Arena();
    const offsets = Array.from({ length: 50 }, () => arena.take(3));
    const used = arena.byteLength;
    for (const offset of offsets) arena.give(offset, 3);
    const again = Array.from({ length: 50 }, () => arena.take(3));
    expect(new Set(again)).toEqual(new Set(offsets));
    expect(arena.byteLength).toBe(used);
    arena.give(again[0] as number, 3);
    arena.take(4);
    expect(arena.byteLength).toBe(used + 4 * GRAIN);
  });
});

test('classes outside their bounds are refused', () => {
  const arena = new Arena();
  expect(() => arena.take(0)).toThrow(/block class/);
  expect(() => arena.take(CLASS_MAX + 1)).toThrow(/block class/);
  expect(() => arena.give(0, 1)).toThrow(/handed-out/);
});
