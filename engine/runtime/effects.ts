/**
 * Effects on their way out: every batch goes to the sink in order, and every card change to listeners.
 *
 * Owns: the retry of failed writes, the bound on what waits, the word back to the partition ("sunk").
 * Does not own: the sink itself.
 *
 * A write costs the same few syncs whatever its size, so what a partition decides while one runs is
 * written together next.
 *
 * Invariants
 * X1  Batches of a partition reach the sink in position order; a failed one is tried again before any
 *     later one of that partition.
 * X2  A card change is told to listeners once it is applied and its record durable; screens are hints,
 *     ClickHouse may follow a moment later.
 */

import { MIB } from '../base/units.ts';
import type { CardChange } from '../cards/card.ts';
import { runtimeLimits } from '../config/limits.ts';
import type { Sink, SinkBatch } from '../sinks/sink.ts';

export interface EffectsOptions {
  readonly sink: Sink;
  readonly onSunk: (partition: number, to: number) => void;
  readonly onCard: (card: CardChange) => void;
  readonly onTrouble: (message: string) => void;
  /** Waits before a failed write is tried again; real time unless a test gives its own. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** Bytes written together, unless a single batch is larger. */
const WRITE_BYTES_MAX = 32 * MIB;

/** What one partition has on its way. */
interface Lane {
  readonly waiting: SinkBatch[];
  readonly awaited: { readonly to: number; readonly resolve: () => void }[];
  /** Last position taken, and last position stored. */
  taken: number;
  stored: number;
  running: Promise<void> | null;
}

export class Effects {
  readonly #options: EffectsOptions;
  readonly #lanes = new Map<number, Lane>();
  #bytes = 0;
  #oldestMs = 0;
  #failure = '';
  #closed = false;
  #waiters: (() => void)[] = [];

  constructor(options: EffectsOptions) {
    this.#options = options;
  }

  /** `sunk`: by partition, the last position whose effects the sink holds already. */
  begin(sunk: readonly number[]): void {
    sunk.forEach((position, partition) => {
      const lane = this.#lane(partition);
      lane.taken = position;
      lane.stored = position;
    });
  }

  take(batch: SinkBatch): void {
    for (const card of batch.cards) this.#options.onCard(card);
    if (this.#bytes === 0) this.#oldestMs = performance.now();
    this.#bytes += weightOf(batch);
    const lane = this.#lane(batch.partition);
    lane.waiting.push(batch);
    lane.taken = Math.max(lane.taken, batch.to);
    if (lane.running === null) {
      lane.running = this.#run(lane).finally(() => {
        lane.running = null;
      });
    }
  }

  /** Resolves when less than the limit waits: intake calls it before it accepts more. */
  async room(): Promise<void> {
    while (this.#bytes > runtimeLimits.unsunkBytesMax) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Resolves when what the partition has decided so far can be read back, or after `withinMs`. */
  async stored(partition: number, withinMs: number): Promise<void> {
    await within(this.#settled(this.#lane(partition)), withinMs);
  }

  /** True once everything taken so far is durable; false when it is not within the time. */
  drain(withinMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    const all = [...this.#lanes.values()].map((lane) => this.#settled(lane));
    return within(Promise.all(all), withinMs);
  }

  get status(): { ok: boolean; delayMs: number; message: string; waitingBytes: number } {
    const delayMs = this.#bytes === 0 ? 0 : Math.round(performance.now() - this.#oldestMs);
    return {
      ok: this.#failure === '',
      delayMs,
      message: this.#failure,
      waitingBytes: this.#bytes,
    };
  }

  position(partition: number): number {
    return this.#lanes.get(partition)?.stored ?? -1;
  }

  /** Stops writing: what is not stored yet will be emitted again by the next start. */
  close(): void {
    this.#closed = true;
  }

  #lane(partition: number): Lane {
    let lane = this.#lanes.get(partition);
    if (lane === undefined) {
      lane = { waiting: [], awaited: [], taken: -1, stored: -1, running: null };
      this.#lanes.set(partition, lane);
    }
    return lane;
  }

  #settled(lane: Lane): Promise<void> {
    const to = lane.taken;
    if (lane.stored >= to) return Promise.resolve();
    return new Promise((resolve) => lane.awaited.push({ to, resolve }));
  }

  async #run(lane: Lane): Promise<void> {
    while (lane.waiting.length > 0 && !this.#closed) {
      const group = takeGroup(lane.waiting);
      const batch = merged(group);
      if (!(await this.#store(batch))) return;
      for (const one of group) this.#bytes -= weightOf(one);
      this.#oldestMs = performance.now();
      lane.stored = Math.max(lane.stored, batch.to);
      for (const wake of this.#waiters.splice(0)) wake();
      for (const { to, resolve } of lane.awaited.splice(0)) {
        if (to <= lane.stored) resolve();
        else lane.awaited.push({ to, resolve });
      }
      this.#options.onSunk(batch.partition, batch.to);
    }
  }

  /** False when closed before the batch was stored. */
  async #store(batch: SinkBatch): Promise<boolean> {
    for (let attempt = 0; !this.#closed; attempt++) {
      try {
        await this.#options.sink.write(batch);
        this.#failure = '';
        return true;
      } catch (error) {
        this.#failure = error instanceof Error ? error.message : String(error);
        this.#options.onTrouble(
          `分析库写入失败,将重试 (sink write failed, will retry): ${this.#failure}`,
        );
        const waits = runtimeLimits.sinkRetryMs;
        await (this.#options.sleep ?? sleep)(waits[Math.min(attempt, waits.length - 1)]!);
      }
    }
    return false;
  }
}

/** Removes the batches that are written together next from the front of `waiting`. */
function takeGroup(waiting: SinkBatch[]): SinkBatch[] {
  let bytes = 0;
  let count = 0;
  for (const batch of waiting) {
    bytes += weightOf(batch);
    if (count > 0 && bytes > WRITE_BYTES_MAX) break;
    count++;
  }
  return waiting.splice(0, count);
}

/** Batches of one partition that follow each other, as one. */
function merged(group: readonly SinkBatch[]): SinkBatch {
  const first = group[0]!;
  if (group.length === 1) return first;
  return {
    partition: first.partition,
    from: first.from,
    to: group.at(-1)!.to,
    events: Buffer.concat(group.map((batch) => batch.events)),
    eventCount: group.reduce((sum, batch) => sum + batch.eventCount, 0),
    cards: group.flatMap((batch) => batch.cards),
    dead: group.flatMap((batch) => batch.dead),
  };
}

function weightOf(batch: SinkBatch): number {
  return batch.events.length + batch.cards.length * 512 + 256;
}

/** Whether the work was done within the time; Infinity waits for it. */
async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  if (ms === Number.POSITIVE_INFINITY) return work.then(() => true);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const done = await Promise.race([work.then(() => true as const), late]);
  clearTimeout(timer);
  return done;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
