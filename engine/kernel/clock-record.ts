/**
 * The record of each clock of one case, gathered while it is folded again (kernel/trace.ts).
 *
 * One record for each run of a clock: (definition, stage, occurrence). Instants in ms; `dueMs` is where
 * the limit ended after the last operation, null while suspended or when it cannot be computed.
 */
import { assert } from '../base/assert.ts';
import type { Program } from '../rules/program.ts';
import type { ClockOp, Trace } from './trace.ts';

export interface Pause {
  readonly kind: 'suspension' | 'special';
  readonly fromMs: number;
  /** Null while it lasts. */
  toMs: number | null;
  /** Announced days of a special procedure. */
  readonly days: number;
}

export interface ClockRecord {
  readonly def: number;
  readonly stage: number;
  readonly occurrence: number;
  /** What it counts in (kernel/measure.ts). */
  readonly measure: number;
  readonly startMs: number;
  state: 'running' | 'suspended' | 'stopped' | 'expired' | 'uncomputable';
  dueMs: number | null;
  stoppedMs: number | null;
  /** In the unit of the clock's limit. */
  limit: number;
  extended: number;
  /** What was granted, and when. */
  readonly extensions: { readonly atMs: number; readonly days: number }[];
  readonly pauses: Pause[];
  readonly rungs: { readonly index: number; readonly dueMs: number }[];
}

export class ClockRecorder implements Trace {
  readonly #program: Program;
  readonly #records: ClockRecord[] = [];
  deemedAtMs: number | null = null;

  constructor(program: Program) {
    this.#program = program;
  }

  clock(
    op: ClockOp,
    def: number,
    stage: number,
    occurrence: number,
    atMs: number,
    dueMs: number,
    amount: number,
    measure: number,
  ): void {
    if (op === 'start' || op === 'uncomputable') {
      this.#start(op, def, stage, occurrence, atMs, dueMs, amount, measure);
      return;
    }
    const record = this.#find(def, stage, occurrence);
    if (op === 'rung') {
      record.rungs.push({ index: amount, dueMs });
      return;
    }
    if (op === 'stop') {
      record.stoppedMs = atMs;
      if (record.dueMs !== null && atMs >= record.dueMs) record.state = 'expired';
      else if (record.state !== 'uncomputable') record.state = 'stopped';
      return;
    }
    // A pause after the end moves it no more.
    const late = record.state === 'expired' || (record.dueMs !== null && atMs >= record.dueMs);
    if (late) record.state = 'expired';
    if (op === 'suspend' || op === 'special') {
      const kind = op === 'special' ? 'special' : 'suspension';
      record.pauses.push({ kind, fromMs: atMs, toMs: null, days: amount });
      if (op === 'suspend' && !late) record.state = 'suspended';
    } else if (op === 'resume' || op === 'closed') {
      const kind = op === 'closed' ? 'special' : 'suspension';
      const open = record.pauses.findLast((pause) => pause.toMs === null && pause.kind === kind);
      assert(open !== undefined, 'what ends has begun');
      open.toMs = atMs;
      if (op === 'resume' && !late) record.state = 'running';
    } else {
      record.extensions.push({ atMs, days: amount });
      record.extended += amount;
      record.limit += amount;
    }
    if (!late) record.dueMs = Number.isFinite(dueMs) && op !== 'suspend' ? dueMs : null;
  }

  deemed(atMs: number, _effectiveMs: number): void {
    this.deemedAtMs = atMs;
  }

  finish(nowMs: number): ClockRecord[] {
    for (const record of this.#records) {
      const over = record.dueMs !== null && record.dueMs <= nowMs;
      if (record.state === 'running' && over) record.state = 'expired';
    }
    return this.#records;
  }

  #start(
    op: 'start' | 'uncomputable',
    def: number,
    stage: number,
    occurrence: number,
    atMs: number,
    dueMs: number,
    limit: number,
    measure: number,
  ): void {
    assert(def < this.#program.clocks.length, 'a clock of the program');
    this.#records.push({
      def,
      stage,
      occurrence,
      measure,
      startMs: atMs,
      state: op === 'start' ? 'running' : 'uncomputable',
      dueMs: Number.isFinite(dueMs) ? dueMs : null,
      stoppedMs: null,
      limit,
      extended: 0,
      extensions: [],
      pauses: [],
      rungs: [],
    });
  }

  #find(def: number, stage: number, occurrence: number): ClockRecord {
    const record = this.#records.findLast(
      (one) => one.def === def && one.stage === stage && one.occurrence === occurrence,
    );
    assert(record !== undefined, 'an operation on a clock that was started');
    return record;
  }
}
