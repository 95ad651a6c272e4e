/** Which clocks concern an item, and how long a clock may run: read off the definitions, for the checker. */
import type { ClockSource, ItemSource, LimitUnit } from '../engine/rules/source.ts';
import type { Days } from './days.ts';
import type { Line } from './line.ts';

export interface Limit {
  readonly count: number;
  readonly unit: LimitUnit;
  /** NaN when the event names none. */
  readonly deadline: number;
}

export function applies(def: ClockSource, stage: string, item: ItemSource | undefined): boolean {
  const byStage = 'item' in def.limit && def.limit.item === 'stage';
  if (def.stages !== undefined && !def.stages.includes(stage)) return false;
  if (item === undefined) return !byStage && def.itemTrait === undefined;
  const traits = item.traits ?? [];
  if (def.itemTrait !== undefined && !traits.includes(def.itemTrait)) return false;
  if (def.exceptTrait !== undefined && traits.includes(def.exceptTrait)) return false;
  if (def.itemKind !== undefined && def.itemKind !== item.kind) return false;
  if (!byStage) return true;
  return (item.stages.find((one) => one.code === stage)?.limit?.count ?? 0) > 0;
}

/** A deadline for which it is too late already when the clock would begin. */
export function leftTooLittle(days: Days, { limit }: ClockSource, event: Line): boolean {
  const deadline = deadlineOf(event);
  if (!('by' in limit) || limit.least === undefined || Number.isNaN(deadline)) return false;
  const last = days.dayOf(deadline);
  let left = 0;
  for (let day = days.dayOf(event.at) + 1; day <= last; day++) {
    if (limit.by !== 'workday' || days.works(day)) left++;
  }
  return left < limit.least;
}

/** Null when there is none: the clock cannot be computed. */
export function limitOf(
  { limit }: ClockSource,
  stage: string,
  event: Line,
  item: ItemSource | undefined,
): Limit | null {
  const deadline = deadlineOf(event);
  if ('item' in limit) {
    if (item === undefined) return null;
    const own = limit.item === 'stage' ? item.stages.find((s) => s.code === stage)?.limit : null;
    return { ...(own ?? item[limit.item === 'statutory' ? 'statutory' : 'promised']), deadline };
  }
  if (!('event' in limit)) return { ...limit, deadline };
  if (limit.event === 'deadline') {
    return Number.isNaN(deadline) ? null : { count: 0, unit: 'day', deadline };
  }
  const days = event.data?.days;
  return typeof days === 'number' ? { count: days, unit: limit.unit, deadline } : null;
}

function deadlineOf(event: Line): number {
  return Date.parse(String(event.data?.deadline ?? ''));
}

/** Stages that begin though the event does not name them. */
export function openedStages(
  item: ItemSource | undefined,
  opens: 'first' | 'next' | 'all',
  after: string,
): string[] {
  const inOrder = item?.stages.filter(({ aside }) => aside !== true) ?? [];
  const codes = inOrder.map(({ code }) => code);
  if (opens === 'all') return codes;
  if (opens === 'first') return codes.slice(0, 1);
  const done = codes.indexOf(after);
  return done < 0 ? [] : codes.slice(done + 1, done + 2);
}
