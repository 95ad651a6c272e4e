/**
 * Records of an import, kept until all are read and then handed out in the order they happened.
 *
 * A log lists one case after the other; submitted like that, nearly every record would arrive late.
 * So records lie in byte blocks, and only their numbers are sorted.
 *
 * Invariants
 * O1  Records leave in the order (instant, number); the order of the file does not matter.
 * O2  Beyond its limits it refuses by name; it never drops.
 */
import { MIB } from '../base/units.ts';
import { importLimits } from '../config/limits.ts';
import { ImportError } from './import-error.ts';

const BLOCK_BYTES = 8 * MIB;
const NEWLINE = 0x0a;

export interface SortedBatch {
  readonly rows: number;
  /** NDJSON; valid until the next batch is taken. */
  readonly lines: Uint8Array;
}

export class RecordStore {
  readonly #encoder = new TextEncoder();
  readonly #blocks: Uint8Array[] = [];
  #blockUsed = BLOCK_BYTES;
  #bytes = 0;
  #count = 0;
  #at = new Float64Array(1024);
  #seq = new Float64Array(1024);
  /** Offset into the blocks as if they were one, and length. */
  #offset = new Float64Array(1024);
  #length = new Int32Array(1024);
  #lastMs = Number.NEGATIVE_INFINITY;

  get count(): number {
    return this.#count;
  }

  /** Latest instant of any record; -Infinity when there is none. */
  get lastMs(): number {
    return this.#lastMs;
  }

  add(atMs: number, seq: number, text: string): void {
    if (this.#count >= importLimits.recordsMax || this.#bytes >= importLimits.recordArenaBytesMax) {
      throw new ImportError('IMPORT_TOO_MANY_RECORDS', { limit: this.#count });
    }
    if (this.#count === this.#at.length) this.#grow();
    const room = text.length * 3;
    if (this.#blockUsed + room > BLOCK_BYTES) this.#newBlock(room);
    const block = this.#blocks.at(-1) as Uint8Array;
    const { written } = this.#encoder.encodeInto(text, block.subarray(this.#blockUsed));
    const i = this.#count++;
    this.#at[i] = atMs;
    this.#seq[i] = seq;
    this.#offset[i] = (this.#blocks.length - 1) * BLOCK_BYTES + this.#blockUsed;
    this.#length[i] = written;
    this.#blockUsed += written;
    this.#bytes += written;
    if (atMs > this.#lastMs) this.#lastMs = atMs;
  }

  /** All records in order (O1), in batches of bounded rows and bytes. */
  *batches(): Generator<SortedBatch> {
    const order = this.#sorted();
    const lines = new Uint8Array(importLimits.batchBytes + BLOCK_BYTES);
    let rows = 0;
    let used = 0;
    for (const i of order) {
      const offset = this.#offset[i] as number;
      const length = this.#length[i] as number;
      const block = this.#blocks[Math.floor(offset / BLOCK_BYTES)] as Uint8Array;
      const from = offset % BLOCK_BYTES;
      lines.set(block.subarray(from, from + length), used);
      used += length;
      lines[used++] = NEWLINE;
      rows++;
      if (rows === importLimits.batchRows || used >= importLimits.batchBytes) {
        yield { rows, lines: lines.subarray(0, used) };
        rows = 0;
        used = 0;
      }
    }
    if (rows > 0) yield { rows, lines: lines.subarray(0, used) };
  }

  #sorted(): Uint32Array {
    const at = this.#at;
    const seq = this.#seq;
    const order = new Uint32Array(this.#count);
    for (let i = 0; i < order.length; i++) order[i] = i;
    return order.sort((a, b) => {
      const byInstant = (at[a] as number) - (at[b] as number);
      return byInstant !== 0 ? byInstant : (seq[a] as number) - (seq[b] as number);
    });
  }

  #newBlock(room: number): void {
    if (room > BLOCK_BYTES) throw new ImportError('RECORD_TOO_LARGE', { limit: BLOCK_BYTES / 3 });
    this.#blocks.push(new Uint8Array(BLOCK_BYTES));
    this.#blockUsed = 0;
  }

  #grow(): void {
    const capacity = this.#at.length * 2;
    this.#at = wider(this.#at, new Float64Array(capacity));
    this.#seq = wider(this.#seq, new Float64Array(capacity));
    this.#offset = wider(this.#offset, new Float64Array(capacity));
    this.#length = wider(this.#length, new Int32Array(capacity));
  }
}

function wider<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
