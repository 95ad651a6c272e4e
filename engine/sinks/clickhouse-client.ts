/**
 * One ClickHouse, embedded or a server, behind one small shape.
 *
 * Owns: which of the two, and the settings every statement runs under.
 * Does not own: tables (schema/), what is written (clickhouse-sink.ts) or read (reader.ts).
 */
import { Readable } from 'node:stream';
import {
  type ClickHouseClient,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
} from '@clickhouse/client';
import { openEmbedded } from './chdb-connection.ts';
import type { Table } from './rows.ts';

export interface Database {
  readonly writer: ClickHouseClient;
  readonly reader: ClickHouseClient;
  /** Long reads of those who check the engine; nobody waits for them. */
  readonly auditor: ClickHouseClient;
  /** Inserts rows encoded as RowBinary; resolves once they are on disk. One at a time. */
  insert(table: Table, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export type DatabaseOptions =
  | { readonly kind: 'embedded'; readonly path: string }
  | {
      readonly kind: 'server';
      readonly url: string;
      readonly username?: string;
      readonly password?: string;
      readonly database?: string;
    };

/** An answer must mean "stored", never "queued". */
const WRITE_SETTINGS: ClickHouseSettings = { async_insert: 0, wait_end_of_query: 1 };
const REQUEST_TIMEOUT_MS = 60_000;

export function openDatabase(options: DatabaseOptions): Database {
  return options.kind === 'embedded' ? openEmbedded(options.path) : openServer(options);
}

function openServer(options: Extract<DatabaseOptions, { kind: 'server' }>): Database {
  const common = {
    url: options.url,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(options.database === undefined ? {} : { database: options.database }),
    request_timeout: REQUEST_TIMEOUT_MS,
    // Failures reach the caller as errors; it decides what is logged.
    log: { level: ClickHouseLogLevel.OFF },
  };
  const writer = createClient({ ...common, clickhouse_settings: WRITE_SETTINGS });
  const reader = createClient(common);
  return {
    writer,
    reader,
    // A server runs many statements at a time.
    auditor: reader,
    async insert(table, bytes) {
      const names = table.columns.map((column) => column.name).join(', ');
      const result = await writer.exec({
        query: `INSERT INTO ${table.name} (${names}) FORMAT RowBinary`,
        values: Readable.from([bytes], { objectMode: false }),
      });
      // The answer has no body, but its socket is free only once the stream has ended.
      for await (const _chunk of result.stream);
    },
    async close() {
      await reader.close();
      await writer.close();
    },
  };
}
