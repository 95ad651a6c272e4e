import type { CaseEventView } from '../../../api/contract.ts';

/** The records that count: neither replaced by a revision, nor taken back, nor held for later. */
export function standing(events: readonly CaseEventView[]): readonly CaseEventView[] {
  return events.filter(({ status }) => status === 'current');
}
