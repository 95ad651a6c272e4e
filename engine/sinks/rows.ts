/**
 * The columns of every table the sink writes, in order, and the encoders of their rows.
 *
 * Owns: column order and types as RowBinary sees them. The tables themselves are in schema/.
 * Does not own: sending (clickhouse-client.ts).
 *
 * Invariants
 * RW1  An encoder writes exactly the columns of its table, in this order; a test reads them back.
 * RW2  A raw record is stored byte for byte, also when it is no valid UTF-8.
 */
import type { CardChange } from '../cards/card.ts';
import type { Dictionary } from '../events/dictionary.ts';
import { ABSENT, EVENT_TYPES, type EventBatch, PENDING } from '../events/event.ts';
import { encodedText, RowBinary } from './row-binary.ts';
import type { DeadLetterRow, EventRow } from './sink.ts';

export interface Column {
  readonly name: string;
  /** Type of the bytes sent; a LowCardinality(String) column travels as String. */
  readonly type: string;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
}

function table(name: string, columns: Readonly<Record<string, string>>): Table {
  return { name, columns: Object.entries(columns).map(([name, type]) => ({ name, type })) };
}

const INSTANT = "DateTime64(3, 'UTC')";

export const EVENTS = table('events', {
  partition: 'UInt16',
  position: 'UInt64',
  stamp: INSTANT,
  case_key: 'String',
  type: 'String',
  at: INSTANT,
  recorded_at: `Nullable(${INSTANT})`,
  sent_at: `Nullable(${INSTANT})`,
  item_code: 'String',
  organ: 'String',
  territory: 'String',
  source: 'String',
  seq: 'Nullable(Int64)',
  rev: 'Int32',
  stage: 'String',
  outcome: 'String',
  raw: 'String',
});

export const EVENT_COLUMNS: readonly string[] = EVENTS.columns.map((column) => column.name);

export const CARD_CHANGES = table('card_changes', {
  card_id: 'String',
  version: 'UInt32',
  op: 'String',
  state: 'String',
  case_key: 'String',
  rule_id: 'String',
  rule_kind: 'String',
  level: 'String',
  level_rank: 'UInt8',
  category: 'String',
  occurrence: 'Int64',
  stage: 'String',
  item_code: 'String',
  organ: 'String',
  territory: 'String',
  due: INSTANT,
  at: INSTANT,
  provisional: 'Bool',
  pack_version: 'Int64',
  rule_version: 'Int64',
  calendar_version: 'Int64',
  previous_pack_version: 'Int64',
  previous_rule_version: 'Int64',
  previous_calendar_version: 'Int64',
  previous_due: `Nullable(${INSTANT})`,
  partition: 'UInt16',
  position: 'UInt64',
  actor: 'String',
  detail: 'String',
  known_at: INSTANT,
  reply_due: `Nullable(${INSTANT})`,
  supervise_due: `Nullable(${INSTANT})`,
  issue_at: `Nullable(${INSTANT})`,
  parent: 'String',
});

export const DEAD_LETTERS = table('dead_letters', {
  partition: 'UInt16',
  position: 'UInt64',
  kind: 'String',
  stamp: INSTANT,
  code: 'String',
  source: 'String',
  raw_base64: 'String',
});

export const SINK_POSITIONS = table('sink_positions', { partition: 'UInt16', position: 'Int64' });

/** Outcome of a record at first sight; the index is what `EventRowWriter.record` takes. */
export const OUTCOMES = ['applied', 'duplicate', 'held', 'dead'] as const;
export const OUTCOME_APPLIED = 0;
export const OUTCOME_DUPLICATE = 1;
export const OUTCOME_HELD = 2;
export const OUTCOME_DEAD = 3;

const EMPTY = encodedText('');
const TYPES: readonly Uint8Array[] = EVENT_TYPES.map(encodedText);
const OUTCOME_TEXTS: readonly Uint8Array[] = OUTCOMES.map(encodedText);

/** Codes of one partition's dictionary as column bytes, encoded once each. */
class EncodedCodes {
  readonly #dictionary: Dictionary;
  readonly #known: Uint8Array[] = [];

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary;
  }

  of(id: number): Uint8Array {
    if (id === ABSENT) return EMPTY;
    const known = this.#known[id];
    if (known !== undefined) return known;
    const bytes = encodedText(this.#dictionary.text(id));
    this.#known[id] = bytes;
    return bytes;
  }
}

/** Collects event rows of one partition into the bytes of `SinkBatch.events`. */
export class EventRowWriter {
  readonly #out = new RowBinary();
  readonly #partition: number;
  readonly #codes: EncodedCodes;
  #count = 0;

  /** `dictionary` is the one the partition's records are decoded against. */
  constructor(partition: number, dictionary: Dictionary) {
    this.#partition = partition;
    this.#codes = new EncodedCodes(dictionary);
  }

  get count(): number {
    return this.#count;
  }

  get byteLength(): number {
    return this.#out.length;
  }

