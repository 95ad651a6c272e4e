/**
 * Conditions of check rules for the checker: recursion over the facts of one moment of one case.
 *
 * A fact that is absent is `undefined`: only `notEqual` and `notIn` accept it, and two absent facts are
 * equal. A fact the checker does not know stops it by name; it never guesses.
 */
import type { ConditionSource, ItemSource } from '../engine/rules/source.ts';
import type { OracleClock } from './clock.ts';
import type { Days } from './days.ts';
import type { Line } from './line.ts';

const HOUR = 3_600_000;
const SPECIALS =
  'hearing tender auction inspection testing quarantine appraisal expertReview'.split(' ');

type Value = number | boolean | string | undefined;

/** A case at one of its events. */
export interface Moment {
  readonly event: Line;
  /** Events before it. */
  readonly past: readonly Line[];
  readonly item: ItemSource | undefined;
  readonly itemCode: string | undefined;
  readonly organ: string | undefined;
  readonly territory: string | undefined;
  readonly days: Days;
  readonly accepted: boolean;
  readonly closed: boolean;
  readonly deemed: boolean;
  /** Units the event added to a limit. */
  readonly granted: number;
  /** The last run of each clock. */
  readonly clocks: readonly OracleClock[];
}

export function holds(condition: ConditionSource, moment: Moment): boolean {
  if ('all' in condition) return condition.all.every((one) => holds(one, moment));
  // json-rules-engine takes an empty list for true.
  if ('any' in condition) {
    return condition.any.length === 0 || condition.any.some((one) => holds(one, moment));
  }
  if ('not' in condition) return !holds(condition.not, moment);
  const fact = factOf(condition.fact, moment);
  const { value } = condition;
  if (condition.operator === 'in') return (value as Value[]).includes(fact);
  if (condition.operator === 'notIn') return !(value as Value[]).includes(fact);
  const other =
    typeof value === 'object' && value !== null
      ? factOf(String((value as { fact: unknown }).fact), moment)
      : (value as Value);
  return compare(condition.operator, fact, other);
}

function compare(operator: string, a: Value, b: Value): boolean {
  if (operator === 'equal') return a === b;
  if (operator === 'notEqual') return a !== b;
  const order = typeof a === 'number' && typeof b === 'number' ? Math.sign(a - b) : Number.NaN;
  if (operator === 'lessThan') return order < 0;
  if (operator === 'lessThanInclusive') return order <= 0;
  if (operator === 'greaterThan') return order > 0;
  if (operator === 'greaterThanInclusive') return order >= 0;
  throw new Error(`核验程序不认识运算符 ${operator} (the checker does not know this operator)`);
}

export function stageOf(event: Line): string {
  return typeof event.data?.stage === 'string' ? event.data.stage : '';
}

function factOf(name: string, moment: Moment): Value {
  const [family = '', rest = ''] = name.split('.');
  if (family === 'count') {
    return [...moment.past, moment.event].filter(({ type }) => type === rest).length;
  }
  if (family === 'clock') return clockFact(name, moment);
  const fact = FACTS[name];
  if (fact === undefined) {
    throw new Error(`核验程序不认识事实 ${name} (the checker does not know this fact)`);
  }
  return fact(moment);
}

const hours = (from: number, to: number | undefined): number | undefined =>
  to === undefined ? undefined : (to - from) / HOUR;
const given = (value: unknown): boolean => typeof value === 'string' && value !== '';
/** Where the event's stage stands in the item; -1 when it is none of its stages. */
const stageIndex = ({ item, event }: Moment): number =>
  item?.stages.findIndex(({ code }) => code === stageOf(event)) ?? -1;
/** The same among those that have an order. */
const placeOf = (item: ItemSource, stage: string | undefined): number =>
  item.stages.findIndex(({ code, aside }) => code === stage && aside !== true);
const fen = (event: Line): number => Math.round(Number(event.data?.amount) * 100);

