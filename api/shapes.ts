/**
 * How the contract writes its shapes: each is a JSON Schema (2020-12) from which its TypeScript type is
 * derived, so that there is nothing to keep equal by hand.
 *
 * Part of the contract: imports nothing and touches no platform global.
 */

declare const OF: unique symbol;

/** A JSON Schema whose instances are `T`; `OF` exists for the compiler only. */
export interface Schema<T> {
  readonly [keyword: string]: unknown;
  readonly [OF]?: T;
}

export type TypeOf<S> = S extends Named<infer T> ? T : S extends Schema<infer T> ? T : never;

/** A schema with a place under `#/components/schemas/`. */
export interface Named<T> {
  readonly name: string;
  readonly schema: Schema<T>;
  readonly ref: Schema<T>;
}

type Fields = Readonly<Record<string, Schema<unknown>>>;
type Flat<T> = { [K in keyof T]: T[K] };
type ObjectOf<R extends Fields, O extends Fields> = Flat<
  { readonly [K in keyof R]: TypeOf<R[K]> } & { readonly [K in keyof O]?: TypeOf<O[K]> }
>;

export const text: Schema<string> = { type: 'string' };
export const number: Schema<number> = { type: 'number' };
export const integer: Schema<number> = { type: 'integer' };
export const flag: Schema<boolean> = { type: 'boolean' };
export const anything: Schema<unknown> = {};

export function bounded(minLength: number, maxLength: number): Schema<string> {
  return { type: 'string', minLength, maxLength };
}

export function within(minimum: number, maximum: number): Schema<number> {
  return { type: 'integer', minimum, maximum };
}

export function choice<const C extends readonly string[]>(values: C): Schema<C[number]> {
  return { type: 'string', enum: values };
}

export function list<T>(items: Schema<T>, maxItems?: number): Schema<readonly T[]> {
  return maxItems === undefined ? { type: 'array', items } : { type: 'array', items, maxItems };
}

export function byName<T>(values: Schema<T>): Schema<Readonly<Record<string, T>>> {
  return { type: 'object', additionalProperties: values };
}

export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  return { anyOf: [schema, { type: 'null' }] };
}

export function object<R extends Fields, O extends Fields = Record<never, never>>(
  required: R,
  optional?: O,
): Schema<ObjectOf<R, O>> {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

export function named<T>(name: string, schema: Schema<T>): Named<T> {
  return { name, schema, ref: { $ref: `#/components/schemas/${name}` } };
}
