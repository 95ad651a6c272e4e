/**
 * Reads a whole file through a profile into records that are numbered but not yet in order.
 *
 * Owns: record numbers (`seq`), what a case says once and what it says again, counts, refused rows.
 * Does not own: bindings (mapping.ts), order (import-sort.ts), submitting (import.ts).
 *
 * Invariants
 * N1  The numbers depend on the file alone: every event takes one, refused or not, and every case
 *     takes one for each record it makes once, present or not. So the same file twice makes the
 *     same identities.
 * N2  read = made + skipped + refused, for events; nothing is left out without a count.
 * N3  A case that says something else later (another end date) makes those records again.
 */
import { describe } from '../base/errors.ts';
import { importLimits } from '../config/limits.ts';
import { openCsv } from './csv.ts';
import { ImportError, type RefusedRow, RowProblem } from './import-error.ts';
import { CsvFields, XesFields } from './import-fields.ts';
import { CaseMemory } from './import-memory.ts';
import { RecordStore } from './import-sort.ts';
import type { TextFile } from './import-text.ts';
import { type Fields, type MappedRecord, Mapper, NO_FIELDS, type Scope } from './mapping.ts';
import { type Profile, pathsOf } from './profile.ts';
import { readXes, type XesTrace } from './xes.ts';

export interface ReadReport {
  /** Cases and events as the file has them; where a row is a case, its instants are the events. */
  readonly cases: number;
  readonly events: number;
  /** Records made, and of them those a case makes once (received, finished, ...). */
  readonly records: number;
  readonly caseRecords: number;
  /** Records of a case that the profile calls optional and that have no instant. */
  readonly absent: number;
  readonly skipped: number;
  readonly refused: number;
  /** Of those, events of the file; the others are records a case would have made once. */
  readonly refusedEvents: number;
  readonly refusedByCode: Readonly<Record<string, number>>;
  readonly refusedRows: readonly RefusedRow[];
  /** Cases whose later rows contradict their first. */
  readonly changedCases: number;
  readonly lastMs: number;
}

class Reader {
  readonly store = new RecordStore();
  readonly #mapper: Mapper;
  readonly #profile: Profile;
  readonly #memory: CaseMemory;
  readonly #needsFirstEvent: boolean;
  readonly #changed = new Set<number>();
  readonly #refusedByCode: Record<string, number> = {};
  readonly #refusedRows: RefusedRow[] = [];
  #seq = 0;
  #events = 0;
  #caseRecords = 0;
  #absent = 0;
  #skipped = 0;
  #refused = 0;
  #refusedEvents = 0;

  constructor(profile: Profile) {
    this.#profile = profile;
    this.#mapper = new Mapper(profile);
    this.#memory = new CaseMemory(profile.perCase?.length ?? 0);
    this.#needsFirstEvent = profile.perCase?.some(({ at }) => 'firstEvent' in at) ?? false;
  }

  trace(trace: XesTrace, index: number): void {
    const caseFields = new XesFields(trace.attributes);
    const scopes: Scope[] = trace.events.map((event) => ({
      caseFields,
      eventFields: new XesFields(event.attributes),
      firstEventMs: Number.NaN,
    }));
    const firstEventMs = this.#earliest(scopes);
    const where = `trace ${index} (line ${trace.line})`;
    if (scopes.length === 0)
      this.#unit({ caseFields, eventFields: NO_FIELDS, firstEventMs }, where);
    for (const [i, scope] of scopes.entries()) {
      this.#unit({ ...scope, firstEventMs }, `${where}, event ${i + 1}`);
    }
  }

  row(fields: Fields, row: number, problem: RowProblem | null): void {
    const where = `row ${row}`;
    if (problem === null) {
      this.#unit({ caseFields: fields, eventFields: fields, firstEventMs: Number.NaN }, where);
    } else {
      this.#lostEvent(where, problem);
    }
  }

  report(): ReadReport {
    return {
      cases: this.#memory.size,
      events: this.#profile.perEvent === undefined ? this.#caseRecords : this.#events,
      records: this.store.count,
      caseRecords: this.#caseRecords,
      absent: this.#absent,
      skipped: this.#skipped,
      refused: this.#refused,
      refusedEvents: this.#refusedEvents,
      refusedByCode: this.#refusedByCode,
      refusedRows: this.#refusedRows,
      changedCases: this.#changed.size,
      lastMs: this.store.lastMs,
    };
  }

