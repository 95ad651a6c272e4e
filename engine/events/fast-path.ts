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
  SPECIAL_PROCEDURES,
} from './event.ts';
import {
  contentWord,
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
  F_REV,
  F_SENT_AT,
  F_SEQ,
  F_SOURCE,
  F_STAGE,
  F_TERRITORY,
  F_TYPE,
  FIELD_COUNT,
  FIELD_KINDS,
  FIELD_NAMES,
  integerMax,
  K_AMOUNT,
  K_CODE,
  K_CODES,
  K_DAYS,
  K_FLAG,
  K_ID,
  K_INTEGER,
  K_SPECIAL,
  K_TEXT,
  K_TIME,
  K_TYPE,
  numberHash,
} from './fields.ts';
import { InstantParser } from './instant.ts';
import { utf8Length } from './utf8.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const SPACE = 0x20;
const ZERO = 0x30;

/** Byte classes inside strings. */
const PLAIN = 0; // 0x20-0x7e but quote and backslash
const END = 1; // quote
const IDEOGRAPH = 2; // leads U+4000-U+9FFF, three bytes, canonical in any mixture (text.ts T3)
const UNUSUAL = 3;

const BYTE_CLASS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === QUOTE) return END;
  if (byte >= 0x20 && byte <= 0x7e && byte !== 0x5c) return PLAIN;
  return byte >= 0xe4 && byte <= 0xe9 ? IDEOGRAPH : UNUSUAL;
});

/** Not a value of any field: the place of the last failed read. */
const FAILED = -1;
/** `#next` at the beginning of a record and of its `data`. */
const FIRST_KEY = FIELD_COUNT;
const FIRST_DATA_KEY = FIELD_COUNT + 1;
/** Words kept of each `"key":`: the first, the last, and those between that it needs. */
const KEY_WORDS = 5;
const REQUIRED = (1 << F_CASE_KEY) | (1 << F_TYPE) | (1 << F_AT);
const TIME_CHARS_MAX = 40;
const INTEGER_DIGITS_MAX = 15; // always safe; longer ones take the strict path

export class FastPath {
  readonly #dictionary: Dictionary;
  readonly #instant: InstantParser;
  readonly #types = wordsOf(EVENT_TYPES);
  readonly #specials = wordsOf(SPECIAL_PROCEDURES);
  readonly #keyWords = new Int32Array(FIELD_COUNT * KEY_WORDS);
  readonly #keyLength = new Uint8Array(FIELD_COUNT);
  readonly #kinds = Uint8Array.from(FIELD_KINDS);
  readonly #next = new Uint8Array(FIELD_COUNT + 2);

  #bytes: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  /** End of the record being read. */
  #to = 0;
  /** Of the value just read: its hash, and its dictionary id or number. */
  #hash = 0;
  #value = 0;
  #timeLength = 0;

  constructor(dictionaries: Dictionaries, defaultOffsetMs?: number) {
    this.#dictionary = dictionaries.strings;
    this.#instant = new InstantParser(defaultOffsetMs);
    this.#next[FIRST_DATA_KEY] = F_STAGE;
    for (let field = 0; field < FIELD_COUNT; field++) this.#learnKey(field);
  }

