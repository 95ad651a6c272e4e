/**
 * Local days of one time zone: on which day an instant falls, when a day begins, and what the clock
 * on the wall shows.
 *
 * Owns: local midnights of a span of days in one array, so that both conversions are a division and
 * a look; and the days on which the wall clock does not simply run (summer time begins or ends).
 * Does not own: where the transitions come from (the shell), which days are worked (calendar.ts).
 *
 * A *wall time* is a number of milliseconds since 00:00 as the wall clock shows them. On a day of 23
 * hours it jumps forward; on a day of 25 hours it runs through one hour twice, and here it then
 * stands still during the second pass, because a measure of time must not run backwards.
 *
 *   Europe/Amsterdam, 29 March 2026:  01:59:59 → 03:00   wallOf jumps by an hour
 *   Europe/Amsterdam, 25 October 2026: 02:59:59 → 02:00  wallOf holds 03:00 for an hour
 *
 * Invariants
 * D1  `starts` does not decrease; `dayOf(ms)` is the last day with starts ≤ ms.
 * D2  0 ≤ wallOf(ms) < DAY_MS, and it does not decrease within a day.
 * D3  wallOf(instantAt(day, wall)) === wall wherever the wall clock shows that time; a time that is
 *     jumped over gives the instant of the jump, a time shown twice its first showing.
 */
import { DAY_MS } from '../base/units.ts';
import type { ZoneTable } from '../rules/source.ts';

const DAYS_PER_MS = 1 / DAY_MS;

export class LocalDays {
  readonly firstDay: number;
  readonly lastDay: number;
  /** Instants at which the days from firstDay to lastDay + 1 begin. */
  readonly #starts: Float64Array;
  /** 1 where the day is not exactly 24 hours from 00:00 to 24:00. */
  readonly #irregular: Uint8Array;
  readonly #anyIrregular: boolean;
  /** Segments of constant offset: #offsets[k] holds from #from[k] until #from[k + 1]. */
  readonly #from: Float64Array;
  readonly #offsets: Float64Array;

  constructor(zone: ZoneTable, firstDay: number, lastDay: number) {
    this.firstDay = firstDay;
    this.lastDay = lastDay;
    const segments = zone.transitions.length + 1;
    this.#from = new Float64Array(segments + 1);
    this.#offsets = new Float64Array(segments);
    this.#from[0] = Number.NEGATIVE_INFINITY;
    this.#offsets[0] = zone.firstOffsetMs;
    for (const [i, transition] of zone.transitions.entries()) {
      this.#from[i + 1] = transition.atMs;
      this.#offsets[i + 1] = transition.offsetMs;
    }
    this.#from[segments] = Number.POSITIVE_INFINITY;

    const days = lastDay - firstDay + 1;
    this.#starts = new Float64Array(days + 1);
    this.#irregular = new Uint8Array(days);
    this.#fillStarts(days);
    this.#anyIrregular = this.#irregular.includes(1);
  }

  #fillStarts(days: number): void {
    let segment = 0;
    for (let i = 0; i <= days; i++) {
      const localMs = (this.firstDay + i) * DAY_MS;
      segment = this.#firstShowing(localMs, segment);
      this.#starts[i] = this.#showingAt(localMs, segment);
      const plain = this.#starts[i] === localMs - (this.#offsets[segment] as number);
      if (i < days && !plain) this.#irregular[i] = 1;
      if (i === 0) continue;
      // A transition at the very end of a day changes the next day, not this one.
      const before = this.#starts[i - 1] as number;
      const length = (this.#starts[i] as number) - before;
      if (length !== DAY_MS || this.#segmentAt(before) !== this.#segmentAt(before + DAY_MS - 1)) {
        this.#irregular[i - 1] = 1;
      }
    }
  }

  /** The local day an instant falls on; also outside the span. */
  dayOf(ms: number): number {
    const starts = this.#starts;
    const last = starts.length - 1;
    let i = Math.floor((ms - (starts[0] as number)) * DAYS_PER_MS);
    if (!(i >= 0 && i < last)) return this.#farDayOf(ms);
    while (ms < (starts[i] as number)) i--;
    while (i < last && ms >= (starts[i + 1] as number)) i++;
    return this.firstDay + i;
  }

  #farDayOf(ms: number): number {
    return Math.floor((ms + this.offsetAt(ms)) / DAY_MS);
  }

  /** First instant of the local day; also outside the span. */
  dayStart(day: number): number {
    const i = day - this.firstDay;
    if (i >= 0 && i < this.#starts.length) return this.#starts[i] as number;
    const localMs = day * DAY_MS;
    return this.#showingAt(localMs, this.#firstShowing(localMs, 0));
  }

  /** Wall time at an instant that falls on `day` of the span. */
  wallOf(ms: number, day: number): number {
    const i = day - this.firstDay;
    const start = this.#starts[i] as number;
    if (this.#anyIrregular && this.#irregular[i] === 1) return this.#irregularWall(ms, start, day);
    return ms - start;
  }

  #irregularWall(ms: number, start: number, day: number): number {
    let wall = 0;
    for (let k = this.#segmentAt(start); (this.#from[k] as number) <= ms; k++) {
      const untilMs = Math.min(ms, this.#from[k + 1] as number);
      wall = Math.max(wall, untilMs + (this.#offsets[k] as number) - day * DAY_MS);
    }
    return Math.min(wall, DAY_MS - 1);
  }

  /** First instant of `day` at which the wall clock shows `wall` or later. */
  instantAt(day: number, wall: number): number {
    const i = day - this.firstDay;
    const start = this.#starts[i] as number;
    if (!this.#anyIrregular || this.#irregular[i] === 0) return start + wall;
    const localMs = day * DAY_MS + wall;
    const at = this.#showingAt(localMs, this.#firstShowing(localMs, this.#segmentAt(start)));
    return Math.max(start, Math.min(at, this.#starts[i + 1] as number));
  }

  /** Offset in force at an instant, milliseconds east of UTC. */
  offsetAt(ms: number): number {
    return this.#offsets[this.#segmentAt(ms)] as number;
  }

  /** The segment, from `segment` on, in which the local clock first reaches `localMs`. */
  #firstShowing(localMs: number, segment: number): number {
    let k = segment;
    while (localMs - (this.#offsets[k] as number) >= (this.#from[k + 1] as number)) k++;
    return k;
  }

  #showingAt(localMs: number, segment: number): number {
    return Math.max(this.#from[segment] as number, localMs - (this.#offsets[segment] as number));
  }

  #segmentAt(ms: number): number {
    let low = 0;
    let high = this.#offsets.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#from[middle] as number) <= ms) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
