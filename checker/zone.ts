/**
 * What the clock on the wall shows in a zone, from the published table of its offsets.
 *
 * A *wall number* is the local time as milliseconds since 1970 on the wall. When clocks go back an hour
 * it stands still until the wall shows a later time again; when they go forward it jumps.
 */
import type { ZoneTable } from '../engine/rules/source.ts';

const DAY = 86_400_000;

interface Stretch {
  readonly from: number;
  /** Excluded. */
  readonly to: number;
  readonly offset: number;
}

export class Zone {
  readonly #stretches: readonly Stretch[];

  constructor({ firstOffsetMs, transitions }: ZoneTable) {
    const begins = [
      { atMs: Number.NEGATIVE_INFINITY, offsetMs: firstOffsetMs },
      ...transitions.map(({ atMs, offsetMs }) => ({ atMs, offsetMs })),
    ];
    this.#stretches = begins.map(({ atMs, offsetMs }, i) => ({
      from: atMs,
      to: begins[i + 1]?.atMs ?? Number.POSITIVE_INFINITY,
      offset: offsetMs,
    }));
  }

  /** The latest time the wall has shown by then. */
  wallOf(ms: number): number {
    if (!Number.isFinite(ms)) return ms;
    let wall = Number.NEGATIVE_INFINITY;
    for (let i = this.#stretches.length - 1; i >= 0; i--) {
      const { from, to, offset } = this.#stretches[i] as Stretch;
      if (from > ms) continue;
      // What was shown more than two days ago is no longer on the wall.
      if (to <= ms - 2 * DAY) break;
      wall = Math.max(wall, Math.min(ms, to - 1) + offset);
    }
    return wall;
  }

  /** The first instant at which the wall shows that time or a later one. */
  instantOf(wall: number): number {
    for (let i = this.#firstNear(wall); i < this.#stretches.length; i++) {
      const { from, to, offset } = this.#stretches[i] as Stretch;
      const at = Math.max(from, wall - offset);
      if (at < to) return at;
    }
    return wall;
  }

  #firstNear(wall: number): number {
    let i = this.#stretches.length - 1;
    while (i > 0 && (this.#stretches[i] as Stretch).from > wall - 2 * DAY) i--;
    return i;
  }
}
