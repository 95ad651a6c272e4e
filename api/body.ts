/**
 * Reads a request body inside its limits, before anything looks at it.
 *
 * Invariants
 * B1  Never more than the limit is held, whether announced, chunked or inflated; beyond it the request
 *     is answered and the connection closed, so that the rest is not read.
 * B2  One layer of gzip or none. A body is decoded once.
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import { StrictJson } from '../engine/events/strict-json.ts';
import { DoorError } from './errors.ts';

export interface BodyLimits {
  readonly bytesMax: number;
  /** Once unpacked; gzip is refused when absent. */
  readonly inflatedBytesMax?: number;
}

/** Media type and charset, lower case; both '' when the header is absent. */
export function mediaTypeOf(req: IncomingMessage): { type: string; charset: string } {
  const [type = '', ...parameters] = (req.headers['content-type'] ?? '').split(';');
  const charset = parameters.map((part) => /^\s*charset\s*=\s*"?([\w-]+)"?\s*$/i.exec(part)?.[1]);
  return {
    type: type.trim().toLowerCase(),
    charset: (charset.find((value) => value !== undefined) ?? '').toLowerCase(),
  };
}

export function requireMediaType(req: IncomingMessage, allowed: readonly string[]): string {
  const { type } = mediaTypeOf(req);
  if (allowed.includes(type)) return type;
  const params = { type: type.slice(0, 64), allowed: allowed.join(', ') };
  throw new DoorError('MEDIA_TYPE', params, { hangUp: true });
}

export async function readBody(req: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const announced = Number(req.headers['content-length'] ?? 0);
  if (announced > limits.bytesMax) throw tooLarge(limits.bytesMax);
  const encoding = (req.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity') return collect(req, limits.bytesMax, tooLarge);
  if (encoding !== 'gzip' || limits.inflatedBytesMax === undefined) {
    const params = { encoding: encoding.slice(0, 64) };
    throw new DoorError('ENCODING_UNSUPPORTED', params, { hangUp: true });
  }
  return inflate(await collect(req, limits.bytesMax, tooLarge), limits.inflatedBytesMax);
}

function tooLarge(limit: number): DoorError {
  return new DoorError('BODY_TOO_LARGE', { limit }, { hangUp: true });
}

function inflatesTooLarge(limit: number): DoorError {
  return new DoorError('BODY_INFLATES_TOO_LARGE', { limit });
}

/** Streamed, so that unpacking stops at the limit and not after it. */
async function inflate(packed: Buffer, limit: number): Promise<Buffer> {
  const gunzip = createGunzip();
  gunzip.end(packed);
  try {
    return await collect(gunzip, limit, inflatesTooLarge);
  } catch (error) {
    if (error instanceof DoorError) throw error;
    throw new DoorError('ENCODING_UNSUPPORTED', { encoding: 'gzip (damaged)' });
  } finally {
    gunzip.destroy();
  }
}

/** `req.on` and not `for await`: leaving a `for await` destroys the socket before we have answered. */
function collect(
  stream: NodeJS.ReadableStream,
  limit: number,
  over: (limit: number) => DoorError,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (act: () => void): void => {
      stream.off('data', onData).off('end', onEnd).off('close', onClose);
      act();
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > limit) {
        stream.pause();
        finish(() => reject(over(limit)));
      } else chunks.push(chunk);
    };
    const onEnd = (): void => finish(() => resolve(Buffer.concat(chunks, bytes)));
    const onClose = (): void => finish(() => reject(new DoorError('REQUEST_MALFORMED')));
    stream.on('data', onData).on('end', onEnd).on('close', onClose).on('error', reject);
  });
}

/** Bodies of our own pages: the strict reader of intake judges, then the value is made. */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new DoorError('BODY_EMPTY');
  const refused = strictly(bytes);
  if (refused !== null) throw refused;
  return JSON.parse(bytes.toString('utf8')) as unknown;
}

/** A rule pack holds more keys than the strict reader allows a record; its own schema is the judge. */
export function parseLargeJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new DoorError('BODY_EMPTY');
  if (!isUtf8(bytes)) throw strictly(bytes) ?? new DoorError('TEXT_NOT_UTF8', { offset: 0 });
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new DoorError('JSON_SYNTAX', syntaxPlace(text, error));
  }
}

function strictly(bytes: Buffer): DoorError | null {
  const reader = new StrictJson();
  if (reader.read(bytes, 0, bytes.length) !== null) return null;
  return new DoorError(reader.code === '' ? 'JSON_SYNTAX' : reader.code, reader.params);
}

/** Line and column of the error, from the position that V8 mostly puts into its message. */
function syntaxPlace(text: string, error: unknown): { line: number; column: number } {
  const at = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  const before = text.slice(0, at === undefined ? text.length : Number(at)).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}
