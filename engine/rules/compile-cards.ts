/**
 * Clocks on cards and lags of sources → what the kernel runs. See CardClockDef and LagDef.
 *
 * `replyDays` of a pack without `cardClocks` stands for a reply clock that says when an answer is due
 * and nothing more.
 */
import { CARD_STATES, type CardStateName } from '../cards/card.ts';
import type { Dictionary } from '../events/dictionary.ts';
import { RUNGS_MAX } from '../state/clock-pool.ts';
import { type Context, DEFAULT_RESOLUTION_MS, headOf, levelOf, rungOf } from './compile.ts';
import { unitIndex } from './compile-items.ts';
import type { CardClockDef, LagDef } from './program.ts';
import * as P from './program.ts';
import type { CardClockSource, LagSource, PackSource } from './source.ts';

/** Whatever a definition says: nothing runs on a card in these states. */
const ENDS: readonly CardStateName[] = ['provisional', 'closed', 'withdrawn', 'revoked'];
const EVERY_CATEGORY = (1 << P.CATEGORIES.length) - 1;

export function compileCardClocks(pack: PackSource, context: Context): CardClockDef[] {
  return cardClocksOf(pack).map((source, index) => compileCardClock(source, index, context));
}

/** The clocks on cards that a pack has, written out or by `replyDays`. */
export function cardClocksOf(pack: PackSource): readonly CardClockSource[] {
  if (pack.cardClocks !== undefined) return pack.cardClocks;
  return pack.replyDays === undefined ? [] : [replyClock(pack.replyDays)];
}

function replyClock(days: number): CardClockSource {
  return {
    id: 'card-reply',
    version: 1,
    name: { zh: '牌反馈', en: 'Card reply' },
    basis: '',
    category: 'supervision',
    effect: 'reply',
    start: ['issued', 'acknowledged', 'rejected', 'reopened'],
    stop: ['answered', 'accepted'],
    limit: { count: days, unit: 'workday' },
    mode: 'legal',
    rungs: [],
  };
}

function compileCardClock(source: CardClockSource, index: number, context: Context): CardClockDef {
  if (source.rungs.length > RUNGS_MAX) {
    throw new Error(`规则 ${source.id}: 档数超过 ${RUNGS_MAX} (too many rungs)`);
  }
  const kinds = source.rungs.map(rungOf);
  const stopMask = statesMask([...source.stop, ...ENDS]);
  return {
    ...headOf(source, 'cardClock', context),
    index,
    mode: P.MODES.indexOf(source.mode),
    limitCount: source.limit.count,
    limitUnit: unitIndex(source.limit.unit),
    resolutionMs: source.mode === 'legal' ? 0 : (source.resolutionMs ?? DEFAULT_RESOLUTION_MS),
    reply: source.effect === 'reply',
    startMask: statesMask(source.start) & ~stopMask,
    stopMask,
    categoryMask: categoriesMask(source.categories),
    levels: (source.levels ?? []).map((level) => levelOf(level, source.id, context).code),
    rungKind: Uint8Array.from(kinds, (rung) => rung.kind),
    rungValue: Float64Array.from(kinds, (rung) => rung.value),
    rungEscalates: Uint8Array.from(source.rungs, (rung) => (rung.escalate === true ? 1 : 0)),
    rungLevel: source.rungs.map(({ raise }) =>
      raise === undefined ? null : levelOf(raise, source.id, context),
    ),
  };
}

function statesMask(states: readonly CardStateName[]): number {
  let mask = 0;
  for (const state of states) mask |= 1 << CARD_STATES.indexOf(state);
  return mask;
}

function categoriesMask(categories: CardClockSource['categories']): number {
  if (categories === undefined) return EVERY_CATEGORY;
  let mask = 0;
  for (const category of categories) mask |= 1 << P.CATEGORIES.indexOf(category);
  return mask;
}

export function compileLags(sources: readonly LagSource[], dictionary: Dictionary): LagDef[] {
  return sources.map(({ code, lag, organs }) => ({
    source: code,
    count: lag.count,
    // A lag in days is so many times 24 hours: it says when bytes arrive, not when a right ends.
    mode: lag.unit === 'day' ? P.MODE_ELAPSED : P.MODE_LEGAL,
    unit: unitIndex(lag.unit),
    organs: (organs ?? []).map((organ) => dictionary.internText(organ)),
  }));
}
