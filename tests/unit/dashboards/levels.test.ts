import { describe, expect, it } from 'vitest';
import {
  byRankDown,
  shapeOfRank,
  shapeOfStripCode,
  toneOf,
} from '../../../dashboards/src/shared/levels.ts';

describe('drawing levels', () => {
  it('gives each of the five ranks its own shape', () => {
    const shapes = [1, 2, 3, 4, 5].map(shapeOfRank);
    expect(new Set(shapes).size).toBe(5);
  });

  it('draws ranks above the ladder as the gravest', () => {
    expect(shapeOfRank(9)).toBe(shapeOfRank(5));
  });

  it('draws suspension and missing arithmetic apart from every rank', () => {
    const ranks = [0, 1, 2, 3, 4, 5].map(shapeOfRank);
    expect(ranks).not.toContain(shapeOfStripCode(10));
    expect(ranks).not.toContain(shapeOfStripCode(11));
    expect(shapeOfStripCode(10)).not.toBe(shapeOfStripCode(11));
  });

  it('takes colour from the pack and none for an unknown level', () => {
    expect(toneOf({ code: 'x', rank: 2, color: 'red' })).toBe('red');
    expect(toneOf(undefined)).toBe('none');
  });

  it('orders worst first without touching its input', () => {
    const given = [
      { code: 'a', rank: 1, color: 'none' },
      { code: 'b', rank: 4, color: 'red' },
    ];
    expect(byRankDown(given).map((level) => level.code)).toEqual(['b', 'a']);
    expect(given[0]?.code).toBe('a');
  });
});
