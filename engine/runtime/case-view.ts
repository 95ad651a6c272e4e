/**
 * The case page's data: the kernel's explanation joined with names and stored records.
 */

import type {
  CardView,
  CaseDetail,
  CaseEventView,
  ClockView,
  EvidenceView,
  LedgerEntry,
} from '../facade.ts';
import type { ClockExplanation, PartitionExplanation } from '../kernel/explain.ts';
import { UNITS } from '../rules/program.ts';
import type { ClockSource, StageSource } from '../rules/source.ts';
import { type CourseRecord, isLate } from './case-records.ts';
import type { PackNames } from './pack-names.ts';

export interface CasePage {
  readonly explained: PartitionExplanation;
  readonly course: readonly CourseRecord[];
  readonly cards: readonly CardView[];
  readonly evidence: readonly EvidenceView[];
  readonly names: PackNames;
  readonly asOfMs: number | null;
}

export function caseView(page: CasePage): CaseDetail {
  const { explained, course, cards, evidence, names, asOfMs } = page;
  const { events } = explained;
  const at = (type: string): number | null =>
    events.find((event) => event.type === type)?.atMs ?? null;
  const ended = events.findLast((event) =>
    (names.pack.terminal as readonly string[]).includes(event.type),
  );
  return {
    asOfMs,
    packVersion: names.pack.version,
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
    evidence,
    events: course.map(eventView),
  };
}

/** The clock a card speaks of, null when the pack knows none. */
export function clockOf(
  card: { readonly ruleId: string; readonly stage: string; readonly occurrence: number },
  explained: PartitionExplanation,
  names: PackNames,
): ClockView | null {
  const clock = explained.clocks.findLast(
    (one) =>
      one.ruleId === card.ruleId &&
      one.stageCode === card.stage &&
      one.occurrence === card.occurrence,
  );
  return clock === undefined ? null : (clockView(clock, explained, names)[0] ?? null);
}

function eventView(record: CourseRecord): CaseEventView {
  const { atMs, recordedAtMs, sentAtMs, stampMs, json, retracted: _, ...rest } = record;
  const typedIn = recordedAtMs ?? atMs;
  return {
    ...rest,
    ...{ atMs, recordedAtMs, sentAtMs, stampMs },
    recordDelayMs: recordedAtMs === null ? null : recordedAtMs - atMs,
    sendDelayMs: sentAtMs === null ? null : sentAtMs - typedIn,
    arrivalDelayMs: stampMs - (sentAtMs ?? typedIn),
    late: isLate(record),
    record: JSON.parse(json) as unknown,
  };
}

function clockView(
  clock: ClockExplanation,
  explained: PartitionExplanation,
  names: PackNames,
): ClockView[] {
  const versions = names.pack.clocks.filter((one) => one.id === clock.ruleId);
  const source = versions.find((one) => one.version === clock.ruleVersion) ?? versions.at(-1);
  // While a pack is being published, a partition may know a clock that the names do not yet.
  if (source === undefined) return [];
  const item = names.itemSource(explained.itemCode, explained.itemVersion);
  const stage = item?.stages.find((one) => one.code === clock.stageCode);
  const view = {
    ruleId: clock.ruleId,
    occurrence: clock.occurrence,
    name: source.name,
    basis: source.basis,
    effect: source.effect,
    stage: clock.stageCode,
    stageName: stage?.name ?? null,
    mode: source.mode,
    state: clock.state,
    problem: clock.state === 'uncomputable' ? problemOf(clock, source, item, names) : '',
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

/** Why a clock cannot be computed. */
function problemOf(
  clock: ClockExplanation,
  { limit }: ClockSource,
  item: ReturnType<PackNames['itemSource']>,
  { calendar }: PackNames,
): string {
  if (!calendar.covers(calendar.dayOf(clock.startMs))) return 'NO_CALENDAR';
  return 'item' in limit && item === undefined ? 'NO_ITEM' : 'NO_LIMIT';
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
    for (const { atMs, days } of clock.extensions) {
      const key = `extension:${atMs}:${days}`;
      if (known.has(key)) continue;
      known.add(key);
      entries.push({ kind: 'extension', fromMs: atMs, toMs: null, days, label: '延期' });
    }
  }
  if (explained.deemedAtMs !== null) {
    const fromMs = explained.deemedAtMs;
    entries.push({ kind: 'deemed', fromMs, toMs: null, days: 0, label: '视为受理' });
  }
  return entries.sort((a, b) => a.fromMs - b.fromMs);
}
