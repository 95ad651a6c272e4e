/**
 * The wall's numbers out of one partition: counts by organ, the most pressing cases, one cell a case.
 *
 * Owns: one pass over the rows, within a scope. Cost: linear in the cases, some 50 ns each; the shell
 * asks at most once a second and shares the answer.
 *
 * A case's state is that of its worst clock: expired before running, by the level of its worst open
 * card; suspended and uncomputable are states of their own, counted, never silence (law L5).
 */
import { CARD_STATES } from '../cards/card.ts';
import { EVENT_TYPES } from '../events/event.ts';
import * as S from '../state/case-table.ts';
import * as C from '../state/clock-pool.ts';
import { History } from '../state/history.ts';
import { suspended as isSuspended, ticking } from './clock-ops.ts';
import type { Partition } from './partition.ts';

export const CELL_SUSPENDED = 10;
export const CELL_UNCOMPUTABLE = 11;
const PRESSING_MAX = 40;
const CELLS_MAX = 4000;

const RECEIVED = 1 << EVENT_TYPES.indexOf('received');
const ACCEPTED = 1 << EVENT_TYPES.indexOf('accepted');

const OPEN_STATES = new Set(
  ['provisional', 'issued', 'acknowledged', 'rejected', 'escalated', 'reopened'].map((name) =>
    CARD_STATES.indexOf(name as (typeof CARD_STATES)[number]),
  ),
);

export interface PressingRow {
  readonly caseKey: string;
  readonly itemCode: string;
  readonly organ: string;
  readonly territory: string;
  readonly ruleId: string;
  readonly level: string;
  readonly levelRank: number;
  readonly state: 'running' | 'suspended' | 'expired' | 'uncomputable';
  readonly dueMs: number | null;
  readonly remainingWorkdays: number | null;
  readonly provisional: boolean;
}

export interface OrganCounts {
  open: number;
  overdue: number;
  suspended: number;
  uncomputable: number;
  provisional: number;
  /** Open (unanswered) cards by level code. */
  readonly cards: Record<string, number>;
  readonly cells: number[];
}

export interface PartitionSummary {
  readonly nowMs: number;
  readonly organs: Readonly<Record<string, OrganCounts>>;
  /** Open cards by territory. */
  readonly territories: Readonly<Record<string, { cards: number; open: number }>>;
  readonly pressing: readonly PressingRow[];
  /** Cases that were received, accepted, ended today (local day of the engine's time). */
  readonly today: {
    readonly received: number;
    readonly accepted: number;
    readonly finished: number;
  };
}

export interface SummaryScope {
  readonly organs: readonly string[] | null;
  readonly territories: readonly string[] | null;
}

interface CaseState {
  state: PressingRow['state'];
  clock: number;
  dueMs: number;
  rank: number;
  level: number;
}

export class Summarizer {
  readonly #partition: Partition;
  readonly #ranks = new Map<number, number>();
  #organs: Record<string, OrganCounts> = {};
  #territories: Record<string, { cards: number; open: number }> = {};
  /** Late cases and running ones, each worst first. */
  #late: { row: number; state: CaseState }[] = [];
  #near: { row: number; state: CaseState }[] = [];
  #cells = 0;
  #todayMs = 0;
  #today = { received: 0, accepted: 0, finished: 0 };
  readonly #history = new History();

  constructor(partition: Partition) {
    this.#partition = partition;
  }

