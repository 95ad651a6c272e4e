/**
 * The last word, once everything has healed: what the engine holds and what the sink stored, compared with
 *  - an undisturbed run of the same log, cut into other batches, in one process that never died;
 *  - the independent fold (checker/), which shares no code with the engine;
 *  - the account of what senders and people were told.
 */
import { expectedCards } from '../../checker/case-fold.ts';
import type { CardChange } from '../../engine/cards/card.ts';
import { Changes } from '../../engine/cards/changes.ts';
import { Decoder } from '../../engine/events/decode.ts';
import { Dictionaries } from '../../engine/events/dictionary.ts';
import * as E from '../../engine/events/event.ts';
import { CardViews } from '../../engine/kernel/card-view.ts';
import { digestOf, digestText } from '../../engine/kernel/digest.ts';
import { Partition } from '../../engine/kernel/partition.ts';
import type { StoredBatch } from '../../engine/log/log.ts';
import type { Program } from '../../engine/rules/program.ts';
import type { PackSource } from '../../engine/rules/source.ts';
import { packHash } from '../../engine/runtime/pack-hash.ts';
import type { PartitionHost } from '../../engine/runtime/partition-host.ts';
import { RowBinary } from '../../engine/sinks/row-binary.ts';
import { CARD_CHANGES, OUTCOMES, writeCard } from '../../engine/sinks/rows.ts';
import { type Line, programOf } from '../fixtures/kernel/rig.ts';
import { local } from '../fixtures/kernel/time.ts';
import type { SimulatedClickHouse } from './database.ts';
import { type Row, rowsOf } from './row-reader.ts';
import type { Scenario } from './scenario.ts';
import type { Watch } from './watch.ts';

interface LogRecord {
  readonly position: number;
  readonly kind: number;
  readonly stamp: number;
  readonly bytes: Uint8Array;
  readonly text: string;
}

interface Dead {
  readonly position: number;
  readonly kind: string;
  readonly code: string;
  readonly raw: string;
}

/** What a run that nothing disturbed makes of a log. */
interface Undisturbed {
  readonly digest: string;
  readonly changes: readonly CardChange[];
  readonly outcomes: ReadonlyMap<number, string>;
  readonly dead: readonly Dead[];
  readonly balance: string;
}

export class Oracle {
  readonly #scenario: Scenario;
  readonly #clickhouse: SimulatedClickHouse;
  readonly #watch: Watch;
  readonly #packs: ReadonlyMap<string, PackSource>;
  readonly #lines: ReadonlyMap<string, Line | null>;

  constructor(scenario: Scenario, clickhouse: SimulatedClickHouse, watch: Watch) {
    this.#scenario = scenario;
    this.#clickhouse = clickhouse;
    this.#watch = watch;
    this.#packs = new Map(scenario.packs.map((pack) => [packHash(pack), pack]));
    this.#lines = new Map(scenario.texts.map(({ text, line }) => [text, line]));
  }

  /** Everything that is wrong in the end, '' when nothing is. */
  judge(hosts: readonly PartitionHost[]): string {
    for (const host of hosts) {
      const problem = this.#partition(host);
      if (problem !== '') return `partition ${host.state().partition}: ${problem}`;
    }
    const hashes = new Set(hosts.map(({ partition }) => partition.packHash));
    if (hashes.size > 1) return `partitions disagree on the pack: ${[...hashes].join(', ')}`;
    return this.#acts();
  }

