/**
 * Human acts on cards, as they come out of the log (law L7: logged first, then applied).
 *
 * Owns: which act is possible in which state, and the version check. Does not own: rights (the door
 * checked them before it appended the command).
 *
 * states × acts: provisional and issued can be acknowledged or answered; acknowledged and reopened can
 * be answered; every other pair is refused with CARD_STATE and the current state. A command repeated
 * with the same id finds the version moved on and is refused; nothing happens twice.
 */

import { fnv1a } from '../base/hash.ts';
import type { CardCommand } from '../cards/card.ts';
import { CARD_STATES } from '../cards/card.ts';
import { parseCardId } from '../cards/card-id.ts';
import { OP_ACKNOWLEDGED, OP_ANSWERED } from '../cards/changes.ts';
import { emitChange } from './emit.ts';
import * as F from './findings.ts';
import type { Store } from './store.ts';

const REOPENED = CARD_STATES.indexOf('reopened');
const MAY_ACKNOWLEDGE = [F.STATE_PROVISIONAL, F.STATE_ISSUED];
const MAY_ANSWER = [...MAY_ACKNOWLEDGE, F.STATE_ACKNOWLEDGED, REOPENED];

export class Commands {
  readonly #store: Store;
  readonly #words = new Int32Array(4);

  constructor(store: Store) {
    this.#store = store;
  }

  apply(command: CardCommand, keyBytes: Uint8Array, stampMs: number): void {
    const card = this.#find(command, keyBytes);
    const code = this.#refusal(command, card);
    const change = code === '' ? this.#perform(command, card, stampMs) : -1;
    this.#store.out.commands.push({
      commandId: command.commandId,
      outcome: code === '' ? 'applied' : 'refused',
      code,
      card,
      change,
    });
  }

  #find(command: CardCommand, key: Uint8Array): number {
    const { keys, cards } = this.#store;
    const row = keys.find(key, 0, key.length, fnv1a(key, 0, key.length));
    if (row < 0 || !parseCardId(command.cardId, this.#words)) return -1;
    for (let c = cards.first(row); c >= 0; c = cards.after(c)) {
      if (this.#words.every((word, i) => cards.id[c * 4 + i] === word)) return c;
    }
    return -1;
  }

  #refusal(command: CardCommand, card: number): string {
    if (card < 0) return 'CARD_UNKNOWN';
    const { cards } = this.#store;
    if (cards.version[card] !== command.expectedVersion) return 'CARD_VERSION';
    const allowed = command.type === 'acknowledge' ? MAY_ACKNOWLEDGE : MAY_ANSWER;
    return allowed.includes(cards.state[card]!) ? '' : 'CARD_STATE';
  }

  #perform(command: CardCommand, card: number, stampMs: number): number {
    const { cards, out } = this.#store;
    const answer = command.type === 'answer';
    cards.state[card] = answer ? F.STATE_ANSWERED : F.STATE_ACKNOWLEDGED;
    cards.version[card] = cards.version[card]! + 1;
    const op = answer ? OP_ANSWERED : OP_ACKNOWLEDGED;
    const change = emitChange(this.#store, card, op, stampMs);
    out.actors.set(change, command.actor);
    const { category = '', text = '' } = command.data ?? {};
    const detail = answer ? { category, text } : { reason: command.reason ?? '' };
    out.details.set(change, JSON.stringify(detail));
    return change;
  }
}
