/**
 * The contract between server and browser: every REST body, query and socket event, once.
 *
 * Owns: names, paths and shapes. Each shape is written a single time as a JSON Schema (2020-12) whose
 * TypeScript type is derived from it, so the validator, the OpenAPI page and the compiler cannot
 * disagree.
 * Does not own: who may call what (policy/policy.ts), what a door does (routes/*).
 *
 * Longer than other files on purpose: the browser may import this one file and no other.
 *
 * Invariants
 * K1  Imports how shapes are written and its closed lists and nothing else, and touches no platform
 *     global: browsers and tests load it as it is.
 * K2  Shapes mirror the engine's views (engine/facade.ts) field by field; a test holds them equal.
 * K3  Additive change only inside /api/v1: a field is never renamed, never changes its type.
 */

import {
  CalendarReply,
  CalendarView,
  DraftBody,
  NoticeBody,
  NoticeQuery,
  PreviewResult,
  PreviewView,
  PublishBody,
  PublishResult,
} from './contract-changes.ts';
import {
  ACTIONS,
  ANSWER_CATEGORIES,
  CARD_CATEGORIES,
  CARD_OPS,
  CARD_ORDERS,
  CARD_STATES,
  REVIEW_ACTS,
  ROLES,
  RULE_KINDS,
} from './contract-lists.ts';
import {
  anything,
  bounded,
  byName,
  choice,
  flag,
  integer,
  list,
  type Named,
  named,
  nullable,
  number,
  object,
  type Schema,
  type TypeOf,
  text,
  within,
} from './shapes.ts';

export * from './contract-changes.ts';
export * from './contract-lists.ts';
export type { Named, Schema, TypeOf } from './shapes.ts';

// --- paths ----------------------------------------------------------------------------------

/** Parameters are written `:name`, as express and the dashboards' `pathOf` fill them. */
export const API_PATHS = {
  session: '/api/v1/session',
  wallSession: '/api/v1/session/wall',
  events: '/api/v1/events',
  cards: '/api/v1/cards',
  cardsExport: '/api/v1/cards/export.csv',
  card: '/api/v1/cards/:cardId',
  acknowledge: '/api/v1/cards/:cardId/acknowledge',
  answer: '/api/v1/cards/:cardId/answer',
  review: '/api/v1/cards/:cardId/review',
  case: '/api/v1/cases/:caseKey',
  wall: '/api/v1/wall',
  rules: '/api/v1/rules',
  rulesPublish: '/api/v1/rules/publish',
  rulesPreview: '/api/v1/rules/preview',
  calendar: '/api/v1/calendar',
  calendarNotices: '/api/v1/calendar/notices',
  preview: '/api/v1/previews/:previewId',
  pack: '/api/v1/pack',
  balance: '/api/v1/balance',
  deadLetters: '/api/v1/dead-letters',
  digest: '/api/v1/digest',
  limits: '/api/v1/limits',
  health: '/api/v1/health',
  live: '/api/v1/health/live',
  metrics: '/metrics',
  openapi: '/api/v1/openapi.json',
} as const;

/** Where the socket listens (socket.io option `path`); websocket transport only. */
export const SOCKET_PATH = '/socket.io/';

/** Header that must carry `Session.csrf` on every change made with a session cookie. */
export const CSRF_HEADER = 'x-csrf-token';

