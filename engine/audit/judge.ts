/** The judging thread from outside: one request at a time, packs sent once, started when first asked. */
import { Worker } from 'node:worker_threads';
import type { StoredCase } from '../sinks/query.ts';
import type { JudgeReply, JudgeRequest } from './judge-worker.ts';
import type { Suspicion, Watermark } from './suspicion.ts';

export class JudgeThread {
  readonly #packOf: (hash: string) => Promise<string>;
  readonly #sent = new Set<string>();
  #worker: Worker | null = null;

  /** `packOf`: canonical JSON of a pack, by hash. */
  constructor(packOf: (hash: string) => Promise<string>) {
    this.#packOf = packOf;
  }

  async judge(
    cases: readonly StoredCase[],
    watermarks: readonly Watermark[],
  ): Promise<readonly Suspicion[]> {
    const worker = this.#started();
    const packs: [string, string][] = [];
    for (const hash of new Set(watermarks.map(({ packHash }) => packHash))) {
      if (this.#sent.has(hash)) continue;
      packs.push([hash, await this.#packOf(hash)]);
      this.#sent.add(hash);
    }
    return new Promise((resolve, reject) => {
      const done = (): void => {
        worker.off('message', heard);
        worker.off('error', failed);
        worker.off('exit', ended);
      };
      const heard = (reply: JudgeReply): void => {
        done();
        if ('suspicions' in reply) resolve(reply.suspicions);
        else reject(new Error(reply.error));
      };
      const failed = (error: Error): void => {
        done();
        this.#forget();
        reject(error);
      };
      const ended = (code: number): void =>
        failed(new Error(`核验线程退出 (the judging thread ended), code ${code}`));
      worker.on('message', heard);
      worker.on('error', failed);
      worker.on('exit', ended);
      worker.postMessage({ cases, watermarks, packs } satisfies JudgeRequest);
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#forget();
    await worker?.terminate();
  }

  #started(): Worker {
    if (this.#worker === null) {
      this.#worker = new Worker(new URL('./judge-worker.ts', import.meta.url));
      // Judging keeps no process alive.
      this.#worker.unref();
    }
    return this.#worker;
  }

  #forget(): void {
    this.#worker = null;
    this.#sent.clear();
  }
}
