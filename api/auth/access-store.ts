/**
 * Who may come in: persons and keys, and their sessions, in one SQLite file of the data folder.
 *
 * Owns: `access.sqlite` (holders, sessions). Does not own: rights (policy/policy.ts), password work
 * (passwords.ts).
 *
 * Invariants
 * S1  No secret is stored: passwords as scrypt, keys and session ids as SHA-256.
 * S2  A session is read together with its holder every time, so that a changed or disabled account
 *     takes effect on the next request.
 */
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Clock } from '../../engine/base/clock.ts';
import { apiLimits } from '../../engine/config/limits.ts';
import type { Role } from '../contract.ts';
import type { Principal } from '../policy/policy.ts';

export interface Holder {
  readonly name: string;
  readonly kind: 'person' | 'key';
  readonly role: Role;
  readonly label: { readonly zh: string; readonly en: string };
  readonly organs: readonly string[] | null;
  readonly territories: readonly string[] | null;
}

export interface SessionRecord {
  readonly idHash: string;
  readonly csrf: string;
  readonly expiresAtMs: number;
  readonly principal: Principal;
}

type Row = Readonly<Record<string, string | number | null>>;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS holders (
  name TEXT PRIMARY KEY, kind TEXT NOT NULL, role TEXT NOT NULL,
  label_zh TEXT NOT NULL, label_en TEXT NOT NULL, organs TEXT NOT NULL, territories TEXT NOT NULL,
  secret TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS holder_secret ON holders (secret);
CREATE TABLE IF NOT EXISTS sessions (
  id_hash TEXT PRIMARY KEY, holder TEXT NOT NULL REFERENCES holders (name), csrf TEXT NOT NULL,
  seen_ms REAL NOT NULL, idle_ms REAL NOT NULL, ends_ms REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS session_holder ON sessions (holder);`;

/** `seen_ms` is written at most this often, so that reading stays a read. */
const SEEN_STEP_MS = 60_000;

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

export class AccessStore {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #bySecret: StatementSync;
  readonly #byName: StatementSync;
  readonly #bySession: StatementSync;
  readonly #touch: StatementSync;

  constructor(dataDir: string, clock: Clock) {
    this.#clock = clock;
    const path = join(dataDir, 'access.sqlite');
    this.#db = new DatabaseSync(path);
    chmodSync(path, 0o600);
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    this.#db.exec(SCHEMA);
    this.#bySecret = this.#db.prepare('SELECT * FROM holders WHERE kind = ? AND secret = ?');
    this.#byName = this.#db.prepare('SELECT * FROM holders WHERE kind = ? AND name = ?');
    this.#bySession = this.#db.prepare(
      'SELECT * FROM sessions JOIN holders ON name = holder WHERE id_hash = ?',
    );
    this.#touch = this.#db.prepare('UPDATE sessions SET seen_ms = ? WHERE id_hash = ?');
  }

  /** True before the first account was made. */
  get empty(): boolean {
    return this.#db.prepare('SELECT 1 FROM holders LIMIT 1').get() === undefined;
  }

  add(holder: Holder, secret: string): void {
    const { name, kind, role, label, organs, territories } = holder;
    const scope = [JSON.stringify(organs), JSON.stringify(territories)] as const;
    this.#db
      .prepare(
        `INSERT INTO holders (name, kind, role, label_zh, label_en, organs, territories, secret)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(name, kind, role, label.zh, label.en, ...scope, secret);
  }

  /** All or nothing: a first start cut in the middle leaves no account without its printed password. */
  transaction(act: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      act();
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  setDisabled(name: string, disabled: boolean): void {
    this.#db.prepare('UPDATE holders SET disabled = ? WHERE name = ?').run(disabled ? 1 : 0, name);
  }

  /** Stored password hash of a person who may log in, or null. */
  passwordOf(user: string): string | null {
    const row = this.#byName.get('person', user) as Row | undefined;
    return row === undefined || row.disabled === 1 ? null : String(row.secret);
  }

  keyHolder(key: string): Principal | null {
    const row = this.#bySecret.get('key', sha256(key)) as Row | undefined;
    return row === undefined || row.disabled === 1 ? null : principalOf(row, 'key');
  }

  /** A new session with a new id; the returned `id` is the only copy of it. */
  openSession(holderName: string): { id: string; session: SessionRecord } {
    const id = randomBytes(32).toString('base64url');
    const nowMs = this.#clock.nowMs();
    const role = (
      this.#db.prepare('SELECT role FROM holders WHERE name = ?').get(holderName) as Row
    ).role;
    const wall = role === 'wall';
    const idleMs = wall ? apiLimits.wallSessionIdleMs : apiLimits.sessionIdleMs;
    const lifeMs = wall ? apiLimits.wallSessionAbsoluteMs : apiLimits.sessionAbsoluteMs;
    this.#db
      .prepare('INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)')
      .run(
        sha256(id),
        holderName,
        randomBytes(24).toString('base64url'),
        nowMs,
        idleMs,
        nowMs + lifeMs,
      );
    this.#trim(holderName, nowMs);
    return { id, session: this.session(sha256(id)) as SessionRecord };
  }

  /** By hash of the id; null when unknown, idle too long, over, or its holder disabled. */
  session(idHash: string): SessionRecord | null {
    const row = this.#bySession.get(idHash) as Row | undefined;
    if (row === undefined || row.disabled === 1) return null;
    const nowMs = this.#clock.nowMs();
    const expiresAtMs = Math.min(Number(row.ends_ms), Number(row.seen_ms) + Number(row.idle_ms));
    if (nowMs >= expiresAtMs) return null;
    return { idHash, csrf: String(row.csrf), expiresAtMs, principal: principalOf(row, 'session') };
  }

  /** Notes that the person acted; sockets that only listen do not count. */
  touch(idHash: string): void {
    const row = this.#bySession.get(idHash) as Row | undefined;
    const nowMs = this.#clock.nowMs();
    if (row !== undefined && nowMs - Number(row.seen_ms) >= SEEN_STEP_MS) {
      this.#touch.run(nowMs, idHash);
    }
  }

  closeSession(idHash: string): void {
    this.#db.prepare('DELETE FROM sessions WHERE id_hash = ?').run(idHash);
  }

  close(): void {
    this.#db.close();
  }

  #trim(holder: string, nowMs: number): void {
    this.#db
      .prepare('DELETE FROM sessions WHERE ends_ms <= ? OR seen_ms + idle_ms <= ?')
      .run(nowMs, nowMs);
    this.#db
      .prepare(
        `DELETE FROM sessions WHERE holder = ? AND id_hash NOT IN
           (SELECT id_hash FROM sessions WHERE holder = ? ORDER BY seen_ms DESC, rowid DESC LIMIT ?)`,
      )
      .run(holder, holder, apiLimits.sessionsPerAccountMax);
  }
}

function principalOf(row: Row, kind: 'session' | 'key'): Principal {
  return {
    kind,
    name: String(row.name),
    role: String(row.role) as Role,
    label: { zh: String(row.label_zh), en: String(row.label_en) },
    organs: JSON.parse(String(row.organs)) as readonly string[] | null,
    territories: JSON.parse(String(row.territories)) as readonly string[] | null,
  };
}
