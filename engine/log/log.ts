/**
 * Port: the record of record. One log a partition, one order: events, commands, controls and ticks.
 *
 * Contract (tests/contract/log.contract.ts runs it on every driver)
 * G1  `append` returns only after the records are on disk; positions are contiguous from 0.
 * G2  Stamps never go backwards inside a partition; the caller assigns them, `append` asserts it.
 * G3  `read` yields exactly what was appended, in order, in batches of at most `recordsMax`.
 * G4  A position below the start or beyond the end is an error that names both (never a silent reset).
 * G5  One process (one thread) owns a partition's log at a time; a second opener is refused by name.
 */

/** Records of one append, lying one after the other in `bytes`. */
export interface RecordBatch {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** `offsets[i] .. offsets[i+1]` is record i; length count + 1. */
  readonly offsets: Int32Array;
  readonly kinds: Uint8Array; // RECORD_* of events/event.ts
  readonly stamps: Float64Array; // milliseconds
}

export interface StoredBatch extends RecordBatch {
  /** Position of the first record. */
  readonly position: number;
}

export interface Log {
  /** Next position to be written, and the stamp of the last record (-Infinity when empty). */
  readonly end: number;
  readonly lastStamp: number;
  /** Appends all or nothing; returns the position of the first record. */
  append(batch: RecordBatch): number;
  /** Records from `position` on, to the end as it was at the call. */
  read(position: number, recordsMax: number): IterableIterator<StoredBatch>;
  /** One record's bytes and stamp, or null when the position does not exist. */
  get(position: number): { bytes: Uint8Array; kind: number; stampMs: number } | null;
  close(): void;
}
