/**
 * One live room: everybody who may see the same (one scope), with its own numbering of card changes.
 *
 * Owns: the room's epoch, its numbers, the changes kept for `resume`, the newest summary and whether it
 * is news. Does not own: sockets (live.ts), rights (policy/policy.ts).
 *
 * Invariants
 * V1  Numbers are per room: nobody can count from gaps what others received.
 * V2  A summary is computed at most once in `summaryIntervalMs`, and never twice at a time.
 * V3  A summary carries the number that the room had before it was asked for: cards numbered above it
 *     may or may not be counted in it, none below are missing.
 */
import { randomBytes } from 'node:crypto';
import { apiLimits } from '../engine/config/limits.ts';
import type { Engine, Scope } from '../engine/facade.ts';
import type { CardView, LiveCard, LiveSummary } from './contract.ts';
import { roomOf } from './policy/policy.ts';

export class LiveRoom {
  readonly name: string;
  readonly scope: Scope;
  readonly epoch = randomBytes(9).toString('base64url');
  members = 0;
  /** Clock of the last use; the least recently used empty room makes place for a new one. */
  usedAtMs = 0;
  #seq = 0;
  readonly #kept: LiveCard[] = [];
  #newest: LiveSummary | null = null;
  #fingerprint = '';
  #news = false;
  #sentAtMs = -Infinity;
  #computedAtMs = -Infinity;
  #computing: Promise<LiveSummary> | null = null;

  constructor(scope: Scope) {
    this.scope = scope;
    this.name = roomOf(scope);
  }

  /** Number of the newest change. */
  get seq(): number {
    return this.#seq;
  }

  /** Numbers one change of this room's scope and keeps it for `resume`. */
  add(card: CardView): LiveCard {
    const change = { epoch: this.epoch, seq: ++this.#seq, card };
    this.#kept.push(change);
    if (this.#kept.length > 2 * apiLimits.replayCardsMax) {
      this.#kept.splice(0, this.#kept.length - apiLimits.replayCardsMax);
    }
    return change;
  }

  /** Changes after `seq`, or null when they cannot all be given: another epoch, too old, not yet. */
  after(epoch: string, seq: number): readonly LiveCard[] | null {
    if (epoch !== this.epoch || seq < 0 || seq > this.#seq) return null;
    const missed = this.#seq - seq;
    if (missed > this.#kept.length) return null;
    return missed === 0 ? [] : this.#kept.slice(-missed);
  }

  /** The newest summary, at most `summaryIntervalMs` old when the engine can. */
  summary(engine: Engine, nowMs: number): Promise<LiveSummary> {
    if (this.#computing !== null) return this.#computing;
    const fresh = nowMs - this.#computedAtMs < apiLimits.summaryIntervalMs;
    if (fresh && this.#newest !== null) return Promise.resolve(this.#newest);
    this.#computedAtMs = nowMs;
    this.#computing = this.#compute(engine).finally(() => {
      this.#computing = null;
    });
    return this.#computing;
  }

  /** The frame to send now, or null: nothing new, or the last one is too recent. */
  takeFrame(nowMs: number): LiveSummary | null {
    const sinceMs = nowMs - this.#sentAtMs;
    if (this.#newest === null || sinceMs < apiLimits.frameIntervalMs) return null;
    if (!this.#news && sinceMs < apiLimits.frameIdleMs) return null;
    this.#news = false;
    this.#sentAtMs = nowMs;
    return this.#newest;
  }

  async #compute(engine: Engine): Promise<LiveSummary> {
    const seq = this.#seq;
    const summary = await engine.summary(this.scope);
    const { nowMs: _now, asOfMs: _asOf, dataAgeMs: _age, ...content } = summary;
    const fingerprint = JSON.stringify(content);
    if (fingerprint !== this.#fingerprint) this.#news = true;
    this.#fingerprint = fingerprint;
    this.#newest = { epoch: this.epoch, seq, summary };
    return this.#newest;
  }
}
