/** Sections go in and come out; anything else is refused by name (engine/state/snapshot.ts). */
import { describe, expect, test } from 'vitest';
import { Prng } from '../../../engine/base/prng.ts';
import { readSnapshot, SnapshotError, writeSnapshot } from '../../../engine/state/snapshot.ts';

const sections = new Map([
  ['meta', new TextEncoder().encode('{"index":0}')],
  ['rows', Uint8Array.from({ length: 129 }, (_, i) => i)],
  ['empty', new Uint8Array(0)],
]);

describe('a snapshot', () => {
  test('gives back its sections, each at a multiple of eight bytes', () => {
    const bytes = writeSnapshot(sections);
    const found = readSnapshot(bytes);
    expect(found).toEqual(sections);
    for (const section of found.values()) expect(section.byteOffset % 8).toBe(0);
  });

  test('of another kind or format is refused', () => {
    const bytes = writeSnapshot(sections);
    expect(() => readSnapshot(new Uint8Array(4))).toThrow(SnapshotError);
    expect(() => readSnapshot(new Uint8Array(64))).toThrow(SnapshotError);
    bytes[4] = 99;
    expect(() => readSnapshot(bytes)).toThrow(/99/);
  });

  test('cut off anywhere is refused, never read as a shorter one', () => {
    const bytes = writeSnapshot(sections);
    for (let length = 0; length < bytes.length - 7; length++) {
      expect(() => readSnapshot(bytes.slice(0, length))).toThrow(SnapshotError);
    }
  });

  test('with a damaged head is refused as a snapshot, not as a crash', () => {
    const random = new Prng(3);
    const good = writeSnapshot(sections);
    for (let round = 0; round < 2000; round++) {
      const bytes = good.slice();
      for (let n = random.int(1, 3); n > 0; n--) bytes[random.int(0, 60)] = random.int(0, 255);
      try {
        readSnapshot(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(SnapshotError);
      }
    }
  });
});
