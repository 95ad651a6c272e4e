/**
 * Effects on their way out: every batch goes to the sink in order, and every card change to listeners.
 *
 * Owns: the retry of failed writes, the bound on what waits, the word back to the partition ("sunk").
 * Does not own: the sink itself.
 *
 * Invariants
 * X1  Batches of a partition reach the sink in position order; a failed one is tried again before any
 *     later one of that partition.
 * X2  A card change is told to listeners once it is applied and its record durable; screens are hints,
 *     ClickHouse may follow a moment later.
 */
import type { CardChange } from '../cards/card.ts';
import { runtimeLimits } from '../config/limits.ts';
import type { Sink, SinkBatch } from '../sinks/sink.ts';

export interface EffectsOptions {
  readonly sink: Sink;
  readonly onSunk: (partition: number, to: number) => void;
  readonly onCard: (card: CardChange) => void;
  readonly onTrouble: (message: string) => void;
}

export class Effects {
  readonly #options: EffectsOptions;
  /** One chain of writes a partition. */
  readonly #chains = new Map<number, Promise<void>>();
  readonly #positions = new Map<number, number>();
  #bytes = 0;
  #oldestMs = 0;
  #failure = '';
  #closed = false;
  #waiters: (() => void)[] = [];

  constructor(options: EffectsOptions) {
    this.#options = options;
  }

  take(batch: SinkBatch): void {
    for (const card of batch.cards) this.#options.onCard(card);
    if (this.#bytes === 0) this.#oldestMs = performance.now();
    const weight = weightOf(batch);
    this.#bytes += weight;
    const before = this.#chains.get(batch.partition) ?? Promise.resolve();
    this.#chains.set(
      batch.partition,
      before.then(() => this.#store(batch, weight)),
    );
  }

  /** Resolves when less than the limit waits: intake calls it before it accepts more. */
  async room(): Promise<void> {
    while (this.#bytes > runtimeLimits.unsunkBytesMax) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Resolves when what the partition has decided so far can be read back, or after `withinMs`. */
  async stored(partition: number, withinMs: number): Promise<void> {
    const chain = this.#chains.get(partition);
    if (chain !== undefined) await Promise.race([chain, sleep(withinMs)]);
  }

  /** Resolves when everything taken so far is durable. */
  async drain(): Promise<void> {
    await Promise.all(this.#chains.values());
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
    return this.#positions.get(partition) ?? -1;
  }

  /** Stops retrying: what is not stored yet will be emitted again by the next start. */
  close(): void {
    this.#closed = true;
  }

  async #store(batch: SinkBatch, weight: number): Promise<void> {
    for (let attempt = 0; !this.#closed; attempt++) {
      try {
        await this.#options.sink.write(batch);
        this.#failure = '';
        break;
      } catch (error) {
        this.#failure = error instanceof Error ? error.message : String(error);
        this.#options.onTrouble(
          `分析库写入失败,将重试 (sink write failed, will retry): ${this.#failure}`,
        );
        const waits = runtimeLimits.sinkRetryMs;
        await sleep(waits[Math.min(attempt, waits.length - 1)]!);
      }
    }
    this.#bytes -= weight;
    this.#oldestMs = performance.now();
    for (const wake of this.#waiters.splice(0)) wake();
    if (this.#closed && this.#failure !== '') return;
    this.#positions.set(batch.partition, batch.to);
    this.#options.onSunk(batch.partition, batch.to);
  }
}

function weightOf(batch: SinkBatch): number {
  return batch.events.length + batch.cards.length * 512 + 256;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