/** Fills `:name` parts of a path, encoded. */
export function pathOf(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

// --- shapes ---------------------------------------------------------------------------------

export const Label = named('Label', object({ zh: text, en: text }));
const label = Label.ref;
const counts = byName(number);

/** Only where a shape is needed before it is written. */
const cardRef: Schema<unknown> = { $ref: '#/components/schemas/CardView' };

/** One error shape for every door, Chinese first; `code` is the catalogue's stable name. */
export const ErrorBody = named(
  'ErrorBody',
  object(
    {
      error: object({
        code: text,
        message: text,
        messageEn: text,
        pointer: nullable(text),
        row: nullable(integer),
        limit: nullable(number),
        source: nullable(text),
        requestId: text,
      }),
    },
    /** With CARD_VERSION and CARD_STATE: the card as it stands now. */
    { current: cardRef },
  ),
);

const scope = object({ organs: nullable(list(text)), territories: nullable(list(text)) });

export const Session = named(
  'Session',
  object({
    user: text,
    role: choice(ROLES),
    label,
    /** Null means all; what every list, count and frame is limited to. */
    scope,
    actions: list(choice(ACTIONS)),
    csrf: text,
    expiresAtMs: number,
  }),
);

export const LoginBody = named(
  'LoginBody',
  object({ user: bounded(1, 64), password: bounded(1, 128) }),
);

export const WallLoginBody = named('WallLoginBody', object({ token: bounded(16, 128) }));

/** One event as sources send it (办件事件). The engine's decoder is the judge of the details. */
export const EventRecord = named(
  'EventRecord',
  object(
    { caseKey: text, type: text, at: text },
    {
      recordedAt: text,
      sentAt: text,
      itemCode: text,
      itemVersion: integer,
      organ: text,
      territory: text,
      actor: text,
      document: text,
      source: text,
      seq: integer,
      rev: integer,
      retracted: flag,
      parentKey: text,
      data: byName(anything),
    },
  ),
);

export const RowResult = named(
  'RowResult',
  object(
    { row: integer, outcome: choice(['accepted', 'duplicate', 'held', 'refused']) },
    {
      partition: integer,
      position: integer,
      error: object({ code: text, message: text, messageEn: text }, { pointer: text, retry: flag }),
    },
  ),
);

export const SubmitResult = named(
  'SubmitResult',
  object({
    accepted: integer,
    duplicate: integer,
    held: integer,
    refused: integer,
    rows: list(RowResult.ref),
  }),
);

const cardChange = {
  cardId: text,
  version: integer,
  op: choice(CARD_OPS),
  state: choice(CARD_STATES),
  caseKey: text,
  ruleId: text,
  ruleKind: choice(RULE_KINDS),
  level: text,
  levelRank: integer,
  category: text,
  occurrence: integer,
  stage: text,
  itemCode: text,
  organ: text,
  territory: text,
  dueMs: number,
  atMs: number,
  /** Engine time at which it was decided: what `asOf` goes by. */
  knownMs: number,
  provisional: flag,
  packVersion: integer,
  ruleVersion: integer,
  calendarVersion: integer,
  previousPackVersion: integer,
  previousRuleVersion: integer,
  previousCalendarVersion: integer,
  previousDueMs: nullable(number),
  partition: integer,
  position: integer,
  replyDueMs: nullable(number),
  superviseDueMs: nullable(number),
  issueMs: nullable(number),
  parent: text,
  actor: text,
  detail: text,
};

const cardView = {
  ...cardChange,
  ruleName: label,
  title: label,
  itemName: label,
  organName: label,
  raisedAtMs: number,
  replyWorkdays: nullable(number),
  superviseWorkdays: nullable(number),
  answerCategory: nullable(text),
  answerText: nullable(text),
};

export const CardView = named('CardView', object(cardView));

/** As it was believed at an instant (认知时点), with its zone: `2026-03-05T09:00:00+08:00`. */
const asOf: Schema<string> = {
  ...bounded(17, 35),
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2})$',
};

const cardFilters = {
  asOf,
  state: list(choice(CARD_STATES), CARD_STATES.length),
  level: list(bounded(1, 32), 9),
  category: list(choice(CARD_CATEGORIES), CARD_CATEGORIES.length),
  organ: bounded(1, 64),
  ruleId: bounded(1, 128),
  caseKey: bounded(1, 128),
  text: bounded(1, 100),
  open: flag,
  order: choice(CARD_ORDERS),
};

/** Lists are one parameter with commas: `?level=red,yellow`. Repeated parameters are refused. */
export const CardsQuery = named(
  'CardsQuery',
  object({}, { ...cardFilters, limit: within(1, 200), offset: within(0, 100_000) }),
);

export const CardsExportQuery = named('CardsExportQuery', object({}, cardFilters));

export const CardPage = named(
  'CardPage',
  object({
    total: integer,
    cards: list(CardView.ref),
    facets: object({ level: counts, state: counts, organ: counts, category: counts }),
  }),
);

const commandId: Schema<string> = { ...bounded(8, 64), pattern: '^[A-Za-z0-9._-]+$' };

/** Sending the same `commandId` again answers as the first time and changes nothing. */
export const AcknowledgeBody = named(
  'AcknowledgeBody',
  object({ expectedVersion: within(1, 1_000_000) }, { commandId }),
);

