/**
 * The checker's verdict: which cards one case must have, given all its events, by the plainest means.
 *
 * It sorts the events as they happened, goes through them once, and walks every clock day by day
 * (clock.ts). It shares no code with the kernel: no columns, no measures, no incremental path,
 * no re-fold, no compiled rules. Conditions are in conditions.ts, time bills in bill.ts.
 */
import type { EventTypeName } from '../engine/events/event.ts';
import type {
  CheckSource,
  ClockSelector,
  ClockSource,
  ItemSource,
  PackSource,
  SequenceSource,
  StartSelector,
  ValiditySource,
} from '../engine/rules/source.ts';
import { identityOf, letIn } from './arrival.ts';
import { type BillDay, billOf } from './bill.ts';
import { OracleClock, type Pause } from './clock.ts';
import { holds, type Moment, stageOf } from './conditions.ts';
import { Days } from './days.ts';
import { safeFrom } from './lag.ts';
import { applies, leftTooLittle, limitOf, openedStages } from './limits.ts';
import type { Line } from './line.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** The order of types breaks ties of equal instants and numbers, as the vocabulary documents. */
const TYPES: readonly string[] = [
  'received supplementRequested supplementReceived accepted refused stageEntered stageDone',
  'specialOpened specialClosed suspended resumed extended decided feeCharged certificateIssued',
  'delivered finished withdrawn voided returned reopened materialSubmitted corrected itemChanged',
  'complaintFiled complaintAnswered rated',
].flatMap((line) => line.split(' '));

export interface OracleCard {
  readonly due: number;
  readonly state: 'issued' | 'provisional';
  /** The deadline leans on a year whose notice is not published. */
  readonly unsure: boolean;
}

export interface Ask {
  readonly pack: PackSource;
  /** Every event of one case that was delivered, in any order, repeated or not. */
  readonly events: readonly Line[];
  readonly now: number;
  /** Instant of the declared end of the log. */
  readonly logEnd?: number;
}

/** Cards that must stand, by `rule|stage|occurrence|level`. */
export function expectedCards(ask: Ask): Map<string, OracleCard> {
  return new OracleCase(ask).run();
}

/** What one run of a clock came to. */
export interface OracleRun {
  readonly rule: string;
  readonly stage: string;
  readonly occurrence: number;
  readonly start: number;
  readonly state: 'running' | 'suspended' | 'stopped' | 'expired' | 'uncomputable';
  /** Null while it is held up, or where it cannot be computed. */
  readonly due: number | null;
  readonly stopped: number | null;
  /** Days granted by extensions. */
  readonly extended: number;
  readonly pauses: readonly Pause[];
  /** Null where no days are counted one by one. */
  readonly bill: readonly BillDay[] | null;
}

export interface Verdict {
  readonly cards: ReadonlyMap<string, OracleCard>;
  readonly runs: readonly OracleRun[];
}

/** The cards, and every run of every clock with its bill: all that a dossier can be held against. */
export function judge(ask: Ask): Verdict {
  const one = new OracleCase(ask);
  return { cards: one.run(), runs: one.runs() };
}

/** The newest revision of every numbered event that was not taken back, each once, as they happened. */
export function settled(events: readonly Line[]): Line[] {
  const newest = new Map<string, Line>();
  for (const event of events) {
    const { rev = 0 } = event;
    const id = identityOf(event);
    const known = newest.get(id);
    if (known === undefined || (known.rev ?? 0) < rev) newest.set(id, event);
  }
  const standing = [...newest.values()].filter(({ retracted }) => retracted !== true);
  return standing.sort(
    (a, b) =>
      a.at - b.at || (a.seq ?? 0) - (b.seq ?? 0) || TYPES.indexOf(a.type) - TYPES.indexOf(b.type),
  );
}

class OracleCase {
  readonly #ask: Ask;
  readonly #pack: PackSource;
  readonly #days: Days;
  readonly #item: ItemSource | undefined;
  /** Records that say what the case is called, the first to come first. */
  readonly #naming: readonly Line[];
  readonly #organ: string | undefined;
  readonly #cards = new Map<string, OracleCard>();
  /** Clocks by id and stage, whatever the version; the last run of each. */
  readonly #clocks = new Map<string, OracleClock>();
  readonly #started = new Map<OracleClock, Line>();
  readonly #runs: OracleClock[] = [];
  readonly #past: Line[] = [];
  /** Rules with a finding, by id. */
  readonly #found = new Set<string>();
  #received = false;
  #closed = false;
  #deemed = false;
  #renewed = false;
  /** Units that the event being looked at added to a limit. */
  #granted = 0;