const FACTS: Readonly<Record<string, (moment: Moment) => Value>> = {
  'event.type': ({ event }) => event.type,
  'event.stage': ({ event }) => stageOf(event) || undefined,
  'event.hasDocument': ({ event }) => given(event.document),
  'event.hasReason': ({ event }) => given(event.data?.reason),
  'event.hasActor': ({ event }) => given(event.actor),
  'event.noticed': ({ event }) => event.data?.noticed === true,
  'event.approved': ({ event }) => given(event.data?.approver),
  'event.granted': ({ granted }) => granted,
  'event.days': ({ event }) => event.data?.days as number | undefined,
  'event.special': ({ event }) => SPECIALS.find((one) => one === event.data?.specialType),
  'event.amountFen': ({ event }) => (event.data?.amount === undefined ? undefined : fen(event)),
  'event.recordLagHours': ({ event }) => hours(event.at, event.recordedAt),
  'event.recordLagDays': ({ event }) =>
    event.recordedAt === undefined ? undefined : (event.recordedAt - event.at) / (24 * HOUR),
  // A record that came before its time was let in when that came.
  'event.arrivalLagHours': ({ event }) =>
    hours(event.at, Math.max(event.stamp ?? event.at, event.at)),
  'event.workday': ({ event, days }) => days.works(days.dayOf(event.at)),
  'event.itemKnown': ({ item }) => item !== undefined,
  'case.received': ({ past }) => past.some(({ type }) => type === 'received'),
  'case.accepted': ({ accepted }) => accepted,
  'case.closed': ({ closed }) => closed,
  'case.deemed': ({ deemed }) => deemed,
  'case.suspended': ({ clocks }) => clocks.some((c) => c.state === 'running' && c.suspended),
  'case.stageKnown': (moment) => (moment.item === undefined ? undefined : stageIndex(moment) >= 0),
  'case.stageIndex': ({ item, event }) => {
    const place = item === undefined ? -1 : placeOf(item, stageOf(event));
    return place < 0 ? undefined : place;
  },
  'case.stageExpected': ({ item, past }) => {
    if (item === undefined) return undefined;
    const done = past.filter(({ type }) => type === 'stageDone').map(stageOf);
    const last = done.findLast((stage) => placeOf(item, stage) >= 0);
    return placeOf(item, last) + 1;
  },
  'case.materialsMissing': ({ item, past, event }) => {
    if (item === undefined) return undefined;
    const have = [...past, event].flatMap(({ data }) => (data?.materials ?? []) as string[]);
    return item.materials.filter(({ code, required }) => required && !have.includes(code)).length;
  },
  'case.feeFen': ({ item }) => item?.feeFen,
  'case.paidFen': ({ past, event }) =>
    [...past, event]
      .filter(({ type, data }) => type === 'feeCharged' && data?.amount !== undefined)
      .reduce((sum, one) => sum + fen(one), 0),
  'item.kind': ({ item }) => item?.kind,
  'item.code': ({ itemCode }) => itemCode,
  'item.promisedDays': ({ item }) => item?.promised.count,
  'item.specialPermitted': ({ item, event }) => {
    const special = SPECIALS.find((one) => one === event.data?.specialType);
    return item === undefined || special === undefined
      ? undefined
      : item.specials.includes(special);
  },
  'item.extensionMax': ({ item }) => item?.extensionMax,
  'organ.code': ({ organ }) => organ,
  'territory.code': ({ territory }) => territory,
};

function clockFact(name: string, { event, clocks }: Moment): boolean | undefined {
  const [, id = '', what = ''] = /^clock\.(.*)\.(\w+)$/.exec(name) ?? [];
  const clock = clocks.find(({ def, stage }) => def.id === id && stage === '');
  if (clock === undefined) return undefined;
  if (what === 'running') return clock.ticking;
  if (what === 'expired') return clock.expired(event.at);
  if (what === 'stopped') return clock.state === 'stopped';
  return clock.state === 'running' && clock.suspended;
}
