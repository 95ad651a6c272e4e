/**
 * One stored case against the independent fold (checker/): cards that are due and not there, and cards
 * that are there and not due.
 *
 * Owns: that judgement. It knows nothing of the kernel: records, cards and the pack, as stored.
 */
import { letIn } from '../../checker/arrival.ts';
import { judge } from '../../checker/case-fold.ts';
import { askOf } from '../../checker/dossier.ts';
import type { PackSource } from '../rules/source.ts';
import type { StoredCase } from '../sinks/query.ts';

/** How far everything that is stored reaches, of one partition. */
export interface Watermark {
  readonly partition: number;
  /** Last position whose records and cards are all stored. */
  readonly position: number;
  /** What was due by then has fired. */
  readonly nowMs: number;
  /** Declared end of the log, null for none. */
  readonly logEndMs: number | null;
  readonly packHash: string;
}

export interface Suspicion {
  readonly caseKey: string;
  readonly organ: string;
  readonly territory: string;
  /** Names of cards, as `rule|stage|occurrence|level`. */
  readonly dueWithoutCard: readonly string[];
  readonly cardWithoutDue: readonly string[];
}

/** Null when all is as it must be. */
export function suspicionOf(
  pack: PackSource,
  one: StoredCase,
  { nowMs, logEndMs }: Watermark,
): Suspicion | null {
  const ask = askOf(pack, {
    ...{ caseKey: one.caseKey, now: nowMs, logEnd: logEndMs },
    records: one.records.map(({ raw, ...record }) => ({
      ...record,
      record: JSON.parse(raw) as Record<string, unknown>,
    })),
  });
  const { cards } = judge(ask);
  // Cards about cards follow from what people did and when, which the independent fold does not know.
  const aboutCards = new Set((pack.cardClocks ?? []).map(({ id }) => id));
  const standing = one.cards.filter(
    ({ state, rule }) => state !== 'withdrawn' && !aboutCards.has(rule),
  );
  const names = standing.map((card) =>
    [card.rule, card.stage, card.occurrence, card.level].join('|'),
  );
  const dueWithoutCard = [...cards.keys()].filter((name) => !names.includes(name));
  // What is due later than all that is stored is not judged yet.
  const cardWithoutDue = names.filter((name, i) => {
    const card = standing[i];
    return card !== undefined && card.dueMs <= nowMs && !cards.has(name);
  });
  if (dueWithoutCard.length + cardWithoutDue.length === 0) return null;
  const named = letIn(ask.events, nowMs);
  const first = (field: 'organ' | 'territory'): string =>
    named.find((line) => line[field] !== undefined)?.[field] ?? '';
  return {
    caseKey: one.caseKey,
    organ: first('organ'),
    territory: first('territory'),
    dueWithoutCard,
    cardWithoutDue,
  };
}