  /** One event of the file, or one row that is a case, or a trace without events. */
  #unit(scope: Scope, where: string): void {
    let key: string;
    try {
      key = this.#mapper.caseKey(scope);
    } catch (problem) {
      this.#lostEvent(where, problem);
      return;
    }
    this.#sayOnce(key, scope, where);
    if (this.#profile.perEvent !== undefined && scope.eventFields !== NO_FIELDS) {
      this.#event(key, scope, where);
    }
  }

  /** The records a case makes once, when it is new or says something else (N3). */
  #sayOnce(key: string, scope: Scope, where: string): void {
    let index = this.#memory.find(key);
    const isNew = index < 0;
    if (isNew) index = this.#memory.add(key);
    if (!this.#memory.sign(index, this.#mapper.signature(scope.caseFields))) return;
    if (!isNew) this.#changed.add(index);
    const caseScope = { ...scope, eventFields: NO_FIELDS };
    for (const [slot, record] of (this.#profile.perCase ?? []).entries()) {
      const seq = this.#seq++;
      try {
        const made = this.#mapper.caseRecord(record, key, caseScope);
        if (made === null) {
          if (isNew) this.#absent++;
          continue;
        }
        if (!this.#memory.note(index, slot, made.text)) continue;
        this.#caseRecords++;
        this.#add(made, seq);
      } catch (problem) {
        this.#refuse(`${where}, ${record.type}`, problem);
      }
    }
  }

  #event(key: string, scope: Scope, where: string): void {
    const seq = this.#seq++;
    this.#events++;
    try {
      const made = this.#mapper.eventRecord(key, scope);
      if (made === null) this.#skipped++;
      else this.#add(made, seq);
    } catch (problem) {
      this.#refuseEvent(where, problem);
    }
  }

  /** An event of the file that got no further than being counted and numbered. */
  #lostEvent(where: string, problem: unknown): void {
    this.#seq++;
    this.#events++;
    this.#refuseEvent(where, problem);
  }

  #refuseEvent(where: string, problem: unknown): void {
    this.#refuse(where, problem);
    this.#refusedEvents++;
  }

  #refuse(where: string, problem: unknown): void {
    if (!(problem instanceof RowProblem)) throw problem;
    const { code, params } = problem;
    this.#refused++;
    this.#refusedByCode[code] = (this.#refusedByCode[code] ?? 0) + 1;
    if (this.#refusedRows.length >= importLimits.refusedListMax) return;
    this.#refusedRows.push({ where, code, ...describe(code, params) });
  }

  #add(made: MappedRecord, seq: number): void {
    this.store.add(made.atMs, seq, `${made.text.slice(0, -1)},"seq":${seq}}`);
  }

  #earliest(scopes: readonly Scope[]): number {
    let earliest = Number.NaN;
    if (!this.#needsFirstEvent) return earliest;
    for (const scope of scopes) {
      const ms = this.#instantOf(scope);
      if (!Number.isNaN(ms) && !(ms >= earliest)) earliest = ms;
    }
    return earliest;
  }

  /** NaN for an event whose instant cannot be read: it is refused when its own turn comes. */
  #instantOf(scope: Scope): number {
    try {
      return this.#mapper.eventInstant(scope) ?? Number.NaN;
    } catch (problem) {
      if (problem instanceof RowProblem) return Number.NaN;
      throw problem;
    }
  }
}

export interface ReadResult {
  readonly report: ReadReport;
  readonly store: RecordStore;
}

async function readTraces(file: TextFile, reader: Reader, onProgress: () => void): Promise<void> {
  let index = 0;
  for await (const trace of readXes(file.chunks())) {
    reader.trace(trace, ++index);
    onProgress();
  }
}

async function readRows(
  file: TextFile,
  profile: Profile,
  reader: Reader,
  onProgress: () => void,
): Promise<void> {
  const paths = [...pathsOf(profile, 'case'), ...pathsOf(profile, 'event')];
  const required = [...new Set(paths.map(String))];
  const table = await openCsv(file.chunks(), {
    delimiter: profile.csv?.delimiter ?? ',',
    required,
  });
  const fields = new CsvFields(table.columns);
  for await (const { row, cells, problem } of table.rows) {
    fields.cells = cells;
    reader.row(fields, row, problem);
    onProgress();
  }
}

/**
 * @param onProgress  called after each trace or row
 * @returns the records in a store that the caller closes
 */
export async function readRecords(
  file: TextFile,
  profile: Profile,
  onProgress: () => void,
): Promise<ReadResult> {
  if (file.format !== profile.format) {
    const { id: name, format: expected } = profile;
    throw new ImportError('PROFILE_FORMAT', { name, expected, found: file.format });
  }
  const reader = new Reader(profile);
  try {
    if (file.format === 'xes') await readTraces(file, reader, onProgress);
    else await readRows(file, profile, reader, onProgress);
  } catch (error) {
    reader.store.close();
    throw error;
  }
  return { report: reader.report(), store: reader.store };
}
