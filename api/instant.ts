/** An instant in a query, read as the decoder reads those of records: strictly, with its zone. */
import { InstantParser } from '../engine/events/instant.ts';
import { DoorError } from './errors.ts';

export function instantOf(parameter: string, text: string): number {
  const bytes = new TextEncoder().encode(text);
  const parser = new InstantParser();
  if (parser.parse(bytes, 0, bytes.length) === '') return parser.value;
  const expected = 'an instant with its zone, like 2026-03-05T09:00:00+08:00';
  throw new DoorError('QUERY_INVALID', { parameter, expected });
}
