/** For operators and machines: health, limits, metrics. */
import type { Request } from 'express';
import * as limits from '../../engine/config/limits.ts';
import { API_PATHS, ErrorBody, HealthReply, LimitsReply, LiveReply } from '../contract.ts';
import { DoorError } from '../errors.ts';
import { allows } from '../policy/policy.ts';
import { type Route, route } from '../route.ts';

/** A peer on this machine, and not a proxy speaking for somebody else. */
export function isLoopback(req: Request): boolean {
  const address = req.socket.remoteAddress ?? '';
  const local = address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1';
  return (
    local && req.headers['x-forwarded-for'] === undefined && req.headers.forwarded === undefined
  );
}

/** `apiLimits.bodyBytesMax` as `api.bodyBytesMax`, and so on for every group of the file. */
function allLimits(): Record<string, number> {
  const rows = Object.entries(limits).flatMap(([group, values]) =>
    Object.entries(values as Readonly<Record<string, unknown>>).flatMap(([name, value]) =>
      typeof value === 'number'
        ? [[`${group.replace(/Limits$/, '')}.${name}`, value] as const]
        : [],
    ),
  );
  return Object.fromEntries(rows);
}

export const systemRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: API_PATHS.health,
    action: 'health.read',
    summary: '就绪状态 / Readiness; details for those who may see them',
    replies: { 200: HealthReply, 503: ErrorBody },
    needsEngine: false,
    handle({ engine, principal }) {
      const { ready, partitions, sink, deadMan } = engine.health();
      if (!ready) throw new DoorError('NOT_READY', {}, { headers: { 'Retry-After': '2' } });
      const { ok, delayMs, message } = sink;
      const known = { partitions, sink: { ok, delayMs, message }, deadMan };
      const detail = allows(principal.role, 'health.detail') ? known : {};
      return { status: 200, body: { ready, ...detail } satisfies HealthReply };
    },
  }),
  route({
    method: 'get',
    path: API_PATHS.live,
    action: 'health.read',
    summary: '存活 / Liveness: the process answers',
    replies: { 200: LiveReply },
    needsEngine: false,
    handle: () => ({ status: 200, body: { live: true } satisfies LiveReply }),
  }),
  route({
    method: 'get',
    path: API_PATHS.limits,
    action: 'limits.read',
    summary: '各项上限 / Every limit in force',
    replies: { 200: LimitsReply },
    needsEngine: false,
    handle: () => ({ status: 200, body: { limits: allLimits() } satisfies LimitsReply }),
  }),
  route({
    method: 'get',
    path: API_PATHS.metrics,
    action: 'metrics.read',
    summary: 'Prometheus 指标 / Prometheus metrics, for operators and this machine itself',
    replies: { 200: 'text/plain', 401: ErrorBody, 403: ErrorBody },
    needsEngine: false,
    alsoAllows: isLoopback,
    async handle({ engine, services, res }) {
      const { registry } = services.metrics;
      const text = `${await engine.metrics()}\n${await registry.metrics()}`;
      res.type(registry.contentType).send(text.replace(/\n{2,}/g, '\n'));
      return null;
    },
  }),
];
