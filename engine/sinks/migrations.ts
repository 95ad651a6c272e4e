/**
 * Numbered SQL files, each applied once, in order, and recorded.
 *
 * Every statement can be repeated (`IF NOT EXISTS`), so a crash between a statement and its record
 * costs nothing. A file that was changed after it was applied is refused: add a new number instead.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';

const FOLDER = join(import.meta.dirname, 'schema');
const FILE_NAME = /^(\d{3})-[a-z0-9-]+\.sql$/;

const RECORD_TABLE = `
CREATE TABLE IF NOT EXISTS schema_migrations
(
    number UInt16,
    name String,
    sha256 String
)
ENGINE = ReplacingMergeTree
ORDER BY number
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`;

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
  readonly statements: readonly string[];
}

/** Returns the names of the files applied now. */
export async function migrate(client: ClickHouseClient, folder = FOLDER): Promise<string[]> {
  await client.command({ query: RECORD_TABLE });
  const result = await client.query({
    query: 'SELECT number, name, sha256 FROM schema_migrations FINAL',
    format: 'JSONEachRow',
  });
  const rows = await result.json<{ number: number; name: string; sha256: string }>();
  const done = new Map(rows.map((row) => [row.number, row]));
  const applied: string[] = [];
  for (const migration of readMigrations(folder)) {
    const before = done.get(migration.number);
    done.delete(migration.number);
    if (before !== undefined) assertUnchanged(migration, before);
    else {
      await apply(client, migration);
      applied.push(migration.name);
    }
  }
  const [unknown] = done.values();
  if (unknown !== undefined) {
    throw new Error(
      `the database has migration ${unknown.name}, which this version does not know; ` +
        'use the version that made it, or a newer one',
    );
  }
  return applied;
}

function assertUnchanged(migration: Migration, before: { sha256: string }): void {
  if (before.sha256 === migration.sha256) return;
  throw new Error(
    `migration ${migration.name} was changed after this database was made with it; ` +
      'undo the change and put it into a new file, or rebuild the database from the log',
  );
}

async function apply(client: ClickHouseClient, migration: Migration): Promise<void> {
  for (const query of migration.statements) await client.command({ query });
  await client.command({
    query: 'INSERT INTO schema_migrations SELECT {number:UInt16}, {name:String}, {sha256:String}',
    query_params: {
      number: migration.number,
      name: migration.name,
      sha256: migration.sha256,
    },
    clickhouse_settings: { async_insert: 0 },
  });
}

function readMigrations(folder: string): Migration[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => {
      const match = FILE_NAME.exec(name);
      if (match === null) throw new Error(`${name} in ${folder} is not named like 001-what.sql`);
      const text = readFileSync(join(folder, name), 'utf8');
      return {
        number: Number(match[1]),
        name,
        sha256: createHash('sha256').update(text).digest('hex'),
        statements: statementsOf(text),
      };
    });
}

/** Statements end with a semicolon at the end of a line; comments are whole lines. */
export function statementsOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('--'))
    .join('\n')
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
