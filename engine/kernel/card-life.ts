/**
 * What time does to a card: a provisional one is issued, clocks on cards run, escalate and raise.
 *
 * Owns: clocks on cards (rules/card-clocks), the instant at which a finding can no longer be refuted by
 * late delivery, the one wake-up of a card. Does not own: findings (findings.ts), people (commands.ts).
 *
 * Life of a card is counted in the time of the log: a clock on a card starts at the instant at which
 * the engine learned of the state that starts it, whatever due instant of the past the card carries. A
 * re-fold therefore moves no such clock; it only withdraws or restores the card.
 *
 * Watermark (水位). A source declares how late it delivers. At engine time t everything that happened
 * up to W(t) has been delivered, where W(t) is the later of `t - lag` and what the source itself
 * declared (control `watermark`). It is not the newest record seen: a source that falls silent would
 * then hold its findings back for ever, and silence is what supervision is there to see.
 *
 * Invariants
 * CL1 A finding about a case of an organ with such a source is provisional until the watermark of each
 *     of them has passed the last instant at which something could refute it, then issued at that
 *     instant. What people did with it before stays.
 * CL2 `wake` of a card is the earliest of its issue and the next rungs of its clocks; what happens then
 *     carries that instant.
 * CL3 A card about a card is withdrawn with the card it is about.
 */

import { CARD_STATES } from '../cards/card.ts';
import { cardIdText } from '../cards/card-id.ts';
import { OP_ESCALATED, OP_ISSUED, OP_MOVED, OP_RAISED, OP_WITHDRAWN } from '../cards/changes.ts';
import type { CardClockDef, LevelRef } from '../rules/program.ts';
import { cardClockOf, RULE_KINDS } from '../rules/program.ts';
import { MARK_SEEN } from '../state/card-table.ts';
import * as S from '../state/case-table.ts';
import { emitChange } from './emit.ts';
import * as M from './measure.ts';
import type { Store } from './store.ts';

export const STATE_PROVISIONAL = CARD_STATES.indexOf('provisional');
export const STATE_ISSUED = CARD_STATES.indexOf('issued');
export const STATE_WITHDRAWN = CARD_STATES.indexOf('withdrawn');
export const STATE_REVOKED = CARD_STATES.indexOf('revoked');
const STATE_ESCALATED = CARD_STATES.indexOf('escalated');
/** States in which nobody has answered yet: only these escalate. */
const UNANSWERED =
  (1 << STATE_ISSUED) |
  (1 << CARD_STATES.indexOf('acknowledged')) |
  (1 << CARD_STATES.indexOf('rejected')) |
  (1 << CARD_STATES.indexOf('reopened'));

const CLOCK = RULE_KINDS.indexOf('clock');
const NEVER = Number.POSITIVE_INFINITY;
const SLASH = Uint8Array.of(47);

