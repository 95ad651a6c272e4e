/**
 * Civil dates as integers: an epoch day is the number of days since 1970-01-01 in the proleptic
 * Gregorian calendar. Pure arithmetic, no zone: which day an instant falls on is local-days.ts.
 *
 * The conversions count years from 1 March, so that the leap day ends the year, in eras of 400 years
 * (146,097 days), which makes them free of tables and branches over months.
 */
const DAYS_OF_ERA = 146_097;
const DAYS_BEFORE_1970 = 719_468; // from 0000-03-01

export interface CivilDate {
  readonly year: number;
  /** 1..12 */
  readonly month: number;
  /** 1..31 */
  readonly day: number;
}

/** Epoch day of a date; the month may lie outside 1..12 and then counts into other years. */
export function epochDay(year: number, month: number, day: number): number {
  const months = year * 12 + month - 3; // since March of year 0
  const marchYear = Math.floor(months / 12);
  const monthOfYear = months - marchYear * 12;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * monthOfYear + 2) / 5) + day - 1;
  const leaps = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * DAYS_OF_ERA + yearOfEra * 365 + leaps + dayOfYear - DAYS_BEFORE_1970;
}

export function civilOf(epoch: number): CivilDate {
  const days = epoch + DAYS_BEFORE_1970;
  const era = Math.floor(days / DAYS_OF_ERA);
  const dayOfEra = days - era * DAYS_OF_ERA;
  const leapFree =
    dayOfEra -
    Math.floor(dayOfEra / 1460) +
    Math.floor(dayOfEra / 36_524) -
    Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor(leapFree / 365);
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthOfYear = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthOfYear + 2) / 5) + 1;
  const month = monthOfYear < 10 ? monthOfYear + 3 : monthOfYear - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return { year, month, day };
}

/** 0 = Monday … 6 = Sunday, as the week mask counts. */
export function weekdayOf(epoch: number): number {
  const shifted = (epoch + 3) % 7; // 1970-01-01 was a Thursday
  return shifted < 0 ? shifted + 7 : shifted;
}

export function daysInMonth(year: number, month: number): number {
  return epochDay(year, month + 1, 1) - epochDay(year, month, 1);
}

/** Epoch day of `YYYY-MM-DD`, NaN for anything else: other forms, other digits, 2025-02-30. */
export function parseDate(text: string): number {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return Number.NaN;
  const year = Number(text.slice(0, 4));
  const month = Number(text.slice(5, 7));
  const day = Number(text.slice(8, 10));
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return Number.NaN;
  return epochDay(year, month, day);
}

/** `YYYY-MM-DD` of an epoch day in the years 0000..9999. */
export function formatDay(epoch: number): string {
  const { year, month, day } = civilOf(epoch);
  const digits = (value: number, width: number) => String(value).padStart(width, '0');
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
}

/**
 * The corresponding day (对应日) `months` later, or the last day of that month where there is none
 * (民法典 第202条).
 */
export function addMonths(epoch: number, months: number): number {
  const { year, month, day } = civilOf(epoch);
  const first = epochDay(year, month + months, 1);
  const next = epochDay(year, month + months + 1, 1);
  return Math.min(first + day, next) - 1;
}
