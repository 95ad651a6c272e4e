/**
 * The dossier (卷宗): what the engine was told and what it concluded, in a file that anyone can check.
 *
 * NDJSON, gzip allowed. The first line names the packs (one marked as in force); every other line is one
 * case: its records as stored, its cards, and its clocks with their time bills. Instants are
 * milliseconds since 1970 UTC.
 */
import type { EventTypeName } from '../engine/events/event.ts';
import type { PackSource } from '../engine/rules/source.ts';
import type { Ask, OracleRun } from './case-fold.ts';
import type { Line } from './line.ts';

export const DOSSIER_FORMAT = 1;

export interface DossierHead {
  readonly kind: 'mingcha-dossier';
  readonly format: number;
  /** Packs (规则包) the log was under, oldest first; the last one is in force. */
  readonly packs: readonly DossierPack[];
}

export interface DossierPack {
  readonly hash: string;
  /** Stamp of its publication; null for the one the log was begun with. */
  readonly publishedMs: number | null;
  readonly pack: PackSource;
}

export interface DossierRecord {
  readonly position: number;
  readonly stampMs: number;
  /** The record as it was stored. */
  readonly record: Readonly<Record<string, unknown>>;
}

export interface DossierCard {
  readonly rule: string;
  readonly stage: string;
  readonly occurrence: number;
  readonly level: string;
  readonly due: number;
  readonly state: string;
  /** The deadline leans on a year whose notice is not published (暂定). */
  readonly provisional: boolean;
}

/** One run of one clock. */
export interface DossierClock extends Omit<OracleRun, 'pauses' | 'bill'> {
  readonly pauses: readonly {
    readonly kind: string;
    readonly from: number;
    /** Null while it lasts. */
    readonly to: number | null;
    readonly announced: number;
  }[];
  /** By day: date, why it counts or not, and days counted so far. */
  readonly bill: readonly (readonly [date: string, reason: string, used: number])[];
}

export interface DossierCase {
  readonly caseKey: string;
  /** How far time had come for it, and the declared end of the log. */
  readonly now: number;
  readonly logEnd: number | null;
  readonly records: readonly DossierRecord[];
  readonly cards: readonly DossierCard[];
  readonly clocks: readonly DossierClock[];
}

/** The question the checker answers about a case of the dossier. */
export function askOf(pack: PackSource, one: Omit<DossierCase, 'cards' | 'clocks'>): Ask {
  return {
    pack,
    events: one.records.map(lineOf),
    now: one.now,
    ...(one.logEnd === null ? {} : { logEnd: one.logEnd }),
  };
}

/** A field without a value is as good as none. */
function lineOf({ stampMs, record }: DossierRecord): Line {
  const { at: _, recordedAt, data, ...rest } = present(record);
  const line: Record<string, unknown> = {
    ...rest,
    at: Date.parse(String(record.at)),
    data: present((data ?? {}) as Record<string, unknown>),
    stamp: stampMs,
  };
  if (recordedAt !== undefined) line.recordedAt = Date.parse(String(recordedAt));
  return line as unknown as Line & { type: EventTypeName };
}

function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.entries(fields).filter(([, value]) => value !== null && value !== '');
  return Object.fromEntries(given.sort(([a], [b]) => (a < b ? -1 : 1)));
}
