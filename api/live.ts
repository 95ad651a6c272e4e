/**
 * Live pictures over socket.io: a snapshot on connect, then numbered card changes at once and the newest
 * summary in frames.
 *
 * Owns: the socket server, who is in which room, back-pressure. Does not own: numbering and replay
 * (live-room.ts), rights (policy/policy.ts), log-in (auth/*).
 *
 * Invariants
 * W1  Rooms come from rights; nothing a client sends names a room. Its only word is `resume`.
 * W2  After its snapshot a member gets every change of its room in order, none twice unless it asks.
 * W3  A slow member costs itself frames, then its connection; never memory without bound, never others.
 * W4  Rights are read again for every socket every two seconds: ended sessions are cut.
 */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { type DefaultEventsMap, Server, type Socket } from 'socket.io';
import { describe, type ErrorCode, type ErrorParams } from '../engine/base/errors.ts';
import { apiLimits } from '../engine/config/limits.ts';
import type { Engine, LiveChange } from '../engine/facade.ts';
import { type Access, foreignOrigin } from './auth/access.ts';
import { sha256 } from './auth/access-store.ts';
import { sessionIdOf } from './auth/cookies.ts';
import {
  type ClientEvents,
  type LiveNotice,
  ResumeRequest,
  type ServerEvents,
  SOCKET_PATH,
} from './contract.ts';
import { LiveRoom } from './live-room.ts';
import type { ApiMetrics } from './metrics.ts';
import { allows, inScope, type Principal, roomOf, scopeOf } from './policy/policy.ts';
import { firstError } from './validate.ts';

export interface LiveOptions {
  readonly access: Access;
  readonly metrics: ApiMetrics;
  readonly log: Logger;
  readonly allowedOrigins?: readonly string[];
  readonly secure?: boolean;
}

/** How a socket proved who it is; kept so that its rights can be read anew. */
interface Credential {
  readonly kind: 'session' | 'key';
  /** Hash of the session id, or the key itself. */
  readonly proof: string;
}

interface SocketData {
  principal: Principal;
  credential: Credential;
  room: LiveRoom;
  /** Number up to which a member that came back has been served before its snapshot was ready. */
  servedSeq: number;
  secondStartedMs: number;
  messagesThisSecond: number;
}

type LiveSocket = Socket<ClientEvents, ServerEvents, DefaultEventsMap, SocketData>;
type LiveServer = Server<ClientEvents, ServerEvents, DefaultEventsMap, SocketData>;

export class Live {
  readonly #engine: Engine;
  readonly #options: LiveOptions;
  readonly #io: LiveServer;
  readonly #rooms = new Map<string, LiveRoom>();
  readonly #perPerson = new Map<string, number>();
  readonly #timers: NodeJS.Timeout[];
  readonly #unsubscribe: () => void;

  constructor(http: HttpServer, engine: Engine, options: LiveOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#io = new Server(http, {
      path: SOCKET_PATH,
      transports: ['websocket'],
      serveClient: false,
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: apiLimits.socketMessageBytesMax,
      connectTimeout: apiLimits.socketConnectTimeoutMs,
      allowRequest: (req, decide) => decide(null, this.#originAllowed(req)),
    });
    this.#io.use((socket, next) => this.#admit(socket, next));
    this.#io.on('connection', (socket) => this.#connected(socket));
    this.#unsubscribe = engine.onChange((change) => this.#changed(change));
    this.#timers = [
      setInterval(() => this.#tick(), apiLimits.frameIntervalMs),
      setInterval(() => this.#checkRights(), apiLimits.revocationCheckMs),
    ];
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#unsubscribe();
    this.#io.disconnectSockets(true);
    await this.#io.close();
  }

  // --- coming in ------------------------------------------------------------------------------

  /**
   * A browser always sends `Origin` with a websocket. Without one it is a tool: it may use a token, but
   * not a cookie, which a browser could have been made to send.
   */
  #originAllowed(req: IncomingMessage): boolean {
    if (req.headers.origin === undefined) {
      const looksLikeBrowser = /Mozilla/.test(req.headers['user-agent'] ?? '');
      return req.headers.cookie === undefined && !looksLikeBrowser;
    }
    return !foreignOrigin(req, this.#options.allowedOrigins ?? []);
  }

  #admit(socket: LiveSocket, next: (error?: Error) => void): void {
    const credential = this.#credentialOf(socket);
    const principal = this.#holderOf(credential);
    if (principal === null) next(refusal('UNAUTHENTICATED'));
    else if (!allows(principal.role, 'live.connect')) next(refusal('FORBIDDEN'));
    else if (!this.#engine.health().ready) next(refusal('NOT_READY'));
    else {
      const limit = this.#limitFor(principal);
      if (limit > 0) {
        next(refusal('SOCKET_LIMIT', { limit }));
        return;
      }
      const room = this.#roomFor(principal);
      Object.assign(socket.data, { principal, credential, room });
      Object.assign(socket.data, { servedSeq: 0, secondStartedMs: 0, messagesThisSecond: 0 });
      next();
    }
  }

