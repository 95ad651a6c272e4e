/**
 * The fact catalogue: every name a check's condition may use, with its type.
 *
 * Owns: names, codes and types. Does not own: where a value comes from (kernel/fact-values.ts), the
 * published description (rules/schema/facts.json; a test holds both lists equal).
 *
 * Values live in float64 registers: numbers as they are, booleans 0/1, strings as dictionary ids,
 * enumerations as indexes; NaN is "absent", which no comparison but notEqual and notIn accepts, as
 * json-rules-engine treats undefined.
 */
import { EVENT_TYPES, SPECIAL_PROCEDURES } from '../events/event.ts';

export type FactType = 'number' | 'boolean' | 'string' | 'special' | 'itemKind';

export const ITEM_KINDS = ['instant', 'promised'] as const;

interface FactSpec {
  readonly name: string;
  readonly type: FactType;
}

/** Append-only: the index is the fact's code. */
export const FACTS = [
  { name: 'event.type', type: 'string' },
  { name: 'event.stage', type: 'string' },
  { name: 'event.hasDocument', type: 'boolean' },
  { name: 'event.hasReason', type: 'boolean' },
  { name: 'event.hasActor', type: 'boolean' },
  { name: 'event.noticed', type: 'boolean' },
  { name: 'event.approved', type: 'boolean' },
  { name: 'event.days', type: 'number' },
  { name: 'event.special', type: 'special' },
  { name: 'event.amountFen', type: 'number' },
  { name: 'event.recordLagHours', type: 'number' },
  { name: 'event.recordLagDays', type: 'number' },
  { name: 'event.arrivalLagHours', type: 'number' },
  { name: 'event.workday', type: 'boolean' },
  { name: 'event.itemKnown', type: 'boolean' },
  { name: 'case.received', type: 'boolean' },
  { name: 'case.accepted', type: 'boolean' },
  { name: 'case.closed', type: 'boolean' },
  { name: 'case.deemed', type: 'boolean' },
  { name: 'case.suspended', type: 'boolean' },
  { name: 'case.stageKnown', type: 'boolean' },
  { name: 'case.stageIndex', type: 'number' },
  { name: 'case.stageExpected', type: 'number' },
  { name: 'case.materialsMissing', type: 'number' },
  { name: 'case.feeFen', type: 'number' },
  { name: 'case.paidFen', type: 'number' },
  { name: 'item.kind', type: 'itemKind' },
  { name: 'item.code', type: 'string' },
  { name: 'item.promisedDays', type: 'number' },
  { name: 'item.specialPermitted', type: 'boolean' },
  { name: 'item.extensionMax', type: 'number' },
  { name: 'organ.code', type: 'string' },
  { name: 'territory.code', type: 'string' },
  { name: 'event.granted', type: 'number' },
] as const satisfies readonly FactSpec[];

/** Parameterised facts: `count.<eventType>` and `clock.<clockId>.<state>`. */
export const FACT_COUNT = FACTS.length;
export const FACT_CLOCK = FACTS.length + 1;
export const CLOCK_FACTS = ['running', 'expired', 'stopped', 'suspended'] as const;

export interface FactRef {
  readonly code: number;
  /** Event type of a count; clock index * 4 + CLOCK_FACTS index of a clock fact; else 0. */
  readonly arg: number;
  readonly type: FactType;
}

/** Null when no such fact exists. `clockIndex` answers -1 for an unknown clock id. */
export function resolveFact(name: string, clockIndex: (id: string) => number): FactRef | null {
  const code = FACTS.findIndex((fact) => fact.name === name);
  if (code >= 0) return { code, arg: 0, type: FACTS[code]!.type };
  if (name.startsWith('count.')) {
    const type = (EVENT_TYPES as readonly string[]).indexOf(name.slice('count.'.length));
    return type < 0 ? null : { code: FACT_COUNT, arg: type, type: 'number' };
  }
  const dot = name.lastIndexOf('.');
  if (name.startsWith('clock.') && dot > 'clock.'.length) {
    const state = (CLOCK_FACTS as readonly string[]).indexOf(name.slice(dot + 1));
    const clock = clockIndex(name.slice('clock.'.length, dot));
    if (state >= 0 && clock >= 0)
      return { code: FACT_CLOCK, arg: clock * 4 + state, type: 'boolean' };
  }
  return null;
}

/** Register value of a constant of this fact type; null when it does not fit the type. */
export function constantOf(
  type: FactType,
  value: unknown,
  intern: (text: string) => number,
): number | null {
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value) ? value : null;
  if (type === 'boolean') return typeof value === 'boolean' ? Number(value) : null;
  if (typeof value !== 'string') return null;
  if (type === 'string') return intern(value);
  const list: readonly string[] = type === 'special' ? SPECIAL_PROCEDURES : ITEM_KINDS;
  const index = list.indexOf(value);
  return index < 0 ? null : index;
}
