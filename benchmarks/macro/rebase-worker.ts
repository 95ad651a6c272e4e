/** One partition of `rebase` in a thread of its own: answers every message with one. */
import { parentPort } from 'node:worker_threads';
import { Changes } from '../../engine/cards/changes.ts';
import { compileProgram } from '../../engine/rules/compile.ts';
import type { PackSource } from '../../engine/rules/source.ts';
import { JobEngine } from './job-engine.ts';
import { feedLive, type LiveCases } from './live-cases.ts';
import { sumOfAll } from './state-sum.ts';

export type RebaseRequest =
  | { readonly do: 'fill'; readonly pack: PackSource; readonly live: LiveCases }
  | { readonly do: 'publish'; readonly pack: PackSource }
  | { readonly do: 'sum' };

export interface RebaseReply {
  readonly ms: number;
  readonly nowMs: number;
  readonly cases: number;
  readonly cards: number;
  readonly changes: number;
  /** Over every card and over the next wake-up of every case. */
  readonly sum: number;
}

const port = parentPort;
if (port === null) throw new Error('rebase-worker.ts runs as a worker thread only');
let engine = new JobEngine();

/** Program and catalogue are compiled before, as they are before a control record is sent. */
function publish(pack: PackSource): { ms: number; changes: number } {
  const { partition } = engine;
  const program = compileProgram(pack, partition.store.dictionary);
  const changes = new Changes();
  partition.store.out = changes;
  const started = performance.now();
  partition.publish(program, { type: 'publish', hash: pack.id, version: pack.version });
  return { ms: performance.now() - started, changes: changes.count };
}

port.on('message', (request: RebaseRequest) => {
  const started = performance.now();
  let changes = 0;
  let ms = 0;
  if (request.do === 'fill') {
    engine = new JobEngine(request.pack);
    feedLive(engine, request.live);
  } else if (request.do === 'publish') {
    ({ ms, changes } = publish(request.pack));
  }
  const { store } = engine.partition;
  const sum = request.do === 'sum' ? sumOfAll(store) : 0;
  const reply: RebaseReply = {
    ms: request.do === 'publish' ? ms : performance.now() - started,
    nowMs: store.nowMs,
    cases: store.table.count,
    cards: store.cards.count,
    changes,
    sum,
  };
  port.postMessage(reply);
});
