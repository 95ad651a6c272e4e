/**
 * Several versions of one rule in a pack (规则的多个版本): may they stand beside each other?
 *
 * Owns: validity that can be read and does not overlap, gaps (told, not refused), and what `effective`
 * and `retired` may not be combined with. Rule ids name one thing for ever, so versions keep the kind.
 */
import { InstantParser } from '../events/instant.ts';
import type { PackSource, ValiditySource } from '../rules/source.ts';
import type { Located, PackParts } from './rule-files.ts';
import { type RuleProblem, show } from './rule-problem.ts';

interface Rule extends ValiditySource {
  readonly id: string;
  readonly version: number;
}

interface Version {
  readonly at: Located<Rule>;
  readonly list: string;
  readonly from: number;
  readonly to: number;
}

type Words = readonly [zh: string, en: string];

function problem(at: Located<unknown>, pointer: string, [zh, en]: Words, found: unknown) {
  const rest = { allowed: '', nearest: '', found: show(found) };
  return {
    severity: 'error',
    file: at.file,
    pointer: at.pointer + pointer,
    zh,
    en,
    ...rest,
  } as const;
}

export function versionProblems(
  parts: Pick<PackParts, 'clocks' | 'checks' | 'sequences'>,
): RuleProblem[] {
  const problems: RuleProblem[] = [];
  const byId = new Map<string, Version[]>();
  for (const list of ['clocks', 'checks', 'sequences'] as const) {
    for (const at of parts[list] as readonly Located<Rule>[]) {
      const from = readInstant(at, 'validFrom', Number.NEGATIVE_INFINITY, problems);
      const to = readInstant(at, 'validTo', Number.POSITIVE_INFINITY, problems);
      const { id } = at.value;
      byId.set(id, [...(byId.get(id) ?? []), { at, list, from, to }]);
    }
  }
  for (const versions of byId.values()) problems.push(...oneIdProblems(versions));
  return problems;
}

function readInstant(
  at: Located<Rule>,
  field: 'validFrom' | 'validTo',
  absent: number,
  problems: RuleProblem[],
): number {
  const text = at.value[field];
  if (text === undefined) return absent;
  const bytes = new TextEncoder().encode(text);
  const parser = new InstantParser();
  if (parser.parse(bytes, 0, bytes.length) === '') return parser.value;
  problems.push(problem(at, `/${field}`, ['不是有效的时刻', 'not an instant'], text));
  return absent;
}

function oneIdProblems(versions: readonly Version[]): RuleProblem[] {
  const problems = versions.flatMap((one) => aloneProblems(one, versions.length));
  const inTime = versions.map((version, i) => ({ version, i }));
  inTime.sort((a, b) => a.version.from - b.version.from || a.i - b.i);
  for (const [k, { version, i }] of inTime.entries()) {
    const earlier = inTime[k - 1];
    if (earlier === undefined) continue;
    // The one the author wrote later is the one that is told.
    const told = i > earlier.i ? version : earlier.version;
    problems.push(...pairProblems(earlier.version, version, told));
  }
  return problems;
}

function aloneProblems({ at, from, to }: Version, count: number): RuleProblem[] {
  const { validFrom, validTo, effective } = at.value;
  const problems: RuleProblem[] = [];
  if (from >= to) {
    const words: Words = ['失效不晚于生效', 'it ends before it begins'];
    problems.push({ ...problem(at, '/validTo', words, validTo), allowed: `> ${validFrom}` });
  }
  const dated = validFrom !== undefined || validTo !== undefined || count > 1;
  if (effective === 'now' && dated) {
    const words: Words = [
      '写了生效区间或多个版本,就不能再写 effective: now',
      'effective: now cannot stand beside stated validity or other versions',
    ];
    problems.push(problem(at, '/effective', words, effective));
  }
  return problems;
}

function pairProblems(earlier: Version, later: Version, told: Version): RuleProblem[] {
  const { at } = told;
  const { id, version } = at.value;
  if (earlier.list !== later.list || (earlier.to > later.from && undated(earlier, later))) {
    return [problem(at, '/id', ['编码重复', 'the same name twice'], id)];
  }
  if (earlier.to > later.from) {
    const words: Words = ['各版本的生效区间重叠', 'the validity of two versions overlaps'];
    return [problem(at, '/validFrom', words, `${id} v${version}`)];
  }
  const problems: RuleProblem[] = [];
  if (earlier.at.value.version === later.at.value.version) {
    const words: Words = ['两个版本同一个版本号', 'two versions have one number'];
    problems.push(problem(at, '/version', words, version));
  }
  if (earlier.to < later.from) {
    const words: Words = ['两个版本之间有一段无规则', 'between two versions no rule is in force'];
    const span = `${earlier.at.value.validTo} … ${later.at.value.validFrom}`;
    problems.push({ ...problem(later.at, '/validFrom', words, span), severity: 'warning' });
  }
  return problems;
}

function undated(a: Version, b: Version): boolean {
  const { NEGATIVE_INFINITY: never, POSITIVE_INFINITY: ever } = Number;
  return a.from === never && a.to === ever && b.from === never && b.to === ever;
}

/** `retired` names rules that are gone from the pack; one that is still there is not retired. */
export function retiredProblems(
  pack: Pick<PackSource, 'retired' | 'clocks' | 'checks' | 'sequences'>,
  file: string,
): RuleProblem[] {
  const here = new Set([...pack.clocks, ...pack.checks, ...pack.sequences].map(({ id }) => id));
  return (pack.retired ?? []).flatMap(({ id }, i) => {
    if (!here.has(id)) return [];
    const at = { value: id, file, pointer: `/retired/${i}` };
    const words: Words = ['规则仍在包内,不能列为退役', 'a rule still in the pack is not retired'];
    return [problem(at, '/id', words, id)];
  });
}
