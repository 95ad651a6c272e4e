/**
 * The embedded log: one SQLite file a partition (`DIR/p0.sqlite`), write-ahead logging, every commit
 * on disk before it returns.
 *
 * Owns: the file, its lock, the order and checksums of segments, the table of pack versions.
 * Does not own: who assigns stamps and collects records (group-commit.ts), what records mean.
 *
 * One append is one transaction of one or more segments (segment.ts), each a row with a CRC-32.
 *
 * Invariants
 * L1  Rows are contiguous: a segment begins where the one before it ended.
 * L2  Nothing is served that does not match its checksum; the error names file, segment, position.
 * L3  After a write that failed in an unknown way (fsync, I/O) no further write is tried on this
 *     handle: a failed fsync must never look like a success the second time. Reopen to go on.
 *     A full disk is the exception: SQLite rolls back cleanly, and the caller may try again.
 * L4  One owner: the file is locked exclusively from opening to close.
 */
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { assert } from '../base/assert.ts';
import { MIB } from '../base/units.ts';
import type { Log, RecordBatch, StoredBatch } from './log.ts';
import { LogError } from './log-error.ts';
import { decodeSegment, encodeSegment, segmentBytes, sliceBatch } from './segment.ts';

const FORMAT_VERSION = 1;
/** Records of one segment; bounds what a read of a single record costs. */
export const SEGMENT_RECORDS_MAX = 10_000;
/** Record bytes of one segment, unless a single record is larger. */
export const SEGMENT_BYTES_MAX = 1 * MIB;
const PAGE_BYTES = 16_384;
const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

export interface SqliteLogOptions {
  /** Folder of the log files; made when missing. */
  readonly dir: string;
  readonly partition: number;
  /** Number of partitions of the whole log; fixed when the log is made. */
  readonly partitions: number;
}

interface SegmentRow {
  readonly position: number;
  readonly count: number;
  readonly stampFirst: number;
  readonly stampLast: number;
  readonly crc: number;
  readonly data: Uint8Array;
}

const COLUMNS = 'position, count, stamp_first AS stampFirst, stamp_last AS stampLast, crc, data';

export class SqliteLog implements Log {
  readonly file: string;
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #exact: StatementSync;
  readonly #covering: StatementSync;
  #scratch = new Uint8Array(64 * 1024);
  #end = 0;
  #lastStamp = Number.NEGATIVE_INFINITY;
  #broken = '';
  #closed = false;
  /** The segment `get` read last: a case's events often lie together. */
  #recent: StoredBatch | null = null;

