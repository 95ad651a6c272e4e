/** The session of this browser: asked once, renewed by logging in, forgotten on 401. */
import { API_PATHS, type LoginBody, type Session } from '../../../api/contract.ts';
import { ApiError, get, post, remove, setCsrf } from './api.ts';

/** The session in force, or null when nobody is logged in. */
export async function currentSession(): Promise<Session | null> {
  try {
    return remember(await get<Session>(API_PATHS.session));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

export async function logIn(body: LoginBody): Promise<Session> {
  return remember(await post<Session>(API_PATHS.session, body));
}

/** Opens a wall with its read-only token. */
export async function openWall(token: string): Promise<Session> {
  return remember(await post<Session>(API_PATHS.wallSession, { token }));
}

export async function logOut(): Promise<void> {
  await remove(API_PATHS.session);
  setCsrf('');
}

function remember(session: Session): Session {
  setCsrf(session.csrf);
  return session;
}
