/**
 * What must hold at every moment, looked at after each step, from outside the engine: the books, what
 * was acknowledged, what readers see. The last word is oracle.ts's, once everything has healed.
 */
import type { CardChange } from '../../engine/cards/card.ts';
import { RECORD_EVENT } from '../../engine/events/event.ts';
import { booksOf } from '../../engine/runtime/books.ts';
import type { PartitionHost } from '../../engine/runtime/partition-host.ts';
import type { SimulatedClickHouse } from './database.ts';

export interface Act {
  readonly cardId: string;
  readonly version: number;
  readonly actor: string;
}

export class Watch {
  readonly #clickhouse: SimulatedClickHouse;
  /** By partition: what the sender was told is stored, by position. */
  readonly records = new Map<number, Map<number, Uint8Array>>();
  readonly acts: Act[] = [];
  readonly #ends = new Map<number, number>();
  readonly #checkpoints = new Map<number, number>();
  /** Versions of cards that a reader has seen. */
  readonly #seen = new Map<string, number>();
  #problem = '';

  constructor(clickhouse: SimulatedClickHouse) {
    this.#clickhouse = clickhouse;
  }

  acknowledged(partition: number, position: number, bytes: Uint8Array): void {
    const known = this.records.get(partition) ?? new Map<number, Uint8Array>();
    known.set(position, bytes);
    this.records.set(partition, known);
    this.#ends.set(partition, Math.max(this.endOf(partition), position + 1));
  }

  acted(card: CardChange, actor: string): void {
    this.acts.push({ cardId: card.cardId, version: card.version, actor });
  }

  /** Next position, as far as anybody was told. */
  endOf(partition: number): number {
    return this.#ends.get(partition) ?? 0;
  }

  /** The checkpoints of a partition were harmed: what the engine said of them holds no more. */
  damaged(partition: number): void {
    this.#checkpoints.delete(partition);
  }

  sinkLost(): void {
    this.#seen.clear();
    this.#checkpoints.clear();
  }

  /** A start finds every checkpoint that the engine once said was saved (CK1). */
  started(hosts: readonly PartitionHost[]): void {
    for (const host of hosts) {
      const { partition } = host.state();
      const saved = this.#checkpoints.get(partition) ?? 0;
      if (host.state().checkpoint < saved) {
        this.#problem = `partition ${partition}: the checkpoint at ${saved} was saved and is gone`;
      }
    }
  }
  /** What is wrong now, '' when nothing is. */
  look(hosts: readonly PartitionHost[]): string {
    if (this.#problem !== '') return this.#problem;
    for (const host of hosts) {
      const problem = this.#partition(host);
      if (problem !== '') return problem;
    }
    return this.#readers();
  }

  #partition(host: PartitionHost): string {
    const state = host.state();
    const { partition, end, applied } = state;
    const where = `partition ${partition}`;
    const books = booksOf([state], new Map());
    if (!books.balanced) return `${where}: the books do not balance: ${JSON.stringify(books.rows)}`;
    if (applied !== end) return `${where}: ${end - applied} records are stored and not applied`;
    if (end < this.endOf(partition)) {
      return `${where}: an acknowledged record is gone; the log ends at ${end}, acknowledged up to ${this.endOf(partition)}`;
    }
    const sunk = this.#clickhouse.position(partition);
    if (sunk >= end) return `${where}: the sink holds position ${sunk}, the log ends at ${end}`;
    if (state.checkpoint - 1 > sunk) {
      return `${where}: checkpoint ${state.checkpoint} lies before its effects, stored up to ${sunk}`;
    }
    this.#checkpoints.set(partition, state.checkpoint);
    return this.#counted(host, where);
  }

  /** Every record once, by our own count of the log. */
  #counted(host: PartitionHost, where: string): string {
    const { balance, others, end } = host.state();
    const counted = balance.reduce((sum, { counts }) => sum + counts.reduce((a, b) => a + b, 0), 0);
    if (balance.some(({ counts }) => counts.some((count) => count < 0))) {
      return `${where}: a count of the books is negative`;
    }
    if (counted + others !== end)
      return `${where}: ${end} records, ${counted + others} in the books`;
    return '';
  }

  /** A card that was shown is shown for ever after, and never as it was before. */
  #readers(): string {
    for (const row of this.#clickhouse.rows('cards')) {
      const id = String(row.card_id);
      const before = this.#seen.get(id) ?? 0;
      if (Number(row.version) < before) return `card ${id} went back to version ${row.version}`;
      this.#seen.set(id, Number(row.version));
    }
    for (const id of this.#seen.keys()) {
      if (!this.#clickhouse.has('cards', id)) return `card ${id} was shown and is gone`;
    }
    return '';
  }

  /** Records of the log that were acknowledged and are not what was sent. */
  altered(host: PartitionHost, partition: number): string {
    for (const [position, bytes] of this.records.get(partition) ?? []) {
      const record = host.log.get(position);
      if (record?.kind !== RECORD_EVENT || Buffer.compare(record.bytes, bytes) !== 0) {
        return `partition ${partition}: position ${position} is not the record that was acknowledged`;
      }
    }
    return '';
  }
}
