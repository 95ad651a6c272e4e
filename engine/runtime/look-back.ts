/**
 * Looking back (回看) from one partition's log: records as they were stored, and a case as it was
 * believed at an instant.
 *
 * Owns: which bytes are read, programs of earlier packs. Does not own: what they mean (the kernel),
 * which positions a case has (ClickHouse tells; the partition adds those it counts now).
 *
 * It runs on the partition's thread, between batches, and is bounded there (config/limits.ts): a case of
 * some twenty records costs about as much as one explanation.
 */
import { CatalogueError } from '../base/errors.ts';
import { fnv1a } from '../base/hash.ts';
import { runtimeLimits } from '../config/limits.ts';
import { Decoder } from '../events/decode.ts';
import { Dictionaries } from '../events/dictionary.ts';
import { RECORD_EVENT } from '../events/event.ts';
import type { BelievedCase, LoggedRecord } from '../kernel/case-replay.ts';
import { replayCase } from '../kernel/case-replay.ts';
import type { Partition } from '../kernel/partition.ts';
import type { Log } from '../log/log.ts';
import type { Program } from '../rules/program.ts';
import { History } from '../state/history.ts';
import type { CaseRecord } from './case-records.ts';
import { readRecords } from './case-records.ts';
import type { Witness } from './messages.ts';

export interface LookBackOptions {
  readonly log: Log;
  readonly partition: Partition;
  /** Hash of the pack the log was begun with. */
  readonly firstPack: string;
  readonly program: (hash: string) => Program;
}

export class LookBack {
  readonly #options: LookBackOptions;
  readonly #dictionaries: Dictionaries;
  /** What these records say was interned when they first came: nothing new enters the dictionary. */
  readonly #decoder: Decoder;
  readonly #programs = new Map<string, Program>();
  readonly #history = new History();

  constructor(options: LookBackOptions) {
    this.#options = options;
    this.#dictionaries = new Dictionaries(options.partition.store.dictionary);
    this.#decoder = new Decoder(this.#dictionaries);
  }

  /** Null when nothing of the case had arrived by then. */
  believed(caseKey: string, atMs: number, positions: readonly number[]): BelievedCase | null {
    const { partition, firstPack } = this.#options;
    const key = new TextEncoder().encode(caseKey);
    const { controls } = partition;
    const all = [...positions, ...this.#counted(key), ...controls.map(({ position }) => position)];
    const records = this.#logged(all).filter(({ stampMs }) => stampMs <= atMs);
    if (records.length > runtimeLimits.lookBackRecordsMax) {
      throw new CatalogueError('AS_OF_TOO_LARGE', { limit: runtimeLimits.lookBackRecordsMax });
    }
    return replayCase({
      caseKey: key,
      records,
      atMs,
      index: partition.store.index,
      dictionaries: this.#dictionaries,
      program: this.#program(firstPack),
      packHash: firstPack,
      resolve: (hash) => this.#program(hash),
    });
  }

  /** May the case have records beside those that count: revised, taken back, held? */
  revised(caseKey: string): boolean {
    const key = new TextEncoder().encode(caseKey);
    if (this.#options.partition.held.all().some(({ raw }) => mayName(raw, key))) return true;
    this.#counted(key);
    const h = this.#history;
    return h.rev.subarray(0, h.count).some((rev) => rev > 0);
  }

  records(positions: readonly number[]): CaseRecord[] {
    const events = this.#logged(positions).filter(({ kind }) => kind === RECORD_EVENT);
    return readRecords(events, this.#decoder, this.#dictionaries.strings);
  }

  /** The record at a position, as evidence for what it refuted. */
  witness(position: number): Witness | null {
    const [found] = this.#logged([position]);
    if (found === undefined) return null;
    const { stampMs, kind, bytes } = found;
    const json = kind === RECORD_EVENT ? null : new TextDecoder().decode(bytes);
    return { position, stampMs, record: this.records([position])[0] ?? null, json };
  }

  /** Positions of what the partition counts of the case now. */
  #counted(key: Uint8Array): number[] {
    const { store } = this.#options.partition;
    const row = store.keys.find(key, 0, key.length, fnv1a(key, 0, key.length));
    this.#history.count = 0;
    if (row < 0) return [];
    store.events.decode(row, this.#history);
    return [...this.#history.position.subarray(0, this.#history.count)];
  }

  /** Each once, in the order of the log. */
  #logged(positions: readonly number[]): LoggedRecord[] {
    const { log } = this.#options;
    const out: LoggedRecord[] = [];
    for (const position of [...new Set(positions)].sort((a, b) => a - b)) {
      const found = log.get(position);
      if (found !== null) out.push({ position, ...found });
    }
    return out;
  }

  #program(hash: string): Program {
    const known = this.#programs.get(hash);
    if (known !== undefined) return known;
    const program = this.#options.program(hash);
    if (this.#programs.size >= runtimeLimits.lookBackProgramsMax) {
      for (const oldest of this.#programs.keys()) {
        this.#programs.delete(oldest);
        break;
      }
    }
    this.#programs.set(hash, program);
    return program;
  }
}

/** Does the record hold the key's bytes, or an escape that may stand for some of them? */
function mayName(raw: Uint8Array, key: Uint8Array): boolean {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  return bytes.includes(key) || bytes.includes(0x5c);
}