  constructor(ask: Ask) {
    this.#ask = ask;
    this.#pack = ask.pack;
    const naming = letIn(ask.events, ask.now);
    this.#naming = naming;
    this.#days = daysOf(ask.pack, naming);
    const named = naming.find(({ itemCode }) => itemCode !== undefined);
    this.#organ = naming.find(({ organ }) => organ !== undefined)?.organ;
    this.#item = ask.pack.items
      .filter((item) => item.code === named?.itemCode)
      .filter((item) => (named?.itemVersion ?? item.version) === item.version)
      .sort((a, b) => b.version - a.version)[0];
  }

  run(): Map<string, OracleCard> {
    const { now, events, logEnd = NEVER } = this.#ask;
    const end = logEnd <= now ? logEnd : NEVER;
    // What is said to happen later is held back, a revision too: until then the older one stands.
    // A retraction speaks of what was sent, so it counts as soon as it is there.
    const happened = settled(events.filter((event) => event.at <= now || event.retracted));
    let ended = false;
    for (const event of happened) {
      if (!ended && event.at > end && this.#past.length > 0) {
        this.#end(end);
        ended = true;
      }
      if (event.at > end) ended = true;
      this.#event(event);
    }
    if (!ended && end <= now && happened.length > 0) this.#end(end);
    this.#fire(now);
    return this.#cards;
  }

