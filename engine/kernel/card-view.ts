/**
 * Columns → CardChange: what leaves the kernel about one change of one card.
 *
 * Owns: codes → texts. A change is told as it was when it happened, whenever it is read, so the cut of
 * the records into batches shows nowhere (law L1).
 */
import type { CardChange } from '../cards/card.ts';
import { CARD_OPS, CARD_STATES } from '../cards/card.ts';
import { cardIdText } from '../cards/card-id.ts';
import type { Changes } from '../cards/changes.ts';
import { CATEGORIES, RULE_KINDS } from '../rules/program.ts';
import { MARK_PROVISIONAL } from '../state/card-table.ts';
import * as S from '../state/case-table.ts';
import { deadlineOf } from './emit.ts';
import type { Store } from './store.ts';

export class CardViews {
  readonly #store: Store;
  readonly #text = new TextDecoder();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Change i of `out`, as it was when it happened. */
  change(out: Changes, i: number): CardChange {
    const card = out.card[i]!;
    return {
      ...this.#identity(card),
      ruleKind: RULE_KINDS[out.kind[i]!]!,
      levelRank: out.rank[i]!,
      category: CATEGORIES[out.category[i]!]!,
      itemCode: this.text(out.item[i]!),
      organ: this.text(out.organ[i]!),
      territory: this.text(out.territory[i]!),
      provisional: (out.marks[i]! & MARK_PROVISIONAL) !== 0,
      packVersion: out.pack[i]!,
      ruleVersion: out.ruleVersion[i]!,
      calendarVersion: out.calendar[i]!,
      previousPackVersion: out.packBefore[i]!,
      previousRuleVersion: out.ruleVersionBefore[i]!,
      previousCalendarVersion: out.calendarBefore[i]!,
      previousDueMs: Number.isNaN(out.dueBefore[i]!) ? null : out.dueBefore[i]!,
      version: out.version[i]!,
      op: CARD_OPS[out.op[i]!]!,
      state: CARD_STATES[out.state[i]!]!,
      dueMs: out.due[i]!,
      atMs: out.at[i]!,
      knownMs: out.known[i]!,
      position: out.position[i]!,
      replyDueMs: instant(out.reply[i]!),
      superviseDueMs: instant(out.supervise[i]!),
      issueMs: instant(out.until[i]!),
      actor: out.actors.get(i) ?? '',
      detail: out.details.get(i) ?? '',
    };
  }

  /** The card as it is now (the answer to a refused command). */
  current(card: number): CardChange {
    const { cards, table, position, nowMs } = this.#store;
    const row = cards.row[card]!;
    return {
      ...this.#identity(card),
      ruleKind: RULE_KINDS[cards.kind[card]!]!,
      levelRank: cards.rank[card]!,
      category: CATEGORIES[cards.category[card]!]!,
      itemCode: this.text(table.get(row, S.ITEM)),
      organ: this.text(table.get(row, S.ORGAN)),
      territory: this.text(table.get(row, S.TERRITORY)),
      provisional: (cards.marks[card]! & MARK_PROVISIONAL) !== 0,
      packVersion: cards.pack[card]!,
      ruleVersion: cards.ruleVersion[card]!,
      calendarVersion: cards.calendar[card]!,
      previousPackVersion: cards.pack[card]!,
      previousRuleVersion: cards.ruleVersion[card]!,
      previousCalendarVersion: cards.calendar[card]!,
      previousDueMs: cards.due[card]!,
      version: cards.version[card]!,
      op: 'moved',
      state: CARD_STATES[cards.state[card]!]!,
      dueMs: cards.due[card]!,
      atMs: nowMs,
      knownMs: nowMs,
      position,
      ...this.#deadlines(card),
      actor: '',
      detail: '',
    };
  }

  caseKey(row: number): string {
    const { table, keys } = this.#store;
    const at = table.get(row, S.KEY_OFF);
    return this.#text.decode(keys.bytes.subarray(at, at + keys.lengthOf(row)));
  }

  text(code: number): string {
    return code < 0 ? '' : this.#store.dictionary.text(code);
  }

  /** What never changes of a card. */
  #identity(
    card: number,
  ): Pick<
    CardChange,
    'cardId' | 'caseKey' | 'ruleId' | 'level' | 'occurrence' | 'stage' | 'partition' | 'parent'
  > {
    const { cards, index } = this.#store;
    return {
      cardId: cardIdText(cards.id, card * 4),
      caseKey: this.caseKey(cards.row[card]!),
      ruleId: this.text(cards.rule[card]!),
      level: this.text(cards.level[card]!),
      occurrence: cards.occurrence[card]!,
      stage: this.text(cards.stage[card]!),
      partition: index,
      parent: cards.parent[card] === 0 ? '' : cardIdText(cards.id, (cards.parent[card]! - 1) * 4),
    };
  }

  #deadlines(card: number): Pick<CardChange, 'replyDueMs' | 'superviseDueMs' | 'issueMs'> {
    const store = this.#store;
    return {
      replyDueMs: instant(deadlineOf(store, card, true)),
      superviseDueMs: instant(deadlineOf(store, card, false)),
      issueMs: instant(store.cards.until[card]!),
    };
  }
}

function instant(ms: number): number | null {
  return Number.isFinite(ms) ? ms : null;
}
