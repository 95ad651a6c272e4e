/**
 * A partition: the unit of order, state, checkpoint and scale. `apply` is the step function.
 *
 * Owns: the order between records and time (laws L1, L2), the choice between the incremental path and
 * the re-fold, duplicates, held records, commands and controls, and the books (L5).
 * Does not own: bytes (events/decode.ts), what an event means (fold.ts), disks, clocks, threads.
 *
 * For each record, in log order:
 *   1. held records and timers due at or before its stamp, in the order (due, row, kind);
 *   2. the record itself: event, command, control, or a tick (which is only its stamp).
 *
 * The incremental path is taken when the event lies at or after everything decided for its case
 * (`LAST_AT`, `LAST_FIRED`); otherwise the case is folded again with the event in its place.
 *
 * Invariants
 * N1  Stamps never go back (asserted; the log guarantees it).
 * N2  The result does not depend on how records are cut into batches.
 * N3  Every record gets exactly one outcome.
 */
import { assert } from '../base/assert.ts';
import { DAY_MS } from '../base/units.ts';
import type { CardCommand } from '../cards/card.ts';
import type { Changes } from '../cards/changes.ts';
import { itemOf } from '../events/batch-item.ts';
import { DECODE_REASONS, Decoder } from '../events/decode.ts';
import type { Dictionaries } from '../events/dictionary.ts';
import * as E from '../events/event.ts';
import type { Program } from '../rules/program.ts';
import * as S from '../state/case-table.ts';
import { identityOf } from '../state/event-list.ts';
import { History, RETRACTED_AT, TYPE_RETRACTED } from '../state/history.ts';
import { APPLIED, BalanceSheet, DEAD, DUPLICATE, HELD } from './balance.ts';
import { Commands } from './commands.ts';
import { Fold } from './fold.ts';
import { HeldList } from './held.ts';
import { fillIncoming } from './incoming.ts';
import { firstDifference, Rebase } from './rebase.ts';
import { Refold } from './refold.ts';
import { Store } from './store.ts';
import { WARM_GROUP, Warmer } from './warm.ts';

const RECEIVED = E.EVENT_TYPES.indexOf('received');
/** Stands for the source of a row's last event: coding it again costs two bytes, finding out a decode. */
const SOURCE_UNSAID = Number.NaN;
/** Greatest item version a row holds; a greater one is no version of any pack. */
const VERSION_MAX = 0xffff;

/** A record of kind RECORD_CONTROL, as JSON. */
export type Control =
  | {
      readonly type: 'publish';
      readonly hash: string;
      readonly version: number;
      /** Cases closed for longer keep their verdict; absent: none does. */
      readonly closedWindowDays?: number;
    }
  | { readonly type: 'logEnd'; readonly at: number }
  /** 水位: the source has delivered everything that happened up to `at`. */
  | { readonly type: 'watermark'; readonly source: string; readonly at: number };

export interface PartitionOptions {
  readonly index: number;
  readonly dictionaries: Dictionaries;
  readonly program: Program;
  /** Program of a published pack's hash, compiled for this partition's dictionary. */
  readonly resolve: (hash: string) => Program;
}

export class Partition {
  readonly store: Store;
  readonly fold: Fold;
  readonly refold: Refold;
  readonly balance = new BalanceSheet();
  readonly held = new HeldList();
  readonly #rebase: Rebase;
  readonly #commands: Commands;
  readonly #resolve: (hash: string) => Program;
  readonly #incoming = new History();
  readonly #warmer: Warmer;
  readonly #decoder: Decoder;
  readonly #single = new E.EventBatch(1);
  readonly #text = new TextDecoder();
  readonly #bytes = new TextEncoder();
  /** Where the controls lie that were obeyed: what a look back must go through again. */
  readonly controls: { readonly position: number; readonly stampMs: number }[] = [];
  /** Hash of the pack in force, '' for the one given at construction. */
  packHash = '';
  /** Hears now and then how far a publication has come (previews). */
  onRow: ((row: number) => void) | null = null;

  constructor(options: PartitionOptions) {
    this.store = new Store(options.index, options.dictionaries.strings, options.program);
    this.fold = new Fold(this.store);
    this.refold = new Refold(this.store, this.fold);
    this.#rebase = new Rebase(this.store, this.fold, this.refold, (row) => this.#arm(row));
    this.#commands = new Commands(this.store, this.fold.life);
    this.#warmer = new Warmer(this.store);
    this.#resolve = options.resolve;
    this.#decoder = new Decoder(options.dictionaries);
  }

