/**
 * Mapping profiles (映射): the data that says how a file's attributes become event records.
 *
 * Owns: the shape, reading and checking of `rules/profiles/*.json`; all problems in one report.
 * Does not own: applying a profile (mapping.ts).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { EventTypeName } from '../events/event.ts';
import type { Label } from '../rules/source.ts';
import { ImportError } from './import-error.ts';
import type { TextFormat } from './import-text.ts';
import { LocalTime } from './import-time.ts';

export type FieldPath = string | readonly string[];

/** Where a value comes from: exactly one of `const`, `case`, `event`. */
export interface Binding {
  readonly const?: string | number | boolean;
  readonly case?: FieldPath;
  readonly event?: FieldPath;
  readonly take?: 'firstWord';
  readonly map?: Readonly<Record<string, string>>;
  readonly otherwise?: string;
  readonly separator?: string;
  /** The value is an instant, whatever its name. */
  readonly kind?: 'instant';
}

export interface BoundInstant extends Binding {
  /** `HH:MM` of the local day that a bare date means. */
  readonly dateOnly?: string;
}

export type InstantSource =
  | BoundInstant
  | { readonly earliest: readonly BoundInstant[] }
  | { readonly firstEvent: true };

/** Field of an event record → where its value comes from. */
export type FieldBindings = Readonly<Record<string, BoundInstant>>;

export interface CaseRecord {
  readonly type: EventTypeName;
  readonly at: InstantSource;
  readonly optional?: boolean;
  readonly stage?: Binding;
  readonly fields?: FieldBindings;
  readonly data?: FieldBindings;
}

export interface EventRule {
  readonly activity?: string;
  readonly prefix?: string;
  readonly lifecycle?: string;
  readonly type?: EventTypeName;
  readonly skip?: true;
  readonly stage?: Binding;
  readonly data?: FieldBindings;
}

export interface EventMapping {
  readonly activity: Binding;
  readonly lifecycle?: Binding;
  readonly at: InstantSource;
  readonly fields?: FieldBindings;
  readonly data?: FieldBindings;
  readonly rules: readonly EventRule[];
}

export interface Profile {
  readonly id: string;
  readonly version: number;
  readonly name: Label;
  readonly note?: readonly string[];
  readonly format: TextFormat;
  readonly csv?: {
    readonly row: 'event' | 'case';
    readonly delimiter?: string;
    readonly encoding?: string;
  };
  readonly pack?: string;
  readonly source: string;
  readonly zone: string;
  readonly absent?: readonly string[];
  readonly caseKey: Binding;
  readonly fields: FieldBindings;
  readonly perCase?: readonly CaseRecord[];
  readonly perEvent?: EventMapping;
}

/** Conditional parts of the schema name properties that stand elsewhere, hence not strict there. */
const AJV_OPTIONS = {
  ...{ allErrors: true, verbose: true },
  ...{ strict: true, strictRequired: false, strictTypes: false },
};
/** Compiling takes a fifth of a second, so a folder's schema is compiled once. */
const compiled = new Map<string, ValidateFunction>();

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function schemaOf(rulesDir: string): ValidateFunction {
  const validate = compiled.get(rulesDir) ?? compileSchema(rulesDir);
  compiled.set(rulesDir, validate);
  return validate;
}

function compileSchema(rulesDir: string): ValidateFunction {
  const ajv = new Ajv2020(AJV_OPTIONS);
  const schemaDir = join(rulesDir, 'schema');
  ajv.addSchema(readJson(join(schemaDir, 'rule.schema.json')) as object, 'rule.schema.json');
  return ajv.compile(readJson(join(schemaDir, 'profile.schema.json')) as object);
}

/** One problem as `pointer: what`, or null for what another problem says better. */
function problemOf(error: ErrorObject): string | null {
  const where = error.instancePath || '/';
  if (error.keyword === 'oneOf') {
    const alternatives = (error.schema as readonly { required: readonly string[] }[]).flatMap(
      ({ required }) => required,
    );
    return `${where}: needs exactly one of ${alternatives.join(', ')}`;
  }
  if (error.keyword === 'if' || error.schemaPath.includes('/oneOf/')) return null;
  const params = error.params as Readonly<Record<string, unknown>>;
  const extra = params.additionalProperty ?? params.unevaluatedProperty ?? params.allowedValues;
  const detail = extra === undefined ? '' : ` (${JSON.stringify(extra)})`;
  return `${where}: ${error.message ?? error.keyword}${detail}`;
}

