/**
 * The embedded ClickHouse (chDB). The only file that knows it: everything else speaks
 * `@clickhouse/client`, whose `connection` option this uses. That option is experimental, so both
 * packages are pinned and tests/contract/sink.test.ts holds what is relied on here.
 *
 * chDB binds one data folder a process and keeps it locked; several connections to that folder may be
 * open. One connection runs one statement at a time, hence one for writing, one for reading and one for
 * the long reads of the dead man's check.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  type ClickHouseClient,
  type ClickHouseClientConfigOptions,
  createClient,
} from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import type { Database } from './clickhouse-client.ts';
import type { Table } from './rows.ts';

/**
 * Opens the data folder, made when missing. Rows go in through a file beside the data: the engine
 * reads RowBinary from there three times as fast as it takes text inside a statement, and a statement
 * cannot carry bytes.
 */
export function openEmbedded(path: string): Database {
  const folder = resolve(path);
  const inbox = join(folder, 'user_files');
  mkdirSync(inbox, { recursive: true });
  const writer = connect(folder);
  const reader = connect(folder);
  const auditor = connect(folder);
  const file = join(inbox, 'insert.rowbinary');
  return {
    writer,
    reader,
    auditor,
    async insert(table, bytes) {
      writeFileSync(file, bytes);
      await writer.command({ query: insertFromFile(table, file) });
    },
    async close() {
      await auditor.close();
      await reader.close();
      await writer.close();
      rmSync(file, { force: true });
    },
  };
}

function connect(path: string): ClickHouseClient {
  // The same contract, but typed from another copy of the client's common package.
  const connection = createChdbConnection({ path }) as unknown;
  return createClient({ connection: connection as ClickHouseClientConfigOptions['connection'] });
}

function insertFromFile(table: Table, file: string): string {
  const structure = table.columns.map((column) => `${column.name} ${column.type}`).join(', ');
  const names = table.columns.map((column) => column.name).join(', ');
  return (
    `INSERT INTO ${table.name} (${names}) ` +
    `SELECT ${names} FROM file(${quoted(file)}, 'RowBinary', ${quoted(structure)})`
  );
}

/** A string literal. Only for the folder and our own column names, which are no one's input. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
