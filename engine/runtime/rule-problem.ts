/**
 * One thing wrong in rule data, and the report that lists them all.
 *
 * Owns: the shape of a problem, the bilingual report, the search for the nearest allowed word.
 * Does not own: finding problems (rule-schema.ts, rule-checks.ts).
 */

export type Severity = 'error' | 'warning';

export interface RuleProblem {
  readonly severity: Severity;
  /** Path as the author knows it, relative to the working directory where possible. */
  readonly file: string;
  /** JSON pointer (RFC 6901) inside the file; '' is the whole document. */
  readonly pointer: string;
  readonly zh: string;
  readonly en: string;
  readonly found: string;
  /** What may stand there; '' when there is nothing to list. */
  readonly allowed: string;
  /** Nearest allowed word; '' when none is near. */
  readonly nearest: string;
}

const FOUND_SHOWN_MAX = 80;
const ALLOWED_SHOWN_MAX = 12;

/** Thrown with every problem at once, so that an author mends a pack in one pass. */
export class PackError extends Error {
  readonly problems: readonly RuleProblem[];

  constructor(problems: readonly RuleProblem[]) {
    super(formatProblems(problems));
    this.name = 'PackError';
    this.problems = problems;
  }
}

export function formatProblems(problems: readonly RuleProblem[]): string {
  const errors = problems.filter((p) => p.severity === 'error').length;
  const warnings = problems.length - errors;
  const head = `规则包有 ${errors} 处错误、${warnings} 处提醒 / ${errors} errors, ${warnings} warnings`;
  return [head, ...problems.map(formatProblem)].join('\n');
}

function formatProblem(problem: RuleProblem): string {
  const where = `${problem.file}#${problem.pointer}`;
  const mark = problem.severity === 'error' ? '错误 error' : '提醒 warning';
  const zh = [problem.zh, `现为 ${problem.found}`];
  const en = [problem.en, `found ${problem.found}`];
  if (problem.allowed !== '') {
    zh.push(`允许 ${problem.allowed}`);
    en.push(`allowed ${problem.allowed}`);
  }
  if (problem.nearest !== '') {
    zh.push(`是否想写 ${problem.nearest}?`);
    en.push(`did you mean ${problem.nearest}?`);
  }
  return `- ${mark} ${where}\n    ${zh.join(';')}\n    ${en.join('; ')}`;
}

/** A value as one short line. */
export function show(value: unknown): string {
  const text = value === undefined ? '(无 nothing)' : JSON.stringify(value);
  return text.length > FOUND_SHOWN_MAX ? `${text.slice(0, FOUND_SHOWN_MAX)}…` : text;
}

export function showAllowed(words: readonly unknown[]): string {
  const shown = words.slice(0, ALLOWED_SHOWN_MAX).map(String).join(', ');
  return words.length > ALLOWED_SHOWN_MAX ? `${shown} … (${words.length})` : shown;
}

/** The allowed word with the fewest edits, when few enough to be a slip of the hand; else ''. */
export function nearest(word: string, allowed: readonly string[]): string {
  let best = '';
  let bestEdits = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of allowed) {
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestEdits);
    if (edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** Levenshtein distance, cut off at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const left = (row[j - 1] as number) + 1;
      const up = (above[j] as number) + 1;
      row.push(Math.min(left, up, (above[j - 1] as number) + same));
    }
    above = row;
  }
  return above[b.length] as number;
}

/** Appends one step to a JSON pointer, escaped as RFC 6901 says. */
export function pointerTo(pointer: string, step: string | number): string {
  return `${pointer}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
