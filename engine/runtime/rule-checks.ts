/**
 * What no schema can say about a pack: names that must be known elsewhere, limits that must agree,
 * rungs in order, facts and operators that exist.
 *
 * Owns: these relations, over parts that each fit their schema already.
 * Does not own: wording of the report (rule-problem.ts), the list of facts (rule-facts.ts).
 */
import { EVENT_TYPES } from '../events/event.ts';
import type {
  ClockSource,
  ConditionLeaf,
  ConditionSource,
  EventSelector,
  ItemSource,
} from '../rules/source.ts';
import { cardClockProblems } from './card-clock-checks.ts';
import { type Fact, type FactCatalogue, factsByName, loadFacts } from './rule-facts.ts';
import type { Located, PackParts } from './rule-files.ts';
import { limitOrderProblems } from './rule-limits.ts';
import { nearest, type RuleProblem, show, showAllowed } from './rule-problem.ts';
import { versionProblems } from './rule-versions.ts';
import { rungOrderProblems } from './rung-order.ts';

/** A case has room for so many clocks (state/clock-pool.ts). */
export const CLOCKS_MAX = 64;
/** All versions of all clocks: a slot's seven bits (state/clock-pool.ts). */
const CLOCK_VERSIONS_MAX = 128;
/** Facts that are compared with a stage code. */
const STAGE_FACT = 'event.stage';

export function partProblems(parts: PackParts): RuleProblem[] {
  return [
    ...duplicateProblems(parts),
    ...catalogueProblems(parts),
    ...parts.items.flatMap(limitOrderProblems),
    ...ruleProblems(parts),
    ...cardClockProblems(parts),
  ];
}

export interface Words {
  readonly zh: string;
  readonly en: string;
}

export function problem(
  at: Located<unknown>,
  pointer: string,
  words: Words,
  found: unknown,
): RuleProblem {
  const rest = { allowed: '', nearest: '', found: show(found) };
  return { severity: 'error', file: at.file, pointer: at.pointer + pointer, ...words, ...rest };
}

/** A word that must be one of `known`. */
export function unknownWord(
  at: Located<unknown>,
  pointer: string,
  words: Words,
  found: string,
  known: readonly string[],
): RuleProblem[] {
  if (known.includes(found)) return [];
  const allowed = showAllowed(known);
  return [{ ...problem(at, pointer, words, found), allowed, nearest: nearest(found, known) }];
}

const DUPLICATE: Words = { zh: '编码重复', en: 'the same name twice' };

function duplicateProblems(parts: PackParts): RuleProblem[] {
  const problems = [
    ...versionProblems(parts),
    ...repeats(parts.levels, '/code', (l) => l.code),
    ...repeats(parts.levels, '/rank', (l) => String(l.rank)),
    ...repeats(parts.territories, '/code', (t) => t.code),
    ...repeats(parts.organs, '/code', (o) => o.code),
    ...repeats(parts.sources, '/code', (s) => s.code),
    ...repeats(parts.items, '/version', (i) => `${i.code} v${i.version}`),
  ];
  for (const item of parts.items) {
    problems.push(...repeats(inside(item, 'stages'), '/code', (s) => s.code));
    problems.push(...repeats(inside(item, 'materials'), '/code', (m) => m.code));
  }
  const clockIds = new Set(parts.clocks.map((clock) => clock.value.id));
  if (clockIds.size > CLOCKS_MAX) {
    const last = parts.clocks.at(-1) as Located<ClockSource>;
    const words = { zh: '计时器过多', en: 'too many clocks' };
    problems.push({ ...problem(last, '', words, clockIds.size), allowed: `≤ ${CLOCKS_MAX}` });
  } else if (parts.clocks.length > CLOCK_VERSIONS_MAX) {
    const last = parts.clocks[CLOCK_VERSIONS_MAX] as Located<ClockSource>;
    const words = {
      zh: '计时器的新旧版本合计过多,须有一些改为自始生效',
      en: 'too many clocks with their older versions; put some in force from the start',
    };
    const allowed = `≤ ${CLOCK_VERSIONS_MAX}`;
    problems.push({ ...problem(last, '', words, parts.clocks.length), allowed });
  }
  return problems;
}

function inside<K extends 'stages' | 'materials'>(
  item: Located<ItemSource>,
  key: K,
): Located<ItemSource[K][number]>[] {
  const list: readonly ItemSource[K][number][] = item.value[key];
  return list.map((value, i) => ({
    value,
    file: item.file,
    pointer: `${item.pointer}/${key}/${i}`,
  }));
}

function repeats<T>(
  list: readonly Located<T>[],
  pointer: string,
  nameOf: (value: T) => string,
): RuleProblem[] {
  const seen = new Set<string>();
  return list.flatMap((at) => {
    const name = nameOf(at.value);
    if (seen.has(name)) return [problem(at, pointer, DUPLICATE, name)];
    seen.add(name);
    return [];
  });
}

