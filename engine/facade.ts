/**
 * What the API may ask of a running engine: the only surface between `api/` and `engine/`.
 * `engine.ts` implements it over workers, log and sink; tests may implement it by hand.
 *
 * Times are milliseconds (`…Ms`), dates local `YYYY-MM-DD`, ids strings. Nothing here is filtered by
 * rights: `Scope` arguments carry what the caller may see, and every method that lists or counts
 * takes one (law L6: one policy, every door).
 */
import type { CardChange, CardCommand } from './cards/card.ts';
import type { Label } from './rules/source.ts';
import type { CardFacets, CardFilter as CardQuery, Visibility as Scope } from './sinks/query.ts';

/** What a person or key may see, and the filter of a list of cards: the reader's own shapes. */
export type { CardFilter as CardQuery, Visibility as Scope } from './sinks/query.ts';

export type RowOutcome = 'accepted' | 'duplicate' | 'held' | 'refused';

export interface RowResult {
  readonly row: number; // 1-based
  readonly outcome: RowOutcome;
  readonly partition?: number;
  readonly position?: number;
  /** Present when refused or held: error catalogue code, message and JSON pointer. */
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly messageEn: string;
    readonly pointer?: string;
    readonly retry?: boolean;
  };
}

export interface CommandResult {
  readonly outcome: 'applied' | 'refused';
  /** Catalogue code when refused: CARD_UNKNOWN, CARD_VERSION, CARD_STATE. */
  readonly code?: string;
  readonly card: CardChange | null;
}

export interface CardView extends CardChange {
  /** Rule name and title, item and organ names out of the pack in force. */
  readonly ruleName: Label;
  readonly title: Label;
  readonly itemName: Label;
  readonly organName: Label;
  readonly raisedAtMs: number;
  /** Workdays left until the answer, and until the supervisors' own step (negative: over). */
  readonly replyWorkdays: number | null;
  readonly superviseWorkdays: number | null;
  readonly answerCategory: string | null;
  readonly answerText: string | null;
}

export interface CardPage {
  readonly total: number;
  readonly cards: readonly CardView[];
  /** Counts over the same scope and filter but without levels/states/organ/category narrowing. */
  readonly facets: CardFacets;
}

/** One day of a time bill (计时账单). */
export interface BillDay {
  readonly date: string;
  readonly counted: boolean;
  /** Machine reason: workday | start | weekend | holiday | makeup | suspended | special | beforeStart | after. */
  readonly reason: string;
  /** Holiday name or suspension reason, for people. */
  readonly note: string;
  /** Notice number that made the day off or a workday, '' for plain weekdays. */
  readonly notice: string;
  readonly provisional: boolean;
  /** Running count after this day. */
  readonly used: number;
}

export interface ClockView {
  readonly ruleId: string;
  /** Which run of the clock, from 0. */
  readonly occurrence: number;
  readonly name: Label;
  readonly basis: string;
  readonly effect: string;
  readonly stage: string;
  readonly stageName: Label | null;
  readonly mode: 'legal' | 'elapsed' | 'hours';
  readonly state: 'running' | 'suspended' | 'stopped' | 'expired' | 'uncomputable';
  /** Why a clock cannot be computed: NO_CALENDAR | NO_LIMIT | NO_ITEM; '' otherwise. */
  readonly problem: string;
  readonly startMs: number;
  readonly dueMs: number | null;
  readonly stoppedMs: number | null;
  readonly limit: number;
  readonly unit: string;
  readonly used: number;
  /** Workdays left (negative: over); null when it cannot be said. */
  readonly remaining: number | null;
  readonly excluded: number;
  readonly provisional: boolean;
  readonly bill: readonly BillDay[];
}

export interface LedgerEntry {
  readonly kind: 'suspension' | 'special' | 'extension' | 'deemed';
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly days: number;
  readonly label: string;
}

/** A record of the case with its four times and what became of it; superseded ones stay (law L5). */
export interface CaseEventView {
  readonly position: number;
  readonly type: string;
  /** When it is said to have happened, was typed in, was put up for exchange, and arrived. */
  readonly atMs: number;
  readonly recordedAtMs: number | null;
  readonly sentAtMs: number | null;
  readonly stampMs: number;
  /** From each of those times to the next; null where the source gives none. */
  readonly recordDelayMs: number | null;
  readonly sendDelayMs: number | null;
  /** From the last time the source gives to the stamp. */
  readonly arrivalDelayMs: number;
  readonly source: string;
  readonly seq: number | null;
  readonly rev: number;
  /** Counts; replaced by a revision; taken back (撤回); takes another back; waits for its instant. */
  readonly status: 'current' | 'superseded' | 'retracted' | 'retraction' | 'held';
  /** Position of the record that replaced it or took it back. */
  readonly endedBy: number | null;
  readonly stage: string;
  readonly late: boolean;
  /** The stored record, parsed, personal data masked. */
  readonly record: unknown;
}

