/**
 * ClickHouse as the sink sees it, in memory: rows by table and key, later rows of a key replace earlier
 * ones, the feed from `card_changes` to `cards`. Inserts wait until the scenario lets them happen, in
 * whole, in part, or not at all, with or without an answer.
 *
 * The real `ClickHouseSink` writes here; only what its statements would do is imitated.
 */
import type { ClickHouseClient } from '@clickhouse/client';
import type { Prng } from '../../engine/base/prng.ts';
import type { Database } from '../../engine/sinks/clickhouse-client.ts';
import type { Table } from '../../engine/sinks/rows.ts';
import { doors, type Owner } from './doors/fate.ts';
import { type Row, rowsOf } from './row-reader.ts';

const KEYS: Readonly<Record<string, readonly string[]>> = {
  events: ['partition', 'position'],
  card_changes: ['card_id', 'version'],
  dead_letters: ['partition', 'position', 'kind'],
  sink_positions: ['partition'],
};

export type Outcome = 'done' | 'refused' | 'partly' | 'lostReply';

interface Waiting {
  readonly owner: Owner;
  readonly table: string;
  readonly rows: readonly Row[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What a backup holds. */
type Content = ReadonlyMap<string, ReadonlyMap<string, Row>>;

export class SimulatedClickHouse {
  readonly #tables = new Map<string, Map<string, Row>>();
  #waiting: Waiting[] = [];
  /** Inserts of dead processes that the server may still carry out. */
  #orphans: Waiting[] = [];

  constructor() {
    for (const table of [...Object.keys(KEYS), 'cards']) this.#tables.set(table, new Map());
  }

  /** The connection of one process. */
  connect(owner: Owner): Database {
    return {
      writer: clientOf(() => []),
      auditor: clientOf(() => []),
      reader: clientOf(() =>
        this.rows('sink_positions').map((row) => [Number(row.partition), Number(row.position)]),
      ),
      insert: (table: Table, bytes: Uint8Array) => this.#insert(owner, table, bytes),
      close: async () => {},
    };
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  rows(table: string): Row[] {
    return [...(this.#tables.get(table) as Map<string, Row>).values()];
  }

  has(table: string, key: string): boolean {
    return this.#tables.get(table)?.has(key) ?? false;
  }

  /** Last position whose effects are stored. */
  position(partition: number): number {
    return Number(this.#tables.get('sink_positions')?.get(String(partition))?.position ?? -1);
  }

  /** Lets the oldest waiting insert happen. */
  async step(outcome: Outcome, random: Prng): Promise<void> {
    const one = this.#waiting.shift();
    if (one === undefined) return;
    if (outcome !== 'refused') {
      const part = outcome === 'partly' ? random.int(0, one.rows.length) : one.rows.length;
      this.#store(one.table, one.rows.slice(0, part), outcome !== 'partly');
    }
    if (outcome === 'done') one.resolve();
    else one.reject(new Error(`the sink said no (${outcome})`));
  }

  /** Inserts of a process that died: each was received or not, and may happen later. */
  bury(owner: Owner, random: Prng): void {
    const lost = this.#waiting.filter((one) => one.owner === owner);
    this.#waiting = this.#waiting.filter((one) => one.owner !== owner);
    this.#orphans.push(...lost.filter(() => random.chance(0.5)));
  }

  /** What the server still carries out for the dead. */
  haunt(): void {
    for (const one of this.#orphans.splice(0)) this.#store(one.table, one.rows, true);
  }

  backup(): Content {
    return new Map([...this.#tables].map(([table, rows]) => [table, new Map(rows)]));
  }

  restore(content: Content | null): void {
    this.#orphans = [];
    for (const [table, rows] of this.#tables) {
      rows.clear();
      for (const [key, row] of content?.get(table) ?? []) rows.set(key, row);
    }
  }

  #insert(owner: Owner, table: Table, bytes: Uint8Array): Promise<void> {
    if (owner.dead) return new Promise(() => {});
    const rows = rowsOf(table, bytes);
    const fate = doors.enter(owner, `sink.${table.name}`);
    if (fate !== 'go') this.#store(table.name, rows, true);
    doors.leave(owner, `sink.${table.name}`, fate);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ owner, table: table.name, rows, resolve, reject });
    });
  }

  /** `fed`: the feed had its rows too. */
  #store(table: string, rows: readonly Row[], fed: boolean): void {
    const stored = this.#tables.get(table) as Map<string, Row>;
    for (const row of rows) {
      const key = (KEYS[table] as readonly string[]).map((column) => row[column]).join('|');
      this.#compare(table, key, row, stored.get(key));
      if (table === 'sink_positions') this.#advance(stored, key, row);
      else stored.set(key, row);
      if (table === 'card_changes' && fed) this.#feed(row);
    }
  }

  /** A row of a known key says the same again: that is what makes repeating harmless. */
  #compare(table: string, key: string, row: Row, known: Row | undefined): void {
    if (known === undefined || table === 'sink_positions') return;
    const [before, now] = [JSON.stringify(known), JSON.stringify(row)];
    if (before === now) return;
    doors.violations.push(`${table} ${key} is told in two ways:\n  ${before}\n  ${now}`);
  }

  #advance(stored: Map<string, Row>, key: string, row: Row): void {
    if (Number(stored.get(key)?.position ?? -1) <= Number(row.position)) stored.set(key, row);
  }

  #feed(row: Row): void {
    const cards = this.#tables.get('cards') as Map<string, Row>;
    const known = cards.get(String(row.card_id));
    if (known === undefined || Number(known.version) <= Number(row.version)) {
      cards.set(String(row.card_id), row);
    }
  }
}

/** A client whose statements change nothing and whose only question is answered. */
function clientOf(answer: () => unknown[]): ClickHouseClient {
  const result = { json: async () => answer() };
  const client = { command: async () => result, query: async () => result };
  return client as unknown as ClickHouseClient;
}