  #partition(host: PartitionHost): string {
    const { partition } = host.state();
    const records = recordsOf(host);
    const straight = this.#undisturbed(host, records);
    const digest = digestText(digestOf(host.partition.store));
    if (digest !== straight.digest) {
      return `digest ${digest}, undisturbed ${straight.digest}\n${this.#compareCards(host)}`;
    }
    const balance = balanceText(host.partition);
    if (balance !== straight.balance) return `books ${balance}, undisturbed ${straight.balance}`;
    return (
      this.#watch.altered(host, partition) ||
      this.#events(partition, records, straight) ||
      this.#cardRows(partition, straight) ||
      this.#deadLetters(partition, straight) ||
      this.#bad(records, straight) ||
      this.#commanded(partition, records) ||
      this.#fold(host, records)
    );
  }

  #undisturbed(host: PartitionHost, records: readonly LogRecord[]): Undisturbed {
    const dictionaries = new Dictionaries();
    const resolve = (hash: string): Program => programOf(this.#pack(hash), dictionaries);
    const first = packHash(this.#scenario.packs[0] as PackSource);
    const { partition: index } = host.state();
    const partition = new Partition({ index, dictionaries, program: resolve(first), resolve });
    const views = new CardViews(partition.store);
    const decoder = new Decoder(dictionaries);
    const out = new Changes();
    const changes: CardChange[] = [];
    const outcomes = new Map<number, string>();
    const dead: Dead[] = [];
    for (let at = 0; at < records.length; at += 5) {
      const batch = batchOf(records.slice(at, at + 5));
      decoder.decode(batch, 0);
      out.reset();
      partition.apply(batch, out);
      for (let i = 0; i < out.count; i++) changes.push(views.change(out, i));
      for (let i = 0; i < batch.count; i++) {
        outcomes.set(batch.position[i] as number, OUTCOMES[batch.outcome[i] as number] as string);
      }
      for (const { position, kind, code, raw } of out.rejects) {
        dead.push({ position, kind, code, raw: Buffer.from(raw).toString('base64') });
      }
    }
    const digest = digestText(digestOf(partition.store));
    return { digest, changes, outcomes, dead, balance: balanceText(partition) };
  }

  /** Every event record once, with its bytes and what became of it. */
  #events(partition: number, records: readonly LogRecord[], straight: Undisturbed): string {
    const rows = new Map(
      this.#clickhouse
        .rows('events')
        .filter((row) => row.partition === partition)
        .map((row) => [Number(row.position), row]),
    );
    const events = records.filter(({ kind }) => kind === E.RECORD_EVENT);
    if (rows.size !== events.length) return `${events.length} events, ${rows.size} rows of them`;
    for (const { position, bytes, stamp } of events) {
      const row = rows.get(position);
      if (row === undefined) return `the event at ${position} has no row`;
      const told = JSON.stringify([row.raw, row.stamp, row.outcome]);
      const outcome = straight.outcomes.get(position);
      const held = JSON.stringify([Buffer.from(bytes).toString('latin1'), stamp, outcome]);
      if (told !== held) return `the row of the event at ${position} says ${told}, not ${held}`;
    }
    return '';
  }

  #cardRows(partition: number, straight: Undisturbed): string {
    const key = (row: Row): string => `${row.card_id} ${row.version}`;
    const rows = this.#clickhouse.rows('card_changes').filter((r) => r.partition === partition);
    const stored = new Map(rows.map((row) => [key(row), JSON.stringify(row)]));
    const out = new RowBinary();
    for (const change of straight.changes) writeCard(out, change);
    const wanted = rowsOf(CARD_CHANGES, out.copy());
    for (const row of wanted) {
      const found = stored.get(key(row));
      if (found === undefined) return `change ${key(row)} is not stored: ${JSON.stringify(row)}`;
      if (found !== JSON.stringify(row)) {
        return `change ${key(row)} is stored as\n  ${found}, not\n  ${JSON.stringify(row)}`;
      }
    }
    if (stored.size !== wanted.length) return `${wanted.length} changes, ${stored.size} stored`;
    const newest = new Map(wanted.map((row) => [String(row.card_id), Number(row.version)]));
    for (const row of this.#clickhouse.rows('cards')) {
      if (row.partition !== partition) continue;
      if (newest.get(String(row.card_id)) === row.version) newest.delete(String(row.card_id));
    }
    return newest.size === 0 ? '' : `cards are not read as they are: ${[...newest].join('; ')}`;
  }

  #deadLetters(partition: number, straight: Undisturbed): string {
    const rows = this.#clickhouse.rows('dead_letters').filter((r) => r.partition === partition);
    const text = (list: readonly (readonly unknown[])[]): string =>
      list
        .map((one) => one.join(' '))
        .sort()
        .join('\n');
    const stored = text(rows.map((r) => [r.position, r.kind, r.code, r.raw_base64]));
    const wanted = text(straight.dead.map((d) => [d.position, d.kind, d.code, d.raw]));
    return stored === wanted ? '' : `dead letters are\n${stored}\nnot\n${wanted}`;
  }

  /** A record that cannot be read is a dead letter with its own bytes, and only such a one. */
  #bad(records: readonly LogRecord[], straight: Undisturbed): string {
    const unreadable = straight.dead.filter(
      ({ kind, code }) => kind === 'dead' && code !== 'ID_REUSED_WITH_OTHER_CONTENT',
    );
    const found = unreadable.map(({ position }) => position).sort((a, b) => a - b);
    const wanted = records
      .filter(({ kind, text }) => kind === E.RECORD_EVENT && this.#lines.get(text) === null)
      .map(({ position }) => position);
    return found.join() === wanted.join()
      ? ''
      : `unreadable records stand at ${wanted.join()}, dead letters say ${found.join()}`;
  }

  /** Human acts are in the log before they take effect, with actor and reason (L7). */
  #commanded(partition: number, records: readonly LogRecord[]): string {
    const byPosition = new Map(records.map((record) => [record.position, record]));
    for (const row of this.#clickhouse.rows('card_changes')) {
      if (row.partition !== partition || !['acknowledged', 'answered'].includes(String(row.op))) {
        continue;
      }
      const record = byPosition.get(Number(row.position));
      if (record?.kind !== E.RECORD_COMMAND) return `an act at ${row.position} is not in the log`;
      const { actor, cardId } = JSON.parse(record.text) as { actor: string; cardId: string };
      if (actor !== row.actor || cardId !== row.card_id || record.stamp !== row.at) {
        return `the act at ${row.position} is told otherwise than the log has it`;
      }
    }
    return '';
  }

  #acts(): string {
    const rows = new Map(
      this.#clickhouse.rows('card_changes').map((row) => [`${row.card_id} ${row.version}`, row]),
    );
    for (const { cardId, version, actor } of this.#watch.acts) {
      const row = rows.get(`${cardId} ${version}`);
      if (row?.actor !== actor) return `the act of ${actor} on ${cardId} was confirmed and is gone`;
    }
    return '';
  }

  // The independent fold.

  #fold(host: PartitionHost, records: readonly LogRecord[]): string {
    const wanted = this.#expected(host, records);
    const { store } = host.partition;
    const views = new CardViews(store);
    const versions = this.#calendarVersions(records);
    for (let card = 0; card < store.cards.count; card++) {
      const one = views.current(card);
      const name = [one.caseKey, one.ruleId, one.stage, one.occurrence, one.level].join('|');
      if (!versions.has(one.calendarVersion)) {
        return `${name} was decided by calendar ${one.calendarVersion}, which was never in force`;
      }
      const expected = wanted.get(name);
      wanted.delete(name);
      if (one.state === 'withdrawn') {
        if (expected !== undefined) return `${name} is withdrawn, the fold has ${expected}`;
        continue;
      }
      const acted = one.state === 'acknowledged' || one.state === 'answered';
      const state = acted ? (expected?.split(' ').at(-1) ?? '') : one.state;
      const said = `${local(one.dueMs)} ${one.provisional ? '? ' : ''}${state}`;
      if (said !== expected)
        return `${name} is ${said}, the fold has ${expected ?? 'no such card'}`;
    }
    const [missing] = wanted;
    return missing === undefined ? '' : `${missing[0]} is missing: ${missing[1]}`;
  }

  #expected(host: PartitionHost, records: readonly LogRecord[]): Map<string, string> {
    const now = host.partition.store.nowMs;
    const logEnd = logEndOf(records);
    const out = new Map<string, string>();
    for (const [caseKey, events] of this.#cases(records)) {
      const cards = expectedCards({
        pack: this.#packInForce(records),
        events,
        now,
        ...(logEnd === null ? {} : { logEnd }),
      });
      for (const [name, { due, state, unsure }] of cards) {
        out.set(`${caseKey}|${name}`, `${local(due)} ${unsure ? '? ' : ''}${state}`);
      }
    }
    return out;
  }

  /** Events of each case as they took effect: a future one counts from its own instant on. */
  #cases(records: readonly LogRecord[]): Map<string, Line[]> {
    const effective = records.flatMap(({ kind, text, stamp, position }) => {
      const line = kind === E.RECORD_EVENT ? this.#lines.get(text) : null;
      if (line === null || line === undefined) return [];
      return [{ line, ms: Math.max(stamp, line.at), held: line.at > stamp ? 0 : 1, position }];
    });
    effective.sort((a, b) => a.ms - b.ms || a.held - b.held || a.position - b.position);
    const cases = new Map<string, Line[]>();
    for (const { line } of effective) {
      cases.set(line.caseKey, [...(cases.get(line.caseKey) ?? []), line]);
    }
    return cases;
  }

  #published(records: readonly LogRecord[]): PackSource[] {
    const later = controlsOf(records).flatMap(({ control }) =>
      control.type === 'publish' ? [this.#pack(String(control.hash))] : [],
    );
    return [this.#scenario.packs[0] as PackSource, ...later];
  }

  #packInForce(records: readonly LogRecord[]): PackSource {
    return this.#published(records).at(-1) as PackSource;
  }

  #calendarVersions(records: readonly LogRecord[]): Set<number> {
    return new Set(this.#published(records).map(({ calendar }) => calendar.version));
  }

  #compareCards(host: PartitionHost): string {
    return this.#fold(host, recordsOf(host)) || 'the fold agrees with the engine';
  }

  #pack(hash: string): PackSource {
    const pack = this.#packs.get(hash);
    if (pack === undefined) throw new Error(`the scenario has no pack ${hash}`);
    return pack;
  }
}