/** The record for which a card was withdrawn (依据). */
export interface EvidenceView {
  readonly kind: 'event' | 'publication' | 'other';
  readonly position: number;
  readonly stampMs: number;
  /** Of an event. */
  readonly type: string;
  readonly atMs: number | null;
  readonly source: string;
  readonly seq: number | null;
  readonly rev: number;
  readonly retracted: boolean;
  /** Of a publication. */
  readonly packVersion: number | null;
  readonly actor: string;
  readonly reason: string;
}

/** One card with what it rests on. */
export interface CardDetail extends CardView {
  /** The clock it speaks of, with its time bill; null for checks and sequences. */
  readonly clock: ClockView | null;
  /** What refuted it, when it is withdrawn. */
  readonly evidence: EvidenceView | null;
}

export interface CaseDetail {
  /** The instant whose belief this is (认知时点); null for now. */
  readonly asOfMs: number | null;
  /** Version of the pack that decided it. */
  readonly packVersion: number;
  readonly caseKey: string;
  readonly itemCode: string;
  readonly itemName: Label;
  readonly itemVersion: number;
  readonly organ: string;
  readonly organName: Label;
  readonly territory: string;
  readonly receivedMs: number | null;
  readonly acceptedMs: number | null;
  readonly closedMs: number | null;
  readonly deemed: boolean;
  readonly nowMs: number;
  readonly zone: string;
  readonly stages: readonly {
    readonly code: string;
    readonly name: Label;
    readonly enteredMs: number | null;
    readonly doneMs: number | null;
    readonly limit: number | null;
    readonly unit: string;
    readonly over: boolean;
  }[];
  readonly clocks: readonly ClockView[];
  readonly ledger: readonly LedgerEntry[];
  readonly cards: readonly CardView[];
  /** What refuted those of the cards that are withdrawn, by position. */
  readonly evidence: readonly EvidenceView[];
  readonly events: readonly CaseEventView[];
}

export interface PressingCase {
  readonly caseKey: string;
  readonly itemName: Label;
  readonly organ: string;
  readonly organShort: Label;
  readonly territory: string;
  readonly clockName: Label;
  readonly level: string; // '' when no card yet
  readonly levelRank: number;
  readonly state: 'running' | 'suspended' | 'expired' | 'uncomputable';
  readonly dueMs: number | null;
  readonly remainingWorkdays: number | null;
  readonly provisional: boolean;
}

export interface OrganState {
  readonly organ: string;
  readonly name: Label;
  readonly territory: string;
  readonly open: number;
  readonly overdue: number;
  /** Open cards by level code. */
  readonly cards: Readonly<Record<string, number>>;
}

/** The dead man's check (失联核验), in the caller's scope. */
export interface DeadManReport {
  /** Wall-clock instant of the newest whole sweep; null before the first. */
  readonly sweptAtMs: number | null;
  /** The last sweep came to its end. */
  readonly complete: boolean;
  readonly dueWithoutCard: number;
  readonly cardWithoutDue: number;
  /** Organs with cases that are wrong, and some of their keys. */
  readonly organs: readonly {
    readonly organ: string;
    readonly dueWithoutCard: number;
    readonly cardWithoutDue: number;
    readonly caseKeys: readonly string[];
  }[];
}

export interface WallSummary {
  /** Engine time: the newest stamp applied. */
  readonly nowMs: number;
  /** Wall-clock instant this summary was made, and age of the newest applied record. */
  readonly asOfMs: number;
  readonly dataAgeMs: number;
  readonly demo: boolean;
  /** How many milliseconds of engine time pass in one real millisecond (demonstration), else 1. */
  readonly speed: number;
  readonly counts: {
    readonly open: number;
    readonly receivedToday: number;
    readonly acceptedToday: number;
    readonly finishedToday: number;
    readonly suspended: number;
    readonly uncomputable: number;
    readonly provisional: number;
    /** Open (unanswered) cards by level code. */
    readonly cards: Readonly<Record<string, number>>;
  };
  readonly organs: readonly OrganState[];
  readonly territories: readonly {
    readonly code: string;
    readonly name: Label;
    readonly cards: number;
    readonly open: number;
  }[];
  /** Cards raised in each of the last 24 hours of engine time, oldest first. */
  readonly hourly: readonly {
    readonly hourMs: number;
    readonly byLevel: Readonly<Record<string, number>>;
  }[];
  /** Newest red, newest yellow, then nearest to expiry; at most 40. */
  readonly pressing: readonly PressingCase[];
  /** Every open case as one small number (its level rank; 0 fine, 10 suspended, 11 uncomputable), by organ; at most 4,000. */
  readonly strip: readonly { readonly organ: string; readonly cells: readonly number[] }[];
  readonly latest: readonly CardView[];
  /** False: `hourly` and `latest` are as of when the store could last be read. */
  readonly storeReadable: boolean;
  readonly publishedUntil: string; // last day covered by a published notice
  readonly deadMan: DeadManReport;
}

