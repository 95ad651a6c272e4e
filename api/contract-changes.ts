/**
 * The part of the contract about changes of what is in force: publishing a pack, loading a notice,
 * trying either first. Part of contract.ts, which alone the browser imports.
 */
import { RULE_KINDS } from './contract-lists.ts';
import {
  anything,
  bounded,
  byName,
  choice,
  flag,
  integer,
  list,
  named,
  nullable,
  number,
  object,
  type Schema,
  type TypeOf,
  text,
  within,
} from './shapes.ts';

export const PublishBody = named(
  'PublishBody',
  object(
    { pack: byName(anything), reason: bounded(2, 500) },
    { closedWindowDays: within(0, 36_500) },
  ),
);

/** A notice (通知); rules/schema/notice.schema.json says what it may hold. */
export const NoticeBody = named(
  'NoticeBody',
  object(
    { notice: byName(anything), reason: bounded(2, 500) },
    /** Cases closed for longer keep their verdict; default 365. */
    { closedWindowDays: within(0, 36_500) },
  ),
);

export const NoticeQuery = named('NoticeQuery', object({}, { preview: choice(['true', 'false']) }));

export const DraftBody = named(
  'DraftBody',
  object({ pack: byName(anything) }, { closedWindowDays: within(0, 36_500) }),
);

const sample = object({
  cardId: text,
  op: choice(['raised', 'restored', 'withdrawn', 'moved']),
  caseKey: text,
  ruleId: text,
  stage: text,
  level: text,
  levelRank: integer,
  itemCode: text,
  organ: text,
  territory: text,
  dueMs: number,
  previousDueMs: nullable(number),
  provisional: flag,
});

const previewState = object({ provisional: integer, uncomputable: integer });

/** What a publication would do (影响面), to the unit. */
export const PreviewResult = named(
  'PreviewResult',
  object({
    packVersion: integer,
    hash: text,
    calendarVersion: integer,
    cases: integer,
    raised: integer,
    withdrawn: integer,
    moved: integer,
    retimed: integer,
    before: previewState,
    after: previewState,
    groups: list(
      object({ organ: text, level: text, raised: integer, withdrawn: integer, moved: integer }),
    ),
    /** Without case keys for those who may not read cases. */
    samples: list(sample),
    asOf: object({ nowMs: number, positions: list(integer) }),
  }),
);

export const PreviewView = named(
  'PreviewView',
  object({
    id: text,
    state: choice(['running', 'done', 'failed', 'cancelled']),
    done: integer,
    total: integer,
    result: nullable(PreviewResult.ref),
    problem: text,
  }),
);

export const CalendarView = named(
  'CalendarView',
  object({
    place: text,
    version: integer,
    zone: text,
    officeHours: list(list(integer)) as unknown as Schema<readonly (readonly [number, number])[]>,
    publishedUntil: text,
    notices: list(
      object({
        number: text,
        title: text,
        url: text,
        published: nullable(text),
        territory: text,
        years: list(integer),
        off: integer,
        work: integer,
        hours: integer,
        officeHours: flag,
      }),
    ),
  }),
);

export const PublishResult = named(
  'PublishResult',
  object({
    version: integer,
    hash: text,
    calendarVersion: integer,
    raised: integer,
    withdrawn: integer,
    moved: integer,
    retimed: integer,
    rules: list(
      object({
        id: text,
        kind: choice(RULE_KINDS),
        change: choice(['added', 'changed', 'retired', 'unchanged']),
        effective: choice(['start', 'now']),
        from: integer,
        to: integer,
      }),
    ),
  }),
);

/** With what leans on years nobody has published, and what cannot be computed, in the caller's scope. */
export const CalendarReply = named(
  'CalendarReply',
  object({ calendar: CalendarView.ref, provisional: integer, uncomputable: integer }),
);

export type CalendarReply = TypeOf<typeof CalendarReply>;
export type PublishBody = TypeOf<typeof PublishBody>;
export type PublishResult = TypeOf<typeof PublishResult>;
export type NoticeBody = TypeOf<typeof NoticeBody>;
export type NoticeQuery = TypeOf<typeof NoticeQuery>;
export type DraftBody = TypeOf<typeof DraftBody>;
export type PreviewResult = TypeOf<typeof PreviewResult>;
export type PreviewView = TypeOf<typeof PreviewView>;
export type CalendarView = TypeOf<typeof CalendarView>;
