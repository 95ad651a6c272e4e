/**
 * One event record read strictly: every field's form is checked and every fault has a name.
 *
 * Owns: which fields there are, their types and ranges, `content`, the order in which faults are
 * looked for. It is the definition of what a record means; fast-path.ts only gets there sooner.
 * Does not own: columns (decode.ts), registries, ownership and personal data (intake/door.ts).
 *
 * Invariants
 * S1  Faults are found in the order: JSON, fields as written, missing fields, what a retraction
 *     names, order of times.
 * S2  `content` depends on values only, never on key order, spacing or escapes (fields.ts F2).
 * S3  Keys of `data` that we do not know are kept and enter `content` by their raw bytes.
 */
import type { ErrorCode, ErrorParams } from '../base/errors.ts';
import { finish, fnv1a, mix } from '../base/hash.ts';
import { eventLimits } from '../config/limits.ts';
import { EVENT_TYPES, SPECIAL_PROCEDURES } from './event.ts';
import {
  contentWord,
  F_OTHER,
  F_RECORDED_AT,
  F_RETRACTED,
  F_REV,
  F_SENT_AT,
  F_SEQ,
  FIELD_COUNT,
  FIELD_KINDS,
  FIELD_NAMES,
  fieldOf,
  integerMax,
  K_AMOUNT,
  K_CODE,
  K_CODES,
  K_DAYS,
  K_FLAG,
  K_ID,
  K_INTEGER,
  K_OBJECT,
  K_SPECIAL,
  K_TEXT,
  K_TIME,
  K_TYPE,
  numberHash,
  pointerOf,
  REQUIRED_FIELDS,
} from './fields.ts';
import { InstantParser, YEAR_MAX, YEAR_MIN } from './instant.ts';
import type { JsonMember, JsonNode } from './json-node.ts';
import { StrictJson } from './strict-json.ts';
import { freeTextProblem, idProblem, nearest, shown, type TextProblem } from './text.ts';

const INTEGER = /^-?\d+$/;
const DECIMAL = /^-?\d+\.\d+$/;
const AMOUNT = /^(\d+)(?:\.(\d{1,2}))?$/;
const encoder = new TextEncoder();
const ascii = new TextDecoder('latin1');

/** Type word for FIELD_TYPE, by kind. */
const EXPECTED: readonly string[] = [
  ...['string', 'string', 'string', 'string', 'string', 'string', 'integer'],
  ...['object', 'integer', 'number', 'array of strings', 'boolean'],
];

export class StrictEvent {
  /** Fault of the last `read`, '' when there was none. */
  code: ErrorCode | '' = '';
  params: ErrorParams = {};
  pointer = '';

  /** The whole record; null when it is no JSON. */
  root: JsonNode | null = null;
  /** By field index, null where the field is absent (or null, or an empty optional text). */
  readonly nodes: (JsonNode | null)[] = new Array<JsonNode | null>(FIELD_COUNT).fill(null);
  /**
   * By field index where present: milliseconds of a time, the number of an integer, fen of an amount,
   * index of a type or special procedure, 1 or 0 of a flag.
   */
  readonly numbers = new Float64Array(FIELD_COUNT);
  materials: readonly JsonNode[] = [];
  content = 0;

  #bytes: Uint8Array = new Uint8Array(0);
  readonly #json = new StrictJson(FIELD_NAMES);
  readonly #instant: InstantParser;

  constructor(defaultOffsetMs?: number) {
    this.#instant = new InstantParser(defaultOffsetMs);
  }

