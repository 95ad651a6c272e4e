/**
 * The buckets of a wheel: many small bags of rows in one pool.
 *
 * Owns: which rows a bucket holds, in no order, and which buckets hold any.
 * Does not own: which bucket a row belongs in (wheel.ts), nor where a row lies: `push` says the
 * place, `remove` says which row was moved into the gap, and the caller keeps it.
 *
 * A bucket is a stack of chunks of 16 rows, one cache line each. Only the uppermost chunk is partly
 * filled, because a removed row's gap takes the row on top. Compared with linked lists that is one
 * word a row instead of two, and emptying a bucket reads memory in sequence: the rows' other columns
 * are then fetched side by side instead of one after the other, which is what its time is made of.
 *
 * Cost: push, remove, popChunk O(1); firstUsed reads one bit a bucket. 4 bytes a row, 1/4 for the
 * chunk's link, and up to 15 unused places in each bucket that is not empty.
 *
 * Invariants
 * B1  `end[b]` is the place after the top row of b, 0 when b is empty; chunk 0 is never used.
 * B2  `below[c]` is what `end` was before chunk c was put on, or the next free chunk.
 * B3  The bit of b is set exactly when b is not empty.
 */
const CHUNK_BITS = 4;
const CHUNK_ROWS = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_ROWS - 1;
const CHUNKS_START = 64;
const NIL = -1;

export class Buckets {
  readonly #end: Int32Array;
  readonly #bits: Int32Array;
  #rows = new Int32Array(CHUNKS_START * CHUNK_ROWS);
  #below = new Int32Array(CHUNKS_START);
  #free = 0;
  #unused = 1;

  constructor(count: number) {
    this.#end = new Int32Array(count);
    this.#bits = new Int32Array((count >> 5) + 1);
  }

  get bytes(): number {
    const fixed = this.#end.byteLength + this.#bits.byteLength;
    return fixed + this.#rows.byteLength + this.#below.byteLength;
  }

  isEmpty(bucket: number): boolean {
    return this.#end[bucket] === 0;
  }

  /** Puts the row on top; its place. */
  push(bucket: number, row: number): number {
    let place = this.#end[bucket] as number;
    if ((place & CHUNK_MASK) === 0) place = this.#addChunk(bucket, place);
    this.#rows[place] = row;
    this.#end[bucket] = place + 1;
    return place;
  }

  /** Takes the row at the place out; the row that now lies there, or -1. */
  remove(bucket: number, place: number): number {
    const top = (this.#end[bucket] as number) - 1;
    const row = this.#rows[top] as number;
    if ((top & CHUNK_MASK) === 0) this.#dropChunk(bucket, top >> CHUNK_BITS);
    else this.#end[bucket] = top;
    if (top === place) return NIL;
    this.#rows[place] = row;
    return row;
  }

  /** Takes up to 16 rows out and writes them from `into[at]`; their number, 0 when empty. */
  popChunk(bucket: number, into: Int32Array, at: number): number {
    const end = this.#end[bucket] as number;
    if (end === 0) return 0;
    const chunk = (end - 1) >> CHUNK_BITS;
    const start = chunk << CHUNK_BITS;
    for (let place = start; place < end; place++) {
      into[at + place - start] = this.#rows[place] as number;
    }
    this.#dropChunk(bucket, chunk);
    return end - start;
  }

  /** First bucket in [from, to) that holds a row, -1 when there is none. */
  firstUsed(from: number, to: number): number {
    const bits = this.#bits;
    const last = (to - 1) >> 5;
    let word = from >> 5;
    let used = (bits[word] as number) & (-1 << (from & 31));
    while (used === 0) {
      if (++word > last) return NIL;
      used = bits[word] as number;
    }
    const bucket = (word << 5) + 31 - Math.clz32(used & -used);
    return bucket < to ? bucket : NIL;
  }

  #addChunk(bucket: number, end: number): number {
    let chunk = this.#free;
    if (chunk !== 0) this.#free = this.#below[chunk] as number;
    else {
      chunk = this.#unused++;
      if (chunk === this.#below.length) this.#grow();
    }
    this.#below[chunk] = end;
    if (end === 0) (this.#bits[bucket >> 5] as number) |= 1 << (bucket & 31);
    return chunk << CHUNK_BITS;
  }

  #dropChunk(bucket: number, chunk: number): void {
    const end = this.#below[chunk] as number;
    this.#end[bucket] = end;
    if (end === 0) (this.#bits[bucket >> 5] as number) &= ~(1 << (bucket & 31));
    this.#below[chunk] = this.#free;
    this.#free = chunk;
  }

  #grow(): void {
    const chunks = this.#below.length + (this.#below.length >> 1);
    const below = new Int32Array(chunks);
    below.set(this.#below);
    this.#below = below;
    const rows = new Int32Array(chunks * CHUNK_ROWS);
    rows.set(this.#rows);
    this.#rows = rows;
  }
}

export { CHUNK_ROWS };
