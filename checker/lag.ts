/**
 * Until when a finding could still be refuted by what a source has not delivered yet: every source of
 * the organ delivers an event, at the latest, its lag after it happened.
 */
import type { PackSource } from '../engine/rules/source.ts';
import { OracleClock } from './clock.ts';
import type { Days } from './days.ts';

export interface Finding {
  readonly organ: string | undefined;
  /** The last instant at which an event could refute it. */
  readonly base: number;
}

/** Null: no source of the organ is known to be late. -Infinity: all of them have said they are through. */
export function safeFrom(
  pack: PackSource,
  days: Days,
  { organ, base }: Finding,
  declared: ReadonlyMap<string, number> = new Map(),
): number | null {
  const sources = (pack.sources ?? []).filter(
    ({ organs }) => organs === undefined || (organ !== undefined && organs.includes(organ)),
  );
  if (sources.length === 0) return null;
  const open = sources.filter(
    ({ code }) => (declared.get(code) ?? Number.NEGATIVE_INFINITY) < base,
  );
  return Math.max(
    Number.NEGATIVE_INFINITY,
    ...open.map(({ lag }) => {
      // Whole days of 24 hours; workdays to their end.
      const def = limitOnly(lag.unit === 'day' ? 'elapsed' : 'legal');
      const place = { index: 0, stage: '', occurrence: 0, start: base };
      return new OracleClock(days, def, place, { ...lag, deadline: 0 }).rungAt({ due: true });
    }),
  );
}

/** A clock of which nothing matters but its mode. */
function limitOnly(mode: 'elapsed' | 'legal') {
  return {
    ...{ id: '', version: 1, name: { zh: '', en: '' }, basis: '', category: 'data' as const },
    ...{ effect: 'internal' as const, start: [], stop: [], rungs: [], mode, resolutionMs: 0 },
    limit: { count: 0, unit: 'day' as const },
  };
}
