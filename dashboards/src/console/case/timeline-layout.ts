/**
 * The case on a day axis: where stages, suspensions and limits stand, as shares of the width.
 *
 * Owns: the span, the days that did not count (from the clocks' own bills, never guessed) and bars.
 * Does not own: drawing.
 */
import type { CaseDetail, ClockView } from '../../../../api/contract.ts';
import { standing } from '../standing.ts';

const DAY_MS = 86_400_000;
/** An axis longer than this is cut at its end: a limit in years would squeeze the rest to nothing. */
const DAYS_MAX = 400;
const LABELS_MAX = 11;
const STEPS = [1, 2, 5, 7, 10, 14, 30, 60, 90];

export interface Bar {
  readonly left: number;
  readonly width: number;
}

export interface StageRow extends Bar {
  readonly code: string;
  readonly over: boolean;
  readonly running: boolean;
  readonly clock: ClockView | null;
  readonly limit: number | null;
  readonly unit: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface PauseBar extends Bar {
  readonly kind: 'suspension' | 'special';
  readonly label: string;
  readonly days: number;
  readonly open: boolean;
}

export interface LimitLine {
  readonly at: number;
  readonly clock: ClockView;
  readonly dueMs: number;
}

export interface Axis {
  readonly startMs: number;
  readonly endMs: number;
  readonly off: readonly Bar[];
  readonly labels: readonly { readonly at: number; readonly ms: number }[];
  /** Where now is, when the case is still open and now is on the axis. */
  readonly now: number | null;
}

export interface Timeline {
  readonly axis: Axis;
  /** The case from its first event to its end, or to now. */
  readonly whole: Bar & { readonly over: boolean; readonly running: boolean };
  readonly stages: readonly StageRow[];
  readonly pauses: readonly PauseBar[];
  readonly limits: readonly LimitLine[];
}

type StartOfDay = (date: string) => number;

/** The earliest instant the case speaks of, or null when it speaks of none. */
function firstOf(detail: CaseDetail): number | null {
  const starts = [
    detail.receivedMs,
    detail.acceptedMs,
    ...detail.stages.map((stage) => stage.enteredMs),
    ...standing(detail.events).map((event) => event.atMs),
  ].filter((ms): ms is number => ms !== null);
  return starts.length === 0 ? null : Math.min(...starts);
}

function spanOf(detail: CaseDetail, endMs: number, clock: ClockView | null): [number, number] {
  const start = firstOf(detail) ?? endMs - DAY_MS;
  const done = detail.stages.map((stage) => stage.doneMs ?? 0);
  const last = Math.max(endMs, clock?.dueMs ?? 0, ...done);
  const end = Math.min(last, start + DAYS_MAX * DAY_MS);
  const air = Math.max(DAY_MS / 2, (end - start) * 0.03);
  return [start - air / 2, end + air];
}

/** Days that some clock did not count because nobody works then. */
function daysOff(clocks: readonly ClockView[]): readonly string[] {
  const off = new Set<string>();
  for (const clock of clocks) {
    for (const day of clock.bill) {
      if (day.reason === 'weekend' || day.reason === 'holiday') off.add(day.date);
    }
  }
  return [...off].sort();
}

function labelsOf(startMs: number, endMs: number, firstDayMs: number): number[] {
  const days = Math.ceil((endMs - startMs) / DAY_MS);
  const step = STEPS.find((one) => days / one <= LABELS_MAX) ?? 120;
  const found: number[] = [];
  for (let ms = firstDayMs; ms < endMs; ms += step * DAY_MS) if (ms >= startMs) found.push(ms);
  return found;
}

export function layOut(
  detail: CaseDetail,
  deciding: ClockView | null,
  startOfDay: StartOfDay,
  dayOf: (ms: number) => string,
): Timeline {
  const untilMs = detail.closedMs ?? detail.nowMs;
  const [startMs, endMs] = spanOf(detail, untilMs, deciding);
  const share = (ms: number): number =>
    Math.min(1, Math.max(0, (ms - startMs) / (endMs - startMs)));
  const bar = (fromMs: number, toMs: number): Bar => ({
    left: share(fromMs),
    width: Math.max(0, share(toMs) - share(fromMs)),
  });
  const off = daysOff(detail.clocks).map((date) =>
    bar(startOfDay(date), startOfDay(date) + DAY_MS),
  );
  const labels = labelsOf(startMs, endMs, startOfDay(dayOf(startMs)) + DAY_MS);
  const open = detail.closedMs === null && detail.nowMs <= endMs;
  return {
    axis: {
      startMs,
      endMs,
      off: off.filter((one) => one.width > 0),
      labels: labels.map((ms) => ({ at: share(ms), ms })),
      now: open ? share(detail.nowMs) : null,
    },
    whole: {
      ...bar(firstOf(detail) ?? startMs, untilMs),
      over: deciding !== null && (deciding.remaining ?? 0) < 0,
      running: detail.closedMs === null,
    },
    stages: stageRows(detail, untilMs, bar),
    pauses: pauseBars(detail, untilMs, bar),
    limits: limitLines(deciding, endMs, share),
  };
}

type BarOf = (fromMs: number, toMs: number) => Bar;

function stageRows(detail: CaseDetail, untilMs: number, bar: BarOf): StageRow[] {
  const rows: StageRow[] = [];
  for (const stage of detail.stages) {
    if (stage.enteredMs === null) continue;
    const toMs = Math.max(stage.enteredMs, stage.doneMs ?? untilMs);
    rows.push({
      code: stage.code,
      over: stage.over,
      running: stage.doneMs === null,
      clock: detail.clocks.find((clock) => clock.stage === stage.code) ?? null,
      limit: stage.limit,
      unit: stage.unit,
      fromMs: stage.enteredMs,
      toMs,
      ...bar(stage.enteredMs, toMs),
    });
  }
  return rows;
}

function pauseBars(detail: CaseDetail, untilMs: number, bar: BarOf): PauseBar[] {
  const bars: PauseBar[] = [];
  for (const entry of detail.ledger) {
    if (entry.kind !== 'suspension' && entry.kind !== 'special') continue;
    const { kind, label, days } = entry;
    const open = entry.toMs === null;
    bars.push({ kind, label, days, open, ...bar(entry.fromMs, entry.toMs ?? untilMs) });
  }
  return bars;
}

function limitLines(
  clock: ClockView | null,
  endMs: number,
  share: (ms: number) => number,
): LimitLine[] {
  if (clock === null || clock.dueMs === null || clock.dueMs > endMs) return [];
  return [{ at: share(clock.dueMs), clock, dueMs: clock.dueMs }];
}
