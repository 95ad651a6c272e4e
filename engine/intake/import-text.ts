/**
 * A file as a stream of text: opened, inflated when its first bytes say gzip (never by its name),
 * and decoded strictly.
 *
 * Invariants
 * F1  Memory does not grow with the file: chunks go through one at a time.
 * F2  A byte that is not of the encoding stops the import; nothing becomes U+FFFD.
 * F3  What is read and what comes out of inflating are both bounded.
 */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { importLimits } from '../config/limits.ts';
import { ImportError } from './import-error.ts';

/** How much of the beginning is looked at to tell what the file is. */
const HEAD_BYTES = 4096;
const SIGNATURES: readonly (readonly [string, readonly number[]])[] = [
  ['a ZIP archive or XLSX (ZIP/XLSX)', [0x50, 0x4b, 0x03, 0x04]],
  ['a Windows program (EXE)', [0x4d, 0x5a]],
  ['a program (ELF)', [0x7f, 0x45, 0x4c, 0x46]],
  ['PDF', [0x25, 0x50, 0x44, 0x46]],
  ['an old Office file (XLS/DOC)', [0xd0, 0xcf, 0x11, 0xe0]],
  ['a nested gzip file (gzip)', [0x1f, 0x8b]],
];

export type TextFormat = 'xes' | 'csv';

export interface TextFile {
  readonly name: string;
  /** Size on disk; `bytesRead` approaches it. */
  readonly size: number;
  /** Told by the first character that is not white space. */
  readonly format: TextFormat;
  bytesRead(): number;
  chunks(): AsyncGenerator<string>;
}

/** UTF-16 has NUL bytes by nature; its byte order mark says so. */
function markedEncoding(head: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : null;
}

function refuseBinary(head: Uint8Array): void {
  for (const [found, bytes] of SIGNATURES) {
    if (bytes.every((byte, i) => head[i] === byte)) throw new ImportError('FILE_TYPE', { found });
  }
  if (markedEncoding(head) === null && head.includes(0)) {
    throw new ImportError('FILE_TYPE', { found: 'binary data (二进制数据)' });
  }
}

/** Encoding an XML declaration names; XES is UTF-8 unless it says otherwise. */
function declaredEncoding(head: Uint8Array): string {
  const text = Buffer.from(head).toString('latin1');
  const match = /^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\bencoding=["']([A-Za-z0-9._-]{1,40})["']/.exec(
    text,
  );
  return (match?.[1] ?? 'utf-8').toLowerCase();
}

const XML_ENCODINGS: ReadonlyMap<string, string> = new Map([
  ['utf-8', 'utf-8'],
  ['utf8', 'utf-8'],
  ['us-ascii', 'utf-8'],
  ['iso-8859-1', 'iso-8859-1'],
  ['windows-1252', 'windows-1252'],
  ['utf-16', 'utf-16le'],
]);

function xmlEncoding(head: Uint8Array): string {
  const marked = markedEncoding(head);
  if (marked !== null) return marked;
  const declared = declaredEncoding(head);
  const encoding = XML_ENCODINGS.get(declared);
  const ascii = head.every((byte) => byte < 0x80);
  // A one-byte encoding cannot fail to decode: bytes that form UTF-8 give the wrong name away.
  const disguised = encoding !== 'utf-8' && !ascii && isUtf8(wholeCharacters(head));
  if (encoding === undefined || encoding === 'utf-16le' || disguised) {
    throw new ImportError('TEXT_ENCODING_MISMATCH', { declared });
  }
  return encoding;
}

/** The head without a character that its end may have cut. */
function wholeCharacters(head: Uint8Array): Uint8Array {
  let end = head.length;
  while (end > 0 && ((head[end - 1] as number) & 0xc0) === 0x80) end--;
  return head.subarray(0, Math.max(0, end - 1));
}

function zlibError(error: unknown): ImportError | null {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'Z_BUF_ERROR') return new ImportError('FILE_TRUNCATED', {}, { cause: error });
  if (!code.startsWith('Z_')) return null;
  return new ImportError('FILE_DAMAGED', { reason: code }, { cause: error });
}

/** Bytes of the file, inflated when needed, counted and bounded. */
class ByteStream {
  readonly #path: string;
  readonly #gzip: boolean;
  bytesRead = 0;

  constructor(path: string, gzip: boolean) {
    this.#path = path;
    this.#gzip = gzip;
  }

  async *read(): AsyncGenerator<Uint8Array> {
    const file = createReadStream(this.#path);
    file.on('data', (chunk) => {
      this.bytesRead += chunk.length;
    });
    let stream: Readable = file;
    if (this.#gzip) {
      const gunzip = createGunzip();
      file.on('error', (error) => gunzip.destroy(error));
      stream = file.pipe(gunzip);
    }
    let total = 0;
    try {
      for await (const chunk of stream) {
        total += (chunk as Uint8Array).length;
        if (total > importLimits.inflatedBytesMax) {
          throw new ImportError('FILE_INFLATES_TOO_LARGE', {
            limit: importLimits.inflatedBytesMax,
          });
        }
        yield chunk as Uint8Array;
      }
    } catch (error) {
      throw zlibError(error) ?? error;
    } finally {
      file.destroy();
    }
  }
}

async function* decode(bytes: ByteStream, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let offset = 0;
  try {
    for await (const chunk of bytes.read()) {
      yield decoder.decode(chunk, { stream: true });
      offset += chunk.length;
    }
    yield decoder.decode();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    throw new ImportError('FILE_ENCODING', { offset, encoding }, { cause: error });
  }
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const buffer = new Uint8Array(2);
    const { bytesRead } = await handle.read(buffer, 0, 2, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function headOf(bytes: ByteStream): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes.read()) {
    parts.push(chunk);
    length += chunk.length;
    if (length >= HEAD_BYTES) break;
  }
  return Buffer.concat(parts).subarray(0, HEAD_BYTES);
}

async function sizeOf(path: string, name: string): Promise<number> {
  try {
    const found = await stat(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new ImportError('FILE_NOT_FOUND', { name });
    throw new ImportError('FILE_NOT_READABLE', { name, reason: code }, { cause: error });
  }
  throw new ImportError('FILE_NOT_READABLE', { name, reason: 'EISDIR' });
}

function looksLikeXml(head: Uint8Array): boolean {
  const marked = markedEncoding(head);
  const text = new TextDecoder(marked ?? 'latin1').decode(head);
  return text
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart()
    .startsWith('<');
}

/**
 * Opens a file for reading as text.
 * @param csvEncoding  encoding of a CSV file without a byte order mark, e.g. `utf-8` or `gb18030`
 */
export async function openText(path: string, csvEncoding: string): Promise<TextFile> {
  const name = basename(path);
  const size = await sizeOf(path, name);
  let first: Uint8Array;
  try {
    first = await firstBytes(path);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'EIO';
    throw new ImportError('FILE_NOT_READABLE', { name, reason }, { cause: error });
  }
  const gzip = first[0] === 0x1f && first[1] === 0x8b;
  const head = await headOf(new ByteStream(path, gzip));
  if (head.length === 0) throw new ImportError('FILE_EMPTY');
  refuseBinary(head);
  const format: TextFormat = looksLikeXml(head) ? 'xes' : 'csv';
  const encoding = format === 'xes' ? xmlEncoding(head) : (markedEncoding(head) ?? csvEncoding);
  const bytes = new ByteStream(path, gzip);
  return {
    name,
    size,
    format,
    bytesRead: () => bytes.bytesRead,
    chunks: () => decode(bytes, encoding),
  };
}
