/**
 * Port: where the desk's accepted rows go, and the building of one append a partition.
 *
 * Owns: the bytes of a request, ready to be transferred to a worker. Does not own: the worker.
 */
export interface PartitionAppend {
  readonly positions: Float64Array;
  /** kernel/balance.ts outcomes: applied, duplicate, held, dead. */
  readonly outcomes: Uint8Array;
  readonly codes: ReadonlyMap<number, string>;
}

export interface Append {
  readonly partition: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly offsets: Int32Array<ArrayBuffer>;
  readonly stamps: 'live' | Float64Array<ArrayBuffer>;
  /** The caller's own number of each record. */
  readonly slots: readonly number[];
}

export interface AppendTarget {
  /** Resolves when there is room for more (back-pressure from the sink). */
  room(): Promise<void>;
  /** Resolves when the records are durable and applied. */
  append(append: Append): Promise<PartitionAppend>;
}

interface Part {
  readonly records: Uint8Array[];
  readonly stamps: number[];
  readonly slots: number[];
  bytes: number;
}

export class AppendBuilder {
  readonly #parts: (Part | undefined)[];
  readonly #stamps: 'live' | 'history';

  constructor(partitions: number, stamps: 'live' | 'history') {
    this.#parts = new Array<Part | undefined>(partitions);
    this.#stamps = stamps;
  }

  add(partition: number, record: Uint8Array, stampMs: number, slot: number): void {
    let part = this.#parts[partition];
    if (part === undefined) {
      part = { records: [], stamps: [], slots: [], bytes: 0 };
      this.#parts[partition] = part;
    }
    part.records.push(record);
    part.stamps.push(stampMs);
    part.slots.push(slot);
    part.bytes += record.length;
  }

  appends(): Append[] {
    const out: Append[] = [];
    this.#parts.forEach((part, partition) => {
      if (part === undefined) return;
      const bytes = new Uint8Array(part.bytes);
      const offsets = new Int32Array(part.records.length + 1);
      let at = 0;
      part.records.forEach((record, i) => {
        bytes.set(record, at);
        at += record.length;
        offsets[i + 1] = at;
      });
      const stamps = this.#stamps === 'live' ? 'live' : Float64Array.from(part.stamps);
      out.push({ partition, bytes, offsets, stamps, slots: part.slots });
    });
    return out;
  }
}
