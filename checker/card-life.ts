/**
 * The checker's life of cards: what must have become of every card of one case, given its log.
 *
 * It walks the log from instant to instant: before each record it asks the fold (case-fold.ts) what
 * stands at every instant at which something can have changed, and lets every clock on a card ring. It
 * shares no code with the kernel: no wake-ups, no columns, no re-fold.
 */
import type { CardClockSource, PackSource } from '../engine/rules/source.ts';
import { daysOf, expectedCards } from './case-fold.ts';
import { OracleClock } from './clock.ts';
import type { Days } from './days.ts';
import { safeFrom } from './lag.ts';
import type { Line } from './line.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** A record of one case's log; `card` is the name under which the card's life is told. */
export type LifeRecord =
  | { readonly kind: 'event'; readonly line: Line; readonly stamp: number }
  | { readonly kind: 'act'; readonly act: string; readonly card: string; readonly stamp: number }
  | {
      readonly kind: 'watermark';
      readonly source: string;
      readonly at: number;
      readonly stamp: number;
    }
  | { readonly kind: 'tick'; readonly stamp: number };

interface Run {
  readonly def: CardClockSource;
  clock: OracleClock;
  occurrence: number;
  running: boolean;
}

interface Life {
  readonly name: string;
  readonly category: string;
  readonly level: string;
  readonly parent: Life | null;
  due: number;
  /** The last instant at which an event could refute it. */
  base: number;
  state: string;
  before: string;
  until: number;
  readonly runs: Map<string, Run>;
}

export interface LifeView {
  readonly state: string;
  readonly due: number;
  readonly replyDue: number | null;
  readonly superviseDue: number | null;
  readonly issueAt: number | null;
}

export interface LifeTold {
  readonly at: number;
  readonly card: string;
  readonly state: string;
}

const NEXT: Readonly<Record<string, string>> = {
  acknowledge: 'acknowledged',
  answer: 'answered',
  accept: 'accepted',
  reject: 'rejected',
  close: 'closed',
  reopen: 'reopened',
  revoke: 'revoked',
};
const GONE = ['withdrawn', 'revoked'];
const SILENT = [...GONE, 'provisional', 'closed'];

export class OracleLife {
  readonly #pack: PackSource;
  readonly #events: Line[] = [];
  /** What is said to happen later, in the order in which it will. */
  readonly #held: Line[] = [];
  readonly #declared = new Map<string, number>();
  readonly cards = new Map<string, Life>();
  /** What time alone brought: issued, escalated, raised about another card. */
  readonly told: LifeTold[] = [];
  #now = Number.NEGATIVE_INFINITY;

  constructor(pack: PackSource) {
    this.#pack = pack;
  }

  /** Days of the place where the case is known to be at home. */
  get #days(): Days {
    return daysOf(this.#pack, this.#events);
  }

  run(records: readonly LifeRecord[]): this {
    for (const record of records) {
      this.#pass(record.stamp);
      if (record.kind === 'event') {
        this.#arrive(record.line);
      } else if (record.kind === 'act') this.#act(record.card, record.act);
      else if (record.kind === 'watermark') this.#declare(record.source, record.at);
    }
    return this;
  }

