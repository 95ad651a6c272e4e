import { useSyncExternalStore } from 'react';

/** From this width on there is room for three columns; the style sheets say the same. */
const WIDE = '(min-width: 992px)';

function watch(watcher: () => void): () => void {
  const query = matchMedia(WIDE);
  query.addEventListener('change', watcher);
  return () => query.removeEventListener('change', watcher);
}

export function useWide(): boolean {
  return useSyncExternalStore(watch, () => matchMedia(WIDE).matches);
}
