/**
 * The fold: what one event, or the passing of time, does to one case.
 *
 * Owns: the order of things inside a case. For an event at instant t:
 *   1. rungs due at or before t fire, earliest first (law L2);
 *   2. clock actions of the event's type: stop, resume, suspend, extend, start;
 *   3. check rules; 4. sequence rules; 5. flags (seen, closed), end-of-case constraints.
 * Does not own: where events come from or whether they are late (partition.ts, refold.ts).
 *
 * Both paths run this code: the incremental path on one event, the re-fold on all of them in order.
 * That is why they agree (laws L1, L2; tests/property/refold.test.ts).
 *
 * Invariants
 * D1  Rungs of a case fire in the order (due, clock index, stage, rung).
 * D2  A deemed acceptance (视为受理, 行政许可法 32) happens at the due instant of the intake clock and
 *     counts from the day of receipt. A notice that comes later does not undo it: an acceptance starts
 *     nothing anew, a refusal stops only what waited for acceptance and does not end the case.
 */
import { ABSENT, EVENT_TYPES, FLAG_NOTICED } from '../events/event.ts';
import type { CheckDef, ClockDef, SequenceDef } from '../rules/program.ts';
import * as P from '../rules/program.ts';
import * as S from '../state/case-table.ts';
import { NO_STAGE } from '../state/clock-pool.ts';
import type { History } from '../state/history.ts';
import { CardLife } from './card-life.ts';
import { ClockOps } from './clock-ops.ts';
import { readFact } from './fact-values.ts';
import { Findings } from './findings.ts';
import { Moment } from './moment.ts';
import { Openings } from './openings.ts';
import type { Store } from './store.ts';

const ACCEPTED = EVENT_TYPES.indexOf('accepted');
const RECEIVED = EVENT_TYPES.indexOf('received');
const REFUSED = EVENT_TYPES.indexOf('refused');
const REOPENED = EVENT_TYPES.indexOf('reopened');

export class Fold {
  readonly #store: Store;
  readonly clocks: ClockOps;
  readonly life: CardLife;
  readonly findings: Findings;
  readonly moment: Moment;
  readonly #openings: Openings;
  #registers = new Float64Array(0);

  constructor(store: Store) {
    this.#store = store;
    this.clocks = new ClockOps(store);
    this.life = new CardLife(store);
    this.findings = new Findings(store, this.life);
    this.moment = new Moment(store);
    this.#openings = new Openings(store, this.clocks, this.moment);
  }

  /**
   * Applies the moment's event. The caller has set `moment`, decided that the event is in order, and let
   * everything due at or before it fire (step 1).
   */
  event(): void {
    const { moment } = this;
    const row = moment.row;
    const h = moment.history;
    const i = moment.index;
    const type = h.type[i]!;
    this.clocks.granted = 0;
    if (type === RECEIVED) this.#found(row);
    this.#act(row, type, h, i);
    this.#check(row, type, h, i);
    const rules = this.#store.program.sequences[type]!;
    if (rules.length > 0) this.#sequences(row, rules, h, i);
    this.#mark(row, type, h.at[i]!);
  }

  /** Fires every rung of the row due at or before `ms`. */
  fire(row: number, ms: number): void {
    const store = this.#store;
    const clocks = store.clocks;
    for (;;) {
      let due = Number.POSITIVE_INFINITY;
      let first = -1;
      const count = clocks.count(row);
      for (let k = 0; k < count; k++) {
        const at = clocks.at(row, k);
        const next = this.clocks.nextRung(at);
        if (next > ms || next > due) continue;
        if (next < due || (first >= 0 && this.#before(at, first))) {
          due = next;
          first = at;
        }
      }
      if (first < 0) return;
      this.#ring(row, first, due);
    }
  }

  /** Earliest instant at which time brings something to the row's clocks or cards; else Infinity. */
  nextDue(row: number): number {
    const clocks = this.#store.clocks;
    const count = clocks.count(row);
    let due = this.life.nextDue(row);
    for (let k = 0; k < count; k++) {
      const next = this.clocks.nextRung(clocks.at(row, k));
      if (next < due) due = next;
    }
    return due;
  }

  /** The log is declared ended: constraints that were still open are decided (finite traces). */
  endLog(row: number, ms: number): void {
    const table = this.#store.table;
    // A case whose records were all taken back has no course that could have ended.
    if (table.lastAt(row) === Number.NEGATIVE_INFINITY) return;
    this.fire(row, ms);
    this.#ends(row, this.#store.program.atLogEnd, ms);
    table.set(row, S.SEEN, table.get(row, S.SEEN) | S.ROW_LOG_ENDED);
    if (ms > table.lastFired(row)) table.setLastFired(row, ms);
  }

  #before(a: number, b: number): boolean {
    const clocks = this.#store.clocks;
    if (clocks.def(a) !== clocks.def(b)) return clocks.def(a) < clocks.def(b);
    return clocks.stage(a) < clocks.stage(b);
  }

