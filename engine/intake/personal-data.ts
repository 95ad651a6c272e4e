/**
 * Personal data of applicants (个人信息): matched by a keyed hash, shown masked, never stored in clear.
 *
 * Owns: the resident identity number (公民身份号码, GB 11643), the masks, the pseudonym.
 * Does not own: which fields are personal (door.ts), where the key is kept (config).
 */
import { createHmac } from 'node:crypto';
import { monthLength } from '../events/instant.ts';

/** Weights of GB 11643 (ISO 7064 MOD 11-2) and the check characters by remainder. */
const WEIGHTS: readonly number[] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS = '10X98765432';
const RESIDENT_ID = /^[1-9]\d{5}(\d{4})(\d{2})(\d{2})\d{3}[\dX]$/;
const BIRTH_YEAR_MIN = 1850;
const BIRTH_YEAR_MAX = 2100;
/** Hexadecimal digits kept: 128 bits. */
const PSEUDONYM_CHARS = 32;

export interface Applicant {
  readonly name: string;
  readonly id: string;
  readonly phone: string;
}

/** Eighteen characters, a birth date on the calendar and the right check character. */
export function isResidentId(text: string): boolean {
  const parts = RESIDENT_ID.exec(text);
  if (parts === null) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  if (year < BIRTH_YEAR_MIN || year > BIRTH_YEAR_MAX || month < 1 || month > 12) return false;
  if (day < 1 || day > monthLength(year, month)) return false;
  let sum = 0;
  for (const [index, weight] of WEIGHTS.entries()) sum += weight * Number(text[index]);
  return text[17] === CHECK_CHARACTERS[sum % 11];
}

/**
 * The same person gives the same text under the same key: by identity number, or else telephone, or
 * else name. '' when nothing is known of the person.
 */
export function pseudonym(key: Uint8Array, applicant: Applicant): string {
  const { id, phone, name } = applicant;
  const subject = id !== '' ? `id:${id}` : phone !== '' ? `phone:${phone}` : `name:${name}`;
  if (subject === 'name:') return '';
  return createHmac('sha256', key).update(subject).digest('hex').slice(0, PSEUDONYM_CHARS);
}

/** 440****…**3X; short texts show nothing. */
export function maskedId(text: string): string {
  return masked(text, 3, 2, 12);
}

/** 138****1234. */
export function maskedPhone(text: string): string {
  return masked(text, 3, 4, 11);
}

/** 张*, 欧阳* would name too much: only the first character shows. */
export function maskedName(text: string): string {
  return masked(text, 1, 0, 2);
}

/** Stars for all but `head` and `tail` characters; for every character of a text under `least`. */
function masked(text: string, head: number, tail: number, least: number): string {
  const chars = [...text];
  if (chars.length < least) return '*'.repeat(chars.length);
  const hidden = '*'.repeat(chars.length - head - tail);
  return chars.slice(0, head).join('') + hidden + chars.slice(chars.length - tail).join('');
}
