/** A sum over every card and over the next wake-up of every case: two states that agree give the same. */
import { mix } from '../../engine/base/hash.ts';
import type { Store } from '../../engine/kernel/store.ts';
import { Checksum } from '../harness.ts';

export function sumOfAll({ cards, table, wheel }: Store): number {
  const sum = new Checksum();
  const add = (seed: number, ms: number): void => {
    sum.add(mix(mix(seed, ms | 0), Math.floor(ms / 2 ** 32) | 0));
  };
  for (let card = 0; card < cards.count; card++) {
    add(mix(cards.id[card * 4] as number, cards.state[card] as number), cards.due[card] as number);
  }
  for (let row = 0; row < table.count; row++) add(row, Math.min(wheel.dueOf(row), 2 ** 52));
  return sum.value;
}
