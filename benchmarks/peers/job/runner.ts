/**
 * Runs the supervision job in the engines people would use instead, on the same machine in the same
 * minute: Apache Flink (state on heap, two slots) and a plain Java loop.
 *
 * Owns: finding and building them, running them one after the other, reading what they print.
 * Does not own: their sources, which are not part of this project (README.md says where from).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BenchError } from '../../harness.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const BUILD_TIMEOUT_MS = 10 * 60_000;
const RUN_TIMEOUT_MS = 15 * 60_000;

export interface PeerRun {
  readonly name: string;
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly cpuSecondsPerMillion: number;
  readonly cards: number;
  readonly checksum: string;
}

function shared(): string {
  return resolve(ROOT, process.env.MINGCHA_SHARED ?? '../shared', 'peer-jobs');
}

function runs(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { timeout: 20_000 }).status === 0;
}

/** Why the peers cannot run here, or null when they can. */
export function peersMissing(): string | null {
  if (!existsSync(join(shared(), 'run'))) return `no ${join(shared(), 'run')} (MINGCHA_SHARED)`;
  if (!runs('java', '-version')) return 'no java (17 or newer) on the PATH';
  if (!runs('mvn', '--version')) return 'no mvn on the PATH';
  return null;
}

/** One line as the peers print it: `NAME run=0 events=… ev/s=… cpu_s_per_M=… cards=… sum=…`. */
export function readPeerLine(output: string): PeerRun | null {
  const line = output
    .split('\n')
    .find((candidate) => / ev\/s=\S+ .*cards=\d+ sum=\d+/.test(candidate));
  if (line === undefined) return null;
  const field = (name: string): string => {
    const match = new RegExp(`(?:^| )${name}=(\\S+)`).exec(line);
    if (match === null) throw new BenchError('PEER_OUTPUT', `no ${name} in: ${line}`);
    return match[1] as string;
  };
  return {
    name: line.slice(0, line.indexOf(' ')),
    events: Number(field('events')),
    eventsPerSecond: Number(field('ev/s').replaceAll(',', '')),
    cpuSecondsPerMillion: Number(field('cpu_s_per_M')),
    cards: Number(field('cards')),
    checksum: field('sum'),
  };
}

export class JobPeers {
  /** Where the peers are built and their input lies: `data/events.jsonl`, `data/part0.jsonl`, … */
  readonly folder: string;
  readonly #keep: boolean;

  /** `existing`: a folder from an earlier run with everything in it. */
  constructor(options: { readonly keep: boolean; readonly existing?: string }) {
    this.folder = options.existing ?? mkdtempSync(join(tmpdir(), 'mingcha-peers-'));
    this.#keep = options.keep || options.existing !== undefined;
  }

  build(): void {
    if (!existsSync(join(this.folder, 'flink/target/lib'))) this.#run(['build', this.folder]);
  }

  generate(cases: number): readonly string[] {
    const parts = [0, 1].map((part) => join(this.folder, 'data', `part${part}.jsonl`));
    if (!existsSync(parts[1] as string)) this.#run(['generate', this.folder, String(cases)]);
    return parts;
  }

  get whole(): string {
    return join(this.folder, 'data', 'events.jsonl');
  }

  flink(): PeerRun {
    return this.#measure(['flink', this.folder, 'part', 'hashmap', '1']);
  }

  plainJava(): PeerRun {
    return this.#measure(['plain', this.folder, '1']);
  }

  close(): void {
    if (!this.#keep) rmSync(this.folder, { recursive: true, force: true });
  }

  #measure(args: readonly string[]): PeerRun {
    const output = this.#run(args);
    const run = readPeerLine(output);
    if (run === null) {
      throw new BenchError('PEER_OUTPUT', `peer ${args[0]} printed no figures:\n${output}`);
    }
    return run;
  }

  #run(args: readonly string[]): string {
    const timeout = args[0] === 'build' ? BUILD_TIMEOUT_MS : RUN_TIMEOUT_MS;
    const child = spawnSync(join(shared(), 'run'), args, {
      timeout,
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    });
    if (child.status === 0) return child.stdout;
    const tail = `${child.stdout}\n${child.stderr}`.split('\n').slice(-20).join('\n');
    throw new BenchError('PEER_FAILED', `peer ${args[0]} ended with ${child.status}:\n${tail}`);
  }
}
