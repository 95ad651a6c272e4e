/**
 * Loads a rule pack (规则包) from its files, or checks one that came over the wire.
 *
 * Owns: the order of the steps and the promise that a pack handed out is whole: every file fits its
 * schema, every name one part uses is known to another, and every problem is reported at once.
 * Does not own: reading (rule-files.ts), relations (rule-checks.ts), days (calendar-loader.ts).
 */

import { calendarProblems } from '../calendars/compile.ts';
import type { CalendarSource, PackSource, TerritorySource } from '../rules/source.ts';
import { loadCalendar } from './calendar-loader.ts';
import { partProblems } from './rule-checks.ts';
import { located, type PackHead, type PackParts, RuleFiles, withMode } from './rule-files.ts';
import { PackError, type RuleProblem, show } from './rule-problem.ts';
import { schemaProblems } from './rule-schema.ts';
import { retiredProblems } from './rule-versions.ts';
import { zoneTable } from './zone-table.ts';

export interface LoadedPack {
  readonly pack: PackSource;
  /** What is odd but no reason to refuse the pack. */
  readonly warnings: readonly RuleProblem[];
}

export interface PackFromFiles extends LoadedPack {
  /** Rule id and path of its file, in the order of the pack; a version may have a file of its own. */
  readonly ruleFiles: readonly (readonly [string, string])[];
}

/** Throws PackError with every problem at once. */
export function loadPack(path: string): PackSource {
  return loadPackReport(path).pack;
}

export function loadPackReport(path: string): PackFromFiles {
  const files = new RuleFiles(path);
  const read = files.read();
  if (read === null) throw new PackError(files.problems);
  const { head, parts } = read;
  const problems = [...files.problems, ...partProblems(parts)];
  refuseErrors(problems);
  const calendar = loadCalendar(head.place);
  const territories = parts.territories.map((p) => p.value);
  refuseErrors(dayProblems(calendar, territories, `calendars/${head.place}`));
  const pack: PackSource = {
    id: head.id,
    version: head.version,
    name: head.name,
    ...(head.demo === undefined ? {} : { demo: head.demo }),
    calendar,
    zone: zoneTable(calendar.zone),
    ...valuesOf(parts),
    terminal: head.terminal,
    ...(head.retired === undefined ? {} : { retired: head.retired }),
    ...(parts.cardClocks === undefined ? {} : { cardClocks: parts.cardClocks.map((p) => p.value) }),
    ...(head.replyDays === undefined ? {} : { replyDays: head.replyDays }),
    ...(head.sources === undefined ? {} : { sources: head.sources }),
  };
  refuseErrors(retiredProblems(pack, path));
  const { clocks, checks, sequences, cardClocks = [] } = parts;
  const rules = [...clocks, ...checks, ...sequences, ...cardClocks];
  const ruleFiles = rules.map((rule) => [rule.value.id, rule.file] as const);
  return { pack, warnings: problems, ruleFiles };
}

/** Checks a pack that is already one JSON document; throws PackError with every problem at once. */
export function checkPack(value: unknown, where = 'pack'): LoadedPack {
  const head = headProblems(value, where);
  refuseErrors(head);
  const { dayMode, ...given } = value as PackSource & Pick<PackHead, 'dayMode'>;
  const clocks = given.clocks.map((clock) => withMode(clock, dayMode));
  const pack = { ...given, clocks };
  const parts = partsOf(pack, where);
  const shape = shapeProblems(pack, parts);
  refuseErrors(shape);
  refuseErrors(dayProblems(pack.calendar, pack.territories, where, '/calendar'));
  const problems = [...partProblems(parts), ...retiredProblems(pack, where)];
  refuseErrors(problems);
  return { pack, warnings: problems };
}

/** What is wrong with a calendar's days, and layers of territories the pack does not have. */
function dayProblems(
  calendar: CalendarSource,
  territories: readonly TerritorySource[],
  file: string,
  base = '',
): RuleProblem[] {
  return calendarProblems(calendar, territories).map(({ pointer, zh, en, found }) => {
    const rest = { allowed: '', nearest: '', found };
    return { severity: 'error', file, pointer: base + pointer, zh, en, ...rest };
  });
}

function refuseErrors(problems: readonly RuleProblem[]): void {
  if (problems.some((p) => p.severity === 'error')) throw new PackError(problems);
}

