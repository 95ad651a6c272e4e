/**
 * What an explanation listens to: every operation on a clock while a case is folded again.
 *
 * The fold itself reports, so an explanation cannot disagree with the verdict it explains.
 * Instants in ms; `target` and `due` as the clock stood after the operation.
 */
export interface Trace {
  clock(
    op: 'start' | 'stop' | 'suspend' | 'special' | 'resume' | 'extend' | 'rung' | 'uncomputable',
    def: number,
    stage: number,
    occurrence: number,
    atMs: number,
    dueMs: number,
    amount: number,
  ): void;
  deemed(atMs: number, effectiveMs: number): void;
}