  /** Fills the columns of `row`, cleared by the caller; false when the strict path must decide. */
  read(batch: EventBatch, row: number): boolean {
    const from = batch.rawOff[row] as number;
    const to = from + (batch.rawLen[row] as number);
    if (batch.bytes !== this.#bytes) this.#bind(batch.bytes);
    this.#to = to;
    const bytes = this.#bytes;
    if (to > bytes.length || bytes[from] !== OPEN) return false;
    let at = from + 1;
    let previous = FIRST_KEY;
    let insideData = false;
    let seen = 0;
    let sum = 0;
    for (;;) {
      const field = this.#key(at, previous);
      if (field < 0 || field >= F_STAGE !== insideData || ((seen >>> field) & 1) === 1)
        return false;
      seen |= 1 << field;
      at += this.#keyLength[field] as number;
      if (bytes[at] === SPACE) at++;
      previous = field;
      if (field === F_DATA) {
        if (bytes[at] !== OPEN || bytes[at + 1] === CLOSE) return false;
        insideData = true;
        previous = FIRST_DATA_KEY;
        at++;
        continue;
      }
      at = this.#read(batch, row, field, at);
      if (at < 0) return false;
      sum = (sum + contentWord(field, this.#hash)) | 0;
      if (insideData && bytes[at] === CLOSE) {
        insideData = false;
        previous = F_DATA;
        at++;
      }
      if (bytes[at] !== COMMA) break;
      at++;
      if (bytes[at] === SPACE) at++;
    }
    if (insideData || bytes[at] !== CLOSE || at + 1 !== to) return false;
    batch.content[row] = finish(sum);
    return (seen & REQUIRED) === REQUIRED && timesInOrder(batch, row);
  }

  #bind(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Field whose `"key":` stands at `at`; the guess after `previous` first. */
  #key(at: number, previous: number): number {
    const guess = this.#next[previous] as number;
    if (this.#isKey(at, guess)) return guess;
    const first = previous >= F_STAGE && previous !== FIRST_KEY ? F_STAGE : 0;
    for (let field = first; field < FIELD_COUNT; field++) {
      if (this.#isKey(at, field)) {
        this.#next[previous] = field;
        return field;
      }
    }
    return FAILED;
  }

  #isKey(at: number, field: number): boolean {
    const length = this.#keyLength[field] as number;
    if (at + length > this.#to) return false;
    const words = this.#keyWords;
    const view = this.#view;
    const word = field * KEY_WORDS;
    if (view.getInt32(at, true) !== words[word]) return false;
    if (view.getInt32(at + length - 4, true) !== words[word + 1]) return false;
    if (length <= 8) return true;
    if (view.getInt32(at + 4, true) !== words[word + 2]) return false;
    if (length <= 12) return true;
    if (view.getInt32(at + 8, true) !== words[word + 3]) return false;
    return length <= 16 || view.getInt32(at + 12, true) === words[word + 4];
  }

  #learnKey(field: number): void {
    const text = `"${FIELD_NAMES[field]}":`;
    this.#keyLength[field] = text.length;
    const offsets = [0, text.length - 4, 4, 8, 12];
    for (const [index, offset] of offsets.entries()) {
      let word = 0;
      for (let i = 3; i >= 0; i--) word = (word << 8) | (text.charCodeAt(offset + i) || 0);
      this.#keyWords[field * KEY_WORDS + index] = word;
    }
    // Until a record teaches otherwise, keys are expected in the order of their indices.
    this.#next[field] = field + 1 < FIELD_COUNT ? field + 1 : F_STAGE;
  }

  /** Reads the value at `at` into the columns; where it ends, or FAILED. */
  #read(batch: EventBatch, row: number, field: number, at: number): number {
    const kind = this.#kinds[field] as number;
    if (kind === K_CODE) return this.#code(batch, row, field, at);
    if (kind === K_TIME) return this.#time(batch, row, field, at);
    if (kind === K_ID) return this.#id(batch, row, field, at);
    if (kind === K_TYPE) {
      const end = this.#word(this.#types, at);
      batch.type[row] = this.#value;
      return end;
    }
    if (kind === K_INTEGER) return this.#integerField(batch, row, field, at);
    if (kind === K_TEXT) return this.#text(batch, row, field, at);
    if (kind === K_SPECIAL) {
      const end = this.#word(this.#specials, at);
      batch.special[row] = this.#value;
      return end;
    }
    if (kind === K_DAYS) return this.#days(batch, row, at);
    if (kind === K_CODES) return this.#codes(batch, row, at);
    if (kind === K_AMOUNT) return this.#amount(batch, row, at);
    return kind === K_FLAG ? this.#flag(batch, row, at) : FAILED;
  }

  /** An identifier: hashed, end returned (behind the closing quote). */
  #scanId(at: number): number {
    const bytes = this.#bytes;
    const to = this.#to;
    if (bytes[at] !== QUOTE) return FAILED;
    const first = at + 1;
    let hash = FNV_OFFSET;
    let i = first;
    for (; i < to; i++) {
      const byte = bytes[i] as number;
      const kind = BYTE_CLASS[byte] as number;
      if (kind !== PLAIN) {
        if (kind === END) break;
        if (kind === UNUSUAL || i + 2 >= to) return FAILED;
        const second = bytes[i + 1] as number;
        const third = bytes[i + 2] as number;
        if ((second & 0xc0) !== 0x80 || (third & 0xc0) !== 0x80) return FAILED;
        hash = Math.imul(hash ^ byte, FNV_PRIME);
        hash = Math.imul(hash ^ second, FNV_PRIME);
        hash = Math.imul(hash ^ third, FNV_PRIME);
        i += 2;
      } else hash = Math.imul(hash ^ byte, FNV_PRIME);
    }
    const length = i - first;
    if (i >= to || length === 0 || length > eventLimits.idCharsMax) return FAILED;
    if (bytes[first] === SPACE || bytes[i - 1] === SPACE) return FAILED;
    this.#hash = hash;
    return i + 1;
  }

