/**
 * Columns → CardChange: what leaves the kernel about one change of one card.
 *
 * Owns: looking up the rule and the case behind a card. A rule that is no longer in the pack keeps its
 * id; category and kind then come from what the card's id still says ('').
 */
import type { CardChange } from '../cards/card.ts';
import { CARD_STATES } from '../cards/card.ts';
import { cardIdText } from '../cards/card-id.ts';
import type { Changes } from '../cards/changes.ts';
import { OP_NAMES } from '../cards/changes.ts';
import type { Program } from '../rules/program.ts';
import { MARK_PROVISIONAL } from '../state/card-table.ts';
import * as S from '../state/case-table.ts';
import type { Store } from './store.ts';

interface RuleFacts {
  readonly kind: CardChange['ruleKind'];
  readonly category: string;
}

export class CardViews {
  readonly #store: Store;
  readonly #text = new TextDecoder();
  #program: Program | null = null;
  #rules = new Map<string, RuleFacts>();
  #ranks = new Map<string, number>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Change i of `out`, as it was when it happened. */
  change(out: Changes, i: number): CardChange {
    const card = out.card[i]!;
    return {
      ...this.#fixed(card),
      version: out.version[i]!,
      op: OP_NAMES[out.op[i]!]!,
      state: CARD_STATES[out.state[i]!]!,
      dueMs: out.due[i]!,
      atMs: out.at[i]!,
      position: out.position[i]!,
      actor: out.actors.get(i) ?? '',
      detail: out.details.get(i) ?? '',
    };
  }

  /** The card as it is now (the answer to a refused command). */
  current(card: number): CardChange {
    const { cards, position } = this.#store;
    return {
      ...this.#fixed(card),
      version: cards.version[card]!,
      op: 'moved',
      state: CARD_STATES[cards.state[card]!]!,
      dueMs: cards.due[card]!,
      atMs: this.#store.nowMs,
      position,
      actor: '',
      detail: '',
    };
  }

  caseKey(row: number): string {
    const { table, keys } = this.#store;
    const at = table.get(row, S.KEY_OFF);
    return this.#text.decode(keys.bytes.subarray(at, at + table.byte(row, S.KEY_LENGTH)));
  }

  text(code: number): string {
    return code < 0 ? '' : this.#store.dictionary.text(code);
  }

  #fixed(
    card: number,
  ): Omit<
    CardChange,
    'version' | 'op' | 'state' | 'dueMs' | 'atMs' | 'position' | 'actor' | 'detail'
  > {
    const { cards, table, index } = this.#store;
    this.#refresh();
    const row = cards.row[card]!;
    const ruleId = this.text(cards.rule[card]!);
    const level = this.text(cards.level[card]!);
    const rule = this.#rules.get(ruleId);
    return {
      cardId: cardIdText(cards.id, card * 4),
      caseKey: this.caseKey(row),
      ruleId,
      ruleKind: rule?.kind ?? 'check',
      level,
      levelRank: this.#ranks.get(level) ?? 0,
      category: rule?.category ?? '',
      occurrence: cards.occurrence[card]!,
      stage: this.text(cards.stage[card]!),
      itemCode: this.text(table.get(row, S.ITEM)),
      organ: this.text(table.get(row, S.ORGAN)),
      territory: this.text(table.get(row, S.TERRITORY)),
      provisional: (cards.marks[card]! & MARK_PROVISIONAL) !== 0,
      packVersion: cards.pack[card]!,
      calendarVersion: cards.calendar[card]!,
      partition: index,
    };
  }

  /** Rule facts of the program in force, read once a program. */
  #refresh(): void {
    const program = this.#store.program;
    if (program === this.#program) return;
    this.#program = program;
    const { clocks, checks, sequences, levels } = program.pack;
    this.#rules = new Map([
      ...clocks.map((r): [string, RuleFacts] => [r.id, { kind: 'clock', category: r.category }]),
      ...checks.map((r): [string, RuleFacts] => [r.id, { kind: 'check', category: r.category }]),
      ...sequences.map((r): [string, RuleFacts] => [
        r.id,
        { kind: 'sequence', category: r.category },
      ]),
    ]);
    this.#ranks = new Map(levels.map((level) => [level.code, level.rank]));
  }
}
