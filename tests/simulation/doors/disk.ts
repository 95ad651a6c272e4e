/**
 * The files under checkpoints, in memory, standing in for `node:fs` (hooks.ts): written bytes and changed
 * names are kept until they are synced; losing power drops some of what was not.
 *
 * Modelled like a journalling file system: data of a file is durable once the file was synced, the
 * names of a folder once the folder was, and unsynced changes of names survive in their order.
 */
import { doors, type Owner } from './fate.ts';

interface Inode {
  data: Uint8Array;
  /** Bytes that survive a loss of power. */
  durable: Uint8Array;
}

type Names = Map<string, Inode>;
type Change = (names: Names) => void;

interface Open {
  readonly inode: Inode | null;
  /** Partition of a file, -1 of the folder. */
  readonly partition: number;
}

const names: Names = new Map();
let durableNames: Names = new Map();
let unsynced: Change[] = [];
const open = new Map<number, Open>();
let nextFile = 100;
/** Whose files are touched: a folder call belongs to the last file touched. */
let current: Owner | null = null;

export function resetDisk(): void {
  names.clear();
  durableNames = new Map();
  unsynced = [];
  open.clear();
  nextFile = 100;
}

function partitionOf(path: string): number {
  return Number(/p(\d+)-[^/]*$/.exec(path)?.[1] ?? -1);
}

function ownerOf(partition: number): Owner {
  const owner = partition < 0 ? current : (doors.owners.get(partition) ?? null);
  if (owner === null) throw new Error(`nobody owns partition ${partition}`);
  current = owner;
  return owner;
}

/** One call: refused to the dead, cut short by an armed fate. `torn` does the half of it. */
function call<T>(partition: number, name: string, work: () => T, half: () => void = () => {}): T {
  const owner = ownerOf(partition);
  const fate = doors.enter(owner, name);
  if (fate === 'torn') {
    half();
    doors.leave(owner, name, fate);
  }
  const result = work();
  doors.leave(owner, name, fate);
  return result;
}

function rename(change: Change): void {
  change(names);
  unsynced.push(change);
}

export function mkdirSync(): void {}

export function readdirSync(): string[] {
  return [...names.keys()];
}

export function openSync(path: string, flags: string): number {
  const file = nextFile++;
  const name = nameOf(path);
  const partition = partitionOf(path);
  let inode = names.get(name) ?? null;
  if (flags === 'w') {
    inode = { data: new Uint8Array(0), durable: new Uint8Array(0) };
    const made = inode;
    call(partition, 'checkpoint.open', () => rename((all) => all.set(name, made)));
  }
  open.set(file, { inode, partition });
  return file;
}

export function closeSync(file: number): void {
  open.delete(file);
}

export function fstatSync(file: number): { size: number } {
  return { size: inodeOf(file).data.length };
}

export function writeSync(file: number, bytes: Uint8Array, at: number, length: number): number {
  const { partition } = open.get(file) as Open;
  const inode = inodeOf(file);
  const put = (count: number): void => {
    inode.data = Buffer.concat([inode.data, bytes.subarray(at, at + count)]);
  };
  call(
    partition,
    'checkpoint.write',
    () => put(length),
    () => put(length >> 1),
  );
  return length;
}

export function readSync(
  file: number,
  bytes: Uint8Array,
  at: number,
  length: number,
  from: number,
): number {
  const part = inodeOf(file).data.subarray(from, from + length);
  bytes.set(part, at);
  return part.length;
}

export function fsyncSync(file: number): void {
  const { inode, partition } = open.get(file) as Open;
  if (inode === null) call(-1, 'checkpoint.syncFolder', syncFolder);
  else {
    call(partition, 'checkpoint.sync', () => {
      inode.durable = inode.data;
    });
  }
}

export function renameSync(from: string, to: string): void {
  call(partitionOf(to), 'checkpoint.rename', () => {
    const [old, wanted] = [nameOf(from), nameOf(to)];
    rename((all) => {
      const inode = all.get(old);
      if (inode === undefined) return;
      all.delete(old);
      all.set(wanted, inode);
    });
  });
}

export function rmSync(path: string): void {
  call(partitionOf(path), 'checkpoint.remove', () => {
    const name = nameOf(path);
    rename((all) => all.delete(name));
  });
}

function syncFolder(): void {
  durableNames = new Map(names);
  unsynced = [];
}

/** What a loss of power leaves: synced bytes, and the first few of the unsynced changes of names. */
export function losePower(): void {
  const random = doors.random;
  if (random === null) return;
  names.clear();
  for (const [name, inode] of durableNames) names.set(name, inode);
  for (const change of unsynced.slice(0, random.int(0, unsynced.length))) change(names);
  unsynced = [];
  durableNames = new Map(names);
  for (const inode of names.values()) {
    if (inode.data === inode.durable) continue;
    // Half of what was not synced may have reached the disk, or zeros in its place.
    const kept = inode.data.slice(0, random.int(0, inode.data.length));
    if (random.chance(0.5)) kept.fill(0, kept.length >> 1);
    inode.data = inode.durable.length > 0 ? inode.durable : kept;
    inode.durable = inode.data;
  }
}

// What people and accidents do to the files between two starts.

export function checkpointNames(partition: number): string[] {
  return [...names.keys()].filter(
    (name) => name.startsWith(`p${partition}-`) && name.endsWith('.checkpoint'),
  );
}

export function removeFile(name: string): void {
  names.delete(name);
  syncFolder();
}

export function damageFile(name: string, at: number, cut: boolean): void {
  const inode = names.get(name);
  if (inode === undefined || inode.data.length === 0) return;
  const place = at % inode.data.length;
  const bytes = cut ? inode.data.slice(0, place) : inode.data.slice();
  if (!cut) bytes[place] = (bytes[place] as number) ^ (1 << (at % 8));
  inode.data = bytes;
  inode.durable = bytes;
}

/** Puts another file's bytes in the place of this one: the other's, or a stranger's. */
export function exchange(name: string, other: string | undefined): void {
  const inode = names.get(name);
  const stranger = [...names.values()].find((one) => one !== inode);
  const source = other === undefined || other === name ? stranger : names.get(other);
  if (inode === undefined || source === undefined) return;
  inode.data = source.data;
  inode.durable = source.data;
}

function inodeOf(file: number): Inode {
  const inode = open.get(file)?.inode;
  if (inode === null || inode === undefined) {
    throw Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' });
  }
  return inode;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
