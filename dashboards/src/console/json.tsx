/** JSON for reading: keys, texts and numbers told apart, nothing folded away. */
import { type ReactNode, useMemo } from 'react';

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function coloured(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let done = 0;
  for (const match of text.matchAll(TOKEN)) {
    const { index } = match;
    if (index > done) parts.push(text.slice(done, index));
    const kind = match[1] === undefined ? 'value' : match[2] === undefined ? 'text' : 'key';
    const shown = match[1] ?? match[0];
    parts.push(
      <span key={index} className={`json-${kind}`}>
        {shown}
      </span>,
    );
    if (match[2] !== undefined) parts.push(match[2]);
    done = index + match[0].length;
  }
  parts.push(text.slice(done));
  return parts;
}

export function Json({ value }: { readonly value: unknown }) {
  const parts = useMemo(() => coloured(JSON.stringify(value, null, 2) ?? ''), [value]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable by keyboard
    <pre className="json" tabIndex={0}>
      {parts}
    </pre>
  );
}
