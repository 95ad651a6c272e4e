/** One partition of `rebase` in a thread of its own: answers every message with one. */
import { parentPort } from 'node:worker_threads';
import { mix } from '../../engine/base/hash.ts';
import { Changes } from '../../engine/cards/changes.ts';
import { compileProgram } from '../../engine/rules/compile.ts';
import type { PackSource } from '../../engine/rules/source.ts';
import { Checksum } from '../harness.ts';
import { JobEngine } from './job-engine.ts';
import { feedLive, type LiveCases } from './live-cases.ts';

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

function sumOfAll(): number {
  const { cards, table, wheel } = engine.partition.store;
  const sum = new Checksum();
  const add = (seed: number, ms: number): void => {
    sum.add(mix(mix(seed, ms | 0), Math.floor(ms / 2 ** 32) | 0));
  };
  for (let card = 0; card < cards.count; card++) {
    add(mix(cards.id[card * 4] as number, cards.state[card] as number), cards.due[card] as number);
  }
  for (let row = 0; row < table.count; row++) add(row, Math.min(wheel.dueOf(row), 2 ** 52));
  return sum.value;
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
  const sum = request.do === 'sum' ? sumOfAll() : 0;
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
