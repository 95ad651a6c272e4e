/**
 * Holds the contract and the engine's views equal, at compile time: each pair must be assignable in
 * both directions. A field added on one side only makes `tsc` fail here.
 */
import type * as contract from '../../../api/contract.ts';
import type * as facade from '../../../engine/facade.ts';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;

export const SAME: readonly true[] = [
  true satisfies Same<contract.RowResult, facade.RowResult>,
  true satisfies Same<contract.CardView, facade.CardView>,
  true satisfies Same<contract.CardPage, facade.CardPage>,
  true satisfies Same<contract.BillDay, facade.BillDay>,
  true satisfies Same<contract.ClockView, facade.ClockView>,
  true satisfies Same<contract.LedgerEntry, facade.LedgerEntry>,
  true satisfies Same<contract.PressingCase, facade.PressingCase>,
  true satisfies Same<contract.OrganState, facade.OrganState>,
  true satisfies Same<contract.WallSummary, facade.WallSummary>,
  true satisfies Same<contract.Balance, facade.Balance>,
  true satisfies Same<contract.PackInfo, facade.PackInfo>,
  true satisfies Same<contract.PublishResult, facade.PublishResult>,
  true satisfies Same<contract.PreviewResult, facade.PreviewResult>,
  true satisfies Same<contract.PreviewView, facade.PreviewView>,
  true satisfies Same<contract.CalendarView, facade.CalendarView>,
];