  #arrive(line: Line): void {
    if (line.at > this.#now && line.retracted !== true) {
      this.#held.push(line);
      this.#held.sort((a, b) => a.at - b.at);
      return;
    }
    this.#learn(line);
  }

  /** The event counts from now on; where it says the case is at home, days are counted from now on. */
  #learn(line: Line): void {
    const days = this.#days;
    this.#events.push(line);
    this.#compare();
    if (this.#days === days) return;
    for (const life of this.cards.values()) {
      for (const run of life.runs.values()) {
        const { start, occurrence, nextRung } = run.clock;
        run.clock = this.#clock(run.def, start, occurrence);
        run.clock.nextRung = nextRung;
      }
    }
    while (this.#ring());
  }

  view(): Map<string, LifeView> {
    return new Map([...this.cards].map(([name, life]) => [name, this.#viewOf(life)]));
  }

  #viewOf(life: Life): LifeView {
    const due = (effect: string): number | null => {
      const dues = [...life.runs.values()]
        .filter((run) => run.running && run.def.effect === effect)
        .map((run) => run.clock.rungAt({ due: true }));
      return dues.length === 0 ? null : Math.min(...dues);
    };
    return {
      state: life.state,
      due: life.due,
      replyDue: due('reply'),
      superviseDue: due('internal'),
      issueAt: life.state === 'provisional' && life.until < NEVER ? life.until : null,
    };
  }

  /** Time passes to `to`, from one instant at which something happens to the next. */
  #pass(to: number): void {
    for (;;) {
      const next = Math.min(to, this.#nextFold(to), this.#nextOfCards());
      this.#now = Math.max(this.#now, next);
      while (this.#ring());
      this.#compare();
      while (this.#ring());
      this.#release();
      if (next >= to) return;
    }
  }

  /** Time fires first; then what was said to happen now happens, one after the other. */
  #release(): void {
    while ((this.#held[0]?.at ?? NEVER) <= this.#now) {
      this.#learn(this.#held.shift() as Line);
    }
  }

  /** The next instant up to `to` at which the fold may say more than it does now. */
  #nextFold(to: number): number {
    // What is held until then may refute what stands before: look no further.
    const until = Math.min(to, this.#held[0]?.at ?? NEVER);
    const later = expectedCards({ pack: this.#pack, events: this.#events, now: until });
    const dues = [...later.values()].map(({ due }) => due).filter((due) => due > this.#now);
    return Math.min(until, ...dues);
  }

  #nextOfCards(): number {
    let next = NEVER;
    for (const life of this.cards.values()) {
      if (life.state === 'provisional') next = Math.min(next, life.until);
      for (const run of life.runs.values()) next = Math.min(next, rungOf(run));
    }
    return Math.max(next, this.#now);
  }

  /** What the fold says now against what was believed. */
  #compare(): void {
    if (this.#events.length === 0) return;
    const events = this.#events;
    const now = expectedCards({ pack: this.#pack, events, now: this.#now });
    for (const [name, card] of now) {
      const known = this.cards.get(name);
      const life = known ?? this.#made(name, card.due, null);
      if (known !== undefined && life.state === 'revoked') continue;
      const back = life.state === 'withdrawn';
      const kept = back ? life.before : life.state;
      life.due = card.due;
      life.base = this.#isClock(name) ? card.due - 1 : card.due;
      const own = kept === 'provisional' || kept === 'issued';
      const next = own ? this.#fresh(life, card.state) : kept;
      if (known !== undefined && !back && next === life.state) continue;
      life.state = next;
      this.#enter(life);
    }
    for (const life of this.cards.values()) {
      if (life.parent === null && !now.has(life.name) && !GONE.includes(life.state)) {
        this.#withdraw(life);
      }
    }
  }

  #fresh(life: Life, verdict: string): string {
    const at = this.#safe(life);
    life.until = at === null || at <= this.#now ? NEVER : at;
    if (at === null) return verdict;
    return at <= this.#now ? 'issued' : 'provisional';
  }

  #safe(life: Life): number | null {
    const organ = this.#events.find((event) => event.organ !== undefined)?.organ;
    return safeFrom(this.#pack, this.#days, { organ, base: life.base }, this.#declared);
  }

  #isClock(name: string): boolean {
    return this.#pack.clocks.some(({ id }) => id === name.split('|')[0]);
  }

  #made(name: string, due: number, parent: Life | null): Life {
    const [rule = '', , , level = ''] = name.split('|');
    const { clocks, checks, sequences, cardClocks = [] } = this.#pack;
    const source = [...clocks, ...checks, ...sequences, ...cardClocks].find(
      ({ id }) => id === rule,
    );
    const life: Life = {
      ...{ name, level, parent, due, base: due, category: source?.category ?? '' },
      ...{ state: 'issued', before: '', until: NEVER, runs: new Map() },
    };
    this.cards.set(name, life);
    return life;
  }

  #withdraw(life: Life): void {
    life.before = life.state;
    life.state = 'withdrawn';
    this.#enter(life);
    this.#withdrawAbout(life);
  }

  #withdrawAbout(life: Life): void {
    for (const other of this.cards.values()) {
      if (other.parent === life && !GONE.includes(other.state)) this.#withdraw(other);
    }
  }

  #enter(life: Life): void {
    for (const run of life.runs.values()) {
      const stops: readonly string[] = run.def.stop;
      if (stops.includes(life.state) || SILENT.includes(life.state)) run.running = false;
    }
    for (const def of this.#pack.cardClocks ?? []) {
      const starts: readonly string[] = def.start;
      if (!starts.includes(life.state) || SILENT.includes(life.state)) continue;
      if (def.levels !== undefined && !def.levels.includes(life.level)) continue;
      const categories: readonly string[] | undefined = def.categories;
      if (categories !== undefined && !categories.includes(life.category)) continue;
      const known = life.runs.get(def.id);
      if (known?.running !== true) this.#start(life, def, (known?.occurrence ?? -1) + 1);
    }
  }

  #start(life: Life, def: CardClockSource, occurrence: number): void {
    const clock = this.#clock(def, this.#now, occurrence);
    life.runs.set(def.id, { def, clock, occurrence, running: true });
  }

  #clock(def: CardClockSource, start: number, occurrence: number): OracleClock {
    const rungs = def.rungs.map(({ at, title }) => ({ at, title, level: '' }));
    const plain = { ...def, start: [], stop: [], rungs };
    const place = { index: 0, stage: '', occurrence, start };
    return new OracleClock(this.#days, plain, place, { ...def.limit, deadline: 0 });
  }

  /** One thing that time has brought to a card by now; false when there is none. */
  #ring(): boolean {
    for (const life of this.cards.values()) {
      if (life.state === 'provisional' && life.until <= this.#now) {
        this.#tell(life, 'issued');
        return true;
      }
      for (const def of this.#pack.cardClocks ?? []) {
        const run = life.runs.get(def.id);
        if (run === undefined || rungOf(run) > this.#now) continue;
        this.#rung(life, run);
        return true;
      }
    }
    return false;
  }

  #rung(life: Life, run: Run): void {
    const due = rungOf(run);
    const rung = run.def.rungs[run.clock.nextRung++];
    const open = ['issued', 'acknowledged', 'rejected', 'reopened'].includes(life.state);
    if (rung?.escalate === true && open) this.#tell(life, 'escalated');
    if (rung?.raise === undefined) return;
    const name = `${run.def.id}||${run.occurrence}|${rung.raise}|${life.name}`;
    if (this.cards.has(name)) return;
    this.#tell(this.#made(name, due, life), 'issued');
  }

  #tell(life: Life, state: string): void {
    life.state = state;
    this.#enter(life);
    this.told.push({ at: this.#now, card: life.name, state });
  }

  #act(name: string, act: string): void {
    const life = this.cards.get(name);
    const next = NEXT[act];
    if (life === undefined || next === undefined) return;
    life.state = next;
    this.#enter(life);
    if (next === 'revoked') this.#withdrawAbout(life);
  }

  #declare(source: string, at: number): void {
    this.#declared.set(source, Math.max(at, this.#declared.get(source) ?? at));
    for (const life of this.cards.values()) {
      if (life.state !== 'provisional' || life.until === NEVER) continue;
      life.until = Math.min(life.until, Math.max(this.#now, this.#safe(life) ?? NEVER));
    }
    while (this.#ring());
  }
}

/** Instant of a run's next rung; never when it does not run. */
function rungOf(run: Run): number {
  const rung = run.def.rungs[run.clock.nextRung];
  return run.running && rung !== undefined ? run.clock.rungAt(rung.at) : NEVER;
}
