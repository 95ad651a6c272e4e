/**
 * Do the limits of an item agree? 承诺时限 must not exceed 法定时限, the stages together should not
 * exceed the promise. Limits in one unit are compared exactly, others by rough length and then only
 * warned about.
 */
import type { ItemSource, LimitSource, LimitUnit } from '../rules/source.ts';
import type { Located } from './rule-files.ts';
import type { RuleProblem } from './rule-problem.ts';

/** Rough length in calendar hours; only to see that two limits in different units look wrong. */
const ROUGH_HOURS: Readonly<Record<LimitUnit, number>> = {
  hour: 1,
  workhour: (7 / 5) * (24 / 7.5),
  day: 24,
  workday: (7 / 5) * 24,
  month: 30.4 * 24,
  year: 365 * 24,
};

/** 联合办理: its stages are the parts of several organs, begun together. */
const JOINT = 'joint';

export function limitOrderProblems(item: Located<ItemSource>): RuleProblem[] {
  const { promised, statutory, stages } = item.value;
  const problems: RuleProblem[] = [];
  if (exceeds(promised, statutory)) {
    problems.push({
      ...at(item, '/promised'),
      severity: promised.unit === statutory.unit ? 'error' : 'warning',
      zh: '承诺时限超过法定时限',
      en: 'the promise is longer than the statute allows',
      found: text(promised),
      allowed: `≤ ${text(statutory)}`,
    });
  }
  const aside = stages.findIndex((stage) => stage.aside === true);
  const astray = stages.findLastIndex((stage) => stage.aside !== true);
  if (aside >= 0 && astray > aside) {
    problems.push({
      ...at(item, `/stages/${astray}`),
      severity: 'error',
      zh: '旁支环节须列在最后',
      en: 'stages outside the order are listed last',
      found: stages[astray]?.code ?? '',
      allowed: '',
    });
  }
  // The parts of joint handling run side by side.
  const joint = (item.value.traits ?? []).includes(JOINT);
  const ordered = joint ? [] : stages.filter((stage) => stage.aside !== true);
  const sum = ordered.reduce((hours, stage) => hours + roughHours(stage.limit), 0);
  if (sum > roughHours(promised) * (1 + Number.EPSILON * stages.length)) {
    problems.push({
      ...at(item, '/stages'),
      severity: 'warning',
      zh: '各环节时限之和超过承诺时限',
      en: 'the stages together take longer than the promise',
      found: stages.map((s) => (s.limit === undefined ? '-' : text(s.limit))).join(' + '),
      allowed: `≤ ${text(promised)}`,
    });
  }
  return problems;
}

function at(item: Located<ItemSource>, pointer: string) {
  return { file: item.file, pointer: item.pointer + pointer, nearest: '' };
}

function exceeds(a: LimitSource, b: LimitSource): boolean {
  return a.unit === b.unit ? a.count > b.count : roughHours(a) > roughHours(b);
}

function roughHours(limit: LimitSource | undefined): number {
  return limit === undefined ? 0 : limit.count * ROUGH_HOURS[limit.unit];
}

function text(limit: LimitSource): string {
  return `${limit.count} ${limit.unit}`;
}
