/**
 * `memory`: what a live case costs, of six events and four running clocks (live-cases.ts).
 *
 * Counted: the bytes of all typed arrays that grow with the cases: row, key, key index, event list,
 * clocks, timers. Reported apart: dictionary, and what the runtime says all buffers take, which has
 * the room kept for growth in it.
 */
import { type Bench, BenchError, type BenchResult } from '../harness.ts';
import { JobEngine } from './job-engine.ts';
import { feedLive, livePack } from './live-cases.ts';

export function run(bench: Bench): BenchResult {
  const cases = bench.parameter('cases', 2_000, 1_000_000);
  const window = bench.parameter('window', 400, 100_000);
  const before = process.memoryUsage().arrayBuffers;
  const engine = new JobEngine(livePack(90, 60, 40, 30));
  feedLive(engine, { cases, window });
  const { store } = engine.partition;
  if (store.table.count !== cases) {
    throw new BenchError('MEMORY_CASES', `${store.table.count} cases live instead of ${cases}`);
  }
  const parts = {
    row: store.table.byteLength,
    'key and index': store.keys.byteLength,
    events: store.events.byteLength,
    clocks: store.clocks.byteLength,
    timers: store.wheel.bytes,
  };
  const total = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
  const figures: Record<string, number> = { cases, 'bytes/case': total / cases };
  for (const [name, bytes] of Object.entries(parts)) figures[`bytes/case, ${name}`] = bytes / cases;
  figures['dictionary bytes'] = store.dictionary.byteLength;
  figures['buffers held by the process, bytes/case'] =
    (process.memoryUsage().arrayBuffers - before) / cases;
  figures['cards raised'] = store.cards.count;
  return bench.result(figures, String(total));
}
