/**
 * Intake over HTTP: one record as JSON, or a batch as NDJSON, gzip or not; every row is answered.
 *
 * Owns: media types, body limits, the status of the whole. Does not own: what a record may say (the
 * engine's strict decoder), stamps, positions.
 */
import type { Request } from 'express';
import { isErrorCode } from '../../engine/base/errors.ts';
import { apiLimits, eventLimits } from '../../engine/config/limits.ts';
import type { RowOutcome, RowResult } from '../../engine/facade.ts';
import { mediaTypeOf, readBody, requireMediaType } from '../body.ts';
import { API_PATHS, ErrorBody, SubmitResult } from '../contract.ts';
import { DoorError } from '../errors.ts';
import { type Call, type Reply, type Route, route } from '../route.ts';

const SINGLE = 'application/json';
const BATCH = 'application/x-ndjson';
const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const BACKSLASH = 92;
const SPACE = 32;

/** How many bodies are being worked on; an object, not a module variable, so that servers differ. */
export class Intake {
  #inFlight = 0;

  async hold<T>(act: () => Promise<T>): Promise<T> {
    if (this.#inFlight >= apiLimits.submitsInFlightMax) {
      throw new DoorError('QUEUE_FULL', {}, { headers: { 'Retry-After': '1' }, hangUp: true });
    }
    this.#inFlight++;
    try {
      return await act();
    } finally {
      this.#inFlight--;
    }
  }
}

async function submit(call: Call<unknown, unknown>): Promise<Reply> {
  const { req, engine, principal } = call;
  const type = requireMediaType(req, [SINGLE, BATCH]);
  const limits = {
    bytesMax: apiLimits.eventsBytesMax,
    inflatedBytesMax: eventLimits.bodyBytesMax,
  };
  const body = asUtf8(req, await readBody(req, limits));
  if (body.length === 0) throw new DoorError('BODY_EMPTY');
  const source = { id: principal.name, organs: principal.organs, stamps: 'live' } as const;
  const rows = await engine.submit(type === SINGLE ? oneLine(body) : body, source);
  if (type === SINGLE) return singleReply(rows, principal.name);
  const result = resultOf(rows);
  return { status: result.refused > 0 ? 207 : 202, body: result };
}

function singleReply(rows: readonly RowResult[], source: string): Reply {
  const [first] = rows;
  if (first === undefined) throw new DoorError('BODY_EMPTY');
  if (first.outcome === 'refused') {
    const { code = 'INTERNAL', message = '', messageEn = '', pointer = '' } = first.error ?? {};
    const extras = { row: 1, source, pointer, texts: { message, messageEn } };
    throw new DoorError(isErrorCode(code) ? code : 'INTERNAL', {}, extras);
  }
  return { status: first.outcome === 'duplicate' ? 200 : 202, body: resultOf(rows) };
}

function resultOf(rows: readonly RowResult[]): SubmitResult {
  const count = (outcome: RowOutcome) => rows.filter((row) => row.outcome === outcome).length;
  return {
    accepted: count('accepted'),
    duplicate: count('duplicate'),
    held: count('held'),
    refused: count('refused'),
    rows,
  };
}

/** GBK and GB18030 are decoded here, once; anything else must be UTF-8, which the decoder checks. */
function asUtf8(req: Request, body: Buffer): Buffer {
  const { type, charset } = mediaTypeOf(req);
  if (charset === '' || charset === 'utf-8' || charset === 'utf8') return body;
  if (charset !== 'gbk' && charset !== 'gb18030') {
    const allowed = 'utf-8, gb18030';
    throw new DoorError('MEDIA_TYPE', { type: `${type}; charset=${charset}`, allowed });
  }
  return Buffer.from(new TextDecoder('gb18030').decode(body), 'utf8');
}

/**
 * The engine reads one record a line; a single object may be written over several. Line ends outside
 * strings become spaces; one inside a string stays, and stays the syntax error that it is.
 */
function oneLine(body: Buffer): Buffer {
  if (!body.includes(NEWLINE) && !body.includes(RETURN)) return body;
  let inString = false;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i];
    if (byte === QUOTE) inString = !inString;
    else if (byte === BACKSLASH && inString) i++;
    else if (!inString && (byte === NEWLINE || byte === RETURN)) body[i] = SPACE;
  }
  return body;
}

export function eventRoutes(intake: Intake): readonly Route[] {
  return [
    route({
      method: 'post',
      path: API_PATHS.events,
      action: 'events.submit',
      summary: '报送办件事件，单条或批量 / Submit events, one or a batch',
      body: 'raw',
      replies: {
        200: SubmitResult,
        202: SubmitResult,
        207: SubmitResult,
        400: ErrorBody,
        401: ErrorBody,
        403: ErrorBody,
        409: ErrorBody,
        413: ErrorBody,
        415: ErrorBody,
        422: ErrorBody,
        503: ErrorBody,
      },
      handle: (call) => intake.hold(() => submit(call)),
    }),
  ];
}
