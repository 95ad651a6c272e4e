/**
 * Check rules beside json-rules-engine: five rules of three conditions over the same flat facts, one
 * answer everywhere.
 *
 * Figures, in evaluations of the whole rule set a second on one core: `closures` as the kernel runs
 * them (facts in registers), `fromObjects` with the facts copied out of the very objects that
 * json-rules-engine reads, `handWritten` the same conditions as one function, `jsonRulesEngine` awaited
 * one run at a time, as its documentation shows. Sides alternate; the best round of each counts.
 */
import { Engine } from 'json-rules-engine';
import { Prng } from '../../engine/base/prng.ts';
import type { Condition } from '../../engine/rules/conditions.ts';
import { compileCondition, Registers } from '../../engine/rules/conditions.ts';
import type { ConditionSource } from '../../engine/rules/source.ts';
import type { BenchResult } from '../harness.ts';

interface FlatFacts {
  readonly 'event.days': number;
  readonly 'event.amountFen': number;
  readonly 'event.recordLagHours': number;
  readonly 'case.accepted': boolean;
  readonly 'case.materialsMissing': number;
  readonly 'event.hasDocument': boolean;
}

const leaf = (fact: string, operator: string, value: unknown): ConditionSource => ({
  fact,
  operator,
  value,
});

const RULES: readonly ConditionSource[] = [
  {
    all: [
      leaf('case.accepted', 'equal', true),
      leaf('event.hasDocument', 'equal', false),
      leaf('event.days', 'greaterThan', 3),
    ],
  },
  {
    any: [
      leaf('event.amountFen', 'greaterThan', 90_000),
      leaf('event.recordLagHours', 'greaterThanInclusive', 70),
      leaf('case.materialsMissing', 'equal', 4),
    ],
  },
  {
    all: [
      leaf('case.materialsMissing', 'greaterThan', 0),
      leaf('event.days', 'in', [1, 2, 5, 8]),
      leaf('event.hasDocument', 'notEqual', false),
    ],
  },
  {
    all: [
      leaf('event.recordLagHours', 'lessThan', 48),
      leaf('event.amountFen', 'notIn', [0, 100]),
      { not: leaf('case.accepted', 'equal', true) },
    ],
  },
  {
    any: [
      {
        all: [leaf('event.days', 'lessThanInclusive', 1), leaf('event.hasDocument', 'equal', true)],
      },
      leaf('event.amountFen', 'lessThan', 500),
    ],
  },
];

const NAMES = [
  'event.days',
  'event.amountFen',
  'event.recordLagHours',
  'case.accepted',
  'case.materialsMissing',
  'event.hasDocument',
] as const;

export async function run(options: { size: 'small' | 'large' }): Promise<BenchResult> {
  const count = options.size === 'small' ? 500 : 20_000;
  const rounds = options.size === 'small' ? 2 : 5;
  const repeats = options.size === 'small' ? 20 : 100;
  const facts = makeFacts(count);
  const rules = compileRules();
  const flat = flatten(facts);
  const engine = referenceEngine();
  const best = { closures: 0, fromObjects: 0, handWritten: 0, jsonRulesEngine: 0 };
  const answers = { closures: 0, fromObjects: 0, handWritten: 0, jsonRulesEngine: 0 };
  const note = (name: keyof typeof best, runs: number, ms: number, answer: number): void => {
    best[name] = Math.max(best[name], (runs / ms) * 1000);
    answers[name] = answer;
  };
  for (let round = 0; round < rounds; round++) {
    let began = performance.now();
    let answer = 0;
    for (let k = 0; k < repeats; k++) answer = runClosures(rules, flat, count);
    note('closures', count * repeats, performance.now() - began, answer);
    began = performance.now();
    for (let k = 0; k < repeats; k++) answer = runFromObjects(rules, facts);
    note('fromObjects', count * repeats, performance.now() - began, answer);
    began = performance.now();
    for (let k = 0; k < repeats; k++) answer = runHandWritten(facts);
    note('handWritten', count * repeats, performance.now() - began, answer);
    const part = facts.slice(0, Math.max(100, count / 10));
    began = performance.now();
    await runReference(engine, part);
    note('jsonRulesEngine', part.length, performance.now() - began, 0);
  }
  answers.jsonRulesEngine = await runReference(engine, facts);
  for (const [name, answer] of Object.entries(answers)) {
    if (answer !== answers.closures)
      throw new Error(`${name} answers ${answer}, closures otherwise`);
  }
  return {
    name: 'rules',
    size: options.size,
    figures: best,
    ratios: {
      'json-rules-engine': best.closures / best.jsonRulesEngine,
      'json-rules-engine (from objects)': best.fromObjects / best.jsonRulesEngine,
      'hand-written': best.closures / best.handWritten,
    },
    checksum: String(answers.closures),
  };
}

