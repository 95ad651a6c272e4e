import { describe, expect, it } from 'vitest';
import { GroupCommit } from '../../../engine/log/group-commit.ts';
import type { Log, RecordBatch, StoredBatch } from '../../../engine/log/log.ts';

/** A log in memory that counts its appends and can be told to fail. */
class MemoryLog implements Log {
  readonly appends: { texts: string[]; stamps: number[]; kinds: number[] }[] = [];
  end = 0;
  lastStamp = Number.NEGATIVE_INFINITY;
  failure: Error | null = null;

  append(batch: RecordBatch): number {
    if (this.failure !== null) throw this.failure;
    const texts: string[] = [];
    for (let i = 0; i < batch.count; i++) {
      texts.push(
        Buffer.from(batch.bytes.subarray(batch.offsets[i], batch.offsets[i + 1])).toString(),
      );
    }
    this.appends.push({ texts, stamps: [...batch.stamps], kinds: [...batch.kinds] });
    const first = this.end;
    this.end += batch.count;
    this.lastStamp = batch.stamps[batch.count - 1]!;
    return first;
  }
  read(): IterableIterator<StoredBatch> {
    throw new Error('not needed here');
  }
  get(): null {
    return null;
  }
  close(): void {}
}

const text = (s: string) => Buffer.from(s, 'utf8');

describe('group commit', () => {
  it('appends everything offered within one turn at once and gives each its position', async () => {
    const log = new MemoryLog();
    const group = new GroupCommit(log, { nowMs: () => 50 });
    const positions = await Promise.all(['a', 'b', 'c'].map((s) => group.add(0, text(s), 'live')));
    expect(positions).toEqual([0, 1, 2]);
    expect(log.appends).toEqual([
      { texts: ['a', 'b', 'c'], stamps: [50, 50, 50], kinds: [0, 0, 0] },
    ]);
    expect(await group.add(2, text('d'), 'live')).toBe(3);
    expect(log.appends.length).toBe(2);
  });

  it('resolves nothing before the append has returned', async () => {
    const log = new MemoryLog();
    const group = new GroupCommit(log, { nowMs: () => 1 });
    let resolved = false;
    const promise = group.add(0, text('a'), 'live').then(() => {
      resolved = true;
    });
    await Promise.resolve();
    expect(resolved).toBe(false);
    expect(log.appends.length).toBe(0);
    await promise;
    expect(log.appends.length).toBe(1);
  });

  it('stamps never go back: live takes the clock, history the instant given', async () => {
    const log = new MemoryLog();
    log.lastStamp = 100;
    let now = 90;
    const group = new GroupCommit(log, { nowMs: () => now });
    const done = [
      group.add(0, text('clock behind the log'), 'live'),
      group.add(0, text('history ahead'), 150),
      group.add(0, text('history behind'), 120),
      group.add(0, text('clock behind history'), 'live'),
    ];
    now = 200;
    done.push(group.add(0, text('clock ahead'), 'live'));
    expect(group.lastStamp).toBe(200);
    await Promise.all(done);
    expect(log.appends[0]!.stamps).toEqual([100, 150, 150, 150, 200]);
  });

  it('commits at once when a bound on records or bytes is reached', async () => {
    const log = new MemoryLog();
    const group = new GroupCommit(log, { nowMs: () => 1 }, { recordsMax: 2, bytesMax: 10 });
    const done = ['aa', 'bb', 'cc', '123456789', 'a record larger than the bound'].map((s) =>
      group.add(0, text(s), 'live'),
    );
    expect(log.appends.map((a) => a.texts)).toEqual([
      ['aa', 'bb'],
      ['cc'],
      ['123456789'],
      ['a record larger than the bound'],
    ]);
    expect(await Promise.all(done)).toEqual([0, 1, 2, 3, 4]);
  });

  it('takes many records with one promise and writes each position, across groups', async () => {
    const log = new MemoryLog();
    const group = new GroupCommit(log, { nowMs: () => 1 }, { recordsMax: 4 });
    const first = group.add(1, text('before'), 'live');
    const positions = new Float64Array(7);
    const records = Array.from({ length: 7 }, (_, i) => text(`r${i}`));
    await group.addMany(0, records, [5, 6, 7, 8, 9, 10, 11], positions);
    expect(await first).toBe(0);
    expect([...positions]).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(log.appends.flatMap((a) => a.texts)).toEqual([
      'before',
      ...records.map((r) => r.toString()),
    ]);
    expect(log.appends.flatMap((a) => a.stamps)).toEqual([1, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('copies bytes when offered', async () => {
    const log = new MemoryLog();
    const group = new GroupCommit(log, { nowMs: () => 1 });
    const record = text('keep');
    const done = group.add(0, record, 'live');
    record.fill(0);
    await done;
    expect(log.appends[0]!.texts).toEqual(['keep']);
  });

  it('hands each committed group to its owner before any caller hears of it', async () => {
    const log = new MemoryLog();
    const order: string[] = [];
    const group = new GroupCommit(
      log,
      { nowMs: () => 1 },
      { onCommit: (batch) => order.push(`applied ${batch.position}+${batch.count}`) },
    );
    await Promise.all([
      group.add(0, text('a'), 'live').then((p) => order.push(`heard ${p}`)),
      group.add(0, text('b'), 'live').then((p) => order.push(`heard ${p}`)),
    ]);
    expect(order).toEqual(['applied 0+2', 'heard 0', 'heard 1']);
  });

  it('a failed append rejects every caller of the group, and its stamps are forgotten', async () => {
    const log = new MemoryLog();
    log.lastStamp = 10;
    const group = new GroupCommit(log, { nowMs: () => 20 });
    log.failure = new Error('disk gone');
    const results = await Promise.allSettled([
      group.add(0, text('a'), 999),
      group.add(0, text('b'), 'live'),
    ]);
    expect(results.map((r) => r.status)).toEqual(['rejected', 'rejected']);
    expect(group.lastStamp).toBe(10);
    log.failure = null;
    expect(await group.add(0, text('c'), 'live')).toBe(0);
    expect(log.appends[0]!.stamps).toEqual([20]);
  });
});
