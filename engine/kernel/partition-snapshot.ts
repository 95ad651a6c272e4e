/**
 * Partition ⇄ snapshot sections.
 *
 * Everything a partition knows is copied as it lies in memory, except what can be rebuilt at once: the
 * key index (from the rows) and the wheel (from the clocks). The program is not in it: the snapshot
 * names the hash of the pack in force and the reader compiles it against the restored dictionary, which
 * gives every code the id it had.
 */
import { Dictionaries, Dictionary } from '../events/dictionary.ts';
import type { Program } from '../rules/program.ts';
import { Arena } from '../state/arena.ts';
import { CardTable } from '../state/card-table.ts';
import { CaseTable } from '../state/case-table.ts';
import { ClockPool } from '../state/clock-pool.ts';
import { EventLists } from '../state/event-list.ts';
import { KeyIndex } from '../state/key-index.ts';
import { readSnapshot, SnapshotError, writeSnapshot } from '../state/snapshot.ts';
import type { HeldRecord } from './held.ts';
import { Partition } from './partition.ts';

interface Meta {
  readonly index: number;
  readonly nowMs: number | null;
  readonly logEndMs: number | null;
  readonly packHash: string;
  readonly cards: number;
  readonly cardRuns: number;
  readonly proposals: readonly (readonly [number, string])[];
  readonly watermarks: readonly (readonly [string, number])[];
  readonly others: number;
  readonly balance: readonly (readonly [number, readonly number[]])[];
  readonly controls: readonly { readonly position: number; readonly stampMs: number }[];
  readonly held: readonly (Omit<HeldRecord, 'raw'> & { readonly raw: readonly number[] })[];
}

export interface RestoreOptions {
  /** Program of a pack hash ('' = the pack the partition was first made with). */
  readonly resolve: (hash: string, dictionaries: Dictionaries) => Program;
}

export function snapshotOf(partition: Partition): Uint8Array {
  const { store } = partition;
  const meta: Meta = {
    index: store.index,
    nowMs: finite(store.nowMs),
    logEndMs: finite(store.logEndMs),
    packHash: partition.packHash,
    cards: store.cards.count,
    cardRuns: store.cards.clocks.count,
    proposals: [...store.cards.proposals],
    watermarks: [...store.watermarks],
    others: partition.balance.others,
    balance: partition.balance.entries(),
    controls: partition.controls,
    held: partition.held.all().map((one) => ({ ...one, raw: [...one.raw] })),
  };
  const sections = new Map<string, Uint8Array>();
  sections.set('meta', new TextEncoder().encode(JSON.stringify(meta)));
  sections.set('dictionary', store.dictionary.snapshot());
  sections.set('rows', store.table.bytes());
  sections.set('keys', store.keys.keyBytes());
  putArena(sections, 'events', store.events.arena);
  putArena(sections, 'clocks', store.clocks.arena);
  store.cards.columns().forEach((column, i) => {
    sections.set(`card${i}`, bytesOf(column));
  });
  store.cards.clocks.columns().forEach((column, i) => {
    sections.set(`cardRun${i}`, bytesOf(column));
  });
  return writeSnapshot(sections);
}

export function restorePartition(bytes: Uint8Array, options: RestoreOptions): Partition {
  const sections = readSnapshot(bytes);
  const meta = JSON.parse(new TextDecoder().decode(take(sections, 'meta'))) as Meta;
  const dictionaries = new Dictionaries(Dictionary.restore(take(sections, 'dictionary')));
  const partition = new Partition({
    index: meta.index,
    dictionaries,
    program: options.resolve(meta.packHash, dictionaries),
    resolve: (hash) => options.resolve(hash, dictionaries),
  });
  const { store } = partition;
  partition.packHash = meta.packHash;
  store.table = CaseTable.from(take(sections, 'rows'));
  store.keys = new KeyIndex(store.table, take(sections, 'keys'));
  store.events = new EventLists(store.table, takeArena(sections, 'events'));
  store.clocks = new ClockPool(store.table, takeArena(sections, 'clocks'));
  store.cards = new CardTable(store.table);
  const parts = store.cards.columns().map((_, i) => take(sections, `card${i}`));
  store.cards.load(meta.cards, parts);
  const runs = store.cards.clocks.columns().map((_, i) => take(sections, `cardRun${i}`));
  store.cards.clocks.load(meta.cardRuns, runs);
  for (const [card, actor] of meta.proposals) store.cards.proposals.set(card, actor);
  for (const [source, at] of meta.watermarks) store.watermarks.set(source, at);
  store.nowMs = meta.nowMs ?? Number.NEGATIVE_INFINITY;
  store.logEndMs = meta.logEndMs ?? Number.POSITIVE_INFINITY;
  partition.balance.load(meta.balance);
  partition.balance.others = meta.others;
  partition.controls.push(...meta.controls);
  for (const one of meta.held) partition.held.add({ ...one, raw: Uint8Array.from(one.raw) });
  for (let row = 0; row < store.table.count; row++) {
    store.enter(row);
    const due = partition.fold.nextDue(row);
    if (due !== Number.POSITIVE_INFINITY) store.wheel.arm(row, due);
  }
  return partition;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function bytesOf(column: Int32Array | Float64Array | Uint8Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

function putArena(sections: Map<string, Uint8Array>, name: string, arena: Arena): void {
  const { bytes, free } = arena.parts();
  sections.set(name, bytes);
  sections.set(`${name}Free`, bytesOf(free));
}

function takeArena(sections: ReadonlyMap<string, Uint8Array>, name: string): Arena {
  const free = take(sections, `${name}Free`).slice();
  return Arena.from(take(sections, name), new Int32Array(free.buffer));
}

function take(sections: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const bytes = sections.get(name);
  if (bytes === undefined) throw new SnapshotError(`快照缺少 ${name} 段 (section missing)`);
  return bytes;
}
