/**
 * The HTTP side as one express application.
 *
 * Owns: the order in which a request is met (headers, log, who, right, CSRF, ready, query, body,
 * handler, answer) and the last-resort answers. Does not own: what a route does (routes/*), rights
 * (policy/policy.ts), listening (server.ts).
 *
 * Invariants
 * R1  A route comes from the table only; it has an action, and the policy is asked before anything of
 *     the request is read.
 * R2  Every refusal has the catalogue's shape; an unknown error says nothing and is logged once.
 * R3  Logs carry route patterns, codes and request ids: no query, no body, no cookie, no address text.
 */
import compression from 'compression';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type Response,
} from 'express';
import type { Logger } from 'pino';
import { apiLimits } from '../engine/config/limits.ts';
import type { Engine } from '../engine/facade.ts';
import { type Access, type Caller, foreignOrigin, requireCsrf } from './auth/access.ts';
import { parseJson, parseLargeJson, readBody, requireMediaType } from './body.ts';
import { CommandMemory } from './command-memory.ts';
import { API_PATHS, CSRF_HEADER } from './contract.ts';
import { answerOf, DoorError, isInternal } from './errors.ts';
import { ApiMetrics } from './metrics.ts';
import { openapiOf } from './openapi.ts';
import { pagesRouter } from './pages.ts';
import { allows, scopeOf } from './policy/policy.ts';
import type { Call, Reply, Route, Services } from './route.ts';
import { route } from './route.ts';
import { calendarRoutes } from './routes/calendar.ts';
import { cardRoutes } from './routes/cards.ts';
import { cardExportRoutes } from './routes/cards-export.ts';
import { caseRoutes } from './routes/cases.ts';
import { eventRoutes, Intake } from './routes/events.ts';
import { proofRoutes } from './routes/proof.ts';
import { ruleRoutes } from './routes/rules.ts';
import { sessionRoutes } from './routes/session.ts';
import { systemRoutes } from './routes/system.ts';
import { wallRoutes } from './routes/wall.ts';
import { requestIds, securityHeaders } from './security.ts';
import { checkBody, readQuery } from './validate.ts';

export interface AppOptions {
  readonly access: Access;
  readonly log: Logger;
  /** Built pages; absent: only the API answers. */
  readonly dashboardsDir?: string | undefined;
  readonly metrics?: ApiMetrics;
  /** Origins allowed beside our own (a development server). */
  readonly allowedOrigins?: readonly string[];
  /** Number of proxies in front whose `X-Forwarded-*` may be believed; default none. */
  readonly trustedProxies?: number;
  /** True behind a TLS proxy that is not trusted to say so. */
  readonly https?: boolean;
  readonly version?: string;
}

/** Every REST door; the export stands before `cards/:cardId`, which would take its name for an id. */
export function routeTable(version = '0'): readonly Route[] {
  const routes = [
    ...sessionRoutes,
    ...eventRoutes(new Intake()),
    ...cardExportRoutes,
    ...cardRoutes,
    ...caseRoutes,
    ...wallRoutes,
    ...ruleRoutes,
    ...calendarRoutes,
    ...proofRoutes,
    ...systemRoutes,
  ];
  const openapi = route({
    method: 'get',
    path: API_PATHS.openapi,
    action: 'openapi.read',
    summary: 'OpenAPI 3.1',
    replies: { 200: 'application/json' },
    needsEngine: false,
    handle: () => ({ status: 200, body: page }),
  });
  const all = [...routes, openapi];
  const page = openapiOf(all, version);
  return all;
}

export function createApp(engine: Engine, options: AppOptions): Express {
  const { access, log, dashboardsDir } = options;
  const services: Services = {
    engine,
    access,
    metrics: options.metrics ?? new ApiMetrics(),
    commands: new CommandMemory(),
    allowedOrigins: options.allowedOrigins ?? [],
    https: options.https ?? false,
  };
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', false);
  app.set('trust proxy', options.trustedProxies ?? false);
  app.use(requestIds(), securityHeaders());
  app.use(countHeaders, observe(services.metrics, log));
  app.use(compression({ filter: worthPacking }));
  const table = routeTable(options.version);
  for (const row of table) app[row.method](row.path, (req, res) => serve(row, services, req, res));
  for (const [path, allowed] of methodsByPath(table)) {
    app.all(path, (req) => {
      const params = { method: req.method.slice(0, 16), allowed };
      throw new DoorError('METHOD_NOT_ALLOWED', params, { headers: { Allow: allowed } });
    });
  }
  if (dashboardsDir !== undefined) app.use(pagesRouter(dashboardsDir, access, services.https));
  app.use(() => {
    throw new DoorError('NOT_FOUND');
  });
  app.use(lastResort(services.metrics, log));
  return app;
}

function methodsByPath(table: readonly Route[]): Map<string, string> {
  const methods = new Map<string, string>();
  for (const { path, method } of table) {
    const own = method === 'get' ? 'GET, HEAD' : method.toUpperCase();
    const known = methods.get(path);
    methods.set(path, known === undefined ? own : `${known}, ${own}`);
  }
  return methods;
}

