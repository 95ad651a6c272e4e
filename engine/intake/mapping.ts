/**
 * Applies a mapping profile: attributes in, event records (JSON lines) out.
 *
 * Owns: bindings, value maps, the rule that fits an activity, and the kinds of values.
 * Does not own: reading files (xes.ts, csv.ts), order and numbers of records (import.ts).
 *
 * Invariants
 * M1  The text of a record depends on the attributes alone, so that XES and CSV of one log give the
 *     same bytes: keys in one order, instants in UTC with milliseconds.
 * M2  A record is whole or refused by name; a value that cannot be read is never left out.
 */
import { HOUR_MS, MINUTE_MS } from '../base/units.ts';
import type { EventTypeName } from '../events/event.ts';
import { RowProblem } from './import-error.ts';
import { LocalTime, parseInstant } from './import-time.ts';
import {
  type Binding,
  type BoundInstant,
  type CaseRecord,
  type EventRule,
  type FieldPath,
  type InstantSource,
  type Profile,
  pathsOf,
} from './profile.ts';

/** Attributes of a case or of an event, whatever file they come from. */
export interface Fields {
  /** Text of an attribute, undefined when there is none; throws a RowProblem when ambiguous. */
  get(path: FieldPath): string | undefined;
}

export const NO_FIELDS: Fields = { get: () => undefined };

/** Where the values of one record come from. */
export interface Scope {
  readonly caseFields: Fields;
  readonly eventFields: Fields;
  /** Earliest event of the trace; NaN when there is none or the file is not read by trace. */
  readonly firstEventMs: number;
}

/** A record without its number (`seq`), which import.ts appends. */
export interface MappedRecord {
  readonly atMs: number;
  /** One JSON object. */
  readonly text: string;
}

interface RecordShape {
  readonly type: EventTypeName;
  readonly fields: readonly (readonly [string, BoundInstant])[];
  readonly data: readonly (readonly [string, BoundInstant])[];
  readonly stage: Binding | undefined;
}

type Json = string | number | boolean | readonly string[];
type Body = Record<string, unknown>;

/** Fields in the order in which a record names them. */
const FIELD_ORDER = [
  ...['recordedAt', 'sentAt', 'itemCode', 'itemVersion', 'organ', 'territory'],
  ...['actor', 'document', 'rev', 'parentKey'],
] as const;
const INSTANT_NAMES: ReadonlySet<string> = new Set(['recordedAt', 'sentAt', 'deadline']);
const INTEGER_NAMES: ReadonlySet<string> = new Set(['itemVersion', 'rev', 'days']);
const CODE_NAMES: ReadonlySet<string> = new Set(['caseKey', 'itemCode', 'document', 'parentKey']);
const TRUE_TEXTS: ReadonlySet<string> = new Set(['true', '1', '是', 'yes']);
const FALSE_TEXTS: ReadonlySet<string> = new Set(['false', '0', '否', 'no']);
/** What spreadsheets make of long digit strings, e.g. 4.40301E+17. */
const CONVERTED = /^\d(?:\.\d+)?E\+\d{1,3}$/;

export function isoInstant(ms: number): string {
  return new Date(ms).toISOString();
}

function pathName(binding: Binding): string {
  const path = binding.case ?? binding.event ?? 'const';
  return typeof path === 'string' ? path : path.join('/');
}

function minutesOf(clock: string | undefined): number | undefined {
  if (clock === undefined) return undefined;
  return Number(clock.slice(0, 2)) * (HOUR_MS / MINUTE_MS) + Number(clock.slice(3));
}

export class Mapper {
  readonly profile: Profile;
  readonly #local: LocalTime;
  readonly #absent: ReadonlySet<string>;
  readonly #casePaths: readonly FieldPath[];
  readonly #shapes = new Map<CaseRecord | EventRule, RecordShape>();

  constructor(profile: Profile) {
    this.profile = profile;
    this.#local = new LocalTime(profile.zone);
    this.#absent = new Set(['', ...(profile.absent ?? [])]);
    this.#casePaths = pathsOf(profile, 'case');
  }

