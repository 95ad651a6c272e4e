/**
 * Seed → scenario: a pack, deliveries, and the list of steps that the town takes. Plain data, so that a
 * failing one can be cut down step by step and replayed.
 *
 * The histories are those of the property tests; what is added here is everything around them. Each
 * seed switches whole families of trouble on and off, so that a run with nothing but clock jumps and a
 * run with everything both occur.
 */
import fc from 'fast-check';
import { Prng } from '../../engine/base/prng.ts';
import type { PackSource } from '../../engine/rules/source.ts';
import { pausedWorld, play, world } from '../fixtures/kernel/histories.ts';
import { jsonOf, type Line } from '../fixtures/kernel/rig.ts';
import type { Outcome } from './database.ts';
import type { Armed } from './doors/fate.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What becomes of a partition's checkpoints while its process is down. */
export type Damage = 'flip' | 'cut' | 'delete' | 'deleteAll' | 'beyond' | 'swap';

export type Step =
  /** Records of one turn of the event loop, by index; `sent` asks for history stamps. */
  | {
      readonly do: 'feed';
      readonly atMs: number;
      readonly texts: readonly number[];
      readonly history: boolean;
    }
  | {
      readonly do: 'command';
      readonly draw: number;
      readonly answer: boolean;
      readonly stale: boolean;
    }
  | { readonly do: 'tick' }
  | { readonly do: 'jump'; readonly byMs: number }
  | { readonly do: 'checkpoint' }
  | { readonly do: 'sink'; readonly outcomes: readonly Outcome[] }
  | { readonly do: 'arm'; readonly armed: Armed }
  | { readonly do: 'crash'; readonly power: boolean }
  | { readonly do: 'stop' }
  | { readonly do: 'damage'; readonly damage: Damage; readonly draw: number }
  | { readonly do: 'handOver'; readonly draw: number }
  | { readonly do: 'publish'; readonly pack: number; readonly cutAfter: number }
  | { readonly do: 'endLog' }
  | { readonly do: 'explain'; readonly draw: number }
  | { readonly do: 'sinkBackup' }
  | { readonly do: 'sinkLoss'; readonly whole: boolean };

export interface Text {
  readonly text: string;
  /** The event it says; null of one that cannot be read. */
  readonly line: Line | null;
  readonly key: string;
  readonly stamp: number;
}

export interface Scenario {
  readonly seed: number;
  readonly partitions: number;
  /** The first is in force from the start; the others are published, if at all. */
  readonly packs: readonly PackSource[];
  readonly texts: readonly Text[];
  readonly steps: readonly Step[];
  readonly untilMs: number;
  readonly skewMs: number;
}

export function scenarioOf(seed: number): Scenario {
  const random = new Prng(seed);
  const worlds = random.chance(0.75) ? world : pausedWorld;
  const one = fc.sample(worlds, { seed, numRuns: random.int(2, 8) }).at(-1);
  if (one === undefined) throw new Error('a sample has a last one');
  const played = play(one);
  const pack = { ...played.pack, calendar: recent(played.pack.calendar) };
  const texts = textsOf(played.deliveries, random);
  const packs = packsOf(pack, played.deliveries[0]?.stamp ?? 0, random);
  const steps = new Plan(random, texts, packs.length).steps();
  const { untilMs } = played;
  const skewMs = random.chance(0.3) ? random.int(-2, 2) * HOUR : 0;
  return { seed, partitions: random.int(1, 3), packs, texts, steps, untilMs, skewMs };
}

/** The years that histories reach: hosts read their pack again at every start. */
function recent(calendar: PackSource['calendar']): PackSource['calendar'] {
  return { ...calendar, years: calendar.years.filter(({ year }) => year >= 2023) };
}

/** The deliveries, with contradictions and bad records among them. */
function textsOf(
  deliveries: readonly { readonly line: Line; readonly stamp: number }[],
  random: Prng,
): Text[] {
  const out: Text[] = [];
  const bad = random.chance(0.5);
  for (const { line, stamp } of deliveries) {
    out.push({ text: jsonOf(line), line, key: line.caseKey, stamp });
    if (!bad) continue;
    if (random.chance(0.05)) {
      const other: Line = { ...line, type: line.type === 'decided' ? 'finished' : 'decided' };
      out.push({ text: jsonOf(other), line: other, key: line.caseKey, stamp });
    }
    if (random.chance(0.08)) {
      out.push({ text: badText(line, random), line: null, key: line.caseKey, stamp });
    }
  }
  return out;
}

