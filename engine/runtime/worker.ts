/**
 * Worker thread: hosts some partitions and answers requests about them.
 *
 * Owns: the dispatch from messages to hosts, the tick timer and the checkpoint timer of its partitions.
 * One failed request answers with an error and harms nothing else.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { fnv1a } from '../base/hash.ts';
import { runtimeLimits } from '../config/limits.ts';
import { digestOf } from '../kernel/digest.ts';
import { explainCase } from '../kernel/explain.ts';
import { Summarizer } from '../kernel/summary.ts';
import type {
  RequestMessage,
  RequestName,
  Requests,
  WorkerMessage,
  WorkerSetup,
} from './messages.ts';
import { PartitionHost } from './partition-host.ts';
import { VirtualClock } from './virtual-clock.ts';

assert(parentPort !== null, 'worker.ts runs in a worker thread');
const port = parentPort;
const setup = workerData as WorkerSetup;
const clock = new VirtualClock(setup.clock);
const hosts = new Map<number, PartitionHost>();
const summarizers = new Map<number, Summarizer>();

function send(message: WorkerMessage, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function hostOf(partition: number): PartitionHost {
  const host = hosts.get(partition);
  if (host === undefined) throw new Error(`分区 ${partition} 不在此线程 (partition not here)`);
  return host;
}

type Handlers = {
  [N in RequestName]: (
    request: Requests[N]['request'],
  ) => Requests[N]['reply'] | Promise<Requests[N]['reply']>;
};

const handlers: Handlers = {
  append: (request) => hostOf(request.partition).append(request),
  command: ({ partition, json }) => hostOf(partition).command(json),
  control: ({ partition, json, packJson, stamp }) =>
    hostOf(partition).control(json, packJson, stamp),
  tick: async ({ partition, stampMs }) => {
    await hostOf(partition).tick(stampMs);
    return null;
  },
  explain: async ({ partition, caseKey }) => {
    const host = hostOf(partition);
    await host.settle();
    const { partition: kernel } = host;
    const key = new TextEncoder().encode(caseKey);
    const row = kernel.store.keys.find(key, 0, key.length, fnv1a(key, 0, key.length));
    return row < 0 ? null : explainCase(kernel, row);
  },
  believed: ({ partition, caseKey, atMs, positions }) =>
    hostOf(partition).lookBack.believed(caseKey, atMs, positions),
  revised: ({ partition, caseKey }) => hostOf(partition).lookBack.revised(caseKey),
  records: ({ partition, positions }) => hostOf(partition).lookBack.records(positions),
  witness: ({ partition, position }) => hostOf(partition).lookBack.witness(position),
  summary: ({ partition, ...scope }) => summarizers.get(partition)!.summarize(scope),
  digest: ({ partition }) => digestOf(hostOf(partition).partition.store),
  state: ({ partition }) => hostOf(partition).state(),
  sunk: ({ partition, to }) => {
    hostOf(partition).sunk(to);
    return null;
  },
  pack: ({ partition, hash }) => hostOf(partition).packJson(hash),
  publication: ({ partition, hash }) => hostOf(partition).publication(hash),
  controls: ({ partition }) => hostOf(partition).controls(),
  clock: (settings) => {
    clock.set(settings);
    return null;
  },
  snapshot: ({ partition }) => hostOf(partition).copy(),
  checkpoint: ({ partition }) => {
    hostOf(partition).checkpoint();
    return null;
  },
  close: () => {
    clearInterval(ticker);
    clearInterval(saver);
    for (const host of hosts.values()) host.close();
    return null;
  },
};

/** A snapshot is handed over, not copied a second time. */
function buffersOf(value: unknown): ArrayBuffer[] {
  const { snapshot } = (value ?? {}) as { snapshot?: unknown };
  return snapshot instanceof Uint8Array ? [snapshot.buffer as ArrayBuffer] : [];
}

async function answer(message: RequestMessage): Promise<void> {
  try {
    const handler = handlers[message.name] as (request: unknown) => unknown;
    const value = await handler(message.request);
    send({ type: 'reply', id: message.id, value }, buffersOf(value));
    if (message.name === 'close') port.close();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'INTERNAL';
    const text = error instanceof Error ? error.message : String(error);
    send({ type: 'error', id: message.id, code, message: text });
  }
}

for (const partition of setup.partitions) {
  const host = new PartitionHost({
    partition,
    partitionCount: setup.partitionCount,
    dir: setup.dir,
    packHash: setup.packHash,
    packJson: setup.packJson,
    clock,
    sunk: setup.sunk[partition] ?? -1,
    emit: (batch) => send({ type: 'effects', batch }, [batch.events.buffer as ArrayBuffer]),
    onStopped: (reason) => send({ type: 'stopped', partition, reason }),
  });
  hosts.set(partition, host);
  summarizers.set(partition, new Summarizer(host.partition));
  host.replay((applied, end) => send({ type: 'progress', partition, applied, end }));
}

const ticker = setInterval(() => {
  const now = clock.nowMs();
  for (const host of hosts.values()) host.tickIfDue(now);
}, runtimeLimits.tickMs);
const saver = setInterval(() => {
  for (const host of hosts.values()) host.checkpoint();
}, runtimeLimits.checkpointMs);

port.on('message', (message: RequestMessage) => void answer(message));
send({ type: 'ready' });
