/**
 * The pool of workers as the main thread sees it: ask a partition, hear effects.
 *
 * Owns: threads, request ids, routing by partition. Does not own: what happens to effects.
 */
import { Worker } from 'node:worker_threads';
import type { SinkBatch } from '../sinks/sink.ts';
import type { RequestName, Requests, WorkerMessage, WorkerSetup } from './messages.ts';

export interface WorkersOptions extends Omit<WorkerSetup, 'partitions' | 'sunk'> {
  readonly threads: number;
  readonly onEffects: (batch: SinkBatch) => void;
  readonly onProgress: (partition: number, applied: number, end: number) => void;
  readonly onStopped: (partition: number, reason: string) => void;
}

interface Waiting {
  readonly worker: Worker;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** An error a worker answered with; `code` is the catalogue code or INTERNAL. */
export class WorkerError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export class Workers {
  readonly #options: WorkersOptions;
  readonly #threads: Worker[] = [];
  readonly #waiting = new Map<number, Waiting>();
  /** Threads that have ended, with the reason: asking them would wait for ever. */
  readonly #ended = new Map<Worker, string>();
  #nextId = 1;
  #closing = false;

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  /**
   * Resolves when every partition has restored and replayed. `sunk`: by partition, the last position
   * whose effects the sink holds.
   */
  async start(sunk: readonly number[]): Promise<void> {
    const { threads, partitionCount } = this.#options;
    const starts: Promise<void>[] = [];
    for (let t = 0; t < threads; t++) {
      const partitions = Array.from({ length: partitionCount }, (_, p) => p).filter(
        (p) => p % threads === t,
      );
      starts.push(this.#spawn(partitions, sunk));
    }
    await Promise.all(starts);
  }

  ask<N extends RequestName>(
    partition: number,
    name: N,
    request: Requests[N]['request'],
    transfer: ArrayBuffer[] = [],
  ): Promise<Requests[N]['reply']> {
    const worker = this.#threads[partition % this.#options.threads];
    if (worker === undefined) return Promise.reject(new WorkerError('NOT_READY', 'not started'));
    return this.#send(worker, name, request, transfer);
  }

  /** Asks every living thread once (settings that belong to the thread, not to a partition). */
  async all<N extends 'clock' | 'close'>(name: N, request: Requests[N]['request']): Promise<void> {
    const living = this.#threads.filter((worker) => !this.#ended.has(worker));
    await Promise.all(living.map((worker) => this.#send(worker, name, request, [])));
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.all('close', null);
    await this.terminate();
  }

  /** Ends the threads without a word, as after a start that failed. */
  async terminate(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#threads.map((worker) => worker.terminate()));
  }

  #send<N extends RequestName>(
    worker: Worker,
    name: N,
    request: Requests[N]['request'],
    transfer: ArrayBuffer[],
  ): Promise<Requests[N]['reply']> {
    const ended = this.#ended.get(worker);
    if (ended !== undefined) return Promise.reject(new WorkerError('NOT_READY', ended));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { worker, resolve: resolve as (value: never) => void, reject });
      worker.postMessage({ id, name, request }, transfer);
    });
  }

  #spawn(partitions: readonly number[], sunk: readonly number[]): Promise<void> {
    const { threads, onEffects, onProgress, onStopped, ...setup } = this.#options;
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: { ...setup, partitions, sunk } satisfies WorkerSetup,
    });
    this.#threads.push(worker);
    return new Promise((resolve, reject) => {
      let ready = false;
      worker.on('message', (message: WorkerMessage) => {
        if (message.type !== 'ready') {
          this.#hear(message);
          return;
        }
        ready = true;
        resolve();
      });
      // Before it was ready, whoever starts us hears of it and nobody else needs to.
      const end = (reason: string, error: Error): void => {
        this.#end(worker, ready ? partitions : [], reason);
        reject(error);
      };
      worker.on('error', (error: Error) => end(String(error.stack ?? error), error));
      worker.on('exit', (code) => {
        const reason = `线程退出 (thread exited), code ${code}`;
        end(reason, new WorkerError('NOT_READY', reason));
      });
    });
  }

  #hear(message: Exclude<WorkerMessage, { type: 'ready' }>): void {
    const { onEffects, onProgress, onStopped } = this.#options;
    if (message.type === 'effects') onEffects(message.batch);
    else if (message.type === 'progress')
      onProgress(message.partition, message.applied, message.end);
    else if (message.type === 'stopped') onStopped(message.partition, message.reason);
    else this.#settle(message);
  }

  #settle(message: Extract<WorkerMessage, { type: 'reply' | 'error' }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === 'reply') waiting?.resolve(message.value as never);
    else waiting?.reject(new WorkerError(message.code, message.message));
  }

  #end(worker: Worker, partitions: readonly number[], reason: string): void {
    if (this.#ended.has(worker)) return;
    this.#ended.set(worker, reason);
    if (!this.#closing) {
      for (const partition of partitions) this.#options.onStopped(partition, reason);
    }
    for (const [id, waiting] of this.#waiting) {
      if (waiting.worker !== worker) continue;
      this.#waiting.delete(id);
      waiting.reject(new WorkerError('NOT_READY', reason));
    }
  }
}
