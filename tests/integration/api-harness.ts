/** A listening server over the invented city, and clients that log in to it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { io, type Socket } from 'socket.io-client';
import type { ClientEvents, ServerEvents, Session } from '../../api/contract.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../api/server.ts';
import { FakeEngine, type FakeOptions } from '../fixtures/fake-engine.ts';

export const CHEAP = { N: 2 ** 10, r: 8, p: 1 };

/** The slice of an answer that tests read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Bodies are of many shapes; each test states what it expects.
  readonly body: never;
}

export class Client {
  readonly url: string;
  cookie = '';
  csrf = '';
  key = '';
  session: Session | null = null;

  constructor(url: string) {
    this.url = url;
  }

  headers(): Record<string, string> {
    return {
      ...(this.cookie === '' ? {} : { cookie: this.cookie }),
      ...(this.csrf === '' ? {} : { 'x-csrf-token': this.csrf }),
      ...(this.key === '' ? {} : { authorization: `Bearer ${this.key}` }),
    };
  }

  async send(path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = { ...this.headers(), ...(init.headers as Record<string, string>) };
    const response = await fetch(this.url + path, { redirect: 'manual', ...init, headers });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    const body = (isJson ? JSON.parse(text) : null) as never;
    return { status: response.status, headers: response.headers, text, body };
  }

  get(path: string): Promise<Answer> {
    return this.send(path);
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }

  async logIn(user: string, password: string): Promise<Answer> {
    const answer = await this.post('/api/v1/session', { user, password });
    if (answer.status !== 200) return answer;
    this.cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] as string;
    this.session = answer.body as Session;
    this.csrf = this.session.csrf;
    return answer;
  }
}

export type LiveClient = Socket<ServerEvents, ClientEvents>;

export interface Frame {
  readonly name: string;
  readonly body: { readonly [key: string]: never };
}

export class Harness {
  readonly engine: FakeEngine;
  readonly server: RunningServer;
  readonly dataDir: string;
  readonly url: string;
  readonly #sockets: LiveClient[] = [];

  constructor(engine: FakeEngine, server: RunningServer, dataDir: string) {
    this.engine = engine;
    this.server = server;
    this.dataDir = dataDir;
    this.url = `http://127.0.0.1:${server.port}`;
  }

  client(): Client {
    return new Client(this.url);
  }

  secretOf(name: string): string {
    const entry = this.server.credentials.entries.find((row) => row.name === name);
    if (entry === undefined) throw new Error(`no account ${name}`);
    return entry.secret;
  }

  async as(name: string): Promise<Client> {
    const client = this.client();
    const answer = await client.logIn(name, this.secretOf(name));
    if (answer.status !== 200) throw new Error(`${name}: ${answer.text}`);
    return client;
  }

  withKey(name: string): Client {
    const client = this.client();
    client.key = this.secretOf(name);
    return client;
  }

  /** A socket as a browser would open it from our own page, with every frame recorded. */
  socket(headers: Record<string, string>, auth: Record<string, unknown> = {}) {
    const frames: Frame[] = [];
    const socket: LiveClient = io(this.url, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      auth,
      extraHeaders: headers,
    });
    socket.onAny((name: string, body: Frame['body']) => frames.push({ name, body }));
    this.#sockets.push(socket);
    return { socket, frames };
  }

  socketOf(client: Client) {
    return this.socket({ cookie: client.cookie, origin: this.url });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.disconnect();
    await this.server.close();
    await this.engine.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

export async function startHarness(
  engineOptions: FakeOptions = {},
  options: Partial<ServerOptions> = {},
): Promise<Harness> {
  const engine = new FakeEngine({ cases: 200, ...engineOptions });
  const dataDir = mkdtempSync(join(tmpdir(), 'mingcha-api-'));
  const server = await startServer({
    engine,
    dataDir,
    port: 0,
    log: pino({ level: 'silent' }),
    scrypt: CHEAP,
    ...options,
  });
  return new Harness(engine, server, dataDir);
}

/** Waits until `read` gives something, at most `limitMs`; then fails with what was awaited. */
export async function until<T>(
  what: string,
  read: () => T | undefined | null | false,
  limitMs = 4000,
): Promise<T> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const value = read();
    if (value) return value;
    if (performance.now() > endMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
