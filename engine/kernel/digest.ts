/**
 * The digest of a run (card digest, 摘要): an order-free sum over all cards of
 * (card id, level, due instant, final state, rule version, calendar version).
 *
 * It holds no row, position, partition or stamp, so the same log gives the same digest on any number of
 * partitions and however it is cut into batches (law L1). Two 32-bit lanes, summed modulo 2^32 each;
 * partitions' digests add up to the deployment's.
 */
import { finish, mix } from '../base/hash.ts';
import type { Store } from './store.ts';

export interface Digest {
  readonly high: number;
  readonly low: number;
  readonly cards: number;
}

export function digestOf(store: Store): Digest {
  const { cards } = store;
  let high = 0;
  let low = 0;
  for (let card = 0; card < cards.count; card++) {
    high = (high + laneOf(store, card, 0x2545f491)) >>> 0;
    low = (low + laneOf(store, card, 0x6c078965)) >>> 0;
  }
  return { high, low, cards: cards.count };
}

export function addDigests(a: Digest, b: Digest): Digest {
  return { high: (a.high + b.high) >>> 0, low: (a.low + b.low) >>> 0, cards: a.cards + b.cards };
}

export function digestText(digest: Digest): string {
  const hex = (word: number): string => word.toString(16).padStart(8, '0');
  return hex(digest.high) + hex(digest.low);
}

function laneOf(store: Store, card: number, seed: number): number {
  const { cards, dictionary } = store;
  const due = cards.due[card]!;
  let h = seed | 0;
  for (let i = 0; i < 4; i++) h = mix(h, cards.id[card * 4 + i]!);
  const level = dictionary.bytesOf(cards.level[card]!);
  for (let i = 0; i < level.length; i++) h = mix(h, level[i]!);
  h = mix(h, due | 0);
  h = mix(h, Math.floor(due / 0x1_0000_0000));
  h = mix(h, cards.state[card]!);
  h = mix(h, cards.pack[card]!);
  h = mix(h, cards.calendar[card]!);
  return finish(h) >>> 0;
}
