/**
 * The sink and its reader over the embedded ClickHouse.
 *
 * chDB binds one data folder a process and takes about 700 MB: everything that needs it in one process
 * stands in this one file, which must run in a process of its own (pool `forks`, isolated).
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dictionary } from '../../engine/events/dictionary.ts';
import { ABSENT, EventBatch } from '../../engine/events/event.ts';
import { type Database, openDatabase } from '../../engine/sinks/clickhouse-client.ts';
import { ClickHouseSink } from '../../engine/sinks/clickhouse-sink.ts';
import { migrate } from '../../engine/sinks/migrations.ts';
import { Reader } from '../../engine/sinks/reader.ts';
import { EventRowWriter, OUTCOME_DEAD, OUTCOME_HELD } from '../../engine/sinks/rows.ts';
import type { EventRow, Sink } from '../../engine/sinks/sink.ts';
import { readerQueries } from './reader.contract.ts';
import { sinkContract } from './sink.contract.ts';

const TABLES = ['events', 'card_changes', 'cards', 'dead_letters', 'sink_positions'];

let dir = '';
let database: Database;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mingcha-sink-'));
  database = openDatabase({ kind: 'embedded', path: join(dir, "city's data") });
  await migrate(database.writer);
});
afterAll(async () => {
  await database.close();
  rmSync(dir, { recursive: true });
});

async function fresh(): Promise<{ sink: Sink; reader: Reader }> {
  for (const name of TABLES) await database.writer.command({ query: `TRUNCATE TABLE ${name}` });
  const sink = new ClickHouseSink(database);
  await sink.open();
  return { sink, reader: new Reader(database.reader) };
}

async function rows<T>(query: string): Promise<T[]> {
  const result = await database.reader.query({
    query,
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  });
  return result.json<T>();
}

function events(): Promise<EventRow[]> {
  return rows<EventRow>(
    `SELECT partition, position, toUnixTimestamp64Milli(stamp) AS stampMs, case_key AS caseKey, type,
       toUnixTimestamp64Milli(at) AS atMs, toUnixTimestamp64Milli(recorded_at) AS recordedAtMs,
       toUnixTimestamp64Milli(sent_at) AS sentAtMs, item_code AS itemCode, organ, territory, source,
       seq, rev, stage, outcome, raw
     FROM events_once ORDER BY partition, position`,
  );
}

sinkContract({ name: 'ClickHouse, embedded', fresh, events });
readerQueries({ fresh });

describe('embedded ClickHouse', () => {
  it('says it is ready and answers an insert only when it is stored', async () => {
    expect((await database.reader.ping()).success).toBe(true);
    const [tables] = await rows<{ n: number }>(
      `SELECT count() AS n FROM system.tables WHERE database = currentDatabase()
       AND engine LIKE '%MergeTree' AND NOT (create_table_query LIKE '%fsync_after_insert = 1%'
         AND create_table_query LIKE '%fsync_part_directory = 1%')`,
    );
    expect(tables!.n).toBe(0);
  });

  it('reads while a long insert runs', async () => {
    await fresh();
    let done = false;
    const insert = database.writer
      .command({
        query: `INSERT INTO sink_positions SELECT number % 7, number FROM numbers(300)
          WHERE sleepEachRow(0.003) = 0`,
        clickhouse_settings: { function_sleep_max_microseconds_per_block: '3000000' },
      })
      .then(() => {
        done = true;
      });
    expect(await rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(done).toBe(false);
    await insert;
  });

  it('applies each migration once and refuses changed and unknown ones', async () => {
    expect(await migrate(database.writer)).toEqual([]);
    const folder = join(dir, 'schema');
    mkdirSync(folder);
    await expect(migrate(database.writer, folder)).rejects.toThrow(/does not know/);
    writeFileSync(join(folder, '001-tables.sql'), 'SELECT 1;\n');
    writeFileSync(join(folder, '002-views.sql'), 'SELECT 1;\n');
    await expect(migrate(database.writer, folder)).rejects.toThrow(/001-tables.sql was changed/);
    writeFileSync(join(folder, 'third.sql'), 'SELECT 1;\n');
    await expect(migrate(database.writer, folder)).rejects.toThrow(/third.sql.*not named/);
  });

  it('stores decoded and undecodable records of a batch with their own bytes', async () => {
    const { sink } = await fresh();
    const dictionary = new Dictionary();
    const text = Buffer.from('{"caseKey":"甲-1"}\xff\x00');
    const broken = Buffer.from([0x7b, 0xff, 0x00, 0x0a]);
    const bytes = new EventBatch(2);
    bytes.reset(new Uint8Array(Buffer.concat([text, broken])));
    bytes.count = 2;
    bytes.position.set([0, 1]);
    bytes.stamp.set([1000, 1001]);
    bytes.rawOff.set([0, text.length]);
    bytes.rawLen.set([text.length, broken.length]);
    bytes.reason.set([0, 4]);
    bytes.keyOff[0] = 12;
    bytes.keyLen[0] = Buffer.byteLength('甲-1');
    bytes.type[0] = 3;
    bytes.at[0] = 900;
    bytes.recordedAt.fill(Number.NaN);
    bytes.sentAt[0] = 950;
    bytes.item[0] = dictionary.internText('item-9');
    bytes.organ[0] = dictionary.internText('organ-9');
    bytes.territory[0] = ABSENT;
    bytes.source[0] = dictionary.internText('hall');
    bytes.seq[0] = Number.NaN;
    bytes.rev[0] = 2;
    bytes.stage[0] = ABSENT;
    const writer = new EventRowWriter(5, dictionary);
    writer.record(bytes, 0, OUTCOME_HELD);
    writer.record(bytes, 1, OUTCOME_DEAD);
    expect(writer.count).toBe(2);
    await sink.write({ partition: 5, from: -1, to: 1, ...writer.take(), cards: [], dead: [] });
    expect(writer.count).toBe(0);
    expect(await events()).toMatchObject([
      {
        ...{ partition: 5, position: 0, stampMs: 1000, caseKey: '甲-1', type: 'accepted' },
        ...{ atMs: 900, recordedAtMs: null, sentAtMs: 950, itemCode: 'item-9' },
        ...{ organ: 'organ-9', territory: '', source: 'hall', seq: null, rev: 2, stage: '' },
        outcome: 'held',
      },
      { position: 1, stampMs: 1001, atMs: 1001, caseKey: '', type: '', outcome: 'dead' },
    ]);
    const stored = await rows<{ raw: string }>(
      'SELECT hex(raw) AS raw FROM events_once ORDER BY position',
    );
    expect(stored.map((row) => row.raw.toLowerCase())).toEqual([
      text.toString('hex'),
      broken.toString('hex'),
    ]);
  });
});
