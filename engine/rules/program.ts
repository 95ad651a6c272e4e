/**
 * A compiled pack: everything the kernel consults while it steps, as small arrays and closures.
 *
 * Owns: the shapes. compile.ts builds them from PackSource; nothing changes them afterwards.
 * Codes (items, stages, rules, levels, materials) are ids of the partition's dictionary, so a Program
 * belongs to the partition it was compiled for.
 */
import type { Calendar } from '../calendars/calendar.ts';
import type { Condition } from './conditions.ts';
import type { FactRef } from './facts.ts';
import type { CardCategory, PackSource } from './source.ts';

/** Kinds of clock action, in the order in which one event performs them. */
export const ACT_STOP = 0;
export const ACT_RESUME = 1;
export const ACT_RESUME_CAPPED = 2;
export const ACT_SUSPEND = 3;
export const ACT_SUSPEND_CAPPED = 4;
export const ACT_EXTEND = 5;
export const ACT_START = 6;
/** Words of an action in `Program.actions`: kind, clock index, stage (dictionary id), special, opens. */
export const ACTION_WORDS = 5;

/** Which stages a start begins: the one that the event names, or others of the item. */
export const OPENS = ['own', 'first', 'next', 'all'] as const;
export const OPENS_OWN = 0;
export const OPENS_FIRST = 1;
export const OPENS_NEXT = 2;

export const LIMIT_CONST = 0;
export const LIMIT_PROMISED = 1;
export const LIMIT_STATUTORY = 2;
export const LIMIT_STAGE = 3;
export const LIMIT_EVENT_DAYS = 4;
export const LIMIT_DEADLINE_INSTANT = 5;
export const LIMIT_DEADLINE_DAY = 6;
export const LIMIT_DEADLINE_WORKDAY = 7;

export const UNITS = ['workday', 'day', 'hour', 'workhour', 'month', 'year'] as const;
export const UNIT_WORKDAY = 0;
export const UNIT_DAY = 1;
export const UNIT_HOUR = 2;
export const UNIT_WORKHOUR = 3;
export const UNIT_MONTH = 4;
export const UNIT_YEAR = 5;

export const MODES = ['legal', 'elapsed', 'hours'] as const;
export const MODE_LEGAL = 0;
export const MODE_ELAPSED = 1;
export const MODE_HOURS = 2;

export const RUNG_BEFORE = 0;
export const RUNG_DUE = 1;
export const RUNG_AFTER = 2;
export const RUNG_PERCENT = 3;

export const RULE_KINDS = ['clock', 'check', 'sequence', 'cardClock'] as const;
/** Categories in a fixed order: cards keep the index. */
export const CATEGORIES: readonly CardCategory[] = [
  'deadline',
  'procedure',
  'material',
  'fee',
  'data',
  'supervision',
];

/** What every kind of rule shares. */
export interface RuleHead {
  /** Indexes into RULE_KINDS and CATEGORIES. */
  readonly kind: number;
  readonly category: number;
  readonly id: string;
  /** Dictionary id and bytes of the id. */
  readonly code: number;
  readonly bytes: Uint8Array;
  readonly version: number;
  /** Instants of its validity: in force at validFrom, no longer at validTo. */
  readonly validFrom: number;
  readonly validTo: number;
}

export interface LevelRef {
  readonly code: number;
  readonly bytes: Uint8Array;
  readonly rank: number;
}

export interface ClockDef extends RuleHead {
  readonly index: number;
  readonly mode: number;
  readonly limitFrom: number;
  readonly limitCount: number;
  readonly limitUnit: number;
  readonly resolutionMs: number;
  readonly perStage: boolean;
  /** The only stages it runs for; null: any. */
  readonly stages: Int32Array | null;
  /** Days or workdays that must be left before a deadline when it starts; 0: any. */
  readonly least: number;
  /** Event type supplied at the due instant, -1 none. */
  readonly deemed: number;
  /** Days `extended` may add at most; -1: what the item says; 0: not extensible. */
  readonly extendMax: number;
  /** -1 both kinds, else index into ITEM_KINDS. */
  readonly itemKind: number;
  /** Traits the item must have, and must not. */
  readonly traits: number;
  readonly exceptTraits: number;
  /** Types after which it does not start. */
  readonly unlessMask: number;
  /** Types whose event, where it names no stage, stops the clocks of every stage. */
  readonly endMask: number;
  /** Event types that start it, as a bit mask (explanations and deemed acceptance look back). */
  readonly startMask: number;
  readonly stopMask: number;
  /** By event type: the uncapped suspend pairs that it begins, and ends, one bit each. */
  readonly pauseFrom: Uint8Array;
  readonly pauseTo: Uint8Array;
  readonly rungKind: Uint8Array;
  readonly rungValue: Float64Array;
  readonly rungLevel: readonly LevelRef[];
  /** Index of the first rung at or after the due instant; the count of rungs when there is none. */
  readonly dueRung: number;
  /** Indexes of the other versions of the same id. */
  readonly others: readonly number[];
}

export interface CheckDef extends RuleHead {
  readonly level: LevelRef;
  readonly stage: number; // only for this stage, -1 any
  /** Event types it is evaluated on: an `each` finding is numbered among them. */
  readonly onMask: number;
  readonly once: boolean;
  readonly condition: Condition;
  /** Every version of the id; null when there is one, always in force. */
  readonly versions: readonly Judged[] | null;
}

/** Which events a version of a check judges. */
export interface Judged {
  readonly onMask: number;
  readonly validFrom: number;
  readonly validTo: number;
}

export interface SequenceDef extends RuleHead {
  readonly level: LevelRef;
  readonly template: 'precedence' | 'absence' | 'existence' | 'response';
  readonly aType: number;
  readonly aStage: number;
  readonly bType: number;
  readonly bStage: number;
}

