/**
 * The ClickHouse sink: event rows, card changes and dead letters, then how far they reach.
 *
 * Owns: the order of inserts and their grouping. Does not own: encoding (rows.ts), the way in
 * (clickhouse-client.ts), reading (reader.ts).
 *
 * While one insert runs, further batches wait; what waits goes into the next insert together, so that
 * many small batches cost one sync and few parts. Keys collapse repeated rows (schema/), so how batches
 * were grouped is not remembered and a retry may group them otherwise.
 *
 * Invariants
 * CS1  A partition's position is written after everything it speaks of is on disk (S1).
 * CS2  Batches of a partition are stored in the order they were given (S3); a failed insert fails every
 *      batch in it and every one waiting, and the caller gives them again.
 * CS3  A batch that begins beyond what was offered before it is refused: a gap is never papered over.
 * CS4  What waits is bounded by the callers: each awaits its batch before it gives the next but few.
 */
import { assert } from '../base/assert.ts';
import { MIB } from '../base/units.ts';
import type { Database } from './clickhouse-client.ts';
import { migrate } from './migrations.ts';
import { RowBinary } from './row-binary.ts';
import {
  CARD_CHANGES,
  DEAD_LETTERS,
  EVENTS,
  SINK_POSITIONS,
  type Table,
  writeCard,
  writeDeadLetter,
  writePosition,
} from './rows.ts';
import type { Sink, SinkBatch } from './sink.ts';

/** Event bytes that go into one insert, unless a single batch is larger. */
export const INSERT_BYTES_MAX = 64 * MIB;

interface Waiting {
  readonly batch: SinkBatch;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class ClickHouseSink implements Sink {
  readonly #database: Database;
  readonly #rows = new RowBinary();
  /** Last position of each partition that is stored, and that was offered (cleared by a failure). */
  readonly #stored = new Map<number, number>();
  readonly #offered = new Map<number, number>();
  #waiting: Waiting[] = [];
  #running = false;
  #idle: (() => void)[] = [];

  /** The sink writes through the database it is given and leaves closing it to its owner. */
  constructor(database: Database) {
    this.#database = database;
  }

  async open(): Promise<void> {
    await migrate(this.#database.writer);
    const result = await this.#database.reader.query({
      query: 'SELECT partition, position FROM sink_positions_current',
      format: 'JSONCompactEachRow',
    });
    for (const [partition, position] of await result.json<[number, number | string]>()) {
      this.#stored.set(partition, Number(position));
    }
  }

  write(batch: SinkBatch): Promise<void> {
    const { partition, from, to } = batch;
    assert(to >= from, 'a batch covers positions in order');
    const before = this.#offered.get(partition) ?? this.#stored.get(partition) ?? -1;
    if (from > before) {
      const message =
        `the sink holds partition ${partition} up to position ${before}, but the next batch ` +
        `begins after ${from}; apply the log again from ${before + 1}`;
      return Promise.reject(new Error(message));
    }
    this.#offered.set(partition, Math.max(to, before));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async position(partition: number): Promise<number> {
    return this.#stored.get(partition) ?? -1;
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    if (this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      try {
        await this.#store(group.map((one) => one.batch));
        for (const one of group) one.resolve();
      } catch (error) {
        this.#offered.clear();
        for (const one of group) one.reject(error);
        for (const one of this.#waiting.splice(0)) one.reject(error);
      }
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { batch } of this.#waiting) {
      bytes += batch.events.length;
      if (count > 0 && bytes > INSERT_BYTES_MAX) break;
      count++;
    }
    const group = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return group;
  }

  async #store(batches: readonly SinkBatch[]): Promise<void> {
    const events = batches.filter((batch) => batch.eventCount > 0).map((batch) => batch.events);
    if (events.length > 0) await this.#database.insert(EVENTS, joined(events));
    await this.#insertRows(
      DEAD_LETTERS,
      batches.flatMap((batch) => batch.dead),
      writeDeadLetter,
    );
    await this.#insertRows(
      CARD_CHANGES,
      batches.flatMap((batch) => batch.cards),
      writeCard,
    );
    const reached = new Map<number, number>();
    for (const { partition, to } of batches) {
      const before = reached.get(partition) ?? this.#stored.get(partition) ?? -1;
      reached.set(partition, Math.max(to, before));
    }
    await this.#insertRows(SINK_POSITIONS, [...reached], (out, [partition, position]) =>
      writePosition(out, partition, position),
    );
    for (const [partition, position] of reached) this.#stored.set(partition, position);
  }

  async #insertRows<T>(
    table: Table,
    rows: readonly T[],
    write: (out: RowBinary, row: T) => void,
  ): Promise<void> {
    if (rows.length === 0) return;
    this.#rows.reset();
    for (const row of rows) write(this.#rows, row);
    await this.#database.insert(table, this.#rows.view());
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
