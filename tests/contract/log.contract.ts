/**
 * What every log driver promises (G1-G5 of engine/log/log.ts), as tests over a driver factory.
 * `reopen` closes nothing by itself: the caller closes first.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log, RecordBatch } from '../../engine/log/log.ts';

export interface LogDriver {
  readonly name: string;
  /** A fresh place for a log. */
  create(): { open: () => Log; destroy: () => void };
}

export interface PlainRecord {
  readonly kind: number;
  readonly stamp: number;
  readonly text: string;
}

export function batchOf(records: readonly PlainRecord[]): RecordBatch {
  const parts = records.map((r) => Buffer.from(r.text, 'utf8'));
  const offsets = new Int32Array(records.length + 1);
  for (let i = 0; i < parts.length; i++) offsets[i + 1] = offsets[i]! + parts[i]!.length;
  return {
    count: records.length,
    bytes: new Uint8Array(Buffer.concat(parts)),
    offsets,
    kinds: Uint8Array.from(records.map((r) => r.kind)),
    stamps: Float64Array.from(records.map((r) => r.stamp)),
  };
}

export function readAll(log: Log, from = 0, max = 1000): (PlainRecord & { position: number })[] {
  const out: (PlainRecord & { position: number })[] = [];
  for (const batch of log.read(from, max)) {
    expect(batch.count).toBeLessThanOrEqual(max);
    expect(batch.count).toBeGreaterThan(0);
    for (let i = 0; i < batch.count; i++) {
      out.push({
        position: batch.position + i,
        kind: batch.kinds[i]!,
        stamp: batch.stamps[i]!,
        text: Buffer.from(batch.bytes.subarray(batch.offsets[i], batch.offsets[i + 1])).toString(),
      });
    }
  }
  return out;
}

function numbered(from: number, count: number): PlainRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    kind: (from + i) % 4,
    stamp: 1000 + from + i,
    text: `record ${from + i} 记录`,
  }));
}

const RECORD = fc.record({
  kind: fc.integer({ min: 0, max: 3 }),
  stamp: fc.integer({ min: 0, max: 5 }),
  text: fc.string({ unit: 'grapheme', maxLength: 40 }),
});

