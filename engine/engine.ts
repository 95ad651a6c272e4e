/**
 * The composition root: log, kernel workers, sink and reader put together behind the facade.
 *
 * Owns: which implementations run, and the order of starting and stopping. The only file that picks
 * concrete ones. Does not own: rights (api/policy), HTTP, what a card means.
 *
 * Start: folder, sink, then workers (restore + replay), a publication that was cut short is completed,
 * then ready. Stop: intake closes, workers checkpoint once the sink has everything, then threads and
 * database close.
 */
import { assert } from './base/assert.ts';
import type { CardChange, CardCommand } from './cards/card.ts';
import { RECORD_EVENT } from './events/event.ts';
import type * as F from './facade.ts';
import { IntakeDesk } from './intake/desk.ts';
import { OUTCOMES } from './kernel/balance.ts';
import { addDigests, digestText } from './kernel/digest.ts';
import { EngineMetrics } from './observe/metrics.ts';
import type { PackSource } from './rules/source.ts';
import { AuditDesk } from './runtime/audit-desk.ts';
import { booksOf } from './runtime/books.ts';
import { CaseDesk } from './runtime/case-desk.ts';
import { ChangeDesk } from './runtime/change-desk.ts';
import { DataFolder } from './runtime/data-folder.ts';
import { Effects } from './runtime/effects.ts';
import type { PartitionState } from './runtime/messages.ts';
import { canonicalJson, packHash } from './runtime/pack-hash.ts';
import { PackNames } from './runtime/pack-names.ts';
import { Publisher } from './runtime/publisher.ts';
import { RaiseTimes } from './runtime/raise-times.ts';
import { ruleViews } from './runtime/rule-views.ts';
import { SummaryDesk } from './runtime/summary-desk.ts';
import type { ClockSettings } from './runtime/virtual-clock.ts';
import { REAL_TIME, VirtualClock } from './runtime/virtual-clock.ts';
import { Workers } from './runtime/workers.ts';
import { CaseReader } from './sinks/case-reader.ts';
import type { Database } from './sinks/clickhouse-client.ts';
import { openDatabase } from './sinks/clickhouse-client.ts';
import { ClickHouseSink } from './sinks/clickhouse-sink.ts';
import { Reader } from './sinks/reader.ts';

export interface EngineOptions {
  readonly dataDir: string;
  /** Pack a new log begins with; an existing log keeps its own. */
  readonly pack: PackSource;
  /** Of a new log, default 4; an existing log keeps its own. */
  readonly partitions?: number;
  readonly threads?: number;
  readonly clock?: ClockSettings;
  /** Key of the pseudonyms made at the door; kept in the data folder by the caller. */
  readonly pseudonymKey: Uint8Array;
  readonly log: (message: string) => void;
  readonly onProgress?: (applied: number, end: number) => void;
}

export const PARTITIONS_EMBEDDED = 4;
/** Longest wait of a command's answer for ClickHouse; screens hear of it by the socket anyway. */
const READ_YOUR_WRITE_MS = 2000;
/** Longest wait for ClickHouse when stopping; what it lacks then is replayed by the next start. */
const STOP_SINK_MS = 5000;
const DRAIN_LOOK_MS = 1000;
const EVERYWHERE: F.Scope = { organs: null, territories: null };
const STANDING_STILL: ClockSettings = { baseMs: 0, realBaseMs: 0, speed: 0 };

