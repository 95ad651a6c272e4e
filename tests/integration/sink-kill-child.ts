/**
 * `write DIR`: stores numbered batches for ever, printing the last position after each.
 * `check DIR`: prints what a new process finds, as one JSON line.
 */
import { writeSync } from 'node:fs';
import { Dictionary } from '../../engine/events/dictionary.ts';
import { openDatabase } from '../../engine/sinks/clickhouse-client.ts';
import { ClickHouseSink } from '../../engine/sinks/clickhouse-sink.ts';
import { Reader } from '../../engine/sinks/reader.ts';
import { EventRowWriter } from '../../engine/sinks/rows.ts';
import { card, eventRow } from '../contract/sink.contract.ts';

const BATCH = 5;
const [mode, dir] = process.argv.slice(2) as [string, string];
const database = openDatabase({ kind: 'embedded', path: dir });
const sink = new ClickHouseSink(database);
await sink.open();

if (mode === 'write') {
  for (let from = await sink.position(0); ; from += BATCH) {
    const positions = Array.from({ length: BATCH }, (_, i) => from + 1 + i);
    const writer = new EventRowWriter(0, new Dictionary());
    for (const position of positions) writer.row(eventRow(position));
    const cards = positions.map((position) => card(position % 16, 1 + Math.floor(position / 16)));
    await sink.write({ partition: 0, from, to: from + BATCH, ...writer.take(), cards, dead: [] });
    writeSync(1, `${from + BATCH}\n`);
  }
}

const result = await database.reader.query({
  query: `SELECT count() AS events, uniqExact(position) AS distinct, toInt64(max(position)) AS last,
      (SELECT count() FROM cards_current) AS cards,
      (SELECT uniqExact(card_id) FROM card_changes_once) AS cardsChanged,
      (SELECT count() FROM card_changes_once) AS changes,
      (SELECT uniqExact((card_id, version)) FROM card_changes_once) AS changesDistinct
    FROM events_once`,
  format: 'JSONEachRow',
  clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
});
const [found] = await result.json<Record<string, number>>();
const versions: Record<string, number> = {};
for (const row of await new Reader(database.reader).latestCards(100, {
  organs: null,
  territories: null,
})) {
  versions[row.cardId] = row.version;
}
writeSync(1, `${JSON.stringify({ ...found, position: await sink.position(0), versions })}\n`);
await database.close();
