/** Cards of a case are one list, found by all four parts of their name (engine/state/card-table.ts). */
import { expect, test } from 'vitest';
import { Prng } from '../../../engine/base/prng.ts';
import { CardTable } from '../../../engine/state/card-table.ts';
import { CaseTable } from '../../../engine/state/case-table.ts';

const COLUMNS = [
  ...['row', 'rule', 'level', 'stage', 'occurrence', 'version', 'pack', 'calendar', 'due'],
  ...['state', 'before', 'marks', 'kind', 'category', 'rank'],
] as const;

test('each card is found by its name, in its case only, through growth and a restore', () => {
  const random = new Prng(5);
  const table = new CaseTable();
  for (let row = 0; row < 30; row++) table.add();
  let cards = new CardTable(table, 4);
  const model = new Map<string, number>();
  const parts = (): [number, number, number, number] => [
    ...([random.int(0, 4), random.int(-1, 2), random.int(0, 3), random.int(0, 3)] as const),
  ];
  for (let step = 0; step < 3000; step++) {
    const row = random.int(0, 29);
    const [rule, stage, occurrence, level] = parts();
    const name = [row, rule, stage, occurrence, level].join();
    const card = cards.find(row, rule, stage, occurrence, level);
    expect(card).toBe(model.get(name) ?? -1);
    if (card >= 0) continue;
    const fresh = cards.add(row);
    cards.rule[fresh] = rule;
    cards.stage[fresh] = stage;
    cards.occurrence[fresh] = occurrence;
    cards.level[fresh] = level;
    cards.due[fresh] = 1.7e12 + step;
    cards.id.set([step, -step, step * 3, 7], fresh * 4);
    cards.rank[fresh] = step % 9;
    cards.category[fresh] = step % 6;
    model.set(name, fresh);
    if (step === 1500) {
      const bytes = cards
        .columns()
        .map((c) => new Uint8Array(c.buffer, c.byteOffset, c.byteLength).slice());
      const restored = new CardTable(table, 4);
      restored.load(cards.count, bytes);
      for (const column of COLUMNS) {
        expect([...restored[column].subarray(0, cards.count)]).toEqual([
          ...cards[column].subarray(0, cards.count),
        ]);
      }
      cards = restored;
    }
  }
  const listed: number[] = [];
  for (let row = 0; row < 30; row++) {
    for (let card = cards.first(row); card >= 0; card = cards.after(card)) {
      expect(cards.row[card]).toBe(row);
      listed.push(card);
    }
  }
  expect(listed.sort((a, b) => a - b)).toEqual([...model.values()].sort((a, b) => a - b));
});
