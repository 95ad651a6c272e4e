/**
 * Instants (时刻) out of RFC 3339 text, strictly, without `Date`.
 *
 * Owns: the grammar `YYYY-MM-DDTHH:mm[:ss[.f…]](Z|±hh:mm)`, the civil-date arithmetic, the codes.
 * Does not own: zones of a deployment (a source's declared offset is an option), calendars.
 *
 * Invariants
 * I1  A date that is not on the calendar, hour 24, second 60 and years outside 1990-2100 are refused,
 *     each with its own code; nothing is rolled over.
 * I2  Only where an offset is declared may the zone be missing, the time be missing (midnight) or a
 *     space stand for the `T`.
 * I3  Fractions have 1 to 9 digits; what is finer than a millisecond is cut off.
 * I4  The caches hold only what the general way would compute again: same bytes, same answer.
 *
 * Order of checks: shape of the date, year, date, shape of the time, second 60, zone. So
 * `2025-02-30 08:00` is TIME_INVALID_DATE, not a missing zone.
 */
import type { ErrorCode } from '../base/errors.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../base/units.ts';

export const YEAR_MIN = 1990;
export const YEAR_MAX = 2100;

export type InstantCode =
  | ''
  | Extract<
      ErrorCode,
      | 'TIME_FORMAT'
      | 'TIME_INVALID_DATE'
      | 'TIME_LEAP_SECOND'
      | 'TIME_NO_ZONE'
      | 'TIME_OUT_OF_RANGE'
    >;

const ZERO = 0x30;
const DASH = 0x2d;
const COLON = 0x3a;
const OFFSET_HOURS_MAX = 14;
const FIRST_TIME = Uint8Array.from('2026-01-01T00:00:00.000+08:00"', (char) => char.charCodeAt(0));
const MONTH_DAYS: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days from 1970-01-01 to a civil date of the proleptic Gregorian calendar. */
export function epochDay(year: number, month: number, day: number): number {
  // Years begin in March, so that the leap day is the last one of a year.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const leaps = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + yearOfEra * 365 + leaps + dayOfYear - 719_468;
}

export function monthLength(year: number, month: number): number {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return leap ? 29 : (MONTH_DAYS[month - 1] as number);
}

export class InstantParser {
  /** Milliseconds since the epoch; valid after `parse` returned ''. */
  value = 0;
  /** Declared offset of texts without a zone; NaN when none is declared. */
  readonly #defaultOffsetMs: number;
  /** Bytes of the last date that was valid, packed, and the instant of its midnight UTC. */
  #dateHigh = 0;
  #dateLow = 0;
  #dateMs = 0;
  /**
   * The last date and offset `parseCommon` has seen, as the numbers they are read as (the date's first
   * eight bytes as a float64, which is exact: ASCII is neither NaN nor zero), and midnight there.
   */
  #date8 = 0;
  #date2 = 0;
  #signWord = 0;
  #offsetWord = 0;
  #baseMs = 0;
  /** Where the time's own part ends, and its milliseconds. */
  #cursor = 0;
  #timeMs = 0;

  constructor(defaultOffsetMs?: number) {
    this.#defaultOffsetMs = defaultOffsetMs ?? Number.NaN;
    // So that the caches never hold what has not been read.
    this.#learnCommon(FIRST_TIME, new DataView(FIRST_TIME.buffer), 0);
  }

  /** Reads exactly `bytes[from, to)`; '' and `value`, or the code of what is wrong. */
  parse(bytes: Uint8Array, from: number, to: number): InstantCode {
    if (to - from < 10) return 'TIME_FORMAT';
    const high =
      ((bytes[from] as number) << 24) |
      ((bytes[from + 1] as number) << 16) |
      ((bytes[from + 2] as number) << 8) |
      (bytes[from + 3] as number);
    const low =
      ((bytes[from + 5] as number) << 24) |
      ((bytes[from + 6] as number) << 16) |
      ((bytes[from + 8] as number) << 8) |
      (bytes[from + 9] as number);
    const dashed = bytes[from + 4] === DASH && bytes[from + 7] === DASH;
    // Events come in order, so the date is nearly always the one before (I4).
    if (!dashed || high !== this.#dateHigh || low !== this.#dateLow) {
      const code = this.#date(bytes, from, to, dashed);
      if (code !== '') return code;
      this.#dateHigh = high;
      this.#dateLow = low;
    }
    return this.#afterDate(bytes, from + 10, to);
  }

