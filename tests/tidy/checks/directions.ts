/**
 * Import directions: which folder may import which. What is not listed is forbidden, and type-only
 * imports obey the same arrows: they are the shape of the design, not of the running program.
 */
import { posix } from 'node:path';
import type { TextFile } from './files.ts';
import { lineOf } from './files.ts';
import { importsOf } from './syntax.ts';

export const KERNEL_FOLDERS = [
  'engine/events',
  'engine/state',
  'engine/calendars',
  'engine/timers',
  'engine/rules',
  'engine/cards',
  'engine/kernel',
] as const;

/** All limits stand in one file (law L4), so every folder may read it. */
const LIMITS = 'engine/config/limits.ts';
const KERNEL_BELOW = KERNEL_FOLDERS.filter((folder) => folder !== 'engine/kernel');
const PORTS = ['engine/log/log.ts', 'engine/sinks/sink.ts'] as const;
const SHELL_BASE = ['engine/base', 'engine/config', 'engine/observe'] as const;

/** Folder → what its files may import beside their own folder. Most specific entry wins. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  'engine/base': [],
  'engine/config': ['engine/base'],
  'engine/events': ['engine/base', LIMITS],
  'engine/state': ['engine/base', LIMITS, 'engine/events', 'engine/cards'],
  'engine/calendars': ['engine/base', LIMITS, 'engine/rules/source.ts'],
  'engine/timers': ['engine/base', 'engine/config'],
  'engine/rules': [
    ...['engine/base', LIMITS],
    ...['engine/events', 'engine/state', 'engine/calendars', 'engine/cards'],
  ],
  'engine/cards': ['engine/base', LIMITS, 'engine/events'],
  'engine/kernel': ['engine/base', 'engine/config', ...KERNEL_BELOW],
  'engine/observe': ['engine/base', 'engine/config'],
  // Reads what the runtime reports of itself; only engine.ts imports it.
  'engine/observe/metrics.ts': ['engine/facade.ts', 'engine/kernel', 'engine/runtime/messages.ts'],
  'engine/log': [...SHELL_BASE, 'engine/events'],
  'engine/sinks': [...SHELL_BASE, 'engine/events', 'engine/cards'],
  'engine/evidence': [...SHELL_BASE, 'engine/events', 'engine/cards', 'engine/log/log.ts'],
  'engine/intake': [
    ...[...SHELL_BASE, 'engine/events', 'engine/rules', 'engine/calendars', ...PORTS],
    'engine/facade.ts',
  ],
  // The demonstration feeds and answers like people at the doors, but in the same process.
  'engine/demo/demo-target.ts': ['engine'],
  // Judges what is stored by the checker's arithmetic, and by nothing of the kernel.
  'engine/audit': [
    ...SHELL_BASE,
    ...['engine/rules/source.ts', 'engine/sinks/query.ts', 'checker'],
  ],
  // A worker thread opens the log of its own partitions, so the embedded driver is named here; of the
  // sinks only what is plain text (rows, queries): which database answers is engine.ts's choice.
  'engine/runtime': [
    ...[...SHELL_BASE, ...KERNEL_FOLDERS, 'engine/facade.ts', 'engine/log', ...PORTS],
    ...['engine/sinks/rows.ts', 'engine/sinks/query.ts', 'engine/sinks/reader.ts'],
    ...['engine/sinks/case-reader.ts', 'engine/audit'],
  ],
  'engine/demo': [
    ...[...SHELL_BASE, 'engine/events', 'engine/rules', 'engine/calendars', 'engine/cards'],
    'engine/facade.ts',
  ],
  // Writes the file that the checker reads: its shape is the checker's.
  'engine/cli': ['engine', 'checker/dossier.ts'],
  'engine/facade.ts': ['engine/cards', 'engine/rules/source.ts', 'engine/sinks/query.ts'],
  engine: ['engine'],
  'api/shapes.ts': [],
  'api/contract-changes.ts': ['api/shapes.ts', 'api/contract-lists.ts'],
  'api/contract.ts': ['api/shapes.ts', 'api/contract-changes.ts', 'api/contract-lists.ts'],
  'api/contract-lists.ts': [],
  // The program: it parses, loads the pack and starts the two libraries.
  'api/main.ts': ['engine', 'api'],
  api: [
    ...['engine/facade.ts', 'engine/engine.ts', 'engine/base', 'engine/config', 'engine/observe'],
    ...['engine/events', 'engine/cards/card.ts', 'engine/rules/source.ts', 'engine/demo'],
  ],
  dashboards: ['api/contract.ts'],
  // Shares no code with what it checks; the shapes of a pack are no code.
  checker: ['engine/rules/source.ts', 'engine/events/event.ts'],
  benchmarks: [''],
  tests: [''],
  bin: [],
};

function covers(prefix: string, path: string): boolean {
  return prefix === '' || path === prefix || path.startsWith(`${prefix}/`);
}

function rowOf(path: string): string | undefined {
  const rows = Object.keys(ARROWS).filter((row) => covers(row, path));
  return rows.sort((a, b) => b.length - a.length)[0];
}

export function forbiddenImports(file: TextFile): string[] {
  const row = rowOf(file.path);
  if (row === undefined) return [];
  const allowed = [...(ARROWS[row] as readonly string[])];
  if (!row.endsWith('.ts')) allowed.push(row === 'engine' ? file.path : row);
  const found: string[] = [];
  for (const { specifier, offset } of importsOf(file)) {
    if (!specifier.startsWith('.')) continue;
    const target = posix.normalize(posix.join(posix.dirname(file.path), specifier));
    if (allowed.some((prefix) => covers(prefix, target))) continue;
    const where = `${file.path}:${lineOf(file.text, offset)}`;
    found.push(`${where} imports ${target}; ${row} may import: ${allowed.join(', ') || 'nothing'}`);
  }
  return found;
}
