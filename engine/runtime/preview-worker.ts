/**
 * Preview thread: restores a snapshot of each partition and applies a publication to it, as the live
 * partition would, and tells what came of it. The live partition pays only for the snapshot.
 */
import { parentPort } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { type Calendars, compileCalendars } from '../calendars/compile.ts';
import type { CardChange } from '../cards/card.ts';
import { Changes } from '../cards/changes.ts';
import { EventBatch, RECORD_CONTROL } from '../events/event.ts';
import type { PreviewPart, PreviewSample, PreviewState } from '../facade.ts';
import { CardViews } from '../kernel/card-view.ts';
import type { Partition } from '../kernel/partition.ts';
import { restorePartition } from '../kernel/partition-snapshot.ts';
import { Summarizer } from '../kernel/summary.ts';
import { compileWith } from '../rules/compile.ts';
import type { PackSource } from '../rules/source.ts';
import { type PreviewMessage, type PreviewRequest, worstFirst } from './preview.ts';
import { tallyKind, tallyOf } from './publication-tally.ts';

assert(parentPort !== null, 'preview-worker.ts runs in a worker thread');
const port = parentPort;
const calendars = new Map<string, Calendars>();

function say(message: PreviewMessage): void {
  port.postMessage(message);
}

function restore({ snapshot, packs }: PreviewRequest): Partition {
  return restorePartition(snapshot, {
    resolve: (hash, dictionaries) => {
      const json = packs[hash];
      if (json === undefined) throw new Error(`试算没有规则包 ${hash} (no such pack to preview)`);
      const pack = JSON.parse(json) as PackSource;
      const known = calendars.get(hash) ?? compileCalendars(pack);
      calendars.set(hash, known);
      return compileWith(pack, known, dictionaries.strings);
    },
  });
}

function controlBatch({ control, position }: PreviewRequest, stampMs: number): EventBatch {
  const bytes = new TextEncoder().encode(control);
  const batch = new EventBatch(1);
  batch.reset(bytes);
  batch.count = 1;
  batch.kind[0] = RECORD_CONTROL;
  batch.rawLen[0] = bytes.length;
  batch.stamp[0] = stampMs;
  batch.position[0] = position;
  return batch;
}

function stateOf(partition: Partition): PreviewState {
  const { organs } = new Summarizer(partition).summarize({ organs: null, territories: null });
  let provisional = 0;
  let uncomputable = 0;
  for (const one of Object.values(organs)) {
    provisional += one.provisional;
    uncomputable += one.uncomputable;
  }
  return { provisional, uncomputable };
}

function partOf(request: PreviewRequest): PreviewPart {
  const partition = restore(request);
  const stampMs = Math.max(request.nowMs, partition.store.nowMs);
  const before = stateOf(partition);
  const changes = new Changes();
  partition.onRow = (row) => say({ type: 'progress', rows: row });
  partition.apply(controlBatch(request, stampMs), changes);
  const tally = tallyOf(changes);
  if (tally === null) throw new Error('试算没有发布 (the control published nothing)');
  const cases = partition.store.table.count;
  return {
    ...tally,
    cases,
    before,
    after: stateOf(partition),
    ...told(partition, changes, request),
  };
}

/** Counts by organ and level, and the worst changes of each kind. */
function told(partition: Partition, changes: Changes, request: PreviewRequest) {
  const views = new CardViews(partition.store);
  const { from, to } = changes.publication ?? { from: 0, to: 0 };
  const groups = new Map<string, PreviewPart['groups'][number]>();
  const samples: Record<string, PreviewSample[]> = {};
  for (let i = from; i < to; i++) {
    const kind = tallyKind(changes.op[i]!);
    if (kind === null) continue;
    const change = sampleOf(views.change(changes, i));
    const { organ, level } = change;
    const name = `${organ} ${level}`;
    const group = groups.get(name) ?? { organ, level, raised: 0, withdrawn: 0, moved: 0 };
    group[kind]++;
    groups.set(name, group);
    const kept = samples[kind] ?? [];
    samples[kind] = kept;
    keepWorst(kept, change, request.samples);
  }
  return { groups: [...groups.values()], samples: Object.values(samples).flat() };
}

function sampleOf({ op, ...change }: CardChange): PreviewSample {
  const { cardId, caseKey, ruleId, stage, level, levelRank, itemCode } = change;
  const { organ, territory, dueMs, previousDueMs, provisional } = change;
  return {
    ...{
      op: op as PreviewSample['op'],
      cardId,
      caseKey,
      ruleId,
      stage,
      level,
      levelRank,
      itemCode,
    },
    ...{ organ, territory, dueMs, previousDueMs, provisional },
  };
}

function keepWorst(kept: PreviewSample[], change: PreviewSample, most: number): void {
  const last = kept.at(-1);
  if (kept.length === most && last !== undefined && worstFirst(last, change) <= 0) return;
  kept.push(change);
  kept.sort(worstFirst);
  if (kept.length > most) kept.pop();
}

port.on('message', (request: PreviewRequest) => {
  try {
    say({ type: 'part', part: partOf(request) });
  } catch (error) {
    say({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
});
