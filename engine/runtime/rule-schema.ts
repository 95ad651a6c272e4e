/**
 * The JSON Schemas of `rules/schema` as validators that answer with problems an author can act on.
 *
 * Owns: compiling the schemas once a process and turning the validator's findings into RuleProblem.
 * Does not own: what no schema can say (rule-checks.ts).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { nearest, pointerTo, type RuleProblem, show, showAllowed } from './rule-problem.ts';

export const RULES_DIR = join(import.meta.dirname, '..', '..', 'rules');

const SCHEMA_NAMES = [
  'rule',
  'clock',
  'card-clock',
  'check',
  'sequence',
  'levels',
  'catalogue',
  'pack',
  'cases',
  'calendar',
  'notice',
] as const;

export type RuleSchemaName = Exclude<(typeof SCHEMA_NAMES)[number], 'rule'>;

/** Keywords that only repeat what another finding says more precisely. */
const ECHO_KEYWORDS = new Set(['if', 'oneOf', 'anyOf', 'not']);

let compiled: Ajv2020 | null = null;

function ajv(): Ajv2020 {
  if (compiled !== null) return compiled;
  const made = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
  });
  for (const name of SCHEMA_NAMES) {
    const text = readFileSync(join(RULES_DIR, 'schema', `${name}.schema.json`), 'utf8');
    made.addSchema(JSON.parse(text), `${name}.schema.json`);
  }
  compiled = made;
  return made;
}

/** Problems of `value` against a schema, or against one definition inside it. */
export function schemaProblems(
  schema: RuleSchemaName,
  value: unknown,
  file: string,
  base = '',
  definition = '',
): RuleProblem[] {
  const key =
    definition === '' ? `${schema}.schema.json` : `${schema}.schema.json#/$defs/${definition}`;
  const validate = ajv().getSchema(key) as ValidateFunction | undefined;
  if (validate === undefined) throw new Error(`rules/schema has no ${key}`);
  if (validate(value)) return [];
  const findings = validate.errors ?? [];
  const precise = findings.filter((e) => !ECHO_KEYWORDS.has(e.keyword));
  return (precise.length > 0 ? precise : findings).map((e) => problemOf(e, file, base));
}

function problemOf(error: ErrorObject, file: string, base: string): RuleProblem {
  const common = { severity: 'error', file, nearest: '', allowed: '' } as const;
  const pointer = `${base}${error.instancePath}`;
  const found = show(error.data);
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params.additionalProperty);
      const known = Object.keys((error.parentSchema?.properties ?? {}) as object);
      return {
        ...common,
        pointer: pointerTo(pointer, key),
        zh: '没有这个字段',
        en: 'unknown field',
        found: show(key),
        allowed: showAllowed(known),
        nearest: nearest(key, known),
      };
    }
    case 'required': {
      const zh = '缺少字段';
      const missing = String(params.missingProperty);
      return { ...common, pointer, zh, en: 'a field is missing', found, allowed: missing };
    }
    case 'enum': {
      const words = (params.allowedValues as unknown[]).map(String);
      const near = typeof error.data === 'string' ? nearest(error.data, words) : '';
      const allowed = showAllowed(words);
      return {
        ...common,
        pointer,
        zh: '不在允许值内',
        en: 'not allowed',
        found,
        allowed,
        nearest: near,
      };
    }
    case 'pattern': {
      const allowed = String(params.pattern);
      return { ...common, pointer, zh: '写法不符', en: 'wrong form', found, allowed };
    }
    case 'type': {
      const allowed = String(params.type);
      return { ...common, pointer, zh: '类型不符', en: 'wrong type', found, allowed };
    }
    default: {
      const en = error.message ?? error.keyword;
      return {
        ...common,
        pointer,
        zh: `不符合 ${error.keyword}`,
        en,
        found,
        allowed: bound(error),
      };
    }
  }
}

function bound(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  const value = params.limit ?? params.allowedValue;
  return value === undefined ? '' : `${error.keyword} ${String(value)}`;
}
