/**
 * Strict JSON over bytes: the slow path of decoding, and the only reader the door uses.
 *
 * Owns: the grammar of RFC 8259 and what we refuse beyond it; byte spans of every value.
 * Does not own: what the values mean (strict-event.ts).
 *
 * Invariants
 * J1  Exactly one value fills the range, white space aside; nothing is repaired or guessed.
 * J2  Refused beyond the grammar: a key twice in one object, `__proto__`/`constructor`/`prototype`,
 *     depth and key counts over the limits, invalid UTF-8, lone surrogates, control characters other
 *     than tab and line ends, whether raw or escaped.
 * J3  Numbers are checked for form only; the span keeps every digit, so nothing is rounded here.
 * J4  Time is linear in the range; recursion is bounded by the depth limit.
 *
 * A reader is used again and again; `read` returns the root node, or null with `code`, `params`.
 */
import type { ErrorCode, ErrorParams } from '../base/errors.ts';
import { fnv1a } from '../base/hash.ts';
import { eventLimits } from '../config/limits.ts';
import { Dictionary } from './dictionary.ts';
import { type JsonMember, JsonNode } from './json-node.ts';
import { utf8Length } from './utf8.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FORBIDDEN_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype'];
/** Members of an object that are compared one by one to find a key twice; a set takes over then. */
const FEW_KEYS = 16;
/** Escapes of one letter that are allowed; \b and \f are control characters (J2). */
const SIMPLE_ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x22, '"'],
  [0x5c, '\\'],
  [0x2f, '/'],
  [0x6e, '\n'],
  [0x72, '\r'],
  [0x74, '\t'],
]);
const CONTROL_ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x62, 0x08],
  [0x66, 0x0c],
]);

export class StrictJson {
  /** Why the last `read` failed. */
  code: ErrorCode | '' = '';
  params: ErrorParams = {};
  #bytes: Uint8Array = new Uint8Array(0);
  #from = 0;
  #to = 0;
  #at = 0;
  #keys = 0;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #frequentKeys = new Dictionary();

  /** Keys that most objects will have, for speed only. */
  constructor(frequentKeys: readonly string[] = []) {
    for (const key of frequentKeys) this.#frequentKeys.internText(key);
  }

  read(bytes: Uint8Array, from: number, to: number): JsonNode | null {
    this.code = '';
    this.params = {};
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
    this.#at = from;
    this.#keys = 0;
    this.#skipSpace();
    const root = this.#value(1);
    if (root === null) return null;
    this.#skipSpace();
    return this.#at === to ? root : this.#syntax(this.#at);
  }

