/**
 * Are the rungs (档) of a clock listed in the order in which they fall? The kernel looks at a rung when
 * the one before it has rung, so a list out of order would ring late.
 *
 * A share of the limit and a number of units can only be compared when the limit is known: a constant,
 * or the limits of every item that the clock concerns.
 */
import type { ClockSource, ItemSource, LimitSource, RungSource } from '../rules/source.ts';
import type { Located } from './rule-files.ts';
import { type RuleProblem, show } from './rule-problem.ts';

/** Shortest and longest month; a year is twelve of them. */
const MONTH_DAYS = [28, 31] as const;

export function rungOrderProblems(
  clock: Located<ClockSource>,
  items: readonly ItemSource[],
): RuleProblem[] {
  const { rungs, limit } = clock.value;
  const problems: RuleProblem[] = [];
  const lengths = lengthsOf(clock.value, items);
  const wrong = (i: number, zh: string, en: string): void => {
    const rest = { allowed: '', nearest: '', found: show(rungs[i]?.at) };
    const pointer = `${clock.pointer}/rungs/${i}/at`;
    problems.push({ severity: 'error', file: clock.file, pointer, zh, en, ...rest });
  };
  rungs.forEach((rung, i) => {
    if ('by' in limit && 'percent' in rung.at) {
      wrong(i, '只有届满日,没有长度可取比例', 'a deadline has no length to take a share of');
    }
    const above = rungs[i - 1];
    if (above === undefined) return;
    const order = orderOf(rung.at, above.at, lengths);
    if (order === 'before') wrong(i, '阶梯次序颠倒', 'rungs are out of order');
    if (order === 'unknown') {
      wrong(
        i,
        '时限取自事件,比例与天数的先后无法确定',
        'the limit comes with the event: a share and a number of units cannot be put in order',
      );
    }
  });
  return problems;
}

interface Length {
  readonly units: number;
  /** Counted in whole days: a share is rounded as the kernel rounds it. */
  readonly whole: boolean;
}

/** Null when only the event knows. */
function lengthsOf(clock: ClockSource, items: readonly ItemSource[]): Length[] | null {
  const { limit } = clock;
  if (!('item' in limit)) return 'event' in limit ? null : lengthOf(limit, clock);
  const concerned = items.filter(
    ({ kind, traits = [] }) =>
      (clock.itemKind === undefined || clock.itemKind === kind) &&
      (clock.itemTrait === undefined || traits.includes(clock.itemTrait)) &&
      (clock.exceptTrait === undefined || !traits.includes(clock.exceptTrait)),
  );
  if (limit.item !== 'stage') {
    const key = limit.item;
    return concerned.flatMap((item) => lengthOf(item[key], clock));
  }
  const limits = concerned
    .flatMap((item) => item.stages)
    .filter(({ code }) => clock.stages === undefined || clock.stages.includes(code));
  return limits.flatMap((stage) => (stage.limit === undefined ? [] : lengthOf(stage.limit, clock)));
}

function lengthOf({ count, unit }: LimitSource, { mode }: ClockSource): Length[] {
  if (unit === 'month' || unit === 'year') {
    const months = unit === 'year' ? count * 12 : count;
    return MONTH_DAYS.map((days) => ({ units: months * days, whole: true }));
  }
  return [{ units: count, whole: mode === 'legal' && unit !== 'hour' && unit !== 'workhour' }];
}

type At = RungSource['at'];

function orderOf(at: At, above: At, lengths: Length[] | null): 'after' | 'before' | 'unknown' {
  const [phase, kind] = placeOf(at);
  const [phaseAbove, kindAbove] = placeOf(above);
  if (phase !== phaseAbove) return phase < phaseAbove ? 'before' : 'after';
  if (kind === kindAbove) {
    const any = { units: 1000, whole: false };
    return offsetOf(at, any) <= offsetOf(above, any) ? 'before' : 'after';
  }
  if (lengths === null) return 'unknown';
  return lengths.some((one) => offsetOf(at, one) < offsetOf(above, one)) ? 'before' : 'after';
}

/** [before, at or after due; kind of the offset]. */
function placeOf(at: At): [number, string] {
  if ('due' in at) return [0, 'due'];
  if ('before' in at) return [-1, 'units'];
  if ('after' in at) return [1, 'units'];
  return [Math.sign(at.percent - 100), at.percent === 100 ? 'due' : 'percent'];
}

/** Units from the due instant, negative before it. */
function offsetOf(at: At, { units, whole }: Length): number {
  if ('due' in at) return 0;
  if ('before' in at) return -at.before;
  if ('after' in at) return at.after;
  const left = (units * (100 - at.percent)) / 100;
  return whole ? -Math.floor(left) : -left;
}
