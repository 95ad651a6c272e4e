/**
 * Checks bodies, queries and (in tests) answers against the schemas of the contract.
 *
 * The first error decides: a body is small, and a person or program mends one thing at a time.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { ErrorParams } from '../engine/base/errors.ts';
import { apiLimits } from '../engine/config/limits.ts';
import { type Named, SCHEMAS, type Schema } from './contract.ts';
import { DoorError } from './errors.ts';

const ID = 'mingcha:contract';

/** The components of the OpenAPI page, which are also the document that the validator reads. */
export const COMPONENTS: Readonly<Record<string, Schema<unknown>>> = Object.fromEntries(
  SCHEMAS.map(({ name, schema }) => [name, schema]),
);

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, verbose: true });
ajv.addVocabulary(['components']);
ajv.addSchema({ $id: ID, components: { schemas: COMPONENTS } });

/** First error, or null. A plain function, because Ajv's own type narrows what it is given. */
export function firstError(named: Named<unknown>, value: unknown): ErrorObject | null {
  const validate = validatorOf(named);
  return validate(value) ? null : ((validate.errors?.[0] as ErrorObject | undefined) ?? null);
}

function validatorOf(named: Named<unknown>): ValidateFunction {
  const validate = ajv.getSchema(`${ID}#/components/schemas/${named.name}`);
  if (validate === undefined) throw new Error(`schema ${named.name} is not listed in SCHEMAS`);
  return validate;
}

export function checkBody(named: Named<unknown>, value: unknown): void {
  const error = firstError(named, value);
  if (error !== null) throw bodyError(error);
}

function bodyError(error: ErrorObject): DoorError {
  const params = error.params as Readonly<Record<string, string | number>>;
  const inner = error.keyword === 'additionalProperties' ? params.additionalProperty : undefined;
  const missing = error.keyword === 'required' ? params.missingProperty : undefined;
  const last = missing ?? inner;
  const pointer = last === undefined ? error.instancePath : `${error.instancePath}/${last}`;
  const field = pointer.slice(1) || '/';
  if (inner !== undefined) return new DoorError('FIELD_NOT_WRITABLE', { field }, { pointer });
  if (missing !== undefined) return new DoorError('FIELD_REQUIRED', { field }, { pointer });
  const { minLength: min, maxLength: max } = (error.parentSchema ?? {}) as ErrorParams;
  const isReason = field === 'text' || field === 'reason';
  if (isReason && min !== undefined && max !== undefined && error.keyword !== 'type') {
    return new DoorError('REASON_REQUIRED', { min, max }, { pointer });
  }
  return new DoorError('FIELD_TYPE', { field, expected: expectedOf(error) }, { pointer });
}

function expectedOf(error: ErrorObject): string {
  const schema = (error.parentSchema ?? {}) as Readonly<Record<string, unknown>>;
  if (Array.isArray(schema.enum)) return schema.enum.join(' | ');
  if (schema.minLength !== undefined) return `${schema.minLength}..${schema.maxLength} characters`;
  if (schema.minimum !== undefined) return `${schema.minimum}..${schema.maximum}`;
  return String(schema.type ?? error.message ?? error.keyword);
}

type Properties = Readonly<Record<string, Schema<unknown>>>;

/**
 * Reads the raw query string. Every parameter at most once, none unknown; lists are written with
 * commas. Nothing is guessed: `limit=1e3` is not a number here.
 */
export function readQuery(named: Named<unknown>, raw: string): Record<string, unknown> {
  const properties = (named.schema.properties ?? {}) as Properties;
  if (raw.length > apiLimits.queryCharsMax) {
    throw queryError('?', `${apiLimits.queryCharsMax} characters at most`);
  }
  const query: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(raw)) {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (name === 'sort') throw sortError(value, properties);
    if (schema === undefined) throw queryError(name, Object.keys(properties).join(', ') || 'none');
    if (Object.hasOwn(query, name)) throw queryError(name, 'one value (use commas in a list)');
    query[name] = coerce(name, value, schema);
  }
  const error = firstError(named, query);
  if (error === null) return query;
  const name = error.instancePath.split('/')[1] ?? '?';
  if (name === 'order') throw sortError(String(query.order), properties);
  throw queryError(name, expectedOf(error));
}

function coerce(name: string, value: string, schema: Schema<unknown>): unknown {
  if (schema.type === 'integer') {
    if (!/^\d{1,9}$/.test(value)) throw queryError(name, 'a whole number');
    return Number(value);
  }
  if (schema.type === 'boolean') {
    if (value !== 'true' && value !== 'false') throw queryError(name, 'true or false');
    return value === 'true';
  }
  if (schema.type !== 'array') return value;
  const parts = value.split(',', apiLimits.queryListMax + 1);
  if (parts.length > apiLimits.queryListMax) {
    throw queryError(name, `at most ${apiLimits.queryListMax} values`);
  }
  return parts;
}

function queryError(parameter: string, expected: string): DoorError {
  return new DoorError('QUERY_INVALID', { parameter: parameter.slice(0, 64), expected });
}

function sortError(field: string, properties: Properties): DoorError {
  const allowed = properties.order?.enum;
  const names = Array.isArray(allowed) ? allowed.join(', ') : 'none';
  return new DoorError('SORT_FIELD', { field: field.slice(0, 64), allowed: names });
}
