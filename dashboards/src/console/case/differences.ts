/** What is told of a case now that was not so then: records that came, cards and clocks that differ. */
import type { CaseDetail, ClockView } from '../../../../api/contract.ts';

export interface Differences {
  readonly records: number;
  /** Ids of cards that came or changed. */
  readonly cards: ReadonlySet<string>;
  readonly clocks: number;
}

export function differences(then: CaseDetail, now: CaseDetail): Differences {
  const known = new Set(then.events.map(({ position }) => position));
  const versions = new Map(then.cards.map(({ cardId, version }) => [cardId, version]));
  const stood = new Map(then.clocks.map((clock) => [clockKey(clock), standing(clock)]));
  const gone = then.clocks.filter((clock) => !now.clocks.some((one) => same(one, clock)));
  return {
    records: now.events.filter(({ position }) => !known.has(position)).length,
    cards: new Set(
      now.cards
        .filter(({ cardId, version }) => versions.get(cardId) !== version)
        .map(({ cardId }) => cardId),
    ),
    clocks:
      gone.length +
      now.clocks.filter((clock) => stood.get(clockKey(clock)) !== standing(clock)).length,
  };
}

/** One run of a clock. */
export function clockKey({ ruleId, stage, occurrence }: ClockView): string {
  return `${ruleId} ${stage} ${occurrence}`;
}

function same(a: ClockView, b: ClockView): boolean {
  return clockKey(a) === clockKey(b);
}

function standing({ state, dueMs, limit }: ClockView): string {
  return `${state} ${dueMs} ${limit}`;
}
