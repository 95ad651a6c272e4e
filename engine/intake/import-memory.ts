/**
 * What each case of an imported file said of itself so far.
 *
 * Invariants
 * K1  Two numbers a case and one a slot, however long its texts: hashes tell "the same" from "other".
 * K2  Beyond its limit it refuses by name.
 */
import { fnv1a } from '../base/hash.ts';
import { importLimits } from '../config/limits.ts';
import { ImportError } from './import-error.ts';

function hashText(text: string): number {
  const bytes = Buffer.from(text);
  return fnv1a(bytes, 0, bytes.length);
}

export class CaseMemory {
  readonly #slots: number;
  readonly #index = new Map<string, number>();
  readonly #signature: number[] = [];
  /** Hash of the record last made for each slot of each case; 0 when there was none. */
  readonly #record: number[] = [];

  constructor(slots: number) {
    this.#slots = slots;
  }

  get size(): number {
    return this.#index.size;
  }

  /** Index of the case; -1 for one that is new. */
  find(key: string): number {
    return this.#index.get(key) ?? -1;
  }

  add(key: string): number {
    if (this.size >= importLimits.casesMax) {
      throw new ImportError('IMPORT_TOO_MANY_CASES', { limit: importLimits.casesMax });
    }
    const index = this.size;
    this.#index.set(key, index);
    this.#signature.push(0);
    for (let slot = 0; slot < this.#slots; slot++) this.#record.push(0);
    return index;
  }

  /** True when the signature is not the one last seen. */
  sign(index: number, signature: string): boolean {
    const hash = hashText(signature);
    const changed = this.#signature[index] !== hash;
    this.#signature[index] = hash;
    return changed;
  }

  /** True when the slot's record is not the one last made. */
  note(index: number, slot: number, text: string): boolean {
    const hash = hashText(text);
    const changed = this.#record[index * this.#slots + slot] !== hash;
    this.#record[index * this.#slots + slot] = hash;
    return changed;
  }
}
