/**
 * Group commit: records offered within one turn of the event loop go to the log in one append, and each
 * caller hears the position of its own once the append has returned.
 *
 * Owns: the pending group and the stamp rule. Does not own: the log, or who may write to it.
 *
 * Invariants
 * GC1  A promise resolves only after the append that holds its records returned (law L3).
 * GC2  Stamps: live = max(last stamp, clock); history = max(last stamp, the instant given). The last
 *      stamp counts records still pending, so that order of offering is order of stamps (law L2).
 * GC3  The group never outgrows its bounds: reaching one commits at once, in the caller's turn.
 * GC4  Record bytes are copied when offered; the caller may reuse its buffer at once.
 */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { KIB, MIB } from '../base/units.ts';
import type { Log, RecordBatch, StoredBatch } from './log.ts';

/** Records and bytes of one group at which it is committed without waiting for the turn to end. */
export const GROUP_RECORDS_MAX = 10_000;
export const GROUP_BYTES_MAX = 8 * MIB;

export interface GroupCommitOptions {
  readonly recordsMax?: number;
  readonly bytesMax?: number;
  /**
   * Called with each committed group before any promise resolves, so that the owner can apply records
   * without reading them back. The batch's memory is reused after the call returns.
   */
  readonly onCommit?: (batch: StoredBatch) => void;
}

/** `live`: the clock says; a number: the record's own instant (history). */
export type StampRule = 'live' | number;

interface Waiting {
  readonly first: number; // index inside the group
  readonly resolve: (position: number) => void;
  readonly reject: (error: unknown) => void;
}

export class GroupCommit {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #recordsMax: number;
  readonly #bytesMax: number;
  readonly #onCommit: ((batch: StoredBatch) => void) | null;
  #count = 0;
  #bytes = new Uint8Array(64 * KIB);
  readonly #offsets: Int32Array;
  readonly #kinds: Uint8Array;
  readonly #stamps: Float64Array;
  #waiting: Waiting[] = [];
  #scheduled: NodeJS.Immediate | null = null;
  #lastStamp: number;

  constructor(log: Log, clock: Clock, options: GroupCommitOptions = {}) {
    this.#log = log;
    this.#clock = clock;
    this.#recordsMax = options.recordsMax ?? GROUP_RECORDS_MAX;
    this.#bytesMax = options.bytesMax ?? GROUP_BYTES_MAX;
    this.#onCommit = options.onCommit ?? null;
    this.#offsets = new Int32Array(this.#recordsMax + 1);
    this.#kinds = new Uint8Array(this.#recordsMax);
    this.#stamps = new Float64Array(this.#recordsMax);
    this.#lastStamp = log.lastStamp;
  }

  /** Stamp of the newest record offered, committed or not. */
  get lastStamp(): number {
    return this.#lastStamp;
  }

  /** Records offered and not yet committed. */
  get pending(): number {
    return this.#count;
  }

  /** Offers one record; resolves with its position. */
  add(kind: number, record: Uint8Array, stamp: StampRule): Promise<number> {
    this.#room(record.length);
    const first = this.#count;
    this.#put(kind, record, stamp);
    const promise = this.#promise(first);
    this.#settleSoon();
    return promise;
  }

  /**
   * Offers many records at once with one promise: positions are contiguous only when all fit in one
   * group, so each record's position is written to `positions`.
   */
  async addMany(
    kind: number,
    records: readonly Uint8Array[],
    stamps: 'live' | readonly number[],
    positions: Float64Array,
  ): Promise<void> {
    assert(positions.length >= records.length, 'positions take every record');
    const parts: Promise<void>[] = [];
    let i = 0;
    while (i < records.length) {
      const from = i;
      this.#room(records[i]!.length);
      const first = this.#count;
      do {
        this.#put(kind, records[i]!, stamps === 'live' ? 'live' : stamps[i]!);
        i++;
      } while (i < records.length && this.#fits(records[i]!.length));
      const count = i - from;
      parts.push(
        this.#promise(first).then((position) => {
          for (let k = 0; k < count; k++) positions[from + k] = position + k;
        }),
      );
      this.#settleSoon();
    }
    await Promise.all(parts);
  }

  /** Commits what is pending now. Failures go to the waiting callers, not to this one. */
  flush(): void {
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
    if (this.#count === 0) return;
    const waiting = this.#waiting;
    const batch = this.#batch();
    this.#waiting = [];
    this.#count = 0;
    let position: number;
    try {
      position = this.#log.append(batch);
    } catch (error) {
      this.#lastStamp = this.#log.lastStamp;
      for (const one of waiting) one.reject(error);
      return;
    }
    try {
      this.#onCommit?.({ ...batch, position });
    } finally {
      for (const one of waiting) one.resolve(position + one.first);
    }
  }

  #batch(): RecordBatch {
    const count = this.#count;
    return {
      count,
      bytes: this.#bytes.subarray(0, this.#offsets[count]),
      offsets: this.#offsets.subarray(0, count + 1),
      kinds: this.#kinds.subarray(0, count),
      stamps: this.#stamps.subarray(0, count),
    };
  }

  #fits(length: number): boolean {
    return this.#count < this.#recordsMax && this.#offsets[this.#count]! + length <= this.#bytesMax;
  }

  #room(length: number): void {
    if (!this.#fits(length)) this.flush();
  }

  #put(kind: number, record: Uint8Array, stamp: StampRule): void {
    const i = this.#count;
    const at = this.#offsets[i]!;
    const end = at + record.length;
    if (end > this.#bytes.length) {
      const wider = new Uint8Array(end * 2);
      wider.set(this.#bytes.subarray(0, at));
      this.#bytes = wider;
    }
    this.#bytes.set(record, at);
    this.#offsets[i + 1] = end;
    this.#kinds[i] = kind;
    this.#lastStamp = Math.max(this.#lastStamp, stamp === 'live' ? this.#clock.nowMs() : stamp);
    this.#stamps[i] = this.#lastStamp;
    this.#count = i + 1;
  }

  #promise(first: number): Promise<number> {
    return new Promise((resolve, reject) => this.#waiting.push({ first, resolve, reject }));
  }

  #settleSoon(): void {
    if (!this.#fits(0)) this.flush();
    else if (this.#scheduled === null) this.#scheduled = setImmediate(() => this.flush());
  }
}
