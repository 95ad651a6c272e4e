/**
 * `memory`: what a live case costs. Every case has six events (typed an hour later, with a
 * suspension among them) and four running clocks; nothing is finished, so nothing can be let go.
 *
 * Counted: the bytes of all typed arrays that grow with the cases: row, key, key index, event list,
 * clocks, timers. Reported apart: dictionary, and what the runtime says all buffers take, which has
 * the room kept for growth in it.
 */
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../engine/base/units.ts';
import { EventBatch, RECORD_EVENT } from '../../engine/events/event.ts';
import type { ClockSource, PackSource } from '../../engine/rules/source.ts';
import { type Bench, BenchError, type BenchResult } from '../harness.ts';
import { JobEngine } from './job-engine.ts';
import { JOB_PACK } from './job-pack.ts';

const TYPES = [
  'received',
  'accepted',
  'stageEntered',
  'suspended',
  'resumed',
  'stageDone',
] as const;
const START_MS = Date.UTC(2026, 0, 5, 1);
const BATCH_ROWS = 8192;

const label = (text: string) => ({ zh: text, en: text });

function clock(id: string, count: number, start: ClockSource['start'][number]): ClockSource {
  return {
    id,
    version: 1,
    name: label(id),
    basis: 'benchmark',
    category: 'deadline',
    effect: 'internal',
    start: [start],
    stop: [{ event: 'decided' }],
    suspend: [{ from: 'suspended', to: 'resumed' }],
    limit: { count, unit: 'workday' },
    mode: 'legal',
    rungs: [
      { level: 'warning', at: { percent: 80 }, title: label('80 % used') },
      { level: 'yellow', at: { due: true }, title: label('due') },
      { level: 'red', at: { after: 5 }, title: label('5 workdays over') },
    ],
  };
}

const MEMORY_PACK: PackSource = {
  ...JOB_PACK,
  id: 'memory',
  clocks: [
    clock('total', 90, { event: 'received' }),
    clock('statute', 60, { event: 'accepted' }),
    clock('promise', 40, { event: 'accepted' }),
    clock('review', 30, { event: 'stageEntered' }),
  ],
  sequences: [],
};

const GAP_MS = 2 * DAY_MS;

/**
 * Cases come one after the other at an even pace, and each event of a case follows the one before by
 * two days, so that at any moment cases of every age are live.
 */
class Traffic {
  readonly #cases: number;
  readonly #paceMs: number;
  readonly #waiting: number;

  /** `window`: cases received between two events of one case. */
  constructor(cases: number, window: number) {
    this.#cases = cases;
    this.#waiting = window;
    this.#paceMs = GAP_MS / window;
  }

  /** All lines in the order of their instants. */
  *lines(): Generator<string> {
    const steps = this.#cases + (TYPES.length - 1) * this.#waiting;
    for (let step = 0; step < steps; step++) {
      for (let k = TYPES.length - 1; k >= 0; k--) {
        const c = step - k * this.#waiting;
        if (c >= 0 && c < this.#cases) yield this.#line(c, k, step);
      }
    }
  }

  #line(c: number, k: number, step: number): string {
    const at = START_MS + Math.floor(step * this.#paceMs);
    const number = String((c * 7_919 + 13) % 100_000_000).padStart(8, '0');
    const organ = `"organ":"PINB-${1000 + (c % 380)}","territory":"${1_000_000 + (c % 2477)}"`;
    const key = `SPR-2026-${number}${String(c).padStart(7, '0')}`;
    const head = `"caseKey":"${key}","itemCode":"RE-${1000 + (c % 900)}",${organ}`;
    const typed = new Date(at + HOUR_MS + (c % 60) * SECOND_MS).toISOString();
    const times = `"at":"${new Date(at).toISOString()}","recordedAt":"${typed}"`;
    return `{"seq":${c * 6 + k},${head},"type":"${TYPES[k]}",${times},"actor":"u-${c % 5000}"}\n`;
  }
}

function feed(engine: JobEngine, traffic: Traffic): void {
  const encoder = new TextEncoder();
  const batch = new EventBatch(BATCH_ROWS);
  const buffer = new Uint8Array(BATCH_ROWS * 512);
  let used = 0;
  let position = 0;
  let stamp = Number.NEGATIVE_INFINITY;
  const flush = () => {
    engine.decoder.decode(batch, 0);
    for (let row = 0; row < batch.count; row++) {
      stamp = Math.max(stamp, batch.at[row] as number);
      batch.stamp[row] = stamp;
    }
    engine.apply(batch);
    batch.reset(buffer);
    used = 0;
  };
  batch.reset(buffer);
  for (const line of traffic.lines()) {
    const row = batch.count++;
    const { written } = encoder.encodeInto(line, buffer.subarray(used));
    batch.kind[row] = RECORD_EVENT;
    batch.rawOff[row] = used;
    batch.rawLen[row] = written - 1;
    batch.position[row] = position++;
    used += written;
    if (batch.count === BATCH_ROWS) flush();
  }
  flush();
}

export function run(bench: Bench): BenchResult {
  const cases = bench.parameter('cases', 2_000, 1_000_000);
  const window = bench.parameter('window', 400, 100_000);
  const before = process.memoryUsage().arrayBuffers;
  const engine = new JobEngine(MEMORY_PACK);
  feed(engine, new Traffic(cases, window));
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
