import { describe, expect, it } from 'vitest';
import { anchorAt, engineNow } from '../../../dashboards/src/shared/engine-clock.ts';

describe('the engine clock in the browser', () => {
  it('runs at the speed the server named', () => {
    const anchor = anchorAt(null, { nowMs: 1_000_000, asOfMs: 0, speed: 60 }, 500);
    expect(engineNow(anchor, 1_500)).toBe(1_060_000);
  });

  it('does not stutter while the server agrees within jitter', () => {
    const first = anchorAt(null, { nowMs: 1_000_000, asOfMs: 0, speed: 1 }, 0);
    const second = anchorAt(first, { nowMs: 1_010_900, asOfMs: 10_000, speed: 1 }, 10_000);
    expect(engineNow(second, 10_000)).toBe(1_010_000);
  });

  it('moves when the server is elsewhere', () => {
    const first = anchorAt(null, { nowMs: 1_000_000, asOfMs: 0, speed: 1 }, 0);
    const moved = anchorAt(first, { nowMs: 1_030_000, asOfMs: 10_000, speed: 1 }, 10_000);
    expect(engineNow(moved, 10_000)).toBe(1_030_000);
  });

  it('makes up for a summary that waited on the server', () => {
    const first = anchorAt(null, { nowMs: 1_000_000, asOfMs: 0, speed: 60 }, 0);
    const waited = anchorAt(first, { nowMs: 1_300_000, asOfMs: 5_000, speed: 60 }, 9_000);
    expect(engineNow(waited, 9_000)).toBe(1_540_000);
  });

  it('moves when the speed changes', () => {
    const first = anchorAt(null, { nowMs: 1_000_000, asOfMs: 0, speed: 1 }, 0);
    const faster = anchorAt(first, { nowMs: 1_000_100, asOfMs: 100, speed: 2 }, 100);
    expect(faster.speed).toBe(2);
  });
});