  caseKey(scope: Scope): string {
    const key = this.#code('caseKey', this.profile.caseKey, scope);
    if (key === undefined) throw new RowProblem('FIELD_REQUIRED', { field: 'caseKey' });
    return key;
  }

  /** All the case says of itself, as one text: two rows of a case normally agree on it. */
  signature(caseFields: Fields): string {
    return this.#casePaths.map((path) => caseFields.get(path) ?? '').join('\u0000');
  }

  /** Null when the profile says the record is optional and there is no instant. */
  caseRecord(record: CaseRecord, caseKey: string, scope: Scope): MappedRecord | null {
    const atMs = this.#instant(record.at, scope);
    if (atMs !== undefined) return this.#record(this.#shapeOf(record), atMs, caseKey, scope);
    if (record.optional === true) return null;
    throw new RowProblem('FIELD_REQUIRED', { field: `${record.type}.at` });
  }

  /** Null when a rule says that the event is to be skipped. */
  eventRecord(caseKey: string, scope: Scope): MappedRecord | null {
    const mapping = this.profile.perEvent;
    if (mapping === undefined) return null;
    const rule = this.#rule(scope);
    if (rule.skip === true) return null;
    const atMs = this.#instant(mapping.at, scope);
    if (atMs === undefined) throw new RowProblem('FIELD_REQUIRED', { field: 'at' });
    return this.#record(this.#shapeOf(rule), atMs, caseKey, scope);
  }

  /** The event's own instant, for the earliest of a trace; undefined when it has none. */
  eventInstant(scope: Scope): number | undefined {
    const at = this.profile.perEvent?.at;
    return at === undefined ? undefined : this.#instant(at, scope);
  }

