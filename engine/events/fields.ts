/**
 * The fields of an event record (办件事件) and what kind of value each one holds.
 *
 * Owns: field indices, their names, kinds and expectations in words, and how a value becomes one
 * 32-bit word of the record's content hash.
 * Does not own: parsing (fast-path.ts, strict-event.ts) or columns (event.ts).
 *
 * Invariants
 * F1  Field indices are append-only: they go into content hashes, which snapshots keep.
 * F2  `content` is a sum over fields, so the order of keys and the spacing of a record do not matter;
 *     every value present does. A `null` and an empty optional text are the same as no field.
 * F3  The schema in rules/schema/event.schema.json lists exactly these names.
 */
import { FNV_PRIME, finish } from '../base/hash.ts';

export const F_CASE_KEY = 0;
export const F_TYPE = 1;
export const F_AT = 2;
export const F_RECORDED_AT = 3;
export const F_SENT_AT = 4;
export const F_ITEM_CODE = 5;
export const F_ITEM_VERSION = 6;
export const F_ORGAN = 7;
export const F_TERRITORY = 8;
export const F_ACTOR = 9;
export const F_DOCUMENT = 10;
export const F_SOURCE = 11;
export const F_SEQ = 12;
export const F_REV = 13;
export const F_PARENT_KEY = 14;
export const F_DATA = 15;
/** First field that lies inside `data`. */
export const F_STAGE = 16;
export const F_DAYS = 17;
export const F_SPECIAL_TYPE = 18;
export const F_AMOUNT = 19;
export const F_DEADLINE = 20;
export const F_MATERIALS = 21;
export const F_REASON = 22;
export const F_NOTICED = 23;
export const F_APPROVER = 24;
export const F_APPLICANT_NAME = 25;
export const F_APPLICANT_ID = 26;
export const F_APPLICANT_PHONE = 27;
export const F_APPLICANT_HASH = 28;
/** Beside `caseKey`, though its index comes after those inside `data` (F1). */
export const F_RETRACTED = 29;
export const FIELD_COUNT = 30;
/** Pseudo-field under which keys of `data` that we do not know enter the content hash. */
export const F_OTHER = 30;

/**
 * Kinds up to K_TEXT are written as strings whose hash is their value's hash; those up to K_SPECIAL
 * become the id of a word.
 */
export const K_CODE = 0; // identifier that becomes a dictionary id
export const K_TYPE = 1;
export const K_SPECIAL = 2;
export const K_ID = 3; // identifier, kept as bytes or only hashed
export const K_TEXT = 4; // free text, only its presence and its hash matter
export const K_TIME = 5;
export const K_INTEGER = 6;
export const K_OBJECT = 7;
export const K_DAYS = 8;
export const K_AMOUNT = 9;
export const K_CODES = 10; // list of identifiers
export const K_FLAG = 11; // true or false

export const FIELD_NAMES: readonly string[] = [
  'caseKey',
  'type',
  'at',
  'recordedAt',
  'sentAt',
  'itemCode',
  'itemVersion',
  'organ',
  'territory',
  'actor',
  'document',
  'source',
  'seq',
  'rev',
  'parentKey',
  'data',
  'stage',
  'days',
  'specialType',
  'amount',
  'deadline',
  'materials',
  'reason',
  'noticed',
  'approver',
  'applicantName',
  'applicantId',
  'applicantPhone',
  'applicantHash',
  'retracted',
];

const TOP_KINDS = [
  ...[K_ID, K_TYPE, K_TIME, K_TIME, K_TIME, K_CODE, K_INTEGER, K_CODE],
  ...[K_CODE, K_TEXT, K_TEXT, K_CODE, K_INTEGER, K_INTEGER, K_ID, K_OBJECT],
];
const DATA_KINDS = [
  ...[K_CODE, K_DAYS, K_SPECIAL, K_AMOUNT, K_TIME, K_CODES, K_TEXT, K_FLAG, K_TEXT],
  ...[K_TEXT, K_TEXT, K_TEXT, K_TEXT],
];

/** Kind by field index. */
export const FIELD_KINDS: readonly number[] = [...TOP_KINDS, ...DATA_KINDS, K_FLAG];

export const REQUIRED_FIELDS: readonly number[] = [F_CASE_KEY, F_TYPE, F_AT];

/** Largest value of an integer field: `seq` is a float64, `rev` an int32; a row has 16 bits for the version. */
export function integerMax(field: number): number {
  if (field === F_ITEM_VERSION) return 0xffff;
  return field === F_SEQ ? Number.MAX_SAFE_INTEGER : 0x7fffffff;
}

/** Field index of a top-level key or of a key of `data`; -1 when there is none. */
export function fieldOf(name: string, insideData: boolean): number {
  const index = FIELD_NAMES.indexOf(name, insideData ? F_STAGE : 0);
  return index >= 0 && isInsideData(index) === insideData ? index : -1;
}

function isInsideData(field: number): boolean {
  return field >= F_STAGE && field < F_RETRACTED;
}

/** JSON pointer of a field. */
export function pointerOf(field: number): string {
  const name = FIELD_NAMES[field] as string;
  return isInsideData(field) ? `/data/${name}` : `/${name}`;
}

/** One word per field index, so that equal values in different fields hash differently. */
export const CONTENT_SALTS = Int32Array.from({ length: FIELD_COUNT + 1 }, (_, field) =>
  finish(field + 0x5eed),
);

/** What one present field adds to the record's running content sum. */
export function contentWord(field: number, valueHash: number): number {
  return finish(valueHash ^ (CONTENT_SALTS[field] as number));
}

/** Hash of a number, equal for equal float64 integers. */
export function numberHash(value: number): number {
  return (value | 0) ^ Math.imul((value / 4294967296) | 0, FNV_PRIME);
}
