/**
 * The offsets of a time zone as a table (时区表), for the kernel, which has no Intl.
 *
 * Owns: finding the instants between 1990 and 2060 at which a zone changes its offset.
 * Does not own: what the table is used for (calendars/local-days.ts). The table is part of a pack and
 * its hash: a machine with newer zone data gives another version, never silently other deadlines.
 */
import { IANAZone } from 'luxon';
import { DAY_MS, MINUTE_MS } from '../base/units.ts';
import type { ZoneTable } from '../rules/source.ts';

const FIRST_MS = Date.UTC(1990, 0, 1);
const LAST_MS = Date.UTC(2061, 0, 1);
/** Shorter than the time between any two changes (a month of fasting suspends summer time). */
const STRIDE_MS = 5 * DAY_MS;

/** Throws RangeError for a name the zone data does not know. */
export function zoneTable(name: string): ZoneTable {
  if (!IANAZone.isValidZone(name)) {
    throw new RangeError(
      `没有时区“${name}”；请用 IANA 名称，如 Asia/Shanghai / ` +
        `no time zone "${name}"; use an IANA name such as Asia/Shanghai`,
    );
  }
  const zone = IANAZone.create(name);
  const offsetAt = (ms: number) => zone.offset(ms) * MINUTE_MS;
  const transitions: { atMs: number; offsetMs: number }[] = [];
  const firstOffsetMs = offsetAt(FIRST_MS);
  let offsetMs = firstOffsetMs;
  for (let from = FIRST_MS; from < LAST_MS; from += STRIDE_MS) {
    const to = from + STRIDE_MS;
    const after = offsetAt(to);
    if (after === offsetMs) continue;
    transitions.push({ atMs: firstInstantOf(after, from, to, offsetAt), offsetMs: after });
    offsetMs = after;
  }
  return { name, firstOffsetMs, transitions };
}

/** By bisection: the first instant in (from, to] at which the offset is `offsetMs`. */
function firstInstantOf(
  offsetMs: number,
  from: number,
  to: number,
  offsetAt: (ms: number) => number,
): number {
  let before = from;
  let since = to;
  while (since - before > 1) {
    const middle = Math.floor((before + since) / 2);
    if (offsetAt(middle) === offsetMs) since = middle;
    else before = middle;
  }
  return since;
}
