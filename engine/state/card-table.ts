/**
 * All cards of a partition, in growing columns; the cards of a case are a linked list from its row.
 *
 * Owns: the columns and the list. Does not own: when a card is raised or withdrawn
 * (kernel/findings.ts), nor what people may do with it (kernel/commands.ts).
 *
 * Invariants
 * K1  A card is never removed and never moves to another row.
 * K2  Within one row, (rule, stage, occurrence, level) is unique among the findings of its rules, and
 *     (parent, rule, occurrence, level) among the cards about cards.
 */
import { CardRuns, grown, loadColumns } from './card-runs.ts';
import type { CaseTable } from './case-table.ts';
import { CARD_HEAD } from './case-table.ts';

/** Columns in the order they are kept in a snapshot. */
export class CardTable {
  readonly #table: CaseTable;
  count = 0;
  id: Int32Array; // four words a card
  row: Int32Array;
  next: Int32Array; // next card of the row + 1, 0 = last
  rule: Int32Array; // dictionary id of the rule
  level: Int32Array; // dictionary id of the level code
  stage: Int32Array; // dictionary id or -1
  occurrence: Int32Array;
  version: Int32Array;
  pack: Int32Array; // version of the pack that decided it
  ruleVersion: Int32Array; // and of its rule
  calendar: Int32Array;
  due: Float64Array;
  state: Uint8Array; // index into CARD_STATES
  /** State before a withdrawal, to come back to when the finding returns. */
  before: Uint8Array;
  marks: Uint8Array; // MARK_* bits
  /** What its rule said when it decided: kept although the rule may leave the pack. */
  kind: Uint8Array;
  category: Uint8Array;
  rank: Uint8Array;
  /** Card it is about + 1, 0 for a finding of the case. */
  parent: Int32Array;
  /** First run of a clock on it + 1 (card-runs.ts), 0 = none. */
  runs: Int32Array;
  /** Instant at which a provisional card is issued; Infinity when time alone issues nothing. */
  until: Float64Array;
  /** Instant of the next thing that time brings to the card. */
  wake: Float64Array;
  /** Who has proposed to revoke the card, where somebody has. */
  readonly proposals = new Map<number, string>();
  readonly clocks: CardRuns;

  constructor(table: CaseTable, capacity = 256) {
    this.#table = table;
    this.id = new Int32Array(capacity * 4);
    this.row = new Int32Array(capacity);
    this.next = new Int32Array(capacity);
    this.rule = new Int32Array(capacity);
    this.level = new Int32Array(capacity);
    this.stage = new Int32Array(capacity);
    this.occurrence = new Int32Array(capacity);
    this.version = new Int32Array(capacity);
    this.pack = new Int32Array(capacity);
    this.ruleVersion = new Int32Array(capacity);
    this.calendar = new Int32Array(capacity);
    this.due = new Float64Array(capacity);
    this.state = new Uint8Array(capacity);
    this.before = new Uint8Array(capacity);
    this.marks = new Uint8Array(capacity);
    this.kind = new Uint8Array(capacity);
    this.category = new Uint8Array(capacity);
    this.rank = new Uint8Array(capacity);
    this.parent = new Int32Array(capacity);
    this.runs = new Int32Array(capacity);
    this.until = new Float64Array(capacity);
    this.wake = new Float64Array(capacity);
    this.clocks = new CardRuns(this);
  }

  first(row: number): number {
    return this.#table.get(row, CARD_HEAD) - 1;
  }

  after(card: number): number {
    return this.next[card]! - 1;
  }

  /** The row's finding of (rule, stage, occurrence, level), or -1. */
  find(row: number, rule: number, stage: number, occurrence: number, level: number): number {
    for (let c = this.first(row); c >= 0; c = this.next[c]! - 1) {
      if (
        this.rule[c] === rule &&
        this.level[c] === level &&
        this.stage[c] === stage &&
        this.occurrence[c] === occurrence &&
        this.parent[c] === 0
      ) {
        return c;
      }
    }
    return -1;
  }

