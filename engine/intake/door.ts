/**
 * The door (入口): every record from outside passes here before it may enter the log.
 *
 * Owns: the verdict on one record (stored as given, stored with additions, held, refused), ownership
 * of sources, and the removal of personal data.
 * Does not own: the form of a record (events/strict-event.ts), cutting bodies (rows.ts), signatures,
 * identity and order of records (kernel), HTTP.
 *
 * Invariants
 * O1  Pure: the verdict depends on the row, the source, the options and `nowMs` only.
 * O2  What is stored is what was sent, byte for byte, except: `source` is filled in, `organ` is filled
 *     in for a source of one organ, and names, identity and telephone numbers are masked.
 * O3  What the door accepts, the decoder decodes: the door refuses whatever the strict path refuses.
 * O4  No message holds an unmasked person.
 */
import { describe, type ErrorCode, type ErrorParams, entryOf } from '../base/errors.ts';
import { eventLimits } from '../config/limits.ts';
import { itemOf } from '../events/batch-item.ts';
import { Dictionaries, Dictionary } from '../events/dictionary.ts';
import { ABSENT, EventBatch } from '../events/event.ts';
import { FastPath } from '../events/fast-path.ts';
import {
  F_APPLICANT_HASH,
  F_APPLICANT_ID,
  F_APPLICANT_NAME,
  F_APPLICANT_PHONE,
  F_AT,
  F_CASE_KEY,
  F_DATA,
  F_ITEM_CODE,
  F_ORGAN,
  F_PARENT_KEY,
  F_SOURCE,
  F_TERRITORY,
  pointerOf,
} from '../events/fields.ts';
import type { JsonNode } from '../events/json-node.ts';
import { StrictEvent } from '../events/strict-event.ts';
import { shown } from '../events/text.ts';
import { isResidentId, maskedId, maskedName, maskedPhone, pseudonym } from './personal-data.ts';

export interface DoorOptions {
  /** Registered organ codes; null: any organ is taken. */
  readonly organs: ReadonlySet<string> | null;
  /** Known item codes, only to say so: an unknown item is stored and its clocks are uncomputable. */
  readonly items: ReadonlySet<string> | null;
  /** Key of the pseudonyms, at least 16 bytes, the same for the life of a deployment. */
  readonly pseudonymKey: Uint8Array;
  /** Whether an organ may report for a territory; absent: always. */
  readonly organFits?: (organ: string, territory: string) => boolean;
  /** Offset of times without a zone; must be the decoder's. Absent: such times are refused. */
  readonly defaultOffsetMs?: number;
}

export interface DoorAccepted {
  readonly ok: true;
  /** What to store; may be a view of the row that was given. */
  readonly bytes: Uint8Array;
  /** `parentKey` or else `caseKey`: decides the partition. */
  readonly partitionKey: string;
  readonly caseKey: string;
  readonly atMs: number;
  readonly itemKnown: boolean;
  /** Set when the record is to be held instead of applied at once. */
  readonly held: 'TIME_IN_FUTURE' | null;
}

export interface DoorRefused {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly status: number;
  readonly retry: boolean;
  readonly message: string;
  readonly messageEn: string;
  /** JSON pointer, '' for the record as a whole. */
  readonly pointer: string;
}

export type DoorResult = DoorAccepted | DoorRefused;

/** Put `bytes` in the place of `row[from, to)`. */
interface Splice {
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();

/** Codes seen by the door itself; begun anew when full, since nobody keeps their ids. */
const DOOR_DICTIONARY = { entriesMax: 100_000, bytesMax: 8 * 1024 * 1024 };
/** Fields that need more than the fast path tells. */
const STRICT_FIELDS =
  (1 << F_PARENT_KEY) |
  (1 << F_APPLICANT_NAME) |
  (1 << F_APPLICANT_ID) |
  (1 << F_APPLICANT_PHONE) |
  (1 << F_APPLICANT_HASH);

export class Door {
  readonly #options: DoorOptions;
  readonly #strict: StrictEvent;
  readonly #decoder = new TextDecoder();
  readonly #batch = new EventBatch(1);
  /** The whole buffer that the last row lay in. */
  #body: Uint8Array = new Uint8Array(0);
  #dictionary = new Dictionary(DOOR_DICTIONARY);
  #lastSource = '';
  #lastSplice = inFront(1, 'source', '');
  #fast: FastPath;

  constructor(options: DoorOptions) {
    if (options.pseudonymKey.length < 16) throw new RangeError('pseudonymKey has under 16 bytes');
    this.#options = options;
    this.#strict = new StrictEvent(options.defaultOffsetMs);
    this.#fast = this.#newFastPath();
  }

