/** Some worker threads of one kind, each of which answers every message with one. */
import { Worker } from 'node:worker_threads';

export class Threads<Request, Reply> {
  readonly #workers: readonly Worker[];

  constructor(file: URL, count: number) {
    this.#workers = Array.from({ length: count }, () => new Worker(file));
  }

  /** Asks every thread at once; the answers, and the wall time until the last. */
  async ask(requestOf: (index: number) => Request): Promise<{ replies: Reply[]; seconds: number }> {
    const started = performance.now();
    const replies = await Promise.all(
      this.#workers.map((worker, index) => askOne<Reply>(worker, requestOf(index))),
    );
    return { replies, seconds: (performance.now() - started) / 1000 };
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function askOne<Reply>(worker: Worker, request: unknown): Promise<Reply> {
  return new Promise((settle, fail) => {
    worker.once('error', fail);
    worker.once('message', (reply: Reply) => {
      worker.off('error', fail);
      settle(reply);
    });
    worker.postMessage(request);
  });
}
