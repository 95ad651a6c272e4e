/**
 * The demonstration city (鹭城市, invented): two years of history and traffic that goes on from any
 * instant, as event records in the order in which they are sent. Everything follows from the seed.
 *
 * Owns: the two doors `history` and `live`, and cutting records into chunks.
 * Does not own: cases (case-plan.ts), order (stream.ts), text (record-text.ts), answers to cards
 * (demo-answer.ts).
 *
 * Invariants
 * D1  The same options give the same bytes; `live` from any instant continues `history` exactly.
 * D2  Records come in the order of `sentAt`; only a record sent twice repeats an older one.
 * D3  A record's identity (source, seq) follows from its case and its time, never from where a stream
 *     was begun: what a restart repeats is a duplicate, not a second case.
 */

import { SECOND_MS } from '../base/units.ts';
import { compileCalendar } from '../calendars/compile.ts';
import type { PackSource } from '../rules/source.ts';
import { CasePlanner } from './case-plan.ts';
import { DayBook } from './day-book.ts';
import { Population } from './population.ts';
import { RecordText } from './record-text.ts';
import { Resends } from './resends.ts';
import { HORIZON_DAYS, RecordStream } from './stream.ts';

const CHUNK_RECORDS = 2000;
export const DEMO_CASES = 120_000;

export interface DemoCityOptions {
  readonly seed: number;
  readonly pack: PackSource;
  /** History begins with the cases received on this instant's local day. */
  readonly startMs: number;
  readonly endMs: number;
  /** Cases in two years; default 120,000, which give about 0.8 million records. */
  readonly cases?: number;
}

export interface LiveOptions {
  /**
   * How many times as many new cases after `endMs`; default 1. The same over restarts, or else by local
   * day: of a day that has begun, a higher rate would send the later records of cases nobody received.
   */
  readonly rate?: number | ((day: number) => number);
}

export class DemoCity {
  readonly #options: DemoCityOptions;
  readonly #population: Population;
  readonly #book: DayBook;

  constructor(options: DemoCityOptions) {
    this.#options = options;
    const { pack, seed, startMs, cases } = options;
    this.#population = new Population(seed, pack, cases ?? DEMO_CASES);
    const calendar = compileCalendar(pack.calendar, pack.zone);
    this.#book = new DayBook(calendar, pack.calendar.officeHours, startMs);
  }

  /** NDJSON, about 2,000 records a chunk, sent up to and including `endMs`. */
  *history(): Generator<Uint8Array> {
    const feed = this.#feed(this.#firstDay(), 1);
    const endSec = Math.floor(this.#options.endMs / SECOND_MS);
    let chunk = feed.next(endSec, CHUNK_RECORDS);
    while (chunk !== null) {
      yield chunk;
      chunk = feed.next(endSec, CHUNK_RECORDS);
    }
  }

  /** The stream after `nowMs`: what was sent up to then is not sent again. */
  live(nowMs: number, options: LiveOptions = {}): LiveFeed {
    const nowSec = Math.floor(nowMs / SECOND_MS);
    const first = Math.max(this.#firstDay(), this.#book.dayOf(nowSec) - HORIZON_DAYS);
    const feed = this.#feed(first, options.rate ?? 1);
    feed.skip(nowSec);
    return feed;
  }

  #firstDay(): number {
    return this.#book.dayOf(Math.floor(this.#options.startMs / SECOND_MS));
  }

  #feed(firstDay: number, rate: number | ((day: number) => number)): LiveFeed {
    const book = this.#book;
    const population = this.#population;
    const extraFromSec = Math.floor(this.#options.endMs / SECOND_MS);
    const extraFromDay = book.dayOf(extraFromSec);
    const stream = new RecordStream({
      planner: new CasePlanner(population, book),
      book,
      firstDay,
      extraFromSec,
      births: (day) => {
        const all = population.casesOn(day, book);
        const count = Math.round(all * (typeof rate === 'number' ? rate : rate(day)));
        const base = Math.min(all, count);
        if (day < extraFromDay) return { base: all, count: all };
        return day === extraFromDay ? { base: all, count: Math.max(all, count) } : { base, count };
      },
    });
    return new LiveFeed(stream, new RecordText(book, population.organs.length));
  }
}

/** A stream being read. `lastMs` and `records` tell how far it is. */
export class LiveFeed {
  /** When the last record handed out was sent; NaN before the first. */
  lastMs = Number.NaN;
  /** Records handed out. */
  records = 0;
  readonly #stream: RecordStream;
  readonly #text: RecordText;
  readonly #resends = new Resends();
  readonly #encoder = new TextEncoder();

  constructor(stream: RecordStream, text: RecordText) {
    this.#stream = stream;
    this.#text = text;
  }

  /** Records sent up to `untilMs`, at most `recordsMax`; null when there are none. */
  nextUntil(untilMs: number, recordsMax = CHUNK_RECORDS): Uint8Array | null {
    return this.next(Math.floor(untilMs / SECOND_MS), recordsMax);
  }

  /** When the next record is sent, looking at most `withinMs` ahead of `fromMs`; NaN when none. */
  peekMs(fromMs: number, withinMs: number): number {
    const next = this.#stream.peek(Math.floor((fromMs + withinMs) / SECOND_MS));
    return next === null ? Number.NaN : next.sent * SECOND_MS;
  }

  /** As nextUntil, in seconds. */
  next(untilSec: number, recordsMax: number): Uint8Array | null {
    let text = '';
    let count = 0;
    while (count < recordsMax) {
      const line = this.#line(untilSec);
      if (line === null) break;
      text += line;
      count++;
    }
    this.records += count;
    return count === 0 ? null : this.#encoder.encode(text);
  }

  /** Passes over what was sent before; numbers of the sources move on as if it had been read. */
  skip(untilSec: number): void {
    while (this.#line(untilSec) !== null);
    this.lastMs = Number.NaN;
  }

  #line(untilSec: number): string | null {
    const record = this.#stream.peek(untilSec);
    const again = this.#resends.take(record === null ? untilSec : record.sent);
    if (again !== null) return again;
    if (record === null) return null;
    this.#stream.take(untilSec);
    this.lastMs = record.sent * SECOND_MS;
    const line = this.#text.line(record);
    if (record.resendAfter > 0) this.#resends.add(record.sent + record.resendAfter, line);
    return line;
  }
}
