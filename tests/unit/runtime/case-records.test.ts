/** What became of each record of a case (engine/runtime/case-records.ts). */
import { describe, expect, test } from 'vitest';
import { type CaseRecord, courseOf } from '../../../engine/runtime/case-records.ts';

const NOW = 1000;

function said(position: number, more: Partial<CaseRecord> = {}): CaseRecord {
  return {
    ...{ position, stampMs: 10 * position, type: 'received', atMs: position, recordedAtMs: null },
    ...{ sentAtMs: null, source: 'a', seq: 1, rev: 0, stage: '', retracted: false, json: '{}' },
    ...more,
  };
}

function course(records: readonly CaseRecord[], counted: readonly number[] = []): unknown[] {
  return courseOf(records, new Set(counted), NOW).map((one) => [
    one.position,
    one.status,
    one.endedBy,
  ]);
}

describe('the course of a number', () => {
  test('a higher revision replaces, whatever came first', () => {
    expect(course([said(1, { rev: 2 }), said(2), said(3, { rev: 1 })])).toEqual([
      [1, 'current', null],
      [2, 'superseded', 1],
      [3, 'superseded', 1],
    ]);
  });

  test('a retraction takes back what came before and after it', () => {
    const back = said(2, { rev: 1, retracted: true });
    expect(course([said(1), back, said(3)])).toEqual([
      [1, 'retracted', 2],
      [2, 'retraction', null],
    ]);
    expect(course([back, said(3)])).toEqual([
      [2, 'retraction', null],
      [3, 'retracted', 2],
    ]);
  });

  test('a later revision restores; the retraction stays to be seen', () => {
    const back = said(2, { rev: 1, retracted: true });
    expect(course([said(1), back, said(3, { rev: 2 })])).toEqual([
      [1, 'superseded', 3],
      [2, 'retraction', 3],
      [3, 'current', null],
    ]);
  });

  test('a revision of the future is held; until then the older one counts', () => {
    expect(course([said(1), said(2, { rev: 1, atMs: NOW + 1 })])).toEqual([
      [1, 'current', null],
      [2, 'held', null],
    ]);
  });

  test('sources and numbers are apart; the same record again is not told twice', () => {
    expect(course([said(1), said(2, { source: 'b' }), said(3, { seq: 2 }), said(4)])).toEqual([
      [1, 'current', null],
      [2, 'current', null],
      [3, 'current', null],
    ]);
  });

  test('without a number, what the kernel counts is told', () => {
    const records = [
      said(1, { seq: null }),
      said(2, { seq: null }),
      said(3, { seq: null, atMs: 2000 }),
    ];
    expect(course(records, [1])).toEqual([
      [1, 'current', null],
      [3, 'held', null],
    ]);
  });
});
