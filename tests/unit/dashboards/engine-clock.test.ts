import { describe, expect, it } from 'vitest';
import { anchorAt, engineNow } from '../../../dashboards/src/shared/engine-clock.ts';

describe('the engine clock in the browser', () => {
  it('runs at the speed the server named', () => {
    const anchor = anchorAt(null, { nowMs: 1_000_000, dataAgeMs: 0, speed: 60 }, 500);
    expect(engineNow(anchor, 1_500)).toBe(1_060_000);
  });

  it('keeps its anchor while the server agrees within jitter', () => {
    const first = anchorAt(null, { nowMs: 1_000_000, dataAgeMs: 0, speed: 1 }, 0);
    expect(anchorAt(first, { nowMs: 1_010_900, dataAgeMs: 0, speed: 1 }, 10_000)).toBe(first);
  });

  it('moves when the server is elsewhere', () => {
    const first = anchorAt(null, { nowMs: 1_000_000, dataAgeMs: 0, speed: 1 }, 0);
    const moved = anchorAt(first, { nowMs: 1_030_000, dataAgeMs: 0, speed: 1 }, 10_000);
    expect(engineNow(moved, 10_000)).toBe(1_030_000);
  });

  it('goes on while a quiet engine has no newer stamp', () => {
    const first = anchorAt(null, { nowMs: 1_000_000, dataAgeMs: 0, speed: 1 }, 0);
    const quiet = anchorAt(first, { nowMs: 1_000_000, dataAgeMs: 60_000, speed: 1 }, 60_000);
    expect(engineNow(quiet, 60_000)).toBe(1_060_000);
  });

  it('moves when the speed changes', () => {
    const first = anchorAt(null, { nowMs: 1_000_000, dataAgeMs: 0, speed: 1 }, 0);
    expect(anchorAt(first, { nowMs: 1_000_100, dataAgeMs: 0, speed: 2 }, 100).speed).toBe(2);
  });
});
