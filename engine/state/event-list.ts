/**
 * Compact event lists: every event a case has had, about 22 bytes each, in fold order.
 *
 * Owns: the encoding and the blocks. The list is the ledger: clocks, flags and cards of a case can be
 * rebuilt from it (kernel/refold.ts) without the log. What is not here (actor, document number, free
 * text) stays in the log, found by position.
 *
 * event: head byte [type 5 | recorded 1 | operands 1 | rev 1] · flags byte [6 bits | source 1]
 *   · varint at (absolute for the first, then delta, ms) · [zigzag recordedAt - at] · zigzag stamp - at
 *   · varint position · [varint source, if other than the event before] · [varint seq] · [varint rev]
 *   · content 3 bytes · [operand mask byte, then its varints]
 *
 * A list lies in a block of one of few capacities (CAPACITIES); the length in use says which, so the
 * capacity itself is not stored. Steps are wide enough that most cases move their list twice in life.
 *
 * Invariants
 * V1  Events are in History order (H1), so deltas of `at` are never negative.
 * V2  decode(encode(h)) = h for every field, NaN and ABSENT included.
 * V3  The 32-bit Bloom word of the row has the bit of every identity in the list: a clear bit means
 *     "surely new", which spares the scan for duplicates on most events.
 */
import { assert } from '../base/assert.ts';
import { Arena, CLASS_MAX, GRAIN } from './arena.ts';
import type { CaseTable } from './case-table.ts';
import { BLOOM, EVENT_BLOCK, EVENT_COUNT, EVENT_LENGTH } from './case-table.ts';
import type { History } from './history.ts';
import { EVENTS_MAX } from './history.ts';

const FLAG_NO_SEQ = 32;
const HEAD_RECORDED = 32;
const HEAD_OPERANDS = 64;
const HEAD_REV = 128;
const BYTE_SOURCE = 64;

const OP_STAGE = 1;
const OP_DAYS = 2;
const OP_SPECIAL = 4;
const OP_AMOUNT = 8;
const OP_DEADLINE = 16;
const OP_MATERIALS = 32;

/** Longest encoded event: head, flags, 7 fields of at most 8 bytes, content, mask, 6 operands. */
const EVENT_BYTES_MAX = 2 + 8 * 7 + 3 + 1 + 8 * 6;
const LIST_BYTES_MAX = CLASS_MAX * GRAIN - 1;

/** Block capacities in grains of 16 bytes: 48, 96, 144, 208, … each about a third above the one before. */
const CAPACITIES = capacities();
/** Capacity by grains in use. */
const CAPACITY_OF = capacityTable();

export class EventLists {
  readonly #table: CaseTable;
  readonly arena: Arena;
  /** Scratch for encoding. */
  readonly #out = new Uint8Array(LIST_BYTES_MAX + EVENT_BYTES_MAX);
  #pos = 0;

  constructor(table: CaseTable, arena: Arena = new Arena()) {
    this.#table = table;
    this.arena = arena;
  }

  count(row: number): number {
    return this.#table.half(row, EVENT_COUNT);
  }

  /** True when one more event surely fits (limits: EVENTS_MAX events, 64 KiB). */
  hasRoom(row: number): boolean {
    return (
      this.#table.half(row, EVENT_COUNT) < EVENTS_MAX - 2 &&
      this.#table.half(row, EVENT_LENGTH) + EVENT_BYTES_MAX < LIST_BYTES_MAX
    );
  }

