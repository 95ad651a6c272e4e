/**
 * What the main thread and its workers say to each other. Bytes travel by transfer, the rest by copy.
 *
 * A request carries an id; its reply carries the same id and either a value or an error. Everything
 * that must arrive in order (effects) is a message of its own and arrives in the order it was decided.
 */

import type { CommandResult } from '../facade.ts';
import type { BelievedCase } from '../kernel/case-replay.ts';
import type { Digest } from '../kernel/digest.ts';
import type { PartitionExplanation } from '../kernel/explain.ts';
import type { PartitionSummary } from '../kernel/summary.ts';
import type { SinkBatch } from '../sinks/sink.ts';
import type { CaseRecord } from './case-records.ts';
import type { PublicationTally } from './publication-tally.ts';
import type { ClockSettings } from './virtual-clock.ts';

export interface WorkerSetup {
  readonly partitions: readonly number[];
  readonly partitionCount: number;
  readonly dir: string;
  /** Hash and canonical JSON of the pack a new log begins with. */
  readonly packHash: string;
  readonly packJson: string;
  readonly clock: ClockSettings;
  /** By partition: last position whose effects the sink holds. */
  readonly sunk: readonly number[];
}

/** One record of the log as evidence: an event, or the JSON of a control or command. */
export interface Witness {
  readonly position: number;
  readonly stampMs: number;
  readonly record: CaseRecord | null;
  readonly json: string | null;
}

/** Records for one partition, one after the other in `bytes`. */
export interface AppendRequest {
  readonly partition: number;
  readonly kind: number;
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
  /** 'live', or one instant a record (history). */
  readonly stamps: 'live' | Float64Array;
}

export interface AppendReply {
  readonly positions: Float64Array;
  /** kernel/balance.ts outcomes, one a record. */
  readonly outcomes: Uint8Array;
  /** Codes of rejected records by index in the request. */
  readonly codes: ReadonlyMap<number, string>;
}

export interface PartitionState {
  readonly partition: number;
  readonly end: number;
  readonly applied: number;
  readonly lastStampMs: number;
  readonly nowMs: number;
  readonly sunk: number;
  readonly checkpoint: number;
  readonly stopped: string;
  readonly packHash: string;
  /** Applied records that are no events. */
  readonly others: number;
  readonly balance: readonly {
    readonly source: string;
    readonly counts: readonly number[];
  }[];
  readonly cases: number;
  readonly cards: number;
  readonly bytes: number;
  readonly quietUntilMs: number;
  /** Declared end of the log, null while it is open. */
  readonly logEndMs: number | null;
}

export interface Requests {
  append: { request: AppendRequest; reply: AppendReply };
  command: { request: { partition: number; json: string }; reply: CommandResult };
  control: {
    request: { partition: number; json: string; packJson: string; stamp: 'live' | number };
    reply: PublicationTally;
  };
  tick: { request: { partition: number; stampMs: number }; reply: null };
  explain: { request: { partition: number; caseKey: string }; reply: PartitionExplanation | null };
  /** The case as it was believed at the instant, by its records at these positions. */
  believed: {
    request: {
      partition: number;
      caseKey: string;
      atMs: number;
      positions: readonly number[];
    };
    reply: BelievedCase | null;
  };
  /** May the case have records beside those that count: revised, taken back, held? */
  revised: { request: { partition: number; caseKey: string }; reply: boolean };
  /** Event records of the log, as they say themselves. */
  records: { request: { partition: number; positions: readonly number[] }; reply: CaseRecord[] };
  witness: { request: { partition: number; position: number }; reply: Witness | null };
  summary: {
    request: {
      partition: number;
      organs: readonly string[] | null;
      territories: readonly string[] | null;
    };
    reply: PartitionSummary;
  };
  digest: { request: { partition: number }; reply: Digest };
  state: { request: { partition: number }; reply: PartitionState };
  sunk: { request: { partition: number; to: number }; reply: null };
  pack: { request: { partition: number; hash: string }; reply: string | null };
  publication: { request: { partition: number; hash: string }; reply: string | null };
  controls: {
    request: { partition: number };
    reply: readonly { readonly stampMs: number; readonly json: string }[];
  };
  clock: { request: ClockSettings; reply: null };
  /** A copy of the partition, and the pack it has in force. */
  snapshot: {
    request: { partition: number };
    reply: {
      readonly snapshot: Uint8Array;
      readonly position: number;
      readonly packHash: string;
      readonly packJson: string;
    };
  };
  checkpoint: { request: { partition: number }; reply: null };
  close: { request: null; reply: null };
}

export type RequestName = keyof Requests;

export interface RequestMessage {
  readonly id: number;
  readonly name: RequestName;
  readonly request: unknown;
}

export type WorkerMessage =
  | { readonly type: 'ready' }
  | {
      readonly type: 'progress';
      readonly partition: number;
      readonly applied: number;
      readonly end: number;
    }
  | { readonly type: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly type: 'effects'; readonly batch: SinkBatch }
  | { readonly type: 'stopped'; readonly partition: number; readonly reason: string };