  summarize(scope: SummaryScope): PartitionSummary {
    const { store } = this.#partition;
    this.#organs = {};
    this.#territories = {};
    this.#late = [];
    this.#near = [];
    this.#cells = 0;
    this.#today = { received: 0, accepted: 0, finished: 0 };
    const { calendar } = store.program;
    this.#todayMs = Number.isFinite(store.nowMs)
      ? calendar.dayStart(calendar.dayOf(store.nowMs))
      : Number.POSITIVE_INFINITY;
    this.#ranks.clear();
    for (const level of store.program.levels) this.#ranks.set(level.code, level.rank);
    const organs = this.#codes(scope.organs);
    const territories = this.#codes(scope.territories);
    for (let row = 0; row < store.table.count; row++) {
      if (organs !== null && !organs.has(store.table.get(row, S.ORGAN))) continue;
      if (territories !== null && !territories.has(store.table.get(row, S.TERRITORY))) continue;
      this.#row(row);
    }
    return {
      nowMs: store.nowMs,
      organs: this.#organs,
      territories: this.#territories,
      today: this.#today,
      pressing: [...this.#late, ...this.#near].map(({ row, state }) => this.#view(row, state)),
    };
  }

  #codes(list: readonly string[] | null): ReadonlySet<number> | null {
    if (list === null) return null;
    // A code never seen here is no case's; cases that name none have -1 as well (law L6).
    const ids = list.map((text) => this.#partition.store.dictionary.idOf(text));
    return new Set(ids.filter((id) => id >= 0));
  }

  #row(row: number): void {
    const { store } = this.#partition;
    const { table } = store;
    // All its records were taken back: there is no case, though its cards stay, withdrawn.
    if (table.lastAt(row) === Number.NEGATIVE_INFINITY) return;
    store.enter(row);
    if (table.lastAt(row) >= this.#todayMs) this.#countToday(row);
    const open = (table.get(row, S.SEEN) & S.ROW_CLOSED) === 0;
    if (!open && table.get(row, S.CARD_HEAD) === 0) return;
    const organ = this.#organ(this.#text(table.get(row, S.ORGAN)));
    const territory = this.#territory(this.#text(table.get(row, S.TERRITORY)));
    const state = this.#state(row);
    this.#openCards(row, organ, territory, state);
    if (!open) return;
    organ.open++;
    territory.open++;
    if (state.state === 'expired') organ.overdue++;
    if (state.state === 'suspended') organ.suspended++;
    if (state.state === 'uncomputable') organ.uncomputable++;
    const { calendar } = store;
    const finite = Number.isFinite(state.dueMs);
    if (finite && calendar.dayOf(state.dueMs - 1) > calendar.publishedLastDay) organ.provisional++;
    if (this.#cells++ < CELLS_MAX) organ.cells.push(cellOf(state));
    if (state.state === 'expired' || state.state === 'running') this.#press(row, state);
  }

  #countToday(row: number): void {
    const { events, program } = this.#partition.store;
    const h = this.#history;
    events.decode(row, h);
    let ended = 0;
    for (let i = h.count - 1; i >= 0 && h.at[i]! >= this.#todayMs; i--) {
      const bit = 1 << h.type[i]!;
      if ((bit & RECEIVED) !== 0) this.#today.received++;
      if ((bit & ACCEPTED) !== 0) this.#today.accepted++;
      if ((bit & program.terminalMask) !== 0) ended = 1;
    }
    this.#today.finished += ended;
  }

  /** Worst clock of the case: an expired one, else the next to expire, else why none runs. */
  #state(row: number): CaseState {
    const { clocks, nowMs } = this.#partition.store;
    const ops = this.#partition.fold.clocks;
    const out: CaseState = {
      state: 'running',
      clock: -1,
      dueMs: Number.POSITIVE_INFINITY,
      rank: 0,
      level: -1,
    };
    let suspended = false;
    let uncomputable = false;
    const count = clocks.count(row);
    for (let k = 0; k < count; k++) {
      const at = clocks.at(row, k);
      const state = clocks.state(at);
      if (isSuspended(state)) suspended = true;
      if (state === C.CLOCK_UNCOMPUTABLE) uncomputable = true;
      const late = clocks.late(at) && (ticking(state) || isSuspended(state));
      if (!late && !ticking(state)) continue;
      const due = late ? this.#lateDue(row, at) : ops.due(at);
      if (due < out.dueMs) {
        out.dueMs = due;
        out.clock = clocks.def(at);
      }
    }
    if (out.dueMs <= nowMs) out.state = 'expired';
    else if (suspended) out.state = 'suspended';
    else if (uncomputable && out.clock < 0) out.state = 'uncomputable';
    return out;
  }

