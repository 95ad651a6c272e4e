/**
 * What is read back out of ClickHouse, for the API: cards, their counts, dead letters.
 *
 * Owns: the queries. Reads only the views of schema/, never the tables, so that a repeated batch
 * changes no answer. Does not own: names of rules, items and organs (the pack has them).
 *
 * Every method that lists or counts takes the caller's scope; `conditions.ts` turns it into SQL.
 */
import type { ClickHouseClient } from '@clickhouse/client';
import { assert } from '../base/assert.ts';
import { HOUR_MS } from '../base/units.ts';
import type { CardChange } from '../cards/card.ts';
import { type CardSource, cardSource } from './card-source.ts';
import { Conditions, cardConditions, narrow, UNANSWERED_STATES } from './conditions.ts';
import type {
  CardFacets,
  CardFilter,
  CardRecord,
  CardRecordPage,
  DeadLetterRecord,
  DigestRow,
  HourCount,
  OrganCount,
  RecordPlace,
  RuleCount,
  Visibility,
} from './query.ts';
import { selectRows } from './select.ts';

/** Rows of one page. A caller that wants more asks for the next page. */
export const PAGE_ROWS_MAX = 1000;
const CARDS_OF_CASE_MAX = 1000;
/** Ranges of the first hexadecimal digit of a card id: parts of a digest read in bounded memory. */
const DIGEST_PARTS = [...'0123456789abcdef'];

/** Columns of CardChange under its own names, out of cards_current. */
const CARD_COLUMNS = `
  card_id AS cardId, version, op, state, case_key AS caseKey, rule_id AS ruleId,
  rule_kind AS ruleKind, level, level_rank AS levelRank, category, occurrence, stage,
  item_code AS itemCode, organ, territory, toUnixTimestamp64Milli(due) AS dueMs,
  toUnixTimestamp64Milli(at) AS atMs, provisional, pack_version AS packVersion,
  calendar_version AS calendarVersion, previous_pack_version AS previousPackVersion,
  rule_version AS ruleVersion, previous_rule_version AS previousRuleVersion,
  previous_calendar_version AS previousCalendarVersion,
  toUnixTimestamp64Milli(previous_due) AS previousDueMs, partition, position, actor, detail,
  toUnixTimestamp64Milli(known_at) AS knownMs,
  toUnixTimestamp64Milli(reply_due) AS replyDueMs,
  toUnixTimestamp64Milli(supervise_due) AS superviseDueMs,
  toUnixTimestamp64Milli(issue_at) AS issueMs, parent`;

const UNANSWERED_FIRST = `state IN (${UNANSWERED_STATES.map((state) => `'${state}'`).join(', ')})`;

const ORDERS: Readonly<Record<CardFilter['order'], string>> = {
  worst: `${UNANSWERED_FIRST} DESC, level_rank DESC, due, card_id`,
  newest: 'raised_at DESC, card_id',
};

interface CubeRow {
  readonly level: string;
  readonly state: string;
  readonly organ: string;
  readonly category: string;
  readonly cards: number;
}

interface Origin {
  readonly cardId: string;
  readonly raisedAtMs: number;
  readonly answer: string;
}

export class Reader {
  readonly #client: ClickHouseClient;

  constructor(client: ClickHouseClient) {
    this.#client = client;
  }

