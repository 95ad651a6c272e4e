/**
 * Checkpoints (检查点): a partition's state on disk, with the log position it stands at.
 *
 * Owns: the files and the proof that a file read back is the file written.
 * Does not own: what a snapshot holds (state/snapshot.ts) or when one is taken (runner.ts).
 *
 * File `p<partition>-<position, 16 digits>.checkpoint`, little-endian:
 *
 *   0  u32 magic   4  u32 format   8  u32 partition   12  u32 format of the snapshot
 *   16 f64 position   24 f64 snapshot bytes   32  SHA-256 of bytes 0..32 and the snapshot   64  snapshot
 *
 * Invariants
 * CK1  A file with its final name is complete and on disk: written beside, synced, renamed, folder
 *      synced.
 * CK2  The older file goes only after the newer one is on disk; two are kept, so that one damaged
 *      file costs replay time and nothing else. A file from beyond the saved position, left by a log
 *      that was since restored or rebuilt, goes too: it would push out those that are of use.
 * CK3  A damaged file is never used and never silent: the reason names the file. Nor is one whose
 *      snapshot another version wrote: the log is replayed instead.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { assert } from '../base/assert.ts';
import { MIB } from '../base/units.ts';
import { SNAPSHOT_FORMAT } from '../state/snapshot.ts';

const MAGIC = 0x4b43434d; // 'MCCK'
const FORMAT_VERSION = 1;
const HEADER_BYTES = 64;
const DIGEST_AT = 32;
/** Files kept beside the newest. */
const OLDER_KEPT = 1;
/** One read or write call; the system takes at most 2 GiB at once. */
const CHUNK_BYTES = 64 * MIB;
const SUFFIX = '.checkpoint';

export interface Checkpoint {
  /** As given to `save`: the next log position to apply. */
  readonly position: number;
  readonly snapshot: Uint8Array;
}

export class CheckpointStore {
  readonly #dir: string;
  readonly #onDamaged: (reason: string) => void;

  /** `onDamaged` hears of every file that was passed over, with the reason. */
  constructor(
    dir: string,
    onDamaged: (reason: string) => void = (reason) => process.emitWarning(reason),
  ) {
    this.#dir = dir;
    this.#onDamaged = onDamaged;
    mkdirSync(dir, { recursive: true });
  }

  /** Returns when the snapshot is on disk. Saving the same position again replaces the file. */
  save(partition: number, position: number, snapshot: Uint8Array): void {
    assert(
      Number.isSafeInteger(position) && position >= 0,
      'checkpoint position is a log position',
    );
    const header = headerOf(partition, position, snapshot);
    const name = nameOf(partition, position);
    const temporary = join(this.#dir, `${name}.tmp`);
    const file = openSync(temporary, 'w');
    try {
      writeAll(file, header);
      writeAll(file, snapshot);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, join(this.#dir, name));
    this.#syncDirectory();
    const names = this.#names(partition);
    const older = names.indexOf(name) + 1;
    for (const [i, other] of names.entries()) {
      const kept = other === name || (i >= older && i < older + OLDER_KEPT);
      if (!kept) rmSync(join(this.#dir, other));
    }
  }

  /** The newest sound checkpoint of the partition up to a position, or null when there is none. */
  latest(partition: number, atMost = Number.POSITIVE_INFINITY): Checkpoint | null {
    for (const name of this.#names(partition)) {
      if (positionOf(name) > atMost) continue;
      const path = join(this.#dir, name);
      const found = readCheckpoint(path, partition);
      if (typeof found !== 'string' && name === nameOf(partition, found.position)) return found;
      const reason = typeof found === 'string' ? found : 'name and position disagree';
      this.#onDamaged(`checkpoint ${path} is not used: ${reason}; falling back to the one before`);
    }
    return null;
  }

  /** Newest first. */
  #names(partition: number): string[] {
    const prefix = `p${partition}-`;
    return readdirSync(this.#dir)
      .filter((name) => name.startsWith(prefix) && name.endsWith(SUFFIX))
      .sort()
      .reverse();
  }

  #syncDirectory(): void {
    const handle = openSync(this.#dir, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }
}

function nameOf(partition: number, position: number): string {
  return `p${partition}-${String(position).padStart(16, '0')}${SUFFIX}`;
}

/** Position that a file's name says; NaN, which no bound excludes, of a name that says none. */
function positionOf(name: string): number {
  return Number(/-(\d{16})\./.exec(name)?.[1] ?? Number.NaN);
}

function headerOf(partition: number, position: number, snapshot: Uint8Array): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, FORMAT_VERSION, true);
  view.setUint32(8, partition, true);
  view.setUint32(12, SNAPSHOT_FORMAT, true);
  view.setFloat64(16, position, true);
  view.setFloat64(24, snapshot.length, true);
  header.set(digestOf(header, snapshot), DIGEST_AT);
  return header;
}

function digestOf(header: Uint8Array, snapshot: Uint8Array): Uint8Array {
  const hash = createHash('sha256').update(header.subarray(0, DIGEST_AT));
  for (let at = 0; at < snapshot.length; at += CHUNK_BYTES) {
    hash.update(snapshot.subarray(at, at + CHUNK_BYTES));
  }
  return hash.digest();
}

function writeAll(file: number, bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) {
    at += writeSync(file, bytes, at, Math.min(CHUNK_BYTES, bytes.length - at));
  }
}

function readAll(file: number, bytes: Uint8Array, from: number): boolean {
  let at = 0;
  while (at < bytes.length) {
    const got = readSync(file, bytes, at, Math.min(CHUNK_BYTES, bytes.length - at), from + at);
    if (got === 0) return false;
    at += got;
  }
  return true;
}

/** The checkpoint, or the reason why the file is none. */
function readCheckpoint(path: string, partition: number): Checkpoint | string {
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    const header = new Uint8Array(HEADER_BYTES);
    if (size < HEADER_BYTES || !readAll(file, header, 0)) return 'shorter than its header';
    const view = new DataView(header.buffer);
    if (view.getUint32(0, true) !== MAGIC) return 'not a checkpoint';
    const format = view.getUint32(4, true);
    if (format !== FORMAT_VERSION) {
      return `format ${format}, this version reads ${FORMAT_VERSION}`;
    }
    if (view.getUint32(12, true) !== SNAPSHOT_FORMAT) {
      const other = view.getUint32(12, true);
      return `holds snapshot format ${other}, this version reads ${SNAPSHOT_FORMAT}`;
    }
    if (view.getUint32(8, true) !== partition) {
      return `made for partition ${view.getUint32(8, true)}`;
    }
    if (view.getFloat64(24, true) !== size - HEADER_BYTES) return 'length differs from its header';
    const snapshot = new Uint8Array(size - HEADER_BYTES);
    if (!readAll(file, snapshot, HEADER_BYTES)) return 'ended while reading';
    if (Buffer.compare(digestOf(header, snapshot), header.subarray(DIGEST_AT)) !== 0) {
      return 'checksum differs';
    }
    return { position: view.getFloat64(16, true), snapshot };
  } finally {
    closeSync(file);
  }
}
