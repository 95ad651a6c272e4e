/**
 * Writes down one case step by step: where its time stands, and when each step is typed in and sent.
 *
 * Owns: late entry, nightly batches, records that overtake each other, records sent twice.
 * Does not own: which steps a case takes (case-plan.ts).
 */
import type { Prng } from '../base/prng.ts';
import type { EventTypeName } from '../events/event.ts';
import type { DayBook } from './day-book.ts';
import type { PlannedCase, PlannedRecord } from './planned-record.ts';

/** Cases kept on paper first: every step is typed in days later. */
const PAPER_CASE = 0.008;
/** Single steps typed in a day or more later. */
const LATE_STEP = 0.011;
/** Of the late steps, those that let later ones go first. */
const OVERTAKEN = 0.3;
const SENT_TWICE = 0.001;
const BATCH_HOUR = 22;
const BATCH_SPREAD_SECONDS = 1800;

export class CasePen {
  /** Where the case stands in time, seconds since the epoch. */
  at: number;
  readonly records: PlannedRecord[];
  readonly rng: Prng;
  readonly book: DayBook;
  readonly #case: PlannedCase;
  readonly #paper: boolean;
  #lastSent = 0;
  #step = 0;

  constructor(of: PlannedCase, at: number, rng: Prng, book: DayBook, records: PlannedRecord[]) {
    this.#case = of;
    this.at = at;
    this.rng = rng;
    this.book = book;
    this.records = records;
    this.#paper = rng.chance(PAPER_CASE);
  }

  get day(): number {
    return this.book.dayOf(this.at);
  }

  /** Notes one step at the present instant and moves a second on, so that no two steps coincide. */
  note(type: EventTypeName, data = '', document = ''): void {
    const { rng, at } = this;
    const late = this.#paper || rng.chance(LATE_STEP);
    const overtaken = late && !this.#paper && rng.chance(OVERTAKEN);
    const recorded = late ? this.#typedLater() : at + rng.int(5, 600);
    let sent = this.#sentAfter(recorded);
    if (!overtaken) {
      sent = Math.max(sent, this.#lastSent + 1);
      this.#lastSent = sent;
    }
    const resendAfter = rng.chance(SENT_TWICE) ? rng.int(30, 600) : 0;
    const of = this.#case;
    const step = this.#step++;
    this.records.push({ of, step, type, at, recorded, sent, document, data, resendAfter });
    this.at = at + 1;
  }

  /** Some minutes later; after closing time that means the next workday. */
  minutes(from: number, to: number): void {
    const next = this.at + this.rng.int(from * 60, to * 60);
    if (next <= this.book.closing(this.day)) this.at = next;
    else this.workdays(1);
  }

  /** Office hours `count` workdays later; with 0 within the next hours. */
  workdays(count: number): void {
    if (count === 0) {
      this.minutes(10, 90);
      return;
    }
    this.toDay(this.book.workdayAfter(this.day, count));
  }

  /** Office hours of that day, or a little later when that is already past. */
  toDay(day: number): void {
    const next = this.book.officeTime(day, this.rng);
    this.at = next > this.at ? next : this.at + this.rng.int(60, 600);
  }

  #typedLater(): number {
    const workdays = this.rng.chance(0.6) ? 1 : this.rng.int(2, 3);
    const typed = this.book.officeTime(this.book.workdayAfter(this.day, workdays), this.rng);
    return Math.max(typed, this.at + 1);
  }

  #sentAfter(recorded: number): number {
    if (!this.#case.traits.organ.batch) return recorded + this.rng.int(1, 60);
    const book = this.book;
    const spread = this.rng.int(0, BATCH_SPREAD_SECONDS);
    const batch = book.startOf(book.dayOf(recorded)) + BATCH_HOUR * 3600 + spread;
    return Math.max(batch, recorded + 1);
  }
}