export const AnswerBody = named(
  'AnswerBody',
  object(
    {
      expectedVersion: within(1, 1_000_000),
      category: choice(ANSWER_CATEGORIES),
      text: bounded(2, 2000),
    },
    { commandId },
  ),
);

export const ReviewBody = named(
  'ReviewBody',
  object(
    {
      expectedVersion: within(1, 1_000_000),
      act: choice(REVIEW_ACTS),
      reason: bounded(2, 2000),
    },
    { commandId },
  ),
);

export const CommandReply = named(
  'CommandReply',
  object({ commandId: text, outcome: choice(['applied']), card: CardView.ref }),
);

const billDay = object({
  date: text,
  counted: flag,
  reason: text,
  note: text,
  notice: text,
  provisional: flag,
  used: number,
});

export const ClockView = named(
  'ClockView',
  object({
    ruleId: text,
    occurrence: integer,
    name: label,
    basis: text,
    effect: text,
    stage: text,
    stageName: nullable(label),
    mode: choice(['legal', 'elapsed', 'hours']),
    state: choice(['running', 'suspended', 'stopped', 'expired', 'uncomputable']),
    problem: text,
    startMs: number,
    dueMs: nullable(number),
    stoppedMs: nullable(number),
    limit: number,
    unit: text,
    used: number,
    remaining: nullable(number),
    excluded: number,
    provisional: flag,
    bill: list(billDay),
  }),
);

const ledgerEntry = object({
  kind: choice(['suspension', 'special', 'extension', 'deemed']),
  fromMs: number,
  toMs: nullable(number),
  days: number,
  label: text,
});

const caseEvent = object(
  {
    ...{ position: integer, type: text, source: text, seq: nullable(integer), rev: integer },
    ...{
      atMs: number,
      recordedAtMs: nullable(number),
      sentAtMs: nullable(number),
      stampMs: number,
    },
    ...{ recordDelayMs: nullable(number), sendDelayMs: nullable(number), arrivalDelayMs: number },
    status: choice(['current', 'superseded', 'retracted', 'retraction', 'held']),
    endedBy: nullable(integer),
    stage: text,
    late: flag,
  },
  /** The stored record, personal data masked. */
  { record: anything },
);

const stageView = object({
  code: text,
  name: label,
  enteredMs: nullable(number),
  doneMs: nullable(number),
  limit: nullable(number),
  unit: text,
  over: flag,
});

const evidence = object({
  kind: choice(['event', 'publication', 'other']),
  ...{ position: integer, stampMs: number, type: text, atMs: nullable(number), source: text },
  ...{ seq: nullable(integer), rev: integer, retracted: flag },
  ...{ packVersion: nullable(integer), actor: text, reason: text },
});

export const CardDetail = named(
  'CardDetail',
  object({ ...cardView, clock: nullable(ClockView.ref), evidence: nullable(evidence) }),
);

export const CaseQuery = named('CaseQuery', object({}, { asOf }));

export const CaseDetail = named(
  'CaseDetail',
  object({
    asOfMs: nullable(number),
    packVersion: integer,
    caseKey: text,
    itemCode: text,
    itemName: label,
    itemVersion: integer,
    organ: text,
    organName: label,
    territory: text,
    receivedMs: nullable(number),
    acceptedMs: nullable(number),
    closedMs: nullable(number),
    deemed: flag,
    nowMs: number,
    zone: text,
    stages: list(stageView),
    clocks: list(ClockView.ref),
    ledger: list(ledgerEntry),
    cards: list(CardView.ref),
    evidence: list(evidence),
    events: list(caseEvent),
  }),
);

export const PressingCase = named(
  'PressingCase',
  object({
    caseKey: text,
    itemName: label,
    organ: text,
    organShort: label,
    territory: text,
    clockName: label,
    level: text,
    levelRank: integer,
    state: choice(['running', 'suspended', 'expired', 'uncomputable']),
    dueMs: nullable(number),
    remainingWorkdays: nullable(number),
    provisional: flag,
  }),
);

export const OrganState = named(
  'OrganState',
  object({
    organ: text,
    name: label,
    territory: text,
    open: integer,
    overdue: integer,
    cards: counts,
  }),
);

const deadManCounts = { dueWithoutCard: integer, cardWithoutDue: integer };
const deadManReport = object({
  sweptAtMs: nullable(number),
  complete: flag,
  ...deadManCounts,
  organs: list(object({ organ: text, ...deadManCounts, caseKeys: list(text) })),
});

