/** Order, grouping and failure of the sink over a database made by hand. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../engine/sinks/clickhouse-client.ts';
import { ClickHouseSink } from '../../../engine/sinks/clickhouse-sink.ts';
import type { SinkBatch } from '../../../engine/sinks/sink.ts';
import { batch, card, eventRow } from '../../contract/sink.contract.ts';

class HandDatabase {
  readonly inserts: { table: string; bytes: number }[] = [];
  failOn = '';
  /** Inserts wait here until let go. */
  gate: Promise<void> = Promise.resolve();

  async insert(table: { name: string }, bytes: Uint8Array): Promise<void> {
    await this.gate;
    if (this.failOn === table.name) throw new Error(`${table.name} is away`);
    this.inserts.push({ table: table.name, bytes: bytes.length });
  }
}

describe('ClickHouse sink', () => {
  let database: HandDatabase;
  let sink: ClickHouseSink;

  beforeEach(() => {
    database = new HandDatabase();
    sink = new ClickHouseSink(database as unknown as Database);
  });

  const full = (from: number, to: number, partition = 0): SinkBatch =>
    batch(from, to, {
      partition,
      rows: [eventRow(to, { partition })],
      cards: [card(to, 1)],
      dead: [
        { partition, position: to, stampMs: 1, kind: 'dead', code: 'X', source: '', rawBase64: '' },
      ],
    });

  const tables = () => database.inserts.map((insert) => insert.table);

  it('writes events, dead letters and cards before the position that speaks of them', async () => {
    await sink.write(full(-1, 0));
    expect(tables()).toEqual(['events', 'dead_letters', 'card_changes', 'sink_positions']);
  });

  it('writes only the position for a batch without rows', async () => {
    await sink.write(batch(-1, 7));
    expect(tables()).toEqual(['sink_positions']);
    expect(await sink.position(0)).toBe(7);
  });

  it('puts what waited during an insert into the next one together', async () => {
    let open = (): void => undefined;
    database.gate = new Promise((resolve) => {
      open = resolve;
    });
    const done = [sink.write(full(-1, 0)), sink.write(full(0, 1)), sink.write(full(-1, 5, 2))];
    open();
    await Promise.all(done);
    expect(tables().filter((name) => name === 'events')).toHaveLength(2);
    expect(await sink.position(0)).toBe(1);
    expect(await sink.position(2)).toBe(5);
  });

  it('does not move the position when any insert before it failed, and can be tried again', async () => {
    for (const table of ['events', 'dead_letters', 'card_changes', 'sink_positions']) {
      database.failOn = table;
      await expect(sink.write(full(-1, 0)), table).rejects.toThrow(`${table} is away`);
      expect(await sink.position(0), table).toBe(-1);
    }
    database.failOn = '';
    await sink.write(full(-1, 0));
    expect(await sink.position(0)).toBe(0);
  });

  it('a failed batch takes the ones behind it along, so that none is stored over a gap', async () => {
    database.failOn = 'card_changes';
    const results = await Promise.allSettled([
      sink.write(full(-1, 0)),
      sink.write(full(0, 1)),
      sink.write(full(1, 2)),
    ]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected', 'rejected']);
    database.failOn = '';
    await expect(sink.write(full(2, 3))).rejects.toThrow(/up to position -1.*begins after 2/);
    await sink.write(full(-1, 0));
    expect(await sink.position(0)).toBe(0);
  });

  it('a gap in one partition does not disturb the others', async () => {
    const gap = expect(sink.write(full(5, 6, 1))).rejects.toThrow(/partition 1/);
    await sink.write(full(-1, 0, 0));
    await gap;
    expect(await sink.position(0)).toBe(0);
  });

  it('closes only when nothing is being written', async () => {
    let open = (): void => undefined;
    database.gate = new Promise((resolve) => {
      open = resolve;
    });
    const written = sink.write(full(-1, 0));
    let closed = false;
    const closing = sink.close().then(() => {
      closed = true;
    });
    await Promise.resolve();
    expect(closed).toBe(false);
    open();
    await Promise.all([written, closing]);
    expect(tables()).toContain('sink_positions');
  });
});
