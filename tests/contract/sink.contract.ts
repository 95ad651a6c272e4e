/**
 * What every sink promises (S1-S3 of engine/sinks/sink.ts) and what its reader answers, as tests over a
 * place to write to. `fresh` empties it.
 */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CardChange } from '../../engine/cards/card.ts';
import { Dictionary } from '../../engine/events/dictionary.ts';
import type { CardQuery, Scope } from '../../engine/facade.ts';
import type { Reader } from '../../engine/sinks/reader.ts';
import { EventRowWriter } from '../../engine/sinks/rows.ts';
import type { DeadLetterRow, EventRow, Sink, SinkBatch } from '../../engine/sinks/sink.ts';

export interface SinkDriver {
  readonly name: string;
  /** Empties the place and opens a new sink on it. */
  fresh(): Promise<{ sink: Sink; reader: Reader }>;
  /** Event rows as the view gives them, by partition and position. */
  events(): Promise<readonly EventRow[]>;
}

export const ALL: Scope = { organs: null, territories: null };
export const WORST: CardQuery = { order: 'worst', limit: 50, offset: 0 };

export function eventRow(position: number, more: Partial<EventRow> = {}): EventRow {
  return {
    partition: 0,
    position,
    stampMs: 1_700_000_000_000 + position,
    caseKey: `CASE-${position}`,
    type: 'received',
    atMs: 1_700_000_000_000 + position,
    recordedAtMs: null,
    sentAtMs: null,
    itemCode: 'item-1',
    organ: 'organ-1',
    territory: '330102',
    source: 'hall',
    seq: position,
    rev: 0,
    stage: '',
    outcome: 'applied',
    raw: `{"n":${position}}`,
    ...more,
  };
}