export const WallSummary = named(
  'WallSummary',
  object({
    nowMs: number,
    asOfMs: number,
    dataAgeMs: number,
    demo: flag,
    speed: number,
    counts: object({
      open: integer,
      receivedToday: integer,
      acceptedToday: integer,
      finishedToday: integer,
      suspended: integer,
      uncomputable: integer,
      provisional: integer,
      cards: counts,
    }),
    organs: list(OrganState.ref),
    territories: list(object({ code: text, name: label, cards: integer, open: integer })),
    hourly: list(object({ hourMs: number, byLevel: counts })),
    pressing: list(PressingCase.ref, 40),
    strip: list(object({ organ: text, cells: list(integer) })),
    latest: list(CardView.ref),
    storeReadable: flag,
    publishedUntil: text,
    deadMan: deadManReport,
  }),
);

export const RuleView = named(
  'RuleView',
  object(
    {
      id: text,
      kind: choice(RULE_KINDS),
      version: integer,
      name: label,
      basis: text,
      category: text,
      levels: list(text),
      versions: list(
        object({ version: integer, validFrom: nullable(text), validTo: nullable(text) }),
      ),
      raised: integer,
      open: integer,
    },
    { source: anything },
  ),
);

export const RuleList = named('RuleList', object({ rules: list(RuleView.ref) }));

/** `pack` is the whole rule pack (规则包) as JSON; the engine validates and compiles it. */
export const PackInfo = named(
  'PackInfo',
  object({
    id: text,
    version: integer,
    hash: text,
    name: label,
    demo: flag,
    levels: list(object({ code: text, rank: integer, label, color: text })),
    organs: list(object({ code: text, name: label, short: label, territory: text })),
    territories: list(object({ code: text, name: label })),
    zone: text,
    publishedUntil: text,
  }),
);

const balanceRow = object({
  ...{ partition: integer, source: text, accepted: integer, applied: integer, duplicate: integer },
  ...{ held: integer, deadLettered: integer, pending: integer, difference: integer },
});

export const Balance = named(
  'Balance',
  object({ rows: list(balanceRow), refused: counts, balanced: flag }),
);

const page = { limit: within(1, 200), offset: within(0, 100_000) };
export const DeadLettersQuery = named('DeadLettersQuery', object({}, page));

const deadLetter = object({
  partition: integer,
  position: integer,
  stampMs: number,
  kind: text,
  code: text,
  source: text,
  raw: text,
});

export const DeadLetterPage = named('DeadLetterPage', object({ letters: list(deadLetter) }));

export const DigestReply = named('DigestReply', object({ digest: text, cards: integer }));

export const LimitsReply = named('LimitsReply', object({ limits: counts }));

const partitionHealth = object({
  partition: integer,
  end: number,
  applied: number,
  sinkPosition: number,
  checkpoint: number,
  stopped: text,
});

/** Everyone hears `ready`; the rest is for those who may see it (`health.detail`). */
export const HealthReply = named(
  'HealthReply',
  object(
    { ready: flag },
    {
      partitions: list(partitionHealth),
      sink: object({ ok: flag, delayMs: number, message: text }),
      deadMan: deadManReport,
    },
  ),
);

export const LiveReply = named('LiveReply', object({ live: flag }));

// --- socket ---------------------------------------------------------------------------------

/**
 * A room numbers its card changes 1, 2, 3 … without gaps inside one `epoch`. The snapshot states a
 * place; every later change follows it in order. A client that comes back puts its place into
 * `auth.resume`: the snapshot then has that place and what was missed follows, or, when that cannot be
 * served, another place or epoch: fetch lists anew. `resume` as a message asks for changes once more.
 */
const place = { epoch: text, seq: integer };

export const LiveSummary = named('LiveSummary', object({ ...place, summary: WallSummary.ref }));
export const LiveCard = named('LiveCard', object({ ...place, card: CardView.ref }));
export const ResumeRequest = named('ResumeRequest', object(place));

/** The server is about to close the socket, or refuses what the client sent. */
export const LiveNotice = named(
  'LiveNotice',
  object({
    state: choice(['ended', 'refused', 'slow']),
    code: text,
    message: text,
    messageEn: text,
  }),
);

