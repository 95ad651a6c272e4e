/**
 * The data folder (数据目录) of one deployment: made when missing, owned by one process at a time.
 *
 * Owns: `folder.sqlite`, which holds the folder's format and its number of partitions, and is locked
 * from opening to close. The lock belongs to the process and goes with it, however it ends.
 * Does not own: what lies beside it (log, checkpoints, clickhouse, accounts).
 *
 * Invariants
 * DF1  The number of partitions is on disk before the first log file is made, and never changes.
 * DF2  A folder in use, unwritable or made by a newer version is refused before anything in it is
 *      opened, and the message says what to do.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export const FOLDER_FORMAT = 1;
const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;
const SQLITE_PRIMARY_CODE = 0xff;
const LOG_FILE = /^p\d+\.sqlite$/;

/** The folder cannot be used; the message names it, says why and what to do. */
export class FolderError extends Error {
  override name = 'FolderError';
}

export class DataFolder {
  readonly dir: string;
  readonly partitions: number;
  readonly #db: DatabaseSync;

  /** `wanted`: partitions of a new log, or undefined for `otherwise`; an existing log keeps its own. */
  constructor(dir: string, wanted: number | undefined, otherwise: number) {
    this.dir = dir;
    makeFolder(dir);
    this.#db = openLocked(dir);
    try {
      this.partitions = partitionsOf(this.#db, dir, wanted, otherwise);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }
}

export function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw unusable(dir, error);
  }
}

function openLocked(dir: string): DatabaseSync {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(join(dir, 'folder.sqlite'), { timeout: 0 });
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
    db.exec(
      'CREATE TABLE IF NOT EXISTS folder ' +
        '(one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER, partitions INTEGER)',
    );
    db.exec('COMMIT');
    return db;
  } catch (error) {
    db?.close();
    throw openFailed(dir, error);
  }
}

function openFailed(dir: string, error: unknown): FolderError {
  const code = ((error as { errcode?: number }).errcode ?? 0) & SQLITE_PRIMARY_CODE;
  if (code === SQLITE_BUSY) {
    return new FolderError(
      `数据目录 ${dir} 正被另一个进程使用;请先停止它,或用 --data 换一个目录 ` +
        '(the data folder is in use by another process; stop that one, or name another folder)',
      { cause: error },
    );
  }
  if (code === SQLITE_NOTADB) {
    return new FolderError(
      `${join(dir, 'folder.sqlite')} 不是本程序的文件;请移走它,或用 --data 换一个目录 ` +
        '(not a file of this program; move it away, or name another folder)',
      { cause: error },
    );
  }
  return unusable(dir, error);
}

function unusable(dir: string, error: unknown): FolderError {
  const why = error instanceof Error ? error.message : String(error);
  return new FolderError(
    `数据目录 ${dir} 不能使用:须是可写的目录;请改权限,或用 --data 换一个 ` +
      `(the data folder must be a folder we may write to; mend it, or name another): ${why}`,
    { cause: error },
  );
}

function partitionsOf(
  db: DatabaseSync,
  dir: string,
  wanted: number | undefined,
  otherwise: number,
): number {
  const row = db.prepare('SELECT format, partitions FROM folder').get();
  if (row !== undefined && Number(row.format) > FOLDER_FORMAT) {
    throw new FolderError(
      `数据目录 ${dir} 的格式是 ${row.format},本版本只认到 ${FOLDER_FORMAT};请用写它的版本或更新的版本 ` +
        '(the data folder was made by a newer version; use that version, or a newer one)',
    );
  }
  const known = row === undefined ? logFiles(dir) : Number(row.partitions);
  const partitions = known > 0 ? known : (wanted ?? otherwise);
  if (wanted !== undefined && wanted !== partitions) {
    throw new FolderError(
      `${dir} 的日志有 ${partitions} 个分区,不能改为 ${wanted};请去掉这个选项,或用 --data 换一个目录 ` +
        '(the number of partitions of a log is fixed; leave the option out, or name another folder)',
    );
  }
  if (row === undefined) {
    db.prepare('INSERT INTO folder VALUES (1, ?, ?)').run(FOLDER_FORMAT, partitions);
  }
  return partitions;
}

/** Partitions of a log whose folder has no record yet. */
function logFiles(dir: string): number {
  const log = join(dir, 'log');
  return existsSync(log) ? readdirSync(log).filter((name) => LOG_FILE.test(name)).length : 0;
}
