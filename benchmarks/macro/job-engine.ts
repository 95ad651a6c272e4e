/**
 * One partition doing the supervision job: batches in, cards counted and summed.
 *
 * The checksum is what every engine prints: FNV-1a over key, digit of the level and due instant in
 * decimal, summed over all cards modulo 2^40.
 */
import { FNV_PRIME } from '../../engine/base/hash.ts';
import { Changes, OP_RAISED } from '../../engine/cards/changes.ts';
import { Decoder } from '../../engine/events/decode.ts';
import { Dictionaries } from '../../engine/events/dictionary.ts';
import { EventBatch, RECORD_TICK } from '../../engine/events/event.ts';
import { Partition } from '../../engine/kernel/partition.ts';
import { compileProgram } from '../../engine/rules/compile.ts';
import type { PackSource } from '../../engine/rules/source.ts';
import { KEY_HASH } from '../../engine/state/case-table.ts';
import { BenchError, Checksum } from '../harness.ts';
import { decodedBatches } from './event-file.ts';
import { JOB_PACK } from './job-pack.ts';

/** After every deadline of the job: by then all timers have fired. */
const END_MS = Date.UTC(2035, 0, 1);

export interface JobOutcome {
  readonly events: number;
  readonly cards: number;
  /** Cards by level rank: warning, deadline, red, procedure. */
  readonly levels: readonly number[];
  readonly checksum: number;
}

export class JobEngine {
  readonly decoder: Decoder;
  readonly partition: Partition;
  readonly #changes = new Changes();
  readonly #checksum = new Checksum();
  readonly #levels = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  /** Level rank by dictionary id of the level's code. */
  readonly #rankOf = new Map<number, number>();
  #events = 0;
  #cards = 0;

  constructor(pack: PackSource = JOB_PACK) {
    const dictionaries = new Dictionaries();
    this.decoder = new Decoder(dictionaries);
    const program = compileProgram(pack, dictionaries.strings);
    for (const level of program.levels) this.#rankOf.set(level.code, level.rank);
    const resolve = (hash: string): never => {
      throw new BenchError('BENCH_PACK', `the job publishes no pack, asked for ${hash}`);
    };
    this.partition = new Partition({ index: 0, dictionaries, program, resolve });
  }

  apply(batch: EventBatch): void {
    this.#events += batch.count;
    this.#changes.reset();
    this.partition.apply(batch, this.#changes);
    this.#drain();
  }

  run(path: string): JobOutcome {
    for (const batch of decodedBatches(path, this.decoder)) this.apply(batch);
    return this.finish();
  }

  /** Carries time past every deadline and answers what came of it all. */
  finish(): JobOutcome {
    const events = this.#events;
    const tick = new EventBatch(1);
    tick.count = 1;
    tick.kind[0] = RECORD_TICK;
    tick.stamp[0] = END_MS;
    tick.position[0] = events;
    this.apply(tick);
    return {
      events,
      cards: this.#cards,
      levels: this.#levels.slice(1, 5),
      checksum: this.#checksum.value,
    };
  }

  #drain(): void {
    const { count, op, card, due } = this.#changes;
    const { cards, table } = this.partition.store;
    for (let i = 0; i < count; i++) {
      if (op[i] !== OP_RAISED) continue;
      const c = card[i] as number;
      const rank = this.#rankOf.get(cards.level[c] as number) as number;
      const keyHash = table.get(cards.row[c] as number, KEY_HASH);
      this.#checksum.add(cardHash(keyHash, rank, due[i] as number));
      this.#levels[rank] = (this.#levels[rank] as number) + 1;
      this.#cards++;
    }
  }
}

/** Continues the FNV-1a of the key over the level's digit and the due instant's decimal digits. */
function cardHash(keyHash: number, rank: number, dueMs: number): number {
  let hash = Math.imul(keyHash ^ (48 + rank), FNV_PRIME);
  let divisor = 10 ** Math.floor(Math.log10(dueMs));
  for (let rest = dueMs; divisor >= 1; divisor /= 10) {
    const digit = Math.floor(rest / divisor);
    rest -= digit * divisor;
    hash = Math.imul(hash ^ (48 + digit), FNV_PRIME);
  }
  return hash;
}
