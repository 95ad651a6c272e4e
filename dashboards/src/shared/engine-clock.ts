/**
 * The server's time, carried on in the browser.
 *
 * Owns: an anchor (engine instant, local monotonic instant, speed) and reading it.
 * Does not own: legal limits. The page only counts down to instants the server sent.
 *
 * The local side is `performance.now()`, so a wrong or changing clock on a wall PC moves nothing.
 */
export interface ClockAnchor {
  readonly engineMs: number;
  readonly localMs: number;
  /** Engine milliseconds that pass in one real millisecond; 1 outside the demonstration. */
  readonly speed: number;
}

export interface ServerTimes {
  /** Newest stamp the engine applied. */
  readonly nowMs: number;
  /** How long ago that was. */
  readonly dataAgeMs: number;
  readonly speed: number;
}

/**
 * The engine's clock at the moment `times` was made. Live, a quiet engine's newest stamp stands
 * still while time goes on, so its age is added; the demonstration always has fresh stamps.
 */
function instantOf(times: ServerTimes): number {
  return times.speed === 1 ? times.nowMs + times.dataAgeMs : times.nowMs;
}

/** Where the engine's clock stands when the local monotonic clock shows `localMs`. */
export function engineNow(anchor: ClockAnchor, localMs: number): number {
  return anchor.engineMs + (localMs - anchor.localMs) * anchor.speed;
}

/** Differences under this much real time are network jitter: moving the anchor would stutter. */
const JITTER_MS = 1500;

/** The anchor after hearing `times` at `localMs`; the old one is kept while it agrees closely. */
export function anchorAt(
  previous: ClockAnchor | null,
  times: ServerTimes,
  localMs: number,
): ClockAnchor {
  const next = { engineMs: instantOf(times), localMs, speed: times.speed };
  if (previous === null || previous.speed !== times.speed) return next;
  const apartMs = Math.abs(engineNow(previous, localMs) - next.engineMs);
  return apartMs <= JITTER_MS * times.speed ? previous : next;
}
