/**
 * Counts failed log-ins in a sliding window, for each account name (known or not) and each address.
 *
 * Invariants
 * A1  A stranger cannot keep an owner out for good: an address from which the account was opened before
 *     is counted on its own.
 * A2  Bounded: at the limit of keys the oldest is forgotten.
 */

import type { Clock } from '../../engine/base/clock.ts';
import { apiLimits } from '../../engine/config/limits.ts';
import { DoorError } from '../errors.ts';

export class Attempts {
  readonly #clock: Clock;
  readonly #failures = new Map<string, number[]>();
  readonly #trusted = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws RATE_LIMITED when the account or the address has failed too often. */
  check(account: string, address: string): void {
    const waitMs = Math.max(
      this.#waitMs(this.#accountKey(account, address), apiLimits.failuresPerAccountMax),
      this.#waitMs(`address ${address}`, apiLimits.failuresPerAddressMax),
    );
    if (waitMs <= 0) return;
    const seconds = Math.ceil(waitMs / 1000);
    throw new DoorError('RATE_LIMITED', { seconds }, { headers: { 'Retry-After': `${seconds}` } });
  }

  failed(account: string, address: string): void {
    this.#add(this.#accountKey(account, address));
    this.#add(`address ${address}`);
  }

  succeeded(account: string, address: string): void {
    this.#failures.delete(this.#accountKey(account, address));
    this.#trusted.add(`${account} ${address}`);
    forgetOldest(this.#trusted, apiLimits.failureKeysMax);
  }

  #accountKey(account: string, address: string): string {
    const pair = `${account} ${address}`;
    return this.#trusted.has(pair) ? `pair ${pair}` : `account ${account}`;
  }

  #recent(key: string): number[] {
    const since = this.#clock.nowMs() - apiLimits.failureWindowMs;
    return (this.#failures.get(key) ?? []).filter((at) => at > since);
  }

  #waitMs(key: string, max: number): number {
    const recent = this.#recent(key);
    if (recent.length < max) return 0;
    const decides = recent[recent.length - max] as number;
    return decides + apiLimits.failureWindowMs - this.#clock.nowMs();
  }

  #add(key: string): void {
    const recent = this.#recent(key);
    recent.push(this.#clock.nowMs());
    this.#failures.delete(key);
    this.#failures.set(key, recent.slice(-apiLimits.failuresPerAddressMax));
    forgetOldest(this.#failures, apiLimits.failureKeysMax);
  }
}

function forgetOldest<K>(kept: Map<K, unknown> | Set<K>, max: number): void {
  for (const key of kept.keys()) {
    if (kept.size <= max) return;
    kept.delete(key);
  }
}