  /** Applies all records of the batch; what was decided is appended to `out`. */
  apply(batch: E.EventBatch, out: Changes): void {
    this.store.out = out;
    for (let i = 0; i < batch.count; i++) {
      if (i % WARM_GROUP === 0) {
        this.#warmer.warm(batch, i, Math.min(batch.count, i + WARM_GROUP));
      }
      const stamp = batch.stamp[i]!;
      // What time brings is brought by the record that carries it.
      this.store.position = batch.position[i]!;
      this.#advance(stamp);
      const kind = batch.kind[i]!;
      if (kind === E.RECORD_EVENT) {
        batch.outcome[i] = this.#event(batch, i, stamp);
        continue;
      }
      this.balance.others++;
      if (kind !== E.RECORD_TICK) batch.outcome[i] = this.#other(batch, i, stamp, kind);
    }
  }

  /** Nothing happens by itself before this instant; Infinity when nothing waits. */
  quietUntilMs(): number {
    return Math.min(this.held.nextMs, this.store.wheel.quietUntilMs);
  }

  #advance(toMs: number): void {
    const store = this.store;
    assert(toMs >= store.nowMs, 'N1: stamps never go back');
    for (let one = this.held.take(toMs); one !== null; one = this.held.take(toMs)) {
      this.#fireTo(one.atMs);
      this.#release(one);
    }
    this.#fireTo(toMs);
  }

  #fireTo(ms: number): void {
    const store = this.store;
    const wheel = store.wheel;
    for (let row = wheel.next(ms); row >= 0; row = wheel.next(ms)) {
      const due = wheel.firedDue;
      if (due > store.nowMs) store.nowMs = due;
      this.fold.moment.single(row, this.#incoming, 0);
      this.fold.fire(row, due);
      this.fold.life.fire(row);
      this.#arm(row);
    }
    if (ms > store.nowMs) store.nowMs = ms;
  }

  #arm(row: number): void {
    this.fold.life.touched = false;
    let due = this.fold.nextDue(row);
    if (due <= this.store.nowMs) {
      // A rung that is due already when its clock starts rings at once, as it does in a re-fold.
      this.fold.moment.single(row, this.#incoming, 0);
      this.fold.fire(row, this.store.nowMs);
      this.fold.life.fire(row);
      due = this.fold.nextDue(row);
    }
    const wheel = this.store.wheel;
    if (due === wheel.dueOf(row)) return;
    if (due === Number.POSITIVE_INFINITY) wheel.cancel(row);
    else wheel.arm(row, due);
  }

  #event(batch: E.EventBatch, i: number, stamp: number): number {
    const source = batch.source[i]!;
    if (batch.reason[i] !== 0) {
      return this.#dead(batch, i, source, DECODE_REASONS[batch.reason[i]!]!);
    }
    const takesBack = (batch.flags[i]! & E.FLAG_RETRACTED) !== 0;
    if (batch.at[i]! > stamp && !takesBack) return this.#hold(batch, i, source, stamp);
    const outcome = this.#case(batch, i, source);
    if (outcome !== DEAD) this.balance.count(source, outcome);
    return outcome;
  }

  #case(batch: E.EventBatch, i: number, source: number): number {
    const { store } = this;
    const hash = batch.keyHash[i]!;
    const off = batch.keyOff[i]!;
    const length = batch.keyLen[i]!;
    let row = store.keys.find(batch.bytes, off, length, hash);
    const fresh = row < 0;
    if (fresh) {
      row = store.table.add();
      store.keys.put(row, batch.bytes, off, length, hash);
      if (batch.type[i] !== RECEIVED) store.table.set(row, S.SEEN, S.ROW_ORPHAN);
    }
    if (fresh) this.#attributes(row, batch, i);
    fillIncoming(this.#incoming, 0, batch, i, store.program, this.fold.clocks.itemOf(row));
    if (fresh) {
      this.#place(row);
      return APPLIED;
    }
    if (store.events.mayHold(row, identityOf(this.#incoming, 0))) {
      const known = this.#known(row);
      if (known >= 0) return this.#repeated(row, known, batch, i, source);
    }
    if (!store.events.hasRoom(row)) return this.#dead(batch, i, source, 'CASE_TOO_LARGE');
    if (this.#attributes(row, batch, i)) this.#named(row, batch, i);
    else this.#place(row);
    return APPLIED;
  }

  /** Takes item, organ and territory from the first event that names them; true when one is new. */
  #attributes(row: number, batch: E.EventBatch, i: number): boolean {
    const table = this.store.table;
    let learned = false;
    if (table.get(row, S.ITEM) < 0) {
      const item = itemOf(batch, i, this.store.dictionary);
      if (item >= 0) {
        table.set(row, S.ITEM, item);
        table.setHalf(
          row,
          S.ITEM_VERSION,
          Math.min(VERSION_MAX, Math.max(0, batch.itemVersion[i]!)),
        );
        learned = true;
      }
    }
    if (batch.organ[i]! >= 0 && table.get(row, S.ORGAN) < 0) {
      table.set(row, S.ORGAN, batch.organ[i]!);
      learned = true;
    }
    if (batch.territory[i]! >= 0 && table.get(row, S.TERRITORY) < 0) {
      table.set(row, S.TERRITORY, batch.territory[i]!);
      learned = true;
    }
    return learned;
  }

  /** The event names what its case had not named: all is decided again as if it had been known. */
  #named(row: number, batch: E.EventBatch, i: number): void {
    const { program } = this.store;
    fillIncoming(this.#incoming, 0, batch, i, program, this.fold.clocks.itemOf(row));
    this.fold.findings.renamed = true;
    this.#insert(row);
    this.fold.findings.renamed = false;
    // Another place may have other workdays.
    this.fold.life.rebase(row);
    this.#arm(row);
  }

  /** Applies incoming row 0 to its case: incrementally when it comes last, else by a re-fold. */
  #place(row: number): void {
    const { table, events } = this.store;
    const h = this.#incoming;
    const at = h.at[0]!;
    const last = table.lastAt(row);
    const inOrder = at > last && at >= table.lastFired(row) && this.#afterEnd(at);
    if (inOrder && h.type[0] !== TYPE_RETRACTED && !this.refold.shelved(row)) {
      // Everything due up to the stamp has fired (advance), and the event is not after the stamp.
      this.fold.moment.single(row, h, 0);
      this.fold.event();
      events.append(row, h, 0, Math.max(last, RETRACTED_AT), SOURCE_UNSAID);
      const { life } = this.fold;
      if (life.touched || this.store.program.actions[h.type[0]!]!.length > 0) this.#arm(row);
      return;
    }
    this.#insert(row);
  }

  /** Puts incoming row 0 in its place in the history and folds the case again. */
  #insert(row: number): void {
    const whole = this.refold.history;
    this.store.events.decode(row, whole);
    this.#put(row, whole);
  }

  #put(row: number, whole: History): void {
    this.#incoming.copyTo(whole, 0, whole.count);
    whole.settle(whole.count);
    whole.count++;
    this.store.events.replace(row, whole);
    this.refold.fold(row);
  }

  /** What happened up to the declared end of the log comes before it, whenever it arrives. */
  #afterEnd(at: number): boolean {
    const end = this.store.logEndMs;
    return at > end || end === Number.POSITIVE_INFINITY;
  }

  /** Index in refold.history of the event with the incoming identity, -1 when there is none. */
  #known(row: number): number {
    const whole = this.refold.history;
    const h = this.#incoming;
    this.store.events.decode(row, whole);
    const numbered = !Number.isNaN(h.seq[0]!);
    for (let k = 0; k < whole.count; k++) {
      if (whole.source[k] !== h.source[0]) continue;
      if (numbered ? whole.seq[k] === h.seq[0] : sameContent(whole, k, h)) return k;
    }
    return -1;
  }

  /** Same identity again: a duplicate, a newer revision or retraction, an older one, a contradiction. */
  #repeated(row: number, known: number, batch: E.EventBatch, i: number, source: number): number {
    const whole = this.refold.history;
    const h = this.#incoming;
    if (h.rev[0]! < whole.rev[known]!) return DUPLICATE;
    if (h.rev[0] === whole.rev[known]) {
      if (sameContent(whole, known, h)) return DUPLICATE;
      return this.#dead(batch, i, source, 'ID_REUSED_WITH_OTHER_CONTENT');
    }
    if (!this.store.events.hasRoom(row)) return this.#dead(batch, i, source, 'CASE_TOO_LARGE');
    whole.remove(known);
    const learned = this.#attributes(row, batch, i);
    if (learned) fillIncoming(h, 0, batch, i, this.store.program, this.fold.clocks.itemOf(row));
    this.fold.findings.renamed = learned;
    this.#put(row, whole);
    this.fold.findings.renamed = false;
    return APPLIED;
  }

  #hold(batch: E.EventBatch, i: number, source: number, stamp: number): number {
    const record = {
      atMs: batch.at[i]!,
      stampMs: stamp,
      position: batch.position[i]!,
      source,
      raw: rawOf(batch, i),
    };
    if (!this.held.add(record)) return this.#dead(batch, i, source, 'HELD_FULL');
    this.#reject('held', 'TIME_IN_FUTURE', record.position, stamp, source, record.raw);
    this.balance.count(source, HELD);
    return HELD;
  }

  #release(one: { position: number; source: number; raw: Uint8Array; atMs: number }): void {
    const batch = this.#single;
    batch.reset(one.raw);
    batch.count = 1;
    batch.kind[0] = E.RECORD_EVENT;
    batch.rawOff[0] = 0;
    batch.rawLen[0] = one.raw.length;
    batch.position[0] = one.position;
    batch.stamp[0] = one.atMs;
    this.#decoder.decode(batch, 0);
    const carrier = this.store.position;
    this.store.position = one.position;
    this.balance.release(one.source);
    this.#reject('released', 'TIME_IN_FUTURE', one.position, one.atMs, one.source, one.raw);
    this.#event(batch, 0, one.atMs);
    this.store.position = carrier;
  }

  #dead(batch: E.EventBatch, i: number, source: number, code: string): number {
    this.balance.count(source, DEAD);
    const position = batch.position[i]!;
    this.#reject('dead', code, position, batch.stamp[i]!, source, rawOf(batch, i));
    return DEAD;
  }

  #reject(
    kind: 'dead' | 'held' | 'released',
    code: string,
    position: number,
    stamp: number,
    source: number,
    raw: Uint8Array,
  ): void {
    this.store.out.rejects.push({ position, stamp, kind, code, source, raw });
  }

  /** Commands and controls: rare, so they may parse JSON. */
  #other(batch: E.EventBatch, i: number, stamp: number, kind: number): number {
    const parsed = parse(this.#text.decode(rawOf(batch, i)));
    const code = parsed === null ? 'JSON_SYNTAX' : this.#obey(parsed, kind, stamp);
    const position = batch.position[i]!;
    if (code === '') {
      if (kind === E.RECORD_CONTROL) this.controls.push({ position, stampMs: stamp });
      return APPLIED;
    }
    this.#reject('dead', code, position, stamp, -1, rawOf(batch, i));
    return DEAD;
  }

  /** Does what a command or control says; a code when that cannot be understood. */
  #obey(parsed: unknown, kind: number, stamp: number): string {
    if (kind === E.RECORD_COMMAND) {
      const command = parsed as CardCommand;
      const row = this.#commands.apply(command, this.#bytes.encode(command.caseKey), stamp);
      if (row >= 0) this.#arm(row);
      return '';
    }
    const control = parsed as Control;
    if (control.type === 'publish') this.publish(this.#resolve(control.hash), control);
    else if (control.type === 'logEnd' && Number.isFinite(control.at)) this.#endLog(control.at);
    else if (control.type === 'watermark') return this.#watermark(control.source, control.at);
    else return 'TYPE_UNKNOWN';
    return '';
  }

  /**
   * Puts a program in force: every case is decided as if it had been there from the start, but for
   * those that were closed longer ago than the control says.
   */
  publish(program: Program, control: Extract<Control, { type: 'publish' }>): void {
    const { store } = this;
    const { packVersion, calendar, ruleVersions } = store.program;
    const days = control.closedWindowDays ?? Number.POSITIVE_INFINITY;
    const from = store.out.count;
    const changed = firstDifference(store.program, program, store.nowMs);
    store.supersededPack = packVersion;
    store.supersededRules = ruleVersions;
    store.supersededCalendar = calendar.version;
    store.program = program;
    this.packHash = control.hash;
    const retimed = this.#rebase.since(changed, store.nowMs - days * DAY_MS, this.onRow);
    store.supersededPack = 0;
    store.supersededRules = null;
    store.supersededCalendar = 0;
    store.out.publication = { from, to: store.out.count, retimed };
  }

  /** A source's own word on what it has delivered; it never takes one back, nor speaks of the future. */
  #watermark(source: string, at: number): string {
    const { store } = this;
    if (typeof source !== 'string' || !Number.isFinite(at)) return 'TIME_INVALID_DATE';
    if (at > store.nowMs) return 'TIME_IN_FUTURE';
    const before = store.watermarks.get(source) ?? Number.NEGATIVE_INFINITY;
    if (at <= before) return '';
    store.watermarks.set(source, at);
    for (let card = 0, end = store.cards.count; card < end; card++) {
      store.enter(store.cards.row[card]!);
      this.fold.life.watermark(card);
      if (this.fold.life.touched) this.#arm(store.cards.row[card]!);
    }
    return '';
  }

  /** The end cannot lie ahead of time; declared again, it replaces the one before. */
  #endLog(atMs: number): void {
    const { store } = this;
    const again = store.logEndMs !== Number.POSITIVE_INFINITY;
    const end = Math.min(atMs, store.nowMs);
    store.logEndMs = end;
    for (let row = 0; row < store.table.count; row++) {
      if (again || store.table.lastAt(row) > end || this.refold.shelved(row)) {
        this.refold.row(row);
        continue;
      }
      this.fold.moment.single(row, this.#incoming, 0);
      this.fold.endLog(row, end);
      this.#arm(row);
    }
  }
}

/** Is event k the same record as incoming row 0? */
function sameContent(whole: History, k: number, h: History): boolean {
  return (
    whole.content[k] === h.content[0] && whole.at[k] === h.at[0] && whole.type[k] === h.type[0]
  );
}

function rawOf(batch: E.EventBatch, i: number): Uint8Array {
  const from = batch.rawOff[i]!;
  return batch.bytes.slice(from, from + batch.rawLen[i]!);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
