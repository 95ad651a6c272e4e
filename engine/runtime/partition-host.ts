/**
 * One partition at work: log → decode → kernel → effects, with checkpoints.
 *
 * Owns: the order "on disk, then applied, then effects, then checkpoint" (law L3). Runs on one thread;
 * a worker hosts several. Does not own: threads (worker.ts), where effects go (the `emit` callback).
 *
 * Invariants
 * R1  A record is applied only after its commit, and in commit order.
 * R2  A checkpoint at position p is written only once the sink says that everything before p is durable.
 * R3  Start = newest sound checkpoint + replay of the log from there. Effects of replayed records are
 *     emitted again; the sink's keys make repeating them harmless.
 * R4  An exception out of the kernel stops the partition with its reason; nothing is computed from
 *     doubtful state afterwards (P27), and what was accepted stays in the log.
 */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { type Calendars, compileCalendars } from '../calendars/compile.ts';
import type { CardChange } from '../cards/card.ts';
import { Changes } from '../cards/changes.ts';
import { runtimeLimits } from '../config/limits.ts';
import { Decoder } from '../events/decode.ts';
import { Dictionaries } from '../events/dictionary.ts';
import {
  EventBatch,
  RECORD_COMMAND,
  RECORD_CONTROL,
  RECORD_EVENT,
  RECORD_TICK,
} from '../events/event.ts';
import type { CommandResult } from '../facade.ts';
import { CardViews } from '../kernel/card-view.ts';
import { Partition } from '../kernel/partition.ts';
import { restorePartition, snapshotOf } from '../kernel/partition-snapshot.ts';
import { GroupCommit } from '../log/group-commit.ts';
import type { StoredBatch } from '../log/log.ts';
import { LogError } from '../log/log-error.ts';
import { SqliteLog } from '../log/sqlite-log.ts';
import { compileWith } from '../rules/compile.ts';
import type { Program } from '../rules/program.ts';
import type { PackSource } from '../rules/source.ts';
import { EventRowWriter } from '../sinks/rows.ts';
import type { DeadLetterRow, SinkBatch } from '../sinks/sink.ts';
import { CheckpointStore } from './checkpoint.ts';
import { LookBack } from './look-back.ts';
import type { AppendReply, AppendRequest, PartitionState, Requests } from './messages.ts';
import { NO_TALLY, type PublicationTally, tallyOf } from './publication-tally.ts';

export interface HostOptions {
  readonly partition: number;
  readonly partitionCount: number;
  readonly dir: string;
  readonly packHash: string;
  readonly packJson: string;
  readonly clock: Clock;
  /** Last position whose effects the sink holds, -1 for none. */
  readonly sunk: number;
  readonly emit: (batch: SinkBatch) => void;
  readonly onStopped: (reason: string) => void;
}

/** Outcome of one record, kept until the caller of `append` has fetched it. */
interface Applied {
  outcome: number;
  code: string;
}

export class PartitionHost {
  readonly log: SqliteLog;
  readonly partition: Partition;
  readonly views: CardViews;
  readonly lookBack: LookBack;
  readonly #options: HostOptions;
  readonly #group: GroupCommit;
  readonly #checkpoints: CheckpointStore;
  readonly #decoder: Decoder;
  readonly #rows: EventRowWriter;
  readonly #batch = new EventBatch(runtimeLimits.batchRecords);
  readonly #changes = new Changes();
  /** Outcomes by position for appends that wait; only while `#wanted` is above 0. */
  readonly #applied = new Map<number, Applied>();
  /** Callers that wait for a command, by its id: two people may have chosen the same one. */
  readonly #answers = new Map<string, ((result: CommandResult) => void)[]>();
  readonly #calendars = new Map<string, Calendars>();
  #wanted = 0;
  /** Card changes that the newest control caused: what its sender is told. */
  #tally: PublicationTally = NO_TALLY;
  /** Next position to apply. */
  #next = 0;
  #sunk = -1;
  #checkpointAt = 0;
  #pending: { position: number; snapshot: Uint8Array } | null = null;
  stopped = '';

