/**
 * The records of all cases in the order in which they are sent.
 *
 * Owns: the buckets of coming days and the order inside a day.
 * Does not own: what a case does (case-plan.ts), how a record is written (record-text.ts).
 *
 * Invariants
 * S1  A day's records are complete when the day is reached: cases born later only add to later days.
 * S2  The order is (sent, case number of the day, day of birth, step): extra cases at a higher rate
 *     have higher numbers, so they never change the number a source gives to another record.
 * S3  A stream begun HORIZON_DAYS before an instant carries every record that is due after it.
 */

import type { CasePlanner } from './case-plan.ts';
import type { DayBook } from './day-book.ts';
import type { PlannedRecord } from './planned-record.ts';

/** No record is sent later than this many days after its case was received. */
export const HORIZON_DAYS = 250;

export interface StreamOptions {
  readonly planner: CasePlanner;
  readonly book: DayBook;
  /** First local day on which cases are born. */
  readonly firstDay: number;
  /** Cases of a day: numbers 0 to `count - 1`; those from `base` on only after `extraFromSec`. */
  readonly births: (day: number) => { readonly base: number; readonly count: number };
  readonly extraFromSec: number;
}

export class RecordStream {
  readonly #options: StreamOptions;
  readonly #coming = new Map<number, PlannedRecord[]>();
  /** The day whose records are in `#today`; cases up to this day are planned. */
  #day: number;
  #today: PlannedRecord[] = [];
  #next = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#day = options.firstDay - 1;
  }

  /** The next record, or null when the next one is sent after `untilSec`. */
  take(untilSec: number): PlannedRecord | null {
    const record = this.peek(untilSec);
    if (record !== null) this.#next++;
    return record;
  }

  peek(untilSec: number): PlannedRecord | null {
    const lastDay = this.#options.book.dayOf(untilSec);
    while (this.#next >= this.#today.length) {
      if (this.#day >= lastDay) return null;
      this.#openDay(this.#day + 1);
    }
    const record = this.#today[this.#next] as PlannedRecord;
    return record.sent <= untilSec ? record : null;
  }

  #openDay(day: number): void {
    const { planner, book, births, extraFromSec } = this.#options;
    this.#day = day;
    const { base, count } = births(day);
    const planned: PlannedRecord[] = [];
    for (let index = 0; index < count; index++) {
      const first = planned.length;
      planner.plan(day, index, planned);
      const received = (planned[first] as PlannedRecord).sent;
      if (index >= base && received <= extraFromSec) planned.length = first;
    }
    for (const record of planned) {
      const due = book.dayOf(record.sent);
      if (due > day + HORIZON_DAYS) continue;
      const bucket = this.#coming.get(due);
      if (bucket === undefined) this.#coming.set(due, [record]);
      else bucket.push(record);
    }
    this.#today = (this.#coming.get(day) ?? []).sort(bySending);
    this.#coming.delete(day);
    this.#next = 0;
  }
}

function bySending(a: PlannedRecord, b: PlannedRecord): number {
  return a.sent - b.sent || a.of.index - b.of.index || a.of.born - b.of.born || a.step - b.step;
}
