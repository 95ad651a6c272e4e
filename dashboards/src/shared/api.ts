/**
 * Calls to our own server.
 *
 * Owns: the cookie session's CSRF value, JSON in and out, and turning a refusal into `ApiError`.
 * Does not own: what is cached (react-query) or shown.
 */
import { CSRF_HEADER, type ErrorBody } from '../../../api/contract.ts';

/** A refusal of the server, or `status` 0 when it could not be reached. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly messageEn: string;
  /** With a version conflict: the card as it stands now. */
  readonly current: unknown;
  readonly retryAfterS: number | null;

  constructor(status: number, body: ErrorBody | null, retryAfterS: number | null) {
    super(body?.error.message ?? '');
    this.name = 'ApiError';
    this.status = status;
    this.code = body?.error.code ?? (status === 0 ? 'OFFLINE' : `HTTP_${status}`);
    this.messageEn = body?.error.messageEn ?? '';
    this.current = body?.current;
    this.retryAfterS = retryAfterS;
  }

  /** The server's own sentence in the reader's language, '' when it sent none. */
  text(lang: 'zh' | 'en'): string {
    return lang === 'en' && this.messageEn !== '' ? this.messageEn : this.message;
  }
}

let csrf = '';

/** Remembered from the session; sent with every change. */
export function setCsrf(value: string): void {
  csrf = value;
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** A path with its query, empty values left out. */
export function withQuery(path: string, query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return text === '' ? path : `${path}?${text}`;
}

function isErrorBody(value: unknown): value is ErrorBody {
  return typeof value === 'object' && value !== null && 'error' in value;
}

async function refusal(response: Response): Promise<ApiError> {
  const wait = Number(response.headers.get('retry-after'));
  const body: unknown = await response.json().catch(() => null);
  const retryAfterS = Number.isFinite(wait) && wait > 0 ? wait : null;
  return new ApiError(response.status, isErrorBody(body) ? body : null, retryAfterS);
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET' && csrf !== '') headers[CSRF_HEADER] = csrf;
  const sent = body === undefined ? null : JSON.stringify(body);
  let response: Response;
  try {
    response = await fetch(path, { method, headers, body: sent });
  } catch {
    throw new ApiError(0, null, null);
  }
  if (!response.ok) throw await refusal(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

export const get = <T>(path: string): Promise<T> => call<T>('GET', path);
export const post = <T>(path: string, body: unknown): Promise<T> => call<T>('POST', path, body);
export const remove = (path: string): Promise<void> => call<void>('DELETE', path);

/** A new name for one command, so that a repeated request is answered and not done twice. */
export function newCommandId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
