/**
 * Cases as they are stored: all records of a case and its cards, for those who check the engine from
 * outside (the dossier, the dead man's check).
 *
 * Owns: the queries. Reads only the views of schema/. Takes no scope: what it reads is judged, counted
 * and exported by the operator, never answered to a caller.
 */
import type { ClickHouseClient } from '@clickhouse/client';
import type { StoredCard, StoredCase, StoredRecord } from './query.ts';
import { selectRows } from './select.ts';

/** Positions up to which a partition is looked at, by partition; a partition left out is not read. */
export type UpTo = Readonly<Record<number, number>>;

/** Cases without a terminal event, or with a record since. */
export interface Lively {
  readonly terminal: readonly string[];
  readonly sinceMs: number;
}

interface RecordRow extends StoredRecord {
  readonly caseKey: string;
  readonly partition: number;
}

interface CardRow extends StoredCard {
  readonly caseKey: string;
}

const CARD_COLUMNS = `case_key AS caseKey, rule_id AS rule, stage, occurrence, level,
  toUnixTimestamp64Milli(due) AS dueMs, state, provisional, organ, territory`;

export class CaseReader {
  readonly #client: ClickHouseClient;

  constructor(client: ClickHouseClient) {
    this.#client = client;
  }

  /** How many there are; `lively`: only those of them. */
  async count(lively?: Lively): Promise<number> {
    const [row] = await this.#rows<{ n: number }>(
      `SELECT uniqExact(case_key) AS n FROM events_once
       WHERE case_key != '' AND ${livelySql(lively)}`,
      { ...lively },
    );
    return row?.n ?? 0;
  }

  /** Part `part` of `parts` of all cases, cut by their keys. */
  part(part: number, parts: number, upTo: UpTo, lively?: Lively): Promise<StoredCase[]> {
    const where = `cityHash64(case_key) % {parts:UInt32} = {part:UInt32} AND ${livelySql(lively)}`;
    return this.#cases(where, { part, parts, ...lively }, upTo);
  }

  of(keys: readonly string[], upTo: UpTo): Promise<StoredCase[]> {
    return this.#cases('has({keys:Array(String)}, case_key)', { keys }, upTo);
  }

  async #cases(where: string, params: Record<string, unknown>, upTo: UpTo): Promise<StoredCase[]> {
    const partitions = Object.keys(upTo).map(Number);
    const bounded = `${where} AND case_key != '' AND position <=
      transform(partition, {partitions:Array(UInt16)}, {positions:Array(Int64)}, toInt64(-1))`;
    const all = { ...params, partitions, positions: partitions.map((p) => upTo[p]) };
    const records = await this.#rows<RecordRow>(
      `SELECT case_key AS caseKey, partition, position, toUnixTimestamp64Milli(stamp) AS stampMs, raw
       FROM events_once WHERE ${bounded} AND outcome != 'dead'
         AND (partition, position) NOT IN (
           SELECT partition, position FROM dead_letters_current WHERE kind = 'dead')
       ORDER BY case_key, position`,
      all,
    );
    const cards = await this.#rows<CardRow>(
      `SELECT ${CARD_COLUMNS} FROM card_changes_once WHERE ${bounded}
       ORDER BY card_id, version DESC LIMIT 1 BY card_id`,
      all,
    );
    return together(records, cards);
  }

  #rows<T>(query: string, params: Record<string, unknown>): Promise<T[]> {
    return selectRows<T>(this.#client, query, params);
  }
}

function livelySql(lively: Lively | undefined): string {
  if (lively === undefined) return '1';
  return `case_key IN (
    SELECT case_key FROM events_once GROUP BY case_key
    HAVING NOT max(has({terminal:Array(String)}, type))
      OR toUnixTimestamp64Milli(max(stamp)) >= {sinceMs:Int64})`;
}

function together(records: readonly RecordRow[], cards: readonly CardRow[]): StoredCase[] {
  const cases = new Map<string, StoredCase & { records: StoredRecord[]; cards: StoredCard[] }>();
  for (const { caseKey, partition, ...record } of records) {
    let one = cases.get(caseKey);
    if (one === undefined) {
      one = { caseKey, partition, records: [], cards: [] };
      cases.set(caseKey, one);
    }
    one.records.push(record);
  }
  for (const { caseKey, ...card } of cards) cases.get(caseKey)?.cards.push(card);
  return [...cases.values()];
}
