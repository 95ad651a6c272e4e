/** What the checker reads of one event. */
import type { EventTypeName } from '../engine/events/event.ts';

/** An event as a source would send it, times in milliseconds. */
export interface Line {
  readonly caseKey: string;
  readonly type: EventTypeName;
  readonly at: number;
  readonly seq?: number;
  readonly rev?: number;
  /** The source takes back what it sent under this number. */
  readonly retracted?: boolean;
  readonly source?: string;
  readonly itemCode?: string;
  readonly itemVersion?: number;
  readonly organ?: string;
  readonly territory?: string;
  readonly actor?: string;
  readonly document?: string;
  readonly recordedAt?: number;
  /** When it arrived, where that is known; no part of what was sent. */
  readonly stamp?: number;
  readonly data?: Readonly<Record<string, unknown>>;
}
