/** The oracle's cards of all cases of a played world, written as a rig writes them. */

import { expectedCards } from '../../checker/case-fold.ts';
import { asksOf } from '../agreement/agree.ts';
import type { Played } from '../fixtures/kernel/histories.ts';
import { local } from '../fixtures/kernel/pack.ts';

/** Cards of every case by the oracle, as a rig writes them. */
export function oracleStanding(played: Played): Record<string, string> {
  const lines: [string, string][] = [];
  for (const [caseKey, ask] of asksOf(played)) {
    const cards = expectedCards(ask);
    for (const [name, { due, state, unsure }] of cards) {
      lines.push([`${caseKey}|${name}`, `${local(due)} ${state}${unsure ? ' ?' : ''}`]);
    }
  }
  return Object.fromEntries(lines.sort(([a], [b]) => (a < b ? -1 : 1)));
}
