/**
 * Instants as files write them: ISO 8601 or with slashes, with or without an offset, down to
 * nanoseconds. Strict: a day that does not exist, a second 60, or a local time that the clock of the
 * zone skipped is refused by name; `Date.parse` would silently repair all of them.
 *
 * Invariants
 * T1  The result is whole milliseconds since the epoch; finer digits are cut off, never rounded, so
 *     that no instant moves past a deadline. Codes and range are those of events/instant.ts.
 * T2  A local time that occurs twice (clocks set back) means the first of the two.
 */
import { IANAZone } from 'luxon';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../base/units.ts';
import { epochDay, monthLength, YEAR_MAX, YEAR_MIN } from '../events/instant.ts';
import { RowProblem } from './import-error.ts';

const DATE = String.raw`(\d{4})([-/])(\d{1,2})\2(\d{1,2})`;
const TIME = String.raw`(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?`;
const OFFSET = String.raw`Z|[+-]\d{2}:?\d{2}`;
const INSTANT = new RegExp(`^${DATE}(?:[T ]${TIME} ?(${OFFSET})?)?$`);

/** Zones change their offset on quarter hours of UTC, so that is how finely offsets are remembered. */
const QUARTER_MS = 15 * MINUTE_MS;
const OFFSETS_MAX = 500_000;
const OFFSET_HOURS_MAX = 14;

export class LocalTime {
  readonly zone: string;
  readonly #zone: IANAZone;
  readonly #offsets = new Map<number, number>();

  constructor(zone: string) {
    this.zone = zone;
    this.#zone = IANAZone.create(zone);
  }

  static exists(zone: string): boolean {
    return IANAZone.isValidZone(zone);
  }

  #offset(ms: number): number {
    const quarter = Math.floor(ms / QUARTER_MS);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      offset = this.#zone.offset(quarter * QUARTER_MS) * MINUTE_MS;
      if (this.#offsets.size >= OFFSETS_MAX) this.#offsets.clear();
      this.#offsets.set(quarter, offset);
    }
    return offset;
  }

  /** UTC instant of a local reading written as if it were UTC; NaN when the clock skipped it. */
  toInstant(readingMs: number): number {
    const dayBefore = readingMs - this.#offset(readingMs - DAY_MS);
    const dayAfter = readingMs - this.#offset(readingMs + DAY_MS);
    const first = Math.min(dayBefore, dayAfter);
    const second = Math.max(dayBefore, dayAfter);
    if (first + this.#offset(first) === readingMs) return first;
    return second + this.#offset(second) === readingMs ? second : Number.NaN;
  }
}

function refuse(code: 'TIME_FORMAT' | 'TIME_INVALID_DATE' | 'TIME_LEAP_SECOND', field: string) {
  return new RowProblem(code, { field });
}

function dayStart(field: string, year: number, month: number, day: number): number {
  if (year < YEAR_MIN || year > YEAR_MAX) {
    throw new RowProblem('TIME_OUT_OF_RANGE', { field, min: YEAR_MIN, max: YEAR_MAX });
  }
  if (month < 1 || month > 12 || day < 1 || day > monthLength(year, month)) {
    throw refuse('TIME_INVALID_DATE', field);
  }
  return epochDay(year, month, day) * DAY_MS;
}

function timeOfDay(field: string, match: RegExpExecArray): number {
  const hour = Number(match[5]);
  const minute = Number(match[6]);
  const second = Number(match[7] ?? '0');
  if (second === 60) throw refuse('TIME_LEAP_SECOND', field);
  if (hour > 23 || minute > 59 || second > 59) throw refuse('TIME_FORMAT', field);
  const fraction = match[8] === undefined ? 0 : Number(`${match[8]}00`.slice(0, 3));
  return hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + fraction;
}

/** `+02:00` as milliseconds east of UTC. */
function offsetOf(field: string, text: string): number {
  if (text === 'Z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(-2));
  if (hours > OFFSET_HOURS_MAX || minutes > 59) throw refuse('TIME_FORMAT', field);
  return (text.startsWith('-') ? -1 : 1) * (hours * HOUR_MS + minutes * MINUTE_MS);
}

/**
 * @param field     attribute or column, for the error text
 * @param local     zone of texts without an offset
 * @param dateOnly  minutes of the local day that a bare date means; undefined refuses bare dates
 */
export function parseInstant(
  field: string,
  text: string,
  local: LocalTime,
  dateOnly?: number,
): number {
  const match = INSTANT.exec(text);
  if (match === null) throw refuse('TIME_FORMAT', field);
  const midnight = dayStart(field, Number(match[1]), Number(match[3]), Number(match[4]));
  if (match[5] === undefined && dateOnly === undefined) {
    throw new RowProblem('TIME_NO_HOUR', { field, value: text });
  }
  const minutes = dateOnly ?? 0;
  const inDay = match[5] === undefined ? minutes * MINUTE_MS : timeOfDay(field, match);
  const reading = midnight + inDay;
  if (match[9] !== undefined) return reading - offsetOf(field, match[9]);
  const instant = local.toInstant(reading);
  if (!Number.isNaN(instant)) return instant;
  throw new RowProblem('TIME_NOT_ON_CLOCK', { field, value: text, zone: local.zone });
}
