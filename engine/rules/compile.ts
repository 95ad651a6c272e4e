/**
 * PackSource → Program: the one place where rules as data become what the kernel runs.
 *
 * Owns: clock definitions, actions by event type, checks, sequences, level look-up. Items are in
 * compile-items.ts, conditions in conditions.ts.
 *
 * Throws an Error that names the rule when a pack says something the kernel cannot run (unknown level,
 * unknown fact); the shell's loader reports all such problems at once before it comes here.
 */
import { type Calendars, compileCalendars } from '../calendars/compile.ts';
import type { Dictionary } from '../events/dictionary.ts';
import { EVENT_TYPES, SPECIAL_PROCEDURES } from '../events/event.ts';
import { RUNGS_MAX } from '../state/clock-pool.ts';
import { compileCardClocks, compileLags } from './compile-cards.ts';
import { compileItems, Traits, unitIndex } from './compile-items.ts';
import { compileCondition, Registers } from './conditions.ts';
import type { FactRef } from './facts.ts';
import { ITEM_KINDS } from './facts.ts';
import type { CheckDef, ClockDef, LevelRef, Program, RuleHead, SequenceDef } from './program.ts';
import * as P from './program.ts';
import type {
  CardCategory,
  CheckSource,
  ClockSource,
  EventSelector,
  PackSource,
  RungSource,
  SequenceSource,
  StartSelector,
  ValiditySource,
} from './source.ts';
import { validityOf } from './validity.ts';

export const DEFAULT_RESOLUTION_MS = 1000;

export interface Context {
  readonly dictionary: Dictionary;
  readonly levels: ReadonlyMap<string, LevelRef>;
  readonly traits: Traits;
}

export function compileProgram(pack: PackSource, dictionary: Dictionary): Program {
  return compileWith(pack, compileCalendars(pack), dictionary);
}

/** As compileProgram, with calendars compiled before (they are costly and shared by partitions). */
export function compileWith(
  pack: PackSource,
  calendars: Calendars,
  dictionary: Dictionary,
): Program {
  const named = pack.clocks.flatMap((clock) => [clock.itemTrait, clock.exceptTrait]);
  const traits = new Traits([
    ...pack.items.flatMap((item) => item.traits ?? []),
    ...named.filter((name) => name !== undefined),
  ]);
  const items = compileItems(pack.items, traits, dictionary);
  const levels = new Map<string, LevelRef>();
  for (const level of pack.levels) {
    levels.set(level.code, { ...codeOf(level.code, dictionary), rank: level.rank });
  }
  const context: Context = { dictionary, levels, traits };
  const clocks = pack.clocks.map((source, index) => ({
    ...compileClock(source, index, context),
    others: othersOf(pack.clocks, index),
  }));
  const sequences = pack.sequences.map((source) => ({
    source,
    def: compileSequence(source, context),
  }));
  return {
    pack,
    packVersion: pack.version,
    ruleVersions: newestVersions(pack, dictionary),
    calendar: calendars.national,
    local: compileLocal(pack, calendars, dictionary),
    levels: [...levels.values()],
    clocks,
    actions: compileActions(pack.clocks, dictionary),
    ...compileChecks(pack, context),
    sequences: EVENT_TYPES.map((_, type) =>
      sequences.filter((s) => triggers(s.def) === type).map((s) => s.def),
    ),
    atCaseEnd: sequences.filter((s) => endsAt(s.source, 'caseEnd')).map((s) => s.def),
    atLogEnd: sequences.filter((s) => endsAt(s.source, 'logEnd')).map((s) => s.def),
    cardClocks: compileCardClocks(pack, context),
    lags: compileLags(pack.sources ?? [], dictionary),
    items,
    terminalMask: maskOf(pack.terminal.map((event) => ({ event }))),
    typeCode: Int32Array.from(EVENT_TYPES, (name) => dictionary.internText(name)),
  };
}