  /** True when `bytes[from, to)` is one well-formed event record. */
  read(bytes: Uint8Array, from: number, to: number): boolean {
    this.code = '';
    this.params = {};
    this.pointer = '';
    this.nodes.fill(null);
    this.materials = [];
    this.#bytes = bytes;
    let sum = 0;
    this.root = this.#json.read(bytes, from, to);
    if (this.root === null) return this.#fail(this.#json.code as ErrorCode, this.#json.params, '');
    if (this.root.kind !== 'object') return this.#wrongType('record', 'object', '');
    for (const member of this.root.members) {
      const field = fieldOf(member.key, false);
      if (field < 0) return this.#unknown(member.key);
      const node = member.value;
      if (!this.#field(field, node)) return false;
      if (this.nodes[field] !== null && FIELD_KINDS[field] !== K_OBJECT) {
        sum = (sum + contentWord(field, this.#valueHash(field, node))) | 0;
      }
    }
    const data = this.nodes[fieldOf('data', false)];
    if (data) {
      for (const member of data.members) {
        const word = this.#dataMember(member);
        if (this.code !== '') return false;
        sum = (sum + word) | 0;
      }
    }
    this.content = finish(sum);
    return this.#complete();
  }

  /** Text of a field; '' when absent. */
  text(field: number): string {
    return this.nodes[field]?.text ?? '';
  }

  /** UTF-8 of a string's text. */
  bytesOf(node: JsonNode): Uint8Array {
    if (node.escaped) return encoder.encode(node.text);
    return this.#bytes.subarray(node.from + 1, node.to - 1);
  }

  /** Checks one member of `data`; what it adds to the content sum. */
  #dataMember(member: JsonMember): number {
    const node = member.value;
    const field = fieldOf(member.key, true);
    if (field < 0) {
      const key = encoder.encode(member.key);
      const raw = fnv1a(this.#bytes, node.from, node.to);
      return contentWord(F_OTHER, mix(fnv1a(key, 0, key.length), raw));
    }
    if (!this.#field(field, node) || this.nodes[field] === null) return 0;
    return contentWord(field, this.#valueHash(field, node));
  }

  /** Checks the value and keeps it in `nodes` unless it amounts to absence. */
  #field(field: number, node: JsonNode): boolean {
    const kind = FIELD_KINDS[field] as number;
    const required = REQUIRED_FIELDS.includes(field);
    const empty = node.kind === 'null' || (node.isEmptyString() && kind !== K_TIME);
    if (empty && required) return this.#missing(field);
    if (node.kind === 'null' || (empty && takesText(kind))) return true;
    this.nodes[field] = node;
    switch (kind) {
      case K_ID:
      case K_CODE:
        if (node.isPlain(eventLimits.idCharsMax)) return true;
        return this.#string(field, node) && this.#noProblem(field, idProblem, node.text);
      case K_TEXT:
        if (node.to - node.from <= eventLimits.textCharsMax) return this.#string(field, node);
        return this.#string(field, node) && this.#noProblem(field, freeTextProblem, node.text);
      case K_TIME:
        return this.#time(field, node);
      case K_TYPE:
        return this.#choice(field, node, EVENT_TYPES, 'TYPE_UNKNOWN');
      case K_SPECIAL:
        return this.#choice(field, node, SPECIAL_PROCEDURES, 'SPECIAL_UNKNOWN');
      case K_INTEGER:
        return this.#integer(field, node);
      case K_DAYS:
        return this.#days(field, node);
      case K_AMOUNT:
        return this.#amount(field, node);
      case K_CODES:
        return this.#codes(field, node);
      case K_FLAG:
        this.numbers[field] = node.kind === 'true' ? 1 : 0;
        return node.kind === 'true' || node.kind === 'false' || this.#typeFault(field);
      default:
        return node.kind === 'object' || this.#typeFault(field);
    }
  }

  #string(field: number, node: JsonNode): boolean {
    return node.kind === 'string' || this.#typeFault(field);
  }

  #noProblem(
    field: number,
    check: (field: string, text: string) => TextProblem | null,
    text: string,
  ): boolean {
    const problem = check(FIELD_NAMES[field] as string, text);
    return problem === null || this.#fail(problem.code, problem.params, pointerOf(field));
  }

  #time(field: number, node: JsonNode): boolean {
    const name = FIELD_NAMES[field] as string;
    if (node.kind === 'number') return this.#fail('TIME_FORMAT', { field: name }, pointerOf(field));
    if (node.kind !== 'string') return this.#typeFault(field);
    const bytes = this.bytesOf(node);
    const code = this.#instant.parse(bytes, 0, bytes.length);
    this.numbers[field] = this.#instant.value;
    if (code === '') return true;
    return this.#fail(code, { field: name, min: YEAR_MIN, max: YEAR_MAX }, pointerOf(field));
  }

  #choice(
    field: number,
    node: JsonNode,
    allowed: readonly string[],
    code: 'TYPE_UNKNOWN' | 'SPECIAL_UNKNOWN',
  ): boolean {
    if (!this.#string(field, node)) return false;
    const index = allowed.indexOf(node.text);
    this.numbers[field] = index;
    if (index >= 0) return true;
    const params = {
      value: shown(node.text),
      nearest: nearest(node.text, allowed),
      allowed: allowed.join(', '),
    };
    return this.#fail(code, params, pointerOf(field));
  }

  #integer(field: number, node: JsonNode): boolean {
    if (node.kind !== 'number') return this.#typeFault(field);
    const text = this.#span(node);
    const max = integerMax(field);
    const value = Number(text);
    const plain = INTEGER.test(text) && !text.startsWith('-');
    if (plain && value > Number.MAX_SAFE_INTEGER) {
      const params = { field: FIELD_NAMES[field] as string };
      return this.#fail('NUMBER_NOT_SAFE', params, pointerOf(field));
    }
    if (!plain || value > max) return this.#numberFault(field, `0…${max}`);
    this.numbers[field] = value;
    return true;
  }