  constructor(options: HostOptions) {
    const { partition, partitionCount, dir, clock } = options;
    this.#options = options;
    this.log = new SqliteLog({ dir: `${dir}/log`, partition, partitions: partitionCount });
    if (this.log.firstVersion() === null) this.log.putVersion(options.packHash, options.packJson);
    this.#checkpoints = new CheckpointStore(`${dir}/checkpoints`);
    // Not beyond the log, nor beyond the sink: a sink that lost rows gets them again by replay.
    const usable = this.#checkpoints.latest(partition, Math.min(this.log.end, options.sunk + 1));
    this.partition = usable === null ? this.#fresh() : this.#restored(usable.snapshot);
    this.#next = usable?.position ?? 0;
    this.#checkpointAt = this.#next;
    this.#sunk = options.sunk;
    this.views = new CardViews(this.partition.store);
    const dictionary = this.partition.store.dictionary;
    this.#decoder = new Decoder(new Dictionaries(dictionary));
    this.#rows = new EventRowWriter(partition, dictionary);
    this.lookBack = new LookBack({
      log: this.log,
      partition: this.partition,
      firstPack: this.#firstPack(),
      program: (hash) => this.#program(hash, new Dictionaries(dictionary)),
    });
    this.#group = new GroupCommit(this.log, clock, {
      onCommit: (batch) => this.#apply(batch),
    });
  }

  /** Applies what the log holds beyond the checkpoint. */
  replay(progress: (applied: number, end: number) => void): void {
    const end = this.log.end;
    for (const batch of this.log.read(this.#next, runtimeLimits.batchRecords)) {
      this.#apply(batch);
      progress(this.#next, end);
    }
  }

  async append(request: AppendRequest): Promise<AppendReply> {
    this.#assertRunning();
    const count = request.offsets.length - 1;
    const records: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      records.push(request.bytes.subarray(request.offsets[i]!, request.offsets[i + 1]!));
    }
    const stamps = request.stamps === 'live' ? 'live' : Array.from(request.stamps);
    const positions = new Float64Array(count);
    this.#wanted++;
    try {
      await this.#group.addMany(request.kind, records, stamps, positions);
      this.#assertRunning();
      return this.#reply(positions);
    } finally {
      this.#wanted--;
      if (this.#wanted === 0) this.#applied.clear();
    }
  }

  async command(json: string): Promise<CommandResult> {
    this.#assertRunning();
    const { commandId } = JSON.parse(json) as { commandId: string };
    let settle: (result: CommandResult) => void = () => {};
    const answer = new Promise<CommandResult>((resolve) => {
      settle = resolve;
    });
    const waiting = this.#answers.get(commandId) ?? [];
    this.#answers.set(commandId, [...waiting, settle]);
    try {
      await this.#group.add(RECORD_COMMAND, encode(json), 'live');
    } catch (error) {
      this.#unwait(commandId, settle);
      throw error;
    }
    this.#assertRunning();
    return answer;
  }

  /** A control record; `packJson` is stored beside the log first when it publishes a pack. */
  async control(json: string, packJson: string, stamp: 'live' | number): Promise<PublicationTally> {
    this.#assertRunning();
    const control = JSON.parse(json) as { hash?: string };
    if (control.hash !== undefined) this.log.putVersion(control.hash, packJson);
    this.#tally = NO_TALLY;
    await this.#group.add(RECORD_CONTROL, encode(json), stamp);
    this.#assertRunning();
    return this.#tally;
  }

  async tick(stampMs: number): Promise<void> {
    this.#assertRunning();
    await this.#group.add(RECORD_TICK, new Uint8Array(0), stampMs);
  }

  /** A tick if a timer may be due at `nowMs` and nothing else carries time there. */
  tickIfDue(nowMs: number): void {
    if (this.stopped !== '' || this.partition.quietUntilMs() > nowMs) return;
    if (this.#group.pending > 0 || nowMs <= this.log.lastStamp) return;
    void this.tick(nowMs).catch((error: unknown) => {
      // A full disk took nothing; the next tick tries again.
      if (!(error instanceof LogError && error.code === 'LOG_FULL')) this.#stop(error);
    });
  }

  /**
   * Lets everything fire that is due by the log's own time. A late record may have started clocks that
   * ran out long ago; they fire with the next record, and whoever looks before that must not be first.
   */
  async settle(): Promise<void> {
    while (this.stopped === '' && this.partition.quietUntilMs() <= this.log.lastStamp) {
      await this.tick(this.log.lastStamp);
    }
  }

  /** The sink has everything up to and including `to`. */
  sunk(to: number): void {
    this.#sunk = Math.max(this.#sunk, to);
    const pending = this.#pending;
    if (pending === null || pending.position - 1 > this.#sunk) return;
    this.#pending = null;
    this.#checkpoints.save(this.#options.partition, pending.position, pending.snapshot);
    this.#checkpointAt = pending.position;
  }

  /**
   * Takes a snapshot now; it is written once the sink has caught up (R2). One that still waits for the
   * sink is not replaced: a sink that is always behind would never let any be written.
   */
  checkpoint(): void {
    if (this.stopped !== '' || this.#next === this.#checkpointAt || this.#pending !== null) return;
    this.#pending = { position: this.#next, snapshot: snapshotOf(this.partition) };
    this.sunk(this.#sunk);
  }

  /** Everything the partition knows now, and the pack that says what it means. */
  copy(): Requests['snapshot']['reply'] {
    this.#assertRunning();
    const { packHash } = this.partition;
    const packJson = this.log.getVersion(packHash);
    assert(packJson !== null, 'the pack in force is in the log');
    const position = this.#next;
    return { snapshot: snapshotOf(this.partition), position, packHash, packJson };
  }

  state(): PartitionState {
    const { store, balance } = this.partition;
    const memory =
      store.table.byteLength +
      store.keys.byteLength +
      store.events.byteLength +
      store.clocks.byteLength +
      store.cards.byteLength +
      store.wheel.bytes;
    return {
      partition: this.#options.partition,
      end: this.log.end,
      applied: this.#next,
      lastStampMs: this.log.lastStamp,
      nowMs: store.nowMs,
      sunk: this.#sunk,
      checkpoint: this.#checkpointAt,
      stopped: this.stopped,
      packHash: this.partition.packHash,
      others: balance.others,
      balance: balance.entries().map(([source, counts]) => ({
        source: source < 0 ? '' : store.dictionary.text(source),
        counts,
      })),
      cases: store.table.count,
      cards: store.cards.count,
      bytes: memory,
      quietUntilMs: this.partition.quietUntilMs(),
      logEndMs: Number.isFinite(store.logEndMs) ? store.logEndMs : null,
    };
  }

  /** Canonical JSON of a pack version the log knows; '' names the one it was begun with. */
  packJson(hash: string): string | null {
    return this.log.getVersion(hash === '' ? this.#firstPack() : hash);
  }

  /** The control record that last published the pack, null when none did: it reads the whole log. */
  publication(hash: string): string | null {
    const published = this.controls().findLast(({ json }) => {
      const control = JSON.parse(json) as { type: string; hash?: string };
      return control.type === 'publish' && control.hash === hash;
    });
    return published?.json ?? null;
  }

  /** Every control record of the log, oldest first: it reads the whole log. */
  controls(): { stampMs: number; json: string }[] {
    const found: { stampMs: number; json: string }[] = [];
    const decoder = new TextDecoder();
    for (const batch of this.log.read(0, runtimeLimits.batchRecords)) {
      for (let i = 0; i < batch.count; i++) {
        if (batch.kinds[i] !== RECORD_CONTROL) continue;
        const bytes = batch.bytes.subarray(batch.offsets[i]!, batch.offsets[i + 1]!);
        found.push({ stampMs: batch.stamps[i]!, json: decoder.decode(bytes) });
      }
    }
    return found;
  }

  close(): void {
    this.#group.flush();
    this.log.close();
  }

  #reply(positions: Float64Array): AppendReply {
    const outcomes = new Uint8Array(positions.length);
    const codes = new Map<number, string>();
    for (let i = 0; i < positions.length; i++) {
      const applied = this.#applied.get(positions[i]!);
      if (applied === undefined) continue;
      outcomes[i] = applied.outcome;
      if (applied.code !== '') codes.set(i, applied.code);
    }
    return { positions, outcomes, codes };
  }

  #apply(stored: StoredBatch): void {
    if (this.stopped !== '') return;
    try {
      for (let from = 0; from < stored.count; from += this.#batch.capacity) {
        this.#step(stored, from, Math.min(stored.count, from + this.#batch.capacity));
      }
    } catch (error) {
      this.#stop(error);
    }
  }

  #step(stored: StoredBatch, from: number, to: number): void {
    const batch = this.#batch;
    batch.reset(stored.bytes);
    batch.count = to - from;
    for (let i = from; i < to; i++) {
      const row = i - from;
      batch.kind[row] = stored.kinds[i]!;
      batch.stamp[row] = stored.stamps[i]!;
      batch.position[row] = stored.position + i;
      batch.rawOff[row] = stored.offsets[i]!;
      batch.rawLen[row] = stored.offsets[i + 1]! - stored.offsets[i]!;
    }
    this.#decoder.decode(batch, 0);
    this.#changes.reset();
    this.partition.apply(batch, this.#changes);
    this.#next = stored.position + to;
    this.#settle(batch);
    this.#emit(batch, stored.position + from - 1);
  }

  /** Notes outcomes for waiting appends and answers commands. */
  #settle(batch: EventBatch): void {
    const changes = this.#changes;
    if (this.#wanted > 0) {
      for (let i = 0; i < batch.count; i++) {
        const outcome = batch.outcome[i]!;
        if (batch.kind[i] === RECORD_EVENT && outcome !== 0) {
          this.#applied.set(batch.position[i]!, { outcome, code: '' });
        }
      }
      for (const reject of changes.rejects) {
        const applied = this.#applied.get(reject.position);
        if (applied !== undefined) applied.code = reject.code;
      }
    }
    for (const one of changes.commands) {
      const resolve = this.#answers.get(one.commandId)?.[0];
      if (resolve !== undefined) this.#unwait(one.commandId, resolve);
      if (one.outcome === 'applied') {
        resolve?.({ outcome: 'applied', card: this.views.change(changes, one.change) });
      } else {
        const card = one.card < 0 ? null : this.views.current(one.card);
        resolve?.({ outcome: 'refused', code: one.code, card });
      }
    }
  }

  #emit(batch: EventBatch, from: number): void {
    const changes = this.#changes;
    for (let i = 0; i < batch.count; i++) {
      if (batch.kind[i] === RECORD_EVENT) this.#rows.record(batch, i, batch.outcome[i]!);
    }
    const cards: CardChange[] = [];
    for (let i = 0; i < changes.count; i++) cards.push(this.views.change(changes, i));
    this.#tally = tallyOf(changes) ?? this.#tally;
    const partition = this.#options.partition;
    const dead = changes.rejects.map(
      (one): DeadLetterRow => ({
        partition,
        position: one.position,
        stampMs: one.stamp,
        kind: one.kind,
        code: one.code,
        source: this.views.text(one.source),
        rawBase64: Buffer.from(one.raw).toString('base64'),
      }),
    );
    const { events, eventCount } = this.#rows.take();
    this.#options.emit({ partition, from, to: this.#next - 1, events, eventCount, cards, dead });
  }

  #fresh(): Partition {
    const dictionaries = new Dictionaries();
    const partition = new Partition({
      index: this.#options.partition,
      dictionaries,
      program: this.#program(this.#firstPack(), dictionaries),
      resolve: (hash) => this.#program(hash, dictionaries),
    });
    partition.packHash = this.#firstPack();
    return partition;
  }

  #restored(snapshot: Uint8Array): Partition {
    return restorePartition(snapshot, {
      resolve: (hash, dictionaries) => this.#program(hash, dictionaries),
    });
  }

  /** A log keeps the pack it was begun with, whatever the deployment's files say by now. */
  #firstPack(): string {
    return this.log.firstVersion() ?? this.#options.packHash;
  }

  #program(hash: string, dictionaries: Dictionaries): Program {
    const json = this.log.getVersion(hash);
    if (json === null) {
      throw new Error(`规则包 ${hash} 不在日志的版本表中 (pack version is not in the log's table)`);
    }
    const pack = JSON.parse(json) as PackSource;
    let calendars = this.#calendars.get(hash);
    if (calendars === undefined) {
      calendars = compileCalendars(pack);
      this.#calendars.set(hash, calendars);
    }
    return compileWith(pack, calendars, dictionaries.strings);
  }

  #assertRunning(): void {
    if (this.stopped !== '') throw new Error(this.stopped);
  }

  #stop(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.stopped = `分区 ${this.#options.partition} 在位置 ${this.#next} 停止 (partition stopped): ${text}`;
    this.#options.onStopped(this.stopped);
    for (const resolve of [...this.#answers.values()].flat()) {
      resolve({ outcome: 'refused', code: 'NOT_READY', card: null });
    }
    this.#answers.clear();
  }

  #unwait(commandId: string, settle: (result: CommandResult) => void): void {
    const others = (this.#answers.get(commandId) ?? []).filter((one) => one !== settle);
    if (others.length === 0) this.#answers.delete(commandId);
    else this.#answers.set(commandId, others);
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
