/**
 * `node:sqlite` as the log sees it in the simulator (hooks.ts): the real one on real files, with a crash,
 * an error or a loss of power at any commit.
 *
 * What survives a loss of power follows SQLite's own documentation: with `synchronous = FULL` the
 * write-ahead log is synced by every commit, otherwise not before it is copied into the main file. A
 * torn commit leaves any of its sectors, old or new.
 */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync as RealDatabase, type SQLInputValue } from 'node:sqlite';
import { doors, type Fate, type Owner } from './fate.ts';

const SECTOR_BYTES = 512;
const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;

interface Image {
  readonly main: Uint8Array;
  readonly wal: Uint8Array | null;
}

export interface StatementSync {
  get(...values: SQLInputValue[]): Record<string, unknown> | undefined;
  all(...values: SQLInputValue[]): Record<string, unknown>[];
  run(...values: SQLInputValue[]): unknown;
}

export class DatabaseSync {
  readonly owner: Owner;
  readonly file: string;
  readonly #real: RealDatabase;
  /** Set by SQLite's default, then by the log's own pragma. */
  #synchronous = 'FULL';
  /** Bytes of the write-ahead log that are on disk. */
  #synced: number;
  #failed = false;
  #image: Image | null = null;

  constructor(file: string, options: object) {
    const partition = Number(/p(\d+)\.sqlite$/.exec(file)?.[1]);
    const owner = doors.owners.get(partition);
    if (owner === undefined) throw new Error(`nobody owns ${file}`);
    this.owner = owner;
    this.file = file;
    this.#real = new RealDatabase(file, options);
    this.#synced = walBytes(file);
    doors.handles.add(this);
  }

  get isTransaction(): boolean {
    return this.#real.isTransaction;
  }

  exec(sql: string): void {
    const pragma = /^PRAGMA synchronous = (\w+)/.exec(sql);
    if (pragma !== null) this.#synchronous = pragma[1] as string;
    if (sql === 'COMMIT') {
      this.#write('log.commit', () => this.#real.exec(sql));
      return;
    }
    if (sql.startsWith('BEGIN')) this.#assertUnbroken(sql);
    else if (this.owner.dead && sql === 'ROLLBACK') return;
    this.#real.exec(sql);
  }

  prepare(sql: string): StatementSync {
    const statement = this.#real.prepare(sql);
    const run = (...values: SQLInputValue[]): unknown => {
      // Outside a transaction a statement is its own commit.
      if (this.#real.isTransaction) return statement.run(...values);
      return this.#write('log.commit', () => statement.run(...values));
    };
    return {
      get: (...values) => statement.get(...values),
      all: (...values) => statement.all(...values),
      run,
    };
  }

  close(): void {
    doors.handles.delete(this);
    this.#real.close();
  }

  /** Called when the process dies: keeps what the files hold at this moment. */
  capture(power: boolean): void {
    if (this.#image !== null) return;
    this.#image = power ? this.#afterPowerLoss() : imageOf(this.file);
  }

  /** Lets go of a dead process's files and leaves what it left. */
  bury(): void {
    this.close();
    const image = this.#image;
    if (image === null) throw new Error('only the dead are buried');
    writeFileSync(this.file, image.main);
    if (image.wal !== null) writeFileSync(`${this.file}-wal`, image.wal);
    else rmSync(`${this.file}-wal`, { force: true });
    rmSync(`${this.file}-shm`, { force: true });
  }

  #write<T>(door: string, work: () => T): T {
    this.#assertUnbroken(door);
    const fate = doors.enter(this.owner, door);
    if (fate === 'go') return this.#done(work());
    if (fate === 'torn') return this.#torn(door, work);
    if (fate === 'after') {
      this.#done(work());
      doors.leave(this.owner, door, fate);
    }
    doors.leave(this.owner, door, fate);
    return this.#fail(fate, work);
  }

  #fail(fate: Fate, work: () => unknown): never {
    if (fate === 'full') throw errorOf(SQLITE_FULL, 'database or disk is full');
    // A sync that failed says nothing about the bytes: they may be there or not.
    if (fate === 'ioErrorKept') work();
    this.#failed = true;
    throw errorOf(SQLITE_IOERR, 'disk I/O error');
  }

  #torn<T>(door: string, work: () => T): never {
    const before = imageOf(this.file);
    work();
    const after = imageOf(this.file);
    const nothing = new Uint8Array(0);
    this.#image = { main: after.main, wal: mixed(before.wal ?? nothing, after.wal ?? nothing) };
    doors.leave(this.owner, door, 'torn');
    throw new Error('a torn write ends its process');
  }

  #done<T>(result: T): T {
    if (this.#synchronous === 'FULL') this.#synced = walBytes(this.file);
    return result;
  }

  #afterPowerLoss(): Image {
    const { main, wal } = imageOf(this.file);
    if (wal === null || wal.length <= this.#synced) return { main, wal };
    return { main, wal: mixed(wal.subarray(0, this.#synced), wal) };
  }

  #assertUnbroken(what: string): void {
    if (this.#failed) {
      doors.violations.push(`${this.file}: ${what} after a failed sync on the same handle`);
    }
  }
}

/** A write that was cut short: nothing of it, or each sector old or new. */
function mixed(before: Uint8Array, after: Uint8Array): Uint8Array {
  const random = doors.random;
  if (random === null || random.chance(0.3)) return before;
  const out = new Uint8Array(after.length);
  out.set(before.subarray(0, Math.min(before.length, out.length)));
  for (let at = 0; at < after.length; at += SECTOR_BYTES) {
    const end = Math.min(after.length, at + SECTOR_BYTES);
    if (random.chance(0.7)) out.set(after.subarray(at, end), at);
  }
  return out;
}

function imageOf(file: string): Image {
  const wal = `${file}-wal`;
  return {
    main: readFileSync(file),
    wal: existsSync(wal) ? readFileSync(wal) : null,
  };
}

function walBytes(file: string): number {
  return statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

function errorOf(errcode: number, message: string): Error {
  return Object.assign(new Error(message), { errcode, code: 'ERR_SQLITE_ERROR' });
}