export class EmbeddedEngine implements F.Engine {
  readonly clock: VirtualClock;
  readonly partitions: number;
  readonly workers: Workers;
  readonly effects: Effects;
  readonly desk: IntakeDesk;
  readonly #options: EngineOptions;
  readonly #folder: DataFolder;
  readonly #listeners = new Set<(change: F.LiveChange) => void>();
  readonly #watchers = new Set<(card: CardChange) => void>();
  readonly #metrics: EngineMetrics;
  readonly #summaries: SummaryDesk;
  readonly #publisher: Publisher;
  readonly #cases: CaseDesk;
  readonly changes: ChangeDesk;
  readonly #raises = new RaiseTimes();
  readonly #database: Database;
  readonly #sink: ClickHouseSink;
  readonly #reader: Reader;
  /** Whole cases as they are stored, for whoever checks the engine. */
  readonly stored: CaseReader;
  readonly audit: AuditDesk;
  readonly #stopped = new Map<number, string>();
  #states: PartitionState[] = [];
  #names: PackNames;
  #sequence = 0;
  #ready = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#folder = new DataFolder(options.dataDir, options.partitions, PARTITIONS_EMBEDDED);
    this.partitions = this.#folder.partitions;
    this.clock = new VirtualClock(options.clock ?? REAL_TIME);
    this.#names = new PackNames(options.pack, packHash(options.pack));
    this.#database = this.#openDatabase();
    this.#sink = new ClickHouseSink(this.#database);
    this.#reader = new Reader(this.#database.reader);
    this.stored = new CaseReader(this.#database.auditor);
    this.workers = this.#makeWorkers();
    this.#publisher = new Publisher(this.workers, this.partitions);
    this.changes = new ChangeDesk({
      ...{ workers: this.workers, partitions: this.partitions, clock: this.clock },
      publisher: this.#publisher,
      names: () => this.#names,
      adopt: async (pack, hash) => {
        this.#names = new PackNames(pack, hash);
        this.desk.open(pack);
        await this.refresh();
      },
    });
    this.effects = new Effects({
      sink: this.#sink,
      onSunk: (partition, to) => this.#tell(partition, to),
      onCard: (card) => this.#hear(card),
      onTrouble: options.log,
    });
    this.desk = new IntakeDesk({
      partitions: this.partitions,
      pseudonymKey: options.pseudonymKey,
      clock: this.clock,
      target: {
        room: () => this.effects.room(),
        append: ({ slots: _, ...append }) =>
          this.workers.ask(append.partition, 'append', { ...append, kind: RECORD_EVENT }, [
            append.bytes.buffer,
          ]),
      },
    });
    this.#metrics = new EngineMetrics(OUTCOMES);
    this.audit = this.#makeAudit();
    this.#summaries = new SummaryDesk({
      partitions: this.partitions,
      workers: this.workers,
      reader: this.#reader,
      clock: this.clock,
      names: () => this.#names,
      deadMan: (scope) => this.audit.report(scope),
      onUnreadable: (error) =>
        options.log(
          `大屏:存储读不到,小时图与最新牌停在上次读到时 (wall: the store cannot be read): ${String(error)}`,
        ),
    });
    this.#cases = new CaseDesk({
      partitions: this.partitions,
      workers: this.workers,
      reader: this.#reader,
      effects: this.effects,
      clock: this.clock,
      names: () => this.#names,
      partitionOf: (caseKey) => this.desk.partitionOf(caseKey),
    });
  }

  async start(): Promise<void> {
    try {
      await this.#sink.open();
      const sunk: number[] = [];
      for (let p = 0; p < this.partitions; p++) sunk.push(await this.#sink.position(p));
      this.effects.begin(sunk);
      await this.workers.start(sunk);
      await this.refresh();
      await this.#completePublication();
      await this.#adoptPack();
      this.desk.open(this.#names.pack);
      // What replay emitted should be readable before anybody reads, unless ClickHouse is down.
      while (!(await this.effects.drain(DRAIN_LOOK_MS)) && this.effects.status.ok);
      await this.#raises.load(this.#reader);
      this.#ready = true;
      this.audit.begin();
    } catch (error) {
      await this.workers.terminate();
      await this.#close();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#ready = false;
    this.changes.close();
    await this.audit.close();
    await this.desk.close();
    // Time stands still from here on: no tick may come after the last checkpoint.
    await this.workers.all('clock', STANDING_STILL);
    if (await this.effects.drain(STOP_SINK_MS)) {
      for (let p = 0; p < this.partitions; p++) {
        if (!this.#stopped.has(p)) await this.workers.ask(p, 'checkpoint', { partition: p });
      }
      await this.effects.drain(STOP_SINK_MS);
    } else {
      this.#options.log(
        '分析库未写完,下次启动由日志补上 (ClickHouse is behind; the log will tell it)',
      );
    }
    await this.workers.close();
    await this.#close();
  }

  submit(body: Uint8Array, source: F.SubmitSource): Promise<readonly F.RowResult[]> {
    return this.desk.submit(body, source);
  }

  async command(command: CardCommand, scope: F.Scope): Promise<F.CommandResult> {
    const seen = await this.card(command.cardId, scope);
    if (seen === null || seen.caseKey !== command.caseKey) {
      return { outcome: 'refused', code: 'CARD_UNKNOWN', card: null };
    }
    // The card says where its case lives: a part of a joint case lives with its parent.
    const { partition } = seen;
    const json = JSON.stringify(command);
    const result = await this.workers.ask(partition, 'command', { partition, json });
    // Whoever acts reads next: what they did should be there.
    if (result.outcome === 'applied') await this.effects.stored(partition, READ_YOUR_WRITE_MS);
    return result;
  }

  publish(
    packJson: string,
    actor: string,
    reason: string,
    options?: F.PublishOptions,
  ): Promise<F.PublishResult> {
    return this.changes.publish({ pack: JSON.parse(packJson) }, actor, reason, options);
  }

  /** Declares the log ended at the instant (an import's last): open constraints are decided. */
  async endLog(atMs: number): Promise<void> {
    for (let p = 0; p < this.partitions; p++) {
      await this.workers.ask(p, 'tick', { partition: p, stampMs: atMs });
    }
    await this.#publisher.control(JSON.stringify({ type: 'logEnd', at: atMs }), '', atMs);
  }

  async cards(query: F.CardQuery, scope: F.Scope): Promise<F.CardPage> {
    const names = this.#names;
    const items = query.text === undefined ? [] : names.itemCodesLike(query.text);
    const read = () => this.#reader.cards(query, scope, items);
    const page = await (query.asOfMs === undefined ? read() : this.#cases.past(query.asOfMs, read));
    const nowMs = query.asOfMs ?? this.clock.nowMs();
    return { ...page, cards: page.cards.map((card) => names.card(card, nowMs)) };
  }

  async card(cardId: string, scope: F.Scope): Promise<F.CardView | null> {
    const card = await this.#reader.card(cardId, scope);
    return card === null ? null : this.#names.card(card, this.clock.nowMs());
  }

  async cardDetail(cardId: string, scope: F.Scope): Promise<F.CardDetail | null> {
    const card = await this.#reader.card(cardId, scope);
    return card === null ? null : this.#cases.card(card, scope);
  }

  caseDetail(caseKey: string, scope: F.Scope, asOfMs?: number): Promise<F.CaseDetail | null> {
    return this.#cases.detail(caseKey, scope, asOfMs);
  }

  summary(scope: F.Scope): Promise<F.WallSummary> {
    return this.#summaries.summary(scope);
  }

  async rules(scope: F.Scope): Promise<readonly F.RuleView[]> {
    return ruleViews(this.#names.pack, await this.#reader.ruleCounts(scope));
  }

  pack(): F.PackInfo {
    return this.#names.info();
  }

  /** The pack the log was begun with. */
  async firstPack(): Promise<PackSource> {
    const json = await this.workers.ask(0, 'pack', { partition: 0, hash: '' });
    assert(json !== null, 'a log holds the pack it was begun with');
    return JSON.parse(json) as PackSource;
  }

  async balance(): Promise<F.Balance> {
    await this.refresh();
    return booksOf(this.#states, this.desk.refused);
  }

  async deadLetters(limit: number, offset: number): Promise<readonly F.DeadLetterView[]> {
    return this.#reader.deadLetters(limit, offset);
  }

  async digest(): Promise<{ readonly digest: string; readonly cards: number }> {
    let total = { high: 0, low: 0, cards: 0 };
    for (let p = 0; p < this.partitions; p++) {
      total = addDigests(total, await this.workers.ask(p, 'digest', { partition: p }));
    }
    return { digest: digestText(total), cards: total.cards };
  }

  health(): F.EngineHealth {
    return {
      ready: this.#ready && this.#stopped.size === 0,
      partitions: this.#states.map((state) => ({
        partition: state.partition,
        end: state.end,
        applied: state.applied,
        sinkPosition: this.effects.position(state.partition),
        checkpoint: state.checkpoint,
        stopped: this.#stopped.get(state.partition) ?? state.stopped,
      })),
      sink: this.effects.status,
      deadMan: this.audit.report(EVERYWHERE),
    };
  }

  onChange(listener: (change: F.LiveChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Every card change as the kernel says it, without names (the demonstration's people read it). */
  onCard(watcher: (card: CardChange) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  async metrics(): Promise<string> {
    await this.refresh();
    const books = booksOf(this.#states, this.desk.refused);
    return this.#metrics.text(
      this.#states,
      books,
      this.effects.status,
      this.clock.nowMs(),
      this.audit.report(EVERYWHERE),
    );
  }

  /** Changes the speed of the engine's time (demonstration). */
  async setClock(settings: ClockSettings): Promise<void> {
    this.clock.set(settings);
    await this.workers.all('clock', settings);
  }

  /** Newest stamp in any partition; -Infinity for an empty log. */
  lastStampMs(): number {
    return Math.max(...this.#states.map((state) => state.lastStampMs));
  }

  states(): readonly PartitionState[] {
    return this.#states;
  }

  async refresh(): Promise<void> {
    const states: PartitionState[] = [];
    for (let p = 0; p < this.partitions; p++) {
      if (this.#stopped.has(p)) continue;
      states.push(await this.workers.ask(p, 'state', { partition: p }));
    }
    this.#states = states;
  }

  #openDatabase(): Database {
    const path = `${this.#options.dataDir}/clickhouse`;
    try {
      return openDatabase({ kind: 'embedded', path });
    } catch (error) {
      this.#folder.close();
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(
        `分析库 ${path} 打不开;它可由日志重建:移走该目录再启动 ` +
          `(ClickHouse cannot be opened; move its folder away and start again, the log rebuilds it): ${why}`,
        { cause: error },
      );
    }
  }

  async #close(): Promise<void> {
    this.effects.close();
    await this.#sink.close();
    await this.#database.close();
    this.#folder.close();
  }

  async #completePublication(): Promise<void> {
    const behind = await this.#publisher.complete(this.#states);
    if (behind.length === 0) return;
    const which = behind.join(', ');
    this.#options.log(`补完上次中断的规则发布:分区 ${which} (completed a publication cut short)`);
    await this.refresh();
  }

  /** The pack in force is the one the log says, not the one in the deployment's files. */
  async #adoptPack(): Promise<void> {
    const hash = this.#states[0]?.packHash ?? '';
    if (hash === '' || hash === this.#names.hash) return;
    const json = await this.workers.ask(0, 'pack', { partition: 0, hash });
    if (json === null) throw new Error(`规则包 ${hash} 不在日志中 (pack is not in the log)`);
    this.#names = new PackNames(JSON.parse(json) as PackSource, hash);
    this.#options.log(
      `沿用日志中的规则包 ${this.#names.pack.id} 第 ${this.#names.pack.version} 版 (pack of the log)`,
    );
  }

  #makeAudit(): AuditDesk {
    return new AuditDesk({
      partitions: this.partitions,
      workers: this.workers,
      effects: this.effects,
      stored: this.stored,
      clock: this.clock,
      terminal: () => this.#names.pack.terminal,
      onTrouble: this.#options.log,
    });
  }

  #makeWorkers(): Workers {
    const { dataDir, log, onProgress } = this.#options;
    const applied = new Map<number, { applied: number; end: number }>();
    return new Workers({
      threads: this.#options.threads ?? Math.min(2, this.partitions),
      partitionCount: this.partitions,
      dir: dataDir,
      packHash: this.#names.hash,
      packJson: canonicalJson(this.#names.pack),
      clock: this.clock.settings,
      onEffects: (batch) => this.effects.take(batch),
      onProgress: (partition, done, end) => {
        applied.set(partition, { applied: done, end });
        const all = [...applied.values()];
        onProgress?.(
          all.reduce((sum, one) => sum + one.applied, 0),
          all.reduce((sum, one) => sum + one.end, 0),
        );
      },
      onStopped: (partition, reason) => {
        this.#stopped.set(partition, reason);
        log(reason);
      },
    });
  }

  #tell(partition: number, to: number): void {
    if (this.#stopped.has(partition)) return;
    this.workers.ask(partition, 'sunk', { partition, to }).catch((error: unknown) => {
      this.#options.log(`分区 ${partition}: ${String(error)}`);
    });
  }

  #hear(card: CardChange): void {
    for (const watcher of this.#watchers) watcher(card);
    const raisedAtMs = this.#raises.of(card);
    if (this.#listeners.size === 0 && !this.#summaries.asked) return;
    const answer = answerOf(card);
    const view = this.#names.card({ ...card, raisedAtMs, ...answer }, this.clock.nowMs());
    this.#summaries.remember(view);
    const change = { seq: ++this.#sequence, card: view };
    for (const listener of this.#listeners) listener(change);
  }
}

function answerOf(card: CardChange): { answerCategory: string | null; answerText: string | null } {
  if (card.op !== 'answered') return { answerCategory: null, answerText: null };
  const { category, text } = JSON.parse(card.detail) as { category?: string; text?: string };
  return { answerCategory: category ?? null, answerText: text ?? null };
}
