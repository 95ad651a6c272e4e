/**
 * `kernel`: the step alone. The events of the supervision job are decoded first, batch by batch, and
 * only the time inside `Partition.apply` counts (the sum over the cards is in it).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, BenchResult } from '../harness.ts';
import { decodedBatches } from './event-file.ts';
import { JobEngine, type JobOutcome } from './job-engine.ts';
import { writeJobEvents } from './job-events.ts';

interface Steps {
  readonly outcome: JobOutcome;
  readonly seconds: number;
}

function stepsOf(files: readonly string[]): Steps {
  const engine = new JobEngine();
  let ms = 0;
  for (const file of files) {
    for (const batch of decodedBatches(file, engine.decoder)) {
      const started = performance.now();
      engine.apply(batch);
      ms += performance.now() - started;
    }
  }
  const started = performance.now();
  const outcome = engine.finish();
  ms += performance.now() - started;
  return { outcome, seconds: ms / 1000 };
}

export function run(bench: Bench): BenchResult {
  const folder = mkdtempSync(join(tmpdir(), 'mingcha-kernel-'));
  try {
    const cases = bench.parameter('cases', 2_000, 200_000);
    const files = bench.inputs.length > 0 ? bench.inputs : [writeJobEvents(folder, cases).whole];
    const runs: Steps[] = [];
    const count = bench.parameter('runs', 1, 5);
    for (let i = 0; i < count; i++) runs.push(stepsOf(files));
    runs.sort((a, b) => a.seconds - b.seconds);
    const { outcome, seconds } = runs[runs.length >> 1] as Steps;
    const figures = {
      events: outcome.events,
      cards: outcome.cards,
      'events/s': outcome.events / seconds,
      'ns/event': (seconds * 1e9) / outcome.events,
      'events/s, best run': outcome.events / (runs[0] as Steps).seconds,
    };
    return bench.result(figures, String(outcome.checksum));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