/** A clock on cards (CardClockSource). State sets are bit masks over CARD_STATES. */
export interface CardClockDef extends RuleHead {
  readonly index: number;
  readonly mode: number;
  readonly limitCount: number;
  readonly limitUnit: number;
  readonly resolutionMs: number;
  readonly reply: boolean;
  readonly startMask: number;
  readonly stopMask: number;
  /** Bit mask over CATEGORIES of the cards it runs on. */
  readonly categoryMask: number;
  /** Dictionary ids of the levels it runs on; empty: all. */
  readonly levels: readonly number[];
  readonly rungKind: Uint8Array;
  readonly rungValue: Float64Array;
  readonly rungEscalates: Uint8Array;
  /** Level of the card that a rung raises, null for none. */
  readonly rungLevel: readonly (LevelRef | null)[];
}

/** How long a source may take to deliver (LagSource). */
export interface LagDef {
  readonly source: string;
  readonly count: number;
  readonly mode: number;
  readonly unit: number;
  /** Dictionary ids of its organs; empty: every organ. */
  readonly organs: readonly number[];
}

/** Item versions as columns; index = item index. */
export interface ItemTable {
  readonly count: number;
  /** By dictionary id of the code: newest item index, -1 when unknown. */
  readonly byCode: Int32Array;
  /** Next older version of the same code, -1 at the end. */
  readonly older: Int32Array;
  readonly version: Int32Array;
  readonly kind: Uint8Array;
  readonly promisedCount: Int32Array;
  readonly promisedUnit: Uint8Array;
  readonly statutoryCount: Int32Array;
  readonly statutoryUnit: Uint8Array;
  readonly extensionMax: Int32Array;
  readonly feeFen: Float64Array;
  readonly specialMask: Int32Array;
  readonly requiredMask: Uint32Array;
  /** One bit for each trait any item or clock names. */
  readonly traitMask: Int32Array;
  readonly organ: Int32Array;
  /** Stages and materials of an item: `first[item] .. first[item + 1]`. */
  readonly stageFirst: Int32Array;
  /** Where the stages outside the order begin. */
  readonly asideFirst: Int32Array;
  readonly stageCode: Int32Array;
  readonly stageLimit: Int32Array; // 0 = none
  readonly stageUnit: Uint8Array;
  readonly materialFirst: Int32Array;
  readonly materialCode: Int32Array;
}

export interface Program {
  readonly pack: PackSource;
  readonly packVersion: number;
  /** Newest version of each rule, by the dictionary id of its name. */
  readonly ruleVersions: ReadonlyMap<number, number>;
  /** National calendar. */
  readonly calendar: Calendar;
  /** Calendars by dictionary id of territory and organ; null where no layer lies over the nation's. */
  readonly local: {
    readonly byTerritory: ReadonlyMap<number, Calendar>;
    readonly byOrgan: ReadonlyMap<number, Calendar>;
  } | null;
  readonly levels: readonly LevelRef[];
  readonly clocks: readonly ClockDef[];
  /** By event type: actions in performing order, ACTION_WORDS each. */
  readonly actions: readonly Int32Array[];
  /** By event type. */
  readonly checks: readonly (readonly CheckDef[])[];
  /** Facts each event type must load before its checks run: registers and refs. */
  readonly factsOn: readonly (readonly { readonly register: number; readonly fact: FactRef }[])[];
  readonly registerCount: number;
  /** By event type: precedence rules whose b it is, absence rules whose a it is. */
  readonly sequences: readonly (readonly SequenceDef[])[];
  readonly atCaseEnd: readonly SequenceDef[];
  readonly atLogEnd: readonly SequenceDef[];
  readonly cardClocks: readonly CardClockDef[];
  readonly lags: readonly LagDef[];
  readonly items: ItemTable;
  /** Event types that end a case, as a bit mask. */
  readonly terminalMask: number;
  /** Event type → dictionary id of its name (fact event.type). */
  readonly typeCode: Int32Array;
}

/** Calendar of a case: that of its territory, else of its organ's, else the national one. */
export function calendarFor(program: Program, territory: number, organ: number): Calendar {
  const { local, calendar } = program;
  if (local === null) return calendar;
  return local.byTerritory.get(territory) ?? local.byOrgan.get(organ) ?? calendar;
}

/** Is the version in force at the instant? */
export function inForce(
  version: { readonly validFrom: number; readonly validTo: number },
  atMs: number,
): boolean {
  return atMs >= version.validFrom && atMs < version.validTo;
}

/** Item index of (code, version); the newest version when none is named; -1 when unknown. */
export function itemIndexOf(items: ItemTable, code: number, version: number): number {
  if (code < 0 || code >= items.byCode.length) return -1;
  let index = items.byCode[code]!;
  if (version <= 0) return index;
  while (index >= 0 && items.version[index] !== version) index = items.older[index]!;
  return index;
}

/** Position of a stage in the item's order, -1 when the item has no such stage. */
export function stageIndexOf(items: ItemTable, item: number, stage: number): number {
  if (item < 0 || stage < 0) return -1;
  const end = items.stageFirst[item + 1]!;
  const first = items.stageFirst[item]!;
  for (let i = first; i < end; i++) if (items.stageCode[i] === stage) return i - first;
  return -1;
}

/** Definition of the clock on cards with the dictionary id `code`; null when the pack has it no more. */
export function cardClockOf(program: Program, code: number): CardClockDef | null {
  for (let i = 0; i < program.cardClocks.length; i++) {
    if (program.cardClocks[i]!.code === code) return program.cardClocks[i]!;
  }
  return null;
}
