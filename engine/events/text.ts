/**
 * What text an identifier (编号) may be, and how a wrong one is shown to people.
 *
 * Owns: the canonical form of identifiers, the list of invisible characters, nearest matches.
 * Does not own: well-formed UTF-8 and control characters (strict-json.ts refuses those everywhere).
 *
 * Invariants
 * T1  An identifier is never changed on the way in: it is canonical or it is refused with the form
 *     that would be accepted.
 * T2  Canonical: NFC, no full-width letters or digits, no white space but single bytes 0x20 inside,
 *     nothing invisible, at most `idCharsMax` characters.
 * T3  ASCII from `!` to `~` and the ideographs U+4000-U+9FFF are canonical in any mixture, so the
 *     fast path may accept them unseen.
 */
import type { ErrorCode, ErrorParams } from '../base/errors.ts';
import { eventLimits } from '../config/limits.ts';
import { charCount } from './utf8.ts';

export interface TextProblem {
  readonly code: ErrorCode;
  readonly params: ErrorParams;
}

/** Characters that change direction, take no width or only mark other text. */
const INVISIBLE =
  /[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\ufe00-\ufe0f]|[\u{e0000}-\u{e0fff}]/u;
const FULL_WIDTH = /[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]/g;
const WIDE_SPACE = /[\t\n\r\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
const PLAIN = /^[!-~]+$/;
const SHOWN_MAX = 64;

/** Why `text`, the value of `field`, is no identifier; null when it is one. Never called with ''. */
export function idProblem(field: string, text: string): TextProblem | null {
  if (text.length > eventLimits.idCharsMax && charCount(text) > eventLimits.idCharsMax) {
    return { code: 'ID_TOO_LONG', params: { field, limit: eventLimits.idCharsMax } };
  }
  if (PLAIN.test(text)) return null;
  const invisible = INVISIBLE.exec(text);
  if (invisible !== null) {
    return { code: 'TEXT_FORBIDDEN_CHAR', params: { field, char: codePoint(invisible[0]) } };
  }
  const canonical = canonicalId(text);
  if (canonical === text) return null;
  return { code: 'ID_NOT_CANONICAL', params: { field, canonical: shown(canonical) } };
}

/** Why a free text is refused; null when it is not. */
export function freeTextProblem(field: string, text: string): TextProblem | null {
  const limit = eventLimits.textCharsMax;
  if (text.length <= limit || charCount(text) <= limit) return null;
  return { code: 'TEXT_TOO_LONG', params: { field, limit } };
}

/** The identifier somebody probably meant. */
export function canonicalId(text: string): string {
  return text
    .replace(FULL_WIDTH, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(WIDE_SPACE, ' ')
    .normalize('NFC')
    .trim();
}

/** `text` fit for a message: everything invisible made visible, cut to a line's length. */
export function shown(text: string): string {
  let out = '';
  let count = 0;
  for (const char of text) {
    if (count++ === SHOWN_MAX) return `${out}…`;
    const visible = char >= ' ' && !(char >= '\u007f' && char < '\u00a0') && !INVISIBLE.test(char);
    out += visible ? char : `<${codePoint(char)}>`;
  }
  return out;
}

/** The allowed word with the fewest edits from `word`; ties go to the first. */
export function nearest(word: string, allowed: readonly string[]): string {
  const given = word.slice(0, SHOWN_MAX).toLowerCase();
  let best = '';
  let bestEdits = Number.POSITIVE_INFINITY;
  for (const candidate of allowed) {
    const edits = editDistance(given, candidate.toLowerCase());
    if (edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

function codePoint(char: string): string {
  return `U+${(char.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