function recordsOf(host: PartitionHost): LogRecord[] {
  const out: LogRecord[] = [];
  for (const batch of host.log.read(0, 64)) out.push(...recordsOfBatch(batch));
  return out;
}

function recordsOfBatch(batch: StoredBatch): LogRecord[] {
  return Array.from({ length: batch.count }, (_, i) => {
    const bytes = batch.bytes.slice(batch.offsets[i], batch.offsets[i + 1]);
    const stamp = batch.stamps[i] as number;
    const kind = batch.kinds[i] as number;
    return {
      position: batch.position + i,
      kind,
      stamp,
      bytes,
      text: Buffer.from(bytes).toString(),
    };
  });
}

function batchOf(records: readonly LogRecord[]): E.EventBatch {
  const batch = new E.EventBatch(records.length);
  batch.reset(Buffer.concat(records.map(({ bytes }) => bytes)));
  batch.count = records.length;
  let offset = 0;
  for (const [i, { position, kind, stamp, bytes }] of records.entries()) {
    batch.kind[i] = kind;
    batch.stamp[i] = stamp;
    batch.position[i] = position;
    batch.rawOff[i] = offset;
    batch.rawLen[i] = bytes.length;
    offset += bytes.length;
  }
  return batch;
}

interface ReadControl {
  readonly type: string;
  readonly hash?: string;
  readonly at?: number;
}

function controlsOf(records: readonly LogRecord[]): { control: ReadControl; stamp: number }[] {
  return records
    .filter(({ kind }) => kind === E.RECORD_CONTROL)
    .map(({ text, stamp }) => ({ control: JSON.parse(text) as ReadControl, stamp }));
}

function logEndOf(records: readonly LogRecord[]): number | null {
  const last = controlsOf(records).findLast(({ control }) => control.type === 'logEnd');
  return last === undefined ? null : Math.min(Number(last.control.at), last.stamp);
}

function balanceText(partition: Partition): string {
  const rows = partition.balance.entries().map(([source, counts]) => `${source}:${counts.join()}`);
  return `${partition.balance.others} ${rows.sort().join(' ')}`;
}