function makeFacts(count: number): FlatFacts[] {
  const prng = new Prng(7);
  return Array.from({ length: count }, () => ({
    'event.days': prng.int(0, 9),
    'event.amountFen': prng.int(0, 100_000),
    'event.recordLagHours': prng.int(0, 72),
    'case.accepted': prng.chance(0.5),
    'case.materialsMissing': prng.int(0, 4),
    'event.hasDocument': prng.chance(0.5),
  }));
}

/** Registers in the order of NAMES, so that rows can be copied without a look-up. */
function compileRules(): readonly Condition[] {
  const registers = new Registers();
  const context = { registers, clockIndex: () => -1, intern: () => -1 };
  for (const name of NAMES) {
    const value = name === 'case.accepted' || name === 'event.hasDocument' ? true : 1;
    compileCondition({ fact: name, operator: 'equal', value }, context);
  }
  return RULES.map((rule) => compileCondition(rule, context));
}

function flatten(facts: readonly FlatFacts[]): Float64Array[] {
  return facts.map((one) => Float64Array.from(NAMES, (name) => Number(one[name])));
}

function runClosures(
  rules: readonly Condition[],
  flat: readonly Float64Array[],
  count: number,
): number {
  const [a, b, c, d, e] = rules as [Condition, Condition, Condition, Condition, Condition];
  let answer = 0;
  for (let i = 0; i < count; i++) {
    const r = flat[i]!;
    if (a(r)) answer += 1;
    if (b(r)) answer += 2;
    if (c(r)) answer += 4;
    if (d(r)) answer += 8;
    if (e(r)) answer += 16;
  }
  return answer;
}

function runFromObjects(rules: readonly Condition[], facts: readonly FlatFacts[]): number {
  const r = new Float64Array(NAMES.length);
  let answer = 0;
  for (const one of facts) {
    r[0] = one['event.days'];
    r[1] = one['event.amountFen'];
    r[2] = one['event.recordLagHours'];
    r[3] = one['case.accepted'] ? 1 : 0;
    r[4] = one['case.materialsMissing'];
    r[5] = one['event.hasDocument'] ? 1 : 0;
    for (let k = 0; k < rules.length; k++) if (rules[k]!(r)) answer += 1 << k;
  }
  return answer;
}

function runHandWritten(facts: readonly FlatFacts[]): number {
  let answer = 0;
  for (const f of facts) {
    const days = f['event.days'];
    const amount = f['event.amountFen'];
    const document = f['event.hasDocument'];
    const missing = f['case.materialsMissing'];
    const lag = f['event.recordLagHours'];
    if (f['case.accepted'] && !document && days > 3) answer += 1;
    if (amount > 90_000 || lag >= 70 || missing === 4) answer += 2;
    if (missing > 0 && (days === 1 || days === 2 || days === 5 || days === 8) && document) {
      answer += 4;
    }
    if (lag < 48 && amount !== 0 && amount !== 100 && !f['case.accepted']) answer += 8;
    if ((days <= 1 && document) || amount < 500) answer += 16;
  }
  return answer;
}

function referenceEngine(): Engine {
  const engine = new Engine();
  RULES.forEach((conditions, i) => {
    engine.addRule({
      conditions: conditions as never,
      event: { type: 'card', params: { weight: 1 << i } },
    });
  });
  return engine;
}

async function runReference(engine: Engine, facts: readonly FlatFacts[]): Promise<number> {
  let answer = 0;
  for (const one of facts) {
    const { events } = await engine.run({ ...one });
    for (const event of events) answer += Number(event.params?.weight);
  }
  return answer;
}
