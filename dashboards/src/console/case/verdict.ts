/**
 * Which clock decides how a case stands (办件结论).
 *
 * An expired clock outranks every other, and among expired ones the law outranks a promise, a promise
 * an internal limit. Otherwise the promise speaks, because it is the first to run out.
 */
import type { ClockView } from '../../../../api/contract.ts';

const GRAVITY: Readonly<Record<string, number>> = { statutory: 3, promised: 2, internal: 1 };
const NEARNESS: Readonly<Record<string, number>> = { promised: 3, statutory: 2, internal: 1 };

function weight(clock: ClockView): number {
  const whole = clock.stage === '' ? 0.5 : 0;
  if (isOver(clock)) return 100 + (GRAVITY[clock.effect] ?? 0) + whole;
  const running = clock.state === 'running' || clock.state === 'suspended';
  const nearness = (NEARNESS[clock.effect] ?? 0) + whole;
  if (running) return 50 + nearness;
  return (clock.state === 'uncomputable' ? 20 : 10) + nearness;
}

export function isOver(clock: ClockView): boolean {
  return clock.state === 'expired' || (clock.remaining !== null && clock.remaining < 0);
}

export function decidingClock(clocks: readonly ClockView[]): ClockView | null {
  let found: ClockView | null = null;
  for (const clock of clocks) {
    if (found === null || weight(clock) > weight(found)) found = clock;
  }
  return found;
}
