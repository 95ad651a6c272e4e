/**
 * Publications (发布): a pack put in force in every partition, one publication after the other.
 *
 * Owns: their order, the control record, and completing one that a crash cut in two.
 * Does not own: whether the pack is sound (rule-loader.ts), what it changes (kernel/partition.ts).
 *
 * Invariants
 * PB1  Controls go through the partitions in order of their number, so the first partition never lacks
 *      what another one has.
 * PB2  Two publications never overlap: all partitions get them in the same order.
 */
import type { PublishOptions, PublishResult } from '../facade.ts';
import type { PackSource } from '../rules/source.ts';
import type { PartitionState } from './messages.ts';
import { canonicalJson, packHash } from './pack-hash.ts';
import { publishControl } from './preview.ts';
import { sumTallies } from './publication-tally.ts';
import type { Workers } from './workers.ts';

/** What a publication needs of the workers. */
export type Asked = Pick<Workers, 'ask'>;

export class Publisher {
  readonly #workers: Asked;
  readonly #partitions: number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(workers: Asked, partitions: number) {
    this.#workers = workers;
    this.#partitions = partitions;
  }

  /** `make` is asked in its turn, and `adopt` told before the next one's. */
  publish(
    make: () => PackSource,
    actor: string,
    reason: string,
    options: PublishOptions,
    adopt: (pack: PackSource, hash: string) => Promise<void>,
  ): Promise<Omit<PublishResult, 'rules'>> {
    const turn = this.#last.then(async () => {
      const pack = make();
      const result = await this.#publish(pack, actor, reason, options);
      await adopt(pack, result.hash);
      return result;
    });
    this.#last = turn.catch(() => null);
    return turn;
  }

  /** Sends one control to every partition; what it did in each. */
  async control(json: string, packJson: string, stamp: 'live' | number) {
    const replies = [];
    for (let partition = 0; partition < this.#partitions; partition++) {
      const control = { partition, json, packJson, stamp };
      replies.push(await this.#workers.ask(partition, 'control', control));
    }
    return replies;
  }

  /** Gives partitions that lack the first one's pack the same control; their numbers. */
  async complete(states: readonly PartitionState[]): Promise<number[]> {
    const [first] = states;
    if (first === undefined || states.length < this.#partitions) return [];
    const hash = first.packHash;
    const behind = states.filter((one) => one.packHash !== hash).map((one) => one.partition);
    if (behind.length === 0) return [];
    const packJson = await this.#workers.ask(0, 'pack', { partition: 0, hash });
    if (packJson === null) throw new Error(`规则包 ${hash} 不在日志中 (pack is not in the log)`);
    const json = await this.#workers.ask(0, 'publication', { partition: 0, hash });
    for (const partition of behind) {
      const control = {
        json: json ?? ownControl(hash, packJson),
        packJson,
        stamp: 'live',
      } as const;
      await this.#workers.ask(partition, 'control', { partition, ...control });
    }
    return behind;
  }

  async #publish(
    pack: PackSource,
    actor: string,
    reason: string,
    { closedWindowDays }: PublishOptions,
  ): Promise<Omit<PublishResult, 'rules'>> {
    const hash = packHash(pack);
    const { version } = pack;
    const control = { ...publishControl(pack, hash, closedWindowDays), actor, reason };
    const replies = await this.control(JSON.stringify(control), canonicalJson(pack), 'live');
    return { version, hash, calendarVersion: pack.calendar.version, ...sumTallies(replies) };
  }
}

/** For partitions begun with different packs, which only a first start cut short can leave. */
function ownControl(hash: string, packJson: string): string {
  const { version } = JSON.parse(packJson) as PackSource;
  const reason = '分区的规则包不一致 (partitions disagreed on the pack)';
  return JSON.stringify({ type: 'publish', hash, version, actor: 'engine', reason });
}