  #rule(scope: Scope): EventRule {
    const mapping = this.profile.perEvent;
    const activity = mapping && this.#text(mapping.activity, scope);
    if (mapping === undefined || activity === undefined) {
      throw new RowProblem('FIELD_REQUIRED', { field: 'activity' });
    }
    const lifecycle = mapping.lifecycle && this.#text(mapping.lifecycle, scope);
    for (const rule of mapping.rules) {
      if (rule.activity !== undefined && rule.activity !== activity) continue;
      if (rule.prefix !== undefined && !activity.startsWith(rule.prefix)) continue;
      if (rule.lifecycle !== undefined && rule.lifecycle !== lifecycle) continue;
      return rule;
    }
    const value = lifecycle === undefined ? activity : `${activity} (${lifecycle})`;
    throw new RowProblem('ACTIVITY_NOT_MAPPED', { value });
  }

  /** The bindings of a rule merged with those above it, worked out once. */
  #shapeOf(rule: CaseRecord | EventRule): RecordShape {
    let shape = this.#shapes.get(rule);
    if (shape === undefined) {
      const mapping = 'at' in rule ? rule : this.profile.perEvent;
      const fields = { ...this.profile.fields, ...mapping?.fields };
      const data = { ...mapping?.data, ...rule.data };
      shape = {
        type: rule.type as EventTypeName, // a rule that skips never comes here
        fields: FIELD_ORDER.flatMap((name) => (fields[name] ? [[name, fields[name]]] : [])),
        data: Object.entries(data),
        stage: rule.stage,
      };
      this.#shapes.set(rule, shape);
    }
    return shape;
  }

  #record(shape: RecordShape, atMs: number, caseKey: string, scope: Scope): MappedRecord {
    const body: Body = { caseKey, type: shape.type, at: isoInstant(atMs) };
    for (const [name, binding] of shape.fields) put(body, name, this.#value(name, binding, scope));
    const details: Body = {};
    if (shape.stage !== undefined) put(details, 'stage', this.#code('stage', shape.stage, scope));
    for (const [name, binding] of shape.data) put(details, name, this.#value(name, binding, scope));
    if (Object.keys(details).length > 0) body.data = details;
    body.source = this.profile.source;
    return { atMs, text: JSON.stringify(body) };
  }

  /** The value of a binding in the kind that its name calls for. */
  #value(name: string, binding: BoundInstant, scope: Scope): Json | undefined {
    if (INSTANT_NAMES.has(name) || binding.kind === 'instant') {
      const ms = this.#boundInstant(binding, scope);
      return ms === undefined ? undefined : isoInstant(ms);
    }
    if (CODE_NAMES.has(name)) return this.#code(name, binding, scope);
    const text = this.#text(binding, scope);
    if (text === undefined) return undefined;
    if (INTEGER_NAMES.has(name))
      return numberOf(name, binding, text, /^-?\d{1,15}$/, '整数 integer');
    if (name === 'amount') return numberOf(name, binding, text, /^-?\d{1,13}(\.\d{1,2})?$/, '0.00');
    if (name === 'noticed') return booleanOf(binding, text);
    if (name === 'materials') return listOf(binding, text);
    return text;
  }

  #text(binding: Binding, scope: Scope): string | undefined {
    if (binding.const !== undefined) return String(binding.const);
    let found: string | undefined;
    if (binding.case !== undefined) found = scope.caseFields.get(binding.case);
    else if (binding.event !== undefined) found = scope.eventFields.get(binding.event);
    if (found === undefined || this.#absent.has(found)) return binding.otherwise;
    if (binding.take === 'firstWord') found = found.split(' ', 1)[0] ?? found;
    if (binding.map === undefined) return found;
    if (Object.hasOwn(binding.map, found)) return binding.map[found];
    if (binding.otherwise !== undefined) return binding.otherwise;
    throw new RowProblem('VALUE_NOT_MAPPED', { field: pathName(binding), value: found });
  }

  #code(name: string, binding: Binding, scope: Scope): string | undefined {
    const text = this.#text(binding, scope);
    if (text === undefined) return undefined;
    const canonical = text.trim().normalize('NFC');
    const field = pathName(binding);
    if (canonical !== text) throw new RowProblem('ID_NOT_CANONICAL', { field, canonical }, name);
    if (CONVERTED.test(text)) throw new RowProblem('CELL_LOOKS_CONVERTED', { field, value: text });
    return text;
  }

  #boundInstant(binding: BoundInstant, scope: Scope): number | undefined {
    const text = this.#text(binding, scope);
    if (text === undefined) return undefined;
    return parseInstant(pathName(binding), text, this.#local, minutesOf(binding.dateOnly));
  }

  #instant(at: InstantSource, scope: Scope): number | undefined {
    if ('firstEvent' in at) {
      return Number.isNaN(scope.firstEventMs) ? undefined : scope.firstEventMs;
    }
    if (!('earliest' in at)) return this.#boundInstant(at, scope);
    let earliest: number | undefined;
    for (const binding of at.earliest) {
      const ms = this.#boundInstant(binding, scope);
      if (ms !== undefined && (earliest === undefined || ms < earliest)) earliest = ms;
    }
    return earliest;
  }
}

function put(body: Body, name: string, value: Json | undefined): void {
  if (value !== undefined) body[name] = value;
}

function numberOf(
  field: string,
  binding: Binding,
  text: string,
  form: RegExp,
  expected: string,
): number {
  if (!form.test(text)) {
    const shown = `${field} (${pathName(binding)}: “${text.slice(0, 40)}”)`;
    throw new RowProblem('NUMBER_INVALID', { field: shown, expected });
  }
  return Number(text);
}

function booleanOf(binding: Binding, text: string): boolean {
  const lower = text.toLowerCase();
  if (TRUE_TEXTS.has(lower)) return true;
  if (FALSE_TEXTS.has(lower)) return false;
  throw new RowProblem('BOOLEAN_INVALID', { field: pathName(binding), value: text.slice(0, 40) });
}

function listOf(binding: Binding, text: string): readonly string[] {
  return text
    .split(binding.separator ?? ';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
