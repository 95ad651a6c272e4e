/**
 * Who lives in the demonstration city: how much each item is asked for, how each organ works, how
 * many people come on a day. Everything follows from the seed and the pack.
 */
import { finish, mix } from '../base/hash.ts';
import { Prng } from '../base/prng.ts';
import { weekdayOf } from '../calendars/days.ts';
import type { ItemSource, PackSource } from '../rules/source.ts';
import type { DayBook } from './day-book.ts';

/** Workdays of two years, weighted by how busy they are; measured over 2024-2026. */
const TWO_YEAR_LOAD = 495;
/** Share of instant items (即办件) in the volume. */
const INSTANT_SHARE = 0.6;
/** Organs whose own systems hand over their day in one nightly batch. */
const BATCH_ORGANS = ['GA', 'RS', 'ZG', 'MZ'];
/** Monday first. */
const WEEKDAY_LOAD = [1.2, 1.05, 1, 0.96, 0.8, 0.55, 0.5];
const AFTER_HOLIDAY_LOAD = 1.35;

export interface OrganTraits {
  readonly code: string;
  readonly source: string;
  /** Number of the source, for counters. */
  readonly index: number;
  readonly territory: string;
  /** Name in document numbers. */
  readonly stamp: string;
  readonly batch: boolean;
  /** Share of its promised cases that run over the promise. */
  readonly overRate: number;
}

export interface ItemTraits {
  readonly item: ItemSource;
  readonly organ: OrganTraits;
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** 出证: the decision is followed by a certificate. */
  readonly certificate: boolean;
}

export class Population {
  readonly organs: readonly OrganTraits[];
  readonly #items: readonly ItemTraits[];
  /** Running sum of weights, last one 1. */
  readonly #shares: Float64Array;
  readonly #seed: number;
  readonly #casesPerDay: number;

  constructor(seed: number, pack: PackSource, casesInTwoYears: number) {
    this.#seed = seed;
    this.#casesPerDay = casesInTwoYears / TWO_YEAR_LOAD;
    this.organs = pack.organs.map((organ, index) => {
      const rng = new Prng(hashOf(seed, index, 1));
      const name = organ.code.split('-')[1] ?? organ.code;
      return {
        code: organ.code,
        source: `${organ.code.toLowerCase()}-oa`,
        index,
        territory: organ.territory,
        stamp: organ.short.zh.replace(/局$/, ''),
        batch: BATCH_ORGANS.includes(name),
        overRate: 0.006 + 0.05 * rng.unit() ** 3,
      };
    });
    const byCode = new Map(this.organs.map((organ) => [organ.code, organ]));
    // Joint handling, hearings and the like have a course of their own, which is not made up here.
    const usual = pack.items.filter((item) => item.traits === undefined);
    this.#items = usual.map((item) => ({
      item,
      organ: byCode.get(item.organ) as OrganTraits,
      required: item.materials.filter((m) => m.required).map((m) => m.code),
      optional: item.materials.filter((m) => !m.required).map((m) => m.code),
      certificate: item.kind === 'promised' && /(许可|证|登记|注册|资格)/.test(item.name.zh),
    }));
    this.#shares = sharesOf(seed, usual);
  }

  pick(rng: Prng): ItemTraits {
    const wanted = rng.unit();
    const shares = this.#shares;
    let low = 0;
    let high = shares.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((shares[middle] as number) > wanted) high = middle;
      else low = middle + 1;
    }
    return this.#items[low] as ItemTraits;
  }

  /** Random numbers of one case: the same whatever came before it. */
  caseRng(day: number, index: number): Prng {
    return new Prng(hashOf(this.#seed, day, index + 16));
  }

  /** People who come on this day; none on a day off. */
  casesOn(day: number, book: DayBook): number {
    if (!book.isWorkday(day)) return 0;
    const rested = [1, 2, 3].every((back) => !book.isWorkday(day - back));
    const noise = 0.85 + 0.3 * new Prng(hashOf(this.#seed, day, 2)).unit();
    const load =
      (WEEKDAY_LOAD[weekdayOf(day)] as number) * (rested ? AFTER_HOLIDAY_LOAD : 1) * noise;
    // A small city has a case on some days; rounding would have it on none.
    const chance = new Prng(hashOf(this.#seed, day, 4)).unit();
    return Math.floor(this.#casesPerDay * load + chance);
  }
}

function hashOf(seed: number, a: number, b: number): number {
  return finish(mix(mix(mix(0, seed), a), b));
}

function sharesOf(seed: number, items: readonly ItemSource[]): Float64Array {
  // Slow items carry more of the volume, so that at any time there are many cases on the way.
  const weights = items.map((item, i) => {
    const drawn = 0.4 + 2.6 * new Prng(hashOf(seed, i, 3)).unit() ** 2;
    return item.kind === 'instant' ? drawn : drawn * item.promised.count ** 1.2;
  });
  const sums = { instant: 0, promised: 0 };
  for (const [i, item] of items.entries()) sums[item.kind] += weights[i] as number;
  const shareOf = { instant: INSTANT_SHARE, promised: 1 - INSTANT_SHARE };
  if (sums.instant === 0) shareOf.promised = 1;
  if (sums.promised === 0) shareOf.instant = 1;
  const shares = new Float64Array(items.length);
  let sum = 0;
  for (const [i, item] of items.entries()) {
    sum += ((weights[i] as number) / sums[item.kind]) * shareOf[item.kind];
    shares[i] = sum;
  }
  shares[items.length - 1] = 1;
  return shares;
}
