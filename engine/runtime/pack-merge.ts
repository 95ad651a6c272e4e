/**
 * From a pack in force and the pack an author publishes to the pack that is put in force (合并发布).
 *
 * Owns: what `effective` means. `start`: the version stands as if it had always been there, and every
 * older one is gone. `now`: the version in force ends at the moment of publication and the new one
 * begins there, so that the pack holds both and says by itself which case falls under which (law L1).
 * A rule that is missing is withdrawn from the start, unless `retired` says that it ends now.
 * Does not own: whether the result is sound (rule-loader.ts), what it changes (kernel/partition.ts).
 *
 * An id that the author gives with validity of its own, or in several versions, is taken as written.
 */
import type { PackSource, ValiditySource, ZoneTable } from '../rules/source.ts';
import { canonicalJson } from './pack-hash.ts';
import { PackError, type RuleProblem, show } from './rule-problem.ts';

const RULE_LISTS = { clocks: 'clock', checks: 'check', sequences: 'sequence' } as const;
type ListName = keyof typeof RULE_LISTS;
type RuleKind = (typeof RULE_LISTS)[ListName];

interface Rule extends ValiditySource {
  readonly id: string;
  readonly version: number;
}

/** What a publication does with one rule. Versions: 0 where there is none. */
export interface RuleChange {
  readonly id: string;
  readonly kind: RuleKind;
  readonly change: 'added' | 'changed' | 'retired' | 'unchanged';
  readonly effective: 'start' | 'now';
  readonly from: number;
  readonly to: number;
}

export interface MergedPack {
  readonly pack: PackSource;
  readonly changes: readonly RuleChange[];
}

/** Throws PackError when a version cannot take over from the one in force. */
export function mergePack(inForce: PackSource, authored: PackSource, atMs: number): MergedPack {
  const problems: RuleProblem[] = [];
  const { retired = [], ...rest } = authored;
  const moment = { atMs, text: instantText(authored.zone, atMs), problems };
  const keep = new Set(retired.filter((r) => r.effective === 'now').map((r) => r.id));
  const merge = <T extends Rule>(key: ListName, before: readonly T[], now: readonly T[]) =>
    mergeList(key, before, now, keep, moment);
  const clocks = merge('clocks', inForce.clocks, rest.clocks);
  const checks = merge('checks', inForce.checks, rest.checks);
  const sequences = merge('sequences', inForce.sequences, rest.sequences);
  if (problems.length > 0) throw new PackError(problems);
  return {
    pack: { ...rest, clocks: clocks.rules, checks: checks.rules, sequences: sequences.rules },
    changes: [...clocks.changes, ...checks.changes, ...sequences.changes],
  };
}

interface Moment {
  readonly atMs: number;
  readonly text: string;
  readonly problems: RuleProblem[];
}

function mergeList<T extends Rule>(
  key: ListName,
  before: readonly T[],
  authored: readonly T[],
  keep: ReadonlySet<string>,
  moment: Moment,
): { rules: T[]; changes: RuleChange[] } {
  const old = byId(before);
  const given = byId(authored);
  const rules: T[] = [];
  const changes: RuleChange[] = [];
  for (const [id, versions] of given) {
    const chain = old.get(id) ?? [];
    const next = nextChain(key, chain, versions, moment);
    rules.push(...next);
    changes.push(changeOf(RULE_LISTS[key], chain, next, effectiveOf(versions)));
  }
  for (const [id, chain] of old) {
    if (given.has(id)) continue;
    const next = keep.has(id) ? ended(chain, moment) : [];
    rules.push(...next);
    changes.push(changeOf(RULE_LISTS[key], chain, next, keep.has(id) ? 'now' : 'start'));
  }
  return { rules, changes };
}

/** Versions by id, oldest first; ids in the order in which they are first named. */
function byId<T extends Rule>(rules: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const rule of rules) found.set(rule.id, [...(found.get(rule.id) ?? []), rule]);
  for (const versions of found.values()) versions.sort((a, b) => fromMs(a) - fromMs(b));
  return found;
}

function effectiveOf(versions: readonly Rule[]): 'start' | 'now' {
  return versions.length === 1 && versions[0]?.effective === 'now' ? 'now' : 'start';
}

function nextChain<T extends Rule>(
  key: ListName,
  chain: readonly T[],
  authored: readonly T[],
  moment: Moment,
): T[] {
  const rule = authored[0] as T;
  if (effectiveOf(authored) === 'start') return authored.map(plain);
  const newest = chain.at(-1);
  if (newest === undefined) return [dated(rule, { validFrom: moment.text })];
  const same = contentOf(newest) === contentOf(rule);
  if (same && newest.validTo === undefined) return chain.map(plain);
  if (!same && rule.version <= newest.version) {
    moment.problems.push(versionProblem(key, rule, newest));
    return [...chain];
  }
  return [...ended(chain, moment), dated(rule, { validFrom: moment.text })];
}

/** The chain, in force no longer than to the moment; what would only begin later is dropped. */
function ended<T extends Rule>(chain: readonly T[], moment: Moment): T[] {
  return chain
    .filter((one) => fromMs(one) < moment.atMs)
    .map((one) => {
      const over = one.validTo !== undefined && Date.parse(one.validTo) <= moment.atMs;
      return over ? plain(one) : dated(one, { validTo: moment.text });
    });
}

function fromMs({ validFrom }: ValiditySource): number {
  return validFrom === undefined ? Number.NEGATIVE_INFINITY : Date.parse(validFrom);
}

/** `effective` is said to a publication; what is in force says it by its validity. */
function plain<T extends Rule>({ effective: _, ...rule }: T): T {
  return rule as unknown as T;
}

function dated<T extends Rule>(rule: T, validity: ValiditySource): T {
  return { ...plain(rule), ...validity };
}

function contentOf(rule: Rule): string {
  const { validFrom: _from, validTo: _to, effective: _how, ...content } = rule;
  return canonicalJson(content);
}

function changeOf(
  kind: RuleKind,
  chain: readonly Rule[],
  next: readonly Rule[],
  effective: 'start' | 'now',
): RuleChange {
  const before = chain.at(-1);
  const after = next.at(-1);
  const gone = after === undefined || after.validTo !== undefined;
  const change =
    before === undefined
      ? 'added'
      : canonicalJson(chain.map(plain)) === canonicalJson(next.map(plain))
        ? 'unchanged'
        : gone
          ? 'retired'
          : 'changed';
  const id = (after ?? before)?.id ?? '';
  const to = change === 'retired' ? 0 : (after?.version ?? 0);
  return { id, kind, change, effective, from: before?.version ?? 0, to };
}

function versionProblem(key: ListName, rule: Rule, newest: Rule): RuleProblem {
  return {
    severity: 'error',
    file: 'pack',
    pointer: `/${key}/${rule.id}/version`,
    zh: '自现在起生效的新内容须用更大的版本号',
    en: 'what takes effect from now on needs a greater version number',
    found: show(rule.version),
    allowed: `> ${newest.version}`,
    nearest: '',
  };
}

/** An instant as its zone writes it, to the millisecond. */
export function instantText(zone: ZoneTable, ms: number): string {
  const last = zone.transitions.findLast((one) => one.atMs <= ms);
  const offset = last?.offsetMs ?? zone.firstOffsetMs;
  // Offsets are whole minutes in every zone since 1990.
  const minutes = Math.abs(offset) / 60_000;
  const two = (n: number): string => String(n).padStart(2, '0');
  const zoneText = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return `${new Date(ms + offset).toISOString().slice(0, -1)}${offset < 0 ? '-' : '+'}${zoneText}`;
}
