/**
 * The card id (牌号): MurmurHash3 x86-128, seed 0, over the bytes of
 * `caseKey NUL ruleKey NUL occurrence NUL level`, where occurrence is decimal and ruleKey is the rule
 * or clock id, followed by `/` and the stage code for a per-stage clock.
 *
 * Not cryptographic: it names a card, it proves nothing. The four words are kept as int32; as text
 * they are 32 hexadecimal digits, word after word, each most significant digit first.
 *
 * Vectors: tests/unit/cards/card-id.test.ts.
 */
const C1 = 0x239b961b;
const C2 = 0xab0e9789 | 0;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93 | 0;

/** Key and stage have at most 256 bytes, rule id and level are short. */
const SCRATCH_BYTES = 1024;

export class CardIdHasher {
  readonly #bytes = new Uint8Array(SCRATCH_BYTES);
  #length = 0;
  readonly words = new Int32Array(4);

  /** Starts an id with the case key's bytes. */
  begin(bytes: Uint8Array, off: number, length: number): void {
    for (let i = 0; i < length; i++) this.#bytes[i] = bytes[off + i]!;
    this.#length = length;
  }

  /** Adds a separator and the part's bytes. */
  part(bytes: Uint8Array): void {
    this.#bytes[this.#length++] = 0;
    for (let i = 0; i < bytes.length; i++) this.#bytes[this.#length++] = bytes[i]!;
  }

  /** Adds bytes to the part just begun, without a separator. */
  join(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) this.#bytes[this.#length++] = bytes[i]!;
  }

  /** Adds a separator and a small non-negative integer in decimal. */
  number(value: number): void {
    this.#bytes[this.#length++] = 0;
    let scale = 1;
    while (scale * 10 <= value) scale *= 10;
    for (let v = value; scale >= 1; scale = Math.floor(scale / 10)) {
      this.#bytes[this.#length++] = 48 + (Math.floor(v / scale) % 10);
    }
  }

  /** Fills `words`. */
  finish(): void {
    const bytes = this.#bytes;
    const length = this.#length;
    const blocks = length >> 4;
    let h1 = 0;
    let h2 = 0;
    let h3 = 0;
    let h4 = 0;
    for (let b = 0; b < blocks; b++) {
      const i = b << 4;
      h1 =
        (Math.imul(rotl(h1 ^ scramble(word(bytes, i), C1, 15, C2), 19) + h2, 5) + 0x561ccd1b) | 0;
      h2 =
        (Math.imul(rotl(h2 ^ scramble(word(bytes, i + 4), C2, 16, C3), 17) + h3, 5) + 0x0bcaa747) |
        0;
      h3 =
        (Math.imul(rotl(h3 ^ scramble(word(bytes, i + 8), C3, 17, C4), 15) + h4, 5) + 0x96cd1c35) |
        0;
      h4 =
        (Math.imul(rotl(h4 ^ scramble(word(bytes, i + 12), C4, 18, C1), 13) + h1, 5) + 0x32ac3b17) |
        0;
    }
    const tail = blocks << 4;
    h4 ^= scramble(partial(bytes, tail + 12, length), C4, 18, C1);
    h3 ^= scramble(partial(bytes, tail + 8, length), C3, 17, C4);
    h2 ^= scramble(partial(bytes, tail + 4, length), C2, 16, C3);
    h1 ^= scramble(partial(bytes, tail, length), C1, 15, C2);
    this.#avalanche(h1 ^ length, h2 ^ length, h3 ^ length, h4 ^ length);
  }

  #avalanche(a: number, b: number, c: number, d: number): void {
    let h1 = (a + b + c + d) | 0;
    let h2 = (b + h1) | 0;
    let h3 = (c + h1) | 0;
    let h4 = (d + h1) | 0;
    h1 = fmix(h1);
    h2 = fmix(h2);
    h3 = fmix(h3);
    h4 = fmix(h4);
    h1 = (h1 + h2 + h3 + h4) | 0;
    this.words[0] = h1;
    this.words[1] = (h2 + h1) | 0;
    this.words[2] = (h3 + h1) | 0;
    this.words[3] = (h4 + h1) | 0;
  }
}

/** 32 hexadecimal digits of an id's four words. */
export function cardIdText(words: Int32Array, off: number): string {
  let text = '';
  for (let i = 0; i < 4; i++) text += (words[off + i]! >>> 0).toString(16).padStart(8, '0');
  return text;
}

/** The four words of 32 hexadecimal digits into `out`; false when the text is not an id. */
export function parseCardId(text: string, out: Int32Array): boolean {
  if (!/^[0-9a-f]{32}$/.test(text)) return false;
  for (let i = 0; i < 4; i++) out[i] = Number.parseInt(text.slice(i * 8, i * 8 + 8), 16) | 0;
  return true;
}

function rotl(x: number, n: number): number {
  return (x << n) | (x >>> (32 - n));
}

function scramble(k: number, a: number, n: number, b: number): number {
  return Math.imul(rotl(Math.imul(k, a), n), b);
}

function word(bytes: Uint8Array, i: number): number {
  return bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
}

/** Up to four bytes from i, missing ones as zero. */
function partial(bytes: Uint8Array, i: number, length: number): number {
  let k = 0;
  if (i < length) k = bytes[i]!;
  if (i + 1 < length) k |= bytes[i + 1]! << 8;
  if (i + 2 < length) k |= bytes[i + 2]! << 16;
  if (i + 3 < length) k |= bytes[i + 3]! << 24;
  return k;
}

function fmix(x: number): number {
  let h = x;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
