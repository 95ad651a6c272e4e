/**
 * The town: takes the steps of a scenario with real engine code, restarts what dies, and keeps its own
 * account of what was acknowledged. After each step the promises that hold at every moment are checked.
 *
 * What it does between two steps is what the outside does: senders send again what was not acknowledged,
 * an operator restarts what stopped, nothing else.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { partitionOf } from '../../engine/base/hash.ts';
import { Prng } from '../../engine/base/prng.ts';
import { RECORD_EVENT } from '../../engine/events/event.ts';
import { digestOf, digestText } from '../../engine/kernel/digest.ts';
import { explainCase } from '../../engine/kernel/explain.ts';
import { LogError } from '../../engine/log/log-error.ts';
import { SqliteLog } from '../../engine/log/sqlite-log.ts';
import { CheckpointStore } from '../../engine/runtime/checkpoint.ts';
import type { PartitionState } from '../../engine/runtime/messages.ts';
import { canonicalJson, packHash } from '../../engine/runtime/pack-hash.ts';
import type { PartitionHost } from '../../engine/runtime/partition-host.ts';
import { type Asked, Publisher } from '../../engine/runtime/publisher.ts';
import { SimulatedClickHouse } from './database.ts';
import * as disk from './doors/disk.ts';
import { doors, SimulatedCrash } from './doors/fate.ts';
import type { DatabaseSync } from './doors/sqlite.ts';
import { Machine } from './machine.ts';
import type { Damage, Scenario, Step } from './scenario.ts';
import { Watch } from './watch.ts';

const STARTS_MAX = 20;
const HEAL_ROUNDS_MAX = 50;

type Take<D extends Step['do']> = Extract<Step, { do: D }>;

/** A promise of the engine that was seen broken. */
export class Broken extends Error {}

export class Town {
  readonly scenario: Scenario;
  readonly clickhouse = new SimulatedClickHouse();
  readonly watch: Watch;
  readonly #dir: string;
  readonly #random: Prng;
  readonly #packHash: string;
  readonly #packJson: string;
  #machines: Machine[] = [];
  #made = 0;
  #baseMs = 0;
  #offsetMs = 0;
  #sleepers: (() => void)[] = [];
  #damage: Take<'damage'> | null = null;
  #backup: ReturnType<SimulatedClickHouse['backup']> | null = null;
  #ended = false;
  #healing = false;
  #commands = 0;
  /** Texts that were sent and not acknowledged. */
  readonly #owed = new Set<number>();

