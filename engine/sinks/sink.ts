/**
 * Port: where projections go. Everything written here can be rebuilt from the log.
 *
 * Contract
 * S1  `write` resolves only when all rows are durable (fsync settings on).
 * S2  Writing the same batch again changes no answer of any reader (ids and versions collapse).
 * S3  Batches of a partition arrive in position order; `position()` says where each one stands.
 */
import type { CardChange } from '../cards/card.ts';

/** One stored event, as ClickHouse keeps it. Times are milliseconds; absent times are null. */
export interface EventRow {
  readonly partition: number;
  readonly position: number;
  readonly stampMs: number;
  readonly caseKey: string;
  readonly type: string;
  readonly atMs: number;
  readonly recordedAtMs: number | null;
  readonly sentAtMs: number | null;
  readonly itemCode: string;
  readonly organ: string;
  readonly territory: string;
  readonly source: string;
  readonly seq: number | null;
  readonly rev: number;
  readonly stage: string;
  /** Outcome at first sight: applied | duplicate | held | dead. */
  readonly outcome: string;
  readonly raw: string;
}

/** A record that could not be applied (死信) or waits for something (挂起). */
export interface DeadLetterRow {
  readonly partition: number;
  readonly position: number;
  readonly stampMs: number;
  readonly kind: 'dead' | 'held' | 'released';
  readonly code: string; // error catalogue
  readonly source: string;
  readonly rawBase64: string;
}

/** Everything one partition decided between two log positions. */
export interface SinkBatch {
  readonly partition: number;
  /** Positions (from, to]: from = last position already covered, -1 at the start. */
  readonly from: number;
  readonly to: number;
  /** Rows of `events` in RowBinary, as `EventRowWriter` (sinks/rows.ts) makes them. */
  readonly events: Uint8Array;
  readonly eventCount: number;
  readonly cards: readonly CardChange[];
  readonly dead: readonly DeadLetterRow[];
}

export interface Sink {
  open(): Promise<void>;
  write(batch: SinkBatch): Promise<void>;
  /** Last position of the partition whose effects are durable; -1 when none. */
  position(partition: number): Promise<number>;
  close(): Promise<void>;
}
