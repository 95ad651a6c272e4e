/** The page's one `Live` and how React components read it. */
import { useEffect, useSyncExternalStore } from 'react';
import type { CardView } from '../../../api/contract.ts';
import { Live, type LiveState } from './live.ts';

export const live = new Live();

export function useLive(): LiveState {
  return useSyncExternalStore(live.watch, live.state);
}

/** Calls `listener` for every card change while mounted; `listener` must be stable. */
export function useCards(listener: (card: CardView) => void): void {
  useEffect(() => live.onCard(listener), [listener]);
}

// One timer for every countdown of the page: they change together, and a page with none has none.
const TICK_MS = 1_000;
const ticking = new Set<() => void>();
let timer = 0;

function tick(): void {
  for (const listener of ticking) listener();
}

/** Calls `listener` once a second until the returned function is called. */
export function onTick(listener: () => void): () => void {
  ticking.add(listener);
  if (ticking.size === 1) timer = window.setInterval(tick, TICK_MS);
  return () => {
    ticking.delete(listener);
    if (ticking.size === 0) window.clearInterval(timer);
  };
}
