import { describe, expect, it } from 'vitest';
import type { CardPage, CardView } from '../../../api/contract.ts';
import { replaceCard } from '../../../dashboards/src/console/inbox/card-pages.ts';
import {
  isNarrowed,
  readFilter,
  toggled,
  toQuery,
  writeFilter,
} from '../../../dashboards/src/console/inbox/inbox-filter.ts';
import { safeNext } from '../../../dashboards/src/console/login/next.ts';

describe('the inbox filter in the address', () => {
  const full = {
    view: 'all',
    levels: ['red', 'yellow'],
    categories: ['fee'],
    organ: 'ZJ',
    text: '许可 100%',
    order: 'newest',
  } as const;

  it('comes back as it was written', () => {
    expect(readFilter(writeFilter(full))).toEqual(full);
  });

  it('is empty for what opens every morning', () => {
    const plain = readFilter(new URLSearchParams());
    expect(plain.view).toBe('todo');
    expect(isNarrowed(plain)).toBe(false);
    expect(writeFilter(plain).toString()).toBe('');
  });

  it('falls back to the morning’s view for one it does not know', () => {
    expect(readFilter(new URLSearchParams('view=nonsense')).view).toBe('todo');
  });

  it('asks the server for open cards only in the view of what is to do', () => {
    expect(toQuery(readFilter(new URLSearchParams())).open).toBe(true);
    expect(toQuery(full).open).toBeUndefined();
    expect(toQuery(full)).toMatchObject({ level: 'red,yellow', text: '许可 100%' });
  });

  it('sends no more text than the server takes', () => {
    const long = readFilter(new URLSearchParams({ text: '长'.repeat(300) }));
    expect(String(toQuery(long).text)).toHaveLength(100);
  });

  it('switches one value on and off', () => {
    expect(toggled(['a'], 'b')).toEqual(['a', 'b']);
    expect(toggled(['a', 'b'], 'a')).toEqual(['b']);
  });
});

describe('a changed card in the list', () => {
  const card = (cardId: string, version: number): CardView => ({ cardId, version }) as CardView;
  const page = (...cards: CardView[]): CardPage =>
    ({ total: 3, cards, facets: { level: {}, state: {}, organ: {}, category: {} } }) as CardPage;
  const pages = {
    pages: [page(card('a', 1), card('b', 2)), page(card('c', 1))],
    pageParams: [0, 2],
  };

  it('is replaced where it stands', () => {
    const next = replaceCard(pages, card('b', 3));
    expect(next?.pages[0]?.cards.map((one) => `${one.cardId}${one.version}`)).toEqual(['a1', 'b3']);
    expect(next?.pages[1]).toBe(pages.pages[1]);
  });

  it('is left alone when the list already has a newer one', () => {
    expect(replaceCard(pages, card('b', 2))).toBe(pages);
    expect(replaceCard(pages, card('b', 1))).toBe(pages);
  });

  it('adds nothing to the list', () => {
    expect(replaceCard(pages, card('x', 1))).toBe(pages);
  });
});

describe('the page after a log-in', () => {
  it.each([
    ['/inbox?level=red', '/inbox?level=red'],
    [null, '/'],
    ['https://elsewhere.example/', '/'],
    ['//elsewhere.example/', '/'],
    ['/\\elsewhere.example/', '/'],
    ['javascript:alert(1)', '/'],
  ])('is on our own site: %s', (next, expected) => {
    expect(safeNext(next)).toBe(expected);
  });
});
