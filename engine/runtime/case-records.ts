/**
 * The records of one case as the log keeps them: each with its four times, and what became of it.
 *
 * Owns: reading them back through the decoder, and the course of each number: which revision counts,
 * which it replaced, what was taken back. Nothing vanishes (law L5): what counts no more is listed with
 * the record that ended it.
 *
 * The four times: `at` it is said to have happened, `recordedAt` it was typed in, `sentAt` it was put up
 * for exchange, and the stamp, when the engine had it on disk. Between the first and the last lies what
 * late entry and back-dating live on.
 */
import type { Decoder } from '../events/decode.ts';
import type { Dictionary } from '../events/dictionary.ts';
import { EVENT_TYPES, EventBatch, FLAG_RETRACTED } from '../events/event.ts';
import type { LoggedRecord } from '../kernel/case-replay.ts';

/** What a record says of itself. */
export interface CaseRecord {
  readonly position: number;
  readonly stampMs: number;
  readonly type: string;
  readonly atMs: number;
  readonly recordedAtMs: number | null;
  readonly sentAtMs: number | null;
  readonly source: string;
  readonly seq: number | null;
  readonly rev: number;
  readonly stage: string;
  readonly retracted: boolean;
  /** As stored, personal data masked at the door. */
  readonly json: string;
}

/** Counts; replaced by a revision; taken back; takes something back; waits for its instant. */
export type RecordStatus = 'current' | 'superseded' | 'retracted' | 'retraction' | 'held';

export interface CourseRecord extends CaseRecord {
  readonly status: RecordStatus;
  /** Position of the record that replaced it or took it back. */
  readonly endedBy: number | null;
}

const LATE_MS = 24 * 3_600_000;

/** Came so long after it is said to have happened that people should see it. */
export function isLate({ stampMs, atMs, retracted }: CaseRecord): boolean {
  // A retraction repeats the instant of what it takes back; it is not late itself.
  return !retracted && stampMs - atMs > LATE_MS;
}

/** Of those records that can be read; the others are dead letters and belong to no case. */
export function readRecords(
  records: readonly LoggedRecord[],
  decoder: Decoder,
  dictionary: Dictionary,
): CaseRecord[] {
  const batch = new EventBatch(1);
  const text = new TextDecoder();
  const code = (id: number): string => (id < 0 ? '' : dictionary.text(id));
  const out: CaseRecord[] = [];
  for (const { position, stampMs, kind, bytes } of records) {
    batch.reset(bytes);
    batch.count = 1;
    batch.kind[0] = kind;
    batch.rawOff[0] = 0;
    batch.rawLen[0] = bytes.length;
    decoder.decode(batch, 0);
    if (batch.reason[0] !== 0) continue;
    out.push({
      position,
      stampMs,
      type: EVENT_TYPES[batch.type[0]!]!,
      atMs: batch.at[0]!,
      recordedAtMs: numberOrNull(batch.recordedAt[0]!),
      sentAtMs: numberOrNull(batch.sentAt[0]!),
      source: code(batch.source[0]!),
      seq: numberOrNull(batch.seq[0]!),
      rev: batch.rev[0]!,
      stage: code(batch.stage[0]!),
      retracted: (batch.flags[0]! & FLAG_RETRACTED) !== 0,
      json: text.decode(bytes),
    });
  }
  return out;
}

/**
 * Every record once, as it happened, with what became of it by `nowMs`. `counted`: positions of the
 * records that the kernel counts, which settles those without a number.
 */
export function courseOf(
  records: readonly CaseRecord[],
  counted: ReadonlySet<number>,
  nowMs: number,
): CourseRecord[] {
  const numbered = new Map<string, CaseRecord[]>();
  const out: CourseRecord[] = [];
  for (const record of [...records].sort((a, b) => a.position - b.position)) {
    if (record.seq === null) {
      const held = record.atMs > nowMs;
      if (!held && !counted.has(record.position)) continue;
      out.push({ ...record, status: held ? 'held' : 'current', endedBy: null });
      continue;
    }
    const name = `${record.seq} ${record.source}`;
    const group = numbered.get(name) ?? [];
    // The same revision again is the same record.
    if (!group.some(({ rev }) => rev === record.rev)) group.push(record);
    numbered.set(name, group);
  }
  for (const group of numbered.values()) out.push(...revisionsOf(group, nowMs));
  return out.sort((a, b) => a.atMs - b.atMs || a.position - b.position);
}

/** The revisions of one number. */
function revisionsOf(group: readonly CaseRecord[], nowMs: number): CourseRecord[] {
  const heard = group.filter(({ atMs, retracted }) => retracted || atMs <= nowMs);
  const head = heard.reduce<CaseRecord | null>(
    (best, one) => (best === null || one.rev > best.rev ? one : best),
    null,
  );
  return group.map((record) => {
    if (head === null || record.rev > head.rev) return { ...record, status: 'held', endedBy: null };
    const endedBy = record === head ? null : head.position;
    if (record.retracted) return { ...record, status: 'retraction', endedBy };
    if (record === head) return { ...record, status: 'current', endedBy };
    return { ...record, status: head.retracted ? 'retracted' : 'superseded', endedBy };
  });
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