  constructor(options: SqliteLogOptions) {
    assert(new Uint8Array(new Uint32Array([1]).buffer)[0] === 1, 'little-endian machine');
    mkdirSync(options.dir, { recursive: true });
    this.file = join(options.dir, `p${options.partition}.sqlite`);
    this.#db = openDatabase(this.file, options);
    syncDirectory(options.dir);
    this.#insert = this.#db.prepare(
      'INSERT INTO segments (position, count, stamp_first, stamp_last, crc, data) ' +
        'VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#exact = this.#db.prepare(`SELECT ${COLUMNS} FROM segments WHERE position = ?`);
    this.#covering = this.#db.prepare(
      `SELECT ${COLUMNS} FROM segments WHERE position <= ? ORDER BY position DESC LIMIT 1`,
    );
    try {
      this.#readEnd();
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  get end(): number {
    return this.#end;
  }

  get lastStamp(): number {
    return this.#lastStamp;
  }

  append(batch: RecordBatch): number {
    this.#assertWritable();
    assertBatch(batch, this.#lastStamp);
    const first = this.#end;
    if (batch.count === 0) return first;
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      let from = 0;
      while (from < batch.count) {
        const to = segmentEnd(batch, from);
        this.#insertSegment(batch, from, to, first + from);
        from = to;
      }
      this.#db.exec('COMMIT');
    } catch (error) {
      throw this.#appendFailed(error);
    }
    this.#end = first + batch.count;
    this.#lastStamp = batch.stamps[batch.count - 1]!;
    return first;
  }

  read(position: number, recordsMax: number): IterableIterator<StoredBatch> {
    assert(Number.isInteger(recordsMax) && recordsMax > 0, 'recordsMax is a positive integer');
    this.#assertOpen();
    if (!Number.isInteger(position) || position < 0 || position > this.#end) {
      throw new LogError(
        'LOG_POSITION',
        `position ${position} is outside ${this.file}, which holds positions 0 to ` +
          `${this.#end - 1} (next ${this.#end}); restore the missing part or rebuild what asked for it`,
      );
    }
    return this.#readFrom(position, this.#end, recordsMax);
  }

  get(position: number): { bytes: Uint8Array; kind: number; stampMs: number } | null {
    this.#assertOpen();
    if (!Number.isInteger(position) || position < 0 || position >= this.#end) return null;
    let segment = this.#recent;
    if (
      segment === null ||
      position < segment.position ||
      position >= segment.position + segment.count
    ) {
      segment = this.#load(position, false);
      this.#recent = segment;
    }
    const i = position - segment.position;
    return {
      bytes: segment.bytes.slice(segment.offsets[i], segment.offsets[i + 1]),
      kind: segment.kinds[i]!,
      stampMs: segment.stamps[i]!,
    };
  }

  /** Stores a pack's JSON under its hash, durably; putting the same one again changes nothing. */
  putVersion(hash: string, json: string): void {
    this.#assertWritable();
    const known = this.getVersion(hash);
    if (known !== null) {
      assert(known === json, `version ${hash} stored twice with different text`);
      return;
    }
    try {
      this.#db
        .prepare('INSERT INTO versions (hash, json, crc) VALUES (?, ?, ?)')
        .run(hash, json, crc32(json));
    } catch (error) {
      throw this.#appendFailed(error);
    }
  }

  /** Hash of the version stored first, null when there is none: the pack the log was begun with. */
  firstVersion(): string | null {
    this.#assertOpen();
    const row = this.#db.prepare('SELECT hash FROM versions ORDER BY rowid LIMIT 1').get();
    return row === undefined ? null : String(row.hash);
  }

  getVersion(hash: string): string | null {
    this.#assertOpen();
    const row = this.#db.prepare('SELECT json, crc FROM versions WHERE hash = ?').get(hash);
    if (row === undefined) return null;
    const json = String(row.json);
    if (crc32(json) !== row.crc) {
      throw new LogError(
        'LOG_CORRUPT',
        `${this.file}: version ${hash} does not match its checksum`,
      );
    }
    return json;
  }

  /** Reads everything and checks it; returns how many segments and records were found sound. */
  verify(): { segments: number; records: number } {
    let segments = 0;
    let at = 0;
    while (at < this.#end) {
      at += this.#load(at, true).count;
      segments++;
    }
    const check = this.#db.prepare('PRAGMA integrity_check').get();
    if (check?.integrity_check !== 'ok') {
      throw new LogError('LOG_CORRUPT', `${this.file}: ${String(check?.integrity_check)}`);
    }
    return { segments, records: at };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#recent = null;
    this.#db.close();
  }

  #readEnd(): void {
    const row = this.#query(this.#covering, Number.MAX_SAFE_INTEGER);
    if (row === undefined) return;
    const last = this.#check(row);
    this.#end = last.position + last.count;
    this.#lastStamp = last.stamps[last.count - 1]!;
  }

  #insertSegment(batch: RecordBatch, from: number, to: number, position: number): void {
    const need = segmentBytes(to - from, batch.offsets[to]! - batch.offsets[from]!);
    if (this.#scratch.length < need) this.#scratch = new Uint8Array(need * 2);
    const used = encodeSegment(batch, from, to, position, this.#scratch);
    const data = this.#scratch.subarray(0, used);
    this.#insert.run(
      position,
      to - from,
      batch.stamps[from]!,
      batch.stamps[to - 1]!,
      crc32(data),
      data,
    );
  }

  *#readFrom(position: number, end: number, recordsMax: number): IterableIterator<StoredBatch> {
    let at = position;
    let exact = false;
    while (at < end) {
      const segment = this.#load(at, exact);
      const stop = Math.min(segment.count, end - segment.position);
      let from = at - segment.position;
      while (from < stop) {
        const to = Math.min(stop, from + recordsMax);
        yield sliceBatch(segment, from, to);
        from = to;
      }
      at = segment.position + stop;
      exact = true;
    }
  }

  /** The segment that holds the position; `exact`: it must begin there. */
  #load(position: number, exact: boolean): StoredBatch {
    this.#assertOpen();
    const row = this.#query(exact ? this.#exact : this.#covering, position);
    if (row === undefined || position >= row.position + row.count) {
      throw new LogError(
        'LOG_CORRUPT',
        `${this.file}: no segment holds position ${position} although the log ends at ${this.#end}; ` +
          'restore the file from a backup',
      );
    }
    return this.#check(row);
  }

  #query(statement: StatementSync, position: number): SegmentRow | undefined {
    try {
      return statement.get(position) as unknown as SegmentRow | undefined;
    } catch (error) {
      throw new LogError(
        'LOG_CORRUPT',
        `${this.file}: segment at position ${position} cannot be read: ${messageOf(error)}; ` +
          'restore the file from a backup',
        error,
      );
    }
  }

  #check(row: SegmentRow): StoredBatch {
    const crc = crc32(row.data);
    const segment = crc === row.crc ? decodeSegment(row.data) : 'checksum differs';
    const problem =
      typeof segment === 'string'
        ? segment
        : segment.position !== row.position ||
            segment.count !== row.count ||
            segment.stamps[0] !== row.stampFirst ||
            segment.stamps[segment.count - 1] !== row.stampLast
          ? 'row and segment header disagree'
          : '';
    if (problem !== '' || typeof segment === 'string') {
      throw new LogError(
        'LOG_CORRUPT',
        `${this.file}: segment at position ${row.position} (${row.count} records) is damaged: ` +
          `${problem}; restore the file from a backup`,
      );
    }
    return segment;
  }

  #appendFailed(error: unknown): LogError {
    const full = codeOf(error) === SQLITE_FULL;
    try {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    } catch (rollback) {
      this.#broken = `rollback failed: ${messageOf(rollback)}`;
    }
    if (full && this.#broken === '') {
      return new LogError(
        'LOG_FULL',
        `${this.file}: no room on the disk; nothing was written, free some space and send again`,
        error,
      );
    }
    if (this.#broken === '') this.#broken = messageOf(error);
    return this.#brokenError(error);
  }

  #brokenError(cause?: unknown): LogError {
    return new LogError(
      'LOG_BROKEN',
      `${this.file}: a write failed (${this.#broken}); nothing more is written until it is reopened`,
      cause,
    );
  }

  #assertOpen(): void {
    if (this.#closed) throw new LogError('LOG_CLOSED', `${this.file} is closed`);
  }

  #assertWritable(): void {
    this.#assertOpen();
    if (this.#broken !== '') throw this.#brokenError();
  }
}

