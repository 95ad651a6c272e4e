/** The server form over a stand-in that speaks just enough HTTP: what is sent, and what is a failure. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../../engine/sinks/clickhouse-client.ts';
import { SINK_POSITIONS } from '../../../engine/sinks/rows.ts';

describe('ClickHouse over HTTP', () => {
  let server: Server;
  let database: Database;
  let requests: { url: URL; body: Buffer }[] = [];
  let status = 200;

  beforeEach(async () => {
    requests = [];
    status = 200;
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        requests.push({ url: new URL(request.url!, 'http://x'), body: Buffer.concat(parts) });
        response.writeHead(status);
        response.end(status === 200 ? '' : 'Code: 241. DB::Exception: Memory limit exceeded.');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    database = openDatabase({ kind: 'server', url: `http://127.0.0.1:${port}` });
  });
  afterEach(async () => {
    await database.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('sends the bytes as they are, waits for the answer, and never queues an insert', async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 37) % 256);
    await database.insert(SINK_POSITIONS, bytes);
    expect(requests).toHaveLength(1);
    const { url, body } = requests[0]!;
    expect(Buffer.compare(body, bytes)).toBe(0);
    expect(url.searchParams.get('query')).toBe(
      'INSERT INTO sink_positions (partition, position) FORMAT RowBinary',
    );
    expect(url.searchParams.get('async_insert')).toBe('0');
    expect(url.searchParams.get('wait_end_of_query')).toBe('1');
  });

  it('an error answer is a failure', async () => {
    status = 500;
    await expect(database.insert(SINK_POSITIONS, new Uint8Array(3))).rejects.toThrow(
      /Memory limit/,
    );
  });
});
