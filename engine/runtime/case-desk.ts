/**
 * The case page's data, now and as it was believed (认知时点): asks the partition, the log and ClickHouse.
 *
 * Owns: finding a case's partition, which records are read, what may be asked of the past and how much
 * at once. Does not own: what the kernel says of a case, how it is shown (case-view.ts).
 *
 * Whoever may see a case now may see its past: the scope is that of the case as it stands (law L6).
 */

import type { Clock } from '../base/clock.ts';
import { CatalogueError } from '../base/errors.ts';
import { runtimeLimits } from '../config/limits.ts';
import type { CardDetail, CaseDetail, EvidenceView, Scope } from '../facade.ts';
import type { PartitionExplanation } from '../kernel/explain.ts';
import type { PackSource } from '../rules/source.ts';
import type { CardRecord } from '../sinks/query.ts';
import type { Reader } from '../sinks/reader.ts';
import type { CourseRecord } from './case-records.ts';
import { courseOf } from './case-records.ts';
import { caseView, clockOf } from './case-view.ts';
import type { Effects } from './effects.ts';
import { evidenceOf } from './evidence.ts';
import { PackNames } from './pack-names.ts';
import type { Workers } from './workers.ts';

/** Longest wait of a question about the past for ClickHouse. */
const STORED_WAIT_MS = 2000;

export interface CaseDeskOptions {
  readonly partitions: number;
  readonly workers: Workers;
  readonly reader: Reader;
  readonly effects: Effects;
  readonly clock: Clock;
  readonly names: () => PackNames;
  readonly partitionOf: (caseKey: string) => number;
}

interface Found {
  readonly partition: number;
  readonly explained: PartitionExplanation;
}

export class CaseDesk {
  readonly #options: CaseDeskOptions;
  readonly #names = new Map<string, PackNames>();
  #pastAsked = 0;

  constructor(options: CaseDeskOptions) {
    this.#options = options;
  }

