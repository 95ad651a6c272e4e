/** What the wall says of the dead man's check (失联核验). */
import type { WallSummary } from '../../../api/contract.ts';

export type DeadManReport = WallSummary['deadMan'];

/** Is a card missing, or one too many? */
export function isLoud({ dueWithoutCard, cardWithoutDue }: DeadManReport): boolean {
  return dueWithoutCard + cardWithoutDue > 0;
}

/** Which quiet line it is: a check that did not end, nothing looked at yet, or all well. */
export function quietKey({ sweptAtMs, complete }: DeadManReport) {
  if (!complete) return 'wall.deadManFailed' as const;
  return sweptAtMs === null ? ('wall.deadManNotYet' as const) : ('wall.deadManWell' as const);
}
