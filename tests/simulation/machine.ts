/**
 * One process of the deployment: the real partition hosts, effects and sink, as engine.ts puts them
 * together, without threads. What a worker's timers do, the town asks for.
 */

import { Effects } from '../../engine/runtime/effects.ts';
import { PartitionHost } from '../../engine/runtime/partition-host.ts';
import { ClickHouseSink } from '../../engine/sinks/clickhouse-sink.ts';
import type { SinkBatch } from '../../engine/sinks/sink.ts';
import type { SimulatedClickHouse } from './database.ts';
import { doors, type Owner } from './doors/fate.ts';

export interface MachineOptions {
  readonly name: string;
  readonly partitions: readonly number[];
  readonly partitionCount: number;
  readonly dir: string;
  readonly packHash: string;
  readonly packJson: string;
  readonly now: () => number;
  readonly clickhouse: SimulatedClickHouse;
  readonly sleep: () => Promise<void>;
}

export class Machine implements Owner {
  readonly name: string;
  readonly hosts = new Map<number, PartitionHost>();
  readonly effects: Effects;
  readonly sink: ClickHouseSink;
  readonly #options: MachineOptions;
  dead = false;
  /** Partitions it was started for, also those that it never opened. */
  wanted: readonly number[];
  /** Why a partition stopped by itself; a promise of the engine is broken. */
  stopped = '';

  constructor(options: MachineOptions) {
    this.#options = options;
    this.name = options.name;
    this.wanted = options.partitions;
    this.sink = new ClickHouseSink(options.clickhouse.connect(this));
    this.effects = new Effects({
      sink: this.sink,
      onSunk: (partition, to) => this.#sunk(partition, to),
      onCard: () => {},
      onTrouble: () => {},
      sleep: options.sleep,
    });
  }

  /** Restores and replays, as a start does; throws when the process dies over it. */
  async start(): Promise<void> {
    const { partitions, partitionCount } = this.#options;
    for (const partition of partitions) doors.owners.set(partition, this);
    await this.sink.open();
    const sunk: number[] = [];
    for (let p = 0; p < partitionCount; p++) sunk.push(await this.sink.position(p));
    this.effects.begin(sunk);
    for (const partition of partitions) this.#host(partition, sunk[partition] ?? -1);
  }

  /** Lets a partition go, as a hand-over does; the host it was is returned. */
  release(partition: number): PartitionHost | null {
    const host = this.hosts.get(partition) ?? null;
    this.hosts.delete(partition);
    this.wanted = this.wanted.filter((one) => one !== partition);
    host?.close();
    return host;
  }

  #host(partition: number, sunk: number): void {
    const { partitionCount, dir, packHash, packJson, now } = this.#options;
    const host = new PartitionHost({
      ...{ partition, partitionCount, dir, packHash, packJson, sunk },
      clock: { nowMs: now },
      emit: (batch) => this.#emit(batch),
      onStopped: (reason) => {
        if (!this.dead) this.stopped = reason;
      },
    });
    this.hosts.set(partition, host);
    host.replay(() => {});
    if (this.dead) throw new Error('died while it replayed');
  }

  #emit(batch: SinkBatch): void {
    const fate = doors.enter(this, 'emit');
    doors.leave(this, 'emit', fate === 'go' ? 'go' : 'after');
    this.effects.take(batch);
  }

  #sunk(partition: number, to: number): void {
    try {
      if (!this.dead) this.hosts.get(partition)?.sunk(to);
    } catch (error) {
      if (!this.dead) throw error;
    }
  }
}
