import { describe, expect, it } from 'vitest';
import type { CardView } from '../../../api/contract.ts';
import { isLoud, quietKey } from '../../../dashboards/src/wall/dead-man-state.ts';
import { dueForReload } from '../../../dashboards/src/wall/freshness.ts';
import { mergeLatest } from '../../../dashboards/src/wall/latest-cards.ts';
import { planStrip, worstFirst } from '../../../dashboards/src/wall/strip-layout.ts';

const BOX = { width: 488, height: 380, labelWidth: 94, lineHeight: 18.5, gap: 3 };

function blocks(organs: number, each: number) {
  return Array.from({ length: organs }, (_, index) => ({
    organ: `o${index}`,
    cells: new Array<number>(each).fill(0),
  }));
}

describe("the dead man's check on the wall", () => {
  const well = {
    ...{ sweptAtMs: 1, complete: true, dueWithoutCard: 0, cardWithoutDue: 0 },
    organs: [],
  };

  it('is calm at nothing and loud at one missing card or one too many', () => {
    expect(isLoud(well)).toBe(false);
    expect(isLoud({ ...well, dueWithoutCard: 1 })).toBe(true);
    expect(isLoud({ ...well, cardWithoutDue: 1 })).toBe(true);
  });

  it('says well only after a whole sweep', () => {
    expect(quietKey(well)).toBe('wall.deadManWell');
    expect(quietKey({ ...well, sweptAtMs: null })).toBe('wall.deadManNotYet');
    expect(quietKey({ ...well, complete: false })).toBe('wall.deadManFailed');
  });
});

describe('the strip of all open cases', () => {
  it.each([
    ['few organs with few cases', 6, 20],
    ['few organs with many cases', 8, 300],
    ['many organs with few cases', 35, 8],
    ['a full city', 30, 80],
    ['the most the wall may be sent', 40, 100],
  ])('shows every case of %s, inside its box and not on another', (_name, organs, each) => {
    const given = blocks(organs, each);
    const { places, cell, perRow } = planStrip(given, BOX);
    expect(places.map((place) => place.shown)).toEqual(given.map(() => each));
    for (const [index, place] of places.entries()) {
      expect(place.top + place.height).toBeLessThanOrEqual(BOX.height + 0.001);
      expect(place.left + BOX.labelWidth + perRow * cell).toBeLessThanOrEqual(BOX.width + 0.001);
      const next = places[index + 1];
      if (next?.left === place.left) {
        expect(next.top).toBeGreaterThanOrEqual(place.top + place.height);
      }
    }
  });

  it('draws larger cells when there are fewer cases', () => {
    expect(planStrip(blocks(10, 10), BOX).cell).toBeGreaterThan(
      planStrip(blocks(10, 200), BOX).cell,
    );
  });

  it('draws nothing outside its box when not all can be shown', () => {
    const plan = planStrip(blocks(200, 500), BOX);
    const shown = plan.places.reduce((sum, place) => sum + place.shown, 0);
    expect(shown).toBeLessThan(200 * 500);
    for (const place of plan.places.filter((one) => one.height > 0)) {
      expect(place.top + place.height).toBeLessThanOrEqual(BOX.height + 0.001);
    }
  });

  it('puts graver cases first, then what cannot be computed, then suspended', () => {
    expect(worstFirst([0, 10, 4, 11, 1, 3])).toEqual([4, 3, 1, 11, 10, 0]);
  });
});

describe('the newest cards', () => {
  const card = (cardId: string, raisedAtMs: number, change: Partial<CardView> = {}): CardView =>
    ({ cardId, raisedAtMs, version: 1, state: 'issued', ...change }) as CardView;

  it('stand newest first and no more than fit', () => {
    const merged = mergeLatest([card('a', 1)], [card('b', 3), card('c', 2)], 2);
    expect(merged.map((one) => one.cardId)).toEqual(['b', 'c']);
  });

  it('show a card once, in its newest version, whichever way it came first', () => {
    const acknowledged = card('a', 1, { version: 2, state: 'acknowledged' });
    for (const pair of [
      [[card('a', 1)], [acknowledged]],
      [[acknowledged], [card('a', 1)]],
    ] as const) {
      expect(mergeLatest(pair[0], pair[1], 5)).toEqual([acknowledged]);
    }
  });

  it('drop a card that was withdrawn', () => {
    const gone = card('a', 1, { version: 2, state: 'withdrawn' });
    expect(mergeLatest([card('a', 1)], [gone], 5)).toEqual([]);
  });
});

describe('a wall that stays open', () => {
  const calm = { minuteOfDay: 600, openMinutes: 5000, heap: 9e6, firstHeap: 8e6 };

  it.each([
    ['at four in the morning', { minuteOfDay: 240 }, true],
    ['not twice within that minute', { minuteOfDay: 240, openMinutes: 1 }, false],
    ['not by day', {}, false],
    ['when its memory has trebled and is large', { heap: 90e6, firstHeap: 20e6 }, true],
    ['not for a small heap that trebled', { heap: 30e6, firstHeap: 8e6 }, false],
    ['not for memory where the browser does not tell', { heap: null, firstHeap: null }, false],
  ])('loads itself anew %s', (_name, change, due) => {
    expect(dueForReload({ ...calm, ...change })).toBe(due);
  });
});