  constructor(scenario: Scenario, tmp: string) {
    this.scenario = scenario;
    this.#random = new Prng(scenario.seed ^ 0x51ed270b);
    this.#dir = mkdtempSync(join(tmp, 'town-'));
    mkdirSync(join(this.#dir, 'log'), { recursive: true });
    const [first] = scenario.packs;
    if (first === undefined) throw new Error('a scenario has a pack');
    this.#packHash = packHash(first);
    this.#packJson = canonicalJson(first);
    this.#baseMs = Math.min(...scenario.texts.map(({ stamp }) => stamp));
    this.watch = new Watch(this.clickhouse);
    doors.reset(this.#random);
    doors.onPower = () => disk.losePower();
    disk.resetDisk();
  }

  get hosts(): PartitionHost[] {
    const all = this.#machines.flatMap((machine) => [...machine.hosts]);
    return all.sort(([a], [b]) => a - b).map(([, host]) => host);
  }

  async open(): Promise<void> {
    await this.#start([...Array(this.scenario.partitions).keys()]);
  }

  async take(step: Step): Promise<void> {
    doors.trace.push(step.do);
    await this.#act(step);
    await this.#quiet();
    await this.#revive();
    this.check();
  }

  /** No more trouble: everything owed is sent, time comes to the end, the sink takes all. */
  async heal(): Promise<void> {
    doors.armed = null;
    this.#healing = true;
    await this.#revive();
    for (let round = 0; this.#owed.size > 0; round++) {
      if (round > HEAL_ROUNDS_MAX)
        throw new Broken('records are refused although nothing is wrong');
      await this.#feed({ do: 'feed', atMs: 0, texts: [...this.#owed], history: false });
      await this.#revive();
    }
    await this.#drain();
    const toMs = Math.max(this.scenario.untilMs, ...this.hosts.map(({ log }) => log.lastStamp));
    for (const host of this.hosts) {
      await host.tick(toMs);
      await host.settle();
    }
    await this.#drain();
    this.check();
  }

  /** Once more from the disk alone, as after a sudden end. */
  async restart(): Promise<void> {
    for (const machine of this.#machines) doors.crash(machine, false);
    await this.#revive();
    await this.#drain();
    this.check();
  }

  digest(): string {
    return this.hosts.map(({ partition }) => digestText(digestOf(partition.store))).join(' ');
  }

  close(): void {
    for (const machine of this.#machines) {
      machine.dead = true;
      for (const host of machine.hosts.values()) host.close();
    }
    for (const handle of [...doors.handles]) (handle as DatabaseSync).close();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  check(): void {
    const [violation] = doors.violations;
    if (violation !== undefined) throw new Broken(violation);
    for (const { stopped } of this.#machines) if (stopped !== '') throw new Broken(stopped);
    const problem = this.watch.look(this.hosts);
    if (problem !== '') throw new Broken(problem);
  }

  async #act(step: Step): Promise<void> {
    if (step.do === 'feed') return this.#feed(step);
    if (step.do === 'command') return this.#command(step);
    if (step.do === 'publish') return this.#publish(step);
    if (step.do === 'handOver') return this.#handOver(step.draw % this.scenario.partitions);
    if (step.do === 'endLog') return this.#endLog();
    if (step.do === 'explain') return this.#explain(step.draw);
    if (step.do === 'sink') return this.#sink(step);
    if (step.do === 'stop') return this.#stop();
    if (step.do === 'jump') this.#offsetMs += step.byMs;
    else if (step.do === 'tick') this.#tick();
    else if (step.do === 'arm') doors.armed = { ...step.armed };
    else if (step.do === 'damage') this.#damage = step;
    else if (step.do === 'sinkBackup') this.#backup = this.clickhouse.backup();
    else if (step.do === 'sinkLoss') this.#loseSink(step.whole);
    else if (step.do === 'checkpoint') this.#guarded((host) => host.checkpoint());
    else if (step.do === 'crash') doors.crash(this.#random.pick(this.#machines), step.power);
  }

  /** Work of each host that may die over it. */
  #guarded(work: (host: PartitionHost) => void): void {
    for (const machine of this.#machines) {
      for (const host of machine.hosts.values()) {
        try {
          if (!machine.dead) work(host);
        } catch (error) {
          if (!machine.dead) throw error;
        }
      }
    }
  }

  async #feed({ atMs, texts, history }: Take<'feed'>): Promise<void> {
    this.#baseMs = Math.max(this.#baseMs, atMs);
    const lanes = new Map<number, number[]>();
    for (const one of texts) {
      const partition = this.#partitionOf(this.scenario.texts[one]?.key ?? '');
      lanes.set(partition, [...(lanes.get(partition) ?? []), one]);
      this.#owed.add(one);
    }
    await Promise.all([...lanes].map(([partition, all]) => this.#send(partition, all, history)));
  }

  async #send(partition: number, texts: readonly number[], history: boolean): Promise<void> {
    const host = this.#hostOf(partition);
    const parts = texts.map((one) => Buffer.from(this.scenario.texts[one]?.text ?? ''));
    const offsets = new Int32Array(parts.length + 1);
    for (const [i, part] of parts.entries()) offsets[i + 1] = (offsets[i] as number) + part.length;
    const stamps = history
      ? Float64Array.from(texts, (one) => this.scenario.texts[one]?.stamp ?? 0)
      : 'live';
    try {
      const bytes = Buffer.concat(parts);
      const request = { partition, kind: RECORD_EVENT, bytes, offsets, stamps } as const;
      const { positions } = await host.append(request);
      for (const [i, one] of texts.entries()) {
        this.watch.acknowledged(partition, positions[i] as number, parts[i] as Uint8Array);
        this.#owed.delete(one);
      }
    } catch (error) {
      this.#refused(partition, error);
    }
  }

  /** A refusal is an answer; a log that broke is reopened by a restart. */
  #refused(partition: number, error: unknown): void {
    const machine = this.#machineOf(partition);
    if (machine.dead || machine.stopped !== '') return;
    const code = error instanceof LogError ? error.code : '';
    if (code === 'LOG_FULL') return;
    if (code !== 'LOG_BROKEN') throw error;
    // Until somebody restarts it, nothing more may be written.
    if (this.#healing || this.#random.chance(0.5)) doors.crash(machine, false);
  }

  async #command({ draw, answer, stale }: Take<'command'>): Promise<void> {
    const cards = this.clickhouse.rows('cards');
    const card = cards[draw % Math.max(1, cards.length)];
    if (card === undefined) return;
    const partition = Number(card.partition);
    const command = {
      commandId: `command-${this.#commands++}`,
      type: answer ? 'answer' : 'acknowledge',
      caseKey: String(card.case_key),
      cardId: String(card.card_id),
      actor: `person-${draw % 7}`,
      expectedVersion: Number(card.version) - (stale ? 1 : 0),
      ...(answer ? { data: { category: 'confirmed', text: 'done' } } : { reason: 'seen' }),
    };
    try {
      const result = await this.#hostOf(partition).command(JSON.stringify(command));
      if (result.outcome === 'applied' && result.card !== null) {
        this.watch.acted(result.card, command.actor);
      }
    } catch (error) {
      this.#refused(partition, error);
    }
  }

  #tick(): void {
    for (const machine of this.#machines) {
      const now = this.#now(machine.name);
      for (const host of machine.hosts.values()) host.tickIfDue(now);
    }
  }

  async #sink({ outcomes }: Take<'sink'>): Promise<void> {
    this.#wake();
    for (const outcome of outcomes) {
      await this.clickhouse.step(outcome, this.#random);
      await turn();
    }
  }

  async #publish({ pack, cutAfter }: Take<'publish'>): Promise<void> {
    const source = this.scenario.packs[pack];
    if (source === undefined) return;
    let left = cutAfter < 0 ? Number.POSITIVE_INFINITY : cutAfter;
    const ask = ((partition: number, name: string, request: object) => {
      if (name === 'control' && left-- <= 0) throw new SimulatedCrash('publish');
      return this.#ask(partition, name, request);
    }) as Asked['ask'];
    const publisher = new Publisher({ ask }, this.scenario.partitions);
    try {
      const done = async (): Promise<void> => {};
      await publisher.publish(() => source, 'person-0', 'simulated', {}, done);
    } catch (error) {
      if (this.#machines.some(({ stopped }) => stopped !== '')) return;
      const isFault = error instanceof SimulatedCrash || error instanceof LogError;
      if (!isFault && !this.#machines.some(({ dead }) => dead)) throw error;
      // The process that published is gone, or is restarted: the next start completes it.
      for (const machine of this.#machines) doors.crash(machine, false);
    }
  }

  async #ask(partition: number, name: string, request: object): Promise<unknown> {
    const host = this.#hostOf(partition);
    const said = request as { json: string; packJson: string; stamp: 'live'; hash: string };
    if (name === 'control') return host.control(said.json, said.packJson, said.stamp);
    if (name === 'pack') return host.packJson(said.hash);
    if (name === 'publication') return host.publication(said.hash);
    throw new Error(`a publisher does not ask ${name}`);
  }

  async #endLog(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const atMs = this.#baseMs;
    for (let partition = 0; partition < this.scenario.partitions; partition++) {
      const host = this.#hostOf(partition);
      try {
        await host.tick(atMs);
        await host.control(JSON.stringify({ type: 'logEnd', at: atMs }), '', atMs);
      } catch (error) {
        this.#refused(partition, error);
      }
    }
  }

  /** Looking at a case changes nothing. */
  async #explain(draw: number): Promise<void> {
    const host = this.#random.pick(this.hosts);
    if (doors.armed !== null) return;
    await host.settle();
    const { store } = host.partition;
    if (store.table.count === 0) return;
    const before = digestText(digestOf(store));
    explainCase(host.partition, draw % store.table.count);
    if (digestText(digestOf(store)) !== before)
      throw new Broken('explaining a case changed a card');
  }

  #loseSink(whole: boolean): void {
    for (const machine of this.#machines) doors.crash(machine, false);
    for (const machine of this.#machines) this.clickhouse.bury(machine, this.#random);
    this.clickhouse.restore(whole ? null : this.#backup);
    this.watch.sinkLost();
  }

  /** As engine.ts stops: checkpoints only when the sink has everything. */
  #stop(): void {
    const machines = this.#machines;
    this.#guarded((host) => {
      const machine = machines.find((one) => [...one.hosts.values()].includes(host));
      if (machine?.effects.status.waitingBytes === 0) host.checkpoint();
      if (machine?.dead === false) host.close();
    });
    for (const machine of machines) doors.crash(machine, false);
  }

  async #handOver(partition: number): Promise<void> {
    const from = this.#machineOf(partition);
    this.#assertLocked(partition);
    const old = from.release(partition);
    const owned = [...from.hosts.keys()];
    if (owned.length === 0) {
      doors.crash(from, false);
      this.#bury(from);
    }
    await this.#start([partition]);
    if (old === null) return;
    const lost = {
      partition,
      kind: RECORD_EVENT,
      bytes: Buffer.from('{}'),
      stamps: 'live',
    } as const;
    const sent = old.append({ ...lost, offsets: Int32Array.of(0, 2) });
    const taken = await sent.then(
      () => true,
      () => false,
    );
    if (taken) throw new Broken(`partition ${partition} took a record at its former owner`);
  }