  #id(batch: EventBatch, row: number, field: number, at: number): number {
    const end = this.#scanId(at);
    if (field === F_CASE_KEY && end > 0) {
      batch.keyOff[row] = at + 1;
      batch.keyLen[row] = end - at - 2;
      batch.keyHash[row] = this.#hash;
    }
    return end;
  }

  /** An identifier taken into the dictionary: `#value` is its id. */
  #scanCode(at: number): number {
    const end = this.#scanId(at);
    if (end < 0) return FAILED;
    this.#value = this.#dictionary.internHashed(this.#bytes, at + 1, end - 1, this.#hash);
    return this.#value < 0 ? FAILED : end;
  }

  #code(batch: EventBatch, row: number, field: number, at: number): number {
    const end = this.#scanCode(at);
    if (end < 0) return FAILED;
    const id = this.#value;
    if (field === F_ITEM_CODE) batch.item[row] = id;
    else if (field === F_ORGAN) batch.organ[row] = id;
    else if (field === F_TERRITORY) batch.territory[row] = id;
    else if (field === F_SOURCE) batch.source[row] = id;
    else batch.stage[row] = id;
    return end;
  }

  #time(batch: EventBatch, row: number, field: number, at: number): number {
    const bytes = this.#bytes;
    if (bytes[at] !== QUOTE) return FAILED;
    const first = at + 1;
    let end = first + this.#timeLength;
    if (bytes[end] !== QUOTE || end >= this.#to) {
      const last = Math.min(this.#to, first + TIME_CHARS_MAX);
      for (end = first; end < last && bytes[end] !== QUOTE; ) end++;
      if (end >= last) return FAILED;
      this.#timeLength = end - first;
    }
    if (this.#instant.parse(bytes, first, end) !== '') return FAILED;
    const ms = this.#instant.value;
    this.#hash = numberHash(ms);
    if (field === F_AT) batch.at[row] = ms;
    else if (field === F_RECORDED_AT) batch.recordedAt[row] = ms;
    else if (field === F_SENT_AT) batch.sentAt[row] = ms;
    else batch.deadline[row] = ms;
    return end + 1;
  }

  /** One of a closed list of words: `#value` is its index. */
  #word(words: Dictionary, at: number): number {
    const end = this.#scanId(at);
    if (end < 0) return FAILED;
    this.#value = words.findHashed(this.#bytes, at + 1, end - 1, this.#hash);
    if (this.#value < 0) return FAILED;
    this.#hash = numberHash(this.#value);
    return end;
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

  #integerField(batch: EventBatch, row: number, field: number, at: number): number {
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
      i = this.#scanCode(i);
      if (i < 0 || count === eventLimits.materialsMax) return FAILED;
      pushMaterial(batch, off + count++, this.#value);
      hash = (hash + mix(count, this.#hash)) | 0;
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

  #text(batch: EventBatch, row: number, field: number, at: number): number {
    const bytes = this.#bytes;
    const to = this.#to;
    if (bytes[at] !== QUOTE) return FAILED;
    let hash = FNV_OFFSET;
    let i = at + 1;
    while (i < to) {
      const byte = bytes[i] as number;
      const kind = BYTE_CLASS[byte] as number;
      if (kind === END) break;
      let length = 1;
      if (kind !== PLAIN) {
        length = byte < 0x80 ? 0 : utf8Length(bytes, i, to);
        const control = byte === 0xc2 && (bytes[i + 1] as number) < 0xa0; // C1
        if (length === 0 || control) return FAILED;
      }
      for (const end = i + length; i < end; i++) {
        hash = Math.imul(hash ^ (bytes[i] as number), FNV_PRIME);
      }
    }
    const length = i - at - 1;
    if (i >= to || length === 0 || length > eventLimits.textCharsMax) return FAILED;
    this.#hash = hash;
    const flag = textFlag(field);
    if (flag !== 0) batch.flags[row] = (batch.flags[row] as number) | flag;
    return i + 1;
  }
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

function wordsOf(words: readonly string[]): Dictionary {
  const dictionary = new Dictionary();
  for (const word of words) dictionary.internText(word);
  return dictionary;
}
