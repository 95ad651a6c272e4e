/**
 * An import from beginning to end: read, map, put in order, submit, end the log, report.
 *
 * Owns: the order of the steps, what an engine must offer for them (`ImportTarget`), the summary.
 * Does not own: the engine behind the target (cli/import.ts wires it), printing.
 *
 * Invariants
 * R1  Nothing is submitted before the whole file has been read: a broken file changes nothing.
 * R2  Records are submitted in the order they happened, and the log ends at its last instant.
 * R3  Interrupted anywhere, the same command again completes it: what is there already is duplicate.
 */
import type { RefusedRow } from './import-error.ts';
import { type ReadReport, readRecords } from './import-read.ts';
import type { RecordStore } from './import-sort.ts';
import { openText } from './import-text.ts';
import type { Profile } from './profile.ts';

/** What the engine made of the rows of one batch. */
export interface SubmitCounts {
  readonly accepted: number;
  readonly duplicate: number;
  readonly held: number;
  readonly refused: readonly RefusedRow[];
}

/** What the engine found; counts are those of this import's source. */
export interface EngineReport {
  readonly applied: number;
  readonly duplicate: number;
  readonly held: number;
  readonly deadLettered: number;
  /** Cases without an end, and of those the ones with an expired clock. */
  readonly open: number;
  readonly openOverdue: number;
  /** Rule id → level → cards that stand (raised and not withdrawn). */
  readonly cards: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly digest: string;
}

export interface ImportTarget {
  /** NDJSON event records; resolves when the accepted ones are durable and applied. */
  submit(lines: Uint8Array): Promise<SubmitCounts>;
  /** Declares that nothing more happened up to this instant, and lets every clock run to it. */
  endLog(atMs: number): Promise<void>;
  report(): Promise<EngineReport>;
  close(): Promise<void>;
}

export interface ImportSummary {
  readonly read: ReadReport;
  readonly engine: EngineReport;
  /** Rows the engine's door refused, by code; listed together with those refused in reading. */
  readonly refusedByDoor: number;
  readonly refusedRows: readonly RefusedRow[];
}

export interface ProgressSink {
  /** A new phase; `total` in the unit's own measure. */
  begin(phase: 'read' | 'submit', total: number): void;
  at(done: number, rows: number): void;
  end(): void;
}

export interface ImportOptions {
  readonly file: string;
  readonly profile: Profile;
  readonly progress: ProgressSink;
  /** Made only after the file has been read (R1). */
  readonly openTarget: () => Promise<ImportTarget>;
}

export async function runImport(options: ImportOptions): Promise<ImportSummary> {
  const { profile, progress } = options;
  const file = await openText(options.file, profile.csv?.encoding ?? 'utf-8');
  progress.begin('read', file.size);
  let units = 0;
  const { report, store } = await readRecords(file, profile, () => {
    units++;
    progress.at(file.bytesRead(), units);
  });
  progress.end();
  try {
    return await submitTo(await options.openTarget(), report, store, progress);
  } finally {
    store.close();
  }
}

async function submitTo(
  target: ImportTarget,
  report: ReadReport,
  store: RecordStore,
  progress: ProgressSink,
): Promise<ImportSummary> {
  try {
    const refused = await submitAll(store, target, progress);
    if (store.count > 0) await target.endLog(store.lastMs);
    const engine = await target.report();
    return {
      read: report,
      engine,
      refusedByDoor: refused.length,
      refusedRows: [...report.refusedRows, ...refused],
    };
  } finally {
    await target.close();
  }
}

async function submitAll(
  store: RecordStore,
  target: ImportTarget,
  progress: ProgressSink,
): Promise<RefusedRow[]> {
  const refused: RefusedRow[] = [];
  let done = 0;
  progress.begin('submit', store.count);
  for (const { rows, lines } of store.batches()) {
    const counts = await target.submit(lines);
    refused.push(...counts.refused);
    done += rows;
    progress.at(done, done);
  }
  progress.end();
  return refused;
}