  /** A clock that was suspended after its end ended when its card says. */
  #lateDue(row: number, at: number): number {
    const { clocks, cards, program, nowMs } = this.#partition.store;
    const def = program.clocks[clocks.def(at)]!;
    const level = def.rungLevel[def.dueRung];
    if (level === undefined) return nowMs;
    const stage = clocks.stage(at) === C.NO_STAGE ? -1 : clocks.stage(at);
    const card = cards.find(row, def.code, stage, clocks.occurrence(at), level.code);
    return card < 0 ? nowMs : cards.due[card]!;
  }

  #openCards(
    row: number,
    organ: OrganCounts,
    territory: { cards: number },
    state: CaseState,
  ): void {
    const { cards } = this.#partition.store;
    for (let c = cards.first(row); c >= 0; c = cards.after(c)) {
      if (!OPEN_STATES.has(cards.state[c]!)) continue;
      const level = cards.level[c]!;
      const text = this.#text(level);
      organ.cards[text] = (organ.cards[text] ?? 0) + 1;
      territory.cards++;
      const rank = this.#ranks.get(level) ?? 0;
      if (rank > state.rank) {
        state.rank = rank;
        state.level = level;
      }
    }
  }

  /** Keeps the most pressing of each list: by rank and newest lateness, or by nearest due. */
  #press(row: number, state: CaseState): void {
    if (state.clock < 0) return;
    const list = state.state === 'expired' ? this.#late : this.#near;
    if (list.length === PRESSING_MAX && !before(state, list[PRESSING_MAX - 1]!.state)) return;
    let at = list.length;
    while (at > 0 && before(state, list[at - 1]!.state)) at--;
    list.splice(at, 0, { row, state });
    if (list.length > PRESSING_MAX) list.pop();
  }

  #view(row: number, state: CaseState): PressingRow {
    const { store } = this.#partition;
    const { table, program } = store;
    store.enter(row);
    const { calendar } = store;
    const today = calendar.dayOf(store.nowMs);
    const lastDay = calendar.dayOf(state.dueMs - 1);
    return {
      caseKey: this.#key(row),
      itemCode: this.#text(table.get(row, S.ITEM)),
      organ: this.#text(table.get(row, S.ORGAN)),
      territory: this.#text(table.get(row, S.TERRITORY)),
      ruleId: program.clocks[state.clock]!.id,
      level: this.#text(state.level),
      levelRank: state.rank,
      state: state.state,
      dueMs: state.dueMs,
      remainingWorkdays: calendar.ordinal(lastDay) - calendar.ordinal(today),
      provisional: lastDay > calendar.publishedLastDay,
    };
  }

  #key(row: number): string {
    const { table, keys } = this.#partition.store;
    const at = table.get(row, S.KEY_OFF);
    const end = at + keys.lengthOf(row);
    return new TextDecoder().decode(keys.bytes.subarray(at, end));
  }

  #text(code: number): string {
    return code < 0 ? '' : this.#partition.store.dictionary.text(code);
  }

  #organ(code: string): OrganCounts {
    let counts = this.#organs[code];
    if (counts === undefined) {
      counts = {
        open: 0,
        overdue: 0,
        suspended: 0,
        uncomputable: 0,
        provisional: 0,
        cards: {},
        cells: [],
      };
      this.#organs[code] = counts;
    }
    return counts;
  }

  #territory(code: string): { cards: number; open: number } {
    let counts = this.#territories[code];
    if (counts === undefined) {
      counts = { cards: 0, open: 0 };
      this.#territories[code] = counts;
    }
    return counts;
  }
}

function cellOf(state: CaseState): number {
  if (state.rank > 0) return state.rank;
  if (state.state === 'suspended') return CELL_SUSPENDED;
  return state.state === 'uncomputable' ? CELL_UNCOMPUTABLE : 0;
}

function before(a: CaseState, b: CaseState): boolean {
  if (a.state !== 'expired') return a.dueMs < b.dueMs;
  return a.rank !== b.rank ? a.rank > b.rank : a.dueMs > b.dueMs;
}
