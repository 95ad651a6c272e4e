/**
 * The one shape in which every door says no. Texts and statuses are the catalogue's
 * (engine/base/errors.ts); this file only adds what HTTP needs.
 */
import {
  CatalogueError,
  describe,
  type ErrorCode,
  type ErrorParams,
  entryOf,
  isErrorCode,
} from '../engine/base/errors.ts';
import type { CardView, ErrorBody } from './contract.ts';

export interface ErrorExtras {
  readonly pointer?: string;
  readonly row?: number;
  readonly source?: string;
  /** Texts that somebody else has filled already (rows answered by the engine). */
  readonly texts?: { readonly message: string; readonly messageEn: string };
  /** The card as it stands, for a conflict. */
  readonly current?: CardView;
  readonly headers?: Readonly<Record<string, string>>;
  /** The rest of the request will not be read: answer and hang up. */
  readonly hangUp?: boolean;
}

export class DoorError extends CatalogueError {
  override name = 'DoorError';
  readonly extras: ErrorExtras;

  constructor(code: ErrorCode, params: ErrorParams = {}, extras: ErrorExtras = {}) {
    super(code, params, extras.pointer ?? '');
    this.extras = extras;
  }
}

export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;
  readonly hangUp: boolean;
}

/** Any thrown value as an answer; what is not of the catalogue becomes INTERNAL and tells nothing. */
export function answerOf(thrown: unknown, requestId: string): ErrorAnswer {
  const error = thrown instanceof CatalogueError ? thrown : new CatalogueError(codeOf(thrown));
  const extras = error instanceof DoorError ? error.extras : {};
  const { limit } = error.params;
  const body: ErrorBody = {
    error: {
      code: error.code,
      ...(extras.texts ?? describe(error.code, error.params)),
      pointer: error.pointer === '' ? null : error.pointer,
      row: extras.row ?? null,
      limit: typeof limit === 'number' ? limit : null,
      source: extras.source ?? null,
      requestId,
    },
    ...(extras.current === undefined ? {} : { current: extras.current }),
  };
  const status = entryOf(error.code).status;
  return { status, body, headers: extras.headers ?? {}, hangUp: extras.hangUp ?? false };
}

/** An engine's or express's own error: its code when the catalogue knows it, else by its status. */
function codeOf(thrown: unknown): ErrorCode {
  if (typeof thrown !== 'object' || thrown === null) return 'INTERNAL';
  if ('code' in thrown && typeof thrown.code === 'string' && isErrorCode(thrown.code)) {
    return thrown.code;
  }
  // Express marks a path it cannot decode (`%zz`, `%00`) with a status of the 400s.
  return 'status' in thrown && (thrown.status === 400 || thrown.status === 404)
    ? 'NOT_FOUND'
    : 'INTERNAL';
}

export function isInternal(thrown: unknown): boolean {
  return !(thrown instanceof CatalogueError) && codeOf(thrown) === 'INTERNAL';
}
