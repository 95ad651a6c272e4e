/**
 * The listening server: HTTP with its own limits, pages, API and live sockets on one port.
 *
 * Owns: listening, shutting down, the first accounts. Does not own: the engine's life (the caller starts
 * and stops it), printing (the caller gets the credentials).
 */
import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Clock } from '../engine/base/clock.ts';
import { apiLimits } from '../engine/config/limits.ts';
import type { Engine } from '../engine/facade.ts';
import { createApp } from './app.ts';
import { Access } from './auth/access.ts';
import { busiestFirst, type Credentials, firstAccounts } from './auth/first-accounts.ts';
import type { ScryptCost } from './auth/passwords.ts';
import { answerOf, DoorError } from './errors.ts';
import { Live } from './live.ts';
import { ApiMetrics } from './metrics.ts';

export interface ServerOptions {
  /** `engine.pack()` and `engine.health()` must answer already; the rest waits for `ready`. */
  readonly engine: Engine;
  /** Holds `access.sqlite` and `credentials.txt`; made when absent. */
  readonly dataDir: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly log: Logger;
  /** First log-ins of departments go to the organs with most to answer, not the first of the pack. */
  readonly busiestFirst?: boolean;
  /** Folder of the built pages; absent: no pages. */
  readonly dashboardsDir?: string;
  /** Origins allowed beside our own (a development server). */
  readonly allowedOrigins?: readonly string[];
  /** Number of proxies in front whose `X-Forwarded-*` may be believed; default none. */
  readonly trustedProxies?: number;
  /** True behind a TLS proxy: cookies get `Secure` and the `__Host-` prefix. */
  readonly https?: boolean;
  readonly version?: string;
  /** For tests: cheaper password hashes, another clock. */
  readonly scrypt?: ScryptCost;
  readonly clock?: Clock;
}

export interface RunningServer {
  readonly port: number;
  readonly credentials: Credentials;
  readonly access: Access;
  close(): Promise<void>;
}

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { engine, dataDir, log } = options;
  mkdirSync(dataDir, { recursive: true });
  const access = new Access(options);
  const { passwords, store } = access;
  const pack = options.busiestFirst ? await busiestFirst(engine) : engine.pack();
  const credentials = await firstAccounts(store, passwords, dataDir, pack);
  const metrics = new ApiMetrics();
  const app = createApp(engine, { ...options, access, metrics });
  const http = createServer(
    {
      maxHeaderSize: apiLimits.headerBytesMax,
      headersTimeout: apiLimits.headersTimeoutMs,
      requestTimeout: apiLimits.requestTimeoutMs,
    },
    app,
  );
  http.maxHeadersCount = apiLimits.headersMax + 1;
  http.maxConnections = apiLimits.connectionsMax;
  http.on('clientError', answerUnreadable);
  const live = new Live(http, engine, {
    ...options,
    access,
    metrics,
    secure: options.https ?? false,
  });
  await listen(http, options.port, options.host ?? '127.0.0.1');
  const { port } = http.address() as AddressInfo;
  log.info({ port }, 'listening');
  const close = async (): Promise<void> => {
    http.closeIdleConnections();
    await live.close();
    http.closeAllConnections();
    access.close();
  };
  return { port, credentials, access, close };
}

function listen(http: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      resolve();
    });
  });
}

/** Requests that are not HTTP enough to reach express still get the catalogue's shape. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, body } = answerOf(unreadable(error.code ?? ''), 'unread');
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `X-Content-Type-Options: nosniff\r\nConnection: close\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

function unreadable(code: string): DoorError {
  const { headerBytesMax: limit, headersMax: count } = apiLimits;
  if (code === 'HPE_HEADER_OVERFLOW') return new DoorError('HEADERS_TOO_LARGE', { limit, count });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new DoorError('REQUEST_TIMEOUT');
  return code === 'HPE_UNEXPECTED_CONTENT_LENGTH' || code === 'HPE_INVALID_TRANSFER_ENCODING'
    ? new DoorError('BODY_LENGTH_AMBIGUOUS')
    : new DoorError('REQUEST_MALFORMED');
}
