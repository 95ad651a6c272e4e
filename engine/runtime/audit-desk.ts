/**
 * The dead man's check at work: when it sweeps, what it reads, and what each caller may see of it.
 *
 * Owns: the pace and the joining of store, log positions and the judging thread. Does not own: what is
 * suspicious (engine/audit).
 */
import { DeadMan } from '../audit/dead-man.ts';
import { JudgeThread } from '../audit/judge.ts';
import type { Suspicion, Watermark } from '../audit/suspicion.ts';
import type { Clock } from '../base/clock.ts';
import { auditLimits } from '../config/limits.ts';
import type { DeadManReport, Scope } from '../facade.ts';
import type { CaseReader, UpTo } from '../sinks/case-reader.ts';
import type { Effects } from './effects.ts';
import type { ClockSettings } from './virtual-clock.ts';
import type { Workers } from './workers.ts';

const LOOK_MS = 5000;

export interface AuditDeskOptions {
  readonly partitions: number;
  readonly workers: Workers;
  readonly effects: Effects;
  readonly stored: CaseReader;
  readonly clock: Clock & { readonly settings: ClockSettings };
  readonly terminal: () => readonly string[];
  readonly onTrouble: (message: string) => void;
}

export class AuditDesk {
  readonly #options: AuditDeskOptions;
  readonly #judges: JudgeThread;
  readonly #deadMan: DeadMan;
  #timer: NodeJS.Timeout | undefined;
  /** Engine time at which the newest sweep began, and real time at which it ended. */
  #beganMs = Number.NEGATIVE_INFINITY;
  #endedMs = Number.NEGATIVE_INFINITY;
  #sweeping = false;

  constructor(options: AuditDeskOptions) {
    this.#options = options;
    const { stored, workers } = options;
    this.#judges = new JudgeThread(async (hash) => {
      const json = await workers.ask(0, 'pack', { partition: 0, hash });
      if (json === null) throw new Error(`规则包 ${hash} 不在日志中 (pack is not in the log)`);
      return json;
    });
    const lively = (sinceMs: number) => ({ terminal: options.terminal(), sinceMs });
    this.#deadMan = new DeadMan({
      watermarks: () => this.#watermarks(),
      count: (sinceMs) => stored.count(lively(sinceMs)),
      part: (part, parts, sinceMs, marks) => stored.part(part, parts, upTo(marks), lively(sinceMs)),
      of: (keys, marks) => stored.of(keys, upTo(marks)),
      judge: (cases, marks) => this.#judges.judge(cases, marks),
    });
  }

  /** Begins to look at its watch. */
  begin(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  async sweep(): Promise<void> {
    await this.#deadMan.sweep();
    const { trouble } = this.#deadMan.result;
    if (trouble !== '') {
      this.#options.onTrouble(`失联核验没有做完 (the dead man's check did not end): ${trouble}`);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#judges.close();
    await this.#deadMan.close();
  }

  /** Cases the newest whole sweep looked at. */
  get sweptCases(): number {
    return this.#deadMan.result.cases;
  }

  report(scope: Scope): DeadManReport {
    const { sweptAtMs, suspicions, trouble } = this.#deadMan.result;
    const seen = suspicions.filter((one) => within(scope, one));
    const organs = new Map<string, Suspicion[]>();
    for (const one of seen) organs.set(one.organ, [...(organs.get(one.organ) ?? []), one]);
    return {
      sweptAtMs,
      complete: trouble === '',
      ...counted(seen),
      organs: [...organs].map(([organ, list]) => ({
        organ,
        ...counted(list),
        caseKeys: list.slice(0, auditLimits.samplesMax).map(({ caseKey }) => caseKey),
      })),
    };
  }

  async #look(): Promise<void> {
    const now = this.#options.clock.nowMs();
    const rested = performance.now() - this.#endedMs >= auditLimits.sweepRestMs;
    if (this.#sweeping || !rested || now - this.#beganMs < auditLimits.sweepEveryMs) return;
    this.#sweeping = true;
    this.#beganMs = now;
    await this.sweep();
    this.#endedMs = performance.now();
    this.#sweeping = false;
  }

  /** A stopped partition is left out: that it stands still is said elsewhere, and loudly. */
  async #watermarks(): Promise<Watermark[]> {
    const { partitions, workers, effects, clock } = this.#options;
    const marks: Watermark[] = [];
    for (let partition = 0; partition < partitions; partition++) {
      const askedMs = clock.nowMs();
      const state = await workers.ask(partition, 'state', { partition });
      if (state.stopped !== '') continue;
      const position = state.applied - 1;
      await effects.stored(partition, auditLimits.storedWaitMs);
      if (effects.position(partition) < position) {
        throw new Error(`分区 ${partition} 的分析库落后 (ClickHouse is behind)`);
      }
      // While nothing comes, time passes all the same: a timer that is due has rung by now.
      const quiet = askedMs - auditLimits.graceMs * Math.max(1, clock.settings.speed);
      const nowMs = state.applied === state.end ? Math.max(state.nowMs, quiet) : state.nowMs;
      const { logEndMs, packHash } = state;
      if (position >= 0) marks.push({ partition, position, nowMs, logEndMs, packHash });
    }
    return marks;
  }
}

function upTo(marks: readonly Watermark[]): UpTo {
  return Object.fromEntries(marks.map(({ partition, position }) => [partition, position]));
}

function within(scope: Scope, { organ, territory }: Suspicion): boolean {
  if (scope.organs !== null && !scope.organs.includes(organ)) return false;
  return scope.territories === null || scope.territories.includes(territory);
}

function counted(list: readonly Suspicion[]) {
  return {
    dueWithoutCard: list.reduce((sum, one) => sum + one.dueWithoutCard.length, 0),
    cardWithoutDue: list.reduce((sum, one) => sum + one.cardWithoutDue.length, 0),
  };
}
