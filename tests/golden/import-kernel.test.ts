/**
 * Public logs through readers, profiles, packs and the kernel itself, against an oracle that shares
 * no code with any of them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ReadResult } from '../../engine/intake/import-read.ts';
import { loadProfile } from '../../engine/intake/profile.ts';
import { loadPack } from '../../engine/runtime/rule-loader.ts';
import {
  hasSharedLog,
  type Line,
  linesOf,
  RULES,
  readFile,
  SHARED_DATA,
} from '../fixtures/import/helpers.ts';
import { type KernelRun, runKernel } from '../fixtures/import/kernel.ts';
import {
  expectedCards,
  PUBLISHED,
  type ReceiptFigures,
  readReceiptCsv,
  receiptFigures,
} from './import-oracle.ts';

function readLog(file: string, profile: string): Promise<ReadResult> {
  return readFile(join(SHARED_DATA, file), loadProfile(profile, RULES));
}

function tally(lines: readonly Line[], key: (line: Line) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of lines) counts[key(line)] = (counts[key(line)] ?? 0) + 1;
  return counts;
}

const hasReceipt = hasSharedLog('receipt.xes.gz') && hasSharedLog('receipt.csv.gz');

describe.skipIf(!hasReceipt)('the receipt log', () => {
  let figures: ReceiptFigures;
  let xes: ReadResult;
  let csv: ReadResult;
  let ofCsv: KernelRun;
  const pack = loadPack(join(RULES, 'packs', 'receipt.json'));

  beforeAll(async () => {
    figures = receiptFigures(readReceiptCsv(join(SHARED_DATA, 'receipt.csv.gz')));
    xes = await readLog('receipt.xes.gz', 'receipt');
    csv = await readLog('receipt.csv.gz', 'receipt-csv');
    ofCsv = runKernel(csv, pack, { partitions: 1, batch: 1000 });
  });

  test('the oracle agrees with the published figures', () => {
    expect(figures).toMatchObject(PUBLISHED);
  });

  test('everything is read, nothing is refused or skipped', () => {
    for (const { report } of [xes, csv]) {
      expect(report).toMatchObject({
        ...{ cases: figures.cases, events: figures.events },
        ...{ refused: 0, skipped: 0, changedCases: 0 },
        records: figures.events + figures.cases + figures.ends,
        caseRecords: figures.cases + figures.ends,
        absent: figures.open,
        lastMs: figures.logEndMs,
      });
    }
  });

  test('XES and CSV make the same records, number by number', () => {
    expect(linesOf(csv)).toEqual(linesOf(xes));
  });

  test('stages and types are as many as the oracle counts', () => {
    const lines = linesOf(xes);
    const stages = lines.filter(({ type }) => type === 'stageDone');
    expect(tally(stages, ({ data }) => String(data?.stage))).toEqual(figures.stageEvents);
    expect(tally(lines, ({ type }) => type)).toEqual({
      received: figures.cases,
      stageDone: figures.events,
      finished: figures.ends,
    });
  });

  test('records come in the order they happened, no case ends before it is received', () => {
    const lines = linesOf(xes);
    const instants = lines.map(({ at }) => at);
    expect(instants).toEqual([...instants].sort());
    const received = new Map<string, string>();
    for (const { caseKey, type, at } of lines) {
      if (type === 'received') received.set(caseKey, at);
      if (type === 'finished') expect(at >= (received.get(caseKey) ?? '~')).toBe(true);
    }
  });

  test.for([
    [1, 1],
    [1, 10_000],
    [4, 97],
  ] as const)('the kernel finds every figure with %i partitions and batches of %i', (cut) => {
    const [partitions, batch] = cut;
    const run = runKernel(xes, pack, { partitions, batch });
    expect(run).toMatchObject({ cases: figures.cases, rejects: 0 });
    for (const [rule, cards] of Object.entries(expectedCards(figures))) {
      expect([rule, run.cards[rule] ?? 0]).toEqual([rule, cards]);
    }
    expect(run.digest).toBe(ofCsv.digest);
  });
});

/** Traces of BPIC15 by plain text search: activity, phase and instant of each event in file order. */
function bpicTraces(): { activity: string; phase: string; ms: number }[][] {
  const text = gunzipSync(readFileSync(join(SHARED_DATA, 'T_BPIC15_1.xes.gz'))).toString();
  return text
    .split('<trace>')
    .slice(1)
    .map((trace) =>
      trace
        .split('<event>')
        .slice(1)
        .map((event) => {
          const value = (key: string) =>
            event.split(`key="${key}" value="`)[1]?.split('"')[0] ?? '';
          return {
            activity: value('concept:name'),
            phase: value('lifecycle:transition'),
            ms: Date.parse(value('time:timestamp')),
          };
        }),
    );
}

describe.skipIf(!hasSharedLog('T_BPIC15_1.xes.gz'))('the BPIC15 log', () => {
  test('everything is read and nothing is lost', async () => {
    const traces = bpicTraces();
    const { report, ...rest } = await readLog('T_BPIC15_1.xes.gz', 'bpic15');
    expect(report).toMatchObject({
      ...{ cases: 1199, events: 54_818, caseRecords: 1199, records: 56_017 },
      ...{ refused: 0, skipped: 0, absent: 0 },
    });
    const events = traces.flat();
    const lines = linesOf({ report, ...rest }).filter(({ type }) => type !== 'received');
    const name = (activity: string, entered: boolean, at: string) => `${activity} ${entered} ${at}`;
    expect(
      lines.map((l) => name(String(l.data?.stage), l.type === 'stageEntered', l.at)).sort(),
    ).toEqual(
      events.map((e) => name(e.activity, e.phase === 'start', new Date(e.ms).toISOString())).sort(),
    );
  });

  test('the kernel finds the constraints an oracle finds', async () => {
    const traces = bpicTraces();
    const unclosed = traces.filter((trace) => {
      return !trace.some((e) => e.activity === '05_EIND_0' && e.phase === 'complete');
    });
    const firstAt = (trace: (typeof traces)[number], activity: string, phase: string) =>
      Math.min(
        ...trace.filter((e) => e.activity === activity && e.phase === phase).map((e) => e.ms),
      );
    const unprepared = traces.filter((trace) => {
      const decision = firstAt(trace, '01_HOOFD_5', 'start');
      return decision < firstAt(trace, '01_HOOFD_0', 'complete');
    });
    const pack = loadPack(join(RULES, 'packs', 'bpic15.json'));
    const run = runKernel(await readLog('T_BPIC15_1.xes.gz', 'bpic15'), pack, {
      partitions: 2,
      batch: 5000,
    });
    expect(run).toMatchObject({ cases: 1199, rejects: 0 });
    expect(run.cards['bpic15-end-exists']).toBe(unclosed.length);
    expect(run.cards['bpic15-intake-before-decision'] ?? 0).toBe(unprepared.length);
  });
});