  /** False: no event of the row has this identity. True: look (with `decode`). */
  mayHold(row: number, identity: number): boolean {
    return (this.#table.get(row, BLOOM) & (1 << (identity & 31))) !== 0;
  }

  /** Appends row i of `h`, which comes after everything in the list; `lastAt` is that of the last. */
  append(row: number, h: History, i: number, lastAt: number, lastSource: number): void {
    const table = this.#table;
    const count = table.half(row, EVENT_COUNT);
    const used = table.half(row, EVENT_LENGTH);
    const added = this.#encode(h, i, count === 0 ? 0 : lastAt, count === 0 ? -1 : lastSource, 0);
    const length = used + added;
    const capacity = used === 0 ? 0 : capacityOf(used);
    let block = table.get(row, EVENT_BLOCK);
    if (length > capacity * GRAIN) {
      const fresh = this.arena.take(capacityOf(length));
      if (used > 0) {
        copy(this.arena.bytes, block, this.arena.bytes, fresh, used);
        this.arena.give(block, capacity);
      }
      block = fresh;
      table.set(row, EVENT_BLOCK, block);
    }
    copy(this.#out, 0, this.arena.bytes, block + used, added);
    this.#finish(row, count + 1, length);
    table.set(row, BLOOM, table.get(row, BLOOM) | (1 << (identityOf(h, i) & 31)));
  }

  /** Replaces the whole list by the rows of `h`. */
  replace(row: number, h: History): void {
    const table = this.#table;
    const used = table.half(row, EVENT_LENGTH);
    if (used > 0) this.arena.give(table.get(row, EVENT_BLOCK), capacityOf(used));
    let length = 0;
    let bloom = 0;
    for (let i = 0; i < h.count; i++) {
      const lastAt = i === 0 ? 0 : h.at[i - 1]!;
      length = this.#encode(h, i, lastAt, i === 0 ? -1 : h.source[i - 1]!, length);
      bloom |= 1 << (identityOf(h, i) & 31);
    }
    assert(length <= LIST_BYTES_MAX, 'event list within its limit');
    const block = this.arena.take(capacityOf(length));
    copy(this.#out, 0, this.arena.bytes, block, length);
    table.set(row, EVENT_BLOCK, block);
    table.set(row, BLOOM, bloom);
    this.#finish(row, h.count, length);
  }

  /** Decodes the row's list into `h`. */
  decode(row: number, h: History): void {
    const count = this.#table.half(row, EVENT_COUNT);
    this.#pos = this.#table.get(row, EVENT_BLOCK);
    let at = 0;
    let source = -1;
    for (let i = 0; i < count; i++) {
      const bytes = this.arena.bytes;
      const head = bytes[this.#pos++]!;
      const flags = bytes[this.#pos++]!;
      h.type[i] = head & 31;
      h.flags[i] = flags & 63;
      at += this.#varint();
      h.at[i] = at;
      h.recordedAt[i] = (head & HEAD_RECORDED) !== 0 ? at + this.#zigzag() : Number.NaN;
      h.stamp[i] = at + this.#zigzag();
      h.position[i] = this.#varint();
      if ((flags & BYTE_SOURCE) !== 0) source = this.#varint() - 1;
      h.source[i] = source;
      h.seq[i] = (flags & FLAG_NO_SEQ) !== 0 ? Number.NaN : this.#varint();
      h.rev[i] = (head & HEAD_REV) !== 0 ? this.#varint() : 0;
      h.content[i] = this.arena.view.getUint16(this.#pos, true) | (bytes[this.#pos + 2]! << 16);
      this.#pos += 3;
      this.#operands(h, i, (head & HEAD_OPERANDS) !== 0 ? bytes[this.#pos++]! : 0);
    }
    h.count = count;
  }

  get byteLength(): number {
    return this.arena.byteLength;
  }

  #finish(row: number, count: number, length: number): void {
    this.#table.setHalf(row, EVENT_COUNT, count);
    this.#table.setHalf(row, EVENT_LENGTH, length);
  }

  #operands(h: History, i: number, mask: number): void {
    h.stage[i] = (mask & OP_STAGE) !== 0 ? this.#varint() : -1;
    h.days[i] = (mask & OP_DAYS) !== 0 ? this.#varint() : -1;
    h.special[i] = (mask & OP_SPECIAL) !== 0 ? this.#varint() : -1;
    h.amountFen[i] = (mask & OP_AMOUNT) !== 0 ? this.#varint() : Number.NaN;
    h.deadline[i] = (mask & OP_DEADLINE) !== 0 ? this.#varint() : Number.NaN;
    h.materials[i] = (mask & OP_MATERIALS) !== 0 ? this.#varint() : 0;
  }

  /** Encodes row i at `n` in the scratch; returns where it ends. The cursor is a local on purpose. */
  #encode(h: History, i: number, lastAt: number, lastSource: number, start: number): number {
    const out = this.#out;
    const at = h.at[i]!;
    const recorded = h.recordedAt[i]!;
    const rev = h.rev[i]!;
    const source = h.source[i]!;
    const mask = operandMask(h, i);
    const isRecorded = !Number.isNaN(recorded);
    let head = h.type[i]!;
    let flags = h.flags[i]! & 63;
    if (isRecorded) head |= HEAD_RECORDED;
    if (mask !== 0) head |= HEAD_OPERANDS;
    if (rev > 0) head |= HEAD_REV;
    if (source !== lastSource) flags |= BYTE_SOURCE;
    out[start] = head;
    out[start + 1] = flags;
    let n = putVarint(out, start + 2, at - lastAt);
    if (isRecorded) n = putZigzag(out, n, recorded - at);
    n = putZigzag(out, n, h.stamp[i]! - at);
    n = putVarint(out, n, h.position[i]!);
    if (source !== lastSource) n = putVarint(out, n, source + 1);
    if ((flags & FLAG_NO_SEQ) === 0) n = putVarint(out, n, h.seq[i]!);
    if (rev > 0) n = putVarint(out, n, rev);
    const content = h.content[i]!;
    out[n] = content & 0xff;
    out[n + 1] = (content >>> 8) & 0xff;
    out[n + 2] = (content >>> 16) & 0xff;
    n += 3;
    return mask === 0 ? n : putOperands(out, n, h, i, mask);
  }

  #varint(): number {
    const bytes = this.arena.bytes;
    let byte = bytes[this.#pos++]!;
    if (byte < 128) return byte;
    let value = byte & 127;
    let scale = 128;
    for (;;) {
      byte = bytes[this.#pos++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  #zigzag(): number {
    const v = this.#varint();
    return v % 2 === 0 ? v / 2 : -(v + 1) / 2;
  }
}

/** Non-negative integers below 2^53, seven bits a byte, low bits first; returns where it ends. */
function putVarint(out: Uint8Array, start: number, value: number): number {
  let n = start;
  let v = value;
  while (v >= 0x8000_0000) {
    out[n++] = (v % 128) | 128;
    v = Math.floor(v / 128);
  }
  let small = v | 0;
  while (small >= 128) {
    out[n++] = (small & 127) | 128;
    small >>>= 7;
  }
  out[n++] = small;
  return n;
}

function putZigzag(out: Uint8Array, n: number, value: number): number {
  return putVarint(out, n, value >= 0 ? value * 2 : -value * 2 - 1);
}

function putOperands(out: Uint8Array, start: number, h: History, i: number, mask: number): number {
  out[start] = mask;
  let n = start + 1;
  if ((mask & OP_STAGE) !== 0) n = putVarint(out, n, h.stage[i]!);
  if ((mask & OP_DAYS) !== 0) n = putVarint(out, n, h.days[i]!);
  if ((mask & OP_SPECIAL) !== 0) n = putVarint(out, n, h.special[i]!);
  if ((mask & OP_AMOUNT) !== 0) n = putVarint(out, n, h.amountFen[i]!);
  if ((mask & OP_DEADLINE) !== 0) n = putVarint(out, n, h.deadline[i]!);
  if ((mask & OP_MATERIALS) !== 0) n = putVarint(out, n, h.materials[i]!);
  return n;
}

function capacities(): number[] {
  const out = [3, 6, 9];
  for (let last = 9; last < CLASS_MAX; ) {
    last = Math.min(CLASS_MAX, last + Math.ceil(last / 3) + 1);
    out.push(last);
  }
  return out;
}

function capacityTable(): Uint16Array {
  const table = new Uint16Array(CLASS_MAX + 1);
  let step = 0;
  for (let grains = 0; grains <= CLASS_MAX; grains++) {
    if (grains > CAPACITIES[step]!) step++;
    table[grains] = CAPACITIES[step]!;
  }
  return table;
}

/** Grains of the block that holds a list of `length` bytes. */
function capacityOf(length: number): number {
  return CAPACITY_OF[Arena.classOf(length)]!;
}

/** A plain loop: for the some hundred bytes of a list it beats copyWithin and set. */
function copy(from: Uint8Array, at: number, to: Uint8Array, start: number, length: number): void {
  for (let k = 0; k < length; k++) to[start + k] = from[at + k]!;
}

function operandMask(h: History, i: number): number {
  let mask = 0;
  if (h.stage[i]! >= 0) mask |= OP_STAGE;
  if (h.days[i]! >= 0) mask |= OP_DAYS;
  if (h.special[i]! >= 0) mask |= OP_SPECIAL;
  if (h.amountFen[i]! >= 0) mask |= OP_AMOUNT;
  if (h.deadline[i]! >= 0) mask |= OP_DEADLINE;
  if (h.materials[i]! !== 0) mask |= OP_MATERIALS;
  return mask;
}

/**
 * Hash of the identity (source, seq) of row i, or of its content when the source gives no number.
 * The revision is left out: revisions of one record must meet each other.
 */
export function identityOf(h: History, i: number): number {
  return identityHash(h.source[i]!, h.seq[i]!, h.content[i]!);
}

export function identityHash(source: number, seq: number, content: number): number {
  const word = !Number.isNaN(seq)
    ? Math.imul(seq | 0, 0x9e3779b1) ^ Math.imul(source + 1, 0x85ebca77)
    : content;
  return word ^ (word >>> 15);
}
