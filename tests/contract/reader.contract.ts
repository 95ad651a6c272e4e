/** What the reader answers, over a sink that can be emptied. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { CardQuery, Scope } from '../../engine/facade.ts';
import type { Reader } from '../../engine/sinks/reader.ts';
import type { Sink } from '../../engine/sinks/sink.ts';
import { ALL, batch, card, cardId, NASTY_TEXTS, WORST } from './sink.contract.ts';

const LEVELS = ['notice', 'warning', 'yellow', 'red'];

/** 24 cards: organ 0-3, territory 0-1, level by n, every third answered. */
const CARDS = Array.from({ length: 24 }, (_, n) => {
  const rank = 1 + (n % 4);
  return card(n, 1, {
    organ: `organ-${n % 4}`,
    territory: `3301${n % 2}`,
    level: LEVELS[rank - 1]!,
    levelRank: rank,
    ruleId: n % 2 === 0 ? 'promise' : 'statute',
    category: n % 6 === 0 ? 'fee' : 'deadline',
    itemCode: `item-${n % 5}`,
    state: n % 3 === 0 ? 'answered' : 'issued',
    dueMs: 1000 - n,
    atMs: n * 1_800_000,
  });
});

export function readerQueries(driver: { fresh(): Promise<{ sink: Sink; reader: Reader }> }): void {
  describe('reader', () => {
    let reader: Reader;
    let sink: Sink;

    beforeEach(async () => {
      ({ sink, reader } = await driver.fresh());
      await sink.write(batch(-1, 23, { cards: CARDS }));
    });

    const numbers = (page: { cards: readonly { cardId: string }[] }) =>
      page.cards.map((found) => CARDS.findIndex((known) => known.cardId === found.cardId));

    it('orders worst first: unanswered, then level, then the oldest due', async () => {
      const expected = [...CARDS.keys()].sort((a, b) => {
        const [x, y] = [CARDS[a]!, CARDS[b]!];
        const open = Number(y.state === 'issued') - Number(x.state === 'issued');
        return open || y.levelRank - x.levelRank || x.dueMs - y.dueMs;
      });
      const page = await reader.cards(WORST, ALL);
      expect(numbers(page)).toEqual(expected);
      expect(page.total).toBe(24);
    });

    it('tells cards as they were known at an instant, counts and order included', async () => {
      const knownMs = 50_000_000;
      const moved = { ...CARDS[2]!, version: 2, op: 'withdrawn', state: 'withdrawn' } as const;
      const answer = { ...CARDS[4]!, version: 2, op: 'answered', state: 'answered' } as const;
      const detail = '{"category":"confirmed","text":"属实"}';
      const late = [
        { ...moved, atMs: 60_000_000, knownMs: 60_000_000 },
        // Took effect before it was known: late evidence.
        { ...answer, detail, atMs: 1, knownMs: 60_000_000 },
        card(40, 1, { organ: 'organ-1', territory: '33011', atMs: 5, knownMs: 60_000_000 }),
      ];
      const early = CARDS.map((one) => ({ ...one, knownMs }));
      ({ sink, reader } = await driver.fresh());
      await sink.write(batch(-1, 24, { cards: [...early, ...late] }));
      const then = { ...WORST, asOfMs: knownMs };
      const page = await reader.cards(then, ALL);
      expect(page.total).toBe(24);
      expect(page.cards.every(({ state }) => state !== 'withdrawn')).toBe(true);
      expect(page.cards.every(({ answerText }) => answerText === null)).toBe(true);
      expect(page.facets.state).toEqual({ answered: 8, issued: 16 });
      const newest = await reader.cards({ ...then, order: 'newest' }, ALL);
      expect(numbers(newest)).toEqual([...CARDS.keys()].reverse());
      expect((await reader.cards({ ...WORST, asOfMs: knownMs - 1 }, ALL)).total).toBe(0);
      const now = await reader.cards({ ...WORST, asOfMs: 60_000_000 }, ALL);
      expect(now).toEqual(await reader.cards(WORST, ALL));
      const scope = { organs: ['organ-2'], territories: null };
      expect(numbers(await reader.cards(then, scope)).every((n) => n % 4 === 2)).toBe(true);
      const [ofCase] = await reader.cardsOfCase('CASE-2', ALL, knownMs);
      expect(ofCase).toMatchObject({ state: 'issued', version: 1 });
      expect(await reader.cardsOfCase('CASE-40', ALL, knownMs)).toEqual([]);
    });

    it('orders newest first by when a card was first raised, not by its last change', async () => {
      await sink.write(
        batch(23, 24, { cards: [{ ...CARDS[2]!, version: 2, op: 'moved', atMs: 1e9 }] }),
      );
      const page = await reader.cards({ ...WORST, order: 'newest' }, ALL);
      expect(numbers(page)).toEqual([...CARDS.keys()].reverse());
      expect(page.cards.find((found) => found.cardId === cardId(2))).toMatchObject({
        raisedAtMs: CARDS[2]!.atMs,
        atMs: 1e9,
      });
    });

    it('pages without overlap or hole, and reports the whole total', async () => {
      const whole = numbers(await reader.cards(WORST, ALL));
      const parts: number[] = [];
      for (let offset = 0; offset < 30; offset += 7) {
        const page = await reader.cards({ ...WORST, limit: 7, offset }, ALL);
        expect(page.total).toBe(24);
        parts.push(...numbers(page));
      }
      expect(parts).toEqual(whole);
    });

    it('filters by level, state, category, organ, rule, case and being open', async () => {
      const cases: [Partial<CardQuery>, (n: number) => boolean][] = [
        [{ levels: ['red', 'yellow'] }, (n) => n % 4 >= 2],
        [{ levels: [] }, () => false],
        [{ states: ['answered'] }, (n) => n % 3 === 0],
        [{ categories: ['fee'] }, (n) => n % 6 === 0],
        [{ organ: 'organ-2' }, (n) => n % 4 === 2],
        [{ ruleId: 'statute' }, (n) => n % 2 === 1],
        [{ caseKey: 'CASE-5' }, (n) => n === 5],
        [{ open: true }, (n) => n % 3 !== 0],
        [{ open: true, organ: 'organ-1', levels: ['warning'] }, (n) => n % 4 === 1 && n % 3 !== 0],
      ];
      for (const [filter, holds] of cases) {
        const page = await reader.cards({ ...WORST, ...filter }, ALL);
        const expected = [...CARDS.keys()].filter(holds);
        expect(
          [...numbers(page)].sort((a, b) => a - b),
          JSON.stringify(filter),
        ).toEqual(expected);
        expect(page.total, JSON.stringify(filter)).toBe(expected.length);
      }
    });

    it('counts facets over the filter but without the narrowing by facets', async () => {
      const page = await reader.cards({ ...WORST, ruleId: 'promise', levels: ['red'] }, ALL);
      expect(page.total).toBe(0);
      expect(page.facets.level).toEqual({ notice: 6, yellow: 6 });
      expect(page.facets.state).toEqual({ answered: 4, issued: 8 });
      expect(page.facets.organ).toEqual({ 'organ-0': 6, 'organ-2': 6 });
      expect(page.facets.category).toEqual({ fee: 4, deadline: 8 });
    });

    it('shows nothing outside the scope on any method; an empty list sees nothing', async () => {
      const scopes: [Scope, (n: number) => boolean][] = [
        [{ organs: ['organ-1'], territories: null }, (n) => n % 4 === 1],
        [{ organs: null, territories: ['33010'] }, (n) => n % 2 === 0],
        [{ organs: ['organ-1', 'organ-2'], territories: ['33010'] }, (n) => n % 4 === 2],
        [{ organs: [], territories: null }, () => false],
        [{ organs: null, territories: [] }, () => false],
        [{ organs: ["organ-1' OR '1'='1"], territories: null }, () => false],
      ];
      for (const [scope, holds] of scopes) {
        const seen = [...CARDS.keys()].filter(holds);
        const open = seen.filter((n) => n % 3 !== 0);
        const label = JSON.stringify(scope);
        const page = await reader.cards(WORST, scope);
        expect(
          [...numbers(page)].sort((a, b) => a - b),
          label,
        ).toEqual(seen);
        expect(page.total, label).toBe(seen.length);
        expect(sum(Object.values(page.facets.organ)), label).toBe(seen.length);
        const latest = numbers({ cards: await reader.latestCards(30, scope) });
        expect(latest, label).toEqual([...seen].reverse());
        const rules = await reader.ruleCounts(scope);
        expect(sum(rules.map((row) => row.raised)), label).toBe(seen.length);
        expect(sum(rules.map((row) => row.open)), label).toBe(open.length);
        const organs = await reader.openByOrgan(scope);
        expect(sum(organs.map((row) => row.open)), label).toBe(open.length);
        const hours = await reader.hourly(0, scope);
        expect(sum(hours.map((row) => row.cards)), label).toBe(seen.length);
        for (const n of [0, 1, 2, 5]) {
          const visible = seen.includes(n);
          expect((await reader.card(cardId(n), scope)) !== null, label).toBe(visible);
          expect((await reader.cardsOfCase(`CASE-${n}`, scope)).length, label).toBe(+visible);
          expect((await reader.cardHistory(cardId(n), scope)).length, label).toBe(+visible);
        }
      }
    });

    it('looks for text literally, in case keys and in the items named', async () => {
      const odd = ['50%-A_B', "O'Neil\\7", '办件·甲', 'x{p0:String}y', 'plain'];
      await sink.write(
        batch(23, 30, {
          cards: odd.map((caseKey, i) => card(100 + i, 1, { caseKey, itemCode: 'z' })),
        }),
      );
      const found = async (text: string, items: string[] = []) => {
        const page = await reader.cards({ ...WORST, text }, ALL, items);
        return page.cards.map((row) => row.caseKey).sort();
      };
      expect(await found('%')).toEqual(['50%-A_B']);
      expect(await found('a_b')).toEqual(['50%-A_B']);
      expect(await found('\\')).toEqual(["O'Neil\\7"]);
      expect(await found("'")).toEqual(["O'Neil\\7"]);
      expect(await found('甲')).toEqual(['办件·甲']);
      expect(await found('{p0:String}')).toEqual(['x{p0:String}y']);
      expect(await found("' OR 1=1 --")).toEqual([]);
      expect(await found('plain', ['item-4'])).toEqual(
        [
          'plain',
          ...CARDS.filter((row) => row.itemCode === 'item-4').map((row) => row.caseKey),
        ].sort(),
      );
      for (const text of NASTY_TEXTS.filter((nasty) => nasty !== '')) {
        expect(Array.isArray(await found(text))).toBe(true);
      }
    });

    it('finds a card by any text as its case key', async () => {
      const cards = NASTY_TEXTS.map((caseKey, i) => card(200 + i, 1, { caseKey }));
      await sink.write(batch(23, 60, { cards }));
      for (const found of cards) {
        const rows = await reader.cardsOfCase(found.caseKey, ALL);
        expect(rows.map((row) => row.cardId)).toEqual([found.cardId]);
      }
    });

    it('gives the cards raised last, newest first, as they stand now', async () => {
      const withdrawn = { ...CARDS[22]!, version: 2, op: 'withdrawn', state: 'withdrawn' } as const;
      await sink.write(batch(23, 24, { cards: [withdrawn] }));
      const latest = await reader.latestCards(3, ALL);
      expect(numbers({ cards: latest })).toEqual([23, 22, 21]);
      expect(latest.map((row) => row.state)).toEqual(['issued', 'withdrawn', 'answered']);
      expect(await reader.latestCards(0, ALL)).toEqual([]);
    });

    it('counts raised cards by hour and level since an instant', async () => {
      const hours = await reader.hourly(20 * 1_800_000, ALL);
      expect(hours).toEqual([
        { hourMs: 36_000_000, level: 'notice', cards: 1 },
        { hourMs: 36_000_000, level: 'warning', cards: 1 },
        { hourMs: 39_600_000, level: 'red', cards: 1 },
        { hourMs: 39_600_000, level: 'yellow', cards: 1 },
      ]);
    });

    it('gives every card once for the digest', async () => {
      const ids: string[] = [];
      for await (const part of reader.digestRows()) ids.push(...part.map((row) => row.cardId));
      expect(ids.sort()).toEqual(CARDS.map((row) => row.cardId).sort());
    });

    it('bounds how many rows one page can ask for', async () => {
      const page = await reader.cards({ ...WORST, limit: 1e9 }, ALL);
      expect(page.cards.length).toBe(24);
      await expect(reader.cards({ ...WORST, limit: -1 }, ALL)).rejects.toThrow(/limit/);
      await expect(reader.cards({ ...WORST, offset: 0.5 }, ALL)).rejects.toThrow(/offset/);
    });
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