  /**
   * The form `YYYY-MM-DDTHH:mm:ss.fff±hh:mm"` with the closing quote, four bytes at a time: the date
   * and the offset are compared with the last ones, the nine digits between are checked together.
   * False says nothing but "not by this way"; 30 bytes from `at` must be readable.
   */
  parseCommon(bytes: Uint8Array, view: DataView, at: number): boolean {
    const signWord = view.getInt32(at + 22, true); // "f±hh"
    if (
      view.getFloat64(at, true) !== this.#date8 ||
      view.getInt16(at + 8, true) !== this.#date2 ||
      signWord >>> 8 !== this.#signWord ||
      view.getInt32(at + 26, true) !== this.#offsetWord
    ) {
      return this.#learnCommon(bytes, view, at);
    }
    const ms = timeOfDay(
      view.getInt32(at + 10, true),
      view.getInt32(at + 14, true),
      view.getInt32(at + 18, true),
      (signWord & 0xff) - ZERO,
    );
    this.value = this.#baseMs + ms;
    return ms >= 0;
  }

  /** Reads the general way and keeps the words of date and offset when the text has that form. */
  #learnCommon(bytes: Uint8Array, view: DataView, at: number): boolean {
    const end = at + 29;
    if (bytes[end] !== 0x22 || this.parse(bytes, at, end) !== '') return false;
    const offset = offsetMs(bytes, at + 23, end);
    if (Number.isNaN(offset) || bytes[at + 10] !== 0x54) return true; // right, but of another form
    this.#date8 = view.getFloat64(at, true);
    this.#date2 = view.getInt16(at + 8, true);
    this.#signWord = view.getInt32(at + 22, true) >>> 8;
    this.#offsetWord = view.getInt32(at + 26, true);
    this.#baseMs = this.#dateMs - offset;
    return true;
  }

  #afterDate(bytes: Uint8Array, from: number, to: number): InstantCode {
    const declared = this.#defaultOffsetMs;
    if (from === to) {
      if (Number.isNaN(declared)) return 'TIME_NO_ZONE';
      this.value = this.#dateMs - declared;
      return '';
    }
    const separator = bytes[from];
    if (separator !== 0x54 && separator !== 0x20) return 'TIME_FORMAT'; // T or space
    const code = this.#time(bytes, from + 1, to);
    if (code !== '') return code;
    const at = this.#cursor;
    if (at === to) {
      if (Number.isNaN(declared)) return 'TIME_NO_ZONE';
      this.value = this.#dateMs + this.#timeMs - declared;
      return '';
    }
    if (separator === 0x20 && Number.isNaN(declared)) return 'TIME_FORMAT';
    const offset = offsetMs(bytes, at, to);
    if (Number.isNaN(offset)) return 'TIME_FORMAT';
    this.value = this.#dateMs + this.#timeMs - offset;
    return '';
  }

  #date(bytes: Uint8Array, from: number, to: number, dashed: boolean): InstantCode {
    if (!dashed) return isExpandedYear(bytes, from, to) ? 'TIME_OUT_OF_RANGE' : 'TIME_FORMAT';
    const century = twoDigits(bytes, from);
    const yearOfCentury = twoDigits(bytes, from + 2);
    const month = twoDigits(bytes, from + 5);
    const day = twoDigits(bytes, from + 8);
    if ((century | yearOfCentury | month | day) < 0) return 'TIME_FORMAT';
    const year = century * 100 + yearOfCentury;
    if (year < YEAR_MIN || year > YEAR_MAX) return 'TIME_OUT_OF_RANGE';
    if (month < 1 || month > 12 || day < 1 || day > monthLength(year, month)) {
      return 'TIME_INVALID_DATE';
    }
    this.#dateMs = epochDay(year, month, day) * DAY_MS;
    return '';
  }

  /** `HH:mm[:ss[.f…]]` from `from`; leaves the cursor behind it. */
  #time(bytes: Uint8Array, from: number, to: number): InstantCode {
    if (to - from < 5 || bytes[from + 2] !== COLON) return 'TIME_FORMAT';
    const hour = twoDigits(bytes, from);
    const minute = twoDigits(bytes, from + 3);
    if ((hour | minute) < 0 || hour > 23 || minute > 59) return 'TIME_FORMAT';
    let ms = hour * HOUR_MS + minute * MINUTE_MS;
    let at = from + 5;
    if (at < to && bytes[at] === COLON) {
      if (to - at < 3) return 'TIME_FORMAT';
      const second = twoDigits(bytes, at + 1);
      if (second === 60) return 'TIME_LEAP_SECOND';
      if (second < 0 || second > 59) return 'TIME_FORMAT';
      ms += second * 1000;
      at += 3;
      if (at < to && bytes[at] === 0x2e) {
        const first = at + 1;
        at = first;
        for (let unit = 100; at < to && isDigit(bytes[at] as number); at++) {
          ms += ((bytes[at] as number) - ZERO) * unit;
          unit = (unit / 10) | 0;
        }
        if (at === first || at - first > 9) return 'TIME_FORMAT';
      }
    }
    this.#timeMs = ms;
    this.#cursor = at;
    return '';
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

