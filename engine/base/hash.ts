/**
 * Small non-cryptographic hashes over bytes, all in 32-bit integer arithmetic.
 *
 * - `murmur2`: Kafka's default partitioner hash; decides which partition a key lives in, so that any
 *   producer agrees with us.
 * - `fnv1a`: 32-bit FNV-1a over a byte range; the key index and the dictionaries use it.
 * - `mix`: joins one more 32-bit word into a running hash (used for content hashes).
 *
 * The 128-bit card id has its own file (cards/card-id.ts) because its vectors are published.
 */
export const FNV_OFFSET = 0x811c9dc5 | 0;
export const FNV_PRIME = 0x01000193;

export function fnv1a(bytes: Uint8Array, from: number, to: number): number {
  let h = FNV_OFFSET;
  for (let i = from; i < to; i++) h = Math.imul(h ^ (bytes[i] as number), FNV_PRIME);
  return h;
}

export function mix(h: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  k = Math.imul(k, 0x1b873593);
  h ^= k;
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe6546b64) | 0;
}

/** Final avalanche of a running `mix`. */
export function finish(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Kafka's murmur2 (seed 0x9747b28c), signed 32-bit result. */
export function murmur2(bytes: Uint8Array, from: number, to: number): number {
  const m = 0x5bd1e995;
  const length = to - from;
  let h = (0x9747b28c ^ length) | 0;
  const whole = from + (length & ~3);
  for (let i = from; i < whole; i += 4) {
    let k =
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    k = Math.imul(k, m);
    k = Math.imul(k ^ (k >>> 24), m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = length & 3;
  if (rest === 3) h ^= (bytes[whole + 2] as number) << 16;
  if (rest >= 2) h ^= (bytes[whole + 1] as number) << 8;
  if (rest >= 1) h = Math.imul(h ^ (bytes[whole] as number), m);
  h = Math.imul(h ^ (h >>> 13), m);
  return h ^ (h >>> 15);
}

/** Partition of a key among `count`, as Kafka's default partitioner computes it. */
export function partitionOf(bytes: Uint8Array, from: number, to: number, count: number): number {
  return (murmur2(bytes, from, to) & 0x7fffffff) % count;
}
