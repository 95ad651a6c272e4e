/** The oracle's cards of all cases of a played world, written as a rig writes them. */

import { expectedCards } from '../../checker/case-fold.ts';
import type { Played } from '../fixtures/kernel/histories.ts';
import { local } from '../fixtures/kernel/pack.ts';

/** Cards of every case by the oracle, as a rig writes them. */
export function oracleStanding(played: Played): Record<string, string> {
  const cases = new Map<string, Played['deliveries'][number][]>();
  for (const delivery of played.deliveries) {
    const { caseKey } = delivery.line;
    cases.set(caseKey, [...(cases.get(caseKey) ?? []), delivery]);
  }
  const lines: [string, string][] = [];
  for (const [caseKey, deliveries] of cases) {
    const cards = expectedCards({
      pack: played.pack,
      events: deliveries.map(({ line }) => line),
      now: played.untilMs,
      ...(played.logEndMs === undefined ? {} : { logEnd: played.logEndMs }),
    });
    for (const [name, { due, state, unsure }] of cards) {
      lines.push([`${caseKey}|${name}`, `${local(due)} ${state}${unsure ? ' ?' : ''}`]);
    }
  }
  return Object.fromEntries(lines.sort(([a], [b]) => (a < b ? -1 : 1)));
}