export interface BalanceRow {
  readonly partition: number;
  readonly source: string;
  readonly accepted: number;
  readonly applied: number;
  readonly duplicate: number;
  readonly held: number;
  readonly deadLettered: number;
  readonly pending: number;
  /** accepted - (applied + duplicate + held + deadLettered + pending); must be 0. */
  readonly difference: number;
}

export interface Balance {
  readonly rows: readonly BalanceRow[];
  readonly refused: Readonly<Record<string, number>>;
  readonly balanced: boolean;
}

export interface RuleView {
  readonly id: string;
  readonly kind: 'clock' | 'check' | 'sequence' | 'cardClock';
  readonly version: number;
  readonly name: Label;
  readonly basis: string;
  readonly category: string;
  readonly levels: readonly string[];
  /** Newest first; null where a version has no beginning or no end. */
  readonly versions: readonly {
    readonly version: number;
    readonly validFrom: string | null;
    readonly validTo: string | null;
  }[];
  /** Cards ever raised and now open, in the caller's scope. */
  readonly raised: number;
  readonly open: number;
  readonly source: unknown;
}

export interface PackInfo {
  readonly id: string;
  readonly version: number;
  readonly hash: string;
  readonly name: Label;
  readonly demo: boolean;
  readonly levels: readonly { code: string; rank: number; label: Label; color: string }[];
  readonly organs: readonly { code: string; name: Label; short: Label; territory: string }[];
  readonly territories: readonly { code: string; name: Label }[];
  readonly zone: string;
  readonly publishedUntil: string;
}

export interface PublishResult {
  readonly version: number;
  readonly hash: string;
  readonly calendarVersion: number;
  readonly raised: number;
  readonly withdrawn: number;
  readonly moved: number;
  /** Cases whose next timer is another one: their deadlines moved, card or not. */
  readonly retimed: number;
  /** Rules it added, changed or retired, and from when: versions are 0 where there is none. */
  readonly rules: readonly {
    readonly id: string;
    readonly kind: RuleView['kind'];
    readonly change: 'added' | 'changed' | 'retired' | 'unchanged';
    readonly effective: 'start' | 'now';
    readonly from: number;
    readonly to: number;
  }[];
}

/** What is to be put in force: a whole pack, or a notice on top of the pack in force. */
export type Draft = { readonly pack: unknown } | { readonly notice: unknown };

export interface PublishOptions {
  /** Cases closed for longer keep their verdict; absent: every case is decided again. */
  readonly closedWindowDays?: number;
}

