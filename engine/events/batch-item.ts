/**
 * The item code of a batch row, looked up when somebody asks.
 *
 * Most events belong to a case whose item is known already; looking their code up in the dictionary
 * would be half the cost of decoding them.
 */
import type { Dictionary } from './dictionary.ts';
import type { EventBatch } from './event.ts';
import { ABSENT, PENDING } from './event.ts';

/** Dictionary id of row i's item; ABSENT when it names none or the dictionary is full. */
export function itemOf(batch: EventBatch, i: number, dictionary: Dictionary): number {
  const known = batch.item[i] as number;
  if (known !== PENDING) return known;
  const from = batch.itemOff[i] as number;
  const to = from + (batch.itemLen[i] as number);
  const id = dictionary.internHashed(batch.bytes, from, to, batch.itemHash[i] as number);
  batch.item[i] = id < 0 ? ABSENT : id;
  return batch.item[i] as number;
}
