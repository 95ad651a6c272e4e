/** The rules that are shipped: their lists agree with the engine's, and every case passes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadPackCases, packPaths, runCases } from '../../../engine/cli/rule-cases.ts';
import { caseEngine } from '../../../engine/cli/rule-runner.ts';
import { EVENT_TYPES, SPECIAL_PROCEDURES } from '../../../engine/events/event.ts';
import { OPERATORS } from '../../../engine/rules/conditions.ts';
import { CLOCK_FACTS, FACTS, ITEM_KINDS } from '../../../engine/rules/facts.ts';
import { loadFacts } from '../../../engine/runtime/rule-facts.ts';
import { RULES_DIR, schemaProblems } from '../../../engine/runtime/rule-schema.ts';
import { factTable } from './fact-table.ts';

interface RuleSchema {
  readonly $defs: Readonly<Record<string, { readonly enum?: readonly string[] }>>;
}

const schema = JSON.parse(
  readFileSync(join(RULES_DIR, 'schema', 'rule.schema.json'), 'utf8'),
) as RuleSchema;

describe('one list each', () => {
  test('the schema knows the event types of the engine', () => {
    expect(schema.$defs.eventType?.enum).toEqual([...EVENT_TYPES]);
  });

  test('the schema knows the special procedures of the engine', () => {
    expect(schema.$defs.special?.enum).toEqual([...SPECIAL_PROCEDURES]);
  });

  test('the schema and the fact list know the operators of the compiler', () => {
    const listed = new Set(Object.values(loadFacts().operators).flat());
    expect([...listed].sort()).toEqual([...OPERATORS].sort());
    expect([...(schema.$defs.operator?.enum ?? [])].sort()).toEqual([...OPERATORS].sort());
  });

  test('the published facts are those of the compiler, with their types', () => {
    const published = loadFacts().facts;
    const typeOf = (type: string) => (type === 'special' || type === 'itemKind' ? 'string' : type);
    const own = FACTS.map((fact) => `${fact.name} ${typeOf(fact.type)}`);
    const families = [
      'count.{eventType} number',
      ...CLOCK_FACTS.map((state) => `clock.{clockId}.${state} boolean`),
    ];
    const listed = published.map((fact) => `${fact.name} ${fact.type}`);
    expect([...listed].sort()).toEqual([...own, ...families].sort());
    const valuesOf = (name: string) => published.find((f) => f.name === name)?.values;
    expect(valuesOf('event.special')).toEqual([...SPECIAL_PROCEDURES]);
    expect(valuesOf('item.kind')).toEqual([...ITEM_KINDS]);
  });

  test('the fact table of rules/README.md is made of facts.json', () => {
    const readme = readFileSync(join(RULES_DIR, 'README.md'), 'utf8');
    // The formatter pads the cells of a table.
    const plain = (text: string) => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');
    expect(plain(readme)).toContain(plain(factTable(loadFacts())));
  });
});

describe.each(packPaths().map((path) => [path.slice(RULES_DIR.length + 1), path]))(
  '%s',
  (_, path) => {
    const { pack, files, warnings } = loadPackCases(path);

    test('loads without a warning', () => {
      expect(warnings).toEqual([]);
    });

    // A pack of another place may ship rules whose cases are its logs.
    const engine = caseEngine(pack);
    test.each(files.map((file) => [file.ruleId, file] as const))('cases of %s', (_id, file) => {
      const failed = runCases(file, engine).filter((r) => r.differences.length > 0);
      expect(failed.map((r) => [r.name, ...r.differences])).toEqual([]);
    });
  },
);

describe('the demonstration pack', () => {
  const demo = loadPackCases(join(RULES_DIR, 'packs', 'demo.json'));

  test('every rule has cases beside it', () => {
    expect(demo.untested).toEqual([]);
  });

  test('every rule has a case in which it fires and one in which it does not', () => {
    // A clock on cards that raises none shows in the state and the deadlines of the card it runs on.
    const silent = (demo.pack.cardClocks ?? []).filter(({ rungs }) => !rungs.some((r) => r.raise));
    const oneSided = demo.files.filter(({ ruleId, cases }) => {
      if (silent.some(({ id }) => id === ruleId)) return cases.length < 2;
      const fires = cases.map((one) => one.expect.some((card) => card.ruleId === ruleId));
      return !fires.includes(true) || !fires.includes(false);
    });
    expect(oneSided.map((file) => file.ruleId)).toEqual([]);
  });

  test('every rule names its basis and both languages', () => {
    const { clocks, checks, sequences, cardClocks = [] } = demo.pack;
    for (const rule of [...clocks, ...checks, ...sequences, ...cardClocks]) {
      expect(rule.basis).toMatch(/\p{Script=Han}/u);
      expect(rule.name.zh).toMatch(/\p{Script=Han}/u);
      expect(rule.name.en).toMatch(/^[A-Z]/);
    }
  });

  test('a case whose cards differ is told apart', () => {
    const file = demo.files.find((f) => f.ruleId === 'accept-without-document');
    if (file === undefined) throw new Error('the rule is shipped');
    const [result] = runCases({ ...file, cases: file.cases.slice(1, 2) }, () => []);
    expect(result?.differences).toHaveLength(1);
    expect(result?.differences[0]).toMatch(/missing.*accept-without-document/);
  });
});

test('every schema file is itself a schema the validator takes', () => {
  const names = readdirSync(join(RULES_DIR, 'schema')).filter((n) => n.endsWith('.schema.json'));
  expect(names).toEqual(expect.arrayContaining(['clock.schema.json', 'pack.schema.json']));
  for (const name of [
    'clock',
    'check',
    'sequence',
    'levels',
    'catalogue',
    'pack',
    'cases',
  ] as const) {
    expect(schemaProblems(name, 7, 'x').length).toBeGreaterThan(0);
  }
});
