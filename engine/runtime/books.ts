/**
 * The books of the deployment (law L5), for `/api/v1/balance`.
 *
 * Two independent counts meet here: how many records the log holds (positions), and what the kernel says
 * became of each. A record lost between the two shows as a difference that is not zero.
 */
import type { Balance, BalanceRow } from '../facade.ts';
import type { PartitionState } from './messages.ts';

export function booksOf(
  states: readonly PartitionState[],
  refused: ReadonlyMap<string, number>,
): Balance {
  const rows = states.flatMap(partitionRows);
  return {
    rows,
    refused: Object.fromEntries(refused),
    balanced: rows.every((row) => row.difference === 0),
  };
}

function partitionRows(state: PartitionState): BalanceRow[] {
  const pending = state.end - state.applied;
  const events = state.applied - state.others;
  const counted = state.balance.reduce(
    (sum, row) => sum + row.counts.reduce((a, b) => a + b, 0),
    0,
  );
  const rows = state.balance.map(({ source, counts }): BalanceRow => {
    const [applied = 0, duplicate = 0, held = 0, deadLettered = 0] = counts;
    return {
      partition: state.partition,
      source,
      accepted: applied + duplicate + held + deadLettered,
      applied,
      duplicate,
      held,
      deadLettered,
      pending: 0,
      difference: 0,
    };
  });
  const difference = events - counted;
  if (pending > 0 || difference !== 0) {
    rows.push({
      partition: state.partition,
      source: '*',
      accepted: pending + difference,
      applied: 0,
      duplicate: 0,
      held: 0,
      deadLettered: 0,
      pending,
      difference,
    });
  }
  return rows;
}
