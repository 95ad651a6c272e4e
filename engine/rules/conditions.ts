/**
 * Conditions in the json-rules-engine format, compiled once to closures over a register file.
 *
 * Owns: the compilation of all/any/not and the operators. Does not own: facts (facts.ts), when a check
 * is evaluated (kernel/checks.ts). No `eval`, no `new Function`: a closure is specialised for the
 * operator and the register, so evaluating a leaf is one load and one comparison.
 *
 * Absent values (NaN) follow json-rules-engine's undefined: every operator but `notEqual`, `notIn`
 * answers false, and two absent facts are equal.
 */

import type { FactRef, FactType } from './facts.ts';
import { constantOf, resolveFact } from './facts.ts';
import type { ConditionSource } from './source.ts';

export type Condition = (registers: Float64Array) => boolean;

export const OPERATORS = [
  'equal',
  'notEqual',
  'in',
  'notIn',
  'lessThan',
  'lessThanInclusive',
  'greaterThan',
  'greaterThanInclusive',
] as const;

type Operator = (typeof OPERATORS)[number];

/** What is wrong in a condition, for the loader's report. */
export class ConditionError extends Error {
  readonly pointer: string;
  constructor(pointer: string, message: string) {
    super(message);
    this.pointer = pointer;
  }
}

/** Assigns registers to facts, one each, shared by all conditions compiled with it. */
export class Registers {
  readonly facts: FactRef[] = [];
  readonly #byKey = new Map<number, number>();

  of(fact: FactRef): number {
    const key = fact.code * 65536 + fact.arg;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const register = this.facts.length;
    this.facts.push(fact);
    this.#byKey.set(key, register);
    return register;
  }
}

export interface ConditionContext {
  readonly registers: Registers;
  readonly clockIndex: (id: string) => number;
  readonly intern: (text: string) => number;
}

const DEPTH_MAX = 16;

export function compileCondition(
  source: ConditionSource,
  context: ConditionContext,
  pointer = '/conditions',
  depth = 0,
): Condition {
  if (depth > DEPTH_MAX) {
    throw new ConditionError(pointer, `条件嵌套超过 ${DEPTH_MAX} 层 (nested too deep)`);
  }
  if ('all' in source) return compileList(source.all, 'all', context, pointer, depth);
  if ('any' in source) return compileList(source.any, 'any', context, pointer, depth);
  if ('not' in source) {
    const inner = compileCondition(source.not, context, `${pointer}/not`, depth + 1);
    return (r) => !inner(r);
  }
  return compileLeaf(source, context, pointer);
}

function compileList(
  list: readonly ConditionSource[],
  kind: 'all' | 'any',
  context: ConditionContext,
  pointer: string,
  depth: number,
): Condition {
  const parts = list.map((one, i) =>
    compileCondition(one, context, `${pointer}/${kind}/${i}`, depth + 1),
  );
  const [a, b, c] = parts;
  const all = kind === 'all';
  // An empty list is true in json-rules-engine for both kinds.
  if (a === undefined) return () => true;
  if (b === undefined) return a;
  if (c === undefined) return all ? (r) => a(r) && b(r) : (r) => a(r) || b(r);
  if (parts.length === 3) {
    return all ? (r) => a(r) && b(r) && c(r) : (r) => a(r) || b(r) || c(r);
  }
  return (r) => {
    for (let i = 0; i < parts.length; i++) if (parts[i]!(r) !== all) return !all;
    return all;
  };
}

