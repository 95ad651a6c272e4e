/**
 * Sends a rule pack to a running server, with an operator's key.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PublishResult } from '../facade.ts';
import type { PackSource } from '../rules/source.ts';

export const KEY_VARIABLE = 'MINGCHA_OPERATOR_KEY';
const PUBLISH_PATH = '/api/v1/rules/publish';
const ADDRESS_FILE = 'address.txt';
/** Where `npm start` listens unless told otherwise. */
export const DEFAULT_URL = 'http://127.0.0.1:8848';
const CREDENTIALS_FILE = 'credentials.txt';

export interface Published {
  readonly version: number;
  readonly hash: string;
  readonly raised: number;
  readonly withdrawn: number;
  readonly moved: number;
  readonly rules: PublishResult['rules'];
}

/** What is missing or was refused; the message says what to do. */
export class PublishError extends Error {}

/** The address given, else the one a server left in its data folder, else the default one. */
export function serverUrl(dataDir: string, url: string | undefined): string {
  const file = join(dataDir, ADDRESS_FILE);
  const left = existsSync(file) ? readFileSync(file, 'utf8') : DEFAULT_URL;
  return (url ?? left).trim().replace(/\/$/, '');
}

/** The operator's key: from the environment, else from the credentials of the first start. */
export function operatorKey(dataDir: string): string {
  const given = process.env[KEY_VARIABLE];
  if (given !== undefined && given !== '') return given;
  const file = join(dataDir, CREDENTIALS_FILE);
  const rows = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  for (const row of rows) {
    const [name, kind, role, secret] = row.split('\t');
    if (name?.startsWith('#')) continue;
    if (kind === 'key' && role === 'operator' && secret !== undefined) return secret;
  }
  throw new PublishError(
    `找不到运维密钥:${file} 里没有,环境变量 ${KEY_VARIABLE} 也没有 ` +
      `(no operator key in ${file} nor in ${KEY_VARIABLE})`,
  );
}

export async function publishPack(
  url: string,
  key: string,
  pack: PackSource,
  reason: string,
): Promise<Published> {
  return (await callServer(url, key, 'POST', PUBLISH_PATH, { pack, reason })) as Published;
}

/** One call of a running server's door; throws PublishError with its answer when it refuses. */
export async function callServer(
  url: string,
  key: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<unknown> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  let reply: Response;
  try {
    reply = await fetch(`${url}${path}`, { method, headers, ...content });
  } catch (error) {
    const why = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new PublishError(
      `连不上 ${url},服务启动了吗?可用 --url 指明地址 ` +
        `(cannot reach the server; is it running? name it with --url): ${String(why)}`,
    );
  }
  const text = await reply.text();
  if (!reply.ok) {
    throw new PublishError(
      `服务端未接受 (refused by the server): ${reply.status} ${messageOf(text)}`,
    );
  }
  return JSON.parse(text);
}

/** Code and both messages of an error answer; an answer that is none, as it came. */
function messageOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as {
      error: { code: string; message: string; messageEn: string };
    };
    const { code, message, messageEn } = error;
    return [code, message, messageEn].join('\n');
  } catch {
    return text;
  }
}