function compileLocal(
  pack: PackSource,
  { national, byTerritory }: Calendars,
  dictionary: Dictionary,
): Program['local'] {
  if (byTerritory === null) return null;
  const calendarOf = (territory: string) => byTerritory.get(territory) ?? national;
  const entry = (code: string, territory: string) =>
    [dictionary.internText(code), calendarOf(territory)] as const;
  return {
    byTerritory: new Map(pack.territories.map(({ code }) => entry(code, code))),
    byOrgan: new Map(pack.organs.map(({ code, territory }) => entry(code, territory))),
  };
}

function codeOf(text: string, dictionary: Dictionary): { code: number; bytes: Uint8Array } {
  const code = dictionary.internText(text);
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (const char of text) {
    const point = char.codePointAt(0)!;
    if (point > 127) throw new Error(`代码只能用 ASCII (ids must be ASCII): ${text}`);
    bytes[length++] = point;
  }
  return { code, bytes: bytes.slice(0, length) };
}

export interface RuleSource extends ValiditySource {
  readonly id: string;
  readonly version: number;
  readonly category: CardCategory;
}
type RuleKind = (typeof P.RULE_KINDS)[number];

export function headOf(source: RuleSource, kind: RuleKind, context: Context): RuleHead {
  const { id, version, category } = source;
  return {
    id,
    kind: P.RULE_KINDS.indexOf(kind),
    category: P.CATEGORIES.indexOf(category),
    ...codeOf(id, context.dictionary),
    version,
    ...validityOf(source),
  };
}

function newestVersions(pack: PackSource, dictionary: Dictionary): Map<number, number> {
  const newest = new Map<number, number>();
  for (const { id, version } of [...pack.clocks, ...pack.checks, ...pack.sequences]) {
    const code = dictionary.internText(id);
    newest.set(code, Math.max(version, newest.get(code) ?? 0));
  }
  return newest;
}

/** Indexes of the other versions of the clock at `index`. */
function othersOf(clocks: readonly ClockSource[], index: number): number[] {
  const { id } = clocks[index]!;
  return [...clocks.keys()].filter((other) => other !== index && clocks[other]!.id === id);
}

export function levelOf(code: string, rule: string, context: Context): LevelRef {
  const level = context.levels.get(code);
  if (level === undefined)
    throw new Error(`规则 ${rule}: 级别 (unknown level) ${code} 不在级别表中`);
  return level;
}

export function typeIndex(name: string): number {
  const index = (EVENT_TYPES as readonly string[]).indexOf(name);
  if (index < 0) throw new Error(`未知事件类型 (unknown event type) ${name}`);
  return index;
}

function maskOf(selectors: readonly EventSelector[]): number {
  let mask = 0;
  for (const selector of selectors) mask |= 1 << typeIndex(selector.event);
  return mask;
}

function compileClock(
  source: ClockSource,
  index: number,
  context: Context,
): Omit<ClockDef, 'others'> {
  if (source.rungs.length > RUNGS_MAX) {
    throw new Error(`规则 ${source.id}: 档数超过 ${RUNGS_MAX} (too many rungs)`);
  }
  const limit = limitOf(source);
  const kinds = source.rungs.map(rungOf);
  const firstLate = kinds.findIndex(isLate);
  return {
    ...headOf(source, 'clock', context),
    index,
    mode: P.MODES.indexOf(source.mode),
    ...limit,
    resolutionMs: source.mode === 'legal' ? 0 : (source.resolutionMs ?? DEFAULT_RESOLUTION_MS),
    perStage: source.perStage === true,
    stages: stagesOf(source, context.dictionary),
    deemed: source.deemed === undefined ? -1 : typeIndex(source.deemed),
    extendMax: extendOf(source),
    itemKind: source.itemKind === undefined ? -1 : ITEM_KINDS.indexOf(source.itemKind),
    traits: context.traits.mask([source.itemTrait]),
    exceptTraits: context.traits.mask([source.exceptTrait]),
    unlessMask: maskOf((source.unless ?? []).map((event) => ({ event }))),
    endMask: maskOf(source.stop.filter((one) => one.stage === undefined && !one.special)),
    startMask: maskOf(source.start),
    stopMask: maskOf(source.stop),
    pauseFrom: pausesOf(source, 'from'),
    pauseTo: pausesOf(source, 'to'),
    rungKind: Uint8Array.from(kinds, (rung) => rung.kind),
    rungValue: Float64Array.from(kinds, (rung) => rung.value),
    rungLevel: source.rungs.map((rung) => levelOf(rung.level, source.id, context)),
    dueRung: firstLate < 0 ? kinds.length : firstLate,
  };
}

