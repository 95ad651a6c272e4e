/**
 * The inbox's data: pages of cards for one filter, kept fresh by the socket without moving anything
 * under the reader's hand.
 *
 * Invariants
 * N1  A changed card is replaced where it stands; the order changes only when the person asks.
 * N2  A new card is counted and announced, and joins the list on the person's word.
 */
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { API_PATHS, type CardPage, type CardView } from '../../../../api/contract.ts';
import { get, withQuery } from '../../shared/api.ts';
import { live, useCards } from '../../shared/live-react.ts';
import { type Pages, replaceCard } from './card-pages.ts';
import { type InboxFilter, toQuery } from './inbox-filter.ts';

const PAGE = 100;

export interface Inbox {
  readonly cards: readonly CardView[];
  readonly total: number;
  readonly facets: CardPage['facets'] | null;
  /** Cards that fell since the list was fetched. */
  readonly fresh: number;
  readonly loading: boolean;
  readonly error: Error | null;
  readonly refresh: () => void;
  readonly more: () => void;
  readonly put: (card: CardView) => void;
}

export function useInbox(filter: InboxFilter): Inbox {
  const client = useQueryClient();
  const wire = useMemo(() => toQuery(filter), [filter]);
  const key = useMemo(() => ['cards', wire], [wire]);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) =>
      get<CardPage>(withQuery(API_PATHS.cards, { ...wire, limit: PAGE, offset: pageParam })),
    initialPageParam: 0,
    getNextPageParam: (last, all) => {
      const had = all.reduce((sum, page) => sum + page.cards.length, 0);
      return last.cards.length > 0 && had < last.total ? had : undefined;
    },
    placeholderData: keepPreviousData,
  });
  const put = useCallback(
    (card: CardView) => {
      const known = client.getQueryData<Pages>(key);
      const next = replaceCard(known, card);
      // Most changes concern cards that are not on this list; they must not render it again.
      if (next !== known) client.setQueryData<Pages>(key, next);
    },
    [client, key],
  );
  const hear = useCallback(
    (card: CardView) => {
      put(card);
      if (card.op === 'raised') setFresh((known) => new Set(known).add(card.cardId));
    },
    [put],
  );
  useCards(hear);
  const { refetch } = query;
  const refresh = useCallback(() => {
    setFresh(new Set());
    void refetch();
  }, [refetch]);
  useEffect(() => live.onReset(refresh), [refresh]);
  const pages = query.data?.pages;
  const cards = useMemo(() => {
    // A card may slide from one page to the next between two requests: it is shown once.
    const seen = new Set<string>();
    const all = (pages ?? []).flatMap((page) => page.cards);
    return all.filter((card) => !seen.has(card.cardId) && seen.add(card.cardId));
  }, [pages]);
  const first = pages?.[0];
  return {
    cards,
    total: first?.total ?? 0,
    facets: first?.facets ?? null,
    fresh: fresh.size,
    loading: query.isPending,
    error: query.error,
    refresh,
    more: () => {
      if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
    },
    put,
  };
}