function catalogueProblems(parts: PackParts): RuleProblem[] {
  const territories = parts.territories.map((t) => t.value.code);
  const organs = parts.organs.map((o) => o.value.code);
  const noTerritory = { zh: '没有这个区划', en: 'unknown territory' };
  const noOrgan = { zh: '没有这个机关', en: 'unknown organ' };
  return [
    ...parts.territories.flatMap((t) =>
      t.value.parent === undefined
        ? []
        : unknownWord(t, '/parent', noTerritory, t.value.parent, territories),
    ),
    ...parts.organs.flatMap((o) =>
      unknownWord(o, '/territory', noTerritory, o.value.territory, territories),
    ),
    ...parts.items.flatMap((i) => unknownWord(i, '/organ', noOrgan, i.value.organ, organs)),
    ...parts.sources.flatMap((s) =>
      (s.value.organs ?? []).flatMap((o, i) => unknownWord(s, `/organs/${i}`, noOrgan, o, organs)),
    ),
  ];
}

/** What the rules of one pack may refer to. */
interface Names {
  readonly levels: readonly string[];
  readonly ranks: ReadonlyMap<string, number>;
  readonly stages: readonly string[];
  readonly traits: readonly string[];
  readonly facts: ReadonlyMap<string, Fact>;
  readonly operators: FactCatalogue['operators'];
}

function ruleProblems(parts: PackParts): RuleProblem[] {
  const catalogue = loadFacts();
  const clockIds = parts.clocks.map((c) => c.value.id);
  const items = parts.items.map((i) => i.value);
  const stages = items.flatMap((i) => i.stages.map((s) => s.code));
  const names: Names = {
    levels: parts.levels.map((l) => l.value.code),
    ranks: new Map(parts.levels.map((l) => [l.value.code, l.value.rank])),
    stages: [...new Set(stages)],
    traits: [...new Set(items.flatMap((i) => i.traits ?? []))],
    facts: factsByName(catalogue, EVENT_TYPES, clockIds),
    operators: catalogue.operators,
  };
  return [
    ...parts.clocks.flatMap((c) => clockProblems(c, names)),
    ...parts.clocks.flatMap((c) => rungOrderProblems(c, items)),
    ...parts.checks.flatMap((c) => [
      ...levelProblems(c, '/level', c.value.level, names),
      ...selectorProblems(c, '/on', c.value.on, names),
      ...conditionProblems(c, '/conditions', c.value.conditions, names),
    ]),
    ...parts.sequences.flatMap((s) => [
      ...levelProblems(s, '/level', s.value.level, names),
      ...stageProblems(s, '/a', s.value.a, names),
      ...(s.value.b === undefined ? [] : stageProblems(s, '/b', s.value.b, names)),
    ]),
  ];
}

function levelProblems(at: Located<unknown>, pointer: string, level: string, names: Names) {
  const words = { zh: '级别不在阶梯内', en: 'the level is not on the ladder' };
  return unknownWord(at, pointer, words, level, names.levels);
}

const NO_STAGE: Words = { zh: '没有事项有这个环节', en: 'no item has this stage' };

function stageProblems(at: Located<unknown>, pointer: string, one: EventSelector, names: Names) {
  if (one.stage === undefined) return [];
  return unknownWord(at, `${pointer}/stage`, NO_STAGE, one.stage, names.stages);
}

function selectorProblems(
  at: Located<unknown>,
  pointer: string,
  selectors: readonly EventSelector[],
  names: Names,
): RuleProblem[] {
  return selectors.flatMap((s, i) => stageProblems(at, `${pointer}/${i}`, s, names));
}

function clockProblems(clock: Located<ClockSource>, names: Names): RuleProblem[] {
  const { rungs, start, stop, stages = [], itemTrait, exceptTrait } = clock.value;
  const noTrait = { zh: '没有事项有这个特征', en: 'no item has this trait' };
  const trait = (key: string, name: string | undefined): RuleProblem[] =>
    name === undefined ? [] : unknownWord(clock, `/${key}`, noTrait, name, names.traits);
  return [
    ...selectorProblems(clock, '/start', start, names),
    ...selectorProblems(clock, '/stop', stop, names),
    ...stages.flatMap((s, i) => unknownWord(clock, `/stages/${i}`, NO_STAGE, s, names.stages)),
    ...trait('itemTrait', itemTrait),
    ...trait('exceptTrait', exceptTrait),
    ...rungs.flatMap((r, i) => levelProblems(clock, `/rungs/${i}/level`, r.level, names)),
    ...rungLevelProblems(clock, names),
    ...perStageProblems(clock),
  ];
}