export function cardId(n: number): string {
  return (Math.imul(n + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0').repeat(4);
}

export function card(n: number, version: number, more: Partial<CardChange> = {}): CardChange {
  return {
    cardId: cardId(n),
    version,
    op: version === 1 ? 'raised' : 'moved',
    state: 'issued',
    caseKey: `CASE-${n}`,
    ruleId: 'promise',
    ruleKind: 'clock',
    level: 'yellow',
    levelRank: 3,
    category: 'deadline',
    occurrence: 0,
    stage: '',
    itemCode: 'item-1',
    organ: 'organ-1',
    territory: '330102',
    dueMs: 1_700_000_000_000 + n,
    atMs: 1_700_000_000_000 + n * 10 + version,
    knownMs: 1_700_000_000_000 + n * 10 + version + 5,
    provisional: false,
    packVersion: 1,
    calendarVersion: 1,
    ruleVersion: 3,
    previousRuleVersion: 2,
    previousPackVersion: 0,
    previousCalendarVersion: 0,
    previousDueMs: null,
    partition: 0,
    position: n,
    actor: '',
    detail: '',
    replyDueMs: null,
    superviseDueMs: null,
    issueMs: null,
    parent: '',
    ...more,
  };
}

export function batch(
  from: number,
  to: number,
  more: {
    partition?: number;
    rows?: readonly EventRow[];
    cards?: readonly CardChange[];
    dead?: readonly DeadLetterRow[];
  } = {},
): SinkBatch {
  const partition = more.partition ?? 0;
  const writer = new EventRowWriter(partition, new Dictionary());
  for (const row of more.rows ?? []) writer.row(row);
  return {
    partition,
    from,
    to,
    ...writer.take(),
    cards: more.cards ?? [],
    dead: more.dead ?? [],
  };
}

function rowsBetween(from: number, to: number): EventRow[] {
  return Array.from({ length: to - from }, (_, i) => eventRow(from + 1 + i));
}

export const NASTY_TEXTS: readonly string[] = [
  '',
  "'; DROP TABLE events; --",
  "x' OR '1'='1",
  '{p0:String}',
  '100% _sure\\',
  '"quoted"\\n\\t\\0',
  'tab\tline\nreturn\rnul\0bell\u0007del\u007f',
  '行政审批电子监察 · 逾期未办结（红牌）',
  '𠀀𠮷👩‍👩‍👧 e\u0301',
  '\\N',
  'NULL',
  '\u2028\u2029\ufeff',
  'x'.repeat(1_000_000),
  '长'.repeat(100_000),
];

export function sinkContract(driver: SinkDriver): void {
  describe(`sink contract: ${driver.name}`, () => {
    let sink: Sink;
    let reader: Reader;

    beforeEach(async () => {
      ({ sink, reader } = await driver.fresh());
    });

    it('S1 what was written is there: every column of an event', async () => {
      const full = eventRow(1, {
        recordedAtMs: 1_700_000_000_123,
        sentAtMs: -1,
        seq: 9_007_199_254_740_991,
        rev: 3,
        stage: 'review',
        outcome: 'held',
      });
      const bare = eventRow(0, { seq: null, atMs: -62_135_596_800_000, rev: -1 });
      await sink.write(batch(-1, 1, { rows: [bare, full] }));
      expect(await driver.events()).toEqual([bare, full]);
    });

    it('S1 what was written is there: every field of a card change', async () => {
      const change = card(1, 1, {
        stage: 'review',
        provisional: true,
        occurrence: 7,
        actor: '张三',
        detail: '{"reason":"迟到的证据"}',
        packVersion: 20_261_104,
        position: 9_007_199_254_740_991,
        partition: 65_535,
      });
      await sink.write(batch(-1, 0, { cards: [change] }));
      expect(await reader.card(change.cardId, ALL)).toEqual({
        ...change,
        raisedAtMs: change.atMs,
        answerCategory: null,
        answerText: null,
      });
    });

    it('S1 keeps any text as it is, in events and cards', async () => {
      const rows = NASTY_TEXTS.map((text, i) => eventRow(i, { caseKey: text, raw: text }));
      const cards = NASTY_TEXTS.map((text, i) => card(i, 1, { caseKey: text, detail: text }));
      await sink.write(batch(-1, rows.length - 1, { rows, cards }));
      expect(await driver.events()).toEqual(rows);
      for (let i = 0; i < NASTY_TEXTS.length; i++) {
        const [history] = await reader.cardHistory(cardId(i), ALL);
        expect(history).toEqual(cards[i]);
      }
    });

    it('S2 the same batch twice, and overlapping ones, change no answer', async () => {
      const cards = [card(1, 1), card(2, 1), card(1, 2, { state: 'withdrawn' })];
      const dead: DeadLetterRow = {
        partition: 0,
        position: 3,
        stampMs: 5,
        kind: 'dead',
        code: 'TYPE_UNKNOWN',
        source: 'hall',
        rawBase64: Buffer.from('坏').toString('base64'),
      };
      const all = { rows: rowsBetween(-1, 9), cards, dead: [dead] };
      await sink.write(batch(-1, 9, all));
      const before = await answers();
      await sink.write(batch(-1, 9, all));
      await sink.write(batch(-1, 4, { rows: rowsBetween(-1, 4), cards: cards.slice(0, 1) }));
      await sink.write(batch(4, 9, { rows: rowsBetween(4, 9), cards: cards.slice(1) }));
      expect(await answers()).toEqual(before);
      expect(await reader.eventsCount()).toBe(10);
      expect(await sink.position(0)).toBe(9);
    });

    async function answers(): Promise<unknown> {
      return {
        events: await driver.events(),
        count: await reader.eventsCount(),
        page: await reader.cards(WORST, ALL),
        newest: await reader.cards({ ...WORST, order: 'newest' }, ALL),
        latest: await reader.latestCards(10, ALL),
        hourly: await reader.hourly(0, ALL),
        rules: await reader.ruleCounts(ALL),
        organs: await reader.openByOrgan(ALL),
        dead: await reader.deadLetters(10, 0),
        digest: await digest(),
        history: await reader.cardHistory(cardId(1), ALL),
      };
    }

    async function digest(): Promise<string[]> {
      const rows: string[] = [];
      for await (const part of reader.digestRows()) {
        for (const row of part) rows.push(JSON.stringify(row));
      }
      return rows.sort();
    }

    it('S2 however the log is cut, repeated and grouped, the answers are the same', async () => {
      const end = 30;
      const changes = Array.from({ length: end }, (_, i) =>
        card(i % 7, 1 + Math.floor(i / 7), { position: i, levelRank: 1 + (i % 5) }),
      );
      const cut = (from: number, to: number) =>
        batch(from, to, { rows: rowsBetween(from, to), cards: changes.slice(from + 1, to + 1) });
      await sink.write(cut(-1, end - 1));
      const expected = await answers();
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat({ max: 9 }), fc.integer({ min: 1, max: 12 })), {
            minLength: 1,
            maxLength: 8,
          }),
          async (steps) => {
            ({ sink, reader } = await driver.fresh());
            let reached = -1;
            const writes: Promise<void>[] = [];
            for (const [back, ahead] of [...steps, [0, end] as const]) {
              const from = Math.max(-1, reached - back);
              const to = Math.min(end - 1, reached + ahead);
              writes.push(sink.write(cut(from, to)));
              reached = to;
            }
            await Promise.all(writes);
            expect(await answers()).toEqual(expected);
          },
        ),
        { numRuns: 6 },
      );
    });

    it('S3 positions stand apart by partition and begin at -1', async () => {
      expect(await sink.position(0)).toBe(-1);
      await sink.write(batch(-1, 4));
      await sink.write(batch(-1, 2, { partition: 3 }));
      await sink.write(batch(4, 4));
      expect([await sink.position(0), await sink.position(3), await sink.position(1)]).toEqual([
        4, 2, -1,
      ]);
    });

    it('S3 refuses a batch that leaves a gap, naming both positions', async () => {
      await sink.write(batch(-1, 4));
      await expect(sink.write(batch(5, 9))).rejects.toThrow(/up to position 4.*begins after 5/);
      await sink.write(batch(4, 9));
      expect(await sink.position(0)).toBe(9);
    });

    it('the newest version of a card stands, in whatever order versions were written', async () => {
      const raised = card(1, 1, { op: 'raised', state: 'issued' });
      const seen = card(1, 2, { op: 'acknowledged', state: 'acknowledged' });
      const answered = card(1, 3, {
        op: 'answered',
        state: 'answered',
        detail: '{"category":"confirmed","text":"已整改 \\"完成\\""}',
      });
      const moved = card(1, 4, { op: 'moved', state: 'answered', dueMs: 99 });
      await sink.write(batch(-1, 1, { cards: [answered, moved] }));
      await sink.write(batch(-1, 1, { cards: [seen, raised] }));
      expect(await reader.card(cardId(1), ALL)).toEqual({
        ...moved,
        raisedAtMs: raised.atMs,
        answerCategory: 'confirmed',
        answerText: '已整改 "完成"',
      });
      expect(await reader.cardHistory(cardId(1), ALL)).toEqual([raised, seen, answered, moved]);
    });

    it('a released record is no longer listed as held', async () => {
      const held: DeadLetterRow = {
        partition: 0,
        position: 3,
        stampMs: 5,
        kind: 'held',
        code: 'REVISION_GAP',
        source: 'hall',
        rawBase64: Buffer.from('{"a":1}').toString('base64'),
      };
      const dead: DeadLetterRow = { ...held, position: 4, stampMs: 6, kind: 'dead' };
      await sink.write(batch(-1, 4, { dead: [held, dead] }));
      expect((await reader.deadLetters(10, 0)).map((row) => [row.position, row.kind])).toEqual([
        [4, 'dead'],
        [3, 'held'],
      ]);
      await sink.write(batch(4, 5, { dead: [{ ...held, kind: 'released', stampMs: 9 }] }));
      expect(await reader.deadLetters(10, 0)).toEqual([
        {
          partition: 0,
          position: 4,
          stampMs: 6,
          kind: 'dead',
          code: 'REVISION_GAP',
          source: 'hall',
          raw: '{"a":1}',
        },
      ]);
      expect(await reader.deadLetters(10, 1)).toEqual([]);
    });
  });
}