  /** `itemCodes`: items whose name holds `query.text`; names are known to the caller. */
  async cards(
    query: CardFilter,
    scope: Visibility,
    itemCodes: readonly string[] = [],
  ): Promise<CardRecordPage> {
    const wide = cardConditions(query, scope, itemCodes);
    const source = cardSource(query.asOfMs, query.caseKey);
    const cube = await this.#rows<CubeRow>(
      `SELECT level, state, organ, category, count() AS cards FROM ${source.from}
       WHERE ${wide.sql} GROUP BY level, state, organ, category`,
      { ...wide.params, ...source.params },
    );
    const narrowed = cube.filter((row) => matches(row, query));
    const total = narrowed.reduce((sum, row) => sum + row.cards, 0);
    const cards = total === 0 ? [] : await this.#page(query, scope, itemCodes);
    return { total, cards, facets: facetsOf(cube) };
  }

  /** Null when unknown or outside the scope. */
  async card(cardId: string, scope: Visibility): Promise<CardRecord | null> {
    const conditions = new Conditions(scope).equals('card_id', 'String', cardId);
    const [card] = await this.#cardRows(conditions, 'card_id', 1, 0);
    return card ?? null;
  }

  /** Oldest first. `asOfMs`: as they were believed then. */
  cardsOfCase(caseKey: string, scope: Visibility, asOfMs?: number): Promise<CardRecord[]> {
    const conditions = new Conditions(scope).equals('case_key', 'String', caseKey);
    const source = cardSource(asOfMs, caseKey);
    return this.#cardRows(conditions, 'due, card_id', CARDS_OF_CASE_MAX, 0, source);
  }

  /** Every version of one card, oldest first: what was believed when. */
  cardHistory(cardId: string, scope: Visibility): Promise<CardChange[]> {
    const conditions = new Conditions(scope).equals('card_id', 'String', cardId);
    return this.#rows<CardChange>(
      `SELECT ${CARD_COLUMNS} FROM card_changes_once WHERE ${conditions.sql}
       ORDER BY version LIMIT ${PAGE_ROWS_MAX}`,
      conditions.params,
    );
  }

  /** The cards raised last, newest first, as they stand now. */
  async latestCards(count: number, scope: Visibility): Promise<CardRecord[]> {
    const raised = new Conditions(scope);
    const ids = await this.#rows<{ id: string }>(
      `SELECT card_id AS id FROM card_raises WHERE ${raised.sql}
       ORDER BY raised_at DESC, card_id LIMIT {count:UInt32}`,
      { ...raised.params, count: bounded(count) },
    );
    if (ids.length === 0) return [];
    const order = new Map(ids.map((row, index) => [row.id, index]));
    const conditions = new Conditions(scope).oneOf('card_id', [...order.keys()]);
    const cards = await this.#cardRows(conditions, 'card_id', ids.length, 0);
    return cards.sort((a, b) => order.get(a.cardId)! - order.get(b.cardId)!);
  }

  /** Cards raised since the instant, by UTC hour and level at the time; hours without are left out. */
  async hourly(sinceMs: number, scope: Visibility): Promise<HourCount[]> {
    const conditions = new Conditions(scope).since('raised_at', sinceMs);
    return this.#rows<HourCount>(
      `SELECT intDiv(toUnixTimestamp64Milli(raised_at), ${HOUR_MS}) * ${HOUR_MS} AS hourMs,
         level, count() AS cards
       FROM card_raises WHERE ${conditions.sql} GROUP BY hourMs, level ORDER BY hourMs, level`,
      conditions.params,
    );
  }

  ruleCounts(scope: Visibility): Promise<RuleCount[]> {
    const conditions = new Conditions(scope);
    return this.#rows<RuleCount>(
      `SELECT rule_id AS ruleId, count() AS raised, countIf(${UNANSWERED_FIRST}) AS open
       FROM cards_current WHERE ${conditions.sql} GROUP BY rule_id ORDER BY rule_id`,
      conditions.params,
    );
  }

  /** Unanswered cards by organ and level. */
  openByOrgan(scope: Visibility): Promise<OrganCount[]> {
    const conditions = new Conditions(scope).unanswered();
    return this.#rows<OrganCount>(
      `SELECT organ, territory, level, count() AS open FROM cards_current
       WHERE ${conditions.sql} GROUP BY organ, territory, level ORDER BY organ, territory, level`,
      conditions.params,
    );
  }

  /** Unanswered cards by level. */
  async openByLevel(scope: Visibility): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const row of await this.openByOrgan(scope)) {
      counts[row.level] = (counts[row.level] ?? 0) + row.open;
    }
    return counts;
  }

  /** Where the records of a case lie in a partition's log, but for those nobody could read. */
  recordsOfCase(partition: number, caseKey: string, limit: number): Promise<RecordPlace[]> {
    return this.#rows<RecordPlace>(
      `SELECT position, toUnixTimestamp64Milli(stamp) AS stampMs FROM case_records
       WHERE case_key = {caseKey:String} AND partition = {partition:UInt16} AND outcome != 'dead'
       ORDER BY position LIMIT {limit:UInt32}`,
      { caseKey, partition, limit },
    );
  }

  async eventsCount(): Promise<number> {
    const [row] = await this.#rows<{ n: number }>('SELECT count() AS n FROM events_once', {});
    return row!.n;
  }

  /** Every card of the run, in parts of bounded size. */
  async *digestRows(): AsyncGenerator<readonly DigestRow[]> {
    for (let i = 0; i < DIGEST_PARTS.length; i++) {
      const from = i === 0 ? '' : DIGEST_PARTS[i]!;
      const to = DIGEST_PARTS[i + 1];
      yield await this.#rows<DigestRow>(
        `SELECT card_id AS cardId, level, toUnixTimestamp64Milli(due) AS dueMs, state,
           pack_version AS packVersion, calendar_version AS calendarVersion
         FROM cards_current
         WHERE card_id >= {from:String}${to === undefined ? '' : ' AND card_id < {to:String}'}`,
        to === undefined ? { from } : { from, to },
      );
    }
  }

  /** Newest first. */
  async deadLetters(limit: number, offset: number): Promise<DeadLetterRecord[]> {
    const rows = await this.#rows<Omit<DeadLetterRecord, 'raw'> & { rawBase64: string }>(
      `SELECT partition, position, toUnixTimestamp64Milli(stamp) AS stampMs, kind, code, source,
         raw_base64 AS rawBase64
       FROM dead_letters_current ORDER BY stamp DESC, partition, position DESC
       LIMIT {limit:UInt32} OFFSET {offset:UInt32}`,
      { limit: bounded(limit), offset },
    );
    return rows.map(({ rawBase64, ...row }) => ({
      ...row,
      raw: Buffer.from(rawBase64, 'base64').toString('utf8'),
    }));
  }

  async #page(
    query: CardFilter,
    scope: Visibility,
    itemCodes: readonly string[],
  ): Promise<CardRecord[]> {
    const conditions = narrow(cardConditions(query, scope, itemCodes), query);
    const source = cardSource(query.asOfMs, query.caseKey);
    return this.#cardRows(conditions, ORDERS[query.order], query.limit, query.offset, source);
  }

  async #cardRows(
    conditions: Conditions,
    order: string,
    limit: number,
    offset: number,
    source: CardSource = cardSource(),
  ): Promise<CardRecord[]> {
    assert(Number.isInteger(offset) && offset >= 0, 'offset is a whole number');
    // Only the order by first raising needs the join; it costs as much as the rest of the query.
    const from = order.startsWith('raised_at')
      ? `${source.from} AS c
         INNER JOIN (SELECT card_id, raised_at FROM card_raises) AS r USING (card_id)`
      : source.from;
    const changes = await this.#rows<CardChange>(
      `SELECT ${CARD_COLUMNS} FROM ${from} WHERE ${conditions.sql}
       ORDER BY ${order} LIMIT {limit:UInt32} OFFSET {offset:UInt64}`,
      { ...conditions.params, ...source.params, limit: bounded(limit), offset },
    );
    return this.#withOrigins(changes, source);
  }

  async #withOrigins(changes: readonly CardChange[], source: CardSource): Promise<CardRecord[]> {
    if (changes.length === 0) return [];
    const ids = changes.map((card) => card.cardId);
    const origins = await this.#rows<Origin>(source.origins, { ...source.params, ids });
    const byId = new Map(origins.map((origin) => [origin.cardId, origin]));
    return changes.map((card) => {
      const origin = byId.get(card.cardId);
      return { ...card, raisedAtMs: origin?.raisedAtMs ?? card.atMs, ...answerOf(origin) };
    });
  }

  #rows<T>(query: string, params: Record<string, unknown>): Promise<T[]> {
    return selectRows<T>(this.#client, query, params);
  }
}

