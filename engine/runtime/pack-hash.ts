/**
 * The name of a pack's content: SHA-256 over canonical JSON (keys sorted by code unit, no spaces).
 * Two packs that say the same have the same hash, however their files are laid out.
 */
import { createHash } from 'node:crypto';
import type { PackSource } from '../rules/source.ts';

export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((v) => canonicalJson(v ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`).join(',')}}`;
}

/** 64 hexadecimal digits. */
export function packHash(pack: PackSource): string {
  return createHash('sha256').update(canonicalJson(pack)).digest('hex');
}