  #assertLocked(partition: number): void {
    const dir = join(this.#dir, 'log');
    try {
      new SqliteLog({ dir, partition, partitions: this.scenario.partitions }).close();
    } catch (error) {
      if (error instanceof LogError && error.code === 'LOG_IN_USE') return;
      throw error;
    }
    throw new Broken(`partition ${partition} was opened twice at the same time`);
  }

  // Starting and dying.

  async #revive(): Promise<void> {
    for (let starts = 0; ; starts++) {
      this.#giveUp();
      const dead = this.#machines.filter((machine) => machine.dead);
      if (dead.length === 0) return;
      if (starts > STARTS_MAX) throw new Broken('the engine does not start any more');
      const partitions = dead.flatMap((machine) => [...machine.hosts.keys(), ...machine.wanted]);
      for (const machine of dead) this.#bury(machine);
      this.#harm();
      await this.#start([...new Set(partitions)].sort((a, b) => a - b));
      await this.#quiet();
    }
  }

  /** A log that broke stops its partition; that is a promise kept, and somebody restarts it. */
  #giveUp(): void {
    for (const machine of this.#machines) {
      if (machine.stopped.includes('LOG_BROKEN')) doors.crash(machine, false);
    }
  }

  async #start(partitions: readonly number[]): Promise<void> {
    if (partitions.length === 0) return;
    const name = `m${this.#made++}`;
    const machine = new Machine({
      ...{ name, partitions, partitionCount: this.scenario.partitions, dir: this.#dir },
      ...{ packHash: this.#packHash, packJson: this.#packJson, clickhouse: this.clickhouse },
      now: () => this.#now(name),
      sleep: () => new Promise((resolve) => this.#sleepers.push(resolve)),
    });
    this.#machines.push(machine);
    try {
      await machine.start();
      this.watch.started([...machine.hosts.values()]);
      await this.#complete();
    } catch (error) {
      if (isDiskError(error)) doors.crash(machine, false);
      if (!this.#machines.some(({ dead }) => dead)) throw error;
    }
  }

  /** A publication that was cut short is completed by the start after it. */
  async #complete(): Promise<void> {
    const states: PartitionState[] = this.hosts.map((host) => host.state());
    if (this.#machines.some(({ dead }) => dead)) return;
    const ask = ((partition: number, name: string, request: object) =>
      this.#ask(partition, name, request)) as Asked['ask'];
    await new Publisher({ ask }, this.scenario.partitions).complete(states);
  }

  #bury(machine: Machine): void {
    machine.effects.close();
    this.clickhouse.bury(machine, this.#random);
    if (this.#random.chance(0.5)) this.clickhouse.haunt();
    for (const handle of [...doors.handles]) {
      if (handle.owner === machine) (handle as DatabaseSync).bury();
    }
    this.#machines = this.#machines.filter((one) => one !== machine);
  }

  /** What happened to the checkpoints while nothing ran. */
  #harm(): void {
    const harm = this.#damage;
    this.#damage = null;
    if (harm === null) return;
    const partition = harm.draw % this.scenario.partitions;
    if (this.#machines.some((machine) => machine.hosts.has(partition))) return;
    this.watch.damaged(partition);
    this.#harmOne(partition, harm.damage, harm.draw);
  }

  #harmOne(partition: number, damage: Damage, draw: number): void {
    const names = disk.checkpointNames(partition).sort();
    const newest = names.at(-1);
    if (damage === 'beyond') this.#plantBeyond(partition);
    else if (newest === undefined) return;
    else if (damage === 'flip' || damage === 'cut') disk.damageFile(newest, draw, damage === 'cut');
    else if (damage === 'delete') disk.removeFile(newest);
    else if (damage === 'deleteAll') for (const name of names) disk.removeFile(name);
    else if (damage === 'swap') disk.exchange(newest, draw % 2 === 0 ? names[0] : undefined);
  }

  /** Sound checkpoints of positions that the log does not have. */
  #plantBeyond(partition: number): void {
    const keeper = { name: 'operator', dead: false };
    doors.owners.set(partition, keeper);
    const store = new CheckpointStore(`${this.#dir}/checkpoints`, () => {});
    const snapshot = store.latest(partition)?.snapshot ?? new Uint8Array(8);
    const end = this.watch.endOf(partition);
    for (const position of [end + 1000, end + 1001]) store.save(partition, position, snapshot);
  }

  async #quiet(): Promise<void> {
    for (let i = 0; i < 3; i++) await turn();
  }

  async #drain(): Promise<void> {
    for (let round = 0; round < 10_000; round++) {
      this.#wake();
      await this.#quiet();
      if (this.clickhouse.waiting === 0) return;
      await this.clickhouse.step('done', this.#random);
    }
    throw new Broken('the sink never has everything');
  }

  #wake(): void {
    for (const wake of this.#sleepers.splice(0)) wake();
  }

  #now(name: string): number {
    const skewed = Number(name.slice(1)) % 2 === 1;
    return this.#baseMs + this.#offsetMs + (skewed ? this.scenario.skewMs : 0);
  }

  #partitionOf(key: string): number {
    const bytes = new TextEncoder().encode(key);
    return partitionOf(bytes, 0, bytes.length, this.scenario.partitions);
  }

  #machineOf(partition: number): Machine {
    const machine = this.#machines.find((one) => one.hosts.has(partition));
    if (machine === undefined) throw new Error(`no machine has partition ${partition}`);
    return machine;
  }

  #hostOf(partition: number): PartitionHost {
    return this.#machineOf(partition).hosts.get(partition) as PartitionHost;
  }
}

/** An error of the simulated disk, however deep. */
function isDiskError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return 'errcode' in error || isDiskError(error.cause);
}

/** Lets everything run that needs no event from outside. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