function badText(line: Line, random: Prng): string {
  const whole = jsonOf(line);
  const unique = random.next();
  return random.pick([
    whole.slice(0, random.int(0, whole.length - 1)),
    whole.replace('"type":"', `"type":"no${unique}`),
    `{"caseKey":"${unique}"`,
    whole.replace(/"at":"[^"]*"/, `"at":"yesterday ${unique}"`),
    `${unique}`,
    '',
  ]);
}

/** Later versions of the pack: other limits, or a notice that moves a day. */
function packsOf(first: PackSource, fromMs: number, random: Prng): PackSource[] {
  const packs = [first];
  for (let k = random.int(0, 3); k > 0; k--) {
    const before = packs.at(-1) as PackSource;
    const version = before.version + 1;
    packs.push({
      ...(random.chance(0.5) ? noticed(before, fromMs, random) : relimited(before, random)),
      version,
    });
  }
  return packs;
}

function relimited(pack: PackSource, random: Prng): PackSource {
  const items = pack.items.map((item) => ({
    ...item,
    promised: { ...item.promised, count: random.int(0, 7) },
    statutory: { ...item.statutory, count: random.int(1, 10) },
  }));
  return { ...pack, items };
}

/** A notice in the middle of things: some weekday is off, some weekend day is worked. */
function noticed(pack: PackSource, fromMs: number, random: Prng): PackSource {
  const dates = Array.from({ length: 4 }, () =>
    new Date(fromMs + random.int(1, 30) * DAY).toISOString().slice(0, 10),
  );
  const { calendar } = pack;
  const years = calendar.years.map((year) => {
    const named = new Set([...year.off, ...year.work].map(({ date }) => date));
    const fresh = [...new Set(dates)].filter(
      (date) => date.startsWith(`${year.year}-`) && !named.has(date),
    );
    const day = (date: string) => ({ date, name: 'notice' });
    const weekend = (date: string): boolean => [0, 6].includes(new Date(date).getUTCDay());
    return {
      ...year,
      off: [...year.off, ...fresh.filter((date) => !weekend(date)).map(day)],
      work: [...year.work, ...fresh.filter(weekend).map(day)],
    };
  });
  return { ...pack, calendar: { ...calendar, version: calendar.version + 1, years } };
}

type Maker = (plan: Plan) => Step[];

const FATES: readonly Armed['fate'][] = [
  'before',
  'after',
  'torn',
  'ioError',
  'ioErrorKept',
  'full',
];
const DOORS = ['', 'log.', 'checkpoint.', 'checkpoint.', 'sink.', 'emit'];
const OUTCOMES: readonly Outcome[] = ['done', 'done', 'done', 'refused', 'partly', 'lostReply'];
const DAMAGES: readonly Damage[] = ['flip', 'flip', 'cut', 'delete', 'deleteAll', 'beyond', 'swap'];

/** Families of trouble and how often each strikes when its family is on. */
const TROUBLES: readonly (readonly [weight: number, Maker])[] = [
  [
    4,
    ({ random }) => [
      {
        do: 'sink',
        outcomes: Array.from({ length: random.int(1, 5) }, () => random.pick(OUTCOMES)),
      },
    ],
  ],
  [
    2,
    ({ random }) => [
      { do: 'jump', byMs: random.int(-40, 60) * random.pick([1000, HOUR, 6 * HOUR]) },
      { do: 'tick' },
    ],
  ],
  [3, () => [{ do: 'checkpoint' }]],
  [3, ({ random }) => [{ do: 'arm', armed: armedBy(random) }]],
  [2, ({ random }) => [...damages(random), { do: 'crash', power: random.chance(0.5) }]],
  [1, ({ random }) => [...damages(random), { do: 'stop' }]],
  [1, ({ random }) => fullAtTick(random)],
  [2, ({ random }) => [{ do: 'handOver', draw: random.next() }]],
  [
    3,
    ({ random }) => [
      { do: 'command', draw: random.next(), answer: random.chance(0.5), stale: random.chance(0.2) },
    ],
  ],
  [2, (plan) => plan.publication()],
  [1, () => [{ do: 'endLog' }]],
  [1, ({ random }) => [{ do: 'explain', draw: random.next() }]],
  [
    1,
    ({ random }) => [
      random.chance(0.5) ? { do: 'sinkBackup' } : { do: 'sinkLoss', whole: random.chance(0.4) },
    ],
  ],
  [2, () => [{ do: 'tick' }]],
  [2, (plan) => plan.resend()],
];