async function serve(row: Route, services: Services, req: Request, res: Response): Promise<void> {
  res.locals.route = row.path;
  if (row.path.startsWith('/api/')) res.setHeader('Cache-Control', 'no-store');
  const caller = services.access.callerOf(req, services.https || req.secure);
  res.locals.caller = caller.principal.name;
  authorize(row, services, caller, req);
  if ((row.needsEngine ?? true) && !services.engine.health().ready) {
    throw new DoorError('NOT_READY', {}, { headers: { 'Retry-After': '2' } });
  }
  const query = readSearch(row, req);
  const body = await readRouteBody(row, req);
  const call: Call<unknown, unknown> = {
    services,
    engine: services.engine,
    ...caller,
    scope: scopeOf(caller.principal),
    query,
    body,
    params: req.params as Readonly<Record<string, string>>,
    requestId: String(res.locals.requestId),
    address: req.ip ?? '',
    secure: services.https || req.secure,
    req,
    res,
  };
  send(res, await row.handle(call));
}

function authorize(row: Route, services: Services, caller: Caller, req: Request): void {
  const { principal, session } = caller;
  if (!allows(principal.role, row.action) && !(row.alsoAllows?.(req, caller) ?? false)) {
    throw new DoorError(principal.kind === 'anonymous' ? 'UNAUTHENTICATED' : 'FORBIDDEN');
  }
  if (session !== null) services.access.store.touch(session.idHash);
  if (row.method === 'get') return;
  if (foreignOrigin(req, services.allowedOrigins)) throw new DoorError('ORIGIN');
  if (session !== null && !row.withoutCsrf) requireCsrf(session, req.get(CSRF_HEADER));
}

const NO_PARAMETERS = { name: 'none', schema: { properties: {} }, ref: {} };

function readSearch(row: Route, req: Request): unknown {
  const mark = req.url.indexOf('?');
  const raw = mark < 0 ? '' : req.url.slice(mark + 1);
  if (row.query !== undefined) return readQuery(row.query, raw);
  return raw === '' ? {} : readQuery(NO_PARAMETERS, raw);
}

async function readRouteBody(row: Route, req: Request): Promise<unknown> {
  if (row.body === undefined || row.body === 'raw') return undefined;
  requireMediaType(req, ['application/json']);
  const bytes = await readBody(req, { bytesMax: row.bodyBytesMax ?? apiLimits.bodyBytesMax });
  const body = row.bodyBytesMax === undefined ? parseJson(bytes) : parseLargeJson(bytes);
  checkBody(row.body, body);
  return body;
}

function send(res: Response, reply: Reply | null): void {
  if (reply === null) return;
  for (const [name, value] of Object.entries(reply.headers ?? {})) res.setHeader(name, value);
  res.status(reply.status);
  if (reply.body === undefined) res.end();
  else res.json(reply.body);
}

/** Only text that we made ourselves; exports stream and are the reader's choice. */
function worthPacking(_req: Request, res: Response): boolean {
  const type = String(res.getHeader('Content-Type') ?? '');
  return /^(application\/json|text\/html|text\/css|text\/javascript|image\/svg)/.test(type);
}

function countHeaders(req: Request, _res: Response, next: () => void): void {
  if (req.rawHeaders.length / 2 > apiLimits.headersMax) {
    const { headerBytesMax: limit, headersMax: count } = apiLimits;
    throw new DoorError('HEADERS_TOO_LARGE', { limit, count }, { hangUp: true });
  }
  next();
}

function observe(metrics: ApiMetrics, log: Logger) {
  return (req: Request, res: Response, next: () => void): void => {
    const startMs = performance.now();
    res.on('close', () => {
      const ms = performance.now() - startMs;
      const route = String(res.locals.route ?? 'page');
      const { method } = req;
      const status = String(res.statusCode);
      metrics.requests.observe({ method, route, status }, ms / 1000);
      const { requestId, caller, code } = res.locals;
      const about = { requestId, method, route, status: res.statusCode, ms: Math.round(ms) };
      log.info({ ...about, caller, code });
    });
    next();
  };
}

function lastResort(metrics: ApiMetrics, log: Logger): ErrorRequestHandler {
  return (thrown: unknown, req, res, _next) => {
    const requestId = String(res.locals.requestId);
    if (isInternal(thrown)) log.error({ requestId, err: thrown }, 'unexpected error');
    if (res.headersSent) {
      res.destroy();
      return;
    }
    const { status, body, headers, hangUp } = answerOf(thrown, requestId);
    metrics.refusals.inc({ code: body.error.code });
    res.locals.code = body.error.code;
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    res.status(status);
    if (hangUp) answerAndHangUp(req, res, body);
    else res.json(body);
  };
}

const DRAIN_MS = 500;

/**
 * Writes the whole answer, then throws away what still arrives for a moment: closing at once would make
 * the peer's system drop the answer unread together with the connection.
 */
function answerAndHangUp(req: Request, res: Response, body: unknown): void {
  const text = JSON.stringify(body);
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Cache-Control', 'no-store, no-transform');
  res.setHeader('Content-Length', Buffer.byteLength(text));
  res.setHeader('Connection', 'close');
  res.write(text);
  const finish = (): void => {
    clearTimeout(timer);
    res.end();
  };
  const timer = setTimeout(finish, DRAIN_MS);
  req.once('end', finish).once('close', finish).resume();
}
