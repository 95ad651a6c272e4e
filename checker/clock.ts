/**
 * One clock of the checker: a ledger of what happened to it, and due instants found by walking days.
 *
 * Written from the meaning of limits, not from the kernel: a day counts or it does not, and why. Slow
 * on purpose. Days of a pause that do not count are those after its first up to its last; a special
 * procedure leaves out as many days as were announced and no more.
 */
import type { ClockSource, LimitUnit, RungSource } from '../engine/rules/source.ts';
import { type Counting, DAY, type Days, type Span } from './days.ts';

const HOUR = 3_600_000;
const NEVER = Number.POSITIVE_INFINITY;

export interface Pause {
  readonly kind: 'suspension' | 'special';
  readonly from: number;
  /** Infinity while it lasts. */
  to: number;
  /** Announced days of a special procedure. */
  readonly announced: number;
}

type Kind = 'workdays' | 'days' | 'lastDay' | 'lastWorkday' | 'time';

export class OracleClock {
  readonly def: ClockSource;
  readonly index: number;
  readonly stage: string;
  readonly occurrence: number;
  readonly start: number;
  readonly #days: Days;
  readonly #kind: Kind;
  readonly #counting: Counting;
  /** One unit of the limit, in days or milliseconds; and one announced day. */
  readonly #unit: number;
  readonly #announcedDay: number;
  #limit: number;
  granted = 0;
  readonly pauses: Pause[] = [];
  /** Indexes of suspend pairs that hold it up. */
  readonly open = new Set<number>();
  nextRung = 0;
  state: 'running' | 'stopped' | 'uncomputable' = 'running';
  /** Had its limit run out when it was stopped, or when it was paused? A pause does not undo that. */
  late = false;
  /** When its limit ran out, of a clock found late at a pause. */
  #lateDue: number | null = null;
  stopped: number | null = null;
  /** Without a limit, or where no calendar is known, it never says anything, stopped or not. */
  readonly computable: boolean;

  constructor(
    days: Days,
    def: ClockSource,
    place: { index: number; stage: string; occurrence: number; start: number },
    limit: { count: number; unit: LimitUnit; deadline: number } | null,
  ) {
    this.#days = days;
    this.def = def;
    this.index = place.index;
    this.stage = place.stage;
    this.occurrence = place.occurrence;
    this.start = place.start;
    const unit = limit?.unit ?? 'workday';
    this.#kind = kindOf(def, unit);
    this.#counting = countingOf(def, unit);
    this.#unit = this.#unitOf(unit);
    this.#announcedDay = this.#kind === 'time' ? this.#dayOfTime() : 1;
    this.#limit = limit === null ? 0 : this.#measured(limit);
    const closedAlways = this.#counting === 'hours' && days.officeDay() === 0;
    this.computable = limit !== null && !closedAlways;
    if (!this.computable) this.state = 'uncomputable';
  }

  get suspended(): boolean {
    return this.open.size > 0;
  }

  get special(): Pause | undefined {
    return this.pauses.find((pause) => pause.kind === 'special' && pause.to === NEVER);
  }

  get ticking(): boolean {
    return this.state === 'running' && !this.suspended;
  }

  /** Has the limit run out at `at`? */
  expired(at: number): boolean {
    if (this.state === 'uncomputable') return false;
    if (this.late || this.state === 'stopped' || this.suspended) return this.late;
    return at >= this.rungAt({ due: true });
  }

