/**
 * What was believed of one case at an instant (认知时点): its records up to then, applied in their order
 * to a partition of their own, and time brought to that instant.
 *
 * Nothing else that a log holds touches the case: controls are among the records given, and the stamps
 * of other cases' records only bring time, which the last tick does as well (laws L1, L2). So the answer
 * is the one the engine gave at that instant (tests/property/case-replay.test.ts).
 */
import { assert } from '../base/assert.ts';
import { fnv1a } from '../base/hash.ts';
import { Changes } from '../cards/changes.ts';
import { Decoder } from '../events/decode.ts';
import type { Dictionaries } from '../events/dictionary.ts';
import { EventBatch, RECORD_TICK } from '../events/event.ts';
import type { Program } from '../rules/program.ts';
import type { PartitionExplanation } from './explain.ts';
import { explainCase } from './explain.ts';
import { Partition } from './partition.ts';

/** A record as the log holds it. */
export interface LoggedRecord {
  readonly position: number;
  readonly stampMs: number;
  readonly kind: number;
  readonly bytes: Uint8Array;
}

export interface CaseReplay {
  readonly caseKey: Uint8Array;
  /** The case's own records and the controls up to the instant, by position. */
  readonly records: readonly LoggedRecord[];
  readonly atMs: number;
  /** Number of the partition the case lives in. */
  readonly index: number;
  readonly dictionaries: Dictionaries;
  /** Program and hash of the pack the log was begun with. */
  readonly program: Program;
  readonly packHash: string;
  readonly resolve: (hash: string) => Program;
}

export interface BelievedCase {
  readonly explained: PartitionExplanation;
  /** Of the pack in force then. */
  readonly packHash: string;
}

/** Null when nothing of the case had arrived. */
export function replayCase(replay: CaseReplay): BelievedCase | null {
  const { index, dictionaries, program, resolve, caseKey, atMs } = replay;
  const partition = new Partition({ index, dictionaries, program, resolve });
  partition.packHash = replay.packHash;
  const decoder = new Decoder(dictionaries);
  const batch = new EventBatch(1);
  const changes = new Changes(16);
  for (const record of replay.records) {
    assert(record.stampMs <= atMs, 'what came later was not known');
    apply(partition, decoder, batch, changes, record);
  }
  const position = replay.records.at(-1)?.position ?? -1;
  const end = { position, stampMs: atMs, kind: RECORD_TICK, bytes: new Uint8Array(0) };
  apply(partition, decoder, batch, changes, end);
  const hash = fnv1a(caseKey, 0, caseKey.length);
  const row = partition.store.keys.find(caseKey, 0, caseKey.length, hash);
  if (row < 0) return null;
  return { explained: explainCase(partition, row), packHash: partition.packHash };
}

function apply(
  partition: Partition,
  decoder: Decoder,
  batch: EventBatch,
  changes: Changes,
  record: LoggedRecord,
): void {
  batch.reset(record.bytes);
  batch.count = 1;
  batch.kind[0] = record.kind;
  batch.stamp[0] = record.stampMs;
  batch.position[0] = record.position;
  batch.rawOff[0] = 0;
  batch.rawLen[0] = record.bytes.length;
  decoder.decode(batch, 0);
  changes.reset();
  partition.apply(batch, changes);
}