  /** The card about `parent` that a run of a clock has raised, or -1. */
  findAbout(parent: number, rule: number, occurrence: number, level: number): number {
    for (let c = this.first(this.row[parent]!); c >= 0; c = this.next[c]! - 1) {
      const about = this.parent[c] === parent + 1 && this.rule[c] === rule;
      if (about && this.level[c] === level && this.occurrence[c] === occurrence) return c;
    }
    return -1;
  }

  /** A new card at the head of the row's list; the caller fills its columns. */
  add(row: number): number {
    if (this.count === this.row.length) this.#grow();
    const card = this.count++;
    this.row[card] = row;
    this.next[card] = this.#table.get(row, CARD_HEAD);
    this.#table.set(row, CARD_HEAD, card + 1);
    this.until[card] = Number.POSITIVE_INFINITY;
    this.wake[card] = Number.POSITIVE_INFINITY;
    return card;
  }

  get byteLength(): number {
    return this.count * (16 + 11 * 4 + 8 * 3 + 6) + this.clocks.byteLength;
  }

  /** Used parts of all columns, for a snapshot. */
  columns(): (Int32Array | Float64Array | Uint8Array)[] {
    const n = this.count;
    return [
      this.id.subarray(0, n * 4),
      this.row.subarray(0, n),
      this.next.subarray(0, n),
      this.rule.subarray(0, n),
      this.level.subarray(0, n),
      this.stage.subarray(0, n),
      this.occurrence.subarray(0, n),
      this.version.subarray(0, n),
      this.pack.subarray(0, n),
      this.ruleVersion.subarray(0, n),
      this.calendar.subarray(0, n),
      this.due.subarray(0, n),
      this.state.subarray(0, n),
      this.before.subarray(0, n),
      this.marks.subarray(0, n),
      this.kind.subarray(0, n),
      this.category.subarray(0, n),
      this.rank.subarray(0, n),
      this.parent.subarray(0, n),
      this.runs.subarray(0, n),
      this.until.subarray(0, n),
      this.wake.subarray(0, n),
    ];
  }

  /** Takes over columns written by `columns()` of `count` cards. */
  load(count: number, parts: readonly Uint8Array[]): void {
    while (this.row.length < count) this.#grow();
    this.count = count;
    loadColumns(this.columns(), parts);
  }

  #grow(): void {
    const n = this.row.length * 2;
    this.id = grown(this.id, new Int32Array(n * 4));
    this.row = grown(this.row, new Int32Array(n));
    this.next = grown(this.next, new Int32Array(n));
    this.rule = grown(this.rule, new Int32Array(n));
    this.level = grown(this.level, new Int32Array(n));
    this.stage = grown(this.stage, new Int32Array(n));
    this.occurrence = grown(this.occurrence, new Int32Array(n));
    this.version = grown(this.version, new Int32Array(n));
    this.pack = grown(this.pack, new Int32Array(n));
    this.ruleVersion = grown(this.ruleVersion, new Int32Array(n));
    this.calendar = grown(this.calendar, new Int32Array(n));
    this.due = grown(this.due, new Float64Array(n));
    this.state = grown(this.state, new Uint8Array(n));
    this.before = grown(this.before, new Uint8Array(n));
    this.marks = grown(this.marks, new Uint8Array(n));
    this.kind = grown(this.kind, new Uint8Array(n));
    this.category = grown(this.category, new Uint8Array(n));
    this.rank = grown(this.rank, new Uint8Array(n));
    this.parent = grown(this.parent, new Int32Array(n));
    this.runs = grown(this.runs, new Int32Array(n));
    this.until = grown(this.until, new Float64Array(n));
    this.wake = grown(this.wake, new Float64Array(n));
  }
}

/** The deadline leans on a year whose notice is not published. */
export const MARK_PROVISIONAL = 1;
/** Found by the fold as it stands; a re-fold clears it and sets it again, a withdrawn card lacks it. */
export const MARK_SEEN = 2;
