/** The pages of a list of cards, as fetched, and a changed card among them. */
import type { CardPage, CardView } from '../../../../api/contract.ts';

export interface Pages {
  readonly pages: CardPage[];
  readonly pageParams: number[];
}

/** `pages` with `card` in place of its older version; the same object when it holds none. */
export function replaceCard(pages: Pages | undefined, card: CardView): Pages | undefined {
  if (pages === undefined) return undefined;
  let found = false;
  const next = pages.pages.map((page) => {
    const index = page.cards.findIndex((one) => one.cardId === card.cardId);
    const known = page.cards[index];
    if (known === undefined || known.version >= card.version) return page;
    found = true;
    return { ...page, cards: page.cards.with(index, card) };
  });
  return found ? { ...pages, pages: next } : pages;
}
