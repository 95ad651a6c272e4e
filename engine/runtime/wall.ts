/**
 * The wall's summary: partitions' counts added up, with names, the day's hours and the newest cards.
 */

import { HOUR_MS } from '../base/units.ts';
import type {
  CardView,
  DeadManReport,
  OrganState,
  PressingCase,
  Scope,
  WallSummary,
} from '../facade.ts';
import type { PartitionSummary, PressingRow } from '../kernel/summary.ts';
import type { HourCount } from '../sinks/query.ts';
import type { PackNames } from './pack-names.ts';

const PRESSING_MAX = 40;
const HOURS = 24;

export interface WallParts {
  readonly partitions: readonly PartitionSummary[];
  readonly hourly: readonly HourCount[];
  readonly storeReadable: boolean;
  readonly latest: readonly CardView[];
  readonly names: PackNames;
  readonly nowMs: number;
  readonly asOfMs: number;
  readonly dataAgeMs: number;
  readonly speed: number;
  readonly scope: Scope;
  readonly deadMan: DeadManReport;
}

export function wallSummary(parts: WallParts): WallSummary {
  const { names, partitions } = parts;
  const organs = mergeOrgans(parts);
  const sum = (pick: (organ: OrganTotals) => number): number =>
    [...organs.values()].reduce((total, organ) => total + pick(organ), 0);
  const cards: Record<string, number> = {};
  for (const organ of organs.values()) addInto(cards, organ.cards);
  return {
    nowMs: parts.nowMs,
    asOfMs: parts.asOfMs,
    dataAgeMs: parts.dataAgeMs,
    demo: names.pack.demo === true,
    speed: parts.speed,
    counts: {
      open: sum((organ) => organ.open),
      receivedToday: today(partitions, 'received'),
      acceptedToday: today(partitions, 'accepted'),
      finishedToday: today(partitions, 'finished'),
      suspended: sum((organ) => organ.suspended),
      uncomputable: sum((organ) => organ.uncomputable),
      provisional: sum((organ) => organ.provisional),
      cards,
    },
    organs: [...organs].map(([code, totals]) => organState(code, totals, names)),
    territories: territoriesOf(partitions, names),
    hourly: hoursOf(parts.hourly, parts.nowMs),
    pressing: pressingOf(partitions, names),
    strip: [...organs]
      .filter(([, totals]) => totals.cells.length > 0)
      .map(([organ, totals]) => ({ organ, cells: totals.cells })),
    latest: parts.latest,
    storeReadable: parts.storeReadable,
    publishedUntil: names.publishedUntil,
    deadMan: parts.deadMan,
  };
}

interface OrganTotals {
  open: number;
  overdue: number;
  suspended: number;
  uncomputable: number;
  provisional: number;
  readonly cards: Record<string, number>;
  cells: number[];
}

/** Organs of the pack in its order, those in scope even when they have nothing; then unknown ones. */
function mergeOrgans({ partitions, names, scope }: WallParts): Map<string, OrganTotals> {
  const totals = new Map<string, OrganTotals>();
  for (const organ of names.pack.organs) {
    const seen = scope.organs === null || scope.organs.includes(organ.code);
    const near = scope.territories === null || scope.territories.includes(organ.territory);
    if (seen && near) totals.set(organ.code, emptyTotals());
  }
  for (const partition of partitions) {
    for (const [code, counts] of Object.entries(partition.organs)) {
      let total = totals.get(code);
      if (total === undefined) {
        total = emptyTotals();
        totals.set(code, total);
      }
      total.open += counts.open;
      total.overdue += counts.overdue;
      total.suspended += counts.suspended;
      total.uncomputable += counts.uncomputable;
      total.provisional += counts.provisional;
      total.cells = total.cells.concat(counts.cells);
      addInto(total.cards, counts.cards);
    }
  }
  for (const total of totals.values()) total.cells.sort((a, b) => b - a);
  return totals;
}

function emptyTotals(): OrganTotals {
  return {
    open: 0,
    overdue: 0,
    suspended: 0,
    uncomputable: 0,
    provisional: 0,
    cards: {},
    cells: [],
  };
}

function organState(code: string, totals: OrganTotals, names: PackNames): OrganState {
  return {
    organ: code,
    name: names.organ(code),
    territory: names.organTerritory(code),
    open: totals.open,
    overdue: totals.overdue,
    cards: totals.cards,
  };
}

function territoriesOf(
  partitions: readonly PartitionSummary[],
  names: PackNames,
): WallSummary['territories'] {
  return names.pack.territories.map(({ code, name }) => {
    let cards = 0;
    let open = 0;
    for (const partition of partitions) {
      cards += partition.territories[code]?.cards ?? 0;
      open += partition.territories[code]?.open ?? 0;
    }
    return { code, name, cards, open };
  });
}

function hoursOf(counts: readonly HourCount[], nowMs: number): WallSummary['hourly'] {
  const last = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  return Array.from({ length: HOURS }, (_, i) => {
    const hourMs = last - (HOURS - 1 - i) * HOUR_MS;
    const byLevel: Record<string, number> = {};
    for (const count of counts) if (count.hourMs === hourMs) byLevel[count.level] = count.cards;
    return { hourMs, byLevel };
  });
}

function pressingOf(partitions: readonly PartitionSummary[], names: PackNames): PressingCase[] {
  const rows = partitions.flatMap((partition) => partition.pressing);
  const expired = rows.filter((row) => row.state === 'expired');
  const running = rows.filter((row) => row.state !== 'expired');
  expired.sort((a, b) => b.levelRank - a.levelRank || (b.dueMs ?? 0) - (a.dueMs ?? 0));
  running.sort((a, b) => (a.dueMs ?? 0) - (b.dueMs ?? 0));
  // Half the places are for what is late, half for what can still be saved.
  const late = expired.slice(0, Math.max(PRESSING_MAX / 2, PRESSING_MAX - running.length));
  return [...late, ...running.slice(0, PRESSING_MAX - late.length)].map((row) =>
    pressingView(row, names),
  );
}

function pressingView(row: PressingRow, names: PackNames): PressingCase {
  const { ruleId, itemCode, ...rest } = row;
  return {
    ...rest,
    itemName: names.item(itemCode),
    organShort: names.organShort(row.organ),
    clockName: names.rule(ruleId),
  };
}

function today(
  partitions: readonly PartitionSummary[],
  what: 'received' | 'accepted' | 'finished',
): number {
  return partitions.reduce((sum, partition) => sum + partition.today[what], 0);
}

function addInto(into: Record<string, number>, from: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(from)) into[key] = (into[key] ?? 0) + count;
}
