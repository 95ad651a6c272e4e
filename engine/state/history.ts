/**
 * One case's events, decoded into columns: the working copy that a fold walks over.
 *
 * Owns: the columns. Does not own: their encoding (event-list.ts) or their meaning (kernel/fold.ts).
 * One History is shared by a partition and overwritten for each case.
 *
 * Invariants
 * H1  Rows are in fold order: (at, seq or 0, type, content). That order depends on the events alone,
 *     never on when they arrived (law L1).
 * H2  A record that its source took back (撤回) keeps its row, for its identity and revision: at
 *     RETRACTED_AT, before every event, with a type that no rule knows and nothing else to say.
 */
export const EVENTS_MAX = 2048;

export const TYPE_RETRACTED = 31;
export const RETRACTED_AT = 0;

/**
 * Bits of a content hash that a case keeps. It only has to tell apart records that already agree in
 * identity (or, for sources without numbers, in type and instant), so 24 are plenty.
 */
export const CONTENT_MASK = 0xffffff;

export class History {
  count = 0;
  readonly type = new Uint8Array(EVENTS_MAX);
  readonly flags = new Uint8Array(EVENTS_MAX);
  readonly at = new Float64Array(EVENTS_MAX);
  readonly recordedAt = new Float64Array(EVENTS_MAX); // NaN when absent
  readonly stamp = new Float64Array(EVENTS_MAX);
  readonly position = new Float64Array(EVENTS_MAX);
  readonly source = new Int32Array(EVENTS_MAX);
  readonly seq = new Float64Array(EVENTS_MAX); // NaN when the source gives none
  readonly rev = new Int32Array(EVENTS_MAX);
  readonly content = new Int32Array(EVENTS_MAX); // 24 bits, see CONTENT_MASK
  readonly stage = new Int32Array(EVENTS_MAX); // ABSENT when none, as all operands
  readonly days = new Int32Array(EVENTS_MAX);
  readonly special = new Int32Array(EVENTS_MAX);
  readonly amountFen = new Float64Array(EVENTS_MAX); // NaN when none
  readonly deadline = new Float64Array(EVENTS_MAX); // NaN when none
  readonly materials = new Uint32Array(EVENTS_MAX); // bit mask over the item's materials

  /** Copies row `from` over row `to`. */
  copy(from: number, to: number): void {
    this.copyTo(this, from, to);
  }

  /** Copies row `from` over row `to` of another history. */
  copyTo(other: History, from: number, to: number): void {
    other.type[to] = this.type[from]!;
    other.flags[to] = this.flags[from]!;
    other.at[to] = this.at[from]!;
    other.recordedAt[to] = this.recordedAt[from]!;
    other.stamp[to] = this.stamp[from]!;
    other.position[to] = this.position[from]!;
    other.source[to] = this.source[from]!;
    other.seq[to] = this.seq[from]!;
    other.rev[to] = this.rev[from]!;
    other.content[to] = this.content[from]!;
    other.stage[to] = this.stage[from]!;
    other.days[to] = this.days[from]!;
    other.special[to] = this.special[from]!;
    other.amountFen[to] = this.amountFen[from]!;
    other.deadline[to] = this.deadline[from]!;
    other.materials[to] = this.materials[from]!;
  }

  /** H1: does row i come before row j? */
  before(i: number, j: number): boolean {
    if (this.at[i] !== this.at[j]) return this.at[i]! < this.at[j]!;
    const a = this.seq[i]!;
    const b = this.seq[j]!;
    const seqA = Number.isNaN(a) ? 0 : a;
    const seqB = Number.isNaN(b) ? 0 : b;
    if (seqA !== seqB) return seqA < seqB;
    if (this.type[i] !== this.type[j]) return this.type[i]! < this.type[j]!;
    return this.content[i]! < this.content[j]!;
  }

  /** Moves row `from` to its place among rows 0..from-1, which are in order; returns the place. */
  settle(from: number): number {
    let place = from;
    while (place > 0 && this.before(from, place - 1)) place--;
    if (place === from) return place;
    const spare = EVENTS_MAX - 1;
    this.copy(from, spare);
    for (let i = from; i > place; i--) this.copy(i - 1, i);
    this.copy(spare, place);
    return place;
  }

  /** Removes row i. */
  remove(i: number): void {
    for (let j = i + 1; j < this.count; j++) this.copy(j, j - 1);
    this.count--;
  }
}