  /** Wall token in `auth.token`, or the session cookie of the page. */
  #credentialOf(socket: LiveSocket): Credential {
    const token: unknown = socket.handshake.auth.token;
    if (typeof token === 'string' && token.length <= 128) return { kind: 'key', proof: token };
    const id = sessionIdOf(socket.request.headers, this.#options.secure ?? false);
    return { kind: 'session', proof: sha256(id) };
  }

  #holderOf({ kind, proof }: Credential): Principal | null {
    const { store } = this.#options.access;
    return kind === 'key' ? store.keyHolder(proof) : (store.session(proof)?.principal ?? null);
  }

  /** The limit that is reached, or 0. */
  #limitFor(principal: Principal): number {
    const { socketsMax, socketsPerPersonMax, socketsPerWallTokenMax } = apiLimits;
    if (this.#io.engine.clientsCount > socketsMax) return socketsMax;
    const own = principal.role === 'wall' ? socketsPerWallTokenMax : socketsPerPersonMax;
    return (this.#perPerson.get(principal.name) ?? 0) >= own ? own : 0;
  }

  #roomFor(principal: Principal): LiveRoom {
    const scope = scopeOf(principal);
    const name = roomOf(scope);
    const known = this.#rooms.get(name);
    if (known !== undefined) return known;
    if (this.#rooms.size >= apiLimits.roomsMax) this.#dropOldestEmptyRoom();
    const room = new LiveRoom(scope);
    this.#rooms.set(name, room);
    return room;
  }

  #dropOldestEmptyRoom(): void {
    const empty = [...this.#rooms.values()].filter((room) => room.members === 0);
    const oldest = empty.sort((a, b) => a.usedAtMs - b.usedAtMs)[0];
    if (oldest !== undefined) this.#rooms.delete(oldest.name);
  }

  #connected(socket: LiveSocket): void {
    const { principal, room } = socket.data;
    this.#count(principal, room, 1);
    socket.on('disconnect', () => this.#count(principal, room, -1));
    // A listener for every packet, so that unknown names are answered and never ignored silently.
    socket.use((packet, next) => {
      if (this.#hear(socket, packet)) next();
    });
    socket.on('resume', (body) => void this.#resume(socket, body));
    void this.#greet(socket);
  }

  #count(principal: Principal, room: LiveRoom, step: 1 | -1): void {
    room.members += step;
    room.usedAtMs = Date.now();
    const own = (this.#perPerson.get(principal.name) ?? 0) + step;
    if (own === 0) this.#perPerson.delete(principal.name);
    else this.#perPerson.set(principal.name, own);
    this.#options.metrics.sockets.inc({ room: kindOf(room) }, step);
  }

  /** Snapshot, then what came while it was made, then the room: in one turn, so nothing falls between. */
  async #greet(socket: LiveSocket): Promise<void> {
    const { room } = socket.data;
    const snapshot = await this.#summaryOf(room);
    if (snapshot === null || !socket.connected) return;
    const seq = placeOf(socket) ?? Math.max(snapshot.seq, socket.data.servedSeq);
    socket.emit('snapshot', { ...snapshot, seq });
    for (const change of room.after(room.epoch, seq) ?? []) socket.emit('card', change);
    void socket.join(room.name);
  }

  async #summaryOf(room: LiveRoom) {
    const end = this.#options.metrics.summarySeconds.startTimer();
    try {
      return await room.summary(this.#engine, Date.now());
    } catch (error) {
      this.#options.log.error({ room: kindOf(room), err: error }, 'wall summary failed');
      return null;
    } finally {
      end();
    }
  }

  // --- what clients say -----------------------------------------------------------------------

  /** True for a well-formed `resume` inside the rate; everything else is answered here. */
  #hear(socket: LiveSocket, packet: readonly unknown[]): boolean {
    const { data } = socket;
    const nowMs = Date.now();
    if (nowMs - data.secondStartedMs >= 1000) {
      data.secondStartedMs = nowMs;
      data.messagesThisSecond = 0;
    }
    data.messagesThisSecond++;
    if (data.messagesThisSecond > apiLimits.socketMessagesPerSecondMax) {
      this.#cut(socket, 'ended', 'RATE_LIMITED', { seconds: 1 });
      return false;
    }
    const [name, body] = packet;
    if (name === 'resume' && packet.length === 2 && firstError(ResumeRequest, body) === null) {
      return true;
    }
    this.#options.log.warn({ caller: data.principal.name }, 'live: message not allowed');
    socket.emit('session', notice('refused', 'SOCKET_EVENT'));
    return false;
  }

  async #resume(socket: LiveSocket, { epoch, seq }: ResumeRequest): Promise<void> {
    const missed = socket.data.room.after(epoch, seq);
    if (missed === null) {
      const snapshot = await this.#summaryOf(socket.data.room);
      if (snapshot !== null && socket.connected) socket.emit('snapshot', snapshot);
      return;
    }
    for (const change of missed) socket.emit('card', change);
    socket.data.servedSeq = socket.data.room.seq;
  }

  // --- what members hear ----------------------------------------------------------------------

  #changed({ card }: LiveChange): void {
    for (const room of this.#rooms.values()) {
      if (!inScope(room.scope, card)) continue;
      const change = room.add(card);
      if (room.members === 0) continue;
      this.#io.to(room.name).emit('card', change);
      this.#options.metrics.cardsSent.inc();
    }
  }

  #tick(): void {
    this.#cutOverfull();
    const nowMs = Date.now();
    for (const room of this.#rooms.values()) {
      if (room.members === 0) continue;
      void this.#summaryOf(room);
      const frame = room.takeFrame(nowMs);
      if (frame === null) continue;
      const behind = this.#behind(room);
      this.#options.metrics.framesSkipped.inc(behind.length);
      this.#options.metrics.framesSent.inc();
      this.#io.to(room.name).except(behind).emit('frame', frame);
    }
  }

  /** Members that have not taken the last frames yet: they will get a newer one instead. */
  #behind(room: LiveRoom): string[] {
    const ids = this.#io.of('/').adapter.rooms.get(room.name) ?? new Set<string>();
    return [...ids].filter((id) => {
      const socket = this.#io.of('/').sockets.get(id);
      if (socket === undefined) return false;
      return connectionOf(socket).writeBuffer.length > apiLimits.framesBufferedMax;
    });
  }

  #cutOverfull(): void {
    for (const socket of this.#io.of('/').sockets.values()) {
      if (bufferedBytes(socket) > apiLimits.socketBufferedBytesMax) {
        this.#options.metrics.socketsCut.inc({ reason: 'SOCKET_SLOW' });
        // A polite close would wait, with its buffers, for somebody who does not read.
        connectionOf(socket).transport.socket?.terminate?.();
      }
    }
  }

  /** One look for each credential: a thousand walls may share one token. */
  #checkRights(): void {
    const looked = new Map<string, Principal | null>();
    for (const socket of this.#io.of('/').sockets.values()) {
      const { credential, room } = socket.data;
      let principal = looked.get(credential.proof);
      if (principal === undefined) {
        principal = this.#holderOf(credential);
        looked.set(credential.proof, principal);
      }
      const same = principal !== null && roomOf(scopeOf(principal)) === room.name;
      if (same && principal !== null && allows(principal.role, 'live.connect')) continue;
      this.#cut(socket, 'ended', 'UNAUTHENTICATED');
    }
  }

  #cut(
    socket: LiveSocket,
    state: LiveNotice['state'],
    code: ErrorCode,
    params: ErrorParams = {},
  ): void {
    this.#options.metrics.socketsCut.inc({ reason: code });
    socket.emit('session', notice(state, code, params));
    socket.disconnect(true);
  }
}

