/**
 * The books (law L5): what became of every record of every source.
 *
 * `seen = applied + duplicate + held + dead` holds after each record; the shell adds what it accepted
 * and has not handed over yet (`pending`).
 */
export const APPLIED = 0;
export const DUPLICATE = 1;
export const HELD = 2;
export const DEAD = 3;
export const OUTCOMES = ['applied', 'duplicate', 'held', 'dead'] as const;

export class BalanceSheet {
  /** By source (dictionary id, -1 for records that name none): four counts. */
  readonly rows = new Map<number, Float64Array>();
  /** Records that are no events: commands, controls, ticks. */
  others = 0;
  #source = Number.NaN;
  #row: Float64Array = new Float64Array(OUTCOMES.length);

  count(source: number, outcome: number): void {
    if (source !== this.#source) this.#select(source);
    this.#row[outcome] = this.#row[outcome]! + 1;
  }

  /** A held record was released: it is held no more and becomes what `outcome` says elsewhere. */
  release(source: number): void {
    if (source !== this.#source) this.#select(source);
    this.#row[HELD] = this.#row[HELD]! - 1;
  }

  #select(source: number): void {
    this.#source = source;
    const known = this.rows.get(source);
    if (known !== undefined) {
      this.#row = known;
      return;
    }
    this.#row = new Float64Array(OUTCOMES.length);
    this.rows.set(source, this.#row);
  }

  entries(): [number, number[]][] {
    return [...this.rows].map(([source, counts]) => [source, [...counts]]);
  }

  load(entries: readonly (readonly [number, readonly number[]])[]): void {
    for (const [source, counts] of entries) this.rows.set(source, Float64Array.from(counts));
    this.#source = Number.NaN;
  }
}
