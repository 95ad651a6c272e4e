/** Log-in, log-out, and who I am. */
import type { SessionRecord } from '../auth/access-store.ts';
import { clearedCookie, sessionCookie } from '../auth/cookies.ts';
import { API_PATHS, ErrorBody, LoginBody, Session, WallLoginBody } from '../contract.ts';
import { DoorError } from '../errors.ts';
import { actionsOf, scopeOf } from '../policy/policy.ts';
import { type Route, type RouteOf, route } from '../route.ts';

function viewOf(session: SessionRecord): Session {
  const { principal, csrf, expiresAtMs } = session;
  const { name: user, role, label } = principal;
  if (role === 'anonymous') throw new DoorError('UNAUTHENTICATED');
  return {
    user,
    role,
    label,
    scope: scopeOf(principal),
    actions: actionsOf(role),
    csrf,
    expiresAtMs,
  };
}

const opening = { 200: Session, 401: ErrorBody, 422: ErrorBody, 429: ErrorBody };

const logIn: RouteOf<unknown, LoginBody> = {
  method: 'post',
  path: API_PATHS.session,
  action: 'session.open',
  summary: '登录 / Log in',
  body: LoginBody,
  replies: opening,
  needsEngine: false,
  withoutCsrf: true,
  async handle({ services, body, address, session: old, secure }) {
    const { access, metrics } = services;
    try {
      const { id, session } = await access.logIn(body.user, body.password, address, old);
      metrics.logins.inc({ outcome: 'ok' });
      const cookie = sessionCookie(id, secure, session.expiresAtMs);
      return { status: 200, body: viewOf(session), headers: { 'Set-Cookie': cookie } };
    } catch (error) {
      metrics.logins.inc({ outcome: error instanceof DoorError ? error.code : 'INTERNAL' });
      throw error;
    }
  },
};

const openWall: RouteOf<unknown, WallLoginBody> = {
  method: 'post',
  path: API_PATHS.wallSession,
  action: 'session.open',
  summary: '以大屏令牌开启只读会话 / Exchange a wall token for a read-only session',
  body: WallLoginBody,
  replies: opening,
  needsEngine: false,
  withoutCsrf: true,
  handle({ services, body, address, secure }) {
    const { id, session } = services.access.openWall(body.token, address);
    const cookie = sessionCookie(id, secure, session.expiresAtMs);
    return { status: 200, body: viewOf(session), headers: { 'Set-Cookie': cookie } };
  },
};

export const sessionRoutes: readonly Route[] = [
  route(logIn),
  route(openWall),
  route({
    method: 'get',
    path: API_PATHS.session,
    action: 'session.read',
    summary: '当前会话 / The current session',
    replies: { 200: Session, 401: ErrorBody },
    needsEngine: false,
    handle({ session }) {
      if (session === null) throw new DoorError('UNAUTHENTICATED');
      return { status: 200, body: viewOf(session) };
    },
  }),
  route({
    method: 'delete',
    path: API_PATHS.session,
    action: 'session.close',
    summary: '退出 / Log out',
    replies: { 204: null, 401: ErrorBody, 403: ErrorBody },
    needsEngine: false,
    handle({ services, session, secure }) {
      if (session !== null) services.access.store.closeSession(session.idHash);
      return { status: 204, headers: { 'Set-Cookie': clearedCookie(secure) } };
    },
  }),
];
