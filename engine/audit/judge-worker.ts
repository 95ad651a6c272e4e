/** The thread in which stored cases are judged: slow arithmetic that must hold nobody up. */
import { parentPort } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import type { PackSource } from '../rules/source.ts';
import type { StoredCase } from '../sinks/query.ts';
import { type Suspicion, suspicionOf, type Watermark } from './suspicion.ts';

export interface JudgeRequest {
  readonly cases: readonly StoredCase[];
  readonly watermarks: readonly Watermark[];
  /** Packs this thread has not been given yet, as canonical JSON by hash. */
  readonly packs: readonly (readonly [hash: string, json: string])[];
}

export type JudgeReply = { readonly suspicions: readonly Suspicion[] } | { readonly error: string };

const port = parentPort;
assert(port !== null, 'judge-worker.ts runs in a thread of dead-man.ts');
const packs = new Map<string, PackSource>();

function judged(request: JudgeRequest): JudgeReply {
  for (const [hash, json] of request.packs) packs.set(hash, JSON.parse(json) as PackSource);
  const suspicions: Suspicion[] = [];
  for (const one of request.cases) {
    const mark = request.watermarks.find(({ partition }) => partition === one.partition);
    // Of a partition that stands still nothing is judged.
    if (mark === undefined) continue;
    const pack = packs.get(mark.packHash);
    assert(pack !== undefined, `the pack ${mark.packHash} was sent`);
    const found = suspicionOf(pack, one, mark);
    if (found !== null) suspicions.push(found);
  }
  return { suspicions };
}

port.on('message', (request: JudgeRequest) => {
  try {
    port.postMessage(judged(request));
  } catch (error) {
    port.postMessage({ error: String(error instanceof Error ? error.stack : error) });
  }
});