  #days(field: number, node: JsonNode): boolean {
    if (node.kind !== 'number') return this.#typeFault(field);
    const text = this.#span(node);
    const { daysMin: min, daysMax: max } = eventLimits;
    const value = Number(text);
    const whole = INTEGER.test(text) && text !== '-0';
    if (!whole && !(DECIMAL.test(text) && !Number.isInteger(value))) {
      return this.#numberFault(field, `${min}…${max}`);
    }
    if (!whole || value < min || value > max) {
      const params = { field: FIELD_NAMES[field] as string, min, max };
      return this.#fail('LIMIT_OUT_OF_RANGE', params, pointerOf(field));
    }
    this.numbers[field] = value;
    return true;
  }

  #amount(field: number, node: JsonNode): boolean {
    if (node.kind !== 'number') return this.#typeFault(field);
    const parts = AMOUNT.exec(this.#span(node));
    const yuan = Number(parts?.[1]);
    if (parts === null || yuan >= eventLimits.amountYuanMax) {
      return this.#numberFault(field, `0.00…${eventLimits.amountYuanMax}`);
    }
    this.numbers[field] = yuan * 100 + Number((parts[2] ?? '').padEnd(2, '0'));
    return true;
  }

  #codes(field: number, node: JsonNode): boolean {
    if (node.kind !== 'array') return this.#typeFault(field);
    const limit = eventLimits.materialsMax;
    if (node.elements.length > limit) {
      const params = { field: FIELD_NAMES[field] as string, limit };
      return this.#fail('LIST_TOO_LONG', params, pointerOf(field));
    }
    for (const [index, element] of node.elements.entries()) {
      const name = `${FIELD_NAMES[field]}[${index}]`;
      const pointer = `${pointerOf(field)}/${index}`;
      if (element.kind !== 'string') return this.#wrongType(name, 'string', pointer);
      if (element.isEmptyString()) return this.#fail('FIELD_REQUIRED', { field: name }, pointer);
      if (element.isPlain(eventLimits.idCharsMax)) continue;
      const problem = idProblem(name, element.text);
      if (problem !== null) return this.#fail(problem.code, problem.params, pointer);
    }
    this.materials = node.elements;
    return true;
  }

  #textHash(node: JsonNode): number {
    const bytes = this.bytesOf(node);
    return fnv1a(bytes, 0, bytes.length);
  }

  /** Hash of a value that has passed its check. */
  #valueHash(field: number, node: JsonNode): number {
    const kind = FIELD_KINDS[field] as number;
    if (kind <= K_TEXT) return this.#textHash(node);
    if (kind !== K_CODES) return numberHash(this.numbers[field] as number);
    let hash = 0;
    for (const element of node.elements) hash = mix(hash, this.#textHash(element));
    return mix(hash, node.elements.length);
  }

  #complete(): boolean {
    for (const field of REQUIRED_FIELDS)
      if (this.nodes[field] === null) return this.#missing(field);
    return this.#namesWhatItTakesBack() && this.#timesInOrder();
  }

  /** Only a number and a higher revision say which record a retraction takes back. */
  #namesWhatItTakesBack(): boolean {
    if (!this.nodes[F_RETRACTED] || this.numbers[F_RETRACTED] !== 1) return true;
    if (this.nodes[F_SEQ] && this.nodes[F_REV] && (this.numbers[F_REV] as number) > 0) return true;
    return this.#fail('RETRACTION_UNNUMBERED', {}, pointerOf(F_RETRACTED));
  }

  #timesInOrder(): boolean {
    const recorded = this.nodes[F_RECORDED_AT];
    const sent = this.nodes[F_SENT_AT];
    if (!recorded || !sent) return true;
    if ((this.numbers[F_SENT_AT] as number) >= (this.numbers[F_RECORDED_AT] as number)) return true;
    const params = {
      later: `sentAt ${shown(sent.text)}`,
      earlier: `recordedAt ${shown(recorded.text)}`,
    };
    return this.#fail('TIME_ORDER', params, pointerOf(F_SENT_AT));
  }

  /** A number's digits as written. */
  #span(node: JsonNode): string {
    return ascii.decode(this.#bytes.subarray(node.from, node.to));
  }

  #missing(field: number): false {
    return this.#fail('FIELD_REQUIRED', { field: FIELD_NAMES[field] as string }, pointerOf(field));
  }

  #unknown(key: string): false {
    const pointer = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return this.#fail('FIELD_UNKNOWN', { field: shown(key) }, shown(pointer));
  }

  #typeFault(field: number): false {
    const expected = EXPECTED[FIELD_KINDS[field] as number] as string;
    return this.#wrongType(FIELD_NAMES[field] as string, expected, pointerOf(field));
  }

  #numberFault(field: number, expected: string): false {
    const params = { field: FIELD_NAMES[field] as string, expected };
    return this.#fail('NUMBER_INVALID', params, pointerOf(field));
  }

  #wrongType(field: string, expected: string, pointer: string): false {
    return this.#fail('FIELD_TYPE', { field, expected }, pointer);
  }

  #fail(code: ErrorCode, params: ErrorParams, pointer: string): false {
    this.code = code;
    this.params = params;
    this.pointer = pointer;
    return false;
  }
}

function takesText(kind: number): boolean {
  return kind === K_ID || kind === K_CODE || kind === K_TEXT || kind === K_SPECIAL;
}