/**
 * Milliseconds of `THH:`, `mm:s`, `s.ff` as little-endian words and the last digit's value; -1 when
 * they are not the time of a day. Exclusive or with the pattern leaves 0 for the right separator and
 * the value for a digit; adding 6 carries what is above 9 into the high half of its byte.
 */
function timeOfDay(hours: number, minutes: number, seconds: number, last: number): number {
  const a = hours ^ 0x3a303054;
  const b = minutes ^ 0x303a3030;
  const c = seconds ^ 0x30302e30;
  const wrong =
    ((a | (a + 0x00060600)) & ~0x000f0f00) |
    ((b | (b + 0x06000606)) & ~0x0f000f0f) |
    ((c | (c + 0x06060006)) & ~0x0f0f000f);
  if (wrong !== 0 || last < 0 || last > 9) return -1;
  const hour = ((a >>> 8) & 15) * 10 + ((a >>> 16) & 15);
  const minute = (b & 15) * 10 + ((b >>> 8) & 15);
  const second = (b >>> 24) * 10 + (c & 15);
  if (hour > 23 || minute > 59 || second > 59) return -1;
  const ms = ((c >>> 16) & 15) * 100 + (c >>> 24) * 10 + last;
  return ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

/** Value of two decimal digits, negative when either is not one. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - ZERO;
  const ones = (bytes[at + 1] as number) - ZERO;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}

/** Milliseconds east of UTC for `Z` or `±hh:mm` filling [from, to) exactly; NaN otherwise. */
function offsetMs(bytes: Uint8Array, from: number, to: number): number {
  const sign = bytes[from] as number;
  if (sign === 0x5a) return to === from + 1 ? 0 : Number.NaN; // Z
  const signed = sign === 0x2b || sign === DASH; // + or -
  if (!signed || to !== from + 6 || bytes[from + 3] !== COLON) return Number.NaN;
  const hours = twoDigits(bytes, from + 1);
  const minutes = twoDigits(bytes, from + 4);
  if ((hours | minutes) < 0 || hours > OFFSET_HOURS_MAX || minutes > 59) return Number.NaN;
  const ms = hours * HOUR_MS + minutes * MINUTE_MS;
  return sign === DASH ? -ms : ms;
}

/** `±YYYYYY-MM-…`: a year no approval can have, which deserves a better answer than "format". */
function isExpandedYear(bytes: Uint8Array, from: number, to: number): boolean {
  const sign = bytes[from];
  if ((sign !== 0x2b && sign !== DASH) || to - from < 8 || bytes[from + 7] !== DASH) return false;
  for (let i = from + 1; i < from + 7; i++) if (!isDigit(bytes[i] as number)) return false;
  return true;
}
