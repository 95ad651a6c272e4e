/**
 * Where a worker's world has its files. Memory is quicker than a disk, and what the disk does is
 * simulated. The name says which process it belongs to, so that the parent can clear up after one that
 * had to be ended.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';

function parent(): string {
  const memory = statSync(MEMORY, { throwIfNoEntry: false })?.isDirectory() === true;
  return memory ? MEMORY : tmpdir();
}

export function makeFolder(pid: number): string {
  return mkdtempSync(join(parent(), `mingcha-simulation-${pid}-`));
}

export function clearFolders(pid: number): void {
  for (const name of readdirSync(parent())) {
    if (!name.startsWith(`mingcha-simulation-${pid}-`)) continue;
    rmSync(join(parent(), name), { recursive: true, force: true });
  }
}