function armedBy(random: Prng): Armed {
  return {
    calls: random.int(1, 6),
    door: random.pick(DOORS),
    fate: random.pick(FATES),
    power: random.chance(0.5),
  };
}

/** The disk is full just when time goes on. */
function fullAtTick(random: Prng): Step[] {
  const armed = { calls: 1, door: 'log.commit', fate: 'full', power: false } as const;
  return [{ do: 'jump', byMs: random.int(1, 30) * DAY }, { do: 'arm', armed }, { do: 'tick' }];
}

function doneUpTo(random: Prng): Outcome[] {
  return Array.from({ length: random.int(1, 8) }, () => 'done');
}

function damages(random: Prng): Step[] {
  if (random.chance(0.3)) return [];
  return [{ do: 'damage', damage: random.pick(DAMAGES), draw: random.next() }];
}

class Plan {
  readonly random: Prng;
  readonly #texts: readonly Text[];
  readonly #packs: number;
  readonly #out: Step[] = [];
  #fed: number[] = [];

  constructor(random: Prng, texts: readonly Text[], packs: number) {
    this.random = random;
    this.#texts = texts;
    this.#packs = packs;
  }

  steps(): Step[] {
    const { random } = this;
    const on = TROUBLES.filter(() => random.chance(0.6));
    const density = random.pick([0.2, 0.6, 1.2]);
    const history = random.chance(0.2);
    const sinkPace = random.pick([0, 0.3, 0.9]);
    const checkpointPace = random.pick([0, 0.1, 0.4]);
    const order = this.#order();
    for (let at = 0; at < order.length; ) {
      const count = random.chance(0.5) ? 1 : random.int(1, 6);
      const texts = order.slice(at, at + count);
      at += count;
      const atMs = Math.max(...texts.map((one) => this.#texts[one]?.stamp ?? 0));
      this.#out.push({ do: 'feed', atMs, texts, history });
      this.#fed.push(...texts);
      if (random.chance(checkpointPace)) this.#out.push({ do: 'checkpoint' });
      if (random.chance(sinkPace)) this.#out.push({ do: 'sink', outcomes: doneUpTo(random) });
      for (let n = random.unit() * 2 * density; n > random.unit(); n--) this.#trouble(on);
    }
    return this.#out;
  }

  publication(): Step[] {
    if (this.#packs < 2) return [];
    const pack = this.random.int(0, this.#packs - 1);
    return [
      { do: 'publish', pack, cutAfter: this.random.chance(0.4) ? this.random.int(0, 2) : -1 },
    ];
  }

  /** A sender that is not sure sends again. */
  resend(): Step[] {
    if (this.#fed.length === 0) return [];
    const texts = Array.from({ length: this.random.int(1, 5) }, () => this.random.pick(this.#fed));
    return [{ do: 'feed', atMs: 0, texts, history: false }];
  }

  /** As they come, with neighbours swapped and a batch that comes late. */
  #order(): number[] {
    const { random } = this;
    const order = this.#texts.map((_, i) => i);
    if (random.chance(0.4)) {
      for (let i = 1; i < order.length; i++) {
        if (!random.chance(0.2)) continue;
        [order[i - 1], order[i]] = [order[i] as number, order[i - 1] as number];
      }
    }
    if (order.length > 6 && random.chance(0.3)) {
      const late = order.splice(random.int(0, order.length - 5), random.int(1, 4));
      order.splice(random.int(0, order.length), 0, ...late);
    }
    return order;
  }

  #trouble(on: readonly (readonly [number, Maker])[]): void {
    const all = on.reduce((sum, [weight]) => sum + weight, 0);
    let draw = this.random.unit() * all;
    for (const [weight, make] of on) {
      draw -= weight;
      if (draw > 0) continue;
      this.#out.push(...make(this));
      return;
    }
  }
}
