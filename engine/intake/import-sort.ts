/**
 * Records of an import, kept until all are read and then handed out in the order they happened.
 *
 * A log lists one case after the other; submitted like that, nearly every record would arrive late.
 * Records lie in byte blocks and only their numbers are sorted; beyond its share of memory the store
 * writes sorted runs to disk and merges them in the end (import-runs.ts).
 *
 * Invariants
 * O1  Records leave in the order (instant, number); the order of the file does not matter.
 * O2  Memory is bounded by `sortMemoryBytes`; beyond `recordsMax` it refuses by name, never drops.
 */
import { MIB } from '../base/units.ts';
import { importLimits } from '../config/limits.ts';
import { ImportError } from './import-error.ts';
import { type RecordView, SortedRuns } from './import-runs.ts';

const BLOCK_BYTES = 8 * MIB;
const FIRST_RECORDS = 1024;
const NEWLINE = 0x0a;

export interface SortedBatch {
  readonly rows: number;
  /** NDJSON; valid until the next batch is taken. */
  readonly lines: Uint8Array;
}

export class RecordStore {
  readonly #memoryBytes: number;
  readonly #encoder = new TextEncoder();
  readonly #runs = new SortedRuns();
  #blocks: Uint8Array[] = [];
  #blockUsed = BLOCK_BYTES;
  /** Records ever added, and those now in memory. */
  #total = 0;
  #count = 0;
  #at = new Float64Array(FIRST_RECORDS);
  #seq = new Float64Array(FIRST_RECORDS);
  /** Offset into the blocks as if they were one, and length. */
  #offset = new Float64Array(FIRST_RECORDS);
  #length = new Int32Array(FIRST_RECORDS);
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(memoryBytes: number = importLimits.sortMemoryBytes) {
    this.#memoryBytes = memoryBytes;
  }

  get count(): number {
    return this.#total;
  }

  /** Latest instant of any record; -Infinity when there is none. */
  get lastMs(): number {
    return this.#lastMs;
  }

  add(atMs: number, seq: number, text: string): void {
    if (this.#total >= importLimits.recordsMax) {
      throw new ImportError('IMPORT_TOO_MANY_RECORDS', { limit: importLimits.recordsMax });
    }
    if (this.#count === this.#at.length) this.#grow();
    const room = text.length * 3;
    if (this.#blockUsed + room > BLOCK_BYTES) this.#newBlock(room);
    const block = this.#blocks.at(-1) as Uint8Array;
    const { written } = this.#encoder.encodeInto(text, block.subarray(this.#blockUsed));
    const i = this.#count++;
    this.#total++;
    this.#at[i] = atMs;
    this.#seq[i] = seq;
    this.#offset[i] = (this.#blocks.length - 1) * BLOCK_BYTES + this.#blockUsed;
    this.#length[i] = written;
    this.#blockUsed += written;
    if (atMs > this.#lastMs) this.#lastMs = atMs;
  }

  /** All records in order (O1), in batches of bounded rows and bytes. */
  *batches(): Generator<SortedBatch> {
    if (this.#runs.count > 0 && this.#count > 0) this.#spill();
    const records = this.#runs.count > 0 ? this.#runs.merge() : this.#inMemory();
    let lines = new Uint8Array(importLimits.batchBytes);
    let rows = 0;
    let used = 0;
    for (const { bytes, from, to } of records) {
      const size = to - from + 1;
      const full = rows === importLimits.batchRows || used + size > lines.length;
      if (full && rows > 0) {
        yield { rows, lines: lines.subarray(0, used) };
        rows = 0;
        used = 0;
      }
      if (size > lines.length) lines = new Uint8Array(size);
      lines.set(bytes.subarray(from, to), used);
      used += size;
      lines[used - 1] = NEWLINE;
      rows++;
    }
    if (rows > 0) yield { rows, lines: lines.subarray(0, used) };
  }

  /** Deletes what lies on disk. */
  close(): void {
    this.#runs.remove();
  }

  *#inMemory(): Generator<RecordView> {
    const view: RecordView = { atMs: 0, seq: 0, bytes: new Uint8Array(0), from: 0, to: 0 };
    for (const i of this.#order()) {
      const offset = this.#offset[i] as number;
      view.atMs = this.#at[i] as number;
      view.seq = this.#seq[i] as number;
      view.bytes = this.#blocks[Math.floor(offset / BLOCK_BYTES)] as Uint8Array;
      view.from = offset % BLOCK_BYTES;
      view.to = view.from + (this.#length[i] as number);
      yield view;
    }
  }

  #order(): Uint32Array {
    const at = this.#at;
    const seq = this.#seq;
    const order = new Uint32Array(this.#count);
    for (let i = 0; i < order.length; i++) order[i] = i;
    return order.sort((a, b) => {
      const byInstant = (at[a] as number) - (at[b] as number);
      return byInstant !== 0 ? byInstant : (seq[a] as number) - (seq[b] as number);
    });
  }

  #spill(): void {
    this.#runs.write(this.#inMemory());
    this.#blocks = [];
    this.#blockUsed = BLOCK_BYTES;
    this.#count = 0;
  }

  #newBlock(room: number): void {
    if (room > BLOCK_BYTES) throw new ImportError('RECORD_TOO_LARGE', { limit: BLOCK_BYTES / 3 });
    if (this.#blocks.length * BLOCK_BYTES >= this.#memoryBytes) this.#spill();
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
