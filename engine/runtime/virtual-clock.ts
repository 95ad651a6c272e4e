/**
 * The engine's clock: real time, or the demonstration's, which runs faster than life.
 *
 * `now = baseMs + (real - realBaseMs) * speed`. Real deployments use speed 1 and equal bases. The same
 * three numbers are sent to every worker, so all threads tell the same time.
 */
import type { Clock } from '../base/clock.ts';

export interface ClockSettings {
  readonly baseMs: number;
  readonly realBaseMs: number;
  readonly speed: number;
}

export const REAL_TIME: ClockSettings = { baseMs: 0, realBaseMs: 0, speed: 1 };

export class VirtualClock implements Clock {
  #settings: ClockSettings;

  constructor(settings: ClockSettings) {
    this.#settings = settings;
  }

  get settings(): ClockSettings {
    return this.#settings;
  }

  set(settings: ClockSettings): void {
    this.#settings = settings;
  }

  nowMs(): number {
    const { baseMs, realBaseMs, speed } = this.#settings;
    return Math.floor(baseMs + (Date.now() - realBaseMs) * speed);
  }
}
