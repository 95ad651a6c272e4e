/**
 * When the cards that wait for an answer were raised, for live changes: the kernel tells what happened to
 * a card now, and the reply deadline runs from its beginning.
 *
 * Owns: the instants in memory, read from ClickHouse at the start and noted as cards fall; at most
 * `RAISES_MAX`, the oldest forgotten first. A forgotten card's change is shown with its own instant.
 */
import type { CardChange } from '../cards/card.ts';
import type { Reader } from '../sinks/reader.ts';

const RAISES_MAX = 200_000;
const PAGE = 1000;
const PAGES_MAX = 50;
const EVERYWHERE = { organs: null, territories: null };

export class RaiseTimes {
  readonly #raisedMs = new Map<string, number>();

  /** Reads the cards that wait now, the newest if there are very many. */
  async load(reader: Reader): Promise<void> {
    for (let page = 0; page < PAGES_MAX; page++) {
      const place = { order: 'newest', limit: PAGE, offset: page * PAGE } as const;
      const { cards } = await reader.cards({ open: true, ...place }, EVERYWHERE, []);
      for (const { cardId, raisedAtMs } of cards) this.#raisedMs.set(cardId, raisedAtMs);
      if (cards.length < PAGE) return;
    }
  }

  /** When the changed card was raised; notes it when that is now. */
  of(card: CardChange): number {
    if (card.op !== 'raised') return this.#raisedMs.get(card.cardId) ?? card.atMs;
    this.#raisedMs.set(card.cardId, card.atMs);
    if (this.#raisedMs.size > RAISES_MAX) {
      const [oldest] = this.#raisedMs.keys();
      if (oldest !== undefined) this.#raisedMs.delete(oldest);
    }
    return card.atMs;
  }
}