export class CardLife {
  readonly #store: Store;
  readonly #ascii = new Uint8Array(32);
  /** A wake-up of a card has changed since the row was armed. */
  touched = false;
  /** A clock has begun, ended or got another limit since this was last set to false. */
  #changed = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Instant at which no late delivery can refute a finding of the row any more; -Infinity when its
   * organ has no source that delivers late. `base`: the last instant at which something could.
   */
  settledAt(row: number, base: number): number {
    const { program, table, calendar } = this.#store;
    const organ = table.get(row, S.ORGAN);
    let settled = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < program.lags.length; k++) {
      const lag = program.lags[k]!;
      if (lag.organs.length > 0 && !lag.organs.includes(organ)) continue;
      const declared = this.#store.watermarks.get(lag.source);
      if (declared !== undefined && declared >= base) continue;
      const code = M.measureFor(lag.mode, lag.unit);
      const last = M.measureAt(calendar, code, base);
      const target = last + lag.count * M.unitSize(calendar, code);
      const due = M.dueAt(calendar, code, target, 0);
      if (due > settled) settled = due;
    }
    return settled;
  }

  /** Is any source of the row's organ declared to deliver late? */
  lags(row: number): boolean {
    const { program, table } = this.#store;
    const organ = table.get(row, S.ORGAN);
    for (let k = 0; k < program.lags.length; k++) {
      const { organs } = program.lags[k]!;
      if (organs.length === 0 || organs.includes(organ)) return true;
    }
    return false;
  }

  /** The card has come into its state now: clocks end and start. To be called before its change is told. */
  enter(card: number): void {
    const { cards, program } = this.#store;
    const bit = 1 << cards.state[card]!;
    if (cards.state[card] !== STATE_PROVISIONAL) cards.until[card] = NEVER;
    const { clocks } = cards;
    for (let run = clocks.first(card); run >= 0; run = clocks.after(run)) {
      if (clocks.running[run] === 0) continue;
      const def = cardClockOf(program, clocks.def[run]!);
      if (def === null || (def.stopMask & bit) !== 0) clocks.end(run);
    }
    for (let k = 0; k < program.cardClocks.length; k++)
      this.#begin(card, program.cardClocks[k]!, bit);
    this.#rewake(card);
  }

  /** Starts the clock on the card when its state says so and it does not run. */
  #begin(card: number, def: CardClockDef, bit: number): void {
    const { cards, nowMs } = this.#store;
    if ((def.startMask & bit) === 0 || !applies(def, cards.category[card]!, cards.level[card]!))
      return;
    const { clocks } = cards;
    let run = clocks.find(card, def.code);
    if (run < 0) run = clocks.add(card, def.code);
    else if (clocks.running[run] !== 0) return;
    clocks.running[run] = 1;
    clocks.rung[run] = 0;
    clocks.start[run] = nowMs;
    clocks.occurrence[run] = clocks.occurrence[run]! + 1;
    this.#changed = true;
    this.#time(run, def);
  }

  /** Due and next rung of a running clock, from its start. */
  #time(run: number, def: CardClockDef): void {
    const { calendar } = this.#store;
    const { clocks } = this.#store.cards;
    const code = M.measureFor(def.mode, def.limitUnit);
    const begun = M.measureAt(calendar, code, clocks.start[run]!);
    const target = begun + def.limitCount * M.unitSize(calendar, code);
    const due = finite(M.dueAt(calendar, code, target, def.resolutionMs));
    if (due !== clocks.due[run]) this.#changed = true;
    clocks.due[run] = due;
    const rung = clocks.rung[run]!;
    clocks.wake[run] = NEVER;
    if (rung >= def.rungKind.length) return;
    const kind = def.rungKind[rung]!;
    const at = M.rungTarget(calendar, code, target, def.limitCount, kind, def.rungValue[rung]!);
    clocks.wake[run] = finite(M.dueAt(calendar, code, at, def.resolutionMs));
  }

  #rewake(card: number): void {
    const { cards } = this.#store;
    const { clocks } = cards;
    let wake = cards.until[card]!;
    for (let run = clocks.first(card); run >= 0; run = clocks.after(run)) {
      if (clocks.wake[run]! < wake) wake = clocks.wake[run]!;
    }
    if (wake === cards.wake[card]) return;
    cards.wake[card] = wake;
    this.touched = true;
  }

  /** Earliest wake-up of the row's cards. */
  nextDue(row: number): number {
    const { cards } = this.#store;
    let due = NEVER;
    for (let c = cards.first(row); c >= 0; c = cards.after(c)) {
      if (cards.wake[c]! < due) due = cards.wake[c]!;
    }
    return due;
  }

  /** Everything that time has brought to the row's cards, in the order (instant, age of the card). */
  fire(row: number): void {
    const { cards, nowMs } = this.#store;
    for (;;) {
      let first = -1;
      for (let c = cards.first(row); c >= 0; c = cards.after(c)) {
        if (cards.wake[c]! > nowMs) continue;
        // The list goes from the newest card to the oldest.
        if (first < 0 || cards.wake[c]! <= cards.wake[first]!) first = c;
      }
      if (first < 0) return;
      this.#wake(first);
    }
  }

  #wake(card: number): void {
    const { cards } = this.#store;
    const { clocks } = cards;
    const wake = cards.wake[card]!;
    if (cards.until[card] === wake) {
      this.#change(card, STATE_ISSUED, OP_ISSUED);
      return;
    }
    let first = -1;
    let index = 0;
    for (let run = clocks.first(card); run >= 0; run = clocks.after(run)) {
      if (clocks.wake[run] !== wake) continue;
      const def = cardClockOf(this.#store.program, clocks.def[run]!)!;
      if (first >= 0 && def.index > index) continue;
      first = run;
      index = def.index;
    }
    this.#ring(card, first, this.#store.program.cardClocks[index]!);
  }

  #ring(card: number, run: number, def: CardClockDef): void {
    const { cards } = this.#store;
    const { clocks } = cards;
    const rung = clocks.rung[run]!;
    const due = clocks.wake[run]!;
    const occurrence = clocks.occurrence[run]!;
    clocks.rung[run] = rung + 1;
    this.#time(run, def);
    this.#rewake(card);
    const unanswered = (UNANSWERED & (1 << cards.state[card]!)) !== 0;
    if (def.rungEscalates[rung] !== 0 && unanswered)
      this.#change(card, STATE_ESCALATED, OP_ESCALATED);
    const level = def.rungLevel[rung]!;
    if (level !== null) this.#raise(card, def, level, occurrence, due);
  }

  #change(card: number, state: number, op: number): void {
    const { cards, nowMs } = this.#store;
    cards.state[card] = state;
    cards.version[card] = cards.version[card]! + 1;
    this.enter(card);
    emitChange(this.#store, card, op, nowMs);
  }

  /** A card about a card: the failure to answer, or to supervise, in time. */
  #raise(
    parent: number,
    def: CardClockDef,
    level: LevelRef,
    occurrence: number,
    due: number,
  ): void {
    const store = this.#store;
    const { cards, program } = store;
    if (cards.findAbout(parent, def.code, occurrence, level.code) >= 0) return;
    const card = cards.add(cards.row[parent]!);
    cards.parent[card] = parent + 1;
    this.#identify(card, parent, def, level, occurrence);
    cards.rule[card] = def.code;
    cards.level[card] = level.code;
    cards.stage[card] = -1;
    cards.occurrence[card] = occurrence;
    cards.version[card] = 1;
    cards.state[card] = STATE_ISSUED;
    cards.pack[card] = program.packVersion;
    cards.ruleVersion[card] = def.version;
    cards.calendar[card] = program.calendar.version;
    cards.due[card] = due;
    cards.marks[card] = MARK_SEEN;
    cards.kind[card] = def.kind;
    cards.category[card] = def.category;
    cards.rank[card] = level.rank;
    this.enter(card);
    emitChange(store, card, OP_RAISED, store.nowMs);
  }

  /** The id of a card about a card names that card where a stage clock's names the stage. */
  #identify(card: number, parent: number, def: CardClockDef, level: LevelRef, occurrence: number) {
    const { table, keys, cardId, cards } = this.#store;
    const row = cards.row[card]!;
    const about = cardIdText(cards.id, parent * 4);
    for (let i = 0; i < about.length; i++) this.#ascii[i] = about.charCodeAt(i);
    cardId.begin(keys.bytes, table.get(row, S.KEY_OFF), keys.lengthOf(row));
    cardId.part(def.bytes);
    cardId.join(SLASH);
    cardId.join(this.#ascii);
    cardId.number(occurrence);
    cardId.part(level.bytes);
    cardId.finish();
    cards.id.set(cardId.words, card * 4);
  }

  /** CL3: the cards about a card that has just been withdrawn or revoked, with the same words. */
  withdrawAbout(parent: number, detail: string): void {
    const store = this.#store;
    const { cards } = store;
    for (let c = cards.first(cards.row[parent]!); c >= 0; c = cards.after(c)) {
      const state = cards.state[c]!;
      if (cards.parent[c] !== parent + 1) continue;
      if (state === STATE_WITHDRAWN || state === STATE_REVOKED) continue;
      cards.before[c] = state;
      cards.state[c] = STATE_WITHDRAWN;
      cards.version[c] = cards.version[c]! + 1;
      this.enter(c);
      const change = emitChange(store, c, OP_WITHDRAWN, store.nowMs);
      store.out.details.set(change, detail);
      this.withdrawAbout(c, detail);
    }
  }

  /** Another pack is in force: clocks keep their start, their limits are those of the pack. */
  rebase(row: number): void {
    const { cards, program } = this.#store;
    for (let card = cards.first(row); card >= 0; card = cards.after(card)) {
      const { clocks } = cards;
      this.#changed = false;
      for (let run = clocks.first(card); run >= 0; run = clocks.after(run)) {
        if (clocks.running[run] === 0) continue;
        const def = cardClockOf(program, clocks.def[run]!);
        if (def === null) {
          clocks.end(run);
          this.#changed = true;
        } else this.#time(run, def);
      }
      this.enter(card);
      if (this.#changed) this.#retimed(card);
    }
  }

  /** A source has declared that it has delivered everything up to an instant. */
  watermark(card: number): void {
    const { cards, nowMs } = this.#store;
    if (cards.state[card] !== STATE_PROVISIONAL || cards.until[card] === NEVER) return;
    const until = Math.max(
      nowMs,
      this.settledAt(cards.row[card]!, baseOf(cards.kind[card]!, cards.due[card]!)),
    );
    if (until >= cards.until[card]!) return;
    cards.until[card] = until;
    this.#rewake(card);
    if (until > nowMs) this.#moved(card);
  }

  /** By another calendar or another clock: the change names both. */
  #retimed(card: number): void {
    const store = this.#store;
    const { cards, program, out } = store;
    const before = cards.calendar[card]!;
    cards.calendar[card] = program.calendar.version;
    const change = this.#moved(card);
    out.calendarBefore[change] = store.supersededCalendar === 0 ? before : store.supersededCalendar;
  }

  #moved(card: number): number {
    const { cards, nowMs } = this.#store;
    cards.version[card] = cards.version[card]! + 1;
    return emitChange(this.#store, card, OP_MOVED, nowMs);
  }
}

/** The last instant at which an event could refute a finding: before the end of a limit, or until its event. */
export function baseOf(kind: number, dueMs: number): number {
  return kind === CLOCK ? dueMs - 1 : dueMs;
}

function applies(def: CardClockDef, category: number, level: number): boolean {
  if ((def.categoryMask & (1 << category)) === 0) return false;
  return def.levels.length === 0 || def.levels.includes(level);
}

function finite(ms: number): number {
  return Number.isNaN(ms) ? NEVER : ms;
}
