/** Key of the pseudonyms made at the door (假名密钥): made once for a data folder and kept in it. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../runtime/data-folder.ts';

const KEY_BYTES = 32;
const OWNER_ONLY = 0o600;

export function pseudonymKey(dataDir: string): Uint8Array {
  const path = join(dataDir, 'pseudonym.key');
  if (existsSync(path)) return readFileSync(path);
  makeFolder(dataDir);
  const key = randomBytes(KEY_BYTES);
  writeFileSync(path, key, { mode: OWNER_ONLY, flag: 'wx' });
  return key;
}
