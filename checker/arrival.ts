/**
 * The order in which records were let in. What happened does not depend on it (case-fold.ts); what a case
 * is *called* does: its item, organ and territory are those of the first record that says so.
 */
import type { Line } from './line.ts';

/** What makes two deliveries the same record: the source's number, or else the whole content. */
export function identityOf(event: Line): string {
  const { source = 'src', seq, rev = 0, stamp: _, ...content } = event;
  return seq === undefined ? JSON.stringify({ source, rev, ...content }) : `${source} ${seq}`;
}

/**
 * Records that were news when they were let in: one sent ahead of its time waits for that time, unless it
 * takes something back; one that repeats, or is older than what is known, says nothing.
 */
export function letIn(events: readonly Line[], now: number): Line[] {
  const known = new Map<string, number>();
  const order = events.filter(({ at, retracted }) => at <= now || retracted).map(timed);
  // Without stamps they are given as they came.
  if (order.every(({ line }) => line.stamp !== undefined)) {
    order.sort((a, b) => a.ms - b.ms || Number(b.waited) - Number(a.waited));
  }
  return order
    .map(({ line }) => line)
    .filter((line) => {
      const { rev = 0 } = line;
      const id = identityOf(line);
      if (rev <= (known.get(id) ?? -1)) return false;
      known.set(id, rev);
      return true;
    });
}

/** When it was let in; what waited for that instant comes before what arrives then. */
function timed(line: Line): { line: Line; ms: number; waited: boolean } {
  const { at, stamp = at, retracted } = line;
  const waited = at > stamp && retracted !== true;
  return { line, ms: waited ? at : stamp, waited };
}
