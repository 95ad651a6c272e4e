/**
 * The fast path of decoding: one pass over the bytes of an ordinary record, straight into columns.
 *
 * Owns: recognising ordinary records, with no string, object or closure made on the way.
 * Does not own: what a record means. Whatever is unusual (an escape, an unknown key, a null, a fault
 * of any kind) makes `read` return false, and strict-event.ts decides.
 *
 * Invariants
 * P1  A record accepted here gets exactly the columns the strict path would give it
 *     (tests/property/decode.test.ts); a record refused here has no meaning yet.
 * P2  Nothing at or beyond the record's end takes part in an accepted record.
 * P3  `#next` is only a guess at the following key. A wrong guess costs a search, never an answer.
 *
 * How it goes: after field A, the key that followed A in the record before is expected literally, as
 * `"key":`, and compared four bytes at a time; then the value is read by the field's kind. A source
 * writes its keys in one order, so nearly every guess holds. Ids and codes are hashed while their end
 * is looked for, so that the dictionary needs no second pass.
 */
import { FNV_OFFSET, FNV_PRIME, finish, mix } from '../base/hash.ts';
import { eventLimits } from '../config/limits.ts';
import { type Dictionaries, Dictionary } from './dictionary.ts';
import {
  EVENT_TYPES,
  type EventBatch,
  FLAG_ACTOR,
  FLAG_APPROVED,
  FLAG_DOCUMENT,
  FLAG_NO_SEQ,
  FLAG_NOTICED,
  FLAG_REASON,
  PENDING,
  SPECIAL_PROCEDURES,
} from './event.ts';
import {
  CONTENT_SALTS,
  F_ACTOR,
  F_APPROVER,
  F_AT,
  F_CASE_KEY,
  F_DATA,
  F_DOCUMENT,
  F_ITEM_CODE,
  F_ITEM_VERSION,
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
  FIELD_COUNT,
  FIELD_KINDS,
  FIELD_NAMES,
  integerMax,
  K_AMOUNT,
  K_CODES,
  K_DAYS,
  K_FLAG,
  K_ID,
  K_INTEGER,
  K_OBJECT,
  K_SPECIAL,
  K_TEXT,
  K_TIME,
  numberHash,
} from './fields.ts';
import { InstantParser } from './instant.ts';
import { KeyTexts } from './key-texts.ts';
import { utf8Length } from './utf8.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const SPACE = 0x20;
const ZERO = 0x30;

/** 0x20-0x7e but quote and backslash: bytes that mean themselves inside a string. */
const PLAIN = 1;
const BYTE_CLASS = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte <= 0x7e && byte !== QUOTE && byte !== 0x5c ? PLAIN : 0,
);

/** Not a value of any field: the place of the last failed read. */
const FAILED = -1;
/** Fields inside `data` end here; `retracted` is rare, and left to the strict path. */
const DATA_END = F_RETRACTED;
/** `#next` at the beginning of a record and of its `data`. */
const FIRST_KEY = FIELD_COUNT;
const FIRST_DATA_KEY = FIELD_COUNT + 1;
const REQUIRED = (1 << F_CASE_KEY) | (1 << F_TYPE) | (1 << F_AT);
/** `2026-01-05T09:00:00.000+08:00`. */
const COMMON_TIME_CHARS = 29;
const TIME_CHARS_MAX = 40;
const INTEGER_DIGITS_MAX = 15; // always safe; longer ones take the strict path

export class FastPath {
  readonly #dictionary: Dictionary;
  readonly #instant: InstantParser;
  readonly #keys = new KeyTexts();
  readonly #kinds = Uint8Array.from(FIELD_KINDS);
  readonly #next = new Uint8Array(FIELD_COUNT + 2);

  /** Bit i is set when field i was in the last record that `read` accepted. */
  seen = 0;
  #batch: EventBatch | null = null;
  /** By field of a kind up to K_SPECIAL: its column, and the dictionary of its words. */
  readonly #columns: (Int32Array | Uint8Array)[] = FIELD_NAMES.map(() => new Int32Array(0));
  readonly #dictionaries: Dictionary[];
  #bytes: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  /** End of the record being read. */
  #to = 0;
  /** Of the value just read: its hash, and its number. */
  #hash = 0;
  #value = 0;

  constructor(dictionaries: Dictionaries, defaultOffsetMs?: number) {
    this.#dictionary = dictionaries.strings;
    this.#instant = new InstantParser(defaultOffsetMs);
    this.#dictionaries = FIELD_NAMES.map(() => dictionaries.strings);
    this.#kinds[F_ITEM_CODE] = K_ID; // its word is looked up later, if at all (batch-item.ts)
    this.#dictionaries[F_TYPE] = closedList(EVENT_TYPES);
    this.#dictionaries[F_SPECIAL_TYPE] = closedList(SPECIAL_PROCEDURES);
    for (let field = 0; field < FIELD_COUNT; field++) {
      // Any guess of the right level will do until a record teaches a better one (P3).
      this.#next[field] = field < F_STAGE ? F_CASE_KEY : F_STAGE;
    }
    this.#next[FIRST_KEY] = F_CASE_KEY;
    this.#next[FIRST_DATA_KEY] = F_STAGE;
  }

