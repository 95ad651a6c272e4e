/**
 * Values of facts at an event: what each name of the fact catalogue means.
 *
 * Owns: the reading of facts out of the store and the case's history. Does not own: names and types
 * (rules/facts.ts), conditions (rules/conditions.ts).
 *
 * A fact is read at most once an event, only for event types whose checks use it. History is decoded
 * only by the facts that need it. NaN means absent.
 */
import { HOUR_MS } from '../base/units.ts';
import * as E from '../events/event.ts';
import type { FactRef } from '../rules/facts.ts';
import { FACT_CLOCK, FACT_COUNT, FACTS } from '../rules/facts.ts';
import * as P from '../rules/program.ts';
import * as S from '../state/case-table.ts';
import * as C from '../state/clock-pool.ts';
import type { ClockOps } from './clock-ops.ts';
import { suspended, ticking } from './clock-ops.ts';
import type { Moment } from './moment.ts';
import type { Store } from './store.ts';

type FactName = (typeof FACTS)[number]['name'];
type Reader = (store: Store, m: Moment, clocks: ClockOps) => number;

const bit = (on: boolean): number => (on ? 1 : 0);
const flag =
  (mask: number): Reader =>
  (_, m) =>
    bit((m.history.flags[m.index]! & mask) !== 0);
const seen = (store: Store, m: Moment, mask: number): number =>
  bit((store.table.get(m.row, S.SEEN) & mask) !== 0);
const present = (value: number): number => (value < 0 ? Number.NaN : value);
const typeBit = (name: E.EventTypeName): number => 1 << E.EVENT_TYPES.indexOf(name);

const RECEIVED = typeBit('received');
const ACCEPTED = typeBit('accepted');
const STAGE_DONE = E.EVENT_TYPES.indexOf('stageDone');
const FEE_CHARGED = E.EVENT_TYPES.indexOf('feeCharged');

const READERS: Record<FactName, Reader> = {
  'event.type': (store, m) => store.program.typeCode[m.history.type[m.index]!]!,
  'event.stage': (_, m) => present(m.history.stage[m.index]!),
  'event.hasDocument': flag(E.FLAG_DOCUMENT),
  'event.hasReason': flag(E.FLAG_REASON),
  'event.hasActor': flag(E.FLAG_ACTOR),
  'event.noticed': flag(E.FLAG_NOTICED),
  'event.approved': flag(E.FLAG_APPROVED),
  'event.days': (_, m) => present(m.history.days[m.index]!),
  'event.special': (_, m) => present(m.history.special[m.index]!),
  'event.amountFen': (_, m) => m.history.amountFen[m.index]!,
  'event.recordLagHours': (_, m) =>
    (m.history.recordedAt[m.index]! - m.history.at[m.index]!) / HOUR_MS,
  'event.recordLagDays': (_, m) =>
    (m.history.recordedAt[m.index]! - m.history.at[m.index]!) / (24 * HOUR_MS),
  'event.arrivalLagHours': (_, m) => (m.history.stamp[m.index]! - m.history.at[m.index]!) / HOUR_MS,
  'event.workday': (store, m) => {
    const { calendar } = store;
    return bit(calendar.isWorkday(calendar.dayOf(m.history.at[m.index]!)));
  },
  'event.itemKnown': (_, m, clocks) => bit(clocks.itemOf(m.row) >= 0),
  'case.received': (store, m) => seen(store, m, RECEIVED),
  'case.accepted': (store, m) => seen(store, m, ACCEPTED),
  'case.closed': (store, m) => seen(store, m, S.ROW_CLOSED),
  'case.deemed': (store, m) => seen(store, m, S.ROW_DEEMED),
  'case.suspended': (store, m) => bit(anySuspended(store, m.row)),
  'case.stageKnown': (store, m, clocks) => {
    const item = clocks.itemOf(m.row);
    if (item < 0) return Number.NaN;
    return bit(P.stageIndexOf(store.program.items, item, m.history.stage[m.index]!) >= 0);
  },
  'case.stageIndex': (store, m, clocks) =>
    present(orderOf(store.program.items, clocks.itemOf(m.row), m.history.stage[m.index]!)),
  'case.stageExpected': stageExpected,
  'case.materialsMissing': materialsMissing,
  'case.feeFen': (store, m, clocks) => ofItem(store.program.items.feeFen, clocks.itemOf(m.row)),
  'case.paidFen': paidFen,
  'item.kind': (store, m, clocks) => ofItem(store.program.items.kind, clocks.itemOf(m.row)),
  'item.code': (store, m) => present(store.table.get(m.row, S.ITEM)),
  'item.promisedDays': (store, m, clocks) =>
    ofItem(store.program.items.promisedCount, clocks.itemOf(m.row)),
  'item.specialPermitted': (store, m, clocks) => {
    const item = clocks.itemOf(m.row);
    const special = m.history.special[m.index]!;
    if (item < 0 || special < 0) return Number.NaN;
    return bit((store.program.items.specialMask[item]! & (1 << special)) !== 0);
  },
  'item.extensionMax': (store, m, clocks) =>
    ofItem(store.program.items.extensionMax, clocks.itemOf(m.row)),
  'organ.code': (store, m) => present(store.table.get(m.row, S.ORGAN)),
  'territory.code': (store, m) => present(store.table.get(m.row, S.TERRITORY)),
  'event.granted': (_store, _m, clocks) => clocks.granted,
};

