/**
 * The files of the project as the tidy checks see them: everything under the root but what a build,
 * an installation or a run left there. No git needed: a downloaded archive is checked the same way.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../..');

const SKIPPED_NAMES = new Set(['node_modules', 'dist', '.git', 'coverage', '.mingcha-installing']);
const SKIPPED_AT_ROOT = new Set(['data', 'tmp']);
const TEXT_EXTENSIONS = new Set([
  ...['.ts', '.tsx', '.mjs', '.js', '.json', '.md', '.css', '.html', '.sql', '.yaml', '.yml'],
  ...['.sh', '.csv', '.txt', '.svg', ''],
]);

export interface TextFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

function* walk(folder: string, prefix: string): Generator<string> {
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (SKIPPED_NAMES.has(entry.name)) continue;
    if (prefix === '' && SKIPPED_AT_ROOT.has(entry.name)) continue;
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory()) yield* walk(join(folder, entry.name), `${path}/`);
    else if (entry.isFile()) yield path;
  }
}

/** Every path of the project, sorted. */
export function projectPaths(): string[] {
  return [...walk(ROOT, '')];
}

export function textFiles(paths: readonly string[] = projectPaths()): TextFile[] {
  return paths
    .filter((path) => TEXT_EXTENSIONS.has(extname(path)))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

export function isTypeScript(path: string): boolean {
  return path.endsWith('.ts') || path.endsWith('.tsx');
}

/** Line number (from 1) of a character offset. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i !== -1 && i < offset; i = text.indexOf('\n', i + 1)) line++;
  return line;
}

/**
 * Fails with what is wrong, why the rule exists and what to do instead. A tidy check that only says
 * "no" is skipped by the next person in a hurry.
 */
export function expectTidy(violations: readonly string[], advice: string): void {
  if (violations.length === 0) return;
  throw new Error(`${advice}\n${violations.map((v) => `  - ${v}`).join('\n')}`);
}
