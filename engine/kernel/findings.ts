/**
 * Findings become cards here: raised once, found again, moved, withdrawn, restored.
 *
 * Owns: what happens to the cards of one case when its fold says what is true of it.
 * Does not own: the fold (fold.ts), what people do with a card (commands.ts).
 *
 * Two ways in: the incremental path raises as it goes; a re-fold brackets its findings between
 * `beginRefold` and `endRefold`, and what is not found again is withdrawn.
 *
 * Invariants
 * F1  One finding, one card id: (case, rule[/stage], occurrence, level) (card-id.ts).
 * F2  A withdrawn card keeps its row and says which record refuted it; if the finding comes back, by
 *     late evidence or in its time, the same card is restored with a new version.
 * F3  Every change carries the due instant; a change made by a timer takes effect at that instant.
 */
import { OP_MOVED, OP_RAISED, OP_RESTORED, OP_WITHDRAWN } from '../cards/changes.ts';
import type { LevelRef, RuleHead } from '../rules/program.ts';
import { MARK_PROVISIONAL, MARK_SEEN } from '../state/card-table.ts';
import { KEY_OFF, ROW_ORPHAN, SEEN } from '../state/case-table.ts';
import { NO_STAGE } from '../state/clock-pool.ts';
import {
  baseOf,
  type CardLife,
  STATE_ISSUED,
  STATE_PROVISIONAL,
  STATE_REVOKED,
  STATE_WITHDRAWN,
} from './card-life.ts';
import { emitChange } from './emit.ts';
import type { Store } from './store.ts';

const SLASH = Uint8Array.of(47);

export class Findings {
  readonly #store: Store;
  readonly #life: CardLife;
  #refolding = false;
  /** The case has just been given its item, organ or territory: its cards are told again. */
  renamed = false;
  /** Only looking (an explanation): nothing is said of any card. */
  quiet = false;

  constructor(store: Store, life: CardLife) {
    this.#store = store;
    this.#life = life;
  }

  /** A finding of a rule on a row; raises a card, or recognises the one it has. */
  raise(
    row: number,
    rule: RuleHead,
    level: LevelRef,
    stage: number,
    occurrence: number,
    dueMs: number,
    leansOnDueDay: boolean,
  ): void {
    if (this.quiet) return;
    const store = this.#store;
    const cards = store.cards;
    const stageCode = stage === NO_STAGE ? -1 : stage;
    const marks = this.#marks(dueMs, leansOnDueDay) | MARK_SEEN;
    const known = cards.find(row, rule.code, stageCode, occurrence, level.code);
    if (known >= 0) {
      this.#again(row, known, rule, level, dueMs, marks);
      return;
    }
    const card = cards.add(row);
    this.#identify(row, card, rule, stageCode, occurrence, level);
    cards.rule[card] = rule.code;
    cards.level[card] = level.code;
    cards.stage[card] = stageCode;
    cards.occurrence[card] = occurrence;
    cards.version[card] = 1;
    cards.before[card] = 0;
    this.#decide(card, rule, level, dueMs, marks);
    cards.state[card] = this.#freshState(row, card, rule.kind);
    this.#life.enter(card);
    const change = emitChange(store, card, OP_RAISED, this.#refolding ? store.nowMs : dueMs);
    store.out.packBefore[change] = store.supersededPack;
    store.out.ruleVersionBefore[change] = store.supersededRules?.get(rule.code) ?? 0;
    store.out.calendarBefore[change] = store.supersededCalendar;
    store.out.dueBefore[change] = Number.NaN;
  }

  /** Writes what the program in force says of a card. */
  #decide(card: number, rule: RuleHead, level: LevelRef, dueMs: number, marks: number): void {
    const { cards, program } = this.#store;
    cards.pack[card] = program.packVersion;
    cards.ruleVersion[card] = rule.version;
    cards.calendar[card] = program.calendar.version;
    cards.due[card] = dueMs;
    cards.marks[card] = marks;
    cards.kind[card] = rule.kind;
    cards.category[card] = rule.category;
    cards.rank[card] = level.rank;
  }

  /** True when a finding of the rule stands, whichever version found it (a `once` check). */
  stands(row: number, rule: RuleHead): boolean {
    const { cards } = this.#store;
    for (let c = cards.first(row); c >= 0; c = cards.after(c)) {
      if (cards.rule[c] === rule.code && (cards.marks[c]! & MARK_SEEN) !== 0) return true;
    }
    return false;
  }

  beginRefold(row: number): void {
    this.#refolding = true;
    if (this.quiet) return;
    const cards = this.#store.cards;
    for (let c = cards.first(row); c >= 0; c = cards.after(c)) {
      // What is said about a card is no finding of the case: no fold finds it again.
      if (cards.parent[c] !== 0) continue;
      cards.marks[c] = cards.marks[c]! & ~MARK_SEEN;
    }
  }