const BY_CODE: readonly Reader[] = FACTS.map((fact) => READERS[fact.name]);

export function readFact(fact: FactRef, store: Store, m: Moment, clocks: ClockOps): number {
  if (fact.code === FACT_COUNT) return countOf(store, m, fact.arg);
  if (fact.code === FACT_CLOCK) return clockFact(store, m, clocks, fact.arg);
  return BY_CODE[fact.code]!(store, m, clocks);
}

function ofItem(column: Int32Array | Float64Array | Uint8Array, item: number): number {
  return item < 0 ? Number.NaN : column[item]!;
}

function anySuspended(store: Store, row: number): boolean {
  const count = store.clocks.count(row);
  for (let k = 0; k < count; k++) {
    if (suspended(store.clocks.state(store.clocks.at(row, k)))) return true;
  }
  return false;
}

/** How many events of the type there were, this one included. */
function countOf(store: Store, m: Moment, type: number): number {
  let count = m.history.type[m.index] === type ? 1 : 0;
  if ((store.table.get(m.row, S.SEEN) & (1 << type)) === 0) return count;
  const past = m.past();
  for (let i = 0; i < m.pastCount; i++) if (past.type[i] === type) count++;
  return count;
}

/** Place of a stage in the order of the item; -1 when it has none there. */
function orderOf(items: P.ItemTable, item: number, stage: number): number {
  const index = P.stageIndexOf(items, item, stage);
  return index >= 0 && items.stageFirst[item]! + index < items.asideFirst[item]! ? index : -1;
}

/** The stage after the last one done, in the item's order; 0 when none is done. */
function stageExpected(store: Store, m: Moment, clocks: ClockOps): number {
  const item = clocks.itemOf(m.row);
  if (item < 0) return Number.NaN;
  const past = m.past();
  let expected = 0;
  for (let i = 0; i < m.pastCount; i++) {
    if (past.type[i] !== STAGE_DONE) continue;
    const index = orderOf(store.program.items, item, past.stage[i]!);
    if (index >= 0) expected = index + 1;
  }
  return expected;
}

function materialsMissing(store: Store, m: Moment, clocks: ClockOps): number {
  const item = clocks.itemOf(m.row);
  if (item < 0) return Number.NaN;
  const past = m.past();
  let have = m.history.materials[m.index]!;
  for (let i = 0; i < m.pastCount; i++) have |= past.materials[i]!;
  return ones(store.program.items.requiredMask[item]! & ~have);
}

function paidFen(_: Store, m: Moment): number {
  const past = m.past();
  const amount = m.history.amountFen[m.index]!;
  let sum = m.history.type[m.index] === FEE_CHARGED && !Number.isNaN(amount) ? amount : 0;
  for (let i = 0; i < m.pastCount; i++) {
    const paid = past.amountFen[i]!;
    if (past.type[i] === FEE_CHARGED && !Number.isNaN(paid)) sum += paid;
  }
  return sum;
}

/** CLOCK_FACTS of rules/facts.ts: running, expired, stopped, suspended. NaN when never started. */
function clockFact(store: Store, m: Moment, ops: ClockOps, arg: number): number {
  const clocks = store.clocks;
  const at = ops.find(m.row, store.program.clocks[arg >> 2]!, C.NO_STAGE);
  if (at < 0) return Number.NaN;
  const state = clocks.state(at);
  switch (arg & 3) {
    case 0:
      return bit(ticking(state));
    case 1:
      return bit(ops.expired(at, m.history.at[m.index]!));
    case 2:
      return bit(state === C.CLOCK_STOPPED || state === C.CLOCK_STOPPED_LATE);
    default:
      return bit(suspended(state));
  }
}

function ones(mask: number): number {
  let count = 0;
  for (let m = mask >>> 0; m !== 0; m &= m - 1) count++;
  return count;
}
