/**
 * Everything one partition knows: the columns, the indexes, the wheel, the program in force.
 *
 * Owns: holding the parts together, and the few scalars beside them. Does not own: any behaviour;
 * that is in clock-ops, findings, fold, refold, commands, which all work on one Store.
 *
 * Invariants
 * S1  `nowMs` is the stamp of the newest record applied, or the due instant being fired; it never goes
 *     back. It is the only time the kernel knows (law L2).
 * S2  For every row, the wheel is armed for the earliest rung of its clocks that has not fired.
 * S3  `calendar` is that of the case being looked at: whoever turns to a row enters it first.
 */

import type { Calendar } from '../calendars/calendar.ts';
import { CardIdHasher } from '../cards/card-id.ts';
import { Changes } from '../cards/changes.ts';
import type { Dictionary } from '../events/dictionary.ts';
import { calendarFor, type Program } from '../rules/program.ts';
import { CardTable } from '../state/card-table.ts';
import { CaseTable, ORGAN, TERRITORY } from '../state/case-table.ts';
import { ClockPool } from '../state/clock-pool.ts';
import { EventLists } from '../state/event-list.ts';
import { KeyIndex } from '../state/key-index.ts';
import { Wheel } from '../timers/wheel.ts';
import type { Trace } from './trace.ts';

export class Store {
  readonly index: number;
  readonly dictionary: Dictionary;
  program: Program;
  /** Of the case that was entered last. */
  calendar: Calendar;
  table: CaseTable;
  keys: KeyIndex;
  events: EventLists;
  clocks: ClockPool;
  cards: CardTable;
  wheel: Wheel;
  nowMs = Number.NEGATIVE_INFINITY;
  /** Position of the record being applied. */
  position = -1;
  /** Instant of the log's declared end (imports), or Infinity while it goes on. */
  logEndMs = Number.POSITIVE_INFINITY;
  /** While a pack is being published: versions in force before it, else 0. */
  supersededPack = 0;
  supersededCalendar = 0;
  /** Newest version by rule code, of the pack before; null when none is being published. */
  supersededRules: ReadonlyMap<number, number> | null = null;
  /** By source code: up to which instant the source has declared to have delivered everything. */
  readonly watermarks = new Map<string, number>();
  readonly cardId = new CardIdHasher();
  /** Where changes of the current call go. */
  out: Changes = new Changes();
  /** Listener of clock operations; only explanations set it. */
  trace: Trace | null = null;

  constructor(index: number, dictionary: Dictionary, program: Program) {
    this.index = index;
    this.dictionary = dictionary;
    this.program = program;
    this.calendar = program.calendar;
    this.table = new CaseTable();
    this.keys = new KeyIndex(this.table);
    this.events = new EventLists(this.table);
    this.clocks = new ClockPool(this.table);
    this.cards = new CardTable(this.table);
    this.wheel = new Wheel(Number.NEGATIVE_INFINITY);
  }

  /** The row's case is looked at now: its calendar counts. */
  enter(row: number): void {
    const { program, table } = this;
    if (program.local === null) this.calendar = program.calendar;
    else this.calendar = calendarFor(program, table.get(row, TERRITORY), table.get(row, ORGAN));
  }
}