function bounded(limit: number): number {
  assert(Number.isInteger(limit) && limit >= 0, 'limit is a whole number');
  return Math.min(limit, PAGE_ROWS_MAX);
}

function matches(row: CubeRow, query: CardFilter): boolean {
  return (
    (query.levels?.includes(row.level) ?? true) &&
    (query.states?.includes(row.state) ?? true) &&
    (query.categories?.includes(row.category) ?? true) &&
    (query.organ === undefined || query.organ === row.organ)
  );
}

function facetsOf(cube: readonly CubeRow[]): CardFacets {
  const counts = (key: 'level' | 'state' | 'organ' | 'category') => {
    const of: Record<string, number> = {};
    for (const row of cube) of[row[key]] = (of[row[key]] ?? 0) + row.cards;
    return of;
  };
  return {
    level: counts('level'),
    state: counts('state'),
    organ: counts('organ'),
    category: counts('category'),
  };
}

function answerOf(origin: Origin | undefined): Pick<CardRecord, 'answerCategory' | 'answerText'> {
  if (origin === undefined || origin.answer === '') {
    return { answerCategory: null, answerText: null };
  }
  const answer = JSON.parse(origin.answer) as { category?: string; text?: string };
  return { answerCategory: answer.category ?? null, answerText: answer.text ?? null };
}
