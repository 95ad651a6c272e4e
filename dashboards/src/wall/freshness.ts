/**
 * When a wall should load itself anew.
 *
 * Walls die overnight from slow leaks in browsers and libraries; a planned start in the small hours
 * costs a second of darkness and prevents them.
 */
export interface Condition {
  /** Minutes since midnight where the screen hangs. */
  readonly minuteOfDay: number;
  readonly openMinutes: number;
  /** Bytes in use now and at the start; null where the browser does not tell. */
  readonly heap: number | null;
  readonly firstHeap: number | null;
}

const NIGHT_MINUTE = 4 * 60;
/** Longer than the minute at four, or the page would load itself twice in it. */
const OPEN_MINUTES_MIN = 10;
const HEAP_GROWTH = 3;
/** A small page trebles easily; only a large one is ill. */
const HEAP_BYTES_MIN = 60_000_000;

export function dueForReload({ minuteOfDay, openMinutes, heap, firstHeap }: Condition): boolean {
  if (openMinutes < OPEN_MINUTES_MIN) return false;
  if (minuteOfDay === NIGHT_MINUTE) return true;
  if (heap === null || firstHeap === null) return false;
  return heap > HEAP_BYTES_MIN && heap > firstHeap * HEAP_GROWTH;
}
