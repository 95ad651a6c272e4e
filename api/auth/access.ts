/**
 * Who is calling: turns cookie, bearer key or wall token into a principal, and log-ins into sessions.
 *
 * Invariants
 * L1  Wrong user, wrong password and disabled account give the same answer after the same work.
 * L2  A log-in always makes a new session id and ends the one it was sent with (fixation).
 * L3  A change made with a cookie needs the session's CSRF token in a header, and no foreign Origin.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Clock, systemClock } from '../../engine/base/clock.ts';
import { apiLimits } from '../../engine/config/limits.ts';
import { DoorError } from '../errors.ts';
import type { Principal } from '../policy/policy.ts';
import { AccessStore, type SessionRecord, sha256 } from './access-store.ts';
import { Attempts } from './attempts.ts';
import { sessionIdOf } from './cookies.ts';
import { Passwords, type ScryptCost } from './passwords.ts';

export const ANONYMOUS: Principal = {
  kind: 'anonymous',
  name: '',
  role: 'anonymous',
  label: { zh: '未登录', en: 'Not logged in' },
  organs: [],
  territories: [],
};

export interface Caller {
  readonly principal: Principal;
  /** Present when the caller came with a session cookie. */
  readonly session: SessionRecord | null;
}

export interface AccessOptions {
  readonly dataDir: string;
  readonly clock?: Clock;
  readonly scrypt?: ScryptCost;
}

export class Access {
  readonly store: AccessStore;
  readonly passwords: Passwords;
  readonly #attempts: Attempts;

  constructor(options: AccessOptions) {
    const clock = options.clock ?? systemClock;
    this.store = new AccessStore(options.dataDir, clock);
    this.passwords = new Passwords(options.scrypt);
    this.#attempts = new Attempts(clock);
  }

  /** A wrong key is an error; a missing or ended session is just nobody. */
  callerOf(req: IncomingMessage, secure: boolean): Caller {
    const bearer = /^Bearer ([\w-]{16,128})$/.exec(req.headers.authorization ?? '')?.[1];
    if (req.headers.authorization !== undefined) {
      return { principal: this.keyHolder(bearer ?? ''), session: null };
    }
    const id = sessionIdOf(req.headers, secure);
    const session = id === '' ? null : this.store.session(sha256(id));
    return { principal: session?.principal ?? ANONYMOUS, session };
  }

  keyHolder(key: string): Principal {
    const principal = key === '' ? null : this.store.keyHolder(key);
    if (principal === null) throw new DoorError('KEY_UNKNOWN');
    return principal;
  }

  async logIn(user: string, password: string, address: string, old: SessionRecord | null) {
    if (password.length > apiLimits.passwordCharsMax) throw new DoorError('LOGIN_FAILED');
    this.#attempts.check(user, address);
    const right = await this.passwords.matches(password, this.store.passwordOf(user));
    if (!right) {
      this.#attempts.failed(user, address);
      throw new DoorError('LOGIN_FAILED');
    }
    this.#attempts.succeeded(user, address);
    if (old !== null) this.store.closeSession(old.idHash);
    return this.store.openSession(user);
  }

  /** A wall token becomes a read-only session; guesses count against the address. */
  openWall(token: string, address: string) {
    const guesser = `wall token from ${address}`;
    this.#attempts.check(guesser, address);
    const principal = this.store.keyHolder(token);
    if (principal?.role !== 'wall') {
      this.#attempts.failed(guesser, address);
      throw new DoorError('KEY_UNKNOWN');
    }
    return this.store.openSession(principal.name);
  }

  close(): void {
    this.store.close();
  }
}

export function requireCsrf(session: SessionRecord, header: string | undefined): void {
  const given = Buffer.from(header ?? '');
  const wanted = Buffer.from(session.csrf);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new DoorError('CSRF');
  }
}

/** True when a browser says that the request comes from a page of another site. */
export function foreignOrigin(req: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = req.headers;
  if (origin === undefined) return false;
  if (allowed.includes(origin)) return false;
  const { host: originHost } = URL.canParse(origin) ? new URL(origin) : { host: '' };
  return originHost !== host;
}