function compileLeaf(
  leaf: Extract<ConditionSource, { fact: string }>,
  context: ConditionContext,
  pointer: string,
): Condition {
  const fact = resolveFact(leaf.fact, context.clockIndex);
  if (fact === null)
    throw new ConditionError(`${pointer}/fact`, `未知事实 (unknown fact) ${leaf.fact}`);
  const operator = OPERATORS.find((name) => name === leaf.operator);
  if (operator === undefined) {
    const known = OPERATORS.join(', ');
    throw new ConditionError(
      `${pointer}/operator`,
      `未知运算符 (unknown operator) ${leaf.operator}; 可用 (allowed): ${known}`,
    );
  }
  const ordered = operator.startsWith('less') || operator.startsWith('greater');
  if (ordered && fact.type !== 'number') {
    throw new ConditionError(pointer, `${leaf.fact} 不是数值,不能比较大小 (not a number)`);
  }
  const register = context.registers.of(fact);
  if (operator === 'in' || operator === 'notIn') {
    return membership(register, operator, constants(leaf.value, fact.type, context, pointer));
  }
  if (typeof leaf.value === 'object' && leaf.value !== null) {
    return factComparison(register, operator, fact.type, leaf.value, context, pointer);
  }
  const value = constantOf(fact.type, leaf.value, context.intern);
  if (value === null) {
    throw new ConditionError(
      `${pointer}/value`,
      `值 ${JSON.stringify(leaf.value)} 与 ${leaf.fact} 的类型 ${fact.type} 不符 (type mismatch)`,
    );
  }
  return comparison(register, operator, value);
}

/** `value: { fact }` compares two facts of one type, as json-rules-engine allows. */
function factComparison(
  register: number,
  operator: Exclude<Operator, 'in' | 'notIn'>,
  type: FactType,
  value: object,
  context: ConditionContext,
  pointer: string,
): Condition {
  const name = 'fact' in value ? String(value.fact) : '';
  const fact = resolveFact(name, context.clockIndex);
  if (fact === null || fact.type !== type) {
    throw new ConditionError(
      `${pointer}/value/fact`,
      `应为 ${type} 类事实 (needs a ${type} fact): ${name}`,
    );
  }
  const other = context.registers.of(fact);
  switch (operator) {
    case 'equal':
      return (r) => same(r[register]!, r[other]!);
    case 'notEqual':
      return (r) => !same(r[register]!, r[other]!);
    case 'lessThan':
      return (r) => r[register]! < r[other]!;
    case 'lessThanInclusive':
      return (r) => r[register]! <= r[other]!;
    case 'greaterThan':
      return (r) => r[register]! > r[other]!;
    case 'greaterThanInclusive':
      return (r) => r[register]! >= r[other]!;
  }
}

function same(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

function constants(
  value: unknown,
  type: FactType,
  context: ConditionContext,
  pointer: string,
): Float64Array {
  if (!Array.isArray(value) || value.length === 0) {
    throw new ConditionError(`${pointer}/value`, 'in/notIn 需要非空数组 (needs a non-empty array)');
  }
  return Float64Array.from(value, (one, i) => {
    const constant = constantOf(type, one, context.intern);
    if (constant === null) {
      throw new ConditionError(`${pointer}/value/${i}`, `值与类型 ${type} 不符 (type mismatch)`);
    }
    return constant;
  });
}

function comparison(
  register: number,
  operator: Exclude<Operator, 'in' | 'notIn'>,
  value: number,
): Condition {
  switch (operator) {
    case 'equal':
      return (r) => r[register]! === value;
    case 'notEqual':
      return (r) => r[register]! !== value;
    case 'lessThan':
      return (r) => r[register]! < value;
    case 'lessThanInclusive':
      return (r) => r[register]! <= value;
    case 'greaterThan':
      return (r) => r[register]! > value;
    case 'greaterThanInclusive':
      return (r) => r[register]! >= value;
  }
}

function membership(register: number, operator: 'in' | 'notIn', values: Float64Array): Condition {
  const wanted = operator === 'in';
  const [a, b] = values;
  if (values.length === 1) return (r) => (r[register]! === a) === wanted;
  if (values.length === 2) {
    return (r) => {
      const v = r[register]!;
      return (v === a || v === b) === wanted;
    };
  }
  return (r) => {
    const v = r[register]!;
    for (let i = 0; i < values.length; i++) if (v === values[i]) return wanted;
    return !wanted;
  };
}
