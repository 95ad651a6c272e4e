/**
 * A request body cut into records: NDJSON, one object a line, or a single object on any lines.
 *
 * Owns: where a record begins and ends, its number for people, how many there may be.
 * Does not own: whether a record is any good (door.ts), size and encoding of the body (api/).
 */
import { CatalogueError } from '../base/errors.ts';
import { eventLimits } from '../config/limits.ts';
import { StrictJson } from '../events/strict-json.ts';

export interface Row {
  /** Line of the body the record begins on, from 1. */
  readonly row: number;
  /** The record without the white space around it; a view of the body. */
  readonly bytes: Uint8Array;
}

export interface RowLimits {
  readonly bodyRowsMax: number;
  readonly recordBytesMax: number;
}

const NEWLINE = 0x0a;
const CLOSE = 0x7d;

/** Throws BODY_EMPTY and BODY_ROWS_MAX; blank lines are skipped but counted. */
export function splitRows(body: Uint8Array, limits: RowLimits = eventLimits): Row[] {
  const rows: Row[] = [];
  let line = 0;
  for (let at = bomLength(body); at < body.length; ) {
    line++;
    const newline = body.indexOf(NEWLINE, at);
    const end = newline < 0 ? body.length : newline;
    const row = trimmed(body, line, at, end);
    at = end + 1;
    if (row.bytes.length === 0) continue;
    if (rows.length === 0 && row.bytes.at(-1) !== CLOSE) {
      const whole = wholeBody(body.subarray(row.bytes.byteOffset - body.byteOffset), line, limits);
      if (whole !== null) return [whole];
    }
    if (rows.length === limits.bodyRowsMax) {
      throw new CatalogueError('BODY_ROWS_MAX', { limit: limits.bodyRowsMax });
    }
    rows.push(row);
  }
  if (rows.length === 0) throw new CatalogueError('BODY_EMPTY');
  return rows;
}

/**
 * The first line is no whole object: the body is one object over several lines if it reads as one.
 * Otherwise its lines stand for themselves, so that one broken line does not spoil the others.
 */
function wholeBody(rest: Uint8Array, line: number, limits: RowLimits): Row | null {
  const row = trimmed(rest, line, 0, rest.length);
  const { bytes } = row;
  if (bytes.length > limits.recordBytesMax) return null;
  return new StrictJson().read(bytes, 0, bytes.length)?.kind === 'object' ? row : null;
}

function trimmed(body: Uint8Array, line: number, first: number, end: number): Row {
  let from = first;
  let to = end;
  while (from < to && isSpace(body[from])) from++;
  while (to > from && isSpace(body[to - 1])) to--;
  return { row: line, bytes: body.subarray(from, to) };
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === NEWLINE;
}

/** A byte order mark in front of the first record is no part of it. */
function bomLength(body: Uint8Array): number {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
}
