/**
 * The server's time, carried on in the browser.
 *
 * Owns: an anchor (engine instant, local monotonic instant, speed) and reading it.
 * Does not own: legal limits. The page only counts down to instants the server sent.
 *
 * Invariants
 * T1  The local side is `performance.now()`, so a wrong or changing clock on a wall PC moves nothing.
 * T2  A summary may have waited on the server. The one that waited least tells how far the two clocks
 *     are apart; any other is older than that by the difference, and the anchor makes up for it.
 */
export interface ClockAnchor {
  readonly engineMs: number;
  readonly localMs: number;
  /** Engine milliseconds that pass in one real millisecond; 1 outside the demonstration. */
  readonly speed: number;
  /** Smallest difference seen between the local clock and the server's. */
  readonly apartMs: number;
}

export interface ServerTimes {
  /** The engine's clock when the summary was made. */
  readonly nowMs: number;
  /** The server's real clock at that moment. */
  readonly asOfMs: number;
  readonly speed: number;
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
  const { nowMs, asOfMs, speed } = times;
  const apart = localMs - asOfMs;
  const apartMs = previous === null ? apart : Math.min(previous.apartMs, apart);
  const engineMs = nowMs + (apart - apartMs) * speed;
  const next = { engineMs, localMs, speed, apartMs };
  if (previous === null || previous.speed !== speed) return next;
  const movedMs = Math.abs(engineNow(previous, localMs) - engineMs);
  return movedMs <= JITTER_MS * speed ? { ...previous, apartMs } : next;
}