  /** A copy of the rows so far, and a fresh start. */
  take(): { events: Uint8Array; eventCount: number } {
    const taken = { events: this.#out.copy(), eventCount: this.#count };
    this.#out.reset();
    this.#count = 0;
    return taken;
  }

  /** Row `i` of a decoded batch. A record that did not decode keeps only its place and its bytes. */
  record(batch: EventBatch, i: number, outcome: number): void {
    const out = this.#out;
    out.u16(this.#partition);
    out.i64(batch.position[i]!);
    out.i64(batch.stamp[i]!);
    if (batch.reason[i] === 0) this.#decoded(batch, i);
    else this.#undecoded(batch.stamp[i]!);
    out.encoded(OUTCOME_TEXTS[outcome]!);
    const from = batch.rawOff[i]!;
    out.bytes(batch.bytes, from, from + batch.rawLen[i]!);
    this.#count++;
  }

  row(row: EventRow): void {
    const out = this.#out;
    out.u16(row.partition);
    out.i64(row.position);
    out.i64(row.stampMs);
    out.text(row.caseKey);
    out.text(row.type);
    out.i64(row.atMs);
    out.nullableI64(row.recordedAtMs ?? Number.NaN);
    out.nullableI64(row.sentAtMs ?? Number.NaN);
    out.text(row.itemCode);
    out.text(row.organ);
    out.text(row.territory);
    out.text(row.source);
    out.nullableI64(row.seq ?? Number.NaN);
    out.u32(row.rev);
    out.text(row.stage);
    out.text(row.outcome);
    out.text(row.raw);
    this.#count++;
  }

  #decoded(batch: EventBatch, i: number): void {
    const out = this.#out;
    const codes = this.#codes;
    const key = batch.keyOff[i]!;
    out.bytes(batch.bytes, key, key + batch.keyLen[i]!);
    out.encoded(TYPES[batch.type[i]!]!);
    out.i64(batch.at[i]!);
    out.nullableI64(batch.recordedAt[i]!);
    out.nullableI64(batch.sentAt[i]!);
    this.#item(batch, i);
    out.encoded(codes.of(batch.organ[i]!));
    out.encoded(codes.of(batch.territory[i]!));
    out.encoded(codes.of(batch.source[i]!));
    out.nullableI64(batch.seq[i]!);
    out.u32(batch.rev[i]!);
    out.encoded(codes.of(batch.stage[i]!));
  }

  /** The item's code; one that nobody has looked up yet is copied from the record. */
  #item(batch: EventBatch, i: number): void {
    if (batch.item[i] === PENDING) {
      const from = batch.itemOff[i]!;
      this.#out.bytes(batch.bytes, from, from + batch.itemLen[i]!);
    } else this.#out.encoded(this.#codes.of(batch.item[i]!));
  }

  #undecoded(stampMs: number): void {
    const out = this.#out;
    out.encoded(EMPTY); // case_key
    out.encoded(EMPTY); // type
    out.i64(stampMs);
    out.nullableI64(Number.NaN);
    out.nullableI64(Number.NaN);
    for (let column = 0; column < 4; column++) out.encoded(EMPTY); // item, organ, territory, source
    out.nullableI64(Number.NaN);
    out.u32(0);
    out.encoded(EMPTY); // stage
  }
}

export function writeCard(out: RowBinary, card: CardChange): void {
  out.text(card.cardId);
  out.u32(card.version);
  out.text(card.op);
  out.text(card.state);
  out.text(card.caseKey);
  out.text(card.ruleId);
  out.text(card.ruleKind);
  out.text(card.level);
  out.u8(card.levelRank);
  out.text(card.category);
  out.i64(card.occurrence);
  out.text(card.stage);
  out.text(card.itemCode);
  out.text(card.organ);
  out.text(card.territory);
  out.i64(card.dueMs);
  out.i64(card.atMs);
  out.u8(card.provisional ? 1 : 0);
  out.i64(card.packVersion);
  out.i64(card.ruleVersion);
  out.i64(card.calendarVersion);
  out.i64(card.previousPackVersion);
  out.i64(card.previousRuleVersion);
  out.i64(card.previousCalendarVersion);
  out.nullableI64(card.previousDueMs ?? Number.NaN);
  out.u16(card.partition);
  out.i64(card.position);
  out.text(card.actor);
  out.text(card.detail);
  out.i64(card.knownMs);
  out.nullableI64(card.replyDueMs ?? Number.NaN);
  out.nullableI64(card.superviseDueMs ?? Number.NaN);
  out.nullableI64(card.issueMs ?? Number.NaN);
  out.text(card.parent);
}

export function writeDeadLetter(out: RowBinary, row: DeadLetterRow): void {
  out.u16(row.partition);
  out.i64(row.position);
  out.text(row.kind);
  out.i64(row.stampMs);
  out.text(row.code);
  out.text(row.source);
  out.text(row.rawBase64);
}

export function writePosition(out: RowBinary, partition: number, position: number): void {
  out.u16(partition);
  out.i64(position);
}
