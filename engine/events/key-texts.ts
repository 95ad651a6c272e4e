/**
 * The texts `"key":` of all fields, kept so that one is recognised by two or three comparisons.
 *
 * Owns: the texts as numbers of four and eight bytes. Two overlapping numbers cover a text: of four
 * bytes each up to seven bytes, of eight bytes each up to sixteen; a longer one takes a third.
 * Eight bytes compare as a float64, which is exact here: a text is ASCII, so it is neither a NaN nor
 * a zero, and no two other bit patterns are equal.
 */
import { FIELD_COUNT, FIELD_NAMES } from './fields.ts';

/** Little; either would do, as the texts are kept the way the same view reads them. */
const ENDIAN = true;

export class KeyTexts {
  /** Bytes of `"key":` by field, quotes and colon included. */
  readonly lengths = new Uint8Array(FIELD_COUNT);
  readonly #first4 = new Int32Array(FIELD_COUNT);
  readonly #last4 = new Int32Array(FIELD_COUNT);
  readonly #first8 = new Float64Array(FIELD_COUNT);
  readonly #last8 = new Float64Array(FIELD_COUNT);
  readonly #middle4 = new Int32Array(FIELD_COUNT);

  constructor() {
    for (const [field, name] of FIELD_NAMES.entries()) {
      const text = Uint8Array.from(`"${name}":`, (char) => char.charCodeAt(0));
      const view = new DataView(text.buffer);
      const length = text.length;
      this.lengths[field] = length;
      this.#first4[field] = view.getInt32(0, ENDIAN);
      this.#last4[field] = view.getInt32(length - 4, ENDIAN);
      if (length < 8) continue;
      this.#first8[field] = view.getFloat64(0, ENDIAN);
      this.#last8[field] = view.getFloat64(length - 8, ENDIAN);
      this.#middle4[field] = view.getInt32(Math.max(0, length - 10), ENDIAN);
    }
  }

  /** Whether the text of `field` stands at `at` and ends by `to`, which lies within the view. */
  isAt(view: DataView, at: number, to: number, field: number): boolean {
    const length = this.lengths[field] as number;
    if (at + length > to) return false;
    if (length < 8) {
      return (
        view.getInt32(at, ENDIAN) === this.#first4[field] &&
        view.getInt32(at + length - 4, ENDIAN) === this.#last4[field]
      );
    }
    return (
      view.getFloat64(at, ENDIAN) === this.#first8[field] &&
      view.getFloat64(at + length - 8, ENDIAN) === this.#last8[field] &&
      (length <= 16 || view.getInt32(at + length - 10, ENDIAN) === this.#middle4[field])
    );
  }
}