  /**
   * Fills the columns of `row`, cleared by the caller; false when the strict path must decide.
   * One long function on purpose: every call in this loop costs as much as the work it would hide.
   */
  read(batch: EventBatch, row: number): boolean {
    if (batch !== this.#batch || batch.bytes !== this.#bytes) this.#bind(batch);
    const bytes = this.#bytes;
    const columns = this.#columns;
    const dictionaries = this.#dictionaries;
    const view = this.#view;
    const next = this.#next;
    const keys = this.#keys;
    const classes = BYTE_CLASS;
    let at = batch.rawOff[row] as number;
    const to = at + (batch.rawLen[row] as number);
    if (to > bytes.length || bytes[at++] !== OPEN) return false;
    this.#to = to;
    let previous = FIRST_KEY;
    let seen = 0;
    let sum = 0;
    for (;;) {
      let field = next[previous] as number;
      if (!keys.isAt(view, at, to, field)) field = this.#searchKey(at, previous);
      if (field < 0 || ((seen >>> field) & 1) === 1) return false;
      seen |= 1 << field;
      at += keys.lengths[field] as number;
      if (bytes[at] === SPACE) at++;
      const kind = this.#kinds[field] as number;
      let hash = FNV_OFFSET;
      if (kind <= K_TEXT) {
        const first = at + 1;
        if (bytes[at++] !== QUOTE) return false;
        for (; at < to; at++) {
          const byte = bytes[at] as number;
          if (classes[byte] !== PLAIN) break;
          hash = Math.imul(hash ^ byte, FNV_PRIME);
        }
        if (at < to && bytes[at] !== QUOTE) {
          at = this.#scanWide(at, kind, hash);
          hash = this.#hash;
        }
        if (at < 0 || at >= to) return false;
        if (kind <= K_SPECIAL) {
          if (!isId(bytes, first, at)) return false;
          const id = (dictionaries[field] as Dictionary).internHashed(bytes, first, at, hash);
          if (id < 0) return false;
          (columns[field] as Int32Array)[row] = id;
        } else if (!this.#string(batch, row, field, first, at, hash)) return false;
        at++;
      } else if (kind === K_OBJECT) {
        if (bytes[at++] !== OPEN || bytes[at] === CLOSE) return false;
        previous = FIRST_DATA_KEY;
        continue;
      } else {
        if (kind === K_TIME) at = this.#time(batch, row, field, at);
        else if (kind === K_INTEGER) at = this.#integer(batch, row, field, at);
        else at = this.#other(batch, row, field, at);
        if (at < 0) return false;
        hash = this.#hash;
      }
      sum = (sum + finish(hash ^ (CONTENT_SALTS[field] as number))) | 0;
      previous = field;
      if (field >= F_STAGE && bytes[at] === CLOSE) {
        previous = F_DATA;
        at++;
      }
      if (bytes[at] !== COMMA) break;
      if (bytes[++at] === SPACE) at++;
    }
    this.seen = seen;
    batch.content[row] = finish(sum);
    if (bytes[at] !== CLOSE || at + 1 !== to) return false;
    return (seen & REQUIRED) === REQUIRED && timesInOrder(batch, row);
  }

  #bind(batch: EventBatch): void {
    const bytes = batch.bytes;
    this.#batch = batch;
    this.#bytes = bytes;
    this.#columns[F_ORGAN] = batch.organ;
    this.#columns[F_TERRITORY] = batch.territory;
    this.#columns[F_SOURCE] = batch.source;
    this.#columns[F_STAGE] = batch.stage;
    this.#columns[F_TYPE] = batch.type;
    this.#columns[F_SPECIAL_TYPE] = batch.special;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Field whose `"key":` stands at `at`, when the guess was wrong; becomes the next guess. */
  #searchKey(at: number, previous: number): number {
    const insideData = previous >= F_STAGE && previous !== FIRST_KEY;
    const last = insideData ? DATA_END : F_STAGE;
    for (let field = insideData ? F_STAGE : 0; field < last; field++) {
      if (this.#keys.isAt(this.#view, at, this.#to, field)) {
        this.#next[previous] = field;
        return field;
      }
    }
    return FAILED;
  }

  /** Length of the multi-byte character at `at` where a value of this kind may hold it, else 0. */
  #multibyte(at: number, kind: number): number {
    const bytes = this.#bytes;
    const lead = bytes[at] as number;
    if (lead >= 0xe4 && lead <= 0xe9) {
      // U+4000-U+9FFF: every pair of continuation bytes is right, and fit for codes (text.ts T3).
      const more = ((bytes[at + 1] as number) & 0xc0) | (((bytes[at + 2] as number) & 0xc0) >> 2);
      return at + 2 < this.#to && more === 0xa0 ? 3 : 0;
    }
    if (kind !== K_TEXT || lead < 0xc2) return 0; // also control, backslash, DEL
    if (lead === 0xc2 && (bytes[at + 1] as number) < 0xa0) return 0; // C1
    return utf8Length(bytes, at, this.#to);
  }

  /** Takes the free text, key or item code `[first, end)`. */
  #string(
    batch: EventBatch,
    row: number,
    field: number,
    first: number,
    end: number,
    hash: number,
  ): boolean {
    const length = end - first;
    if ((this.#kinds[field] as number) === K_TEXT) {
      batch.flags[row] = (batch.flags[row] as number) | textFlag(field);
      return length > 0 && length <= eventLimits.textCharsMax;
    }
    if (field === F_CASE_KEY) {
      batch.keyOff[row] = first;
      batch.keyLen[row] = length;
      batch.keyHash[row] = hash;
    } else if (field === F_ITEM_CODE) pendItem(batch, row, first, end, hash);
    return isId(this.#bytes, first, end);
  }

  #time(batch: EventBatch, row: number, field: number, at: number): number {
    const bytes = this.#bytes;
    if (bytes[at] !== QUOTE) return FAILED;
    const first = at + 1;
    let end = first + COMMON_TIME_CHARS;
    if (end >= this.#to || !this.#instant.parseCommon(bytes, this.#view, first)) {
      const last = Math.min(this.#to, first + TIME_CHARS_MAX);
      for (end = first; end < last && bytes[end] !== QUOTE; ) end++;
      if (end >= last || this.#instant.parse(bytes, first, end) !== '') return FAILED;
    }
    const ms = this.#instant.value;
    this.#hash = numberHash(ms);
    if (field === F_AT) batch.at[row] = ms;
    else if (field === F_RECORDED_AT) batch.recordedAt[row] = ms;
    else if (field === F_SENT_AT) batch.sentAt[row] = ms;
    else batch.deadline[row] = ms;
    return end + 1;
  }

  /** Reads a value of a rarer kind into its column; where it ends, or FAILED. */
  #other(batch: EventBatch, row: number, field: number, at: number): number {
    const kind = this.#kinds[field] as number;
    if (kind === K_DAYS) return this.#days(batch, row, at);
    if (kind === K_CODES) return this.#codes(batch, row, at);
    if (kind === K_AMOUNT) return this.#amount(batch, row, at);
    return kind === K_FLAG ? this.#flag(batch, row, at) : FAILED;
  }

  /** Digits without sign or leading zero: `#value`; what follows them is the caller's to judge. */
  #digits(at: number): number {
    const bytes = this.#bytes;
    const last = Math.min(this.#to, at + INTEGER_DIGITS_MAX);
    let value = 0;
    let i = at;
    for (; i < last; i++) {
      const digit = (bytes[i] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (i === at || i === last || (bytes[at] === ZERO && i > at + 1)) return FAILED;
    this.#value = value;
    return i;
  }

  #integer(batch: EventBatch, row: number, field: number, at: number): number {
    const end = this.#digits(at);
    const value = this.#value;
    if (end < 0 || value > integerMax(field)) return FAILED;
    this.#hash = numberHash(value);
    if (field === F_SEQ) {
      batch.seq[row] = value;
      batch.flags[row] = (batch.flags[row] as number) & ~FLAG_NO_SEQ;
    } else if (field === F_REV) batch.rev[row] = value;
    else if (field === F_ITEM_VERSION) batch.itemVersion[row] = value;
    return end;
  }

  #days(batch: EventBatch, row: number, at: number): number {
    const end = this.#digits(at);
    const days = this.#value;
    if (end < 0 || days < eventLimits.daysMin || days > eventLimits.daysMax) return FAILED;
    this.#hash = numberHash(days);
    batch.days[row] = days;
    return end;
  }

  /** Yuan with at most two decimals, kept as fen. */
  #amount(batch: EventBatch, row: number, at: number): number {
    let end = this.#digits(at);
    if (end < 0 || this.#value >= eventLimits.amountYuanMax) return FAILED;
    let fen = this.#value * 100;
    if (this.#bytes[end] === 0x2e) {
      let unit = 10;
      const first = ++end;
      for (; end < first + 3 && end < this.#to; end++) {
        const digit = (this.#bytes[end] as number) - ZERO;
        if (digit < 0 || digit > 9) break;
        fen += digit * unit;
        unit = (unit / 10) | 0;
      }
      if (end === first || end > first + 2) return FAILED;
    }
    this.#hash = numberHash(fen);
    batch.amountFen[row] = fen;
    return end;
  }

  #codes(batch: EventBatch, row: number, at: number): number {
    const bytes = this.#bytes;
    if (bytes[at] !== 0x5b || bytes[at + 1] === 0x5d) return FAILED; // [ and ]
    const off = batch.materialUsed;
    let hash = 0;
    let count = 0;
    let i = at + 1;
    for (;;) {
      if (count === eventLimits.materialsMax || bytes[i] !== QUOTE) return FAILED;
      const first = i + 1;
      i = this.#scanWide(first, K_ID, FNV_OFFSET);
      if (i < 0 || i >= this.#to || !isId(bytes, first, i)) return FAILED;
      const id = this.#dictionary.internHashed(bytes, first, i++, this.#hash);
      if (id < 0) return FAILED;
      pushMaterial(batch, off + count++, id);
      hash = mix(hash, this.#hash);
      if (bytes[i] !== COMMA) break;
      i++;
      if (bytes[i] === SPACE) i++;
    }
    if (bytes[i] !== 0x5d) return FAILED;
    batch.materialOff[row] = off;
    batch.materialCount[row] = count;
    batch.materialUsed = off + count;
    this.#hash = mix(hash, count);
    return i + 1;
  }

  #flag(batch: EventBatch, row: number, at: number): number {
    const bytes = this.#bytes;
    const yes = bytes[at] === 0x74;
    const word = yes ? TRUE : FALSE;
    for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return FAILED;
    this.#hash = numberHash(yes ? 1 : 0);
    if (yes) batch.flags[row] = (batch.flags[row] as number) | FLAG_NOTICED;
    return at + word.length;
  }

  /** Goes on with a string that is more than ASCII: where its quote is, or FAILED; `#hash`. */
  #scanWide(from: number, kind: number, hashSoFar: number): number {
    const bytes = this.#bytes;
    const to = this.#to;
    let hash = hashSoFar;
    let at = from;
    while (at < to) {
      const byte = bytes[at] as number;
      if (BYTE_CLASS[byte] === PLAIN) {
        hash = Math.imul(hash ^ byte, FNV_PRIME);
        at++;
        continue;
      }
      if (byte === QUOTE) break;
      const end = at + this.#multibyte(at, kind);
      if (end === at) return FAILED;
      for (; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), FNV_PRIME);
    }
    this.#hash = hash;
    return at;
  }
}

/** What a scan cannot see while it runs: the length and outer spaces. */
function isId(bytes: Uint8Array, first: number, end: number): boolean {
  const length = end - first;
  if (length === 0 || length > eventLimits.idCharsMax) return false;
  return bytes[first] !== SPACE && bytes[end - 1] !== SPACE;
}

const TRUE = new TextEncoder().encode('true');
const FALSE = new TextEncoder().encode('false');

/** Bit of `EventBatch.flags` that says a text is present; 0 when none does. */
export function textFlag(field: number): number {
  if (field === F_ACTOR) return FLAG_ACTOR;
  if (field === F_DOCUMENT) return FLAG_DOCUMENT;
  if (field === F_REASON) return FLAG_REASON;
  return field === F_APPROVER ? FLAG_APPROVED : 0;
}

/** Writes a material id, doubling the list when it is full. */
export function pushMaterial(batch: EventBatch, index: number, id: number): void {
  if (index >= batch.materialIds.length) {
    const wider = new Int32Array(Math.max(16, batch.materialIds.length * 2));
    wider.set(batch.materialIds);
    batch.materialIds = wider;
  }
  batch.materialIds[index] = id;
}

/** False when `sentAt` lies before `recordedAt`; true also when either is absent (NaN). */
function timesInOrder(batch: EventBatch, row: number): boolean {
  return !((batch.sentAt[row] as number) < (batch.recordedAt[row] as number));
}

/** A dictionary of exactly these words, by index: any other word finds it full. */
function closedList(words: readonly string[]): Dictionary {
  const bytesMax = words.join('').length;
  const dictionary = new Dictionary({ entriesMax: words.length, bytesMax });
  for (const word of words) dictionary.internText(word);
  return dictionary;
}

/** Notes where the item's code lies; batch-item.ts looks it up when it is needed. */
function pendItem(batch: EventBatch, row: number, first: number, end: number, hash: number): void {
  batch.item[row] = PENDING;
  batch.itemOff[row] = first;
  batch.itemLen[row] = end - first;
  batch.itemHash[row] = hash;
}