/** What only a clock for each stage can have. */
function perStageProblems(clock: Located<ClockSource>): RuleProblem[] {
  const { start, stages, limit, perStage } = clock.value;
  if (perStage === true) return [];
  const byStage = 'item' in limit && limit.item === 'stage';
  if (!byStage && stages === undefined && start.every((one) => one.opens === undefined)) return [];
  const words = { zh: '按环节计时须写 perStage', en: 'a stage limit needs perStage: true' };
  return [problem(clock, '/perStage', words, perStage)];
}

/** A later rung is not milder than one before it. */
function rungLevelProblems(clock: Located<ClockSource>, names: Names): RuleProblem[] {
  const { rungs } = clock.value;
  return rungs.flatMap((rung, i) => {
    const rankAbove = names.ranks.get(rungs[i - 1]?.level ?? '') ?? 0;
    if ((names.ranks.get(rung.level) ?? 0) >= rankAbove) return [];
    const words = { zh: '后一档比前一档轻', en: 'a later rung is milder than the one before' };
    return [problem(clock, `/rungs/${i}/level`, words, rung.level)];
  });
}

function conditionProblems(
  at: Located<unknown>,
  pointer: string,
  condition: ConditionSource,
  names: Names,
): RuleProblem[] {
  if ('fact' in condition) return leafProblems(at, pointer, condition, names);
  if ('not' in condition) return conditionProblems(at, `${pointer}/not`, condition.not, names);
  const key = 'all' in condition ? 'all' : 'any';
  const list = 'all' in condition ? condition.all : condition.any;
  return list.flatMap((c, i) => conditionProblems(at, `${pointer}/${key}/${i}`, c, names));
}

function leafProblems(
  at: Located<unknown>,
  pointer: string,
  leaf: ConditionLeaf,
  names: Names,
): RuleProblem[] {
  const fact = names.facts.get(leaf.fact);
  if (fact === undefined) return unknownFact(at, `${pointer}/fact`, leaf.fact, names);
  const operators = names.operators[fact.type];
  const words = {
    zh: `${fact.type} 类事实不能这样比较`,
    en: `not an operator for a ${fact.type} fact`,
  };
  return [
    ...unknownWord(at, `${pointer}/operator`, words, leaf.operator, operators),
    ...valueProblems(at, `${pointer}/value`, leaf, fact, names),
    ...stageValueProblems(at, `${pointer}/value`, leaf, names),
  ];
}

function unknownFact(at: Located<unknown>, pointer: string, name: string, names: Names) {
  const words = { zh: '没有这个事实', en: 'unknown fact' };
  return unknownWord(at, pointer, words, name, [...names.facts.keys()]);
}

function valueProblems(
  at: Located<unknown>,
  pointer: string,
  leaf: ConditionLeaf,
  fact: Fact,
  names: Names,
): RuleProblem[] {
  const listed = leaf.operator === 'in' || leaf.operator === 'notIn';
  if (listed !== Array.isArray(leaf.value)) {
    const zh = listed ? 'in 与 notIn 的值应为数组' : '值应为单个';
    const en = listed ? 'in and notIn take an array' : 'the value must be a single one';
    return [problem(at, pointer, { zh, en }, leaf.value)];
  }
  if (isFactValue(leaf.value)) return otherFactProblems(at, pointer, leaf.value.fact, fact, names);
  const values: readonly unknown[] = listed ? (leaf.value as unknown[]) : [leaf.value];
  return values.flatMap((v) => {
    if (typeof v !== fact.type) return [typeProblem(at, pointer, fact, v)];
    if (fact.values === undefined) return [];
    const words = { zh: `${leaf.fact} 没有这个值`, en: `${leaf.fact} has no such value` };
    return unknownWord(at, pointer, words, String(v), fact.values);
  });
}

function isFactValue(value: unknown): value is { readonly fact: string } {
  return typeof value === 'object' && value !== null && 'fact' in value;
}

function typeProblem(at: Located<unknown>, pointer: string, fact: Fact, found: unknown) {
  const words = { zh: `值应为 ${fact.type}`, en: `the value must be a ${fact.type}` };
  return { ...problem(at, pointer, words, found), allowed: fact.type };
}

/** `value: { fact }` compares two facts, which must be of one type. */
function otherFactProblems(
  at: Located<unknown>,
  pointer: string,
  name: string,
  fact: Fact,
  names: Names,
): RuleProblem[] {
  const other = names.facts.get(name);
  if (other === undefined) return unknownFact(at, `${pointer}/fact`, name, names);
  return other.type === fact.type ? [] : [typeProblem(at, `${pointer}/fact`, fact, name)];
}

function stageValueProblems(
  at: Located<unknown>,
  pointer: string,
  leaf: ConditionLeaf,
  names: Names,
): RuleProblem[] {
  if (leaf.fact !== STAGE_FACT) return [];
  const values = Array.isArray(leaf.value) ? leaf.value : [leaf.value];
  return values
    .filter((v): v is string => typeof v === 'string' && v !== '')
    .flatMap((v) => unknownWord(at, pointer, NO_STAGE, v, names.stages));
}