  /** Null when unknown or outside the scope. `asOfMs`: as it was believed then. */
  async detail(caseKey: string, scope: Scope, asOfMs?: number): Promise<CaseDetail | null> {
    const found = await this.#explained(caseKey);
    if (found === null || !within(scope, found.explained)) return null;
    if (asOfMs !== undefined) return this.past(asOfMs, () => this.#then(found, scope, asOfMs));
    const { partition, explained } = found;
    const course = await this.#course(found, explained.nowMs);
    const cards = await this.#options.reader.cardsOfCase(caseKey, scope);
    return this.#view(partition, explained, course, cards, this.#options.names(), null);
  }

  /** A card with the clock it speaks of, its bill, and what refuted it. */
  async card(record: CardRecord, scope: Scope): Promise<CardDetail> {
    const names = this.#options.names();
    const found = record.ruleKind === 'clock' ? await this.#explained(record.caseKey) : null;
    const seen = found !== null && within(scope, found.explained);
    const clock = seen ? clockOf(record, found.explained, names) : null;
    const [evidence] = await this.#evidence(record.partition, [record]);
    return {
      ...names.card(record, this.#options.clock.nowMs()),
      clock,
      evidence: evidence ?? null,
    };
  }

  /** Does the work if the instant is past, and not too much of the kind is asked at once. */
  async past<T>(asOfMs: number, work: () => Promise<T>): Promise<T> {
    if (asOfMs > this.#options.clock.nowMs()) {
      throw new CatalogueError('AS_OF_FUTURE', { asOf: new Date(asOfMs).toISOString() });
    }
    const limit = runtimeLimits.lookBacksAtOnceMax;
    if (this.#pastAsked >= limit) throw new CatalogueError('AS_OF_BUSY', { limit });
    this.#pastAsked++;
    try {
      if (await this.#options.effects.drain(STORED_WAIT_MS)) return await work();
      throw new CatalogueError('AS_OF_BEHIND');
    } finally {
      this.#pastAsked--;
    }
  }

  async #then({ partition, explained }: Found, scope: Scope, asOfMs: number): Promise<CaseDetail> {
    const { workers, reader } = this.#options;
    const { caseKey } = explained;
    const limit = runtimeLimits.lookBackRecordsMax;
    const places = await reader.recordsOfCase(partition, caseKey, limit + 1);
    if (places.length > limit) throw new CatalogueError('AS_OF_TOO_LARGE', { limit });
    const positions = places
      .filter(({ stampMs }) => stampMs <= asOfMs)
      .map(({ position }) => position);
    const request = { partition, caseKey, atMs: asOfMs, positions };
    const believed = await workers.ask(partition, 'believed', request);
    if (believed === null) throw new CatalogueError('AS_OF_UNKNOWN');
    const records = await workers.ask(partition, 'records', { partition, positions });
    const course = courseOf(records, counted(believed.explained), asOfMs);
    const cards = await reader.cardsOfCase(caseKey, scope, asOfMs);
    const names = await this.#namesOf(partition, believed.packHash);
    return this.#view(partition, believed.explained, course, cards, names, asOfMs);
  }

  async #course({ partition, explained }: Found, nowMs: number): Promise<CourseRecord[]> {
    const { workers, reader } = this.#options;
    const limit = runtimeLimits.lookBackRecordsMax;
    const { caseKey } = explained;
    // Most cases have no other records than those that count, and need no question to ClickHouse.
    const revised = await workers.ask(partition, 'revised', { partition, caseKey });
    const places = revised ? await reader.recordsOfCase(partition, caseKey, limit) : [];
    const current = counted(explained);
    // ClickHouse may be a moment behind: what counts is known without it.
    const positions = [...new Set([...places.map(({ position }) => position), ...current])];
    const records = await workers.ask(partition, 'records', { partition, positions });
    return courseOf(records, current, nowMs);
  }

  async #view(
    partition: number,
    explained: PartitionExplanation,
    course: readonly CourseRecord[],
    cards: readonly CardRecord[],
    names: PackNames,
    asOfMs: number | null,
  ): Promise<CaseDetail> {
    const evidence = await this.#evidence(partition, cards);
    const nowMs = asOfMs ?? this.#options.clock.nowMs();
    const views = cards.map((card) => names.card(card, nowMs));
    return caseView({ explained, course, cards: views, evidence, names, asOfMs });
  }

  /** What refuted those of the cards that are withdrawn, each record once. */
  async #evidence(partition: number, cards: readonly CardRecord[]): Promise<EvidenceView[]> {
    const withdrawn = cards.filter(({ state }) => state === 'withdrawn');
    const positions = new Set(withdrawn.map(({ position }) => position));
    const out: EvidenceView[] = [];
    for (const position of positions) {
      const request = { partition, position };
      const witness = await this.#options.workers.ask(partition, 'witness', request);
      if (witness !== null) out.push(evidenceOf(witness));
    }
    return out;
  }

  /** The case's partition follows from its key, unless it is part of a joint case: then look. */
  async #explained(caseKey: string): Promise<Found | null> {
    const { workers, partitions, partitionOf } = this.#options;
    const home = partitionOf(caseKey);
    const others = Array.from({ length: partitions }, (_, p) => p).filter((p) => p !== home);
    for (const partition of [home, ...others]) {
      const explained = await workers.ask(partition, 'explain', { partition, caseKey });
      if (explained !== null) return { partition, explained };
    }
    return null;
  }

  /** Names as the pack gave them that was in force then. */
  async #namesOf(partition: number, hash: string): Promise<PackNames> {
    const now = this.#options.names();
    if (hash === now.hash) return now;
    const known = this.#names.get(hash);
    if (known !== undefined) return known;
    const json = await this.#options.workers.ask(partition, 'pack', { partition, hash });
    if (json === null) throw new Error(`规则包 ${hash} 不在日志中 (pack is not in the log)`);
    const names = new PackNames(JSON.parse(json) as PackSource, hash);
    if (this.#names.size >= runtimeLimits.lookBackProgramsMax) this.#names.clear();
    this.#names.set(hash, names);
    return names;
  }
}

function counted({ events }: PartitionExplanation): ReadonlySet<number> {
  return new Set(events.map(({ position }) => position));
}

function within(scope: Scope, one: { organ: string; territory: string }): boolean {
  const organ = scope.organs === null || scope.organs.includes(one.organ);
  return organ && (scope.territories === null || scope.territories.includes(one.territory));
}
