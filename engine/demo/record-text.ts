/**
 * Writes a planned record as one line of the event format (rules/schema/event.schema.json), keys
 * always in the same order, because a decoder that follows the order it last saw is fastest then.
 */
import type { DayBook } from './day-book.ts';
import type { PlannedRecord } from './planned-record.ts';

/** Numbers of a source start in 2020 and grow with time, so that any instant can be continued from. */
const SEQ_EPOCH_SECONDS = 1_577_808_000;
const SEQ_A_SECOND = 1000;

export class RecordText {
  readonly #book: DayBook;
  /** By source: second and rank inside it of the last number given. */
  readonly #lastSec: Float64Array;
  readonly #rank: Int32Array;

  constructor(book: DayBook, sources: number) {
    this.#book = book;
    this.#lastSec = new Float64Array(sources).fill(-1);
    this.#rank = new Int32Array(sources);
  }

  /** The line with its newline. Records of one source must come in the order of `sent`. */
  line(record: PlannedRecord): string {
    const { of, type, document, data } = record;
    const { item, organ } = of.traits;
    const text = this.#book;
    const doc = document === '' ? '' : `"document":"${document}",`;
    const tail = data === '' ? '}\n' : `,"data":${data}}\n`;
    return (
      `{"caseKey":"${of.key}","type":"${type}","at":"${text.text(record.at)}",` +
      `"recordedAt":"${text.text(record.recorded)}","sentAt":"${text.text(record.sent)}",` +
      `"itemCode":"${item.code}","itemVersion":${item.version},"organ":"${organ.code}",` +
      `"territory":"${organ.territory}","actor":"${of.actor}",${doc}` +
      `"source":"${organ.source}","seq":${this.#next(organ.index, record.sent)},"rev":0${tail}`
    );
  }

  #next(source: number, sec: number): number {
    const rank = this.#lastSec[source] === sec ? (this.#rank[source] as number) + 1 : 0;
    this.#lastSec[source] = sec;
    this.#rank[source] = rank;
    return (sec - SEQ_EPOCH_SECONDS) * SEQ_A_SECOND + rank;
  }
}
