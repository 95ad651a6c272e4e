import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CheckpointStore } from '../../../engine/runtime/checkpoint.ts';

describe('checkpoint store', () => {
  let dir = '';
  let reasons: string[] = [];
  let store: CheckpointStore;

  beforeEach(() => {
    dir = join(mkdtempSync(join(tmpdir(), 'mingcha-ckpt-')), 'checkpoints');
    reasons = [];
    store = new CheckpointStore(dir, (reason) => reasons.push(reason));
  });
  afterEach(() => rmSync(join(dir, '..'), { recursive: true }));

  const bytes = (text: string) => new Uint8Array(Buffer.from(text));
  const textOf = (found: { snapshot: Uint8Array } | null) =>
    found === null ? null : Buffer.from(found.snapshot).toString();

  it('gives back the newest snapshot of the partition asked for', () => {
    expect(store.latest(0)).toBeNull();
    store.save(0, 9, bytes('nine'));
    store.save(0, 10, bytes('ten'));
    store.save(1, 500, bytes('other'));
    const found = new CheckpointStore(dir).latest(0);
    expect(found?.position).toBe(10);
    expect(textOf(found)).toBe('ten');
    expect(textOf(store.latest(1))).toBe('other');
    expect(store.latest(10)).toBeNull();
  });

  it('passes over a snapshot that another version wrote, and says so', () => {
    store.save(0, 3, bytes('from before'));
    const path = join(dir, 'p0-0000000000000003.checkpoint');
    const file = readFileSync(path);
    file.writeUInt32LE(0, 12);
    writeFileSync(path, file);
    expect(store.latest(0)).toBeNull();
    expect(reasons).toEqual([expect.stringContaining('snapshot format 0')]);
  });

  it('keeps an empty snapshot and one saved again at the same position', () => {
    store.save(0, 0, new Uint8Array(0));
    expect(store.latest(0)).toEqual({ position: 0, snapshot: new Uint8Array(0) });
    store.save(0, 0, bytes('again'));
    expect(textOf(store.latest(0))).toBe('again');
  });

  it('keeps the last two files and leaves no temporary ones', () => {
    for (let position = 1; position <= 5; position++) store.save(0, position, bytes('x'));
    store.save(12, 1, bytes('x'));
    expect(readdirSync(dir).sort()).toEqual([
      'p0-0000000000000004.checkpoint',
      'p0-0000000000000005.checkpoint',
      'p12-0000000000000001.checkpoint',
    ]);
  });

  it('passes over positions beyond the bound, without calling them damaged', () => {
    for (const position of [5, 80, 90]) store.save(0, position, bytes(`at ${position}`));
    expect(textOf(store.latest(0, 85))).toBe('at 80');
    expect(textOf(store.latest(0, 80))).toBe('at 80');
    expect(store.latest(0, 79)).toBeNull();
    expect(reasons).toEqual([]);
  });

  it('a save makes room for itself: files from beyond its position go, the one before stays', () => {
    store.save(0, 3, bytes('three'));
    for (const position of [900, 1000]) {
      writeFileSync(
        join(dir, `p0-000000000000${String(position).padStart(4, '0')}.checkpoint`),
        '',
      );
    }
    store.save(0, 5, bytes('five'));
    expect(readdirSync(dir).sort()).toEqual([
      'p0-0000000000000003.checkpoint',
      'p0-0000000000000005.checkpoint',
    ]);
    expect(textOf(store.latest(0))).toBe('five');
  });

  it('detects any byte changed, says why, and falls back to the one before', () => {
    store.save(0, 1, bytes('the one before'));
    store.save(0, 2, bytes('the newest snapshot'));
    const path = join(dir, 'p0-0000000000000002.checkpoint');
    const sound = readFileSync(path);
    for (let at = 0; at < sound.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const damaged = Buffer.from(sound);
        damaged[at] = damaged[at]! ^ flip;
        writeFileSync(path, damaged);
        reasons = [];
        expect(textOf(store.latest(0)), `byte ${at}`).toBe('the one before');
        expect(reasons, `byte ${at}`).toHaveLength(1);
        expect(reasons[0]).toContain(path);
      }
    }
  });

  it('passes over a torn or lengthened file, and has nothing when every file is damaged', () => {
    store.save(0, 1, bytes('only one'));
    const path = join(dir, 'p0-0000000000000001.checkpoint');
    const sound = readFileSync(path);
    for (let size = 0; size < sound.length; size++) {
      writeFileSync(path, sound.subarray(0, size));
      expect(store.latest(0), `cut at ${size}`).toBeNull();
    }
    writeFileSync(path, Buffer.concat([sound, Buffer.from('z')]));
    expect(store.latest(0)).toBeNull();
    expect(reasons).toHaveLength(sound.length + 1);
  });

  it('passes over a file copied from another partition or renamed to another position', () => {
    store.save(3, 7, bytes('three'));
    const file = join(dir, 'p3-0000000000000007.checkpoint');
    const other = join(dir, 'p4-0000000000000007.checkpoint');
    renameSync(file, other);
    expect(store.latest(4)).toBeNull();
    expect(reasons.pop()).toMatch(/made for partition 3/);
    renameSync(other, join(dir, 'p3-0000000000000008.checkpoint'));
    expect(store.latest(3)).toBeNull();
    expect(reasons.pop()).toMatch(/name and position disagree/);
  });

  it('ignores a temporary file left by a process that died while saving', () => {
    store.save(0, 1, bytes('sound'));
    writeFileSync(join(dir, 'p0-0000000000000002.checkpoint.tmp'), 'half');
    expect(textOf(store.latest(0))).toBe('sound');
    expect(reasons).toEqual([]);
  });
});
