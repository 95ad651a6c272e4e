/**
 * The explanation (说明) of a case: its clocks, ledger, stages and the time bill of each clock.
 *
 * Owns: turning the trace of a re-fold into views. The re-fold is the one that decides; it is run once
 * more with a listener, and asserted to change nothing. So an explanation cannot disagree with a card.
 *
 * Shapes are those of the facade minus what the shell adds (names, stored records).
 */
import { assert } from '../base/assert.ts';
import { Changes } from '../cards/changes.ts';
import { EVENT_TYPES } from '../events/event.ts';
import type * as P from '../rules/program.ts';
import * as S from '../state/case-table.ts';
import { NO_STAGE } from '../state/clock-pool.ts';
import { TYPE_RETRACTED } from '../state/history.ts';
import type { ClockOps } from './clock-ops.ts';
import type { ClockRecord } from './clock-record.ts';
import { ClockRecorder } from './clock-record.ts';
import { inCalendarDays } from './measure.ts';
import type { Partition } from './partition.ts';
import type { BillEntry } from './time-bill.ts';
import { timeBill } from './time-bill.ts';

export interface ClockExplanation extends ClockRecord {
  readonly ruleId: string;
  /** The version it began under and ends under. */
  readonly ruleVersion: number;
  readonly stageCode: string;
  readonly used: number;
  readonly remaining: number | null;
  readonly excluded: number;
  readonly provisional: boolean;
  readonly bill: readonly BillEntry[];
}

export interface EventExplanation {
  readonly position: number;
  readonly type: string;
  readonly atMs: number;
  readonly stampMs: number;
  readonly recordedAtMs: number | null;
  readonly stage: string;
}

export interface PartitionExplanation {
  readonly caseKey: string;
  readonly itemCode: string;
  readonly itemVersion: number;
  readonly organ: string;
  readonly territory: string;
  readonly deemed: boolean;
  readonly closed: boolean;
  readonly nowMs: number;
  readonly clocks: readonly ClockExplanation[];
  readonly events: readonly EventExplanation[];
  readonly deemedAtMs: number | null;
}

export function explainCase(partition: Partition, row: number): PartitionExplanation {
  const { store } = partition;
  const recorder = new ClockRecorder(store.program);
  const changes = new Changes(16);
  store.out = changes;
  store.trace = recorder;
  const shelved = partition.refold.shelved(row);
  // What stays as it is is shown by the pack in force, and stays as it is.
  partition.fold.findings.quiet = shelved;
  try {
    partition.refold.row(row);
  } finally {
    store.trace = null;
    partition.fold.findings.quiet = false;
    if (shelved) partition.refold.shelve(row);
  }
  assert(changes.count === 0, 'explaining a case changes no card');
  const { table, program } = store;
  const seen = table.get(row, S.SEEN);
  const text = (code: number): string => (code < 0 ? '' : store.dictionary.text(code));
  const records = recorder.finish(store.nowMs);
  return {
    caseKey: keyOf(partition, row),
    itemCode: text(table.get(row, S.ITEM)),
    itemVersion: itemVersionOf(partition.fold.clocks, program, row),
    organ: text(table.get(row, S.ORGAN)),
    territory: text(table.get(row, S.TERRITORY)),
    deemed: (seen & S.ROW_DEEMED) !== 0,
    closed: (seen & S.ROW_CLOSED) !== 0,
    nowMs: store.nowMs,
    deemedAtMs: recorder.deemedAtMs,
    clocks: records.map((record) => explainClock(partition, row, record)),
    events: eventsOf(partition),
  };
}

function explainClock(partition: Partition, row: number, record: ClockRecord): ClockExplanation {
  const { store } = partition;
  const { program } = store;
  const def = program.clocks[record.def]!;
  const bill = timeBill(store.calendar, record, store.nowMs, inCalendarDays(record.measure));
  const stage = record.stage === NO_STAGE ? '' : store.dictionary.text(record.stage);
  const provisional =
    record.dueMs !== null &&
    store.calendar.dayOf(record.dueMs - 1) > store.calendar.publishedLastDay;
  return {
    ...record,
    ruleId: def.id,
    ruleVersion: def.version,
    stageCode: stage,
    used: bill.used,
    remaining: bill.remaining,
    excluded: bill.excluded,
    provisional,
    bill: bill.days,
  };
}

/** The events that the last re-fold walked over: what was taken back is not among them. */
function eventsOf(partition: Partition): EventExplanation[] {
  const h = partition.refold.history;
  const out: EventExplanation[] = [];
  for (let i = 0; i < h.count; i++) {
    if (h.type[i] === TYPE_RETRACTED) continue;
    const recorded = h.recordedAt[i]!;
    out.push({
      position: h.position[i]!,
      type: EVENT_TYPES[h.type[i]!]!,
      atMs: h.at[i]!,
      stampMs: h.stamp[i]!,
      recordedAtMs: Number.isNaN(recorded) ? null : recorded,
      stage: h.stage[i]! < 0 ? '' : partition.store.dictionary.text(h.stage[i]!),
    });
  }
  return out;
}

function keyOf(partition: Partition, row: number): string {
  const { table, keys } = partition.store;
  const at = table.get(row, S.KEY_OFF);
  return new TextDecoder().decode(keys.bytes.subarray(at, at + keys.lengthOf(row)));
}

function itemVersionOf(clocks: ClockOps, program: P.Program, row: number): number {
  const item = clocks.itemOf(row);
  return item < 0 ? 0 : program.items.version[item]!;
}