function stagesOf(source: ClockSource, dictionary: Dictionary): Int32Array | null {
  if (source.stages === undefined) return null;
  return Int32Array.from(source.stages, (stage) => dictionary.internText(stage));
}

function limitOf(source: ClockSource): {
  limitFrom: number;
  limitCount: number;
  limitUnit: number;
  least: number;
} {
  const limit = source.limit;
  const least = 'by' in limit ? (limit.least ?? 0) : 0;
  if ('item' in limit) {
    const from = { promised: P.LIMIT_PROMISED, statutory: P.LIMIT_STATUTORY, stage: P.LIMIT_STAGE };
    return { limitFrom: from[limit.item], limitCount: 0, limitUnit: P.UNIT_WORKDAY, least };
  }
  if (!('event' in limit)) {
    return {
      limitFrom: P.LIMIT_CONST,
      limitCount: limit.count,
      limitUnit: unitIndex(limit.unit),
      least,
    };
  }
  if (limit.event === 'days') {
    return {
      limitFrom: P.LIMIT_EVENT_DAYS,
      limitCount: 0,
      limitUnit: unitIndex(limit.unit),
      least,
    };
  }
  const from = {
    instant: P.LIMIT_DEADLINE_INSTANT,
    day: P.LIMIT_DEADLINE_DAY,
    workday: P.LIMIT_DEADLINE_WORKDAY,
  };
  return { limitFrom: from[limit.by], limitCount: 0, limitUnit: P.UNIT_DAY, least };
}

function extendOf(source: ClockSource): number {
  if (source.extend === undefined) return 0;
  return source.extend.max === 'item' ? -1 : source.extend.max;
}

function pausesOf(source: ClockSource, side: 'from' | 'to'): Uint8Array {
  const bits = new Uint8Array(EVENT_TYPES.length);
  for (const [k, pair] of (source.suspend ?? []).entries()) {
    if (pair.cap === undefined) bits[typeIndex(pair[side])]! |= 1 << k;
  }
  return bits;
}

export function rungOf(rung: Pick<RungSource, 'at'>): { kind: number; value: number } {
  const at = rung.at;
  if ('due' in at) return { kind: P.RUNG_DUE, value: 0 };
  if ('before' in at) return { kind: P.RUNG_BEFORE, value: at.before };
  if ('after' in at) return { kind: P.RUNG_AFTER, value: at.after };
  return { kind: P.RUNG_PERCENT, value: at.percent };
}

function isLate({ kind, value }: { kind: number; value: number }): boolean {
  return kind === P.RUNG_DUE || kind === P.RUNG_AFTER || (kind === P.RUNG_PERCENT && value >= 100);
}

function specialIndex(name: string): number {
  const index = (SPECIAL_PROCEDURES as readonly string[]).indexOf(name);
  if (index < 0) throw new Error(`未知特别程序 (unknown special procedure) ${name}`);
  return index;
}