  /** Withdraws what the fold did not find again. */
  endRefold(row: number): void {
    this.#refolding = false;
    if (this.quiet) return;
    const store = this.#store;
    const { cards, program } = store;
    for (let c = cards.first(row); c >= 0; c = cards.after(c)) {
      if ((cards.marks[c]! & MARK_SEEN) !== 0) continue;
      const state = cards.state[c]!;
      if (state === STATE_WITHDRAWN || state === STATE_REVOKED) continue;
      cards.before[c] = state;
      cards.state[c] = STATE_WITHDRAWN;
      cards.version[c] = cards.version[c]! + 1;
      this.#life.enter(c);
      const change = emitChange(store, c, OP_WITHDRAWN, store.nowMs);
      const detail = `{"evidence":${store.position}}`;
      store.out.details.set(change, detail);
      // Those that refuted it now; the ones before are on record beside them.
      cards.pack[c] = program.packVersion;
      cards.calendar[c] = program.calendar.version;
      store.out.pack[change] = cards.pack[c]!;
      store.out.calendar[change] = cards.calendar[c]!;
      this.#life.withdrawAbout(c, detail);
      if (store.supersededRules === null) continue;
      cards.ruleVersion[c] = program.ruleVersions.get(cards.rule[c]!) ?? 0;
      store.out.ruleVersion[change] = cards.ruleVersion[c]!;
    }
  }

  /**
   * A finding that has a card: restored, moved, confirmed, or nothing at all. The first finding of a
   * name decides; a card that is seen already is not looked at again.
   */
  #again(
    row: number,
    card: number,
    rule: RuleHead,
    level: LevelRef,
    dueMs: number,
    marks: number,
  ): void {
    const store = this.#store;
    const cards = store.cards;
    const old = cards.marks[card]!;
    if ((old & MARK_SEEN) !== 0) return;
    const state = cards.state[card]!;
    const back = state === STATE_WITHDRAWN;
    const kept = back ? cards.before[card]! : state;
    const until = cards.until[card]!;
    const due = cards.due[card]!;
    cards.marks[card] = marks;
    const confirmed = ((old ^ marks) & MARK_PROVISIONAL) !== 0;
    cards.due[card] = dueMs;
    // What the engine alone has said follows the evidence; what people did with it stays.
    const own = kept === STATE_PROVISIONAL || kept === STATE_ISSUED;
    const next = own ? this.#freshState(row, card, rule.kind) : kept;
    const same = due === dueMs && next === state && cards.until[card] === until;
    if (same && !confirmed && !this.renamed) return;
    const pack = cards.pack[card]!;
    const version = cards.ruleVersion[card]!;
    const calendar = cards.calendar[card]!;
    this.#decide(card, rule, level, dueMs, marks);
    cards.state[card] = next;
    cards.version[card] = cards.version[card]! + 1;
    this.#life.enter(card);
    const op = back ? OP_RESTORED : OP_MOVED;
    const change = emitChange(store, card, op, this.#refolding ? store.nowMs : dueMs);
    store.out.packBefore[change] = pack;
    store.out.ruleVersionBefore[change] = version;
    store.out.calendarBefore[change] = calendar;
    store.out.dueBefore[change] = due;
  }

  /**
   * Late evidence may still refute it: provisional. Where sources declare how late they deliver, until
   * then (card-life.ts); elsewhere, of a case that nobody has reported as received.
   */
  #freshState(row: number, card: number, kind: number): number {
    const { cards, nowMs, table } = this.#store;
    cards.until[card] = Number.POSITIVE_INFINITY;
    if (!this.#life.lags(row)) {
      const orphan = (table.get(row, SEEN) & ROW_ORPHAN) !== 0;
      return orphan ? STATE_PROVISIONAL : STATE_ISSUED;
    }
    const settled = this.#life.settledAt(row, baseOf(kind, cards.due[card]!));
    if (settled <= nowMs) return STATE_ISSUED;
    cards.until[card] = settled;
    return STATE_PROVISIONAL;
  }

  #marks(dueMs: number, leansOnDueDay: boolean): number {
    if (!leansOnDueDay) return 0;
    const { calendar } = this.#store;
    // The due instant is the first too late: the day it leans on is the one before it.
    return calendar.dayOf(dueMs - 1) > calendar.publishedLastDay ? MARK_PROVISIONAL : 0;
  }

  #identify(
    row: number,
    card: number,
    rule: RuleHead,
    stage: number,
    occurrence: number,
    level: LevelRef,
  ): void {
    const { table, keys, cardId, dictionary, cards } = this.#store;
    cardId.begin(keys.bytes, table.get(row, KEY_OFF), keys.lengthOf(row));
    cardId.part(rule.bytes);
    if (stage >= 0) {
      cardId.join(SLASH);
      cardId.join(dictionary.bytesOf(stage));
    }
    cardId.number(occurrence);
    cardId.part(level.bytes);
    cardId.finish();
    cards.id.set(cardId.words, card * 4);
  }
}
