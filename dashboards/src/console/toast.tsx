/** Short news that nobody has to answer, spoken politely and gone after a while. */
import { useSyncExternalStore } from 'react';

const STAYS_MS = 3_000;

let shown: readonly { readonly id: number; readonly text: string }[] = [];
let nextId = 0;
const watchers = new Set<() => void>();

function set(next: typeof shown): void {
  shown = next;
  for (const watcher of watchers) watcher();
}

export function toast(text: string): void {
  nextId += 1;
  const id = nextId;
  set([...shown, { id, text }]);
  setTimeout(() => set(shown.filter((one) => one.id !== id)), STAYS_MS);
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function Toasts() {
  const texts = useSyncExternalStore(watch, () => shown);
  return (
    <div className="toasts" role="status">
      {texts.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  );
}
