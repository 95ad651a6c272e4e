/**
 * What the reader is asked and answers. The facade hands the same shapes on under its own names
 * (`CardQuery`, `Scope`): sinks stand below it and do not import it.
 */
import type { CardChange } from '../cards/card.ts';

/** What a caller may see. `null` means all; an empty list means nothing. */
export interface Visibility {
  readonly organs: readonly string[] | null;
  readonly territories: readonly string[] | null;
}

export interface CardFilter {
  readonly states?: readonly string[];
  readonly levels?: readonly string[];
  readonly categories?: readonly string[];
  readonly organ?: string;
  readonly ruleId?: string;
  readonly caseKey?: string;
  /** Literal text looked for in the case key; items found by name are given beside it. */
  readonly text?: string;
  /** Only cards nobody has answered yet. */
  readonly open?: boolean;
  /** Cards as they were believed at that instant. */
  readonly asOfMs?: number;
  readonly order: 'worst' | 'newest';
  readonly limit: number;
  readonly offset: number;
}

type Counts = Readonly<Record<string, number>>;

/** Counts over scope and filter, without narrowing by level, state, organ and category. */
export interface CardFacets {
  readonly level: Counts;
  readonly state: Counts;
  readonly organ: Counts;
  readonly category: Counts;
}

/** A card as it stands, without the names the pack gives it. */
export interface CardRecord extends CardChange {
  readonly raisedAtMs: number;
  readonly answerCategory: string | null;
  readonly answerText: string | null;
}

export interface CardRecordPage {
  readonly total: number;
  readonly cards: readonly CardRecord[];
  readonly facets: CardFacets;
}

/** A record in a partition's log, and when it arrived. */
export interface RecordPlace {
  readonly position: number;
  readonly stampMs: number;
}

export interface HourCount {
  readonly hourMs: number;
  readonly level: string;
  readonly cards: number;
}

export interface RuleCount {
  readonly ruleId: string;
  readonly raised: number;
  readonly open: number;
}

export interface OrganCount {
  readonly organ: string;
  readonly territory: string;
  readonly level: string;
  readonly open: number;
}

/** What a digest of a run is made of (one row a card). */
export interface DigestRow {
  readonly cardId: string;
  readonly level: string;
  readonly dueMs: number;
  readonly state: string;
  readonly packVersion: number;
  readonly calendarVersion: number;
}

export interface DeadLetterRecord {
  readonly partition: number;
  readonly position: number;
  readonly stampMs: number;
  readonly kind: string;
  readonly code: string;
  readonly source: string;
  /** Decoded as UTF-8; the exact bytes are in the log, by position. */
  readonly raw: string;
}

/** A stored record of a case, as it was accepted. */
export interface StoredRecord {
  readonly position: number;
  readonly stampMs: number;
  readonly raw: string;
}

/** The newest stored version of a card. */
export interface StoredCard {
  readonly rule: string;
  readonly stage: string;
  readonly occurrence: number;
  readonly level: string;
  readonly dueMs: number;
  readonly state: string;
  readonly provisional: boolean;
  readonly organ: string;
  readonly territory: string;
}

export interface StoredCase {
  readonly caseKey: string;
  readonly partition: number;
  readonly records: readonly StoredRecord[];
  readonly cards: readonly StoredCard[];
}
