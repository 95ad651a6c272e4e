/**
 * Decoding (解码): bytes of event records into the columns of an `EventBatch`.
 *
 * Owns: the choice between the fast and the strict path, the columns, `DECODE_REASONS`.
 * Does not own: the grammar (fast-path.ts, strict-event.ts), what an event does (kernel/).
 *
 * Invariants
 * R1  Every row of kind RECORD_EVENT from `from` on leaves with all its columns set: reason 0, or a
 *     reason and every other column absent. Rows of other kinds are left cleared.
 * R2  Both paths give the same columns; only speed differs.
 * R3  Nothing thrown: whatever the bytes are, the row gets a reason.
 * R4  `DECODE_REASONS` is append-only: the index is stored in `reason` and may be in snapshots.
 */
import { assert } from '../base/assert.ts';
import type { ErrorCode } from '../base/errors.ts';
import { fnv1a } from '../base/hash.ts';
import { type Dictionaries, FULL } from './dictionary.ts';
import {
  ABSENT,
  type EventBatch,
  FLAG_NO_SEQ,
  FLAG_NOTICED,
  FLAG_RETRACTED,
  RECORD_EVENT,
} from './event.ts';
import { FastPath, pushMaterial, textFlag } from './fast-path.ts';
import {
  F_ACTOR,
  F_AMOUNT,
  F_APPROVER,
  F_AT,
  F_CASE_KEY,
  F_DAYS,
  F_DEADLINE,
  F_DOCUMENT,
  F_ITEM_CODE,
  F_ITEM_VERSION,
  F_NOTICED,
  F_ORGAN,
  F_REASON,
  F_RECORDED_AT,
  F_RETRACTED,
  F_REV,
  F_SENT_AT,
  F_SEQ,
  F_SOURCE,
  F_SPECIAL_TYPE,
  F_STAGE,
  F_TERRITORY,
  F_TYPE,
} from './fields.ts';
import type { JsonNode } from './json-node.ts';
import { StrictEvent } from './strict-event.ts';

/** Code of a dead letter by `EventBatch.reason`; index 0 is "decoded". */
export const DECODE_REASONS: readonly ('' | ErrorCode)[] = [
  '',
  'JSON_SYNTAX',
  'JSON_DUPLICATE_KEY',
  'JSON_FORBIDDEN_KEY',
  'JSON_TOO_DEEP',
  'JSON_TOO_MANY_KEYS',
  'TEXT_NOT_UTF8',
  'TEXT_LONE_SURROGATE',
  'TEXT_CONTROL_CHAR',
  'TEXT_FORBIDDEN_CHAR',
  'TEXT_TOO_LONG',
  'LIST_TOO_LONG',
  'ID_NOT_CANONICAL',
  'ID_TOO_LONG',
  'NUMBER_NOT_SAFE',
  'NUMBER_INVALID',
  'LIMIT_OUT_OF_RANGE',
  'FIELD_REQUIRED',
  'FIELD_UNKNOWN',
  'FIELD_TYPE',
  'TYPE_UNKNOWN',
  'SPECIAL_UNKNOWN',
  'TIME_FORMAT',
  'TIME_INVALID_DATE',
  'TIME_LEAP_SECOND',
  'TIME_NO_ZONE',
  'TIME_OUT_OF_RANGE',
  'TIME_ORDER',
  'DICTIONARY_FULL',
  'RETRACTION_UNNUMBERED',
];

export interface DecoderOptions {
  /** Offset east of UTC of times written without a zone, milliseconds; without it they are refused. */
  readonly defaultOffsetMs?: number;
}

const TEXT_FLAG_FIELDS: readonly number[] = [F_ACTOR, F_DOCUMENT, F_REASON, F_APPROVER];

