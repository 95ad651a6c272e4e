/**
 * A value of a JSON text, by its place in the bytes. Texts are decoded when they are asked for, and
 * most never are; so a node is good only as long as the bytes it was read from stay as they are.
 */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null';

export interface JsonMember {
  readonly key: string;
  readonly value: JsonNode;
}

const NO_MEMBERS: JsonMember[] = [];
const NO_ELEMENTS: JsonNode[] = [];

export class JsonNode {
  readonly kind: JsonKind;
  /** `[from, to)` is the span, quotes and brackets included. */
  readonly from: number;
  to: number;
  /** Members of an object in the order written, elements of an array. */
  readonly members: JsonMember[];
  readonly elements: JsonNode[];
  readonly #bytes: Uint8Array;
  /** Set at once for a string written with escapes, which the bytes alone do not tell. */
  #text: string | null = null;
  #escaped = false;

  constructor(kind: JsonKind, bytes: Uint8Array, from: number) {
    this.kind = kind;
    this.from = from;
    this.to = from;
    this.members = kind === 'object' ? [] : NO_MEMBERS;
    this.elements = kind === 'array' ? [] : NO_ELEMENTS;
    this.#bytes = bytes;
  }

  /** A string whose text is not simply the bytes between its quotes. */
  get escaped(): boolean {
    return this.#escaped;
  }

  /** Text of a string, '' of anything else. */
  get text(): string {
    if (this.kind !== 'string') return '';
    this.#text ??= decoder.decode(this.#bytes.subarray(this.from + 1, this.to - 1));
    return this.#text;
  }

  setEscapedText(text: string): void {
    this.#escaped = true;
    this.#text = text;
  }

  isEmptyString(): boolean {
    return this.kind === 'string' && this.to - this.from === 2;
  }

  /** True for a string of `bytesMax` bytes at most, all from `!` to `~` and without escapes. */
  isPlain(bytesMax: number): boolean {
    const last = this.to - 1;
    if (this.kind !== 'string' || this.#escaped || last - this.from - 1 > bytesMax) return false;
    for (let i = this.from + 1; i < last; i++) {
      const byte = this.#bytes[i] as number;
      if (byte < 0x21 || byte > 0x7e) return false;
    }
    return true;
  }
}
