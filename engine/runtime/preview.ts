/**
 * The preview (试算, 影响面): what a publication would do, before it is published.
 *
 * Owns: one run over all partitions in a thread of its own: snapshot, restore, the same control record,
 * and the counts. They are exact by construction: what publication does next is the same function of the
 * same state, unless records or timers come in between; `asOf` says up to where.
 * Does not own: what a publication does (kernel/partition.ts), who may see it (api/policy).
 *
 * One partition at a time: the run holds one copy of one partition, however large the city.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../base/clock.ts';
import { previewLimits } from '../config/limits.ts';
import type {
  PreviewGroup,
  PreviewOptions,
  PreviewPart,
  PreviewResult,
  PreviewSample,
  PreviewState,
} from '../facade.ts';
import type { PackSource } from '../rules/source.ts';
import { canonicalJson, packHash } from './pack-hash.ts';
import { sumTallies } from './publication-tally.ts';
import type { Workers } from './workers.ts';

export interface PreviewRequest {
  readonly snapshot: Uint8Array;
  readonly position: number;
  readonly nowMs: number;
  readonly control: string;
  /** Canonical JSON by hash: the pack in force and the draft. */
  readonly packs: Readonly<Record<string, string>>;
  readonly samples: number;
}

export type PreviewMessage =
  | { readonly type: 'progress'; readonly rows: number }
  | { readonly type: 'part'; readonly part: PreviewPart }
  | { readonly type: 'failed'; readonly message: string };

export class PreviewCancelled extends Error {
  override name = 'PreviewCancelled';
}

/** The control record of a publication: what a preview applies and what is published are the same. */
export function publishControl(
  pack: PackSource,
  hash: string,
  closedWindowDays: number | undefined,
): Readonly<Record<string, unknown>> {
  const window = closedWindowDays === undefined ? {} : { closedWindowDays };
  return { type: 'publish', hash, version: pack.version, ...window };
}

export class Previewer {
  readonly #workers: Workers;
  readonly #partitions: number;
  readonly #clock: Clock;

  constructor(workers: Workers, partitions: number, clock: Clock) {
    this.#workers = workers;
    this.#partitions = partitions;
    this.#clock = clock;
  }

  async run(pack: PackSource, options: PreviewOptions = {}): Promise<PreviewResult> {
    const draft = { hash: packHash(pack), json: canonicalJson(pack) };
    const control = JSON.stringify(publishControl(pack, draft.hash, options.closedWindowDays));
    const thread = new PreviewThread();
    const cancel = (): void => thread.end(new PreviewCancelled('试算已取消 (preview cancelled)'));
    options.signal?.addEventListener('abort', cancel, { once: true });
    if (options.signal?.aborted === true) cancel();
    const nowMs = this.#clock.nowMs();
    const parts: PreviewPart[] = [];
    const positions: number[] = [];
    try {
      const total = await this.#cases();
      let done = 0;
      for (let partition = 0; partition < this.#partitions; partition++) {
        const copy = await this.#workers.ask(partition, 'snapshot', { partition });
        const packs = { [copy.packHash]: copy.packJson, [draft.hash]: draft.json };
        const { snapshot, position } = copy;
        const samples = options.samples ?? previewLimits.samples;
        const request = { snapshot, position, nowMs, control, packs, samples };
        const base = done;
        const part = await thread.ask(request, (rows) =>
          options.onProgress?.(Math.min(total, base + rows), total),
        );
        done += part.cases;
        parts.push(part);
        positions.push(position);
        options.onProgress?.(Math.min(total, done), total);
      }
    } finally {
      options.signal?.removeEventListener('abort', cancel);
      thread.end(new PreviewCancelled('试算已结束 (preview is over)'));
    }
    return {
      ...{ packVersion: pack.version, hash: draft.hash, calendarVersion: pack.calendar.version },
      ...{ ...merged(parts, options.samples ?? previewLimits.samples), asOf: { nowMs, positions } },
    };
  }

  async #cases(): Promise<number> {
    let total = 0;
    for (let partition = 0; partition < this.#partitions; partition++) {
      total += (await this.#workers.ask(partition, 'state', { partition })).cases;
    }
    return total;
  }
}

/** One thread, one request at a time. */
class PreviewThread {
  readonly #worker = new Worker(new URL('./preview-worker.ts', import.meta.url));
  #fail: (error: Error) => void = () => {};
  #ended: Error | null = null;

  constructor() {
    this.#worker.on('error', (error) =>
      this.end(error instanceof Error ? error : new Error(String(error))),
    );
    this.#worker.on('exit', () => this.end(new Error('试算线程退出 (preview thread exited)')));
  }

  ask(request: PreviewRequest, onRows: (rows: number) => void): Promise<PreviewPart> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const hear = (message: PreviewMessage): void => {
        if (message.type === 'progress') {
          onRows(message.rows);
          return;
        }
        this.#worker.off('message', hear);
        if (message.type === 'part') resolve(message.part);
        else reject(new Error(message.message));
      };
      this.#fail = reject;
      this.#worker.on('message', hear);
      this.#worker.postMessage(request, [request.snapshot.buffer as ArrayBuffer]);
    });
  }

  end(error: Error): void {
    if (this.#ended !== null) return;
    this.#ended = error;
    this.#fail(error);
    void this.#worker.terminate();
  }
}

/** Worst level first, then by case: which ones are shown does not depend on the cut. */
export function worstFirst(a: PreviewSample, b: PreviewSample): number {
  if (a.levelRank !== b.levelRank) return b.levelRank - a.levelRank;
  if (a.caseKey === b.caseKey) return 0;
  return a.caseKey < b.caseKey ? -1 : 1;
}

function merged(parts: readonly PreviewPart[], samples: number): PreviewPart {
  const groups = new Map<string, PreviewGroup>();
  for (const one of parts.flatMap((part) => part.groups)) {
    const name = `${one.organ} ${one.level}`;
    const sum = groups.get(name) ?? { ...one, raised: 0, withdrawn: 0, moved: 0 };
    sum.raised += one.raised;
    sum.withdrawn += one.withdrawn;
    sum.moved += one.moved;
    groups.set(name, sum);
  }
  const state = (which: 'before' | 'after'): PreviewState => ({
    provisional: parts.reduce((sum, part) => sum + part[which].provisional, 0),
    uncomputable: parts.reduce((sum, part) => sum + part[which].uncomputable, 0),
  });
  return {
    ...sumTallies(parts),
    cases: parts.reduce((sum, part) => sum + part.cases, 0),
    before: state('before'),
    after: state('after'),
    groups: [...groups.keys()].sort().map((name) => groups.get(name) as PreviewGroup),
    samples: worstOf(parts, samples),
  };
}

function worstOf(parts: readonly PreviewPart[], samples: number): PreviewSample[] {
  const ops = new Map<string, PreviewSample[]>();
  for (const change of parts.flatMap((part) => part.samples)) {
    const kind = change.op === 'restored' ? 'raised' : change.op;
    ops.set(kind, [...(ops.get(kind) ?? []), change]);
  }
  return [...ops.keys()]
    .sort()
    .flatMap((op) => (ops.get(op) ?? []).sort(worstFirst).slice(0, samples));
}