function valuesOf(parts: PackParts) {
  return {
    levels: parts.levels.map((p) => p.value),
    territories: parts.territories.map((p) => p.value),
    organs: parts.organs.map((p) => p.value),
    items: parts.items.map((p) => p.value),
    clocks: parts.clocks.map((p) => p.value),
    checks: parts.checks.map((p) => p.value),
    sequences: parts.sequences.map((p) => p.value),
  };
}

const LIST_KEYS = [
  'levels',
  'territories',
  'organs',
  'items',
  'clocks',
  'checks',
  'sequences',
  'terminal',
] as const;

/** What must hold before the parts can be looked at one by one. */
function headProblems(value: unknown, where: string): RuleProblem[] {
  const problem = (pointer: string, found: unknown, zh: string, en: string): RuleProblem => {
    const rest = { allowed: '', nearest: '', found: show(found) };
    return { severity: 'error', file: where, pointer, zh, en, ...rest };
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [problem('', value, '规则包应为 JSON 对象', 'a pack is a JSON object')];
  }
  const record = value as Record<string, unknown>;
  const head = {
    id: record.id,
    version: record.version,
    name: record.name,
    place: 'CN',
    levels: [{ code: 'x', rank: 1, label: { zh: 'x', en: 'x' }, color: 'none' }],
    catalogue: [],
    clocks: [],
    checks: [],
    sequences: [],
    terminal: record.terminal,
    ...(record.retired === undefined ? {} : { retired: record.retired }),
    ...(record.demo === undefined ? {} : { demo: record.demo }),
    ...(record.dayMode === undefined ? {} : { dayMode: record.dayMode }),
    ...(record.replyDays === undefined ? {} : { replyDays: record.replyDays }),
    ...(record.sources === undefined ? {} : { sources: record.sources }),
  };
  const problems = schemaProblems('pack', head, where);
  for (const key of LIST_KEYS) {
    if (!Array.isArray(record[key])) {
      problems.push(problem(`/${key}`, record[key], '应为数组', 'must be an array'));
    }
  }
  if (record.cardClocks !== undefined && !Array.isArray(record.cardClocks)) {
    problems.push(problem('/cardClocks', record.cardClocks, '应为数组', 'must be an array'));
  }
  for (const key of ['calendar', 'zone'] as const) {
    if (typeof record[key] !== 'object' || record[key] === null) {
      problems.push(problem(`/${key}`, record[key], '应为对象', 'must be an object'));
    }
  }
  return problems;
}

function partsOf(pack: PackSource, where: string): PackParts {
  return {
    levels: located(pack.levels, where, '/levels'),
    territories: located(pack.territories, where, '/territories'),
    organs: located(pack.organs, where, '/organs'),
    items: located(pack.items, where, '/items'),
    clocks: located(pack.clocks, where, '/clocks'),
    checks: located(pack.checks, where, '/checks'),
    sequences: located(pack.sequences, where, '/sequences'),
    ...(pack.cardClocks === undefined
      ? {}
      : { cardClocks: located(pack.cardClocks, where, '/cardClocks') }),
    sources: located(pack.sources ?? [], where, '/sources'),
  };
}

/** Every part against its own schema. */
function shapeProblems(pack: PackSource, parts: PackParts): RuleProblem[] {
  const file = parts.levels[0]?.file ?? 'pack';
  const levels = parts.levels.map((p) => p.value);
  return [
    ...schemaProblems('levels', levels, file, '/levels', 'levels'),
    ...schemaProblems('calendar', pack.calendar, file, '/calendar', 'whole'),
    ...parts.territories.flatMap((p) =>
      schemaProblems('catalogue', p.value, p.file, p.pointer, 'territory'),
    ),
    ...parts.organs.flatMap((p) =>
      schemaProblems('catalogue', p.value, p.file, p.pointer, 'organ'),
    ),
    ...parts.items.flatMap((p) => schemaProblems('catalogue', p.value, p.file, p.pointer, 'item')),
    ...parts.clocks.flatMap((p) => schemaProblems('clock', p.value, p.file, p.pointer)),
    ...(parts.cardClocks ?? []).flatMap((p) =>
      schemaProblems('card-clock', p.value, p.file, p.pointer),
    ),
    ...parts.checks.flatMap((p) => schemaProblems('check', p.value, p.file, p.pointer)),
    ...parts.sequences.flatMap((p) => schemaProblems('sequence', p.value, p.file, p.pointer)),
  ];
}
