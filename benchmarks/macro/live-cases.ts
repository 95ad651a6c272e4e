/**
 * Live cases by the million: each has six events (typed an hour later, with a suspension among them)
 * and four running clocks; nothing is finished, so nothing can be let go.
 *
 * Cases come one after the other at an even pace, and each event of a case follows the one before by
 * two days, so that at any moment cases of every age are live.
 */
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../engine/base/units.ts';
import { EventBatch, RECORD_EVENT } from '../../engine/events/event.ts';
import type { ClockSource, PackSource } from '../../engine/rules/source.ts';
import type { JobEngine } from './job-engine.ts';
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
const GAP_MS = 2 * DAY_MS;

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

/** Four clocks, of the limits given in workdays. */
export function livePack(
  total: number,
  statute: number,
  promise: number,
  review: number,
): PackSource {
  return {
    ...JOB_PACK,
    id: 'live-cases',
    clocks: [
      clock('total', total, { event: 'received' }),
      clock('statute', statute, { event: 'accepted' }),
      clock('promise', promise, { event: 'accepted' }),
      clock('review', review, { event: 'stageEntered' }),
    ],
    sequences: [],
  };
}

export interface LiveCases {
  readonly cases: number;
  /** Cases received between two events of one case. */
  readonly window: number;
  /** Number of the first case: partitions have different ones. */
  readonly first?: number;
}

/** All lines in the order of their instants. */
export function* linesOf(live: LiveCases): Generator<string> {
  const { cases, window } = live;
  const steps = cases + (TYPES.length - 1) * window;
  for (let step = 0; step < steps; step++) {
    const at = START_MS + Math.floor((step * GAP_MS) / window);
    for (let k = TYPES.length - 1; k >= 0; k--) {
      const c = step - k * window;
      if (c >= 0 && c < cases) yield lineOf((live.first ?? 0) + c, k, at);
    }
  }
}

function lineOf(c: number, k: number, at: number): string {
  const number = String((c * 7_919 + 13) % 100_000_000).padStart(8, '0');
  const organ = `"organ":"PINB-${1000 + (c % 380)}","territory":"${1_000_000 + (c % 2477)}"`;
  const key = `SPR-2026-${number}${String(c).padStart(7, '0')}`;
  const head = `"caseKey":"${key}","itemCode":"RE-${1000 + (c % 900)}",${organ}`;
  const typed = new Date(at + HOUR_MS + (c % 60) * SECOND_MS).toISOString();
  const times = `"at":"${new Date(at).toISOString()}","recordedAt":"${typed}"`;
  return `{"seq":${c * 6 + k},${head},"type":"${TYPES[k]}",${times},"actor":"u-${c % 5000}"}\n`;
}

/** Gives the engine all events of the cases. */
export function feedLive(engine: JobEngine, live: LiveCases): void {
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
  for (const line of linesOf(live)) {
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