export class Decoder {
  /** Records the fast path could not take, since the decoder was made. */
  strictCount = 0;
  readonly #dictionaries: Dictionaries;
  readonly #fast: FastPath;
  readonly #strict: StrictEvent;
  /** The buffer we have put in place of a batch's own, and how much of it is in use. */
  #spare: Uint8Array = new Uint8Array(0);
  #spareUsed = 0;

  constructor(dictionaries: Dictionaries, options: DecoderOptions = {}) {
    this.#dictionaries = dictionaries;
    this.#fast = new FastPath(dictionaries, options.defaultOffsetMs);
    this.#strict = new StrictEvent(options.defaultOffsetMs);
  }

  /** Decodes the rows `from … batch.count - 1` that hold events. */
  decode(batch: EventBatch, from: number): void {
    assert(from >= 0 && batch.count <= batch.capacity, 'rows to decode lie in the batch');
    clearRows(batch, from, batch.count);
    for (let row = from; row < batch.count; row++) {
      if (batch.kind[row] !== RECORD_EVENT) continue;
      const materialUsed = batch.materialUsed;
      if (this.#fast.read(batch, row)) continue;
      batch.materialUsed = materialUsed;
      clearRows(batch, row, row + 1);
      this.#decodeStrictly(batch, row);
    }
  }

  /** Decodes one row by the strict path alone; tests compare the paths with it. */
  decodeStrictly(batch: EventBatch, row: number): void {
    clearRows(batch, row, row + 1);
    this.#decodeStrictly(batch, row);
  }

  #decodeStrictly(batch: EventBatch, row: number): void {
    this.strictCount++;
    const from = batch.rawOff[row] as number;
    const to = from + (batch.rawLen[row] as number);
    const event = this.#strict;
    let code = event.read(batch.bytes, from, to) ? '' : event.code;
    if (code === '') {
      const materialUsed = batch.materialUsed;
      this.#columns(batch, row);
      if (!this.#codes(batch, row)) {
        code = 'DICTIONARY_FULL';
        batch.materialUsed = materialUsed;
      }
    }
    if (code === '') return;
    clearRows(batch, row, row + 1);
    batch.reason[row] = DECODE_REASONS.indexOf(code);
    assert((batch.reason[row] as number) > 0, `${code} is a reason of decoding`);
  }

