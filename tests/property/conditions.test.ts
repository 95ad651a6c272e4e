/**
 * Compiled conditions against json-rules-engine itself: random nested conditions over flat facts, facts
 * that are absent included, must be judged the same. Runs: MINGCHA_RUNS (default 300 means 2,400 pairs
 * of condition and facts), seed: MINGCHA_SEED.
 */
import fc from 'fast-check';
import { Engine, type RuleProperties } from 'json-rules-engine';
import { describe, expect, test } from 'vitest';
import { SPECIAL_PROCEDURES } from '../../engine/events/event.ts';
import { compileCondition, OPERATORS, Registers } from '../../engine/rules/conditions.ts';
import { constantOf, type FactType } from '../../engine/rules/facts.ts';
import type { ConditionSource } from '../../engine/rules/source.ts';
import { runs } from '../fixtures/property.ts';

type Value = number | boolean | string;
type Facts = Readonly<Record<string, Value | undefined>>;

interface FactModel {
  readonly name: string;
  readonly type: FactType;
  readonly values: fc.Arbitrary<Value>;
}

const numbers = fc.oneof(
  fc.integer({ min: -3, max: 4 }),
  fc.constantFrom(0.5, -0, 2 ** 31, 2 ** 53, 1e-9, -1e15),
);
const texts = fc.constantFrom('a', 'b', 'B', 'c', '0', 'true', '受理');
const specials = fc.constantFrom(...SPECIAL_PROCEDURES.slice(0, 3));

/** Two facts of every type, so that they can be compared with each other. */
const MODELS: readonly FactModel[] = [
  { name: 'event.days', type: 'number', values: numbers },
  { name: 'event.amountFen', type: 'number', values: numbers },
  { name: 'count.suspended', type: 'number', values: numbers },
  { name: 'event.noticed', type: 'boolean', values: fc.boolean() },
  { name: 'case.closed', type: 'boolean', values: fc.boolean() },
  { name: 'clock.promise.expired', type: 'boolean', values: fc.boolean() },
  { name: 'event.stage', type: 'string', values: texts },
  { name: 'organ.code', type: 'string', values: texts },
  { name: 'event.special', type: 'special', values: specials },
  { name: 'item.kind', type: 'itemKind', values: fc.constantFrom('instant', 'promised') },
];

const facts: fc.Arbitrary<Facts> = fc
  .tuple(...MODELS.map(({ values }) => fc.option(values, { nil: undefined, freq: 4 })))
  .map((values) => Object.fromEntries(MODELS.map(({ name }, i) => [name, values[i]])));

const leaf: fc.Arbitrary<ConditionSource> = fc
  .tuple(fc.constantFrom(...MODELS), fc.constantFrom(...OPERATORS), fc.nat(3))
  .chain(([model, wanted, kind]) => {
    const ordered = wanted.startsWith('less') || wanted.startsWith('greater');
    const operator = ordered && model.type !== 'number' ? 'equal' : wanted;
    const listed = operator === 'in' || operator === 'notIn';
    const others = MODELS.filter(({ type }) => type === model.type);
    if (listed) {
      const list = fc.array(model.values, { minLength: 1, maxLength: 4 });
      return list.map((value): ConditionSource => ({ fact: model.name, operator, value }));
    }
    if (kind === 0) {
      return fc
        .constantFrom(...others)
        .map(
          (other): ConditionSource => ({ fact: model.name, operator, value: { fact: other.name } }),
        );
    }
    return model.values.map((value): ConditionSource => ({ fact: model.name, operator, value }));
  });

const { condition } = fc.letrec<{ condition: ConditionSource; list: ConditionSource[] }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 4, arbitrary: leaf },
    { weight: 2, arbitrary: tie('list').map((all): ConditionSource => ({ all })) },
    { weight: 2, arbitrary: tie('list').map((any): ConditionSource => ({ any })) },
    { weight: 1, arbitrary: tie('condition').map((not): ConditionSource => ({ not })) },
  ),
  list: fc.array(tie('condition'), { maxLength: 5 }),
}));

/** What the library says. Its rules want `all`, `any` or `not` at the top. */
async function reference(source: ConditionSource, values: Facts): Promise<boolean> {
  const engine = new Engine([], { allowUndefinedFacts: true });
  const conditions = { all: [source] } as unknown as RuleProperties['conditions'];
  engine.addRule({ conditions, event: { type: 'holds' } });
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  const { events } = await engine.run(Object.fromEntries(present));
  return events.length === 1;
}

function compiled(source: ConditionSource, values: Facts): boolean {
  const registers = new Registers();
  const ids = new Map<string, number>();
  const intern = (text: string): number => {
    if (!ids.has(text)) ids.set(text, ids.size);
    return ids.get(text) as number;
  };
  const clockIndex = (id: string): number => (id === 'promise' ? 2 : -1);
  const judge = compileCondition(source, { registers, clockIndex, intern });
  const file = new Float64Array(registers.facts.length).fill(Number.NaN);
  for (const { name, type } of MODELS) {
    const value = values[name];
    if (value === undefined) continue;
    const probe = new Registers();
    compileCondition(
      { fact: name, operator: 'equal', value },
      { registers: probe, clockIndex, intern },
    );
    const register = registers.facts.findIndex(
      ({ code, arg }) => code === probe.facts[0]?.code && arg === probe.facts[0]?.arg,
    );
    if (register >= 0) file[register] = constantOf(type, value, intern) as number;
  }
  return judge(file);
}

describe('conditions', () => {
  test('are judged as json-rules-engine judges them', async () => {
    const seen = { true: 0, false: 0 };
    await fc.assert(
      fc.asyncProperty(condition, facts, async (source, values) => {
        const expected = await reference(source, values);
        seen[`${expected}`]++;
        expect(compiled(source, values)).toBe(expected);
      }),
      runs(2400),
    );
    // A generator that only makes false ones would prove little.
    expect(Math.min(seen.true, seen.false)).toBeGreaterThan(0.1 * (seen.true + seen.false));
  });

  test('every operator was really compared with and without the fact', async () => {
    for (const operator of OPERATORS) {
      const listed = operator === 'in' || operator === 'notIn';
      const source = { fact: 'event.days', operator, value: listed ? [2, 3] : 2 };
      for (const days of [1, 2, 3, undefined]) {
        const values = { 'event.days': days };
        expect([operator, days, compiled(source, values)]).toEqual([
          ...[operator, days],
          await reference(source, values),
        ]);
      }
    }
  });
});
