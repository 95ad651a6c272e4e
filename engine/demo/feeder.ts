/**
 * The demonstration's traffic and people, fed into a running engine.
 *
 * Owns: two years of history at start (or what is missing of it), then live traffic at the engine's
 * clock, and the answers that the city's people give to cards.
 *
 * How far it got is kept in `demo.json` beside the data and written only after records are durable, so a
 * start after a stop or a crash goes on where the last one stopped: what is fed twice is a duplicate by
 * identity, and who has not answered yet is read back from the cards that are open.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fnv1a } from '../base/hash.ts';
import { Prng } from '../base/prng.ts';
import { DAY_MS, SECOND_MS } from '../base/units.ts';
import { compileCalendar } from '../calendars/compile.ts';
import type { CardChange, CardCommand } from '../cards/card.ts';
import type { PackSource } from '../rules/source.ts';
import { AnswerQueue } from './answer-queue.ts';
import type { LiveFeed } from './city.ts';
import { DEMO_CASES, DemoCity } from './city.ts';
import type { DemoAnswer } from './demo-answer.ts';
import { demoAnswer } from './demo-answer.ts';

const SEED = 20091208;
const YEARS_DAYS = 730;
const OPENS_MINUTES = 10 * 60;
const HISTORY_RECORDS = 4000;
const LIVE_RECORDS = 2000;
const LIVE_MS = 250;
/** Cards older than this at the end of history have an answer. */
const SETTLED_MS = 30 * DAY_MS;

/** What the feeder asks of an engine. */
export interface DemoTarget {
  bulk(lines: Uint8Array, stamps: 'live' | 'arrival'): Promise<number>;
  /** Commands at a historical instant, or at the engine's clock. */
  commands(list: readonly CardCommand[], stamp: 'live' | number): Promise<void>;
  tickAll(stampMs: number): Promise<void>;
  /** Cards that nobody has touched yet, with the instant they were raised. */
  untouched(): AsyncIterable<CardChange & { readonly raisedAtMs: number }>;
  onCard(watcher: (card: CardChange) => void): () => void;
  nowMs(): number;
}

export interface DemoOptions {
  readonly dataDir: string;
  readonly pack: PackSource;
  readonly target: DemoTarget;
  /** Of live traffic; another one than at the last start counts from the next day on. */
  readonly rate: number;
  /** Cases in two years of history; default 120,000. */
  readonly cases?: number;
  readonly onProgress: (fraction: number, records: number) => void;
  readonly onTrouble: (message: string) => void;
}

interface DemoState {
  readonly seed: number;
  readonly cases: number;
  readonly startMs: number;
  /** Where history ends and live traffic begins. */
  readonly endMs: number;
  readonly fedMs: number;
  /** Rate of live traffic by the first local day it holds for, in order. */
  readonly rates: readonly { readonly fromDay: number; readonly rate: number }[];
}

/** `demo.json` says something that this version does not understand. */
export class DemoStateError extends Error {
  override name = 'DemoStateError';
}

export class DemoFeeder {
  readonly #options: DemoOptions;
  readonly #answers = new AnswerQueue();
  readonly #city: DemoCity;
  readonly #unwatch: () => void;
  #state: DemoState;
  #feed: LiveFeed | null = null;
  #timer: NodeJS.Timeout | null = null;
  #busy: Promise<void> = Promise.resolve();
  #working = false;
  #stopping = false;

  constructor(options: DemoOptions, realNowMs: number) {
    this.#options = options;
    this.#state = loadState(options, realNowMs);
    const { seed, startMs, endMs, cases } = this.#state;
    this.#city = new DemoCity({ seed, pack: options.pack, startMs, endMs, cases });
    this.#unwatch = options.target.onCard((card) => this.#hear(card));
    // Before anything is fed: the folder is a demonstration's from now on, over the same two years.
    this.#save(this.#state.fedMs);
  }

