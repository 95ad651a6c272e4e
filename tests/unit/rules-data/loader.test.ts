/** The rule loader: what a good pack becomes, and what it says about every kind of mistake. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalJson, packHash } from '../../../engine/runtime/pack-hash.ts';
import { checkPack, loadPack, loadPackReport } from '../../../engine/runtime/rule-loader.ts';
import { PackError, type RuleProblem } from '../../../engine/runtime/rule-problem.ts';
import { RULES_DIR } from '../../../engine/runtime/rule-schema.ts';

const DEMO = join(RULES_DIR, 'packs', 'demo.json');
const label = { zh: '名', en: 'name' };

type Json = Record<string, unknown>;
type Files = Record<string, unknown>;

const level = (code: string, rank: number) => ({ code, rank, label, color: 'none' });
const limit = (count: number, unit = 'workday') => ({ count, unit });

const ITEM: Json = {
  code: 'I-1',
  version: 1,
  name: label,
  organ: 'O-1',
  kind: 'promised',
  promised: limit(5),
  statutory: limit(20),
  extensionMax: 10,
  stages: [
    { code: 'review', name: label, limit: limit(3) },
    { code: 'decide', name: label, limit: limit(2) },
  ],
  materials: [{ code: 'form', name: label, required: true }],
  feeFen: 0,
  specials: ['hearing'],
  basis: '某法第一条',
};

const CLOCK: Json = {
  id: 'promise',
  version: 1,
  name: label,
  basis: '某法第二条',
  category: 'deadline',
  effect: 'promised',
  start: [{ event: 'accepted' }],
  stop: [{ event: 'decided' }],
  limit: { item: 'promised' },
  mode: 'legal',
  rungs: [
    { level: 'warning', at: { before: 1 }, title: label },
    { level: 'yellow', at: { due: true }, title: label },
  ],
};

const CHECK: Json = {
  id: 'no-document',
  version: 1,
  name: label,
  basis: '某法第三条',
  category: 'procedure',
  level: 'yellow',
  title: label,
  on: [{ event: 'accepted' }],
  conditions: { all: [{ fact: 'event.hasDocument', operator: 'equal', value: false }] },
  occurrence: 'once',
};

const SEQUENCE: Json = {
  id: 'accept-first',
  version: 1,
  name: label,
  basis: '某法第四条',
  category: 'procedure',
  level: 'yellow',
  title: label,
  template: 'precedence',
  a: { event: 'accepted' },
  b: { event: 'decided' },
};

const CATALOGUE: Json = {
  territories: [{ code: 'T-1', name: label }],
  organs: [{ code: 'O-1', name: label, short: label, territory: 'T-1' }],
  items: [ITEM],
};

const PACK: Json = {
  id: 'tiny',
  version: 3,
  name: label,
  place: 'CN',
  levels: [level('warning', 1), level('yellow', 2)],
  catalogue: 'catalogue.json',
  clocks: ['clocks'],
  checks: ['check.json'],
  sequences: ['sequence.json'],
  terminal: ['finished'],
};

const GOOD: Files = {
  'pack.json': PACK,
  'catalogue.json': CATALOGUE,
  'clocks/promise.json': CLOCK,
  'clocks/promise.cases.json': { cases: 'not looked at by the loader' },
  'check.json': CHECK,
  'sequence.json': SEQUENCE,
};

let root = '';
let packs = 0;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'mingcha-rules-'));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Writes the good pack with some files put in another's place; strings are written as they are. */
function write(changed: Files = {}): string {
  const dir = join(root, String(packs++));
  for (const [name, value] of Object.entries({ ...GOOD, ...changed })) {
    const file = join(dir, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return join(dir, 'pack.json');
}

function problemsOf(changed: Files): readonly RuleProblem[] {
  try {
    return loadPackReport(write(changed)).warnings;
  } catch (error) {
    if (error instanceof PackError) return error.problems;
    throw error;
  }
}

const item = (change: Json) => ({
  'catalogue.json': { ...CATALOGUE, items: [{ ...ITEM, ...change }] },
});
const clock = (change: Json) => ({ 'clocks/promise.json': { ...CLOCK, ...change } });
const rungAt = (at: Json) => ({ level: 'yellow', at, title: label });
const check = (change: Json) => ({ 'check.json': { ...CHECK, ...change } });
const when = (leaf: Json) => check({ conditions: { all: [leaf] } });
const without = (from: Json, key: string) =>
  Object.fromEntries(Object.entries(from).filter(([k]) => k !== key));
const many = <T>(count: number, one: (i: number) => T) =>
  Array.from({ length: count }, (_, i) => one(i));

describe('a good pack', () => {
  test('becomes one source with its calendar, zone and parts', () => {
    const pack = loadPack(write());
    expect([pack.id, pack.version, pack.calendar.place]).toEqual(['tiny', 3, 'CN']);
    expect(pack.zone.name).toBe(pack.calendar.zone);
    expect(pack.items.map((i) => i.code)).toEqual(['I-1']);
    expect(pack.clocks.map((c) => c.id)).toEqual(['promise']);
    expect(problemsOf({})).toEqual([]);
  });

  test('gives clocks that name no day mode the one of the pack, and else the one of the law', () => {
    const modeOf = (pack: Json, mode: Json): string | undefined =>
      loadPack(write({ 'pack.json': { ...PACK, ...pack }, ...plain(mode) })).clocks[0]?.mode;
    const plain = (mode: Json) => ({
      'clocks/promise.json': { ...without(CLOCK, 'mode'), ...mode },
    });
    expect(modeOf({}, {})).toBe('legal');
    expect(modeOf({ dayMode: 'elapsed' }, {})).toBe('elapsed');
    expect(modeOf({ dayMode: 'elapsed' }, { mode: 'hours' })).toBe('hours');
    const sent = JSON.parse(JSON.stringify(loadPack(write()))) as { clocks: Json[] };
    const clocks = sent.clocks.map((one) => without(one, 'mode'));
    const modes = checkPack({ ...sent, dayMode: 'hours', clocks }).pack.clocks.map((c) => c.mode);
    expect(modes).toEqual(['hours']);
  });

  test('$schema is for the editor and not part of the pack', () => {
    const plain = loadPack(write());
    const noted = loadPack(write({ 'check.json': { $schema: '../check.schema.json', ...CHECK } }));
    expect(packHash(noted)).toBe(packHash(plain));
  });

  test('the demonstration pack loads without a problem', () => {
    const { pack, warnings } = loadPackReport(DEMO);
    expect(warnings).toEqual([]);
    expect(pack.organs.length).toBeGreaterThanOrEqual(20);
    expect(pack.items.length).toBeGreaterThanOrEqual(60);
    expect(new Set(pack.organs.map((o) => o.territory)).size).toBe(7);
    expect(pack.demo).toBe(true);
  });
});

/** Mistake → the changed files, the pointer the report must name, and a word that must be in it. */
const MISTAKES: readonly [string, Files, string, RegExp, ('error' | 'warning')?][] = [
  ['no JSON', { 'check.json': '{ "id": ' }, '', /JSON/],
  ['a missing file', { 'pack.json': { ...PACK, checks: ['gone.json'] } }, '/checks/0', /gone/],
  ['a pack without a version', { 'pack.json': without(PACK, 'version') }, '', /version/],
  ['an unknown field', check({ levle: 'yellow' }), '/levle', /level/],
  ['a wrong category', check({ category: 'procedures' }), '/category', /procedure/],
  ['a wrong event type', clock({ stop: [{ event: 'decide' }] }), '/stop/0/event', /decided/],
  [
    'a wrong operator',
    when({ fact: 'event.days', operator: 'lessthan', value: 1 }),
    '/conditions/all/0/operator',
    /lessThan/,
  ],
  [
    'an operator of another type',
    when({ fact: 'event.stage', operator: 'lessThan', value: 'a' }),
    '/conditions/all/0/operator',
    /equal/,
  ],
  [
    'an unknown fact',
    when({ fact: 'event.hasDocment', operator: 'equal', value: false }),
    '/conditions/all/0/fact',
    /event\.hasDocument/,
  ],
  [
    'a fact of an unknown clock',
    when({ fact: 'clock.promis.expired', operator: 'equal', value: true }),
    '/conditions/all/0/fact',
    /clock\.promise\.expired/,
  ],
  [
    'a value of another type',
    when({ fact: 'event.days', operator: 'equal', value: '5' }),
    '/conditions/all/0/value',
    /number/,
  ],
  [
    'a comparison with an unknown fact',
    when({ fact: 'case.paidFen', operator: 'greaterThan', value: { fact: 'case.feeFn' } }),
    '/conditions/all/0/value/fact',
    /case\.feeFen/,
  ],
  [
    'a comparison of two types',
    when({ fact: 'case.paidFen', operator: 'equal', value: { fact: 'event.stage' } }),
    '/conditions/all/0/value/fact',
    /number/,
  ],
  [
    'a special procedure there is not',
    when({ fact: 'event.special', operator: 'equal', value: 'hearin' }),
    '/conditions/all/0/value',
    /hearing/,
  ],
  [
    'in without a list',
    when({ fact: 'event.days', operator: 'in', value: 5 }),
    '/conditions/all/0/value',
    /array/,
  ],
  [
    'a condition with two meanings',
    check({ conditions: { all: [], fact: 'event.days' } }),
    '/conditions',
    /./,
  ],
  ['a level not on the ladder', check({ level: 'yelow' }), '/level', /yellow/],
  [
    'a rung level not on the ladder',
    clock({ rungs: [{ level: 'red', at: { due: true }, title: label }] }),
    '/rungs/0/level',
    /yellow/,
  ],
  [
    'rungs out of order',
    clock({ rungs: [...(CLOCK.rungs as unknown[])].reverse() }),
    '/rungs/1/at',
    /order/,
  ],
  [
    'a share of a constant limit after the units it falls before',
    clock({
      limit: { count: 10, unit: 'workday' },
      rungs: [rungAt({ before: 1 }), rungAt({ percent: 80 })],
    }),
    '/rungs/1/at',
    /order/,
  ],
  [
    'the same of the limit of an item',
    clock({ rungs: [rungAt({ percent: 50 }), rungAt({ before: 9 })] }),
    '/rungs/1/at',
    /order/,
  ],
  [
    'a share beyond the limit before units that fall earlier',
    clock({
      limit: { count: 10, unit: 'workday' },
      rungs: [rungAt({ due: true }), rungAt({ percent: 200 }), rungAt({ after: 3 })],
    }),
    '/rungs/2/at',
    /order/,
  ],
  [
    'a share and units of a limit that only the event knows',
    clock({
      limit: { event: 'days', unit: 'workday' },
      rungs: [rungAt({ percent: 50 }), rungAt({ before: 1 })],
    }),
    '/rungs/1/at',
    /event/,
  ],
  [
    'a share of a deadline',
    clock({ limit: { event: 'deadline', by: 'day' }, rungs: [rungAt({ percent: 50 })] }),
    '/rungs/0/at',
    /deadline/,
  ],
  ['a trait that no item has', clock({ itemTrait: 'joint' }), '/itemTrait', /trait/],
  ['a stage that no item has', clock({ perStage: true, stages: ['gone'] }), '/stages/0', /stage/],
  [
    'an opening of a clock that is not for each stage',
    clock({ start: [{ event: 'accepted', opens: 'first' }] }),
    '/perStage',
    /perStage/,
  ],
  [
    'hours that must be left before a deadline',
    clock({ limit: { event: 'deadline', by: 'instant', least: 3 } }),
    '/limit/by',
    /./,
  ],
  [
    'an item version the engine cannot keep',
    item({ version: 65_536 }),
    '/items/0/version',
    /65535/,
  ],
  [
    'a stage outside the order before one inside it',
    item({
      stages: [
        { code: 'a', name: label, aside: true },
        { code: 'b', name: label },
      ],
    }),
    '/items/0/stages/1',
    /last/,
  ],
  [
    'a rung with two places',
    clock({ rungs: [{ level: 'yellow', at: { due: true, after: 1 }, title: label }] }),
    '/rungs/0/at',
    /./,
  ],
  ['a limit without a unit', clock({ limit: { count: 5 } }), '/limit', /unit/],
  ['an item limit without a unit', item({ promised: { count: 5 } }), '/items/0/promised', /unit/],
  ['a stage limit without perStage', clock({ limit: { item: 'stage' } }), '/perStage', /perStage/],
  [
    'a stage that no item has',
    clock({ start: [{ event: 'stageEntered', stage: 'reveiw' }] }),
    '/start/0/stage',
    /review/,
  ],
  [
    'a stage in a condition that no item has',
    when({ fact: 'event.stage', operator: 'equal', value: 'decde' }),
    '/conditions/all/0/value',
    /decide/,
  ],
  ['an unknown organ', item({ organ: 'O-2' }), '/items/0/organ', /O-1/],
  [
    'an unknown territory',
    { 'catalogue.json': { ...CATALOGUE, territories: [{ code: 'T-9', name: label }] } },
    '/organs/0/territory',
    /T-9/,
  ],
  [
    'a promise beyond the statute',
    item({ promised: limit(21) }),
    '/items/0/promised',
    /20 workday/,
  ],
  [
    'stages longer than the promise',
    item({ promised: limit(4) }),
    '/items/0/stages',
    /4 workday/,
    'warning',
  ],
  [
    'a promise in another unit that looks too long',
    item({ promised: limit(2, 'month') }),
    '/items/0/promised',
    /20 workday/,
    'warning',
  ],
  ['two rules of one name', check({ id: 'promise' }), '/id', /twice/],
  [
    'two items of one code and version',
    { 'catalogue.json': { ...CATALOGUE, items: [ITEM, ITEM] } },
    '/items/1/version',
    /twice/,
  ],
  [
    'two stages of one code',
    item({
      stages: [
        { code: 'review', name: label },
        { code: 'review', name: label },
      ],
    }),
    '/items/0/stages/1/code',
    /twice/,
  ],
  [
    'two levels of one rank',
    { 'pack.json': { ...PACK, levels: [level('warning', 1), level('yellow', 1)] } },
    '/levels/1/rank',
    /twice/,
  ],
  [
    '33 stages',
    item({ stages: many(33, (i) => ({ code: `s${i}`, name: label })) }),
    '/items/0/stages',
    /32/,
  ],
  [
    '33 materials',
    item({ materials: many(33, (i) => ({ code: `m${i}`, name: label, required: false })) }),
    '/items/0/materials',
    /32/,
  ],
  [
    '65 clocks',
    Object.fromEntries(many(64, (i) => [`clocks/c${i}.json`, { ...CLOCK, id: `c${i}` }])),
    '',
    /64/,
  ],
  ['precedence without its second event', { 'sequence.json': without(SEQUENCE, 'b') }, '', /\bb\b/],
  [
    'a special procedure the law does not know',
    item({ specials: ['lunch'] }),
    '/items/0/specials/0',
    /hearing/,
  ],
];

describe('every mistake is reported with file, pointer and what is allowed', () => {
  test.each(MISTAKES)('%s', (_, changed, pointer, word, severity = 'error') => {
    const found = problemsOf(changed).filter((p) => p.pointer === pointer);
    const texts = found.map((p) => `${p.found} ${p.allowed} ${p.nearest} ${p.en}`);
    expect(texts.filter((text) => word.test(text))).not.toEqual([]);
    expect(found[0]?.severity).toBe(severity);
    expect(found[0]?.file).toMatch(/\.json$/);
    expect(found[0]?.zh).not.toBe('');
  });

  test('all problems of all files come in one report', () => {
    const problems = problemsOf({ ...check({ level: 'yelow' }), ...item({ organ: 'O-2' }) });
    expect(problems.map((p) => p.pointer).sort()).toEqual(['/items/0/organ', '/level']);
  });

  test('the nearest word is proposed for a slip of the hand', () => {
    expect(problemsOf(check({ level: 'yelow' }))[0]?.nearest).toBe('yellow');
    expect(problemsOf(check({ level: 'purple' }))[0]?.nearest).toBe('');
  });

  test('the report reads Chinese first, then English', () => {
    const path = write(check({ level: 'yelow' }));
    expect(() => loadPack(path)).toThrow(/级别不在阶梯内[\s\S]*the level is not on the ladder/);
  });

  test('a warning alone does not refuse the pack', () => {
    const { pack, warnings } = loadPackReport(write(item({ promised: limit(4) })));
    expect(pack.items.length).toBe(1);
    expect(warnings.map((w) => w.severity)).toEqual(['warning']);
  });
});

describe('a pack that came over the wire', () => {
  const demo = () => JSON.parse(JSON.stringify(loadPack(DEMO))) as Json;

  test('passes when it is whole', () => {
    expect(checkPack(demo()).warnings).toEqual([]);
  });

  test.each([
    ['not an object', () => [], ''],
    ['no clocks', () => without(demo(), 'clocks'), '/clocks'],
    ['no calendar', () => without(demo(), 'calendar'), '/calendar'],
    ['no levels', () => ({ ...demo(), levels: [] }), '/levels'],
    [
      'a clock with an unknown field',
      () => ({ ...demo(), clocks: [{ ...CLOCK, x: 1 }] }),
      '/clocks/0/x',
    ],
    ['an item of an unknown organ', () => ({ ...demo(), items: [ITEM] }), '/items/0/organ'],
  ])('is refused with a pointer: %s', (_, make, pointer) => {
    let problems: readonly RuleProblem[] = [];
    try {
      checkPack(make());
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      problems = error.problems;
    }
    expect(problems.map((p) => p.pointer)).toContain(pointer);
  });
});

describe('the pack hash', () => {
  test('does not depend on the order of keys', () => {
    expect(canonicalJson({ b: [1, { d: 2, c: 3 }], a: 'x' })).toBe(
      '{"a":"x","b":[1,{"c":3,"d":2}]}',
    );
  });

  test('changes with any word of the pack', () => {
    const pack = loadPack(write());
    expect(packHash({ ...pack, version: 4 })).not.toBe(packHash(pack));
    expect(packHash(pack)).toMatch(/^[0-9a-f]{64}$/);
  });
});
