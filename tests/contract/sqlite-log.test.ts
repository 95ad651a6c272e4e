import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteLog } from '../../engine/log/sqlite-log.ts';
import { batchOf, type LogDriver, logContract, readAll } from './log.contract.ts';

const driver: LogDriver = {
  name: 'sqlite',
  create() {
    const dir = mkdtempSync(join(tmpdir(), 'mingcha-log-'));
    return {
      open: () => new SqliteLog({ dir, partition: 0, partitions: 1 }),
      destroy: () => rmSync(dir, { recursive: true }),
    };
  },
};

logContract(driver);

describe('sqlite log', () => {
  let dir = '';
  const open = (partition = 0, partitions = 4) => new SqliteLog({ dir, partition, partitions });

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'mingcha-log-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  function filled(segments: number, records: number): string {
    const log = open();
    for (let s = 0; s < segments; s++) {
      log.append(
        batchOf(
          Array.from({ length: records }, (_, i) => ({
            kind: 0,
            stamp: 1_700_000_000_000 + s,
            text: `{"caseKey":"C${s}-${i}","type":"received"}`,
          })),
        ),
      );
    }
    log.close();
    return log.file;
  }

  it('is fixed to its partition and partition count', () => {
    open(1, 4).close();
    expect(() => open(1, 8)).toThrow(/LOG_PARTITION.*partitions = 4.*8/);
    copyFileSync(join(dir, 'p1.sqlite'), join(dir, 'p2.sqlite'));
    expect(() => open(2, 4)).toThrow(/LOG_PARTITION.*partition = 1.*2/);
  });

  it('refuses a file of a newer version and a file that is no log', () => {
    open().close();
    const db = new DatabaseSync(join(dir, 'p0.sqlite'));
    db.exec("UPDATE meta SET value = 99 WHERE key = 'format'");
    db.close();
    expect(() => open()).toThrow(/LOG_FORMAT.*format 99/);
    writeFileSync(
      join(dir, 'p3.sqlite'),
      'not a database, just a text that is long enough'.repeat(9),
    );
    expect(() => open(3)).toThrow(/LOG_FORMAT.*p3\.sqlite/);
  });

  it('detects every byte changed inside a stored segment, naming file and position', () => {
    const file = filled(3, 2);
    const db = new DatabaseSync(file);
    const blob = db.prepare('SELECT data FROM segments WHERE position = 2').get()!
      .data as Uint8Array;
    const put = db.prepare('UPDATE segments SET data = ? WHERE position = 2');
    db.exec('PRAGMA synchronous = OFF');
    for (let at = 0; at < blob.length; at++) {
      const damaged = blob.slice();
      damaged[at] = damaged[at]! ^ (1 << (at % 8));
      put.run(damaged);
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      // Read through a second connection-free path: the log itself, on a copy.
      const copy = join(dir, 'p1.sqlite');
      copyFileSync(file, copy);
      const log = reopenedAs(copy);
      expect(() => readAll(log), `byte ${at}`).toThrow(/LOG_CORRUPT.*p1\.sqlite.*position 2/);
      expect(() => log.get(3), `byte ${at}`).toThrow(/LOG_CORRUPT/);
      expect(log.get(1)).not.toBeNull();
      log.close();
    }
    db.close();
  });

  function reopenedAs(copy: string): SqliteLog {
    const db = new DatabaseSync(copy);
    db.exec("UPDATE meta SET value = 1 WHERE key = 'partition'");
    db.close();
    return open(1);
  }

  it('detects a change of the row columns, a missing segment and a moved one', () => {
    for (const [sql, reason] of [
      ['UPDATE segments SET count = 3 WHERE position = 2', /LOG_CORRUPT.*position 2.*damaged/],
      ['UPDATE segments SET stamp_last = 0 WHERE position = 2', /LOG_CORRUPT.*position 2/],
      ['UPDATE segments SET crc = crc + 1 WHERE position = 2', /LOG_CORRUPT.*checksum/],
      ['DELETE FROM segments WHERE position = 2', /LOG_CORRUPT.*position 2/],
      ['UPDATE segments SET position = 3 WHERE position = 2', /LOG_CORRUPT.*position 2/],
    ] as const) {
      rmSync(join(dir, 'p0.sqlite'), { force: true });
      const file = filled(3, 2);
      const db = new DatabaseSync(file);
      db.exec(sql);
      db.close();
      const log = open();
      expect(() => readAll(log), sql).toThrow(reason);
      expect(() => log.verify(), sql).toThrow(/LOG_CORRUPT/);
      log.close();
    }
  });

  it('never serves changed records when any byte of the file is flipped', () => {
    const file = filled(4, 20);
    const original = readFileSync(file);
    const expected = withLog((log) => JSON.stringify(readAll(log)));
    let detected = 0;
    for (let at = 0; at < original.length; at += 251) {
      const damaged = Buffer.from(original);
      damaged[at] = damaged[at]! ^ 0x10;
      writeFileSync(file, damaged);
      let seen: string | null = null;
      try {
        seen = withLog((log) => {
          log.verify();
          return JSON.stringify(readAll(log));
        });
      } catch (error) {
        expect(String(error), `byte ${at}`).toMatch(/LOG_[A-Z]+: .*p0\.sqlite/);
        detected++;
      }
      // Unused space of a page may change without anybody noticing; records may not.
      if (seen !== null) expect(seen, `byte ${at}`).toBe(expected);
    }
    expect(detected).toBeGreaterThan(5);
  });

  function withLog<T>(use: (log: SqliteLog) => T): T {
    const log = open();
    try {
      return use(log);
    } finally {
      log.close();
    }
  }

  it('drops an unfinished tail of the write-ahead log and keeps every finished append', () => {
    const log = open();
    for (let i = 0; i < 5; i++) log.append(batchOf([{ kind: 0, stamp: i, text: `row ${i}` }]));
    const wal = readFileSync(`${log.file}-wal`);
    const main = readFileSync(log.file);
    log.close();
    const ends = new Set<number>();
    for (let cut = wal.length; cut > 0; cut -= 4111) {
      writeFileSync(log.file, main);
      writeFileSync(`${log.file}-wal`, wal.subarray(0, cut));
      const again = openOrNull();
      if (again === null) continue;
      const texts = readAll(again).map((r) => r.text);
      expect(texts).toEqual(Array.from({ length: again.end }, (_, i) => `row ${i}`));
      ends.add(again.end);
      again.close();
      rmSync(`${log.file}-wal`, { force: true });
    }
    expect(ends.has(5)).toBe(true);
    expect(ends.size).toBeGreaterThan(2);
  });

  /** A cut in the very first transaction leaves an empty file, which is a new log. */
  function openOrNull(): SqliteLog | null {
    const log = open();
    if (log.end > 0) return log;
    log.close();
    rmSync(`${log.file}-wal`, { force: true });
    return null;
  }

  it('keeps pack versions by hash and refuses other text under the same hash', () => {
    const log = open();
    log.putVersion('abc', '{"名":"包"}');
    log.putVersion('abc', '{"名":"包"}');
    expect(() => log.putVersion('abc', '{}')).toThrow(/abc/);
    log.close();
    const again = open();
    expect(again.getVersion('abc')).toBe('{"名":"包"}');
    expect(again.getVersion('none')).toBeNull();
    again.close();
  });

  it('tells which pack version it was begun with, also after others and a reopening', () => {
    const log = open();
    expect(log.firstVersion()).toBeNull();
    log.putVersion('zz', '{"first":true}');
    log.putVersion('aa', '{"second":true}');
    expect(log.firstVersion()).toBe('zz');
    log.close();
    expect(withLog((again) => again.firstVersion())).toBe('zz');
  });

  it('counts what it verified', () => {
    filled(3, 5);
    expect(withLog((log) => log.verify())).toEqual({ segments: 3, records: 15 });
  });

  it('splits a large append into bounded segments and stays all or nothing', () => {
    const text = 'x'.repeat(1000);
    const records = Array.from({ length: 5000 }, () => ({ kind: 0, stamp: 1, text }));
    const log = open();
    log.append(batchOf(records));
    expect(log.verify()).toEqual({ segments: 5, records: 5000 });
    records[4999] = { kind: 0, stamp: 0, text };
    expect(() => log.append(batchOf(records))).toThrow(/backwards/);
    expect(log.end).toBe(5000);
    log.close();
  });
});
