/**
 * Documents and catalogues are held to the tree: what they name exists, what exists is covered.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { benchmarkFiles } from '../../benchmarks/registry.ts';
import { unguardedLaws, untruths } from './checks/documents.ts';
import { expectTidy, projectPaths, ROOT, textFiles } from './checks/files.ts';

const paths = projectPaths();
const files = textFiles(paths);

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface LockEntry {
  readonly version: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(join(ROOT, name), 'utf8')) as T;
}

const manifest = readJson<Manifest>('package.json');
const lock = readJson<{ packages: Record<string, LockEntry> }>('package-lock.json');

test('paths, links and commands that documents name exist', () => {
  const known = {
    paths,
    scripts: Object.keys(manifest.scripts),
    benchmarks: [...benchmarkFiles().keys()],
  };
  const documents = files.filter(({ path }) => path.endsWith('.md'));
  expect(documents.length).toBeGreaterThan(0);
  expectTidy(
    documents.flatMap((file) => untruths(file, known)),
    'A document that names what is not there misleads. Change it in the commit that moves the thing.',
  );
});

test('every law of the specification names the test that enforces it, or admits that none does', () => {
  const spec = files.find(({ path }) => path === 'engine/SPEC.md');
  if (spec === undefined) throw new Error('engine/SPEC.md is missing: the laws live there');
  expectTidy(
    unguardedLaws(spec, paths),
    'A law without a test is a wish. Name the test file in its row, or write 尚未 (not yet).',
  );
});

test('every rule has its cases beside it', () => {
  const rules = paths.filter(
    (path) => /^rules\/(clocks|checks|sequences)\/.*\.json$/.test(path) && !/\.cases\./.test(path),
  );
  const lonely = rules.filter((path) => !paths.includes(path.replace(/\.json$/, '.cases.json')));
  expectTidy(
    lonely,
    'A rule travels with its cases, also those where nothing may fire. Write NAME.cases.json for:',
  );
});

test('the lock file installs on other platforms and names no host', () => {
  const problems: string[] = [];
  const names = new Set(Object.keys(lock.packages).map((p) => p.replace(/^.*node_modules\//, '')));
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (entry.resolved !== undefined) problems.push(`${path} names the host it came from`);
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      if (!names.has(name)) problems.push(`${path} wants ${name}, which has no entry`);
    }
  }
  expectTidy(
    problems,
    'npm ci refuses a lock file without the optional packages of other platforms, and a recorded ' +
      'host breaks mirrors (.npmrc says omit-lockfile-registry-resolved). Mend package-lock.json:',
  );
});

test('every install script that has to run is allowed by name', () => {
  const wanted = Object.entries(lock.packages)
    .filter(([, entry]) => entry.hasInstallScript === true && entry.optional !== true)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
  const missing = wanted.filter((name) => manifest.allowScripts[name] !== true);
  expectTidy(
    missing,
    'Newer npm runs only scripts listed in package.json `allowScripts`. Not there:',
  );
});
