/**
 * `restart`: partitions that come back from a checkpoint and the log behind it, one a thread.
 *
 * Measured: from the word to every partition until the last has applied its whole log: reading and
 * checking the checkpoint, rebuilding key index and timers, replaying the tail. Not measured: starting
 * threads, the sink, and reading from a disk: what was written a minute ago is in the system's cache.
 * Checked: cards and the next wake-up of every case are as they were before.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bench, BenchError, type BenchResult, Checksum } from '../harness.ts';
import type { RestartReply, RestartRequest } from './restart-worker.ts';
import { Threads } from './threads.ts';

type Partitions = Threads<RestartRequest, RestartReply>;

function begin(partitions: number): Partitions {
  return new Threads(new URL('./restart-worker.ts', import.meta.url), partitions);
}

const total = (replies: readonly RestartReply[], of: (reply: RestartReply) => number): number =>
  replies.reduce((sum, reply) => sum + of(reply), 0);

function sumOf(replies: readonly RestartReply[]): string {
  const sum = new Checksum();
  for (const reply of replies) sum.merge(reply.sum);
  return sum.toString();
}

export async function run(bench: Bench): Promise<BenchResult> {
  const cases = bench.parameter('cases', 2_000, 1_000_000);
  const partitions = bench.parameter('partitions', 2, 2);
  const tail = bench.parameter('tail', 500, 200_000);
  const each = Math.floor(cases / partitions);
  const dir = mkdtempSync(join(tmpdir(), 'mingcha-restart-'));
  const request = (what: RestartRequest['do']) => (index: number) => ({
    ...{ do: what, dir, partition: index, partitions, tail: Math.floor(tail / partitions) },
    live: { cases: each, window: Math.ceil(each / 10), first: index * each },
  });
  let threads = begin(partitions);
  try {
    const filled = await threads.ask(request('fill'));
    bench.progress(`${total(filled.replies, ({ events }) => events)} events in the logs`);
    const before = sumOf((await threads.ask(request('sum'))).replies);
    await threads.ask(request('stop'));
    await threads.close();
    threads = begin(partitions);
    const { replies, seconds } = await threads.ask(request('start'));
    const after = sumOf((await threads.ask(request('sum'))).replies);
    await threads.ask(request('stop'));
    if (after !== before) {
      throw new BenchError('RESTART_WRONG', `the sum is ${after}, before it was ${before}`);
    }
    const replayed = total(replies, (reply) => reply.replayed);
    if (replayed !== Math.floor(tail / partitions) * partitions) {
      throw new BenchError('RESTART_WRONG', `${replayed} events were replayed instead of ${tail}`);
    }
    const figures = {
      'open cases': total(replies, (reply) => reply.cases),
      'events replayed': replayed,
      'seconds until all is applied': seconds,
    };
    return bench.result(figures, after);
  } finally {
    await threads.close();
    rmSync(dir, { recursive: true, force: true });
  }
}
