/** The session cookie. Over https it carries the `__Host-` prefix, which binds it to this host. */
import type { IncomingHttpHeaders } from 'node:http';

const PLAIN = 'mingcha_session';
const HOST_BOUND = `__Host-${PLAIN}`;

/** First value of either name; '' when absent. */
export function sessionIdOf(headers: IncomingHttpHeaders, secure: boolean): string {
  const wanted = `${secure ? HOST_BOUND : PLAIN}=`;
  for (const part of (headers.cookie ?? '').split(';')) {
    const pair = part.trim();
    if (pair.startsWith(wanted)) return pair.slice(wanted.length);
  }
  return '';
}

export function sessionCookie(id: string, secure: boolean, expiresAtMs: number): string {
  const expires = new Date(expiresAtMs).toUTCString();
  const base = `${secure ? HOST_BOUND : PLAIN}=${id}; Path=/; HttpOnly; SameSite=Strict`;
  return `${base}; Expires=${expires}${secure ? '; Secure' : ''}`;
}

export function clearedCookie(secure: boolean): string {
  return sessionCookie('', secure, 0);
}
