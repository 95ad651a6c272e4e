/**
 * The receipt log's figures straight from its CSV, slowly and without a line of the engine: its own
 * splitting, its own instants, plain maps. What the engine says is compared with this.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export interface OracleCase {
  readonly key: string;
  readonly deadlineMs: number;
  readonly endMs: number | null;
  readonly startMs: number;
  /** Stage codes in the order they happened. */
  readonly stages: readonly string[];
  readonly eventMs: readonly number[];
}

export interface ReceiptFigures {
  readonly cases: number;
  readonly events: number;
  readonly ends: number;
  readonly logEndMs: number;
  readonly stageEvents: Readonly<Record<string, number>>;
  readonly neverChecked: number;
  readonly neverCheckedSingle: number;
  readonly precedence: Readonly<Record<string, number>>;
  readonly noResponse: number;
  readonly lateByInstant: number;
  readonly lateByDay: number;
  readonly open: number;
  readonly openPastDeadline: number;
  readonly openPastDay: number;
  readonly workAfterEnd: number;
  readonly endBeforeFirstEvent: number;
}

const PRECEDENCES = ['T02 T04', 'T04 T05', 'T02 T06', 'T04 T06', 'T05 T06', 'T06 T10'] as const;

/** `2011-10-11 13:45:40.276000+02:00`, cut to milliseconds. */
function instant(text: string): number {
  const zone = text.slice(-6);
  const [date, time] = text.slice(0, -6).split(' ') as [string, string];
  const [whole, fraction = ''] = time.split('.') as [string, string?];
  return Date.parse(`${date}T${whole}.${`${fraction}000`.slice(0, 3)}${zone}`);
}

const AMSTERDAM_DAY = new Intl.DateTimeFormat('en-CA', {
  ...{ timeZone: 'Europe/Amsterdam', year: 'numeric', month: '2-digit', day: '2-digit' },
});

function stageOf(activity: string): string {
  return activity === 'Confirmation of receipt' ? 'T01' : activity.replace(/ .*/, '');
}

export function readReceiptCsv(path: string): OracleCase[] {
  const [header = '', ...rows] = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
  const names = header.trim().split(',');
  const cases = new Map<string, { first: string[]; events: { ms: number; stage: string }[] }>();
  const cell = (row: string[], name: string) => (row[names.indexOf(name)] ?? '').trim();
  for (const line of rows) {
    const row = line.split(','); // no cell of this file is quoted
    const key = cell(row, 'case:concept:name');
    const one = cases.get(key) ?? { first: row, events: [] };
    cases.set(key, one);
    const ms = instant(cell(row, 'time:timestamp'));
    one.events.push({ ms, stage: stageOf(cell(row, 'concept:name')) });
  }
  return [...cases].map(([key, { first, events }]) => {
    events.sort((a, b) => a.ms - b.ms);
    const end = cell(first, 'case:enddate');
    return {
      key,
      deadlineMs: instant(cell(first, 'case:deadline')),
      endMs: end === '' ? null : instant(end),
      startMs: instant(cell(first, 'case:startdate')),
      stages: events.map(({ stage }) => stage),
      eventMs: events.map(({ ms }) => ms),
    };
  });
}

function breaks(stages: readonly string[], before: string, after: string): boolean {
  const at = stages.indexOf(after);
  if (at < 0) return false;
  const seen = stages.indexOf(before);
  return seen < 0 || seen > at;
}

function unanswered(stages: readonly string[], trigger: string, response: string): boolean {
  return stages.lastIndexOf(trigger) > stages.lastIndexOf(response);
}

function laterDay(ms: number, deadlineMs: number): boolean {
  return AMSTERDAM_DAY.format(ms) > AMSTERDAM_DAY.format(deadlineMs);
}

export function receiptFigures(cases: readonly OracleCase[]): ReceiptFigures {
  const counted = (test: (one: OracleCase) => boolean) => cases.filter(test).length;
  const ended = (test: (endMs: number, one: OracleCase) => boolean) =>
    counted((one) => one.endMs !== null && test(one.endMs, one));
  const open = (test: (one: OracleCase) => boolean) =>
    counted((one) => one.endMs === null && test(one));
  const logEndMs = Math.max(...cases.flatMap((one) => [...one.eventMs, one.endMs ?? 0]));
  const stageEvents: Record<string, number> = {};
  for (const stage of cases.flatMap((one) => one.stages)) {
    stageEvents[stage] = (stageEvents[stage] ?? 0) + 1;
  }
  const precedence = PRECEDENCES.map((pair) => {
    const [a, b] = pair.split(' ') as [string, string];
    return [pair, counted((one) => breaks(one.stages, a, b))] as const;
  });
  return {
    cases: cases.length,
    events: cases.reduce((sum, one) => sum + one.stages.length, 0),
    ends: ended(() => true),
    logEndMs,
    stageEvents,
    neverChecked: counted((one) => !one.stages.includes('T02')),
    neverCheckedSingle: counted((one) => !one.stages.includes('T02') && one.stages.length === 1),
    precedence: Object.fromEntries(precedence),
    noResponse: counted((one) => unanswered(one.stages, 'T04', 'T05')),
    lateByInstant: ended((endMs, one) => endMs > one.deadlineMs),
    lateByDay: ended((endMs, one) => laterDay(endMs, one.deadlineMs)),
    open: open(() => true),
    openPastDeadline: open((one) => logEndMs > one.deadlineMs),
    openPastDay: open((one) => laterDay(logEndMs, one.deadlineMs)),
    workAfterEnd: ended((endMs, one) => one.eventMs.some((ms) => ms > endMs)),
    endBeforeFirstEvent: ended((endMs, one) => endMs < (one.eventMs[0] as number)),
  };
}

/** What the published figures say; the oracle is held to them, the engine to both. */
export const PUBLISHED: Omit<ReceiptFigures, 'stageEvents' | 'logEndMs' | 'openPastDay'> = {
  cases: 1434,
  events: 8577,
  ends: 1329,
  neverChecked: 118,
  neverCheckedSingle: 116,
  precedence: {
    'T02 T04': 0,
    'T04 T05': 1,
    'T02 T06': 239,
    'T04 T06': 419,
    'T05 T06': 521,
    'T06 T10': 0,
  },
  noResponse: 4,
  lateByInstant: 377,
  lateByDay: 309,
  open: 105,
  openPastDeadline: 39,
  workAfterEnd: 145,
  endBeforeFirstEvent: 117,
};

/** Cards of the receipt pack by rule, as the oracle's figures say they must be. */
export function expectedCards(figures: ReceiptFigures): Record<string, number> {
  const { precedence, lateByInstant, lateByDay } = figures;
  return {
    'receipt-deadline-instant': lateByInstant + figures.openPastDeadline,
    'receipt-deadline-day': lateByDay + figures.openPastDay,
    'receipt-ended-late-instant': lateByInstant,
    'receipt-ended-late-day': lateByDay,
    'receipt-work-after-end': figures.workAfterEnd,
    'receipt-t02-exists': figures.neverChecked,
    'receipt-t05-after-t04': figures.noResponse,
    'receipt-t02-before-t04': precedence['T02 T04'] ?? -1,
    'receipt-t04-before-t05': precedence['T04 T05'] ?? -1,
    'receipt-t02-before-t06': precedence['T02 T06'] ?? -1,
    'receipt-t04-before-t06': precedence['T04 T06'] ?? -1,
    'receipt-t05-before-t06': precedence['T05 T06'] ?? -1,
    'receipt-t06-before-t10': precedence['T06 T10'] ?? -1,
  };
}
