/** Two independent counts meet in the books; a record lost between them shows (runtime/books.ts). */
import { describe, expect, test } from 'vitest';
import { booksOf } from '../../../engine/runtime/books.ts';
import type { PartitionState } from '../../../engine/runtime/messages.ts';

function state(over: Partial<PartitionState>): PartitionState {
  return {
    ...{ partition: 0, end: 0, applied: 0, lastStampMs: 0, nowMs: 0, sunk: -1, checkpoint: 0 },
    ...{ stopped: '', packHash: '', others: 0, balance: [], cases: 0, cards: 0, bytes: 0 },
    ...{ quietUntilMs: Number.POSITIVE_INFINITY, logEndMs: null },
    ...over,
  };
}

const hall = { source: 'hall', counts: [5, 2, 1, 3] };
const none = new Map<string, number>();

describe('the books', () => {
  test('balance when every record of the log is accounted for', () => {
    const { rows, balanced } = booksOf(
      [state({ end: 14, applied: 14, others: 3, balance: [hall] })],
      none,
    );
    expect(balanced).toBe(true);
    expect(rows).toEqual([
      {
        ...{ partition: 0, source: 'hall', accepted: 11, applied: 5, duplicate: 2, held: 1 },
        ...{ deadLettered: 3, pending: 0, difference: 0 },
      },
    ]);
  });

  test('show what is accepted and not applied yet as pending, and stay balanced', () => {
    const { rows, balanced } = booksOf(
      [state({ end: 20, applied: 14, others: 3, balance: [hall] })],
      none,
    );
    expect(balanced).toBe(true);
    expect(rows.at(-1)).toMatchObject({ source: '*', accepted: 6, pending: 6, difference: 0 });
  });

  test.for([13, 15])('do not balance when %i positions meet 14 outcomes', (applied) => {
    const { rows, balanced } = booksOf(
      [state({ end: applied, applied, others: 3, balance: [hall] })],
      none,
    );
    expect(balanced).toBe(false);
    expect(rows.at(-1)?.difference).toBe(applied - 14);
  });

  test('add up over partitions and name what was refused at the door', () => {
    const one = state({ partition: 0, end: 11, applied: 11, balance: [hall] });
    const two = state({
      partition: 1,
      end: 1,
      applied: 1,
      balance: [{ source: '', counts: [1, 0, 0, 0] }],
    });
    const books = booksOf([one, two], new Map([['TIME_NO_ZONE', 4]]));
    expect(
      books.rows.map(({ partition, source, accepted }) => [partition, source, accepted]),
    ).toEqual([
      [0, 'hall', 11],
      [1, '', 1],
    ]);
    expect(books.refused).toEqual({ TIME_NO_ZONE: 4 });
    for (const row of books.rows) {
      expect(row.accepted).toBe(
        row.applied + row.duplicate + row.held + row.deadLettered + row.pending + row.difference,
      );
    }
  });
});
