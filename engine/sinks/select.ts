/** One question to ClickHouse: parameters bound, whole numbers up to 64 bits as numbers. */
import type { ClickHouseClient } from '@clickhouse/client';

export async function selectRows<T>(
  client: ClickHouseClient,
  query: string,
  params: Readonly<Record<string, unknown>>,
): Promise<T[]> {
  const result = await client.query({
    query,
    query_params: params,
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  });
  return result.json<T>();
}
