/** The list of mutants is held to the source it edits and to the laws it breaks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MUTANTS, mutated } from './mutants.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const LAWS = ['L1', 'L2', 'L3', 'L4', 'L5', 'L6', 'L7'];

test('every snippet of a mutant occurs exactly once, and the edit changes something', () => {
  const problems: string[] = [];
  for (const { id, edits } of MUTANTS) {
    for (const file of new Set(edits.map((edit) => edit.file))) {
      const source = read(file);
      try {
        const own = edits.filter((edit) => edit.file === file);
        if (mutated(source, own) === source) problems.push(`${id} changes nothing`);
      } catch (error) {
        problems.push(`${id}: ${(error as Error).message}`);
      }
    }
  }
  expect(problems, 'Mend the snippet in tests/simulation/mutants.ts.').toEqual([]);
  expect(new Set(MUTANTS.map(({ id }) => id)).size).toBe(MUTANTS.length);
});

test('every law is broken by a mutant, and the specification names each', () => {
  const rows = [...read('engine/SPEC.md').matchAll(/^\| (L\d) \| ([a-z-]+(?:, [a-z-]+)*) \| `/gm)];
  const told = rows.map(([, law, ids]) => [law, ids?.split(', ').sort()]);
  const planted = LAWS.map((law) => {
    const ids = MUTANTS.filter(({ laws }) => laws.includes(law)).map(({ id }) => id);
    return [law, ids.sort()];
  });
  expect(planted.filter(([, ids]) => ids?.length === 0)).toEqual([]);
  expect(told).toEqual(planted);
});

test('a test that is to kill a mutant exists', () => {
  for (const { id, killedBy } of MUTANTS) {
    if (killedBy !== 'simulation') expect(read(killedBy.file), id).toContain(killedBy.title);
  }
});