  /** What it counts, as far as a bill is concerned. */
  get counts(): 'workdays' | 'days' | 'time' {
    if (this.#kind === 'lastWorkday') return 'workdays';
    return this.#kind === 'lastDay' ? 'days' : this.#kind;
  }

  /** The first instant that is too late; null while it is held up, or where it cannot be computed. */
  due(): number | null {
    if (this.#lateDue !== null) return this.#lateDue;
    if (!this.computable || this.suspended) return null;
    return this.rungAt({ due: true });
  }

  stop(at: number): void {
    this.late = this.expired(at);
    this.state = 'stopped';
    this.stopped = at;
  }

  /** Held up from now on. Had the limit run out already, it stays as it was. */
  pause(at: number): void {
    const late = this.expired(at);
    if (late && !this.late) this.#lateDue = this.due();
    this.late = late;
    this.pauses.push({ kind: 'suspension', from: at, to: NEVER, announced: 0 });
  }

  extend(units: number): void {
    this.granted += units;
    this.#limit += units * (this.#kind === 'time' ? this.#unit : 1);
  }

  /** The first instant that is too late for a rung. */
  rungAt(at: RungSource['at']): number {
    if (this.#kind === 'lastWorkday') return this.#days.startOf(this.#beforeLast(at) + 1);
    if (this.#kind === 'workdays') return this.#days.startOf(this.#workdayRung(at) + 1);
    if (this.#kind === 'days' || this.#kind === 'lastDay') return this.#dayRung(at);
    return this.#timeRung(at) + this.#resolution();
  }

  #resolution(): number {
    return this.def.mode === 'legal' ? 0 : (this.def.resolutionMs ?? 1000);
  }

  /** How many whole days before (after, when negative) the due day a rung lies. */
  #daysBefore(at: RungSource['at']): number {
    if ('due' in at) return 0;
    if ('before' in at) return at.before;
    if ('after' in at) return -at.after;
    return Math.floor((this.#limit * (100 - at.percent)) / 100);
  }

  // Workdays, start day not counted.

  /** A day that the source named, or the last workday before it, and workdays from there. */
  #beforeLast(at: RungSource['at']): number {
    const last = this.#days.onOrBefore(this.#days.dayOf(this.start) + this.#limit);
    return this.#days.workdays(last, -this.#daysBefore(at));
  }

  #workdayRung(at: RungSource['at']): number {
    const due = this.#lastWorkday();
    const before = this.#daysBefore(at);
    if (before >= 0) return this.#days.workdays(due, -before);
    let day = due;
    for (let left = -before; left > 0; ) {
      day++;
      if (this.#days.works(day) && !this.#leftOut(day)) left--;
    }
    return this.#waitingRung(day, due);
  }

  /** A rung whose day a pause begins on waits for the last workday of that pause. */
  #waitingRung(day: number, due: number): number {
    let at = day;
    for (const pause of this.pauses) {
      if (this.#days.dayOf(pause.from) !== at || at <= due) continue;
      at = Math.max(at, this.#days.onOrBefore(this.#lastDayOf(pause)));
    }
    return at;
  }

  #lastWorkday(): number {
    const start = this.#days.dayOf(this.start);
    let day = this.#limit === 0 ? this.#days.onOrAfter(start) : start;
    for (let counted = 0; counted < this.#limit; ) {
      day++;
      if (this.#days.works(day) && !this.#leftOut(day)) counted++;
    }
    return this.#putOff(
      { since: this.#limit === 0 ? start : day, day },
      (end) => this.#days.onOrAfter(end),
      (d) => d,
    );
  }

  /**
   * A pause that begins on the last day, before that is over, puts its end off to the end of the day
   * on which the pause ends (or the next one that can be a last day). All was counted `since` then.
   */
  #putOff(
    last: { since: number; day: number },
    toLastDay: (day: number) => number,
    over: (day: number) => number,
  ): number {
    let { day } = last;
    for (let moved = true; moved; ) {
      moved = false;
      for (const pause of this.pauses) {
        const first = this.#days.dayOf(pause.from);
        if (first < last.since || first > over(day)) continue;
        const end = this.#usedUp(pause)
          ? this.#lastDayOf(pause)
          : toLastDay(this.#lastDayOf(pause));
        if (this.#lastDayOf(pause) <= day || end <= day) continue;
        day = end;
        moved = true;
      }
    }
    return day;
  }

  /** All announced days of a special procedure are gone, whether it was closed or not. */
  #usedUp(pause: Pause): boolean {
    return pause.kind === 'special' && this.#announcedDays(pause).length === pause.announced;
  }

  /** Days that a special procedure leaves out, one by one. */
  #announcedDays(pause: Pause): number[] {
    const out: number[] = [];
    const last = pause.to === NEVER ? NEVER : this.#days.dayOf(pause.to);
    for (let day = this.#days.dayOf(pause.from) + 1; day <= last; day++) {
      if (out.length === pause.announced) break;
      if (this.#kind !== 'workdays' || this.#days.works(day)) out.push(day);
    }
    return out;
  }

  #lastDayOf(pause: Pause): number {
    if (pause.kind === 'special' && this.#usedUp(pause)) {
      return this.#announcedDays(pause).at(-1) as number;
    }
    return this.#days.dayOf(pause.to);
  }

  #leftOut(day: number): boolean {
    return this.leftOut(day) !== undefined;
  }

  /** Why the day does not count, when a pause is the reason. */
  leftOut(day: number): 'suspended' | 'special' | undefined {
    const held = this.pauses.some(
      ({ kind, from, to }) =>
        kind === 'suspension' && day > this.#days.dayOf(from) && day <= this.#days.dayOf(to),
    );
    if (held) return 'suspended';
    const announced = this.pauses.filter(({ kind }) => kind === 'special');
    return announced.some((pause) => this.#announcedDays(pause).includes(day))
      ? 'special'
      : undefined;
  }

  // Calendar days; a last day off rolls forward, except for a day the source itself named.

  #dayRung(at: RungSource['at']): number {
    const roll = (day: number): number =>
      this.#kind === 'lastDay' ? day : this.#days.onOrAfter(day);
    const start = this.#days.dayOf(this.start);
    let day = this.#limit < 0 ? start + this.#limit : start;
    for (let counted = 0; counted < this.#limit; ) {
      day++;
      if (!this.#leftOut(day)) counted++;
    }
    const due = this.#putOff({ since: day, day }, (end) => end, roll);
    return this.#days.startOf(roll(due - this.#daysBefore(at)) + 1);
  }

  // Time, to the millisecond.

  #timeRung(at: RungSource['at']): number {
    const offset = this.#timeBefore(at);
    const from = (amount: number): number =>
      amount < 0
        ? this.start + amount
        : this.#days.advance(this.start, amount, this.#counting, this.#paused());
    if (offset < 0) return from(this.#limit - offset);
    const due = from(this.#limit);
    return this.#days.retreat(due, offset, this.#counting);
  }

  #timeBefore(at: RungSource['at']): number {
    if ('due' in at) return 0;
    if ('before' in at) return at.before * this.#unit;
    if ('after' in at) return -at.after * this.#unit;
    return (this.#limit * (100 - at.percent)) / 100;
  }

  #paused(): Span[] {
    return this.pauses.map((pause) => {
      if (pause.kind === 'suspension') return { from: pause.from, to: pause.to };
      const most = pause.announced * this.#announcedDay;
      const end = this.#days.advance(pause.from, most, this.#counting, []);
      return { from: pause.from, to: Math.min(pause.to, end) };
    });
  }

  // Units.

  #unitOf(unit: LimitUnit): number {
    if (unit === 'hour' || unit === 'workhour') return HOUR;
    return this.#kind === 'time' ? this.#dayOfTime() : 1;
  }

  #dayOfTime(): number {
    return this.#counting === 'hours' ? this.#days.officeDay() : DAY;
  }

  #measured(limit: { count: number; unit: LimitUnit; deadline: number }): number {
    if ('event' in this.def.limit && this.def.limit.event === 'deadline') {
      if (this.#kind === 'time') return limit.deadline - this.start;
      return this.#days.dayOf(limit.deadline) - this.#days.dayOf(this.start);
    }
    const start = this.#days.dayOf(this.start);
    if (limit.unit === 'month') return this.#days.addMonths(start, limit.count) - start;
    if (limit.unit === 'year') return this.#days.addMonths(start, limit.count * 12) - start;
    return limit.count * (this.#kind === 'time' ? this.#unit : 1);
  }
}

function kindOf(def: ClockSource, unit: LimitUnit): Kind {
  if ('event' in def.limit && def.limit.event === 'deadline') {
    if (def.limit.by === 'instant') return 'time';
    return def.limit.by === 'day' ? 'lastDay' : 'lastWorkday';
  }
  if (unit === 'month' || unit === 'year') return 'days';
  if (unit === 'hour' || unit === 'workhour' || def.mode !== 'legal') return 'time';
  return unit === 'day' ? 'days' : 'workdays';
}

function countingOf(def: ClockSource, unit: LimitUnit): Counting {
  if (unit === 'workhour') return 'hours';
  if (unit !== 'workday') return 'plain';
  if ('event' in def.limit && def.limit.event === 'deadline') return 'plain';
  return def.mode === 'hours' ? 'hours' : 'elapsed';
}