export function logContract(driver: LogDriver): void {
  describe(`log contract: ${driver.name}`, () => {
    let place: ReturnType<LogDriver['create']>;
    let log: Log;

    beforeEach(() => {
      place = driver.create();
      log = place.open();
    });
    afterEach(() => {
      log.close();
      place.destroy();
    });

    it('G1 numbers records from 0 without gaps and reports the next position', () => {
      expect(log.end).toBe(0);
      expect(log.append(batchOf(numbered(0, 3)))).toBe(0);
      expect(log.append(batchOf(numbered(3, 1)))).toBe(3);
      expect(log.end).toBe(4);
      expect(readAll(log).map((r) => r.position)).toEqual([0, 1, 2, 3]);
    });

    it('G1 an empty batch changes nothing', () => {
      log.append(batchOf(numbered(0, 2)));
      expect(log.append(batchOf([]))).toBe(2);
      expect(log.end).toBe(2);
    });

    it('G2 refuses a stamp below the last one, inside a batch and across batches', () => {
      expect(log.lastStamp).toBe(Number.NEGATIVE_INFINITY);
      log.append(batchOf([{ kind: 0, stamp: 10, text: 'a' }]));
      expect(log.lastStamp).toBe(10);
      expect(() => log.append(batchOf([{ kind: 0, stamp: 9, text: 'b' }]))).toThrow(/backwards/);
      const mixed = batchOf([
        { kind: 0, stamp: 12, text: 'c' },
        { kind: 0, stamp: 11, text: 'd' },
      ]);
      expect(() => log.append(mixed)).toThrow(/backwards/);
      expect(() => log.append(batchOf([{ kind: 0, stamp: Number.NaN, text: 'e' }]))).toThrow();
      expect(log.end).toBe(1);
    });

    it('G3 yields exactly what was appended, whatever the batches and the read size', () => {
      let stamp = 0;
      const expected: (PlainRecord & { position: number })[] = [];
      fc.assert(
        fc.property(
          fc.array(RECORD, { maxLength: 50 }),
          fc.integer({ min: 1, max: 7 }),
          fc.double({ min: 0, max: 1, noNaN: true }),
          (given, max, share) => {
            const records = given.map((r) => {
              stamp += r.stamp;
              return { ...r, stamp };
            });
            log.append(batchOf(records));
            for (const r of records) expected.push({ ...r, position: expected.length });
            const from = Math.floor(share * expected.length);
            expect(readAll(log, from, max)).toEqual(expected.slice(from));
          },
        ),
        { numRuns: 40 },
      );
    });

    it('G3 reads from the middle of an append and one record at a time', () => {
      log.append(batchOf(numbered(0, 100)));
      log.append(batchOf(numbered(100, 100)));
      expect(readAll(log, 57, 1).map((r) => r.text)).toEqual(numbered(57, 143).map((r) => r.text));
    });

    it('G3 a read ends where the log ended when it was asked for', () => {
      log.append(batchOf(numbered(0, 2)));
      const reading = log.read(0, 10);
      log.append(batchOf(numbered(2, 2)));
      const seen = [...reading].reduce((n, batch) => n + batch.count, 0);
      expect(seen).toBe(2);
    });

    it('G4 a position outside the log is an error that names it and the end; the end is not', () => {
      log.append(batchOf(numbered(0, 5)));
      expect([...log.read(5, 10)]).toEqual([]);
      for (const bad of [6, 1000, -1, 1.5, Number.NaN]) {
        expect(() => log.read(bad, 10), String(bad)).toThrow(
          new RegExp(`LOG_POSITION: position ${bad} .*\\b5\\b`),
        );
      }
    });

    it('G4 get answers one record, and null where there is none', () => {
      log.append(batchOf(numbered(0, 5)));
      log.append(batchOf(numbered(5, 5)));
      for (let i = 0; i < 10; i++) {
        const record = log.get(i);
        expect(Buffer.from(record!.bytes).toString()).toBe(`record ${i} 记录`);
        expect(record!.kind).toBe(i % 4);
        expect(record!.stampMs).toBe(1000 + i);
      }
      expect(log.get(10)).toBeNull();
      expect(log.get(-1)).toBeNull();
    });

    it('G5 refuses a second opener by name and lets it in after closing', () => {
      log.append(batchOf(numbered(0, 3)));
      expect(() => place.open()).toThrow(/LOG_IN_USE/);
      log.close();
      log = place.open();
      expect(log.end).toBe(3);
    });

    it('goes on after reopening: end, last stamp and records are as before', () => {
      log.append(batchOf(numbered(0, 7)));
      log.close();
      log = place.open();
      expect(log.end).toBe(7);
      expect(log.lastStamp).toBe(1006);
      expect(log.append(batchOf(numbered(7, 3)))).toBe(7);
      expect(readAll(log).map((r) => r.text)).toEqual(numbered(0, 10).map((r) => r.text));
    });

    it('keeps empty and large records apart', () => {
      const large = '大'.repeat(700_000);
      log.append(
        batchOf([
          { kind: 0, stamp: 1, text: '' },
          { kind: 1, stamp: 1, text: large },
          { kind: 2, stamp: 1, text: '' },
          { kind: 3, stamp: 1, text: 'end' },
        ]),
      );
      expect(readAll(log).map((r) => r.text.length)).toEqual([0, 700_000, 0, 3]);
    });

    it('refuses use after closing', () => {
      log.close();
      expect(() => log.append(batchOf(numbered(0, 1)))).toThrow(/LOG_CLOSED/);
      expect(() => log.read(0, 1)).toThrow(/LOG_CLOSED/);
    });
  });
}
