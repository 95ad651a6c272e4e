/**
 * Password hashing (scrypt) behind a bounded queue: each hash takes 128 MiB, so a flood of log-ins must
 * wait or be refused, never allocate.
 *
 * A stored password is `scrypt$N$r$p$salt$hash`; parameters travel with it and may rise later.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { apiLimits } from '../../engine/config/limits.ts';
import { DoorError } from '../errors.ts';

export interface ScryptCost {
  /** Power of two. */
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

export const STRONG: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };
const KEY_BYTES = 32;

export class Passwords {
  readonly #cost: ScryptCost;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** Compared with when the user does not exist, so that both cases cost the same. */
  readonly #decoy: Promise<string>;

  constructor(cost: ScryptCost = STRONG) {
    this.#cost = cost;
    this.#decoy = this.hash(randomBytes(16).toString('hex'));
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(16);
    const key = await this.#derive(password, salt, this.#cost);
    const { N, r, p } = this.#cost;
    return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
  }

  /** Exact comparison, no normalisation, no truncation. `stored` null: same work, always false. */
  async matches(password: string, stored: string | null): Promise<boolean> {
    const parts = (stored ?? (await this.#decoy)).split('$');
    const [, N, r, p, salt = '', hash = ''] = parts;
    const cost = { N: Number(N), r: Number(r), p: Number(p) };
    const wanted = Buffer.from(hash, 'base64url');
    const key = await this.#derive(password, Buffer.from(salt, 'base64url'), cost);
    return timingSafeEqual(key, wanted) && stored !== null;
  }

  async #derive(password: string, salt: Buffer, cost: ScryptCost): Promise<Buffer> {
    await this.#enter();
    try {
      const maxmem = 256 * cost.N * cost.r;
      return await new Promise((resolve, reject) => {
        scrypt(password, salt, KEY_BYTES, { ...cost, maxmem }, (error, key) =>
          error === null ? resolve(key) : reject(error),
        );
      });
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running >= apiLimits.hashesAtOnceMax) {
      if (this.#waiting.length >= apiLimits.hashesWaitingMax) {
        throw new DoorError('RATE_LIMITED', { seconds: 5 }, { headers: { 'Retry-After': '5' } });
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
  }
}

/** A password for people to type once: 5 groups of 4, without look-alikes, about 97 bits. */
export function generatePassword(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'; // 31 signs
  const signs: string[] = [];
  while (signs.length < 20) {
    for (const byte of randomBytes(32)) {
      if (byte < 248 && signs.length < 20) signs.push(alphabet[byte % 31] as string);
    }
  }
  return signs.join('').replace(/(.{4})(?=.)/g, '$1-');
}

/** A key for machines: 256 bits; the prefix lets scanners find leaked ones. */
export function generateKey(): string {
  return `mck_${randomBytes(32).toString('base64url')}`;
}
