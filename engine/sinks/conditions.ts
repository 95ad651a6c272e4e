/**
 * SQL conditions with bound parameters: the one place where what a caller may see becomes SQL (law L6).
 *
 * Invariants
 * CO1  No value ever becomes part of the SQL text; it travels as a `{name:Type}` parameter.
 * CO2  Deny by default: an empty list of organs or territories sees nothing; only null means all.
 * CO3  Every list is cut off by a bound before it is sent.
 */
import { assert } from '../base/assert.ts';
import type { CardFilter, Visibility } from './query.ts';

const LIST_MAX = 2000;
const TEXT_CHARS_MAX = 200;

/**
 * States (see cards/card.ts) in which a card still waits for an answer; the others are answered, done
 * or taken back.
 */
export const UNANSWERED_STATES: readonly string[] = [
  'provisional',
  'issued',
  'acknowledged',
  'rejected',
  'escalated',
  'reopened',
];

/** Collects conditions joined by AND, and the parameters they name. */
export class Conditions {
  readonly params: Record<string, unknown> = {};
  readonly #parts: string[] = [];

  constructor(scope: Visibility) {
    this.#within('organ', scope.organs);
    this.#within('territory', scope.territories);
  }

  /** Ready to stand after WHERE. */
  get sql(): string {
    return this.#parts.length === 0 ? '1' : this.#parts.join(' AND ');
  }

  equals(column: string, type: string, value: string | number): this {
    this.#parts.push(`${column} = ${this.#bind(type, value)}`);
    return this;
  }

  oneOf(column: string, values: readonly string[]): this {
    assert(values.length <= LIST_MAX, `at most ${LIST_MAX} values in one condition`);
    this.#parts.push(`has(${this.#bind('Array(String)', values)}, ${column})`);
    return this;
  }

  since(column: string, fromMs: number): this {
    this.#parts.push(`toUnixTimestamp64Milli(${column}) >= ${this.#bind('Int64', fromMs)}`);
    return this;
  }

  unanswered(): this {
    return this.oneOf('state', UNANSWERED_STATES);
  }

  /** Literal text in the case key, whatever characters it holds, or one of the items named. */
  text(text: string, itemCodes: readonly string[]): this {
    const needle = this.#bind('String', [...text].slice(0, TEXT_CHARS_MAX).join(''));
    const items = this.#bind('Array(String)', itemCodes.slice(0, LIST_MAX));
    this.#parts.push(
      `(positionCaseInsensitiveUTF8(case_key, ${needle}) > 0 OR has(${items}, item_code))`,
    );
    return this;
  }

  #within(column: string, allowed: readonly string[] | null): void {
    if (allowed !== null) this.oneOf(column, allowed);
  }

  #bind(type: string, value: unknown): string {
    const name = `p${Object.keys(this.params).length}`;
    this.params[name] = value;
    return `{${name}:${type}}`;
  }
}

/** The filter of a card query without its narrowing by level, state, organ and category. */
export function cardConditions(
  query: CardFilter,
  scope: Visibility,
  itemCodes: readonly string[],
): Conditions {
  const conditions = new Conditions(scope);
  if (query.ruleId !== undefined) conditions.equals('rule_id', 'String', query.ruleId);
  if (query.caseKey !== undefined) conditions.equals('case_key', 'String', query.caseKey);
  if (query.text !== undefined && query.text !== '') conditions.text(query.text, itemCodes);
  if (query.open === true) conditions.unanswered();
  return conditions;
}

export function narrow(conditions: Conditions, query: CardFilter): Conditions {
  if (query.levels !== undefined) conditions.oneOf('level', query.levels);
  if (query.states !== undefined) conditions.oneOf('state', query.states);
  if (query.categories !== undefined) conditions.oneOf('category', query.categories);
  if (query.organ !== undefined) conditions.equals('organ', 'String', query.organ);
  return conditions;
}
