/**
 * The rules of a pack as people read them: one entry a rule, with all its versions and when each is or
 * was in force. The newest version speaks for the rule.
 */
import type { RuleView } from '../facade.ts';
import type {
  CardClockSource,
  CheckSource,
  ClockSource,
  PackSource,
  SequenceSource,
} from '../rules/source.ts';

interface Counts {
  readonly ruleId: string;
  readonly raised: number;
  readonly open: number;
}

/** A clock on cards has one version at a time: validity belongs to what judges cases. */
type Judged = (ClockSource | CheckSource | SequenceSource | CardClockSource) & {
  readonly validFrom?: string;
  readonly validTo?: string;
};

export function ruleViews(pack: PackSource, counts: readonly Counts[]): RuleView[] {
  const byRule = new Map(counts.map((row) => [row.ruleId, row]));
  const list = <T extends Judged>(
    kind: RuleView['kind'],
    rules: readonly T[],
    levelsOf: (rule: T) => readonly string[],
  ): RuleView[] =>
    [...new Set(rules.map(({ id }) => id))].map((id) => {
      const versions = rules.filter((rule) => rule.id === id);
      versions.sort((a, b) => b.version - a.version);
      const newest = versions[0] as T;
      return {
        id,
        kind,
        version: newest.version,
        name: newest.name,
        basis: newest.basis,
        category: newest.category,
        levels: levelsOf(newest),
        versions: versions.map(({ version, validFrom = null, validTo = null }) => {
          return { version, validFrom, validTo };
        }),
        raised: byRule.get(id)?.raised ?? 0,
        open: byRule.get(id)?.open ?? 0,
        source: versions.length === 1 ? newest : versions,
      };
    });
  return [
    ...list('clock', pack.clocks, (rule) => rule.rungs.map((rung) => rung.level)),
    ...list('check', pack.checks, (rule) => [rule.level]),
    ...list('sequence', pack.sequences, (rule) => [rule.level]),
    ...list('cardClock', pack.cardClocks ?? [], (rule) =>
      rule.rungs.flatMap(({ raise }) => (raise === undefined ? [] : [raise])),
    ),
  ];
}
