/**
 * How far a deadline is, as one of a few named readings (剩余时间的读法).
 *
 * Owns: which reading applies: workdays above one, hours in the last day, minutes and seconds in the
 * last hour, and the same after the deadline.
 * Does not own: words (the message files do) or legal arithmetic (the server counts workdays).
 */
export interface DeadlineInput {
  readonly state: 'running' | 'suspended' | 'stopped' | 'expired' | 'uncomputable';
  readonly dueMs: number | null;
  /** Workdays left as the server counted them, negative when over; null when it did not say. */
  readonly workdays: number | null;
}

export type Remaining =
  | { readonly kind: 'uncomputable' }
  | { readonly kind: 'suspended' }
  | { readonly kind: 'none' }
  | { readonly kind: 'workdays'; readonly over: boolean; readonly count: number }
  | { readonly kind: 'days'; readonly over: boolean; readonly count: number }
  | {
      readonly kind: 'hours';
      readonly over: boolean;
      readonly hours: number;
      readonly text: string;
    }
  | { readonly kind: 'clock'; readonly over: boolean; readonly text: string };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const two = (value: number): string => String(value).padStart(2, '0');

/** The reading of a deadline at the engine instant `nowMs`. */
export function remaining(input: DeadlineInput, nowMs: number): Remaining {
  if (input.state === 'uncomputable') return { kind: 'uncomputable' };
  if (input.state === 'suspended') return { kind: 'suspended' };
  if (input.dueMs === null) return { kind: 'none' };
  const leftMs = input.dueMs - nowMs;
  // Due is the first instant that is too late, so at zero it is already over.
  const over = leftMs <= 0;
  const spanMs = Math.abs(leftMs);
  if (spanMs < HOUR_MS) {
    const seconds = Math.floor(spanMs / 1000);
    return { kind: 'clock', over, text: `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}` };
  }
  const workdays = input.workdays === null ? 0 : Math.abs(input.workdays);
  const sameSide = input.workdays !== null && input.workdays < 0 === over;
  if (sameSide && workdays >= 1 && spanMs > DAY_MS) {
    return { kind: 'workdays', over, count: Math.floor(workdays) };
  }
  if (spanMs >= 3 * DAY_MS) return { kind: 'days', over, count: Math.floor(spanMs / DAY_MS) };
  const minutes = Math.floor((spanMs % HOUR_MS) / MINUTE_MS);
  return { kind: 'hours', over, hours: Math.floor(spanMs / HOUR_MS), text: two(minutes) };
}
