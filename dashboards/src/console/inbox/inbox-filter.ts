/**
 * What the inbox shows, as it stands in the address: every filter can be linked to and comes back
 * with the browser's back key.
 */
import type { CardsQuery } from '../../../../api/contract.ts';

export const VIEWS = ['todo', 'answered', 'gone', 'all'] as const;
export type View = (typeof VIEWS)[number];

export interface InboxFilter {
  readonly view: View;
  readonly levels: readonly string[];
  readonly categories: readonly string[];
  readonly organ: string;
  readonly text: string;
  readonly order: 'worst' | 'newest';
}

export const MANY = ['levels', 'categories'] as const;

function listOf(value: string | null): readonly string[] {
  return value === null || value === '' ? [] : value.split(',');
}

export function readFilter(params: URLSearchParams): InboxFilter {
  const view = params.get('view') ?? 'todo';
  return {
    view: VIEWS.find((known) => known === view) ?? 'todo',
    levels: listOf(params.get('level')),
    categories: listOf(params.get('category')),
    organ: params.get('organ') ?? '',
    text: params.get('text') ?? '',
    order: params.get('order') === 'newest' ? 'newest' : 'worst',
  };
}

export function writeFilter(filter: InboxFilter): URLSearchParams {
  const params = new URLSearchParams();
  if (filter.view !== 'todo') params.set('view', filter.view);
  if (filter.levels.length > 0) params.set('level', filter.levels.join(','));
  if (filter.categories.length > 0) params.set('category', filter.categories.join(','));
  if (filter.organ !== '') params.set('organ', filter.organ);
  if (filter.text !== '') params.set('text', filter.text);
  if (filter.order !== 'worst') params.set('order', filter.order);
  return params;
}

type Wire = Readonly<Record<string, string | boolean | undefined>>;

/** The same as a query of the API, without its page. */
export function toQuery(filter: InboxFilter): Wire {
  const states: Partial<Record<View, Required<CardsQuery>['state']>> = {
    answered: ['answered', 'accepted', 'rejected', 'closed'],
    gone: ['withdrawn', 'revoked'],
  };
  return {
    open: filter.view === 'todo' ? true : undefined,
    state: states[filter.view]?.join(','),
    level: filter.levels.join(','),
    category: filter.categories.join(','),
    organ: filter.organ,
    text: filter.text.trim().slice(0, 100),
    order: filter.order,
  };
}

/** Adds `value` to a list or takes it out. */
export function toggled(list: readonly string[], value: string): readonly string[] {
  return list.includes(value) ? list.filter((one) => one !== value) : [...list, value];
}

export function isNarrowed(filter: InboxFilter): boolean {
  const { levels, categories, organ, text } = filter;
  return levels.length + categories.length > 0 || organ !== '' || text !== '';
}