  /** In the order in which they began. */
  runs(): OracleRun[] {
    return this.#runs.map((clock) => ({
      rule: clock.def.id,
      stage: clock.stage,
      occurrence: clock.occurrence,
      start: clock.start,
      state: stateOf(clock, this.#ask.now),
      due: clock.due(),
      stopped: clock.stopped,
      extended: clock.granted,
      pauses: clock.pauses,
      bill: billOf(this.#days, clock, this.#ask.now),
    }));
  }

  #event(event: Line): void {
    this.#fire(event.at);
    if (event.type === 'received') this.#received = true;
    this.#granted = 0;
    const tooLate = event.type === 'refused' && this.#acceptedByLaw();
    this.#act(event);
    for (const check of this.#pack.checks) this.#check(check, event);
    for (const rule of this.#pack.sequences) this.#sequence(rule, event);
    this.#past.push(event);
    if (event.type === 'reopened') this.#closed = false;
    if (tooLate || !(this.#pack.terminal as readonly string[]).includes(event.type)) return;
    if (!this.#closed) this.#ends('caseEnd', event.at);
    this.#closed = true;
  }

  #end(at: number): void {
    this.#fire(at);
    this.#ends('logEnd', at);
  }

  #raise(
    rule: string,
    stage: string,
    occurrence: number,
    level: string,
    due: number,
    leans: boolean,
  ) {
    const name = [rule, stage, occurrence, level].join('|');
    this.#found.add(rule);
    if (this.#cards.has(name)) return;
    this.#cards.set(name, {
      due,
      state: this.#verdict(leans ? due - 1 : due),
      unsure: leans && this.#days.dayOf(due - 1) > this.#days.publishedTo,
    });
  }

  /** Provisional while a source may still deliver what refutes it, or the receipt is unknown. */
  #verdict(base: number): OracleCard['state'] {
    const safe = safeFrom(this.#pack, this.#days, { organ: this.#organ, base });
    if (safe !== null) return safe <= this.#ask.now ? 'issued' : 'provisional';
    return this.#received ? 'issued' : 'provisional';
  }

  // Clocks.

  #fire(until: number): void {
    for (;;) {
      let first: { clock: OracleClock; due: number } | null = null;
      for (const clock of this.#inOrder()) {
        const rung = clock.def.rungs[clock.nextRung];
        if (!clock.ticking || rung === undefined) continue;
        const due = clock.rungAt(rung.at);
        if (due <= until && (first === null || due < first.due)) first = { clock, due };
      }
      if (first === null) return;
      this.#ring(first.clock, first.due);
    }
  }

  #inOrder(): OracleClock[] {
    return [...this.#clocks.values()].sort((a, b) => a.index - b.index);
  }

  #ring(clock: OracleClock, due: number): void {
    const { def, stage, occurrence } = clock;
    const index = clock.nextRung++;
    this.#raise(def.id, stage, occurrence, def.rungs[index]?.level ?? '', due, true);
    const late = def.rungs.findIndex(
      ({ at }) => 'due' in at || 'after' in at || ('percent' in at && at.percent >= 100),
    );
    if (def.deemed !== undefined && index === late) this.#deem(clock, def.deemed, due);
  }

  /** 视为受理: as if accepted on the day the clock began. 视为准予延续: as if decided now. */
  #deem(waited: OracleClock, what: 'accepted' | 'decided', due: number): void {
    if (what === 'accepted') this.#deemed = true;
    else this.#renewed = true;
    const plain = (one: ClockSelector): boolean =>
      one.event === what && one.stage === undefined && one.special === undefined;
    for (const [index, def] of this.#pack.clocks.entries()) {
      if (index !== waited.index && def.stop.some(plain)) this.#stop(index, '', due);
    }
    const cause = this.#started.get(waited) as Line;
    const asIf = { ...cause, at: what === 'accepted' ? waited.start : due };
    for (const [index, def] of this.#pack.clocks.entries()) {
      if (index !== waited.index) this.#startAll(index, def, def.start.filter(plain), asIf);
    }
  }

  /** Accepted by law, and not handled anew since: what says otherwise now comes too late. */
  #acceptedByLaw(): boolean {
    return this.#deemed && !this.#past.some(({ type }) => type === 'reopened');
  }

  #act(event: Line): void {
    const clocks = [...this.#pack.clocks.entries()];
    const stage = stageOf(event);
    const meant = (one: ClockSelector): boolean =>
      is(one, event) && (one.special === undefined || one.special === event.data?.specialType);
    const late = this.#acceptedByLaw();
    for (const [index, def] of clocks) {
      if (!def.stop.some(meant)) continue;
      const waits = def.stop.some((one) => one.event === 'accepted');
      if (!late || event.type !== 'refused' || waits) this.#stop(index, stage, event.at);
    }
    if (late && event.type === 'refused') return;
    for (const [index] of clocks) this.#resume(index, event);
    for (const [index] of clocks) this.#closeSpecial(index, event);
    for (const [index] of clocks) this.#suspend(index, event);
    for (const [index] of clocks) this.#openSpecial(index, event);
    for (const [index, def] of clocks) {
      if (def.extend?.event === event.type) this.#extend(index, def, event);
    }
    if (late && event.type === 'accepted') return;
    for (const [index, def] of clocks) {
      // A case that is accepted, by whomever, does not wait for acceptance again.
      const done =
        (def.deemed === 'accepted' && this.#accepted()) ||
        (def.deemed === 'decided' && this.#decided()) ||
        (def.deemed !== undefined && this.#renewed);
      if (!done) this.#startAll(index, def, def.start.filter(meant), event);
    }
  }

  /** Starts a clock as each of its selectors says. */
  #startAll(index: number, def: ClockSource, selectors: readonly StartSelector[], event: Line) {
    const unless = def.unless ?? [];
    const already = (type: EventTypeName): boolean =>
      this.#past.some((one) => one.type === type) ||
      (type === 'accepted' && this.#deemed) ||
      (type === 'decided' && this.#renewed);
    if (unless.some(already)) return;
    for (const { opens } of selectors) {
      if (opens === undefined || def.perStage !== true) {
        this.#start(index, def, stageOf(event), event);
        continue;
      }
      if (this.#over(def)) continue;
      for (const stage of openedStages(this.#item, opens, stageOf(event))) {
        // A stage that was under way once begins anew only when somebody says so.
        if (!this.#clocks.has(`${def.id}|${stage}`)) this.#start(index, def, stage, event);
      }
    }
  }

  /** Has something stopped this clock for every stage, and nobody reopened the case since? */
  #over(def: ClockSource): boolean {
    const reopened = this.#past.findLastIndex(({ type }) => type === 'reopened');
    const since = this.#past.slice(reopened + 1);
    const ends = def.stop.filter((one) => one.stage === undefined && one.special === undefined);
    return since.some(
      (one) =>
        stageOf(one) === '' &&
        ends.some(({ event }) => event === one.type) &&
        !(one.type === 'refused' && this.#acceptedByLaw()),
    );
  }

  #decided(): boolean {
    return this.#renewed || this.#past.some(({ type }) => type === 'decided');
  }

  #accepted(): boolean {
    return this.#deemed || this.#past.some(({ type }) => type === 'accepted');
  }

  #of(index: number): OracleClock[] {
    return this.#inOrder().filter((clock) => clock.index === index && clock.state !== 'stopped');
  }

  #start(index: number, def: ClockSource, eventStage: string, event: Line): void {
    if (def.perStage === true && eventStage === '') return;
    if (!valid(def, event.at)) return;
    const stage = def.perStage === true ? eventStage : '';
    const name = `${def.id}|${stage}`;
    const before = this.#clocks.get(name);
    if (before !== undefined && before.state !== 'stopped') return;
    const fits = applies(def, stage, this.#item) && !leftTooLittle(this.#days, def, event);
    if (before?.def !== def && !fits) return;
    const occurrence = before === undefined ? 0 : before.occurrence + 1;
    const limit = limitOf(def, stage, event, this.#item);
    const covered = this.#days.dayOf(event.at) >= this.#days.coveredFrom;
    const place = { index, stage, occurrence, start: event.at };
    const clock = new OracleClock(this.#days, def, place, covered ? limit : null);
    this.#clocks.set(name, clock);
    this.#started.set(clock, event);
    this.#runs.push(clock);
  }

  #stop(index: number, stage: string, at: number): void {
    for (const clock of this.#of(index)) {
      if (clock.def.perStage === true && stage !== '' && clock.stage !== stage) continue;
      clock.stop(at);
    }
  }

  #suspend(index: number, { type, at }: Line): void {
    for (const clock of this.#of(index)) {
      if (clock.state !== 'running') continue;
      for (const [k, pair] of (clock.def.suspend ?? []).entries()) {
        if (pair.cap !== undefined || pair.from !== type) continue;
        if (!clock.suspended) clock.pause(at);
        clock.open.add(k);
      }
    }
  }

  #resume(index: number, { type, at }: Line): void {
    for (const clock of this.#of(index)) {
      for (const [k, pair] of (clock.def.suspend ?? []).entries()) {
        if (pair.cap !== undefined || pair.to !== type || !clock.open.delete(k)) continue;
        const pause = clock.pauses.findLast((one) => one.kind === 'suspension');
        if (!clock.suspended && pause !== undefined) pause.to = at;
      }
    }
  }

  #openSpecial(index: number, event: Line): void {
    const announced = Number(event.data?.days ?? 0);
    if (event.data?.noticed !== true || announced <= 0) return;
    for (const clock of this.#of(index)) {
      const capped = (clock.def.suspend ?? []).some((p) => p.cap && p.from === event.type);
      if (!capped || clock.state !== 'running' || clock.special !== undefined) continue;
      if (clock.expired(event.at)) continue;
      clock.pauses.push({ kind: 'special', from: event.at, to: NEVER, announced });
    }
  }

  #closeSpecial(index: number, event: Line): void {
    for (const clock of this.#of(index)) {
      const capped = (clock.def.suspend ?? []).some((p) => p.cap && p.to === event.type);
      if (capped && clock.special !== undefined) clock.special.to = event.at;
    }
  }

  #extend(index: number, def: ClockSource, event: Line): void {
    const most =
      def.extend?.max === 'item' ? (this.#item?.extensionMax ?? 0) : (def.extend?.max ?? 0);
    for (const clock of this.#of(index)) {
      if (clock.state !== 'running' || clock.expired(event.at)) continue;
      const asked = Number(event.data?.days ?? 0);
      if (asked <= 0 || clock.granted + asked > most) continue;
      clock.extend(asked);
      this.#granted = asked;
    }
  }

  // Rules.

  #check(check: CheckSource, event: Line): void {
    if (!valid(check, event.at)) return;
    for (const one of check.on) {
      if (one.event !== event.type) continue;
      if (one.stage !== undefined && one.stage !== stageOf(event)) continue;
      if (!holds(check.conditions, this.#moment(event))) continue;
      const once = check.occurrence === 'once';
      if (once && this.#found.has(check.id)) continue;
      const occurrence = once ? 0 : this.#judgedBefore(check.id);
      this.#raise(check.id, '', occurrence, check.level, event.at, false);
    }
  }

  #moment(event: Line): Moment {
    const first = (field: 'itemCode' | 'organ' | 'territory'): string | undefined =>
      this.#naming.find((one) => one[field] !== undefined)?.[field];
    return {
      event,
      past: this.#past,
      item: this.#item,
      itemCode: first('itemCode'),
      organ: first('organ'),
      territory: first('territory'),
      days: this.#days,
      accepted: this.#accepted(),
      closed: this.#closed,
      deemed: this.#deemed,
      granted: this.#granted,
      clocks: this.#inOrder(),
    };
  }

  /** Events so far that were a check's business under the version of their own day. */
  #judgedBefore(id: string): number {
    const versions = this.#pack.checks.filter((check) => check.id === id);
    return this.#past.filter(({ type, at }) =>
      versions.some((one) => valid(one, at) && one.on.some(({ event }) => event === type)),
    ).length;
  }

  #sequence(rule: SequenceSource, event: Line): void {
    if (!valid(rule, event.at) || this.#found.has(rule.id)) return;
    if (rule.template === 'absence' && is(rule.a, event)) {
      this.#raise(rule.id, '', 0, rule.level, event.at, false);
    }
    if (rule.template !== 'precedence' || rule.b === undefined || !is(rule.b, event)) return;
    const { event: first, stage } = rule.a;
    const byLaw = (first === 'accepted' && this.#deemed) || (first === 'decided' && this.#renewed);
    const deemed = byLaw && stage === undefined;
    if (deemed || this.#past.some((one) => is(rule.a, one))) return;
    this.#raise(rule.id, '', 0, rule.level, event.at, false);
  }

  #ends(end: 'caseEnd' | 'logEnd', at: number): void {
    for (const rule of this.#pack.sequences) {
      if (rule.template !== 'existence' && rule.template !== 'response') continue;
      if (!(rule.checkedAt ?? ['caseEnd', 'logEnd']).includes(end)) continue;
      const a = this.#past.findLastIndex((one) => is(rule.a, one));
      const b = this.#past.findLastIndex((one) => rule.b !== undefined && is(rule.b, one));
      const broken = rule.template === 'existence' ? a < 0 : a >= 0 && b < a;
      if (!valid(rule, at) || this.#found.has(rule.id)) continue;
      if (broken) this.#raise(rule.id, '', 0, rule.level, at, false);
    }
  }
}

/** Is the version of a rule in force at the instant? */
function valid({ validFrom, validTo }: ValiditySource, at: number): boolean {
  if (validFrom !== undefined && at < Date.parse(validFrom)) return false;
  return validTo === undefined || at < Date.parse(validTo);
}

function is(selector: { event: string; stage?: string }, event: Line): boolean {
  if (selector.event !== event.type) return false;
  return selector.stage === undefined || selector.stage === stageOf(event);
}

function stateOf(clock: OracleClock, now: number): OracleRun['state'] {
  if (!clock.computable) return 'uncomputable';
  if (clock.late) return 'expired';
  if (clock.state === 'stopped') return 'stopped';
  if (clock.suspended) return 'suspended';
  return clock.expired(now) ? 'expired' : 'running';
}

const calendars = new WeakMap<PackSource['calendar'], Map<string, Days>>();

/** The days of a case: where it is at home, else where its organ is, decides what its days are. */
export function daysOf(pack: PackSource, events: readonly Line[]): Days {
  const named = events.find(({ territory }) => territory !== undefined)?.territory;
  const organ = events.find((event) => event.organ !== undefined)?.organ;
  const seat = pack.organs.find(({ code }) => code === organ)?.territory;
  const home = pack.territories.some(({ code }) => code === named) ? named : seat;
  const known = calendars.get(pack.calendar) ?? new Map<string, Days>();
  calendars.set(pack.calendar, known);
  const days = known.get(home ?? '') ?? new Days(pack.calendar, pack.zone, upFrom(pack, home));
  known.set(home ?? '', days);
  return days;
}

/** The territory and everything it belongs to, the nearest first. */
function upFrom(pack: PackSource, home: string | undefined): string[] {
  const own = pack.territories.find(({ code }) => code === home);
  return own === undefined ? [] : [own.code, ...upFrom(pack, own.parent)];
}
