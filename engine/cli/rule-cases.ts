/**
 * Cases of rules (规则用例): a file `NAME.cases.json` beside a rule, events in, cards out.
 *
 * Owns: finding and reading the files, running each case through a given engine, the comparison.
 * Does not own: the engine (rule-runner.ts), printing (rules.ts).
 *
 * A case lists exactly the cards of the rule it lies beside; cards of other rules may be listed too,
 * and must then exist, but need not be.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CardCommandType, CardStateName } from '../cards/card.ts';
import type { EventTypeName } from '../events/event.ts';
import type { PackSource } from '../rules/source.ts';
import { loadPackReport } from '../runtime/rule-loader.ts';
import { PackError, type RuleProblem, show } from '../runtime/rule-problem.ts';
import { RULES_DIR, schemaProblems } from '../runtime/rule-schema.ts';

export const PACKS_DIR = join(RULES_DIR, 'packs');

export interface CaseEvent {
  readonly type: EventTypeName;
  readonly at: string;
  readonly recordedAt?: string;
  /** When it reaches the engine; default `at`. */
  readonly arrives?: string;
  readonly itemCode?: string;
  readonly itemVersion?: number;
  readonly organ?: string;
  readonly territory?: string;
  readonly actor?: string;
  readonly document?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What somebody does with a card of the case (牌的处理), named by its rule and level. */
export interface CaseAct {
  readonly at: string;
  readonly act: CardCommandType;
  readonly ruleId: string;
  readonly level: string;
  readonly actor?: string;
}

export interface ExpectedCard {
  readonly ruleId: string;
  readonly level: string;
  /** When given, the card must be in this state. */
  readonly state?: CardStateName;
  /** When given, the instants at which an answer, and the supervisors' own step, are due; null: none. */
  readonly replyDue?: string | null;
  readonly superviseDue?: string | null;
  /** When given, the card's due instant must be the same instant. */
  readonly due?: string;
}

export interface RuleCase {
  readonly name: string;
  readonly zh: string;
  readonly events: readonly CaseEvent[];
  readonly acts?: readonly CaseAct[];
  readonly until: string;
  /** The log is declared ended at `until`: what may only be decided then, is. */
  readonly logEnds?: boolean;
  readonly expect: readonly ExpectedCard[];
}

/** A card that stands at the end of a case. */
export interface StandingCard {
  readonly ruleId: string;
  readonly level: string;
  readonly state: CardStateName;
  readonly dueMs: number;
  readonly replyDueMs: number | null;
  readonly superviseDueMs: number | null;
}

/** Runs one case to its `until` and answers the cards that then stand. */
export type CaseEngine = (
  one: Pick<RuleCase, 'events' | 'acts' | 'until' | 'logEnds'>,
) => readonly StandingCard[];

export interface CaseFile {
  readonly ruleId: string;
  readonly file: string;
  readonly cases: readonly RuleCase[];
}

export interface CaseResult {
  readonly ruleId: string;
  readonly file: string;
  readonly name: string;
  readonly zh: string;
  /** Empty when the case passes. */
  readonly differences: readonly string[];
}

export interface PackCases {
  readonly path: string;
  readonly pack: PackSource;
  readonly warnings: readonly RuleProblem[];
  readonly files: readonly CaseFile[];
  /** Rules of the pack that have no cases beside them. */
  readonly untested: readonly string[];
}

export function packPaths(dir = PACKS_DIR): string[] {
  const names = readdirSync(dir).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => join(dir, name));
}

/** Throws PackError when the pack or one of its case files does not hold. */
export function loadPackCases(path: string): PackCases {
  const { pack, warnings, ruleFiles } = loadPackReport(path);
  const files: CaseFile[] = [];
  const untested: string[] = [];
  const problems: RuleProblem[] = [];
  for (const [ruleId, ruleFile] of ruleFiles) {
    const file = ruleFile.replace(/\.json$/, '.cases.json');
    if (!existsSync(file)) {
      untested.push(ruleId);
      continue;
    }
    const value = readCases(file, problems);
    if (value !== null) files.push({ ruleId, file, cases: value.cases });
  }
  if (problems.length > 0) throw new PackError(problems);
  return { path: resolve(path), pack, warnings, files, untested };
}

function readCases(file: string, problems: RuleProblem[]): { cases: RuleCase[] } | null {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const found = schemaProblems('cases', value, file);
    problems.push(...found);
    return found.length > 0 ? null : (value as { cases: RuleCase[] });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const words = { zh: '读不出 JSON', en: 'cannot be read as JSON', found: show(error.message) };
    problems.push({ severity: 'error', file, pointer: '', ...words, allowed: '', nearest: '' });
    return null;
  }
}

export function runCases(file: CaseFile, engine: CaseEngine): CaseResult[] {
  return file.cases.map((one) => ({
    ruleId: file.ruleId,
    file: file.file,
    name: one.name,
    zh: one.zh,
    differences: differencesOf(file.ruleId, one, engine(one)),
  }));
}

/** What is missing and what should not be there, one line each. */
function differencesOf(
  ruleId: string,
  one: RuleCase,
  cards: readonly StandingCard[],
): readonly string[] {
  const left = [...cards];
  const differences: string[] = [];
  for (const wanted of one.expect) {
    const found = left.findIndex((card) => matches(card, wanted));
    if (found >= 0) left.splice(found, 1);
    else differences.push(`缺少 missing: ${wanted.ruleId} ${wanted.level} ${saidOf(wanted)}`);
  }
  for (const card of left) {
    if (card.ruleId !== ruleId) continue;
    const due = new Date(card.dueMs).toISOString();
    differences.push(`多出 unexpected: ${card.ruleId} ${card.level} ${card.state} ${due}`);
  }
  return differences;
}

function saidOf({ state, due, replyDue, superviseDue }: ExpectedCard): string {
  const said = [due ?? '', state, replyDue, superviseDue].filter((one) => one !== undefined);
  return said.map((one) => one ?? '-').join(' ');
}

function matches(card: StandingCard, wanted: ExpectedCard): boolean {
  if (card.ruleId !== wanted.ruleId || card.level !== wanted.level) return false;
  if (wanted.state !== undefined && wanted.state !== card.state) return false;
  return (
    sameInstant(wanted.due, card.dueMs) &&
    sameInstant(wanted.replyDue, card.replyDueMs) &&
    sameInstant(wanted.superviseDue, card.superviseDueMs)
  );
}

/** What is not said is not compared. */
function sameInstant(wanted: string | null | undefined, found: number | null): boolean {
  if (wanted === undefined) return true;
  return (wanted === null ? null : Date.parse(wanted)) === found;
}
