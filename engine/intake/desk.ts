/**
 * The intake desk: rows in, one result a row out.
 *
 * Owns: splitting a body into rows, the door's check of each, routing to partitions, and waiting until
 * accepted rows are durable and applied. Good rows of a batch are accepted whatever the bad ones do.
 * Does not own: rights (the API says which source it is), the log (runtime/partition-host.ts).
 *
 * Two ways in: `submit` for everybody, row by row through the door; `bulk` for the demonstration's own
 * generator, which is trusted for form but decoded like everything else.
 */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { ErrorCode } from '../base/errors.ts';
import { CatalogueError, describe } from '../base/errors.ts';
import { partitionOf } from '../base/hash.ts';
import { Decoder } from '../events/decode.ts';
import { Dictionaries } from '../events/dictionary.ts';
import { EventBatch, RECORD_EVENT } from '../events/event.ts';
import type { RowOutcome, RowResult, SubmitSource } from '../facade.ts';
import type { PackSource } from '../rules/source.ts';
import type { AppendTarget, PartitionAppend } from './append.ts';
import { AppendBuilder } from './append.ts';
import { Door } from './door.ts';
import { splitRows } from './rows.ts';

export interface DeskOptions {
  readonly partitions: number;
  readonly pseudonymKey: Uint8Array;
  readonly clock: Clock;
  readonly target: AppendTarget;
}

const OUTCOME_NAMES: readonly RowOutcome[] = ['accepted', 'duplicate', 'held', 'refused'];

export class IntakeDesk {
  readonly #options: DeskOptions;
  readonly #refused = new Map<string, number>();
  readonly #encoder = new TextEncoder();
  readonly #bulkDecoder = new Decoder(new Dictionaries());
  #door: Door | null = null;
  #closed = false;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Opens (or re-opens, after a publication) the door for the pack's organs and territories. */
  open(pack: PackSource): void {
    const organs = pack.organs.length === 0 ? null : new Set(pack.organs.map(({ code }) => code));
    const { pseudonymKey } = this.#options;
    this.#door = new Door({ organs, items: null, pseudonymKey, organFits: organFits(pack) });
  }

  /** Refuses from now on; resolves when what is under way is answered. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
  }

  get refused(): ReadonlyMap<string, number> {
    return this.#refused;
  }

  partitionOf(key: string): number {
    const bytes = this.#encoder.encode(key);
    return partitionOf(bytes, 0, bytes.length, this.#options.partitions);
  }

  async submit(body: Uint8Array, source: SubmitSource): Promise<readonly RowResult[]> {
    const door = this.#door;
    if (door === null || this.#closed) throw new CatalogueError('NOT_READY');
    await this.#options.target.room();
    const results: RowResult[] = [];
    const builder = new AppendBuilder(this.#options.partitions, source.stamps);
    const slots: { readonly at: number; readonly row: number }[] = [];
    const nowMs = source.stamps === 'live' ? this.#options.clock.nowMs() : Number.POSITIVE_INFINITY;
    for (const { row, bytes } of splitRows(body)) {
      const checked = door.check(bytes, source.id, source.organs, nowMs);
      if (!checked.ok) {
        this.#count(source.id);
        const { code, message, messageEn, pointer, retry } = checked;
        const error = { code, message, messageEn, pointer, retry };
        results.push({ row, outcome: 'refused', error });
        continue;
      }
      const partition = this.partitionOf(checked.partitionKey);
      builder.add(partition, checked.bytes, checked.atMs, slots.length);
      slots.push({ at: results.length, row });
      results.push({ row, outcome: 'accepted' });
    }
    await this.#track(
      Promise.all(
        builder.appends().map(async (append) => {
          const reply = await this.#options.target.append(append);
          append.slots.forEach((slot, i) => {
            const { at, row } = slots[slot]!;
            results[at] = resultOf(row, append.partition, reply, i);
          });
        }),
      ),
    );
    return results;
  }

  /** Records as NDJSON, in the order of their stamps; `stampMs` as history stamps them. */
  async bulk(lines: Uint8Array, stamps: 'live' | 'arrival'): Promise<number> {
    const batch = this.#decodeLines(lines);
    const builder = new AppendBuilder(
      this.#options.partitions,
      stamps === 'live' ? 'live' : 'history',
    );
    for (let i = 0; i < batch.count; i++) {
      assert(batch.reason[i] === 0, 'bulk records decode');
      const key = batch.keyOff[i]!;
      const partition = partitionOf(lines, key, key + batch.keyLen[i]!, this.#options.partitions);
      const from = batch.rawOff[i]!;
      const sent = batch.sentAt[i]!;
      const stamp = Number.isNaN(sent) ? batch.at[i]! : Math.max(sent, batch.at[i]!);
      builder.add(partition, lines.subarray(from, from + batch.rawLen[i]!), stamp, i);
    }
    await this.#options.target.room();
    await this.#track(
      Promise.all(builder.appends().map((append) => this.#options.target.append(append))),
    );
    return batch.count;
  }

  #decodeLines(lines: Uint8Array): EventBatch {
    let count = 0;
    for (let at = lines.indexOf(10); at >= 0; at = lines.indexOf(10, at + 1)) count++;
    const batch = new EventBatch(count + 1);
    batch.reset(lines);
    let from = 0;
    while (from < lines.length) {
      const found = lines.indexOf(10, from);
      const to = found < 0 ? lines.length : found;
      if (to > from) {
        const i = batch.count++;
        batch.kind[i] = RECORD_EVENT;
        batch.rawOff[i] = from;
        batch.rawLen[i] = to - from;
      }
      from = to + 1;
    }
    this.#bulkDecoder.decode(batch, 0);
    return batch;
  }

  #count(source: string): void {
    this.#refused.set(source, (this.#refused.get(source) ?? 0) + 1);
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }
}

/** A record that broke what no later one can mend was accepted all the same: a dead letter has it. */
function resultOf(row: number, partition: number, reply: PartitionAppend, i: number): RowResult {
  const outcome = OUTCOME_NAMES[reply.outcomes[i]!]!;
  const position = reply.positions[i]!;
  const code = reply.codes.get(i);
  if (code === undefined) return { row, outcome, partition, position };
  // Codes of rejects come out of the kernel, whose codes are all in the catalogue (a test holds it).
  const { message, messageEn } = describe(code as ErrorCode, {});
  return { row, outcome, partition, position, error: { code, message, messageEn } };
}

/** An organ reports for its own territory and what lies below or above it; others are a mistake. */
function organFits(pack: PackSource): (organ: string, territory: string) => boolean {
  const homes = new Map(pack.organs.map(({ code, territory }) => [code, territory]));
  const parents = new Map(pack.territories.map(({ code, parent }) => [code, parent]));
  const lies = (inner: string, outer: string): boolean => {
    let code: string | undefined = inner;
    for (let depth = 0; code !== undefined && depth < parents.size; depth++) {
      if (code === outer) return true;
      code = parents.get(code);
    }
    return false;
  };
  return (organ, territory) => {
    const home = homes.get(organ);
    // A territory that the pack does not list cannot be judged.
    if (home === undefined || !parents.has(territory)) return true;
    return lies(territory, home) || lies(home, territory);
  };
}
