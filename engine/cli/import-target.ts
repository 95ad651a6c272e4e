/**
 * The engine behind an import: opened on a data folder, fed with history, asked what it found.
 *
 * Its clock stands still, so that only the records carry time: an import ends at the log's last
 * instant, and no tick of today makes everything overdue.
 */
import { join } from 'node:path';
import type { ErrorCode } from '../base/errors.ts';
import { CARD_STATES, type CardStateName } from '../cards/card.ts';
import { EmbeddedEngine } from '../engine.ts';
import type { BalanceRow, RowResult, Scope, SubmitSource } from '../facade.ts';
import type { EngineReport, ImportTarget, SubmitCounts } from '../intake/import.ts';
import type { RefusedRow } from '../intake/import-error.ts';
import { FolderError } from '../runtime/data-folder.ts';
import { loadPack } from '../runtime/rule-loader.ts';
import type { TargetOptions } from './import.ts';
import { pseudonymKey } from './import-key.ts';

/** Pack of a new data folder when the profile names none. */
const DEFAULT_PACK = 'demo';
const STANDING_STILL = { baseMs: 0, realBaseMs: 0, speed: 0 };
const EVERYTHING: Scope = { organs: null, territories: null };
/** States in which a card stands: neither withdrawn by evidence nor revoked by people. */
const STANDING: readonly CardStateName[] = CARD_STATES.filter(
  (state) => state !== 'withdrawn' && state !== 'revoked',
);

type Counts = Pick<BalanceRow, 'applied' | 'duplicate' | 'held' | 'deadLettered'>;

export async function openEngineTarget(options: TargetOptions): Promise<ImportTarget> {
  const { profile } = options;
  const engine = await startEngine(options);
  const inForce = engine.pack();
  if (profile.pack !== undefined && inForce.id !== profile.pack) {
    await engine.stop();
    throw new FolderError(
      `${options.dataDir} 施行的规则包是 ${inForce.id},而映射要求 ${profile.pack};请换 --data ` +
        `(the pack in force there is ${inForce.id}, the profile wants ${profile.pack})`,
    );
  }
  const target = new EngineTarget(engine, profile.source);
  await target.begin();
  return target;
}

async function startEngine(options: TargetOptions): Promise<EmbeddedEngine> {
  const { dataDir, rulesDir, partitions, profile, note } = options;
  // What is imported is real, whichever pack judges it.
  const source = loadPack(join(rulesDir, 'packs', `${profile.pack ?? DEFAULT_PACK}.json`));
  const pack = { ...source, demo: false };
  try {
    const engine = new EmbeddedEngine({
      ...{ dataDir, pack, clock: STANDING_STILL, log: note },
      ...(partitions === undefined ? {} : { partitions }),
      pseudonymKey: pseudonymKey(dataDir),
    });
    await engine.start();
    return engine;
  } catch (error) {
    if (error instanceof FolderError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new FolderError(`数据目录 ${dataDir} 打不开 (cannot be opened): ${why}`, {
      cause: error,
    });
  }
}

class EngineTarget implements ImportTarget {
  readonly #engine: EmbeddedEngine;
  readonly #source: SubmitSource;
  #before: Counts = { applied: 0, duplicate: 0, held: 0, deadLettered: 0 };

  constructor(engine: EmbeddedEngine, source: string) {
    this.#engine = engine;
    this.#source = { id: source, organs: null, stamps: 'history' };
  }

  async begin(): Promise<void> {
    this.#before = await this.#counts();
  }

  async submit(lines: Uint8Array): Promise<SubmitCounts> {
    const results = await this.#engine.submit(lines, this.#source);
    const count = (outcome: RowResult['outcome']) =>
      results.filter((result) => result.outcome === outcome).length;
    // A row that has a position is in the log: what is wrong with it is a dead letter, counted there.
    const refused = results.filter(({ outcome, position }) => {
      return outcome === 'refused' && position === undefined;
    });
    const texts = refused.length === 0 ? [] : Buffer.from(lines).toString().split('\n');
    return {
      accepted: count('accepted'),
      duplicate: count('duplicate'),
      held: count('held'),
      refused: refused.map((result) => refusedRow(result, texts[result.row - 1] ?? '{}')),
    };
  }

  endLog(atMs: number): Promise<void> {
    return this.#engine.endLog(atMs);
  }

  async report(): Promise<EngineReport> {
    await this.#engine.effects.drain();
    const { applied, duplicate, held, deadLettered } = await this.#counts();
    const before = this.#before;
    const summary = await this.#engine.summary(EVERYTHING);
    const { digest } = await this.#engine.digest();
    return {
      applied: applied - before.applied,
      duplicate: duplicate - before.duplicate,
      held: held - before.held,
      deadLettered: deadLettered - before.deadLettered,
      open: summary.counts.open,
      openOverdue: summary.organs.reduce((sum, organ) => sum + organ.overdue, 0),
      cards: await this.#cards(),
      digest,
    };
  }

  close(): Promise<void> {
    return this.#engine.stop();
  }

  async #counts(): Promise<Counts> {
    const total = { applied: 0, duplicate: 0, held: 0, deadLettered: 0 };
    for (const row of (await this.#engine.balance()).rows) {
      if (row.source !== this.#source.id) continue;
      total.applied += row.applied;
      total.duplicate += row.duplicate;
      total.held += row.held;
      total.deadLettered += row.deadLettered;
    }
    return total;
  }

  /** Rule → level → cards that stand; rules without a card are listed with nothing. */
  async #cards(): Promise<Record<string, Record<string, number>>> {
    const found: Record<string, Record<string, number>> = {};
    for (const rule of await this.#engine.rules(EVERYTHING)) {
      const levels: Record<string, number> = {};
      for (const code of rule.levels) {
        const query = { ruleId: rule.id, levels: [code], states: STANDING };
        const page = { order: 'newest', limit: 1, offset: 0 } as const;
        levels[code] = (await this.#engine.cards({ ...query, ...page }, EVERYTHING)).total;
      }
      found[rule.id] = levels;
    }
    return found;
  }
}

function refusedRow(result: RowResult, line: string): RefusedRow {
  const { caseKey, seq } = JSON.parse(line) as { caseKey: string; seq: number };
  return {
    where: `${caseKey}, seq ${seq}`,
    code: (result.error?.code ?? 'INTERNAL') as ErrorCode,
    message: result.error?.message ?? '',
    messageEn: result.error?.messageEn ?? '',
  };
}
