/**
 * What no schema can say about clocks on cards: levels that exist, rungs in order that do something, and
 * no clock that would go on raising cards about its own cards for ever.
 */
import type { CardClockSource } from '../rules/source.ts';
import { problem, unknownWord } from './rule-checks.ts';
import type { Located, PackParts } from './rule-files.ts';
import type { RuleProblem } from './rule-problem.ts';

export function cardClockProblems(parts: PackParts): RuleProblem[] {
  const levels = parts.levels.map(({ value }) => value.code);
  const clocks = parts.cardClocks ?? [];
  const rules = [...parts.clocks, ...parts.checks, ...parts.sequences];
  const others = new Set(rules.map(({ value }) => value.id));
  return clocks.flatMap((clock, i) => [
    ...(others.has(clock.value.id) ||
    clocks.findIndex(({ value }) => value.id === clock.value.id) < i
      ? [problem(clock, '/id', TWICE, clock.value.id)]
      : []),
    ...levelProblems(clock, levels),
    ...rungOrderProblems(clock),
    ...stateProblems(clock),
    ...(endless(clock, clocks) ? [problem(clock, '/rungs', ENDLESS, clock.value.id)] : []),
  ]);
}

const TWICE = { zh: '编码重复', en: 'the same name twice' };

const ENDLESS = {
  zh: '这个计时器所发的牌上又会走这个计时器,没有尽头',
  en: 'the cards it raises would start it again, without end',
};

function levelProblems(clock: Located<CardClockSource>, levels: readonly string[]): RuleProblem[] {
  const words = { zh: '级别不在阶梯内', en: 'the level is not on the ladder' };
  const { levels: own = [], rungs } = clock.value;
  return [
    ...own.flatMap((level, i) => unknownWord(clock, `/levels/${i}`, words, level, levels)),
    ...rungs.flatMap(({ raise }, i) =>
      raise === undefined ? [] : unknownWord(clock, `/rungs/${i}/raise`, words, raise, levels),
    ),
  ];
}

function stateProblems(clock: Located<CardClockSource>): RuleProblem[] {
  const { start, stop } = clock.value;
  const words = { zh: '同一状态既起计又停计', en: 'a state both starts and ends the clock' };
  return start.flatMap((state, i) =>
    stop.includes(state) ? [problem(clock, `/start/${i}`, words, state)] : [],
  );
}

/** Do the cards that a clock raises, or the cards about those, start the clock again? */
function endless(
  first: Located<CardClockSource>,
  all: readonly Located<CardClockSource>[],
): boolean {
  const reached = new Set<CardClockSource>();
  const waiting = [first.value];
  for (let clock = waiting.pop(); clock !== undefined; clock = waiting.pop()) {
    for (const { raise } of clock.rungs) {
      if (raise === undefined) continue;
      for (const { value } of all) {
        if (!runsOn(value, clock.category, raise) || reached.has(value)) continue;
        reached.add(value);
        waiting.push(value);
      }
    }
  }
  return reached.has(first.value);
}

function runsOn(clock: CardClockSource, category: string, level: string): boolean {
  const categories: readonly string[] | undefined = clock.categories;
  return (categories?.includes(category) ?? true) && (clock.levels?.includes(level) ?? true);
}

/** Rungs ring in the order in which they are listed: where that can be said, it is the order in time. */
function rungOrderProblems(clock: Located<CardClockSource>): RuleProblem[] {
  const words = { zh: '阶梯次序颠倒', en: 'rungs are out of order' };
  const { rungs, limit } = clock.value;
  const places = rungs.map(({ at }) => {
    if ('due' in at) return 0;
    if ('before' in at) return -at.before;
    return 'after' in at ? at.after : (limit.count * (at.percent - 100)) / 100;
  });
  return rungs.flatMap(({ at }, i) =>
    i > 0 && (places[i] as number) < (places[i - 1] as number)
      ? [problem(clock, `/rungs/${i}/at`, words, at)]
      : [],
  );
}