/** Where the segment that begins at record `from` ends. A record over the bound gets its own. */
function segmentEnd(batch: RecordBatch, from: number): number {
  const base = batch.offsets[from]!;
  const last = Math.min(batch.count, from + SEGMENT_RECORDS_MAX);
  let to = from + 1;
  while (to < last && batch.offsets[to + 1]! - base <= SEGMENT_BYTES_MAX) to++;
  return to;
}

function assertBatch(batch: RecordBatch, lastStamp: number): void {
  const { count, offsets, stamps } = batch;
  assert(Number.isInteger(count) && count >= 0, 'batch count is a whole number');
  assert(offsets.length > count && batch.kinds.length >= count, 'batch columns cover its count');
  assert(stamps.length >= count, 'stamps cover the batch');
  assert(count === 0 || offsets[count]! <= batch.bytes.length, 'offsets lie inside the bytes');
  let stamp = lastStamp;
  let offset = 0;
  for (let i = 0; i < count; i++) {
    const next = stamps[i]!;
    assert(next >= stamp && next < Number.POSITIVE_INFINITY, 'stamps never go backwards');
    assert(offsets[i]! >= offset && offsets[i + 1]! >= offsets[i]!, 'offsets never go backwards');
    stamp = next;
    offset = offsets[i]!;
  }
}

function openDatabase(file: string, options: SqliteLogOptions): DatabaseSync {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(file, { timeout: 0 });
    db.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    db.exec('PRAGMA journal_mode = WAL');
    db.exec('PRAGMA synchronous = FULL');
    // An empty write transaction takes the lock now rather than at the first append.
    db.exec('BEGIN EXCLUSIVE');
    prepareTables(db, file, options);
    db.exec('COMMIT');
    return db;
  } catch (error) {
    db?.close();
    throw openFailed(file, error);
  }
}

function openFailed(file: string, error: unknown): Error {
  if (error instanceof LogError) return error;
  if (codeOf(error) === SQLITE_BUSY) {
    return new LogError(
      'LOG_IN_USE',
      `${file} is open in another process or thread; stop that one, or start on another folder`,
      error,
    );
  }
  if (codeOf(error) === SQLITE_NOTADB) {
    return new LogError('LOG_FORMAT', `${file} is not a log file; move it away`, error);
  }
  return new LogError('LOG_CORRUPT', `${file} cannot be opened: ${messageOf(error)}`, error);
}

function prepareTables(db: DatabaseSync, file: string, options: SqliteLogOptions): void {
  db.exec('CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL)');
  const meta = new Map<string, number>();
  for (const row of db.prepare('SELECT key, value FROM meta').all()) {
    meta.set(String(row.key), Number(row.value));
  }
  if (meta.size === 0) {
    const put = db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
    put.run('format', FORMAT_VERSION);
    put.run('partition', options.partition);
    put.run('partitions', options.partitions);
    db.exec(
      'CREATE TABLE segments (position INTEGER PRIMARY KEY, count INTEGER NOT NULL, ' +
        'stamp_first REAL NOT NULL, stamp_last REAL NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL)',
    );
    db.exec(
      'CREATE TABLE versions (hash TEXT PRIMARY KEY, json TEXT NOT NULL, crc INTEGER NOT NULL)',
    );
    return;
  }
  assertMeta(meta, file, options);
}

function assertMeta(meta: Map<string, number>, file: string, options: SqliteLogOptions): void {
  const format = meta.get('format');
  if (format === undefined || format > FORMAT_VERSION) {
    throw new LogError(
      'LOG_FORMAT',
      `${file} has format ${format ?? 'unknown'}, this version reads up to ${FORMAT_VERSION}; ` +
        'use the version that wrote it, or a newer one',
    );
  }
  for (const key of ['partition', 'partitions'] as const) {
    const stored = meta.get(key);
    if (stored !== options[key]) {
      throw new LogError(
        'LOG_PARTITION',
        `${file} was made with ${key} = ${stored}, but ${options[key]} was asked for; ` +
          'the number of partitions is fixed when the log is made',
      );
    }
  }
}

function syncDirectory(dir: string): void {
  const handle = openSync(dir, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function codeOf(error: unknown): number {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : 0;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