  #columns(batch: EventBatch, row: number): void {
    const { nodes, numbers } = this.#strict;
    const number = (field: number, absent: number): number =>
      nodes[field] === null ? absent : (numbers[field] as number);
    batch.type[row] = number(F_TYPE, 0);
    batch.at[row] = number(F_AT, Number.NaN);
    batch.recordedAt[row] = number(F_RECORDED_AT, Number.NaN);
    batch.sentAt[row] = number(F_SENT_AT, Number.NaN);
    batch.itemVersion[row] = number(F_ITEM_VERSION, ABSENT);
    batch.seq[row] = number(F_SEQ, Number.NaN);
    batch.rev[row] = number(F_REV, 0);
    batch.days[row] = number(F_DAYS, ABSENT);
    batch.special[row] = number(F_SPECIAL_TYPE, ABSENT);
    batch.amountFen[row] = number(F_AMOUNT, Number.NaN);
    batch.deadline[row] = number(F_DEADLINE, Number.NaN);
    batch.content[row] = this.#strict.content;
    let flags = nodes[F_SEQ] === null ? FLAG_NO_SEQ : 0;
    if (number(F_NOTICED, 0) === 1) flags |= FLAG_NOTICED;
    if (number(F_RETRACTED, 0) === 1) flags |= FLAG_RETRACTED;
    for (const field of TEXT_FLAG_FIELDS) if (nodes[field] !== null) flags |= textFlag(field);
    batch.flags[row] = flags;
    this.#key(batch, row);
  }

  /** Key bytes must lie in the batch's buffer (event.ts E4); one written with escapes does not. */
  #key(batch: EventBatch, row: number): void {
    const node = this.#strict.nodes[F_CASE_KEY];
    assert(node !== null && node !== undefined, 'a well-formed event has a case key');
    let from = node.from + 1;
    let to = node.to - 1;
    if (node.escaped) {
      const key = this.#strict.bytesOf(node);
      from = this.#appendBytes(batch, key);
      to = from + key.length;
    }
    batch.keyOff[row] = from;
    batch.keyLen[row] = to - from;
    batch.keyHash[row] = fnv1a(batch.bytes, from, to);
  }

  /** Puts `extra` behind the batch's bytes, in a buffer of our own; where it begins. */
  #appendBytes(batch: EventBatch, extra: Uint8Array): number {
    if (batch.bytes !== this.#spare) this.#spareUsed = batch.bytes.length;
    const needed = this.#spareUsed + extra.length;
    if (batch.bytes !== this.#spare || needed > this.#spare.length) {
      const spare = new Uint8Array(Math.max(needed, batch.bytes.length * 2));
      spare.set(batch.bytes.subarray(0, this.#spareUsed));
      this.#spare = spare;
      batch.bytes = spare;
    }
    const at = this.#spareUsed;
    this.#spare.set(extra, at);
    this.#spareUsed = needed;
    return at;
  }

  /** Dictionary columns; false when the dictionary is full. */
  #codes(batch: EventBatch, row: number): boolean {
    batch.item[row] = this.#code(F_ITEM_CODE);
    batch.organ[row] = this.#code(F_ORGAN);
    batch.territory[row] = this.#code(F_TERRITORY);
    batch.source[row] = this.#code(F_SOURCE);
    batch.stage[row] = this.#code(F_STAGE);
    const full =
      batch.item[row] === FULL ||
      batch.organ[row] === FULL ||
      batch.territory[row] === FULL ||
      batch.source[row] === FULL ||
      batch.stage[row] === FULL;
    return !full && this.#materials(batch, row);
  }

  #code(field: number): number {
    const node = this.#strict.nodes[field];
    return node ? this.#intern(node) : ABSENT;
  }

  #intern(node: JsonNode): number {
    const bytes = this.#strict.bytesOf(node);
    return this.#dictionaries.strings.intern(bytes, 0, bytes.length);
  }

  #materials(batch: EventBatch, row: number): boolean {
    const off = batch.materialUsed;
    for (const node of this.#strict.materials) {
      const id = this.#intern(node);
      if (id === FULL) return false;
      pushMaterial(batch, batch.materialUsed++, id);
    }
    batch.materialOff[row] = off;
    batch.materialCount[row] = batch.materialUsed - off;
    return true;
  }
}

/** Every column of rows [from, to) as if the records had no field (event.ts E2). */
function clearRows(batch: EventBatch, from: number, to: number): void {
  batch.reason.fill(0, from, to);
  batch.type.fill(0, from, to);
  batch.flags.fill(FLAG_NO_SEQ, from, to);
  batch.at.fill(Number.NaN, from, to);
  batch.recordedAt.fill(Number.NaN, from, to);
  batch.sentAt.fill(Number.NaN, from, to);
  batch.keyOff.fill(0, from, to);
  batch.keyLen.fill(0, from, to);
  batch.keyHash.fill(0, from, to);
  batch.item.fill(ABSENT, from, to);
  batch.itemVersion.fill(ABSENT, from, to);
  batch.organ.fill(ABSENT, from, to);
  batch.territory.fill(ABSENT, from, to);
  batch.source.fill(ABSENT, from, to);
  batch.seq.fill(Number.NaN, from, to);
  batch.rev.fill(0, from, to);
  batch.content.fill(0, from, to);
  batch.stage.fill(ABSENT, from, to);
  batch.days.fill(ABSENT, from, to);
  batch.special.fill(ABSENT, from, to);
  batch.amountFen.fill(Number.NaN, from, to);
  batch.deadline.fill(Number.NaN, from, to);
  batch.materialOff.fill(0, from, to);
  batch.materialCount.fill(0, from, to);
}