function notice(state: LiveNotice['state'], code: ErrorCode, params: ErrorParams = {}): LiveNotice {
  return { state, code, ...describe(code, params) };
}

/** What the client's `connect_error` carries: message = code, `data` = the texts. */
function refusal(code: ErrorCode, params: ErrorParams = {}): Error {
  return Object.assign(new Error(code), { data: notice('refused', code, params) });
}

/** Rooms by kind, not by name: a label must stay a closed list. */
function kindOf(room: LiveRoom): string {
  return room.name === 'all' ? 'all' : (room.name.split(':')[0] as string);
}

/** Where a member that comes back left off, when its room can serve everything since. */
function placeOf(socket: LiveSocket): number | null {
  const resume: unknown = socket.handshake.auth.resume;
  if (firstError(ResumeRequest, resume) !== null) return null;
  const { epoch, seq } = resume as ResumeRequest;
  return socket.data.room.after(epoch, seq) === null ? null : seq;
}

/** What engine.io's documents tell to look at and its types hide. */
interface Connection {
  readonly writeBuffer: readonly { readonly data?: unknown }[];
  readonly transport: {
    readonly socket?: { readonly bufferedAmount?: number; terminate?(): void };
  };
}

function connectionOf(socket: LiveSocket): Connection {
  return socket.conn as unknown as Connection;
}

/** Bytes waiting in engine.io and in the websocket below it. */
function bufferedBytes(socket: LiveSocket): number {
  const { writeBuffer, transport } = connectionOf(socket);
  let bytes = transport.socket?.bufferedAmount ?? 0;
  for (const { data } of writeBuffer) {
    if (typeof data === 'string' || Buffer.isBuffer(data)) bytes += data.length;
  }
  return bytes;
}