  #value(depth: number): JsonNode | null {
    switch (this.#peek()) {
      case 0x7b:
        return this.#object(depth);
      case 0x5b:
        return this.#array(depth);
      case QUOTE:
        return this.#string();
      case 0x74:
        return this.#word('true');
      case 0x66:
        return this.#word('false');
      case 0x6e:
        return this.#word('null');
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonNode | null {
    if (depth > eventLimits.jsonDepthMax) return this.#tooDeep();
    const node = new JsonNode('object', this.#bytes, this.#at);
    let seen: Set<string> | null = null;
    this.#at++;
    this.#skipSpace();
    if (this.#take(0x7d)) return this.#close(node);
    for (;;) {
      const member = this.#member(depth);
      if (member === null) return null;
      const { key } = member;
      if (node.members.length === FEW_KEYS) seen = new Set(node.members.map((one) => one.key));
      const twice = seen?.has(key) ?? node.members.some((one) => one.key === key);
      if (twice) return this.#fail('JSON_DUPLICATE_KEY', { key });
      seen?.add(key);
      node.members.push(member);
      this.#skipSpace();
      if (this.#take(0x7d)) return this.#close(node);
      if (!this.#take(0x2c)) return this.#syntax(this.#at);
      this.#skipSpace();
    }
  }

  #member(depth: number): JsonMember | null {
    if (this.#peek() !== QUOTE) return this.#syntax(this.#at);
    const name = this.#string();
    if (name === null) return null;
    const key = this.#keyText(name);
    if (FORBIDDEN_KEYS.includes(key)) return this.#fail('JSON_FORBIDDEN_KEY', { key });
    if (++this.#keys > eventLimits.jsonKeysMax) {
      return this.#fail('JSON_TOO_MANY_KEYS', { limit: eventLimits.jsonKeysMax });
    }
    this.#skipSpace();
    if (!this.#take(0x3a)) return this.#syntax(this.#at);
    this.#skipSpace();
    const value = this.#value(depth + 1);
    return value === null ? null : { key, value };
  }

  #array(depth: number): JsonNode | null {
    if (depth > eventLimits.jsonDepthMax) return this.#tooDeep();
    const node = new JsonNode('array', this.#bytes, this.#at);
    this.#at++;
    this.#skipSpace();
    if (this.#take(0x5d)) return this.#close(node);
    for (;;) {
      const element = this.#value(depth + 1);
      if (element === null) return null;
      node.elements.push(element);
      this.#skipSpace();
      if (this.#take(0x5d)) return this.#close(node);
      if (!this.#take(0x2c)) return this.#syntax(this.#at);
      this.#skipSpace();
    }
  }

  #string(): JsonNode | null {
    const node = new JsonNode('string', this.#bytes, this.#at);
    const bytes = this.#bytes;
    let text = '';
    let run = ++this.#at; // start of the bytes not yet in `text`
    let escaped = false;
    for (;;) {
      if (this.#at >= this.#to) return this.#syntax(this.#at);
      const byte = bytes[this.#at] as number;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) {
        escaped = true;
        text += this.#decode(run);
        const piece = this.#escape();
        if (piece === null) return null;
        text += piece;
        run = this.#at;
      } else if (byte < 0x80) {
        if (byte < 0x20 || byte === 0x7f) return this.#control(this.#at, byte);
        this.#at++;
      } else if (!this.#multibyte()) return null;
    }
    if (escaped) node.setEscapedText(text + this.#decode(run));
    this.#at++;
    return this.#close(node);
  }

  /** One well-formed multi-byte character under the cursor. */
  #multibyte(): boolean {
    const length = utf8Length(this.#bytes, this.#at, this.#to);
    if (length === 0) {
      this.#fail('TEXT_NOT_UTF8', { offset: this.#at - this.#from });
      return false;
    }
    if (length === 2 && this.#bytes[this.#at] === 0xc2 && (this.#next(1) as number) < 0xa0) {
      this.#control(this.#at, this.#next(1) as number);
      return false;
    }
    this.#at += length;
    return true;
  }

  /** Text of the escape under the cursor. */
  #escape(): string | null {
    const start = this.#at;
    const letter = start + 1 < this.#to ? (this.#next(1) as number) : -1;
    const simple = SIMPLE_ESCAPES.get(letter);
    if (simple !== undefined) {
      this.#at += 2;
      return simple;
    }
    const control = CONTROL_ESCAPES.get(letter);
    if (control !== undefined) return this.#control(start, control);
    const unit = letter === 0x75 ? this.#unit(start + 2) : -1;
    if (unit < 0) return this.#syntax(start);
    if (isControl(unit)) return this.#control(start, unit);
    this.#at = start + 6;
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
    const second =
      unit < 0xdc00 && this.#peek() === BACKSLASH && this.#next(1) === 0x75
        ? this.#unit(this.#at + 2)
        : -1;
    if (second < 0xdc00 || second > 0xdfff) {
      return this.#fail('TEXT_LONE_SURROGATE', { offset: start - this.#from });
    }
    this.#at += 6;
    return String.fromCharCode(unit, second);
  }

  /** Four hexadecimal digits as a UTF-16 unit; -1 when they are not. */
  #unit(at: number): number {
    if (at + 4 > this.#to) return -1;
    let unit = 0;
    for (let i = at; i < at + 4; i++) {
      const digit = hexDigit(this.#bytes[i] as number);
      if (digit < 0) return -1;
      unit = unit * 16 + digit;
    }
    return unit;
  }

  #number(): JsonNode | null {
    const from = this.#at;
    let at = from;
    const bytes = this.#bytes;
    const digits = (): boolean => {
      const first = at;
      while (at < this.#to && isDigit(bytes[at] as number)) at++;
      return at > first;
    };
    if (bytes[at] === 0x2d) at++;
    const whole = at;
    if (!digits()) return this.#syntax(at);
    if (bytes[whole] === 0x30 && at > whole + 1) return this.#syntax(whole + 1); // leading zero
    if (at < this.#to && bytes[at] === 0x2e) {
      at++;
      if (!digits()) return this.#syntax(at);
    }
    if (at < this.#to && ((bytes[at] as number) | 0x20) === 0x65) {
      at++;
      if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
      if (!digits()) return this.#syntax(at);
    }
    this.#at = at;
    return this.#close(new JsonNode('number', this.#bytes, from));
  }

  #word(word: 'true' | 'false' | 'null'): JsonNode | null {
    const from = this.#at;
    for (let i = 0; i < word.length; i++) {
      if (from + i >= this.#to || this.#bytes[from + i] !== word.charCodeAt(i)) {
        return this.#syntax(Math.min(from + i, this.#to));
      }
    }
    this.#at = from + word.length;
    return this.#close(new JsonNode(word, this.#bytes, from));
  }

  #close(node: JsonNode): JsonNode {
    node.to = this.#at;
    return node;
  }

  /** Text of the bytes from `from` to the cursor, which are well-formed UTF-8. */
  #decode(from: number): string {
    return from === this.#at ? '' : this.#decoder.decode(this.#bytes.subarray(from, this.#at));
  }

  /** Text of a key, without decoding when it is one of the frequent ones. */
  #keyText(node: JsonNode): string {
    if (node.escaped) return node.text;
    const from = node.from + 1;
    const to = node.to - 1;
    const hash = fnv1a(this.#bytes, from, to);
    const id = this.#frequentKeys.findHashed(this.#bytes, from, to, hash);
    return id < 0 ? node.text : this.#frequentKeys.text(id);
  }

  #skipSpace(): void {
    while (this.#at < this.#to && isSpace(this.#bytes[this.#at] as number)) this.#at++;
  }

  /** Byte under the cursor, -1 at the end. */
  #peek(): number {
    return this.#at < this.#to ? (this.#bytes[this.#at] as number) : -1;
  }

  #next(ahead: number): number | undefined {
    return this.#bytes[this.#at + ahead];
  }

  #take(byte: number): boolean {
    if (this.#peek() !== byte) return false;
    this.#at++;
    return true;
  }

  #fail(code: ErrorCode, params: ErrorParams): null {
    this.code = code;
    this.params = params;
    return null;
  }

  #tooDeep(): null {
    return this.#fail('JSON_TOO_DEEP', { limit: eventLimits.jsonDepthMax });
  }

  #control(at: number, unit: number): null {
    const char = `U+${unit.toString(16).toUpperCase().padStart(4, '0')}`;
    return this.#fail('TEXT_CONTROL_CHAR', { offset: at - this.#from, char });
  }

  /** Line and column count from 1; a column is one byte, except that characters count once. */
  #syntax(at: number): null {
    // Text that is not UTF-8 fails as such wherever it stands, also outside of strings.
    if (at < this.#to && (this.#bytes[at] as number) >= 0x80) {
      if (utf8Length(this.#bytes, at, this.#to) === 0) {
        return this.#fail('TEXT_NOT_UTF8', { offset: at - this.#from });
      }
    }
    let line = 1;
    let column = 1;
    for (let i = this.#from; i < at; i++) {
      const byte = this.#bytes[i] as number;
      if (byte === 0x0a) {
        line++;
        column = 1;
      } else if ((byte & 0xc0) !== 0x80) column++;
    }
    return this.#fail('JSON_SYNTAX', { line, column });
  }
}

/** C0, DEL and C1, without tab, line feed and carriage return. */
function isControl(unit: number): boolean {
  if (unit === 0x09 || unit === 0x0a || unit === 0x0d) return false;
  return unit < 0x20 || (unit >= 0x7f && unit < 0xa0);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function hexDigit(byte: number): number {
  if (isDigit(byte)) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