/** All clock actions by event type, sorted by kind, then by clock. */
function compileActions(clocks: readonly ClockSource[], dictionary: Dictionary): Int32Array[] {
  type Action = { kind: number; clock: number; stage: number; special: number; opens: number };
  const lists: Action[][] = EVENT_TYPES.map(() => []);
  const add = (kind: number, clock: number, selector: StartSelector): void => {
    const stage = selector.stage === undefined ? -1 : dictionary.internText(selector.stage);
    const special = selector.special === undefined ? -1 : specialIndex(selector.special);
    const opens = P.OPENS.indexOf(selector.opens ?? 'own');
    lists[typeIndex(selector.event)]!.push({ kind, clock, stage, special, opens });
  };
  clocks.forEach((source, clock) => {
    for (const selector of source.start) add(P.ACT_START, clock, selector);
    for (const selector of source.stop) add(P.ACT_STOP, clock, selector);
    for (const pair of source.suspend ?? []) {
      const capped = pair.cap === 'announced';
      add(capped ? P.ACT_SUSPEND_CAPPED : P.ACT_SUSPEND, clock, { event: pair.from });
      add(capped ? P.ACT_RESUME_CAPPED : P.ACT_RESUME, clock, { event: pair.to });
    }
    if (source.extend !== undefined) add(P.ACT_EXTEND, clock, { event: source.extend.event });
  });
  return lists.map((list) => {
    list.sort((a, b) => a.kind - b.kind || a.clock - b.clock);
    return Int32Array.from(
      list.flatMap((one) => [one.kind, one.clock, one.stage, one.special, one.opens]),
    );
  });
}

function compileChecks(
  pack: PackSource,
  context: Context,
): Pick<Program, 'checks' | 'factsOn' | 'registerCount'> {
  const registers = new Registers();
  const clockIndex = (id: string): number => pack.clocks.findIndex((clock) => clock.id === id);
  const intern = (text: string): number => context.dictionary.internText(text);
  const checks: CheckDef[][] = EVENT_TYPES.map(() => []);
  const used: Set<number>[] = EVENT_TYPES.map(() => new Set<number>());
  for (const source of pack.checks) {
    const own = new Registers();
    compileCondition(source.conditions, { registers: own, clockIndex, intern });
    const condition = compileCondition(source.conditions, { registers, clockIndex, intern });
    const shared = {
      ...headOf(source, 'check', context),
      level: levelOf(source.level, source.id, context),
      onMask: maskOf(source.on),
      once: source.occurrence === 'once',
      condition,
      versions: judgedBy(pack.checks, source),
    };
    for (const selector of source.on) {
      const type = typeIndex(selector.event);
      const stage = selector.stage === undefined ? -1 : intern(selector.stage);
      checks[type]!.push({ ...shared, stage });
      for (const fact of own.facts) used[type]!.add(registers.of(fact));
    }
  }
  const factOf = (register: number): FactRef => registers.facts[register]!;
  return {
    checks,
    factsOn: used.map((set) =>
      [...set].sort((a, b) => a - b).map((register) => ({ register, fact: factOf(register) })),
    ),
    registerCount: registers.facts.length,
  };
}

/** All versions of a check's id, null when it is alone and always in force. */
function judgedBy(checks: readonly CheckSource[], source: CheckSource): P.Judged[] | null {
  const versions = checks.filter(({ id }) => id === source.id);
  const dated = source.validFrom !== undefined || source.validTo !== undefined;
  if (versions.length === 1 && !dated) return null;
  return versions.map((one) => ({ onMask: maskOf(one.on), ...validityOf(one) }));
}

function compileSequence(source: SequenceSource, context: Context): SequenceDef {
  const intern = (stage: string | undefined): number =>
    stage === undefined ? -1 : context.dictionary.internText(stage);
  const needsB = source.template === 'precedence' || source.template === 'response';
  if (needsB && source.b === undefined) {
    throw new Error(`规则 ${source.id}: 模板 (template) ${source.template} 缺少 b`);
  }
  return {
    ...headOf(source, 'sequence', context),
    level: levelOf(source.level, source.id, context),
    template: source.template,
    aType: typeIndex(source.a.event),
    aStage: intern(source.a.stage),
    bType: source.b === undefined ? -1 : typeIndex(source.b.event),
    bStage: intern(source.b?.stage),
  };
}

/** Event type whose arrival evaluates the rule; -1 for rules evaluated at an end only. */
function triggers(def: SequenceDef): number {
  if (def.template === 'precedence') return def.bType;
  return def.template === 'absence' ? def.aType : -1;
}

function endsAt(source: SequenceSource, end: 'caseEnd' | 'logEnd'): boolean {
  const ends = source.template === 'existence' || source.template === 'response';
  return ends && (source.checkedAt ?? ['caseEnd', 'logEnd']).includes(end);
}
