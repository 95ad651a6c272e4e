/**
 * Clocks of all cases: blocks of 16-byte slots, one block a case, as long as its slots.
 *
 * Owns: the slot layout and the blocks. Does not own: what a clock means (kernel/clock-ops.ts).
 *
 * slot: float64 target · uint32 [def 8 | state 3 | rung 4 | late 1 | limit 13 | occurrence high 3]
 *   · uint32 [stage 20 | occurrence low 8 | measure 4].
 *
 * A clock that is held up or was extended has a second slot, its *note*: [def | NOTE], the same stage,
 * no state, so that it never rings; one that says nothing any more is let go. There `target` is where in the measure the announced days of an open
 * special procedure end (-Infinity: none is open), `limit` the units granted by extensions,
 * `occurrence` the suspend pairs that are open, one bit each, and `rung` the workdays that count beyond
 * the limit (kernel/clock-ops.ts).
 *
 * `target` is in the clock's own measure (workday ordinal, local day, instant, working milliseconds):
 * where the measure must arrive for the limit to be used up; while suspended, how much is left. It is a
 * cache: the case's event list is the ledger it is derived from, and a re-fold rebuilds it.
 */
import { Arena } from './arena.ts';
import type { CaseTable } from './case-table.ts';
import { CLOCK_BLOCK, CLOCK_COUNT } from './case-table.ts';

export const SLOT_BYTES = 16;
export const NO_STAGE = 0xfffff;
export const CLOCKS_MAX = 64;
/** Limits are kept up to this many units; a case has no more events than a clock can have runs. */
export const LIMIT_MAX = 0x1fff;
export const OCCURRENCES_MAX = 0x800;
/** Rungs of one clock: the slot counts to 15. */
export const RUNGS_MAX = 15;
/** Marks the note of a clock in a slot's `def`; definitions are below it. */
const NOTE = 128;

/** No block begins there (blocks are whole grains): says that the row's clocks are shelved. */
const SHELVED = 1;

/** Of a note. */
export const CLOCK_NOTE = 0;
export const CLOCK_RUNNING = 1;
export const CLOCK_SUSPENDED = 2;
/** Running on while a special procedure's announced days are excluded. */
export const CLOCK_SPECIAL = 3;
export const CLOCK_STOPPED = 4;
export const CLOCK_STOPPED_LATE = 5;
export const CLOCK_UNCOMPUTABLE = 6;
/** Suspended while a special procedure is open as well. */
export const CLOCK_SUSPENDED_SPECIAL = 7;

export class ClockPool {
  readonly #table: CaseTable;
  readonly arena: Arena;

  constructor(table: CaseTable, arena: Arena = new Arena()) {
    this.#table = table;
    this.arena = arena;
  }

  count(row: number): number {
    return this.#table.byte(row, CLOCK_COUNT);
  }

  /** Byte offset of slot i of the row; valid until the next `add`. */
  at(row: number, i: number): number {
    return this.#table.get(row, CLOCK_BLOCK) + i * SLOT_BYTES;
  }

  /** Offset of the slot for (def, stage), or -1. */
  find(row: number, def: number, stage: number): number {
    const count = this.count(row);
    let at = this.#table.get(row, CLOCK_BLOCK);
    const view = this.arena.view;
    for (let i = 0; i < count; i++, at += SLOT_BYTES) {
      if (view.getUint8(at + 8) === def && view.getUint32(at + 12, true) >>> 12 === stage)
        return at;
    }
    return -1;
  }

  /** Appends an empty slot for (def, stage); -1 when the row holds CLOCKS_MAX already. */
  add(row: number, def: number, stage: number): number {
    const count = this.count(row);
    if (count === CLOCKS_MAX) return -1;
    const block = this.#move(row, count, count + 1);
    this.#table.setByte(row, CLOCK_COUNT, count + 1);
    const at = block + count * SLOT_BYTES;
    const view = this.arena.view;
    view.setFloat64(at, 0, true);
    view.setUint32(at + 8, def, true);
    view.setUint32(at + 12, (stage << 12) >>> 0, true);
    return at;
  }