  /** Engine time at which live traffic begins or goes on. */
  get liveFromMs(): number {
    return Math.max(this.#state.endMs, this.#state.fedMs);
  }

  get endMs(): number {
    return this.#state.endMs;
  }

  /** Feeds what is missing of the history; resolves when it is durable and applied, or stopped. */
  async history(): Promise<void> {
    for await (const card of this.#options.target.untouched()) this.#plan(card, card.raisedAtMs);
    const { startMs, endMs } = this.#state;
    const from = Math.max(startMs - 1, this.#state.fedMs);
    if (from >= endMs) return;
    this.#busy = this.#history(this.#city.live(from, { rate: 1 }));
    await this.#busy;
  }

  /** Feeds live traffic until `stop`. */
  live(): void {
    if (this.#stopping) return;
    const { rates } = this.#state;
    const rate = (day: number): number => rates.findLast((one) => one.fromDay <= day)?.rate ?? 1;
    this.#feed = this.#city.live(this.liveFromMs, { rate });
    this.#timer = setInterval(() => {
      if (this.#working) return;
      this.#busy = this.#turn();
    }, LIVE_MS);
  }

  /** Resolves when nothing is being fed any more and what was fed is noted. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#busy;
    this.#unwatch();
  }

  async #history(feed: LiveFeed): Promise<void> {
    const { target, onProgress } = this.#options;
    const { startMs, endMs } = this.#state;
    while (!this.#stopping) {
      const lines = feed.nextUntil(endMs, HISTORY_RECORDS);
      if (lines === null) {
        await target.tickAll(endMs);
        this.#save(endMs);
        return;
      }
      await target.bulk(lines, 'arrival');
      await target.commands(this.#answers.takeUntil(feed.lastMs), feed.lastMs);
      // The second of the last record may hold more of them.
      if (feed.lastMs > startMs) this.#save(feed.lastMs - SECOND_MS);
      onProgress((feed.lastMs - startMs) / (endMs - startMs), feed.records);
    }
  }

  async #turn(): Promise<void> {
    const { target, onTrouble } = this.#options;
    this.#working = true;
    try {
      const now = target.nowMs();
      while (!this.#stopping) {
        const lines = this.#feed!.nextUntil(now, LIVE_RECORDS);
        if (lines === null) {
          const answers = this.#answers.takeUntil(now);
          if (answers.length > 0) await target.commands(answers, 'live');
          this.#save(now);
          return;
        }
        await target.bulk(lines, 'live');
      }
    } catch (error) {
      onTrouble(`演示数据停止 (demonstration traffic stopped): ${String(error)}`);
      if (this.#timer !== null) clearInterval(this.#timer);
    } finally {
      this.#working = false;
    }
  }

  /** Somebody in the city decides whether and when to answer a new card, and one that escalated. */
  #hear(card: CardChange): void {
    if (card.op === 'raised' || card.op === 'escalated') this.#plan(card, card.atMs);
  }

  #plan(card: CardChange, raisedAtMs: number): void {
    const answer = this.#answerTo(card, raisedAtMs);
    if (answer === null) return;
    const { type, category, text, delayMs } = answer;
    this.#answers.add(raisedAtMs + delayMs, {
      commandId: `demo-${card.cardId}-${card.version}`,
      type,
      caseKey: card.caseKey,
      cardId: card.cardId,
      actor: `demo:${card.organ}`,
      expectedVersion: card.version,
      data: type === 'answer' ? { category, text } : {},
    });
  }

  /** Old cards were all answered sooner or later; of the last weeks' some still wait. */
  #answerTo(card: CardChange, raisedAtMs: number): DemoAnswer | null {
    const bytes = new TextEncoder().encode(card.cardId);
    const rng = new Prng(fnv1a(bytes, 0, bytes.length));
    let answer = demoAnswer(card, rng);
    const old = raisedAtMs < this.#state.endMs - SETTLED_MS;
    while (old && answer?.type !== 'answer') answer = demoAnswer(card, rng);
    return answer;
  }

  #save(fedMs: number): void {
    this.#state = { ...this.#state, fedMs };
    const path = join(this.#options.dataDir, 'demo.json');
    writeFileSync(`${path}.tmp`, JSON.stringify(this.#state));
    renameSync(`${path}.tmp`, path);
  }
}

function loadState(options: DemoOptions, realNowMs: number): DemoState {
  const calendar = compileCalendar(options.pack.calendar, options.pack.zone);
  const known = readState(join(options.dataDir, 'demo.json'));
  if (known !== null) {
    if (known.rates.at(-1)?.rate === options.rate) return known;
    const fromDay = calendar.dayOf(Math.max(known.fedMs, known.endMs)) + 1;
    const before = known.rates.filter((one) => one.fromDay < fromDay);
    return { ...known, rates: [...before, { fromDay, rate: options.rate }] };
  }
  let day = calendar.dayOf(realNowMs);
  while (!calendar.isWorkday(day) || opening(calendar.dayStart(day)) > realNowMs) day--;
  const endMs = opening(calendar.dayStart(day));
  const startMs = endMs - YEARS_DAYS * DAY_MS;
  const rates = [{ fromDay: calendar.dayOf(startMs), rate: options.rate }];
  const cases = options.cases ?? DEMO_CASES;
  return { seed: SEED, cases, startMs, endMs, fedMs: startMs - 1, rates };
}

function readState(path: string): DemoState | null {
  try {
    const state = JSON.parse(readFileSync(path, 'utf8')) as DemoState;
    const { seed, cases, startMs, endMs, fedMs } = state;
    const numbers = [seed, cases, startMs, endMs, fedMs];
    if (numbers.every(Number.isFinite) && Array.isArray(state.rates)) return state;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new DemoStateError(
    `${path} 读不懂:演示数据续不上;请用 --data 换一个目录,或用 --no-demo 只看已有数据 ` +
      '(not understood, so the demonstration cannot go on; name another folder by --data, ' +
      'or start with --no-demo to see what is there)',
  );
}

/** Live traffic begins in the middle of a working morning, so that a new wall is never empty. */
function opening(midnightMs: number): number {
  return midnightMs + OPENS_MINUTES * 60_000;
}