export interface PreviewOptions {
  /** As publication takes it: cases closed for longer keep their verdict; absent: none does. */
  readonly closedWindowDays?: number;
  /** Changes shown of each kind, default 20. */
  readonly samples?: number;
  /** Ends the run: its promise rejects with PreviewCancelled. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Cases by what cannot be said for sure of them. */
export interface PreviewState {
  readonly provisional: number;
  readonly uncomputable: number;
}

/** One change that would come, with the due instants before and after. */
export type PreviewSample = Pick<
  CardChange,
  | 'cardId'
  | 'caseKey'
  | 'ruleId'
  | 'stage'
  | 'level'
  | 'levelRank'
  | 'itemCode'
  | 'organ'
  | 'territory'
  | 'dueMs'
  | 'previousDueMs'
  | 'provisional'
> & { readonly op: 'raised' | 'restored' | 'withdrawn' | 'moved' };

export interface PreviewGroup {
  readonly organ: string;
  readonly level: string;
  raised: number;
  withdrawn: number;
  moved: number;
}

export interface PreviewPart {
  readonly raised: number;
  readonly withdrawn: number;
  readonly moved: number;
  /** As of PublishResult. */
  readonly retimed: number;
  readonly cases: number;
  readonly before: PreviewState;
  readonly after: PreviewState;
  readonly groups: readonly PreviewGroup[];
  readonly samples: readonly PreviewSample[];
}

export interface PreviewResult extends PreviewPart {
  readonly packVersion: number;
  readonly hash: string;
  readonly calendarVersion: number;
  /** Log positions up to which each partition was looked at, and the instant it was done for. */
  readonly asOf: { readonly nowMs: number; readonly positions: readonly number[] };
}

export interface PreviewView {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  /** Cases looked at, of how many. */
  readonly done: number;
  readonly total: number;
  readonly result: PreviewResult | null;
  /** Why it failed, '' otherwise. */
  readonly problem: string;
}

/** One notice that the calendar in force knows, and how many days still trace to it. */
export interface CalendarNoticeView {
  readonly number: string;
  readonly title: string;
  readonly url: string;
  readonly published: string | null;
  /** '' for the whole place. */
  readonly territory: string;
  readonly years: readonly number[];
  readonly off: number;
  readonly work: number;
  readonly hours: number;
  readonly officeHours: boolean;
}

export interface CalendarView {
  readonly place: string;
  readonly version: number;
  readonly zone: string;
  readonly officeHours: readonly (readonly [number, number])[];
  /** Last day covered by a published notice, '' for a place without any. */
  readonly publishedUntil: string;
  readonly notices: readonly CalendarNoticeView[];
}

/** Changes of what is in force, tried and published. */
export interface PackChanges {
  publish(
    draft: Draft,
    actor: string,
    reason: string,
    options?: PublishOptions,
  ): Promise<PublishResult>;
  /** What publication of the draft would do now, to the unit; nothing is changed. */
  preview(draft: Draft, options?: PreviewOptions): Promise<PreviewResult>;
  /** The same in the background. Throws PREVIEW_BUSY while another one runs. */
  startPreview(draft: Draft, options?: Omit<PreviewOptions, 'signal'>): PreviewView;
  previewOf(id: string): PreviewView | null;
  cancelPreview(id: string): PreviewView | null;
  calendar(): CalendarView;
}

export interface EngineHealth {
  readonly ready: boolean;
  readonly partitions: readonly {
    readonly partition: number;
    readonly end: number;
    readonly applied: number;
    readonly sinkPosition: number;
    readonly checkpoint: number;
    readonly stopped: string; // reason, '' when running
  }[];
  readonly sink: { readonly ok: boolean; readonly delayMs: number; readonly message: string };
  readonly deadMan: DeadManReport;
}

export interface DeadLetterView {
  readonly partition: number;
  readonly position: number;
  readonly stampMs: number;
  readonly kind: string;
  readonly code: string;
  readonly source: string;
  readonly raw: string;
}

/** A numbered change for live rooms; `seq` grows by one over the life of the process. */
export interface LiveChange {
  readonly seq: number;
  readonly card: CardView;
}

export interface Engine {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** NDJSON or one object; each row answered. Resolves after the accepted rows are durable and applied. */
  submit(body: Uint8Array, source: SubmitSource): Promise<readonly RowResult[]>;
  command(command: CardCommand, scope: Scope): Promise<CommandResult>;
  readonly changes: PackChanges;
  publish(
    packJson: string,
    actor: string,
    reason: string,
    options?: PublishOptions,
  ): Promise<PublishResult>;
  cards(query: CardQuery, scope: Scope): Promise<CardPage>;
  /** Null when unknown or outside the scope: unseen means unknown. */
  card(cardId: string, scope: Scope): Promise<CardView | null>;
  cardDetail(cardId: string, scope: Scope): Promise<CardDetail | null>;
  /** `asOfMs`: as it was believed at that instant. */
  caseDetail(caseKey: string, scope: Scope, asOfMs?: number): Promise<CaseDetail | null>;
  summary(scope: Scope): Promise<WallSummary>;
  rules(scope: Scope): Promise<readonly RuleView[]>;
  pack(): PackInfo;
  balance(): Promise<Balance>;
  deadLetters(limit: number, offset: number): Promise<readonly DeadLetterView[]>;
  digest(): Promise<{ readonly digest: string; readonly cards: number }>;
  health(): EngineHealth;
  /** Called for every card change once it is applied; returns the unsubscribe function. */
  onChange(listener: (change: LiveChange) => void): () => void;
  /** Prometheus text exposition. */
  metrics(): Promise<string>;
}

/** Who sends: `organs` limits which cases the source may write about (null: any). */
export interface SubmitSource {
  readonly id: string;
  readonly organs: readonly string[] | null;
  /** Stamp rule: 'live' takes the clock, 'history' takes max(previous, the record's own `at`). */
  readonly stamps: 'live' | 'history';
}
