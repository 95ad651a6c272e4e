/**
 * The dead man's check (失联核验): looks from outside whether every card that is due is there, and every
 * card that is there is due, from stored records, stored cards and the pack alone.
 *
 * Owns: the sweep over open and recently changed cases in bounded parts, its pace, the second look, and
 * the newest result. Does not own: the judgement (suspicion.ts), the queries (sinks/case-reader.ts).
 *
 * Invariants
 * DM1  A case is judged only up to what is stored of its partition: positions, and the instant that
 *      belongs to them. A sink that is behind makes the check late, never wrong.
 * DM2  A suspicion counts only when a second look, at newer facts, finds it again.
 * DM3  A sweep that fails leaves the old result with its age and says so; it never looks like 0.
 */
import { setTimeout as later } from 'node:timers/promises';
import { auditLimits } from '../config/limits.ts';
import type { StoredCase } from '../sinks/query.ts';
import type { Suspicion, Watermark } from './suspicion.ts';

export interface DeadManSource {
  /** How far what is stored reaches, all partitions; waits for the store to have it. */
  watermarks(): Promise<readonly Watermark[]>;
  /** Open cases and those changed since: how many, and one part of them. */
  count(sinceMs: number): Promise<number>;
  part(
    part: number,
    parts: number,
    sinceMs: number,
    marks: readonly Watermark[],
  ): Promise<StoredCase[]>;
  /** Cases by key. */
  of(keys: readonly string[], marks: readonly Watermark[]): Promise<StoredCase[]>;
  judge(cases: readonly StoredCase[], marks: readonly Watermark[]): Promise<readonly Suspicion[]>;
}

export interface DeadManResult {
  /** Wall-clock instant at which the newest whole sweep ended; null before the first. */
  readonly sweptAtMs: number | null;
  readonly cases: number;
  /** Cases that are not as they must be, at most `auditLimits.suspicionsMax`. */
  readonly suspicions: readonly Suspicion[];
  /** Why the last sweep did not come to its end; '' when it did. */
  readonly trouble: string;
}

export class DeadMan {
  readonly #source: DeadManSource;
  readonly #secondLookMs: number;
  #result: DeadManResult = { sweptAtMs: null, cases: 0, suspicions: [], trouble: '' };
  #closed = false;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;

  constructor(source: DeadManSource, secondLookMs: number = auditLimits.secondLookMs) {
    this.#source = source;
    this.#secondLookMs = secondLookMs;
  }

  get result(): DeadManResult {
    return this.#result;
  }

  /** One whole sweep; joins the one under way. */
  sweep(): Promise<void> {
    this.#running ??= this.#sweep().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stop.abort();
    await this.#running;
  }

  async #sweep(): Promise<void> {
    try {
      const { cases, suspicions } = await this.#lookAtAll();
      if (this.#closed) return;
      this.#result = { sweptAtMs: Date.now(), cases, suspicions, trouble: '' };
    } catch (error) {
      const trouble = error instanceof Error ? error.message : String(error);
      if (!this.#closed) this.#result = { ...this.#result, trouble };
    }
  }

  async #lookAtAll(): Promise<{ cases: number; suspicions: Suspicion[] }> {
    const first = await this.#source.watermarks();
    const newest = Math.max(0, ...first.map(({ nowMs }) => nowMs));
    const sinceMs = Math.max(0, newest - auditLimits.recentMs);
    const parts = Math.ceil((await this.#source.count(sinceMs)) / auditLimits.partCases);
    const suspicions: Suspicion[] = [];
    let cases = 0;
    for (let part = 0; part < parts && !this.#closed; part++) {
      const startedMs = performance.now();
      const marks = await this.#source.watermarks();
      const stored = await this.#source.part(part, parts, sinceMs, marks);
      cases += stored.length;
      const found = await this.#source.judge(stored, marks);
      if (found.length > 0) suspicions.push(...(await this.#again(found)));
      // Low duty: most of the time it does nothing.
      const rest = (performance.now() - startedMs) * auditLimits.restFactor;
      if (part < parts - 1) await this.#sleep(rest);
    }
    return { cases, suspicions: suspicions.slice(0, auditLimits.suspicionsMax) };
  }

  async #sleep(ms: number): Promise<void> {
    try {
      await later(ms, undefined, { ref: false, signal: this.#stop.signal });
    } catch (error) {
      // Only closing cuts a rest short.
      if (!this.#closed) throw error;
    }
  }

  /** What a second look at newer facts finds again (DM2). */
  async #again(found: readonly Suspicion[]): Promise<readonly Suspicion[]> {
    await this.#sleep(this.#secondLookMs);
    if (this.#closed) return [];
    const marks = await this.#source.watermarks();
    const keys = found.slice(0, auditLimits.suspicionsMax).map(({ caseKey }) => caseKey);
    const stored = await this.#source.of(keys, marks);
    const again = await this.#source.judge(stored, marks);
    return again.flatMap((one) => {
      const before = found.find(({ caseKey }) => caseKey === one.caseKey);
      const dueWithoutCard = both(one.dueWithoutCard, before?.dueWithoutCard);
      const cardWithoutDue = both(one.cardWithoutDue, before?.cardWithoutDue);
      if (dueWithoutCard.length + cardWithoutDue.length === 0) return [];
      return [{ ...one, dueWithoutCard, cardWithoutDue }];
    });
  }
}

function both(a: readonly string[], b: readonly string[] = []): string[] {
  return a.filter((name) => b.includes(name));
}
