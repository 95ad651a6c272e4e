/**
 * The case page's data: the kernel's explanation joined with names and stored records.
 */

import type { CardView, CaseDetail, CaseEventView, ClockView, LedgerEntry } from '../facade.ts';
import type { ClockExplanation, PartitionExplanation } from '../kernel/explain.ts';
import { UNITS } from '../rules/program.ts';
import type { ClockSource, StageSource } from '../rules/source.ts';
import type { PackNames } from './pack-names.ts';

export function caseView(
  explained: PartitionExplanation,
  records: readonly string[],
  cards: readonly CardView[],
  names: PackNames,
): CaseDetail {
  const { events } = explained;
  const at = (type: string): number | null =>
    events.find((event) => event.type === type)?.atMs ?? null;
  const ended = events.findLast((event) =>
    (names.pack.terminal as readonly string[]).includes(event.type),
  );
  return {
    caseKey: explained.caseKey,
    itemCode: explained.itemCode,
    itemName: names.item(explained.itemCode),
    itemVersion: explained.itemVersion,
    organ: explained.organ,
    organName: names.organ(explained.organ),
    territory: explained.territory,
    receivedMs: at('received'),
    acceptedMs: at('accepted'),
    closedMs: explained.closed ? (ended?.atMs ?? null) : null,
    deemed: explained.deemed,
    nowMs: explained.nowMs,
    zone: names.pack.calendar.zone,
    stages: stagesOf(explained, names),
    clocks: explained.clocks.flatMap((clock) => clockView(clock, explained, names)),
    ledger: ledgerOf(explained),
    cards,
    events: events.map((event, i) => eventView(event, records[i] ?? '')),
  };
}

function eventView(event: PartitionExplanation['events'][number], record: string): CaseEventView {
  return { ...event, record: record === '' ? null : (JSON.parse(record) as unknown) };
}

function clockView(
  clock: ClockExplanation,
  explained: PartitionExplanation,
  names: PackNames,
): ClockView[] {
  const source = names.pack.clocks.find((one) => one.id === clock.ruleId);
  // While a pack is being published, a partition may know a clock that the names do not yet.
  if (source === undefined) return [];
  const item = names.itemSource(explained.itemCode, explained.itemVersion);
  const stage = item?.stages.find((one) => one.code === clock.stageCode);
  const view = {
    ruleId: clock.ruleId,
    name: source.name,
    basis: source.basis,
    effect: source.effect,
    stage: clock.stageCode,
    stageName: stage?.name ?? null,
    mode: source.mode,
    state: clock.state,
    problem: clock.state === 'uncomputable' ? (item === undefined ? 'NO_ITEM' : 'NO_CALENDAR') : '',
    startMs: clock.startMs,
    dueMs: clock.dueMs,
    stoppedMs: clock.stoppedMs,
    limit: clock.limit,
    unit: unitOf(source, item, stage),
    used: clock.used,
    remaining: clock.remaining,
    excluded: clock.excluded,
    provisional: clock.provisional,
    bill: clock.bill,
  };
  return [view];
}

function unitOf(
  source: ClockSource,
  item: ReturnType<PackNames['itemSource']>,
  stage: StageSource | undefined,
): string {
  const limit = source.limit;
  if ('unit' in limit) return limit.unit;
  if (!('item' in limit)) return UNITS[1];
  if (limit.item === 'stage') return stage?.limit?.unit ?? UNITS[0];
  return (limit.item === 'promised' ? item?.promised.unit : item?.statutory.unit) ?? UNITS[0];
}

function stagesOf(explained: PartitionExplanation, names: PackNames): CaseDetail['stages'] {
  const item = names.itemSource(explained.itemCode, explained.itemVersion);
  return (item?.stages ?? []).map((stage) => {
    const of = (type: string): number | null =>
      explained.events.find((event) => event.type === type && event.stage === stage.code)?.atMs ??
      null;
    const clock = explained.clocks.find((one) => one.stageCode === stage.code);
    return {
      code: stage.code,
      name: stage.name,
      enteredMs: of('stageEntered'),
      doneMs: of('stageDone'),
      limit: stage.limit?.count ?? null,
      unit: stage.limit?.unit ?? 'workday',
      over: clock?.state === 'expired',
    };
  });
}

/** What changed the countdowns: each suspension, special procedure and extension once. */
function ledgerOf(explained: PartitionExplanation): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  const known = new Set<string>();
  for (const clock of explained.clocks) {
    for (const pause of clock.pauses) {
      const key = `${pause.kind}:${pause.fromMs}`;
      if (known.has(key)) continue;
      known.add(key);
      entries.push({
        kind: pause.kind,
        fromMs: pause.fromMs,
        toMs: pause.toMs,
        days: pause.days,
        label: pause.kind === 'special' ? '特别程序' : '暂停计时',
      });
    }
    if (clock.extended > 0) {
      entries.push({
        kind: 'extension',
        fromMs: clock.startMs,
        toMs: null,
        days: clock.extended,
        label: '延期',
      });
    }
  }
  if (explained.deemedAtMs !== null) {
    const fromMs = explained.deemedAtMs;
    entries.push({ kind: 'deemed', fromMs, toMs: null, days: 0, label: '视为受理' });
  }
  return entries.sort((a, b) => a.fromMs - b.fromMs);
}
