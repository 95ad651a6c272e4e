/** The key index against a Map: collisions, growth, long keys, restoring (engine/state/key-index.ts). */
import { expect, test } from 'vitest';
import { fnv1a } from '../../../engine/base/hash.ts';
import { Prng } from '../../../engine/base/prng.ts';
import { CaseTable } from '../../../engine/state/case-table.ts';
import { KeyIndex } from '../../../engine/state/key-index.ts';

const text = new TextEncoder();

function keyOf(random: Prng): string {
  const length = random.chance(0.02) ? random.int(60, 64) : random.int(1, 9);
  const char = random.pick(['a', 'Z', '7', '-', '鹭', '𠮷']);
  return Array.from({ length }, () => random.pick([char, 'b', '0'])).join('');
}

/** A hash with few values makes most keys collide. */
const HASHES: readonly ((bytes: Uint8Array) => number)[] = [
  (bytes) => fnv1a(bytes, 0, bytes.length),
  (bytes) => fnv1a(bytes, 0, bytes.length) & 63,
  () => 42,
];

test.for([
  [20_000, 0],
  [3000, 1],
  [400, 2],
] as const)('finds what %i random keys put there and nothing else (hash %i)', ([steps, which]) => {
  const hashOf = HASHES[which] as (bytes: Uint8Array) => number;
  const random = new Prng(which + 1);
  let table = new CaseTable();
  let index = new KeyIndex(table);
  const model = new Map<string, number>();
  const find = (bytes: Uint8Array): number => {
    // The key lies somewhere inside a larger buffer, as it does in a batch.
    const inside = Uint8Array.of(1, 2, 3, ...bytes, 9);
    return index.find(inside, 3, bytes.length, hashOf(bytes));
  };
  for (let step = 0; step < steps; step++) {
    const key = keyOf(random);
    const bytes = text.encode(key);
    const row = find(bytes);
    expect(row).toBe(model.get(key) ?? -1);
    if (row < 0) {
      const fresh = table.add();
      index.put(fresh, bytes, 0, bytes.length, hashOf(bytes));
      model.set(key, fresh);
    }
    if (step === Math.floor(steps / 2)) {
      const keys = index.keyBytes().slice();
      table = CaseTable.from(table.bytes().slice());
      index = new KeyIndex(table, keys);
    }
  }
  for (const [key, row] of model) expect(find(text.encode(key))).toBe(row);
  expect(find(text.encode('not there at all'))).toBe(-1);
});

test('a key of 256 bytes is one key', () => {
  const table = new CaseTable();
  const index = new KeyIndex(table);
  const bytes = text.encode('𠮷'.repeat(64));
  expect(bytes.length).toBe(256);
  index.put(table.add(), bytes, 0, 256, 7);
  expect(index.find(bytes, 0, 256, 7)).toBe(0);
  expect(index.lengthOf(0)).toBe(256);
  expect(index.find(bytes, 0, 255, 7)).toBe(-1);
});