  /** Judges one record sent by `sourceId`, which may write about `sourceOrgans` (null: any). */
  check(
    row: Uint8Array,
    sourceId: string,
    sourceOrgans: readonly string[] | null,
    nowMs: number,
  ): DoorResult {
    const sender = { id: sourceId, organs: sourceOrgans };
    if (this.#readFast(row)) return this.#judge(row, this.#fastRecord(), sender, nowMs, []);
    const event = this.#strict;
    if (!event.read(row, 0, row.length)) {
      return refused(event.code as ErrorCode, event.params, event.pointer);
    }
    // Depth and number of keys have had their say; only then is a record simply too long.
    if (row.length > eventLimits.recordBytesMax) {
      return refused('RECORD_TOO_LARGE', { limit: eventLimits.recordBytesMax }, '');
    }
    const problem = this.#personProblem();
    if (problem !== null) return problem;
    return this.#judge(row, this.#strictRecord(), sender, nowMs, this.#withoutPersons());
  }

  /** True when the record is ordinary and well formed: `#batch` row 0 holds it. */
  #readFast(row: Uint8Array): boolean {
    if (row.length > eventLimits.recordBytesMax) return false;
    if (this.#dictionary.size >= DOOR_DICTIONARY.entriesMax) {
      this.#dictionary = new Dictionary(DOOR_DICTIONARY);
      this.#fast = this.#newFastPath();
    }
    // Rows of one body share its buffer; reading them in place spares a view for each.
    if (row.buffer !== this.#body.buffer) this.#body = new Uint8Array(row.buffer);
    const batch = this.#batch;
    batch.reset(this.#body);
    batch.count = 1;
    batch.rawOff[0] = row.byteOffset;
    batch.rawLen[0] = row.length;
    batch.item[0] = ABSENT;
    batch.organ[0] = ABSENT;
    batch.territory[0] = ABSENT;
    batch.source[0] = ABSENT;
    batch.recordedAt[0] = Number.NaN;
    batch.sentAt[0] = Number.NaN;
    return this.#fast.read(batch, 0) && (this.#fast.seen & STRICT_FIELDS) === 0;
  }

  #newFastPath(): FastPath {
    return new FastPath(new Dictionaries(this.#dictionary), this.#options.defaultOffsetMs);
  }

  #fastRecord(): DoorRecord {
    const batch = this.#batch;
    const from = batch.keyOff[0] as number;
    const key = this.#body.subarray(from, from + (batch.keyLen[0] as number));
    const text = (id: number | undefined): string =>
      id === undefined || id < 0 ? '' : this.#dictionary.text(id);
    const caseKey = this.#decoder.decode(key);
    return {
      caseKey,
      partitionKey: caseKey,
      atMs: batch.at[0] as number,
      item: text(itemOf(batch, 0, this.#dictionary)),
      organ: text(batch.organ[0]),
      territory: text(batch.territory[0]),
      source: text(batch.source[0]),
      root: null,
    };
  }

  #strictRecord(): DoorRecord {
    const event = this.#strict;
    const caseKey = event.text(F_CASE_KEY);
    return {
      caseKey,
      partitionKey: event.text(F_PARENT_KEY) || caseKey,
      atMs: event.numbers[F_AT] as number,
      item: event.text(F_ITEM_CODE),
      organ: event.text(F_ORGAN),
      territory: event.text(F_TERRITORY),
      source: event.text(F_SOURCE),
      root: event.root,
    };
  }

  /** Ownership, additions and time of a record whose form is right. */
  #judge(
    row: Uint8Array,
    record: DoorRecord,
    sender: Sender,
    nowMs: number,
    splices: Splice[],
  ): DoorResult {
    const problem = this.#organProblem(record) ?? sourceProblem(record, sender);
    if (problem !== null) return problem;
    if (record.source === '') {
      const plain = record.root === null;
      splices.push(plain ? this.#sourceInFront(sender.id) : filledIn(record, F_SOURCE, sender.id));
    }
    const [onlyOrgan] = sender.organs ?? [];
    if (record.organ === '' && onlyOrgan !== undefined) {
      splices.push(filledIn(record, F_ORGAN, onlyOrgan));
    }
    return {
      ok: true,
      bytes: splices.length === 0 ? row : spliced(row, splices),
      partitionKey: record.partitionKey,
      caseKey: record.caseKey,
      atMs: record.atMs,
      itemKnown: this.#options.items === null || this.#options.items.has(record.item),
      held: record.atMs > nowMs ? 'TIME_IN_FUTURE' : null,
    };
  }

  #organProblem(record: DoorRecord): DoorRefused | null {
    const { organs, organFits } = this.#options;
    const { organ, territory } = record;
    if (organ === '') return null;
    if (organs !== null && !organs.has(organ)) {
      return refused('ORG_UNKNOWN', { organ: shown(organ) }, pointerOf(F_ORGAN));
    }
    if (territory === '' || organFits === undefined || organFits(organ, territory)) return null;
    const params = { organ: shown(organ), territory: shown(territory) };
    return refused('ORG_MISMATCH', params, pointerOf(F_TERRITORY));
  }

  #personProblem(): DoorRefused | null {
    const event = this.#strict;
    if (event.nodes[F_APPLICANT_HASH] !== null) {
      const pointer = pointerOf(F_APPLICANT_HASH);
      return refused('FIELD_NOT_WRITABLE', { field: 'applicantHash' }, pointer);
    }
    const id = event.text(F_APPLICANT_ID);
    if (id === '' || isResidentId(id)) return null;
    return refused('ID_NUMBER_INVALID', { masked: maskedId(id) }, pointerOf(F_APPLICANT_ID));
  }

  /** Masks in the place of personal values, and the pseudonym in front of them. */
  #withoutPersons(): Splice[] {
    const event = this.#strict;
    const name = event.text(F_APPLICANT_NAME);
    const id = event.text(F_APPLICANT_ID);
    const phone = event.text(F_APPLICANT_PHONE);
    const hash = pseudonym(this.#options.pseudonymKey, { name, id, phone });
    const data = event.nodes[F_DATA];
    if (hash === '' || !data) return [];
    const splices: Splice[] = [];
    // An `applicantHash` that is null or empty gives way; its place is the pseudonym's.
    splices.push(inserted(data, 'applicantHash', hash));
    const replace = (field: number, text: string): void => {
      const node = event.nodes[field];
      if (node) splices.push({ from: node.from, to: node.to, bytes: quoted(text) });
    };
    replace(F_APPLICANT_NAME, maskedName(name));
    replace(F_APPLICANT_ID, maskedId(id));
    replace(F_APPLICANT_PHONE, maskedPhone(phone));
    return splices;
  }

  /** The splice that fills in the source, kept while the same source sends. */
  #sourceInFront(sourceId: string): Splice {
    if (sourceId !== this.#lastSource) {
      this.#lastSource = sourceId;
      this.#lastSplice = inFront(1, 'source', sourceId);
    }
    return this.#lastSplice;
  }
}

function spliced(row: Uint8Array, splices: Splice[]): Uint8Array {
  const [only] = splices;
  if (only !== undefined && splices.length === 1 && only.from === only.to) {
    return insertedInto(row, only.from, only.bytes);
  }
  splices.sort((a, b) => a.from - b.from);
  const grown = splices.reduce((sum, { from, to, bytes }) => sum + bytes.length - (to - from), 0);
  const out = new Uint8Array(row.length + grown);
  let from = 0;
  let at = 0;
  for (const splice of splices) {
    out.set(row.subarray(from, splice.from), at);
    at += splice.from - from;
    out.set(splice.bytes, at);
    at += splice.bytes.length;
    from = splice.to;
  }
  out.set(row.subarray(from), at);
  return out;
}

/** The commonest splice, without a view of each part: the row moved up, its head put back. */
function insertedInto(row: Uint8Array, at: number, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(row.length + bytes.length);
  out.set(row, bytes.length);
  out.set(bytes, at);
  for (let i = 0; i < at; i++) out[i] = row[i] as number;
  return out;
}

/** What the door needs of a record, whichever path has read it. Absent texts are ''. */
interface DoorRecord {
  readonly caseKey: string;
  readonly partitionKey: string;
  readonly atMs: number;
  readonly item: string;
  readonly organ: string;
  readonly territory: string;
  readonly source: string;
  /** Null after the fast path, which takes only records that begin with their brace. */
  readonly root: JsonNode | null;
}

interface Sender {
  readonly id: string;
  readonly organs: readonly string[] | null;
}

/** A source signs as itself, and writes about its own organs only. */
function sourceProblem(record: DoorRecord, sender: Sender): DoorRefused | null {
  const { source, organ } = record;
  if (source !== '' && source !== sender.id) {
    const params = { recordSource: shown(source), source: sender.id };
    return refused('SOURCE_MISMATCH', params, pointerOf(F_SOURCE));
  }
  if (sender.organs === null || sender.organs.includes(organ)) return null;
  if (organ === '' && sender.organs.length === 1) return null; // filled in
  const pointer = pointerOf(F_ORGAN);
  if (organ === '') return refused('FIELD_REQUIRED', { field: 'organ' }, pointer);
  return refused('SOURCE_NOT_OWNER', { source: sender.id, organ: shown(organ) }, pointer);
}

/** `"key":text` in the place of the empty value the record gives for it, or else in front. */
function filledIn(record: DoorRecord, field: number, text: string): Splice {
  const key = pointerOf(field).slice(1);
  return record.root === null ? inFront(1, key, text) : inserted(record.root, key, text);
}

function inserted(object: JsonNode, key: string, text: string): Splice {
  const given = object.members.find((member) => member.key === key);
  if (given === undefined) return inFront(object.from + 1, key, text);
  return { from: given.value.from, to: given.value.to, bytes: quoted(text) };
}

/** Before the first member; an object that is filled in has at least one. */
function inFront(at: number, key: string, text: string): Splice {
  return { from: at, to: at, bytes: encoder.encode(`"${key}":${JSON.stringify(text)},`) };
}

function quoted(text: string): Uint8Array {
  return encoder.encode(JSON.stringify(text));
}

function refused(code: ErrorCode, params: ErrorParams, pointer: string): DoorRefused {
  const { status, retry } = entryOf(code);
  return { ok: false, code, status, retry, ...describe(code, params), pointer };
}
