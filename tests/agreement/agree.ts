/**
 * A random world by three ways that must agree: the kernel on the records as they arrived, the kernel on
 * the same records as they happened, and the checker. Cards by name, then clocks and time bills, which
 * the kernel gives out of a re-fold of every case that may change no card.
 */
import { type Ask, judge } from '../../checker/case-fold.ts';
import { compare, type Disagreement } from '../../checker/compare.ts';
import type { DossierCard, DossierCase } from '../../checker/dossier.ts';
import type { Line } from '../../checker/line.ts';
import { clockOf } from '../../engine/cli/dossier.ts';
import { inOrder, type Played, recordsOf } from '../fixtures/kernel/histories.ts';
import { Rig } from '../fixtures/kernel/rig.ts';

/** How the records are cut changes nothing (law L1); one by one takes twice the time. */
const RECORDS_AT_ONCE = 64;

export interface Agreement {
  readonly cases: number;
  readonly cards: number;
  readonly clocks: number;
  readonly billDays: number;
  readonly disagreements: readonly Disagreement[];
}

/** What the checker is asked of each case of a played world. */
export function asksOf(played: Played): Map<string, Ask> {
  const cases = new Map<string, Line[]>();
  for (const { line, stamp } of played.deliveries) {
    cases.set(line.caseKey, [...(cases.get(line.caseKey) ?? []), { ...line, stamp }]);
  }
  const end = played.logEndMs === undefined ? {} : { logEnd: played.logEndMs };
  return new Map(
    [...cases].map(([caseKey, events]) => [
      caseKey,
      { pack: played.pack, events, now: played.untilMs, ...end },
    ]),
  );
}

export function agree(played: Played, tieBreak: (i: number) => number): Agreement {
  const total = { cases: 0, cards: 0, clocks: 0, billDays: 0 };
  const disagreements: Disagreement[] = [];
  for (const way of [played, inOrder(played, tieBreak)]) {
    const rig = new Rig(way.pack, { batch: RECORDS_AT_ONCE }).run(recordsOf(way));
    const concluded = conclusionsOf(rig);
    const asks = asksOf(way);
    for (const [caseKey, ask] of asks) {
      const found = compare(concluded.get(caseKey) ?? nothingOf(caseKey), judge(ask));
      disagreements.push(...found.disagreements);
      if (way !== played) continue;
      total.cards += found.cards;
      total.clocks += found.clocks;
      total.billDays += found.days;
    }
    if (way === played) total.cases += asks.size;
  }
  return { ...total, disagreements };
}

/** What the kernel concluded of every case, as a dossier says it. */
export function conclusionsOf(rig: Rig): Map<string, DossierCase> {
  const cards = new Map<string, DossierCard[]>();
  for (const lane of rig.lanes) {
    for (let card = 0; card < lane.partition.store.cards.count; card++) {
      const one = lane.current(card);
      const { caseKey, ruleId, stage, occurrence, level, dueMs, state, provisional } = one;
      const list = cards.get(caseKey) ?? [];
      list.push({ rule: ruleId, stage, occurrence, level, due: dueMs, state, provisional });
      cards.set(caseKey, list);
    }
  }
  const cases = new Map<string, DossierCase>();
  for (const { caseKey, nowMs, clocks } of rig.explainAll()) {
    cases.set(caseKey, {
      ...{ caseKey, now: nowMs, logEnd: null, records: [] },
      cards: cards.get(caseKey) ?? [],
      clocks: clocks.map(clockOf),
    });
  }
  return cases;
}

function nothingOf(caseKey: string): DossierCase {
  return { caseKey, now: 0, logEnd: null, records: [], cards: [], clocks: [] };
}
