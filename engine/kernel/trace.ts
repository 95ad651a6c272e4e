/**
 * What an explanation listens to: every operation on a clock while a case is folded again.
 *
 * The fold itself reports, so an explanation cannot disagree with the verdict it explains.
 * Instants in ms; `target` and `due` as the clock stood after the operation.
 */
export type ClockOp =
  | 'start'
  | 'stop'
  | 'suspend'
  | 'resume'
  | 'special' // a special procedure is opened
  | 'closed' // and closed
  | 'extend'
  | 'rung'
  | 'uncomputable';

export interface Trace {
  clock(
    op: ClockOp,
    def: number,
    stage: number,
    occurrence: number,
    atMs: number,
    dueMs: number,
    amount: number,
    measure: number,
  ): void;
  deemed(atMs: number, effectiveMs: number): void;
}
