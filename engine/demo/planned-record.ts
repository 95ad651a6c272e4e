/**
 * One record the city will send, before it is written as text: times in whole seconds.
 */
import type { EventTypeName } from '../events/event.ts';
import type { ItemTraits } from './population.ts';

/** A case as its records name it. */
export interface PlannedCase {
  readonly key: string;
  readonly born: number;
  readonly index: number;
  readonly traits: ItemTraits;
  readonly actor: string;
}

export interface PlannedRecord {
  readonly of: PlannedCase;
  /** Place in the case. */
  readonly step: number;
  readonly type: EventTypeName;
  readonly at: number;
  readonly recorded: number;
  /** When it is put up for exchange; the order of the stream. */
  readonly sent: number;
  readonly document: string;
  /** JSON text of `data`, '' when there is none. */
  readonly data: string;
  /** Seconds after which the same record comes once more; 0: never. */
  readonly resendAfter: number;
}
