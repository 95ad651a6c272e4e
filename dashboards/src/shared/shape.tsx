/** The marks of levels and states, drawn as vectors so that no font has to own the character. */
import type { ReactNode } from 'react';
import type { ShapeName } from './levels.ts';

const STROKE = {
  fill: 'none',
  stroke: 'currentColor',
  strokeWidth: 1.75,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const;

const DRAWN: Readonly<Record<Exclude<ShapeName, 'none'>, ReactNode>> = {
  ring: <circle cx="8" cy="8" r="5.6" {...STROKE} />,
  quarter: (
    <>
      <circle cx="8" cy="8" r="5.6" {...STROKE} />
      <path d="M8 8V2.4A5.6 5.6 0 0 1 13.6 8z" fill="currentColor" />
    </>
  ),
  triangle: <path d="M8 1.8 15 14.2H1z" fill="currentColor" />,
  square: <rect x="2.2" y="2.2" width="11.6" height="11.6" fill="currentColor" />,
  letter: (
    <>
      <rect x="1.8" y="3.4" width="12.4" height="9.2" {...STROKE} />
      <path d="m2.2 4 5.8 4.8L13.8 4" {...STROKE} />
    </>
  ),
  spent: <circle cx="8" cy="8" r="6.2" fill="currentColor" />,
  paused: <path d="M4.2 2.6h2.4v10.8H4.2zM9.4 2.6h2.4v10.8H9.4z" fill="currentColor" />,
  unknown: (
    <>
      <path d="M5.2 5.6a2.9 2.9 0 1 1 4.4 2.5C8.5 8.8 8 9.3 8 10.4" {...STROKE} />
      <circle cx="8" cy="13" r="1.15" fill="currentColor" />
    </>
  ),
};

export function Shape({ name, title }: { readonly name: ShapeName; readonly title?: string }) {
  if (name === 'none') return null;
  return title === undefined ? (
    <svg className="shape" viewBox="0 0 16 16" aria-hidden="true">
      {DRAWN[name]}
    </svg>
  ) : (
    <svg className="shape" viewBox="0 0 16 16" role="img" aria-label={title}>
      {DRAWN[name]}
    </svg>
  );
}
