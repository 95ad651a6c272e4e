/**
 * Strings as small numbers: every item, organ, territory, source, stage and material code is kept once
 * and named by an id from then on.
 *
 * Owns: the bytes of the strings (one arena), the open-addressing table that finds them, the ids.
 * Does not own: which fields are interned (decode.ts), what a string means.
 *
 * Invariants
 * D1  Ids are dense from 0 in the order of first sight and never change or disappear.
 * D2  Two ids never name the same bytes.
 * D3  `restore(snapshot())` gives the same ids for the same bytes.
 * D4  At a limit `intern` changes nothing and returns FULL; what is known already stays findable.
 *
 * Cost: one probe sequence and one byte comparison a hit, no allocation; growing doubles the arrays.
 */
import { assert } from '../base/assert.ts';
import { fnv1a } from '../base/hash.ts';
import { MIB } from '../base/units.ts';

/** `idOf`: not known. */
export const UNKNOWN = -1;
/** `intern`: the dictionary is at its limit and the string is not in it. */
export const FULL = -2;

export interface DictionaryLimits {
  readonly entriesMax: number;
  readonly bytesMax: number;
}

export const DICTIONARY_LIMITS: DictionaryLimits = { entriesMax: 1 << 20, bytesMax: 64 * MIB };

const MAGIC = 0x4d434431; // 'MCD1'
const HEADER_WORDS = 3; // magic, entries, bytes
const SLOT_WORDS = 4;
const FIRST_ENTRIES = 256;
const FIRST_BYTES = 4096;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export class Dictionary {
  readonly #limits: DictionaryLimits;
  #size = 0;
  #used = 0;
  #arena = new Uint8Array(FIRST_BYTES);
  /** `#ends[id]` is where string `id` ends in the arena; it starts where the one before it ends. */
  #ends = new Int32Array(FIRST_ENTRIES);
  /**
   * Open addressing, linear probing, at most half full. A slot is four words that share a cache line:
   * hash, id + 1 (0: empty), start and length in the arena. A hit costs two cache lines.
   */
  #slots = new Int32Array(FIRST_ENTRIES * 2 * SLOT_WORDS);
  #mask = FIRST_ENTRIES * 2 - 1;
  readonly #texts: string[] = [];

  constructor(limits: DictionaryLimits = DICTIONARY_LIMITS) {
    assert(limits.entriesMax > 0 && limits.bytesMax > 0, 'dictionary limits are positive');
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes of all typed arrays held. */
  get byteLength(): number {
    return this.#arena.byteLength + this.#ends.byteLength + this.#slots.byteLength;
  }

  /** Id of the bytes, taken in when new; FULL at a limit. */
  intern(bytes: Uint8Array, from: number, to: number): number {
    return this.internHashed(bytes, from, to, fnv1a(bytes, from, to));
  }

  /** `intern` for a caller that has computed `fnv1a` of the bytes while reading them. */
  internHashed(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const id = this.findHashed(bytes, from, to, hash);
    return id === UNKNOWN ? this.#add(bytes, from, to, hash) : id;
  }

  /** Id of bytes whose `fnv1a` is `hash` when they are known, else UNKNOWN; never adds. */
  findHashed(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const slots = this.#slots;
    const arena = this.#arena;
    const mask = this.#mask;
    const length = to - from;
    // At most half of the slots are taken, so an empty one ends every probe sequence.
    for (let slot = (hash ^ (hash >>> 16)) & mask; ; slot = (slot + 1) & mask) {
      const word = slot * SLOT_WORDS;
      const id = (slots[word + 1] as number) - 1;
      if (id < 0) return UNKNOWN;
      if (slots[word] !== hash || slots[word + 3] !== length) continue;
      let at = slots[word + 2] as number;
      let i = from;
      while (i < to && arena[at] === bytes[i]) {
        at++;
        i++;
      }
      if (i === to) return id;
    }
  }

  internText(text: string): number {
    const bytes = encoder.encode(text);
    return this.intern(bytes, 0, bytes.length);
  }

  /** Id of a string already known, else UNKNOWN; never adds. */
  idOf(text: string): number {
    const bytes = encoder.encode(text);
    return this.findHashed(bytes, 0, bytes.length, fnv1a(bytes, 0, bytes.length));
  }

  /** Bytes of a string: a view that the next `intern` may move; copy what must last. */
  bytesOf(id: number): Uint8Array {
    assert(id >= 0 && id < this.#size, `dictionary id ${id} is one of ${this.#size}`);
    return this.#arena.subarray(this.#startOf(id), this.#ends[id]);
  }

  text(id: number): string {
    assert(id >= 0 && id < this.#size, `dictionary id ${id} is one of ${this.#size}`);
    const known = this.#texts[id];
    if (known !== undefined) return known;
    const text = decoder.decode(this.#arena.subarray(this.#startOf(id), this.#ends[id]));
    this.#texts[id] = text;
    return text;
  }

  equals(id: number, bytes: Uint8Array, from: number, to: number): boolean {
    assert(id >= 0 && id < this.#size, `dictionary id ${id} is one of ${this.#size}`);
    const start = this.#startOf(id);
    if ((this.#ends[id] as number) - start !== to - from) return false;
    for (let i = from, at = start; i < to; i++, at++) {
      if (this.#arena[at] !== bytes[i]) return false;
    }
    return true;
  }

  /** Header, ends, arena; the slots are rebuilt on restore. */
  snapshot(): Uint8Array {
    const wordBytes = (HEADER_WORDS + this.#size) * 4;
    const out = new Uint8Array(wordBytes + this.#used);
    const words = new DataView(out.buffer);
    words.setInt32(0, MAGIC, true);
    words.setInt32(4, this.#size, true);
    words.setInt32(8, this.#used, true);
    for (let id = 0; id < this.#size; id++) {
      words.setInt32((HEADER_WORDS + id) * 4, this.#ends[id] as number, true);
    }
    out.set(this.#arena.subarray(0, this.#used), wordBytes);
    return out;
  }

  static restore(snapshot: Uint8Array, limits: DictionaryLimits = DICTIONARY_LIMITS): Dictionary {
    const words = new DataView(snapshot.buffer, snapshot.byteOffset, snapshot.byteLength);
    assert(snapshot.length >= HEADER_WORDS * 4, 'dictionary snapshot has a header');
    assert(words.getInt32(0, true) === MAGIC, 'dictionary snapshot begins with its magic word');
    const size = words.getInt32(4, true);
    const arenaAt = (HEADER_WORDS + size) * 4;
    assert(snapshot.length === arenaAt + words.getInt32(8, true), 'dictionary snapshot is whole');
    const dictionary = new Dictionary(limits);
    let from = arenaAt;
    for (let id = 0; id < size; id++) {
      const to = arenaAt + words.getInt32((HEADER_WORDS + id) * 4, true);
      assert(dictionary.intern(snapshot, from, to) === id, 'dictionary snapshot repeats no string');
      from = to;
    }
    return dictionary;
  }

  #startOf(id: number): number {
    return id === 0 ? 0 : (this.#ends[id - 1] as number);
  }

  #add(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const used = this.#used + (to - from);
    if (this.#size >= this.#limits.entriesMax || used > this.#limits.bytesMax) return FULL;
    if (used > this.#arena.length) this.#growArena(used);
    if (this.#size === this.#ends.length) this.#growTable();
    const id = this.#size++;
    this.#arena.set(bytes.subarray(from, to), this.#used);
    this.#ends[id] = used;
    this.#place(this.#slots, this.#mask, id, hash);
    this.#used = used;
    return id;
  }

  /** Writes string `id` into the first empty slot of its probe sequence. */
  #place(slots: Int32Array, mask: number, id: number, hash: number): void {
    let slot = (hash ^ (hash >>> 16)) & mask;
    while (slots[slot * SLOT_WORDS + 1] !== 0) slot = (slot + 1) & mask;
    const start = this.#startOf(id);
    const word = slot * SLOT_WORDS;
    slots[word] = hash;
    slots[word + 1] = id + 1;
    slots[word + 2] = start;
    slots[word + 3] = (this.#ends[id] as number) - start;
  }

  #growArena(needed: number): void {
    const wider = new Uint8Array(Math.max(needed, this.#arena.length * 2));
    wider.set(this.#arena);
    this.#arena = wider;
  }

  #growTable(): void {
    const capacity = this.#ends.length * 2;
    const ends = new Int32Array(capacity);
    ends.set(this.#ends);
    const old = this.#slots;
    const slots = new Int32Array(capacity * 2 * SLOT_WORDS);
    const mask = capacity * 2 - 1;
    for (let word = 0; word < old.length; word += SLOT_WORDS) {
      const id = (old[word + 1] as number) - 1;
      if (id >= 0) this.#place(slots, mask, id, old[word] as number);
    }
    this.#ends = ends;
    this.#slots = slots;
    this.#mask = mask;
  }
}

/** What one partition's records are decoded against. One dictionary for all codes: a code is a code. */
export class Dictionaries {
  readonly strings: Dictionary;

  constructor(strings: Dictionary = new Dictionary()) {
    this.strings = strings;
  }
}
