/** Documents must be true: paths, links and commands they name exist. */
import { posix } from 'node:path';
import { lineOf, type TextFile } from './files.ts';

export interface Known {
  /** Every path of the project; folders are implied. */
  readonly paths: readonly string[];
  readonly scripts: readonly string[];
  readonly benchmarks: readonly string[];
}

const TOP = /^(?:engine|api|dashboards|benchmarks|tests|rules|bin|deploy|docs|\.ci)\//;
const FILE_NAME = /^[\w-]+(?:\.[\w-]+)*\.(?:ts|tsx|mjs|json|md|sql)$/;
const PLACEHOLDER = /[A-Z]{2,}|[<>…]|\.\.\./;

/** `a/{b,c}.ts` → both; `*` matches within a segment. */
function expand(token: string): string[] {
  const match = /^(.*)\{([^{}]*)\}(.*)$/.exec(token);
  if (match === null) return [token];
  const [, before, choices, after] = match as unknown as [string, string, string, string];
  return choices.split(',').flatMap((choice) => expand(`${before}${choice}${after}`));
}

function exists(token: string, known: Known): boolean {
  const path = token.replace(/\/$/, '').replace(/:\d+$/, '');
  const pattern = path
    .split('*')
    .map((part) => part.replaceAll(/[.+?^$()|[\]\\]/g, '\\$&'))
    .join('[^/]*');
  const at = new RegExp(`^${pattern}(?:/|$)`);
  return known.paths.some((candidate) => at.test(candidate));
}

function missingPaths(file: TextFile, known: Known): string[] {
  const found: string[] = [];
  for (const match of file.text.matchAll(/`([^`\n]+)`/g)) {
    const token = (match[1] as string).trim();
    if (/\s/.test(token) || PLACEHOLDER.test(token.replace(/README|SPEC|CONTRIBUTING/, '')))
      continue;
    const where = `${file.path}:${lineOf(file.text, match.index)}`;
    const beside = posix.join(posix.dirname(file.path), token);
    if (TOP.test(token)) {
      for (const path of expand(token)) {
        if (!exists(path, known)) found.push(`${where} names ${path}, which does not exist`);
      }
    } else if (FILE_NAME.test(token) && !exists(beside, known)) {
      const somewhere = known.paths.some((path) => posix.basename(path) === token);
      if (!somewhere) found.push(`${where} names ${token}, which does not exist`);
    }
  }
  return found;
}

function brokenLinks(file: TextFile, known: Known): string[] {
  const found: string[] = [];
  for (const match of file.text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)) {
    const target = match[1] as string;
    if (/^[a-z]+:/.test(target)) continue;
    const path = posix.normalize(posix.join(posix.dirname(file.path), target));
    if (exists(path, known)) continue;
    found.push(
      `${file.path}:${lineOf(file.text, match.index)} links to ${path}, which is not there`,
    );
  }
  return found;
}

function unknownCommands(file: TextFile, known: Known): string[] {
  const found: string[] = [];
  const command = /npm (run (?:-s )?([\w-]+)|start|test)\b(?: -- ([\w|-]+))?/g;
  for (const match of file.text.matchAll(command)) {
    const script = match[2] ?? (match[1] as string);
    const where = `${file.path}:${lineOf(file.text, match.index)}`;
    if (!known.scripts.includes(script)) found.push(`${where} runs "${script}": no such script`);
    if (script !== 'bench' || match[3] === undefined) continue;
    for (const name of match[3].split('|')) {
      const isName = /^[a-z]/.test(name) && name !== 'all';
      if (isName && !known.benchmarks.includes(name)) {
        found.push(`${where} runs benchmark "${name}": no such benchmark`);
      }
    }
  }
  return found;
}

export function untruths(file: TextFile, known: Known): string[] {
  return [
    ...missingPaths(file, known),
    ...brokenLinks(file, known),
    ...unknownCommands(file, known),
  ];
}

const NOT_YET = /not yet|尚未|未落实/i;

/** Rows of the catalogue of laws that name neither an existing test nor admit that there is none. */
export function unguardedLaws(spec: TextFile, paths: readonly string[]): string[] {
  const found: string[] = [];
  const lines = spec.text.split('\n');
  for (const [index, line] of lines.entries()) {
    const law = /^\|\s*\**([A-Z]{1,4}\d+(?:\.\d+)?)\**\s*\|/.exec(line)?.[1];
    if (law === undefined || NOT_YET.test(line)) continue;
    const tests = [...line.matchAll(/tests\/[\w./-]+/g)].map((match) => match[0]);
    const where = `${spec.path}:${index + 1} ${law}`;
    if (tests.length === 0) found.push(`${where} names no test`);
    for (const test of tests) {
      if (!paths.some((path) => path === test || path.startsWith(`${test.replace(/\/$/, '')}/`))) {
        found.push(`${where} names ${test}, which does not exist`);
      }
    }
  }
  return found;
}
