/**
 * Human acts on cards, as they come out of the log (law L7: logged first, then applied).
 *
 * Owns: which act is possible in which state, the version check, and that revoking takes two people.
 * Does not own: rights (the door checked them before it appended the command), what time does to a card
 * (card-life.ts).
 *
 *   acknowledge    provisional issued                                            → acknowledged
 *   answer         the same, acknowledged, rejected, reopened, escalated         → answered
 *   accept reject  answered                                                      → accepted, rejected
 *   close          accepted                                                      → closed
 *   reopen         accepted closed                                               → reopened
 *   proposeRevoke  every state but withdrawn and revoked; the state stays
 *   revoke         what somebody else has proposed                               → revoked
 *   keep           what somebody has proposed; the state stays
 *
 * Every other pair is refused with CARD_STATE and the current state. A command repeated with the same id
 * finds the version moved on and is refused; nothing happens twice.
 */

import { fnv1a } from '../base/hash.ts';
import type { CardCommand, CardCommandType, CardStateName } from '../cards/card.ts';
import { CARD_STATES } from '../cards/card.ts';
import { parseCardId } from '../cards/card-id.ts';
import * as C from '../cards/changes.ts';
import { type CardLife, STATE_REVOKED } from './card-life.ts';
import { emitChange } from './emit.ts';
import type { Store } from './store.ts';

interface Act {
  readonly from: readonly CardStateName[];
  /** null: the state stays. */
  readonly to: CardStateName | null;
  readonly op: number;
}

const STANDING = CARD_STATES.filter((state) => state !== 'withdrawn' && state !== 'revoked');
const UNSEEN = ['provisional', 'issued'] as const;
const OWED = [...UNSEEN, 'acknowledged', 'rejected', 'reopened', 'escalated'] as const;

const ACTS: Readonly<Record<CardCommandType, Act>> = {
  acknowledge: { from: UNSEEN, to: 'acknowledged', op: C.OP_ACKNOWLEDGED },
  answer: { from: OWED, to: 'answered', op: C.OP_ANSWERED },
  accept: { from: ['answered'], to: 'accepted', op: C.OP_ACCEPTED },
  reject: { from: ['answered'], to: 'rejected', op: C.OP_REJECTED },
  close: { from: ['accepted'], to: 'closed', op: C.OP_CLOSED },
  reopen: { from: ['accepted', 'closed'], to: 'reopened', op: C.OP_REOPENED },
  proposeRevoke: { from: STANDING, to: null, op: C.OP_REVOKE_PROPOSED },
  revoke: { from: STANDING, to: 'revoked', op: C.OP_REVOKED },
  keep: { from: STANDING, to: null, op: C.OP_REVOKE_KEPT },
};

export class Commands {
  readonly #store: Store;
  readonly #life: CardLife;
  readonly #words = new Int32Array(4);

  constructor(store: Store, life: CardLife) {
    this.#store = store;
    this.#life = life;
  }

  /** Returns the row whose card it changed, -1 when it was refused. */
  apply(command: CardCommand, keyBytes: Uint8Array, stampMs: number): number {
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
    return code === '' ? this.#store.cards.row[card]! : -1;
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
    const act = ACTS[command.type];
    const state = CARD_STATES[cards.state[card]!]!;
    if (act === undefined || !act.from.includes(state)) return 'CARD_STATE';
    return this.#proposalRefusal(command, cards.proposals.get(card));
  }

  /** Two people revoke a card: nobody confirms what they proposed themselves. */
  #proposalRefusal({ type, actor }: CardCommand, proposer: string | undefined): string {
    if (type === 'proposeRevoke') return proposer === undefined ? '' : 'REVOKE_PROPOSED';
    if (type !== 'revoke' && type !== 'keep') return '';
    if (proposer === undefined) return 'REVOKE_NOT_PROPOSED';
    return type === 'revoke' && proposer === actor ? 'REVOKE_SAME_PERSON' : '';
  }

  #perform(command: CardCommand, card: number, stampMs: number): number {
    const { cards, out } = this.#store;
    this.#store.enter(cards.row[card]!);
    const { type, actor } = command;
    const { to, op } = ACTS[type];
    if (to !== null) cards.state[card] = CARD_STATES.indexOf(to);
    cards.version[card] = cards.version[card]! + 1;
    const proposer = cards.proposals.get(card);
    if (type === 'proposeRevoke') cards.proposals.set(card, actor);
    else if (type === 'revoke' || type === 'keep') cards.proposals.delete(card);
    this.#life.enter(card);
    const change = emitChange(this.#store, card, op, stampMs);
    out.actors.set(change, actor);
    out.details.set(change, detailOf(command, proposer));
    if (cards.state[card] === STATE_REVOKED)
      this.#life.withdrawAbout(card, '{"evidence":"revoked"}');
    return change;
  }
}

function detailOf(command: CardCommand, proposer: string | undefined): string {
  const { category = '', text = '' } = command.data ?? {};
  if (command.type === 'answer') return JSON.stringify({ category, text });
  const reason = command.reason ?? '';
  return JSON.stringify(proposer === undefined ? { reason } : { reason, proposer });
}
