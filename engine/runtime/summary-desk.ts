/**
 * Summaries for walls: asks the partitions at most once a second for each scope, and shares the answer.
 *
 * Owns: the cache by scope, the newest cards (in memory, filled from ClickHouse at the first call), the
 * hours chart (re-read every few seconds).
 */
import type { Clock } from '../base/clock.ts';
import { HOUR_MS } from '../base/units.ts';
import { runtimeLimits } from '../config/limits.ts';
import type { CardView, DeadManReport, Scope, WallSummary } from '../facade.ts';
import type { HourCount } from '../sinks/query.ts';
import type { Reader } from '../sinks/reader.ts';
import type { PackNames } from './pack-names.ts';
import type { ClockSettings } from './virtual-clock.ts';
import { wallSummary } from './wall.ts';
import type { Workers } from './workers.ts';

const FRESH_MS = 900;
const HOURLY_FRESH_MS = 5000;
const HOURS = 24;
const SCOPES_MAX = 512;
/** Newest cards of the whole city kept, so that a wall of one organ has some of its own. */
const KEPT = runtimeLimits.latestCards * 8;

export interface SummaryDeskOptions {
  readonly partitions: number;
  readonly workers: Workers;
  readonly reader: Reader;
  readonly clock: Clock & { readonly settings: ClockSettings };
  readonly names: () => PackNames;
  readonly deadMan: (scope: Scope) => DeadManReport;
  /** The store did not answer; walls say so and show what does not depend on it. */
  readonly onUnreadable: (error: unknown) => void;
}

interface Entry {
  madeMs: number;
  summary: Promise<WallSummary>;
  hourlyMs: number;
  /** The store answered when it was last asked. */
  readable: boolean;
  hourly: readonly HourCount[];
}

export class SummaryDesk {
  readonly #options: SummaryDeskOptions;
  readonly #entries = new Map<string, Entry>();
  /** Newest cards, newest first, whatever their scope. */
  #latest: CardView[] = [];
  #filling: Promise<void> | null = null;

  constructor(options: SummaryDeskOptions) {
    this.#options = options;
  }

  summary(scope: Scope): Promise<WallSummary> {
    const key = JSON.stringify([scope.organs, scope.territories]);
    const known = this.#entries.get(key);
    const now = performance.now();
    if (known !== undefined && now - known.madeMs < FRESH_MS) return known.summary;
    const entry: Entry = known ?? {
      madeMs: now,
      summary: Promise.resolve(null as never),
      hourlyMs: Number.NEGATIVE_INFINITY,
      readable: true,
      hourly: [],
    };
    entry.madeMs = now;
    entry.summary = this.#make(scope, entry);
    if (known === undefined) {
      if (this.#entries.size >= SCOPES_MAX) this.#entries.clear();
      this.#entries.set(key, entry);
    }
    return entry.summary;
  }

  /** A card changed: newest first, one entry a card. */
  remember(view: CardView): void {
    const at = this.#latest.findIndex((card) => card.cardId === view.cardId);
    if (at >= 0) {
      this.#latest[at] = view;
      return;
    }
    if (view.op !== 'raised') return;
    this.#latest.unshift(view);
    if (this.#latest.length > KEPT) this.#latest.pop();
  }

  /** Whether somebody has asked yet: from then on changes must be remembered. */
  get asked(): boolean {
    return this.#filling !== null;
  }

  async #make(scope: Scope, entry: Entry): Promise<WallSummary> {
    const { partitions, workers, clock, names } = this.#options;
    await this.#readStore(scope, entry);
    const parts = await Promise.all(
      Array.from({ length: partitions }, (_, partition) =>
        workers.ask(partition, 'summary', {
          partition,
          organs: scope.organs,
          territories: scope.territories,
        }),
      ),
    );
    const nowMs = clock.nowMs();
    const newest = Math.max(...parts.map((part) => part.nowMs));
    return wallSummary({
      partitions: parts,
      hourly: entry.hourly,
      storeReadable: entry.readable,
      latest: this.#latestIn(scope),
      names: names(),
      nowMs,
      asOfMs: Date.now(),
      dataAgeMs: Number.isFinite(newest) ? Math.max(0, nowMs - newest) : 0,
      speed: clock.settings.speed,
      scope,
      deadMan: this.#options.deadMan(scope),
    });
  }

  /** Counts and countdowns come from the partitions: a store that cannot be read must not hide them. */
  async #readStore(scope: Scope, entry: Entry): Promise<void> {
    const now = performance.now();
    if (now - entry.hourlyMs < HOURLY_FRESH_MS) return;
    entry.hourlyMs = now;
    const since = this.#options.clock.nowMs() - HOURS * HOUR_MS;
    try {
      await this.#fill();
      entry.hourly = await this.#options.reader.hourly(since, scope);
      entry.readable = true;
    } catch (error) {
      entry.readable = false;
      this.#options.onUnreadable(error);
    }
  }

  #fill(): Promise<void> {
    this.#filling ??= this.#readLatest().catch((error: unknown) => {
      this.#filling = null;
      throw error;
    });
    return this.#filling;
  }

  async #readLatest(): Promise<void> {
    const everywhere = { organs: null, territories: null };
    const records = await this.#options.reader.latestCards(KEPT, everywhere);
    const names = this.#options.names();
    // What fell while they were read is newer than all of them.
    const known = new Set(this.#latest.map((card) => card.cardId));
    for (const record of records) {
      if (!known.has(record.cardId))
        this.#latest.push({ ...names.card(record, this.#options.clock.nowMs()), op: 'raised' });
    }
  }

  #latestIn(scope: Scope): CardView[] {
    return this.#latest
      .filter(
        (card) =>
          (scope.organs === null || scope.organs.includes(card.organ)) &&
          (scope.territories === null || scope.territories.includes(card.territory)),
      )
      .slice(0, runtimeLimits.latestCards);
  }
}
