/**
 * Writes the dossier (卷宗) of a data folder: what was sent, and what the engine concluded of it, for the
 * offline checker (checker/dossier.ts says the format).
 *
 * Records and cards are those that are stored; clocks and bills are the engine's own explanation.
 */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import {
  DOSSIER_FORMAT,
  type DossierCard,
  type DossierCase,
  type DossierClock,
  type DossierHead,
  type DossierPack,
} from '../../checker/dossier.ts';
import type { EmbeddedEngine } from '../engine.ts';
import type { PartitionExplanation } from '../kernel/explain.ts';
import type { PackSource } from '../rules/source.ts';
import { packHash } from '../runtime/pack-hash.ts';
import type { StoredCard, StoredCase } from '../sinks/query.ts';

/** Cases read at a time: bounds the memory. */
const CASES_AT_ONCE = 10_000;

interface Control {
  readonly stampMs: number;
  readonly json: string;
}

/** Cases written. A file named .gz is compressed. */
export async function writeDossier(
  engine: EmbeddedEngine,
  file: string,
  onProgress: (cases: number) => void,
): Promise<number> {
  let written = 0;
  const lines = async function* () {
    const controls = await engine.workers.ask(0, 'controls', { partition: 0 });
    yield `${JSON.stringify(await headOf(engine, controls))}\n`;
    const parts = Math.max(1, Math.ceil((await engine.stored.count()) / CASES_AT_ONCE));
    const upTo = Object.fromEntries(
      engine.states().map(({ partition, applied }) => [partition, applied - 1]),
    );
    for (let part = 0; part < parts; part++) {
      for (const one of await engine.stored.part(part, parts, upTo)) {
        yield `${JSON.stringify(await caseOf(engine, one, logEndOf(controls)))}\n`;
        if (++written % 1000 === 0) onProgress(written);
      }
    }
  };
  const out = createWriteStream(file);
  if (file.endsWith('.gz')) await pipeline(Readable.from(lines()), createGzip(), out);
  else await pipeline(Readable.from(lines()), out);
  return written;
}

async function headOf(engine: EmbeddedEngine, controls: readonly Control[]): Promise<DossierHead> {
  const first = await engine.firstPack();
  const packs: DossierPack[] = [{ hash: packHash(first), publishedMs: null, pack: first }];
  for (const { stampMs, json } of controls) {
    const control = JSON.parse(json) as { type: string; hash?: string };
    if (control.type !== 'publish' || control.hash === undefined) continue;
    const { hash } = control;
    const pack = await engine.workers.ask(0, 'pack', { partition: 0, hash });
    if (pack === null) throw new Error(`规则包 ${hash} 不在日志中 (pack is not in the log)`);
    packs.push({ hash, publishedMs: stampMs, pack: JSON.parse(pack) as PackSource });
  }
  return { kind: 'mingcha-dossier', format: DOSSIER_FORMAT, packs };
}

/** The declared end of the log; it cannot lie ahead of the stamp that declared it. */
function logEndOf(controls: readonly Control[]): number | null {
  const ends = controls.flatMap(({ stampMs, json }) => {
    const control = JSON.parse(json) as { type: string; at?: number };
    return control.type === 'logEnd' ? [Math.min(control.at ?? stampMs, stampMs)] : [];
  });
  return ends.at(-1) ?? null;
}

async function caseOf(
  engine: EmbeddedEngine,
  { caseKey, partition, records, cards }: StoredCase,
  logEnd: number | null,
): Promise<DossierCase> {
  const explained = await engine.workers.ask(partition, 'explain', { partition, caseKey });
  return {
    caseKey,
    now: explained?.nowMs ?? Number.NEGATIVE_INFINITY,
    logEnd,
    records: records.map(({ raw, ...record }) => ({
      ...record,
      record: JSON.parse(raw) as Record<string, unknown>,
    })),
    cards: cards.map(cardOf),
    clocks: explained?.clocks.map(clockOf) ?? [],
  };
}

function cardOf({ dueMs, organ: _, territory: _t, ...card }: StoredCard): DossierCard {
  return { ...card, due: dueMs };
}

export function clockOf(clock: PartitionExplanation['clocks'][number]): DossierClock {
  return {
    rule: clock.ruleId,
    stage: clock.stageCode,
    occurrence: clock.occurrence,
    start: clock.startMs,
    state: clock.state,
    due: clock.dueMs,
    stopped: clock.stoppedMs,
    extended: clock.extended,
    pauses: clock.pauses.map(({ kind, fromMs, toMs, days }) => ({
      kind,
      from: fromMs,
      to: toMs,
      announced: days,
    })),
    bill: clock.bill.map(({ date, reason, used }) => [date, reason, used] as const),
  };
}