  #ring(row: number, at: number, due: number): void {
    const store = this.#store;
    const clocks = store.clocks;
    const def = store.program.clocks[clocks.def(at)]!;
    const rung = clocks.rung(at);
    const stage = clocks.stage(at);
    const occurrence = clocks.occurrence(at);
    clocks.setRung(at, rung + 1);
    if (due > store.table.lastFired(row)) store.table.setLastFired(row, due);
    const measure = clocks.measure(at);
    store.trace?.clock('rung', def.index, stage, occurrence, due, due, rung, measure);
    this.findings.raise(row, def, def.rungLevel[rung]!, stage, occurrence, due, true);
    if (def.deemed >= 0 && rung === def.dueRung) this.#deem(row, def, due);
  }

  /** D2: the engine itself accepts, effective from the start of the clock, or decides, from now. */
  #deem(row: number, def: ClockDef, due: number): void {
    const store = this.#store;
    const { moment } = this;
    const idle = this.#openings.deemed(row) ? 1 << REFUSED : 0;
    const start = moment.startOf(def, this.clocks, idle);
    if (start < 0) return;
    const accepts = def.deemed === ACCEPTED;
    const effective = accepts ? moment.past().at[start]! : due;
    const seen = store.table.get(row, S.SEEN) | (1 << def.deemed);
    store.table.set(row, S.SEEN, seen | (accepts ? S.ROW_DEEMED : S.ROW_RENEWED));
    if (accepts) store.trace?.deemed(due, effective);
    const actions = store.program.actions[def.deemed]!;
    for (let a = 0; a < actions.length; a += P.ACTION_WORDS) {
      const clock = store.program.clocks[actions[a + 1]!]!;
      // What asks for a stage or a procedure asks for an event that names one.
      if (clock.index === def.index || actions[a + 2]! >= 0 || actions[a + 3]! >= 0) continue;
      if (actions[a] === P.ACT_START) {
        this.#start(row, clock, actions[a + 4]!, effective, moment.past(), start);
      } else if (actions[a] === P.ACT_STOP) {
        this.clocks.stop(row, clock, NO_STAGE, due);
      }
    }
  }

  #act(row: number, type: number, h: History, i: number): void {
    const actions = this.#store.program.actions[type]!;
    const late = (type === ACCEPTED || type === REFUSED) && this.#openings.deemed(row);
    for (let a = 0; a < actions.length; a += P.ACTION_WORDS) {
      const wanted = actions[a + 2]!;
      if (wanted >= 0 && wanted !== h.stage[i]!) continue;
      const special = actions[a + 3]!;
      if (special >= 0 && special !== h.special[i]!) continue;
      const def = this.#store.program.clocks[actions[a + 1]!]!;
      if (late && !this.#stillActs(type, actions[a]!, def)) continue;
      if (actions[a] === P.ACT_START) this.#begin(row, def, actions[a + 4]!, h, i);
      else this.#one(row, actions[a]!, def, h, i);
    }
  }

  /** D2: what a notice still does that comes after a deemed acceptance. */
  #stillActs(type: number, kind: number, def: ClockDef): boolean {
    if (type === ACCEPTED) return kind !== P.ACT_START;
    return kind === P.ACT_STOP && (def.stopMask & (1 << ACCEPTED)) !== 0;
  }

  #begin(row: number, def: ClockDef, opens: number, h: History, i: number): void {
    // A case that is accepted already does not wait for acceptance again, nor for what is decided.
    const done = (1 << def.deemed) | S.ROW_RENEWED;
    if (def.deemed >= 0 && (this.#store.table.get(row, S.SEEN) & done) !== 0) return;
    this.#start(row, def, opens, h.at[i]!, h, i);
  }

  #start(row: number, def: ClockDef, opens: number, at: number, h: History, i: number): void {
    if ((this.#store.table.get(row, S.SEEN) & def.unlessMask) !== 0) return;
    if (!def.perStage) this.clocks.start(row, def, NO_STAGE, at, h, i);
    else if (opens !== P.OPENS_OWN) this.#openings.open(row, def, opens, at, h, i);
    else if (h.stage[i]! !== ABSENT) this.clocks.start(row, def, h.stage[i]!, at, h, i);
  }

  #one(row: number, kind: number, def: ClockDef, h: History, i: number): void {
    const at = h.at[i]!;
    const stage = def.perStage && h.stage[i]! !== ABSENT ? h.stage[i]! : NO_STAGE;
    switch (kind) {
      case P.ACT_STOP:
        this.clocks.stop(row, def, stage, at);
        break;
      case P.ACT_RESUME:
        this.clocks.resume(row, def, at, def.pauseTo[h.type[i]!]!);
        break;
      case P.ACT_RESUME_CAPPED:
        this.clocks.resumeCapped(row, def, at);
        break;
      case P.ACT_SUSPEND:
        this.clocks.suspend(row, def, at, def.pauseFrom[h.type[i]!]!);
        break;
      case P.ACT_SUSPEND_CAPPED:
        // Excluded only while announced in writing (行政许可法 45).
        if ((h.flags[i]! & FLAG_NOTICED) !== 0) {
          this.clocks.suspendCapped(row, def, at, h.days[i]!);
        }
        break;
      default:
        this.clocks.extend(row, def, at, h.days[i]!);
    }
  }

  #check(row: number, type: number, h: History, i: number): void {
    const program = this.#store.program;
    const checks = program.checks[type]!;
    if (checks.length === 0) return;
    if (this.#registers.length !== program.registerCount) {
      this.#registers = new Float64Array(program.registerCount);
    }
    const facts = program.factsOn[type]!;
    for (let f = 0; f < facts.length; f++) {
      const one = facts[f]!;
      this.#registers[one.register] = readFact(one.fact, this.#store, this.moment, this.clocks);
    }
    for (let k = 0; k < checks.length; k++) {
      const check = checks[k]!;
      if (check.stage >= 0 && check.stage !== h.stage[i]) continue;
      if (!P.inForce(check, h.at[i]!) || !check.condition(this.#registers)) continue;
      if (check.once && this.findings.stands(row, check)) continue;
      const occurrence = check.once ? 0 : this.#ordinal(check);
      this.findings.raise(row, check, check.level, NO_STAGE, occurrence, h.at[i]!, false);
    }
  }

  /**
   * How many events the check judged before: the occurrence of an `each` finding. Each event is judged
   * by the version in force at its instant, so that a later version changes no number given before.
   */
  #ordinal(check: CheckDef): number {
    const mask = check.onMask;
    if (check.versions !== null) return this.#judged(check.versions);
    if ((this.#store.table.get(this.moment.row, S.SEEN) & mask) === 0) return 0;
    const past = this.moment.past();
    let n = 0;
    for (let i = 0; i < this.moment.pastCount; i++) if ((mask & (1 << past.type[i]!)) !== 0) n++;
    return n;
  }

  #judged(versions: readonly P.Judged[]): number {
    const past = this.moment.past();
    let n = 0;
    for (let i = 0; i < this.moment.pastCount; i++) {
      const bit = 1 << past.type[i]!;
      const at = past.at[i]!;
      if (versions.some((one) => (one.onMask & bit) !== 0 && P.inForce(one, at))) n++;
    }
    return n;
  }

  #sequences(row: number, rules: readonly SequenceDef[], h: History, i: number): void {
    for (let k = 0; k < rules.length; k++) {
      const rule = rules[k]!;
      if (!P.inForce(rule, h.at[i]!)) continue;
      if (rule.template === 'precedence') {
        if (rule.bStage >= 0 && rule.bStage !== h.stage[i]) continue;
        if (this.#happened(row, rule.aType, rule.aStage)) continue;
      } else if (rule.aStage >= 0 && rule.aStage !== h.stage[i]) {
        continue;
      }
      if (this.findings.stands(row, rule)) continue;
      this.findings.raise(row, rule, rule.level, NO_STAGE, 0, h.at[i]!, false);
    }
  }

  /** Did an event of the type (and stage) come before the moment? */
  #happened(row: number, type: number, stage: number): boolean {
    if ((this.#store.table.get(row, S.SEEN) & (1 << type)) === 0) return false;
    return stage < 0 || this.#lastIndex(type, stage) >= 0;
  }

  #lastIndex(type: number, stage: number): number {
    const past = this.moment.past();
    for (let i = this.moment.pastCount - 1; i >= 0; i--) {
      if (past.type[i] === type && (stage < 0 || past.stage[i] === stage)) return i;
    }
    return -1;
  }

  /** Existence and response, decided at an end. The moment stands after the last event. */
  #ends(row: number, rules: readonly SequenceDef[], ms: number): void {
    for (let k = 0; k < rules.length; k++) {
      const rule = rules[k]!;
      if (!P.inForce(rule, ms)) continue;
      const a = this.#lastIndex(rule.aType, rule.aStage);
      const broken =
        rule.template === 'existence'
          ? a < 0
          : a >= 0 && this.#lastIndex(rule.bType, rule.bStage) < a;
      if (!broken || this.findings.stands(row, rule)) continue;
      this.findings.raise(row, rule, rule.level, NO_STAGE, 0, ms, false);
    }
  }

  /** What is found at the receipt itself is found of a received case. */
  #found(row: number): void {
    const table = this.#store.table;
    table.set(row, S.SEEN, table.get(row, S.SEEN) & ~S.ROW_ORPHAN);
  }

  #mark(row: number, type: number, at: number): void {
    const store = this.#store;
    const table = store.table;
    let seen = table.get(row, S.SEEN) | (1 << type);
    if (type === REOPENED) seen &= ~S.ROW_CLOSED;
    const late = type === REFUSED && this.#openings.deemed(row);
    const ends = !late && (store.program.terminalMask & (1 << type)) !== 0;
    const closing = ends && (seen & S.ROW_CLOSED) === 0;
    if (ends) seen |= S.ROW_CLOSED;
    table.set(row, S.SEEN, seen);
    table.setLastAt(row, at);
    if (closing && store.program.atCaseEnd.length > 0) {
      this.moment.include();
      this.#ends(row, store.program.atCaseEnd, at);
    }
  }
}
