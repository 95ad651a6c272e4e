/**
 * Finds benchmarks: every `NAME.bench.ts` in micro/ and macro/ is one, named after its file.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BenchError, type BenchModule } from './harness.ts';

const FOLDERS = ['micro', 'macro'] as const;
const SUFFIX = '.bench.ts';

/** Name → file, sorted by name. */
export function benchmarkFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const folder of FOLDERS) {
    for (const file of readdirSync(join(import.meta.dirname, folder)).sort()) {
      if (!file.endsWith(SUFFIX)) continue;
      const name = file.slice(0, -SUFFIX.length);
      if (files.has(name)) {
        throw new BenchError('BENCH_NAME', `two benchmarks are called ${name}; rename one`);
      }
      files.set(name, join(import.meta.dirname, folder, file));
    }
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export async function loadBenchmark(name: string): Promise<BenchModule> {
  const files = benchmarkFiles();
  const file = files.get(name);
  if (file === undefined) {
    const known = [...files.keys(), 'all'].join(', ');
    throw new BenchError('BENCH_UNKNOWN', `no benchmark "${name}"; there are: ${known}`);
  }
  const module: Partial<BenchModule> = await import(pathToFileURL(file).href);
  if (typeof module.run !== 'function') {
    throw new BenchError('BENCH_SHAPE', `${file} does not export run(bench)`);
  }
  return { run: module.run };
}