  /** Moves the row's slots into a block of another size; its offset. A slot is one arena grain. */
  #move(row: number, count: number, capacity: number): number {
    const block = this.#table.get(row, CLOCK_BLOCK);
    const fresh = this.arena.take(capacity);
    if (count > 0) {
      const kept = Math.min(count, capacity) * SLOT_BYTES;
      this.arena.bytes.copyWithin(fresh, block, block + kept);
      this.arena.give(block, count);
    }
    this.#table.set(row, CLOCK_BLOCK, fresh);
    return fresh;
  }

  /** Lets go of the row's notes that say nothing. Offsets and indexes of its slots change. */
  dropIdleNotes(row: number): void {
    const count = this.count(row);
    const bytes = this.arena.bytes;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const at = this.at(row, i);
      if (this.#idleNote(at)) continue;
      if (kept < i) bytes.copyWithin(this.at(row, kept), at, at + SLOT_BYTES);
      kept++;
    }
    if (kept === count) return;
    // A note has a clock beside it, so something is left.
    this.#move(row, count, kept);
    this.#table.setByte(row, CLOCK_COUNT, kept);
  }

  #idleNote(at: number): boolean {
    const silent = this.target(at) === Number.NEGATIVE_INFINITY && this.limit(at) === 0;
    return silent && this.def(at) >= NOTE && this.occurrence(at) === 0 && this.rung(at) === 0;
  }

  /** Offset of the note of (def, stage), or -1. */
  note(row: number, def: number, stage: number): number {
    return this.find(row, def | NOTE, stage);
  }

  /** The same, made empty where there is none; -1 when the row holds CLOCKS_MAX slots. */
  makeNote(row: number, def: number, stage: number): number {
    const known = this.note(row, def, stage);
    if (known >= 0) return known;
    const at = this.add(row, def | NOTE, stage);
    if (at >= 0) this.clearNote(at);
    return at;
  }

  /** The slot at `at`, and its note, belong to another definition from now on. */
  give(row: number, at: number, def: number, stage: number): void {
    const view = this.arena.view;
    const note = this.note(row, this.def(at), stage);
    if (note >= 0) view.setUint8(note + 8, def | NOTE);
    view.setUint8(at + 8, def);
  }

  clearNote(at: number): void {
    this.setTarget(at, Number.NEGATIVE_INFINITY);
    this.setLimit(at, 0);
    this.setOccurrence(at, 0);
    this.setRung(at, 0);
  }

  /** Forgets all clocks of the row (before a re-fold). */
  clear(row: number): void {
    const count = this.count(row);
    if (count > 0) this.arena.give(this.#table.get(row, CLOCK_BLOCK), count);
    this.#table.set(row, CLOCK_BLOCK, 0);
    this.#table.setByte(row, CLOCK_COUNT, 0);
  }

  /** Forgets all clocks of the row and marks it: its verdict stands without them until `clear`. */
  shelve(row: number): void {
    this.clear(row);
    this.#table.set(row, CLOCK_BLOCK, SHELVED);
  }

  shelved(row: number): boolean {
    return this.#table.get(row, CLOCK_BLOCK) === SHELVED;
  }

  target(at: number): number {
    return this.arena.view.getFloat64(at, true);
  }
  setTarget(at: number, value: number): void {
    this.arena.view.setFloat64(at, value, true);
  }
  def(at: number): number {
    return this.arena.view.getUint8(at + 8);
  }
  state(at: number): number {
    return this.arena.view.getUint8(at + 9) & 7;
  }
  setState(at: number, state: number): void {
    const view = this.arena.view;
    view.setUint8(at + 9, (view.getUint8(at + 9) & ~7) | state);
  }
  /** Index of the next rung to fire. */
  rung(at: number): number {
    return (this.arena.view.getUint8(at + 9) >> 3) & 15;
  }
  setRung(at: number, rung: number): void {
    const view = this.arena.view;
    view.setUint8(at + 9, (view.getUint8(at + 9) & 0x87) | (rung << 3));
  }
  /** The limit had run out when the clock was suspended. */
  late(at: number): boolean {
    return this.arena.view.getUint8(at + 9) > 127;
  }
  setLate(at: number, late: boolean): void {
    const view = this.arena.view;
    view.setUint8(at + 9, (view.getUint8(at + 9) & 127) | (late ? 128 : 0));
  }
  limit(at: number): number {
    return this.arena.view.getUint16(at + 10, true) & LIMIT_MAX;
  }
  setLimit(at: number, limit: number): void {
    const view = this.arena.view;
    view.setUint16(at + 10, (view.getUint16(at + 10, true) & ~LIMIT_MAX) | limit, true);
  }
  stage(at: number): number {
    return this.arena.view.getUint32(at + 12, true) >>> 12;
  }
  occurrence(at: number): number {
    const { view } = this.arena;
    const high = view.getUint16(at + 10, true) >>> 13;
    return (high << 8) | ((view.getUint32(at + 12, true) >>> 4) & 0xff);
  }
  setOccurrence(at: number, n: number): void {
    const view = this.arena.view;
    const word = view.getUint32(at + 12, true);
    view.setUint32(at + 12, ((word & ~0xff0) | ((n & 0xff) << 4)) >>> 0, true);
    view.setUint16(at + 10, (view.getUint16(at + 10, true) & LIMIT_MAX) | ((n >>> 8) << 13), true);
  }
  measure(at: number): number {
    return this.arena.view.getUint8(at + 12) & 0xf;
  }
  setMeasure(at: number, measure: number): void {
    const view = this.arena.view;
    view.setUint8(at + 12, (view.getUint8(at + 12) & 0xf0) | measure);
  }

  get byteLength(): number {
    return this.arena.byteLength;
  }
}