/** What the schema cannot say. */
function crossProblems(profile: Profile): string[] {
  const problems: string[] = [];
  if (!LocalTime.exists(profile.zone)) problems.push(`/zone: no such zone "${profile.zone}"`);
  const byCase = profile.csv?.row === 'case';
  for (const [pointer, binding] of bindingsOf(profile)) {
    if (byCase && binding.event !== undefined) {
      problems.push(`${pointer}/event: a row is a case here; use "case"`);
    }
    if (profile.format === 'csv' && typeof (binding.case ?? binding.event) === 'object') {
      problems.push(`${pointer}: a CSV column has no nested attributes; write its name`);
    }
  }
  for (const [i, record] of (profile.perCase ?? []).entries()) {
    if (profile.format === 'csv' && 'firstEvent' in record.at) {
      problems.push(
        `/perCase/${i}/at/firstEvent: rows of a CSV case may lie anywhere; name a column`,
      );
    }
  }
  if (profile.perEvent !== undefined && 'firstEvent' in profile.perEvent.at) {
    problems.push('/perEvent/at/firstEvent: an event needs an instant of its own');
  }
  return problems;
}

function* instantBindings(pointer: string, at: InstantSource): Generator<[string, BoundInstant]> {
  if ('firstEvent' in at) return;
  if (!('earliest' in at)) {
    yield [pointer, at];
    return;
  }
  for (const [i, binding] of at.earliest.entries()) yield [`${pointer}/earliest/${i}`, binding];
}

function* fieldBindings(
  pointer: string,
  fields: FieldBindings | undefined,
): Generator<[string, BoundInstant]> {
  for (const [name, binding] of Object.entries(fields ?? {})) yield [`${pointer}/${name}`, binding];
}

/** Every binding of a profile with its JSON pointer. */
export function* bindingsOf(profile: Profile): Generator<[string, BoundInstant]> {
  yield ['/caseKey', profile.caseKey];
  yield* fieldBindings('/fields', profile.fields);
  for (const [i, record] of (profile.perCase ?? []).entries()) {
    const pointer = `/perCase/${i}`;
    yield* instantBindings(`${pointer}/at`, record.at);
    if (record.stage !== undefined) yield [`${pointer}/stage`, record.stage];
    yield* fieldBindings(`${pointer}/fields`, record.fields);
    yield* fieldBindings(`${pointer}/data`, record.data);
  }
  const perEvent = profile.perEvent;
  if (perEvent === undefined) return;
  yield ['/perEvent/activity', perEvent.activity];
  if (perEvent.lifecycle !== undefined) yield ['/perEvent/lifecycle', perEvent.lifecycle];
  yield* instantBindings('/perEvent/at', perEvent.at);
  yield* fieldBindings('/perEvent/fields', perEvent.fields);
  yield* fieldBindings('/perEvent/data', perEvent.data);
  for (const [i, rule] of perEvent.rules.entries()) {
    if (rule.stage !== undefined) yield [`/perEvent/rules/${i}/stage`, rule.stage];
    yield* fieldBindings(`/perEvent/rules/${i}/data`, rule.data);
  }
}

/** Columns or attributes the profile reads, each once, in the order it names them. */
export function pathsOf(profile: Profile, scope: 'case' | 'event'): FieldPath[] {
  const found = new Map<string, FieldPath>();
  for (const [, binding] of bindingsOf(profile)) {
    const path = binding[scope];
    if (path !== undefined) found.set(JSON.stringify(path), path);
  }
  return [...found.values()];
}

/** Checks a profile given as parsed JSON. */
export function checkProfile(value: unknown, name: string, rulesDir: string): Profile {
  const validate = schemaOf(rulesDir);
  const problems = validate(value)
    ? crossProblems(value as Profile)
    : (validate.errors ?? []).map(problemOf).filter((problem) => problem !== null);
  if (problems.length === 0) return value as Profile;
  throw new ImportError('PROFILE_INVALID', { name, count: problems.length }, { details: problems });
}

function shippedNames(rulesDir: string): string[] {
  return readdirSync(join(rulesDir, 'profiles'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/** @param nameOrFile  name of a shipped profile, or the path of a .json file */
export function loadProfile(nameOrFile: string, rulesDir: string): Profile {
  const isFile = nameOrFile.endsWith('.json');
  const path = isFile ? nameOrFile : join(rulesDir, 'profiles', `${nameOrFile}.json`);
  const known = shippedNames(rulesDir);
  const name = basename(nameOrFile);
  if (!isFile && !known.includes(nameOrFile)) {
    throw new ImportError('PROFILE_NOT_FOUND', { name: nameOrFile, known: known.join(', ') });
  }
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ImportError('PROFILE_NOT_FOUND', { name, known: known.join(', ') }, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const reason = (error as Error).message;
    throw new ImportError('PROFILE_JSON', { name, reason }, { cause: error });
  }
  return checkProfile(value, name, rulesDir);
}
