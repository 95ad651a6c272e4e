/** One partition of `restart` with its log and checkpoints: answers every message with one. */
import { parentPort } from 'node:worker_threads';
import { systemClock } from '../../engine/base/clock.ts';
import { RECORD_EVENT } from '../../engine/events/event.ts';
import { packHash } from '../../engine/runtime/pack-hash.ts';
import { PartitionHost } from '../../engine/runtime/partition-host.ts';
import { type LiveCases, linesOf, livePack } from './live-cases.ts';
import { sumOfAll } from './state-sum.ts';

export interface RestartRequest {
  readonly do: 'fill' | 'start' | 'sum' | 'stop';
  readonly dir: string;
  readonly partition: number;
  readonly partitions: number;
  readonly live: LiveCases;
  /** Events after the checkpoint. */
  readonly tail: number;
}

export interface RestartReply {
  readonly cases: number;
  readonly events: number;
  readonly replayed: number;
  readonly sum: number;
}

const BATCH = 4096;
const PACK = livePack(60, 30, 15, 10);
const port = parentPort;
if (port === null) throw new Error('restart-worker.ts runs as a worker thread only');
let host: PartitionHost | null = null;
let replayed = 0;

function open(request: RestartRequest): PartitionHost {
  const opened: PartitionHost = new PartitionHost({
    partition: request.partition,
    partitionCount: request.partitions,
    dir: request.dir,
    packHash: packHash(PACK),
    packJson: JSON.stringify(PACK),
    clock: systemClock,
    sunk: Number.MAX_SAFE_INTEGER,
    emit: () => {},
    onStopped: (reason) => {
      throw new Error(reason);
    },
  });
  return opened;
}

async function append(to: PartitionHost, lines: readonly string[]): Promise<void> {
  const parts = lines.map((line) => Buffer.from(line.slice(0, -1)));
  const offsets = new Int32Array(parts.length + 1);
  parts.forEach((part, i) => {
    offsets[i + 1] = (offsets[i] as number) + part.length;
  });
  const stamps = Float64Array.from(lines, (line) =>
    Date.parse(/"at":"([^"]+)"/.exec(line)?.[1] as string),
  );
  const bytes = Buffer.concat(parts);
  await to.append({
    partition: to.partition.store.index,
    kind: RECORD_EVENT,
    bytes,
    offsets,
    stamps,
  });
}

/** All events, with a checkpoint before the last `tail` of them. */
async function fill(to: PartitionHost, { live, tail }: RestartRequest): Promise<void> {
  const checkpointAt = live.cases * 6 - tail;
  let waiting: string[] = [];
  let sent = 0;
  for (const line of linesOf(live)) {
    waiting.push(line);
    sent++;
    if (waiting.length < BATCH && sent !== checkpointAt) continue;
    await append(to, waiting);
    waiting = [];
    if (sent === checkpointAt) to.checkpoint();
  }
  if (waiting.length > 0) await append(to, waiting);
}

async function answer(request: RestartRequest): Promise<RestartReply> {
  if (request.do === 'fill') {
    host = open(request);
    await fill(host, request);
  } else if (request.do === 'start') {
    host = open(request);
    const from = host.state().applied;
    host.replay(() => {});
    replayed = host.state().applied - from;
  }
  if (host === null) throw new Error('no partition is open');
  const { store } = host.partition;
  const sum = request.do === 'sum' ? sumOfAll(store) : 0;
  const reply = { cases: store.table.count, events: host.log.end, replayed, sum };
  if (request.do === 'stop') {
    host.close();
    host = null;
  }
  return reply;
}

port.on('message', (request: RestartRequest) => {
  void answer(request).then((reply) => port.postMessage(reply));
});
