/**
 * Cards (牌): the states they pass through and the record of one change.
 *
 * Owns: state names and the table of allowed human transitions.
 * Does not own: where cards are kept (state/card-table.ts) or their ids (card-id.ts).
 *
 * Invariants
 * C1  A card is never removed. `withdrawn` (new evidence) and `revoked` (by people) are states.
 * C2  A human transition happens only with the version the person saw (`expectedVersion`).
 * C3  Every change raises the version by one; (id, version) names one row for ever.
 */

/** Append-only: indexes are stored in snapshots and in ClickHouse. */
export const CARD_STATES = [
  'provisional', // 暂定: late evidence may still refute it
  'issued', // 已发牌
  'acknowledged', // 已签收
  'answered', // 已反馈
  'accepted', // 已认可
  'rejected', // 已退回
  'closed', // 已办结
  'withdrawn', // 已撤销 (new evidence)
  'revoked', // 已撤牌 (by people)
  'escalated', // 已升级
  'reopened', // 再监察
] as const;

export type CardStateName = (typeof CARD_STATES)[number];

/**
 * Human acts (牌的处理). A department acknowledges and answers; a reviewer accepts, rejects, closes and
 * reopens; to revoke a card takes two: one proposes, another revokes or keeps it.
 */
export const CARD_COMMANDS = [
  'acknowledge', // 签收
  'answer', // 反馈, with category and text
  'accept', // 认可
  'reject', // 退回
  'close', // 办结
  'reopen', // 再监察
  'proposeRevoke', // 提请撤牌
  'revoke', // 撤牌
  'keep', // 维持: the proposal to revoke is dropped
] as const;

export type CardCommandType = (typeof CARD_COMMANDS)[number];

/** What happened to a card. Append-only: indexes are stored by the kernel. */
export const CARD_OPS = [
  'raised',
  'moved',
  'withdrawn',
  'restored',
  'acknowledged',
  'answered',
  'issued',
  'escalated',
  'accepted',
  'rejected',
  'closed',
  'reopened',
  'revokeProposed',
  'revoked',
  'revokeKept',
] as const;

export type CardOp = (typeof CARD_OPS)[number];

/** Categories of an answer (核实结论). */
export const ANSWER_CATEGORIES = [
  'confirmed', // 属实,已整改
  'objective', // 客观原因
  'mistaken', // 误报,申请撤牌
  'transfer', // 非本单位,申请转办
] as const;

export type AnswerCategory = (typeof ANSWER_CATEGORIES)[number];

/** What a person asks of a card; travels through the log before it takes effect (law L7). */
export interface CardCommand {
  readonly commandId: string;
  readonly type: CardCommandType;
  readonly caseKey: string;
  readonly cardId: string;
  readonly actor: string;
  readonly reason?: string;
  readonly expectedVersion: number;
  readonly data?: { readonly category?: AnswerCategory; readonly text?: string };
}

/**
 * One change of one card, as it leaves the kernel: the shell stores it (ClickHouse `card_changes`),
 * pushes it (socket.io) and counts it. Ids are 32 hexadecimal digits.
 */
export interface CardChange {
  readonly cardId: string;
  readonly version: number;
  readonly op: CardOp;
  readonly state: CardStateName;
  readonly caseKey: string;
  readonly ruleId: string;
  readonly ruleKind: 'clock' | 'check' | 'sequence' | 'cardClock';
  readonly level: string;
  readonly levelRank: number;
  readonly category: string;
  readonly occurrence: number;
  /** Stage code for per-stage clocks, else ''. */
  readonly stage: string;
  readonly itemCode: string;
  readonly organ: string;
  readonly territory: string;
  /** The first instant that was too late, or the instant of the event that broke the rule. */
  readonly dueMs: number;
  /** When this change took effect: the due instant for a timer, the stamp for late evidence or people. */
  readonly atMs: number;
  /** Engine time at which it was decided (认知时点): never before `atMs`, never back from the version before. */
  readonly knownMs: number;
  /** True when a deadline leans on a year whose notice is not published (暂定). */
  readonly provisional: boolean;
  readonly packVersion: number;
  /** Of the rule that judged it; of a card that a publication withdrew, in force since; 0: none is. */
  readonly ruleVersion: number;
  readonly calendarVersion: number;
  /** Of the verdict this one replaces; for a card raised by a publication, in force before it; else 0. */
  readonly previousPackVersion: number;
  readonly previousRuleVersion: number;
  readonly previousCalendarVersion: number;
  readonly previousDueMs: number | null;
  readonly partition: number;
  /** Log position of the record that caused it. */
  readonly position: number;
  readonly actor: string;
  /** When the department's answer is due; null while none is owed. */
  readonly replyDueMs: number | null;
  /** When the supervisors' next own step is due; null while none is owed. */
  readonly superviseDueMs: number | null;
  /** When a provisional card is issued if nothing refutes it; null when time alone issues nothing. */
  readonly issueMs: number | null;
  /** The card this card is about (a supervision letter), '' for a finding of the case. */
  readonly parent: string;
  /** JSON text: answer category and text, withdrawal evidence; '' when there is none. */
  readonly detail: string;
}
