/**
 * Sorted runs on disk, for imports larger than memory: written once, merged once, then deleted.
 *
 * A run is a file of records in order: instant and number (float64 each), length (uint32), bytes.
 *
 * Invariants
 * U1  Each run is sorted by (instant, number); the merge yields all runs together in that order.
 * U2  A merge holds one buffer a run, however long the runs are.
 * U3  The folder is gone after `remove`, whatever happened before.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert } from '../base/assert.ts';
import { KIB, MIB } from '../base/units.ts';

const HEAD_BYTES = 20;
const WRITE_BYTES = 4 * MIB;
const READ_BYTES = 256 * KIB;

/** One record where it lies; the same object again and again. */
export interface RecordView {
  atMs: number;
  seq: number;
  bytes: Uint8Array;
  from: number;
  to: number;
}

function before(a: RecordView, b: RecordView): boolean {
  return a.atMs !== b.atMs ? a.atMs < b.atMs : a.seq < b.seq;
}

class RunWriter {
  readonly #file: number;
  readonly #buffer = new Uint8Array(WRITE_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  #used = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'wx', 0o600);
  }

  write(record: RecordView): void {
    const length = record.to - record.from;
    if (this.#used + HEAD_BYTES + length > WRITE_BYTES) this.#flush();
    this.#view.setFloat64(this.#used, record.atMs);
    this.#view.setFloat64(this.#used + 8, record.seq);
    this.#view.setUint32(this.#used + 16, length);
    this.#used += HEAD_BYTES;
    const bytes = record.bytes.subarray(record.from, record.to);
    if (this.#used + length > WRITE_BYTES) {
      this.#flush();
      writeAll(this.#file, bytes);
      return;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += length;
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    writeAll(this.#file, this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

class RunReader implements RecordView {
  atMs = 0;
  seq = 0;
  bytes = new Uint8Array(READ_BYTES);
  from = 0;
  to = 0;
  readonly #file: number;
  /** What of `bytes` has been read from the file. */
  #end = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'r');
  }

  /** Moves to the next record; false at the end of the run. */
  next(): boolean {
    this.from = this.to;
    if (!this.#have(HEAD_BYTES)) return false;
    const head = new DataView(this.bytes.buffer, this.from, HEAD_BYTES);
    this.atMs = head.getFloat64(0);
    this.seq = head.getFloat64(8);
    const length = head.getUint32(16);
    assert(this.#have(HEAD_BYTES + length), 'U1: a run ends with a whole record');
    this.from += HEAD_BYTES;
    this.to = this.from + length;
    return true;
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Makes `size` bytes from `from` on available; false when the file ends before the first. */
  #have(size: number): boolean {
    if (this.#end - this.from >= size) return true;
    const rest = this.bytes.subarray(this.from, this.#end);
    const room = size > this.bytes.length ? new Uint8Array(size * 2) : this.bytes;
    room.set(rest); // `set` copies as if through a buffer of its own, so overlap is no matter
    this.bytes = room;
    this.#end = rest.length;
    this.from = 0;
    while (this.#end < room.length) {
      const read = readSync(this.#file, room, this.#end, room.length - this.#end, null);
      if (read === 0) break;
      this.#end += read;
    }
    assert(this.#end === 0 || this.#end >= size, 'U1: a run ends with a whole record');
    return this.#end >= size;
  }
}

export class SortedRuns {
  #folder = '';
  readonly #paths: string[] = [];

  get count(): number {
    return this.#paths.length;
  }

  /** Writes one run; the records must come in order. */
  write(records: Iterable<RecordView>): void {
    if (this.#folder === '') this.#folder = mkdtempSync(join(tmpdir(), 'mingcha-sort-'));
    const path = join(this.#folder, `run-${this.count}`);
    const writer = new RunWriter(path);
    for (const record of records) writer.write(record);
    writer.close();
    this.#paths.push(path);
  }

  /** All records of all runs in order; the view is valid until the next is taken. */
  *merge(): Generator<RecordView> {
    const readers = this.#paths.map((path) => new RunReader(path));
    try {
      const heap = readers.filter((reader) => reader.next());
      for (let i = (heap.length >> 1) - 1; i >= 0; i--) sink(heap, i);
      while (heap.length > 0) {
        const first = heap[0] as RunReader;
        yield first;
        if (!first.next()) {
          const last = heap.pop() as RunReader;
          if (heap.length === 0) break;
          heap[0] = last;
        }
        sink(heap, 0);
      }
    } finally {
      for (const reader of readers) reader.close();
    }
  }

  remove(): void {
    if (this.#folder !== '') rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = '';
    this.#paths.length = 0;
  }
}

function sink(heap: RunReader[], from: number): void {
  let at = from;
  for (;;) {
    let least = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      const one = heap[child];
      if (one !== undefined && before(one, heap[least] as RunReader)) least = child;
    }
    if (least === at) return;
    const moved = heap[at] as RunReader;
    heap[at] = heap[least] as RunReader;
    heap[least] = moved;
    at = least;
  }
}