/** `auth` of the socket's handshake; without a token the session cookie counts. */
export interface LiveAuth {
  readonly token?: string;
  readonly resume?: ResumeRequest;
}

export interface ServerEvents {
  /** On connect, and as the answer to a `resume` that cannot be served. */
  snapshot: (body: LiveSummary) => void;
  /** Newest summary, at most every 250 ms and at least every 5 s; never replayed. */
  frame: (body: LiveSummary) => void;
  /** One card change, at once, numbered, never merged. */
  card: (body: LiveCard) => void;
  session: (body: LiveNotice) => void;
}

export interface ClientEvents {
  resume: (body: ResumeRequest) => void;
}

// --- types under the names of their schemas --------------------------------------------------

export type Label = TypeOf<typeof Label>;
export type ErrorBody = TypeOf<typeof ErrorBody>;
export type Session = TypeOf<typeof Session>;
export type LoginBody = TypeOf<typeof LoginBody>;
export type WallLoginBody = TypeOf<typeof WallLoginBody>;
export type EventRecord = TypeOf<typeof EventRecord>;
export type RowResult = TypeOf<typeof RowResult>;
export type SubmitResult = TypeOf<typeof SubmitResult>;
export type CardView = TypeOf<typeof CardView>;
export type CardsQuery = TypeOf<typeof CardsQuery>;
export type CardsExportQuery = TypeOf<typeof CardsExportQuery>;
export type CardPage = TypeOf<typeof CardPage>;
export type AcknowledgeBody = TypeOf<typeof AcknowledgeBody>;
export type AnswerBody = TypeOf<typeof AnswerBody>;
export type ReviewBody = TypeOf<typeof ReviewBody>;
export type CommandReply = TypeOf<typeof CommandReply>;
export type BillDay = TypeOf<typeof billDay>;
export type LedgerEntry = TypeOf<typeof ledgerEntry>;
export type CaseEventView = TypeOf<typeof caseEvent>;
export type StageView = TypeOf<typeof stageView>;
export type ClockView = TypeOf<typeof ClockView>;
export type CaseDetail = TypeOf<typeof CaseDetail>;
export type CaseQuery = TypeOf<typeof CaseQuery>;
export type CardDetail = TypeOf<typeof CardDetail>;
export type EvidenceView = TypeOf<typeof evidence>;
export type PressingCase = TypeOf<typeof PressingCase>;
export type OrganState = TypeOf<typeof OrganState>;
export type WallSummary = TypeOf<typeof WallSummary>;
export type RuleView = TypeOf<typeof RuleView>;
export type RuleList = TypeOf<typeof RuleList>;
export type PackInfo = TypeOf<typeof PackInfo>;
export type Balance = TypeOf<typeof Balance>;
export type DeadLettersQuery = TypeOf<typeof DeadLettersQuery>;
export type DeadLetterPage = TypeOf<typeof DeadLetterPage>;
export type DigestReply = TypeOf<typeof DigestReply>;
export type LimitsReply = TypeOf<typeof LimitsReply>;
export type HealthReply = TypeOf<typeof HealthReply>;
export type LiveReply = TypeOf<typeof LiveReply>;
export type LiveSummary = TypeOf<typeof LiveSummary>;
export type LiveCard = TypeOf<typeof LiveCard>;
export type LiveNotice = TypeOf<typeof LiveNotice>;
export type ResumeRequest = TypeOf<typeof ResumeRequest>;

/** Everything that has a place under `#/components/schemas/`. */
export const SCHEMAS: readonly Named<unknown>[] = [
  ...[Label, ErrorBody, Session, LoginBody, WallLoginBody],
  ...[EventRecord, RowResult, SubmitResult, CardView, CardsQuery],
  ...[CardsExportQuery, CardPage, AcknowledgeBody, AnswerBody, ReviewBody, CommandReply],
  ...[ClockView, CardDetail, CaseQuery, CaseDetail, PressingCase],
  ...[OrganState, WallSummary, RuleView, RuleList, PublishBody],
  ...[PublishResult, PackInfo, Balance, DeadLettersQuery, DeadLetterPage],
  ...[DigestReply, LimitsReply, HealthReply, LiveReply, LiveSummary],
  ...[LiveCard, LiveNotice, ResumeRequest],
  ...[NoticeBody, NoticeQuery, DraftBody, PreviewResult, PreviewView, CalendarView, CalendarReply],
];
