/**
 * The port through which the shell learns the time. The kernel never sees it: its only time is the
 * stamp of the record it is given (law L2).
 */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };
