/** What kernel folders must not touch, and what nobody may. */
import { isTypeScript, lineOf, type TextFile } from './files.ts';
import { importsOf, isReference, nameOf, nodes, parse, type Visited } from './syntax.ts';

/** Forbidden name in the kernel → what to use instead. */
const KERNEL_NAMES: Readonly<Record<string, string>> = {
  Promise: 'the kernel is synchronous; waiting belongs to the shell',
  Date: 'instants are numbers; calendars/ has days and limits',
  Intl: 'zones are compiled into the calendar by the shell',
  setTimeout: 'arm a clock in timers/; the shell carries time in ticks',
  setInterval: 'arm a clock in timers/; the shell carries time in ticks',
  setImmediate: 'the kernel is synchronous',
  queueMicrotask: 'the kernel is synchronous',
  process: 'settings arrive as arguments',
  console: 'return a change or throw; the shell logs',
  performance: 'the only time is the stamp of the record',
  crypto: 'hash with base/hash.ts or cards/card-id.ts',
  globalThis: 'there is no ambient state',
  fetch: 'input arrives in batches',
  require: 'import the file itself',
};

export function impurities(file: TextFile): string[] {
  const found: string[] = [];
  const add = (offset: number, what: string, instead: string) => {
    found.push(`${file.path}:${lineOf(file.text, offset)} ${what}: ${instead}`);
  };
  for (const { specifier, offset } of importsOf(file)) {
    if (!specifier.startsWith('.')) {
      add(offset, `imports ${specifier}`, 'kernel folders import no module and no package');
    }
  }
  for (const visited of nodes(parse(file))) {
    const { node, parent } = visited;
    const name = node.type === 'Identifier' ? nameOf(node) : '';
    const instead = Object.hasOwn(KERNEL_NAMES, name) ? KERNEL_NAMES[name] : undefined;
    if (instead !== undefined && isReference(visited)) add(node.start, `uses ${name}`, instead);
    if (node.async === true) add(node.start, 'is async', 'the kernel is synchronous');
    if (node.type === 'AwaitExpression') add(node.start, 'awaits', 'the kernel is synchronous');
    if (isMathRandom(visited)) add(node.start, 'uses Math.random', 'randomness arrives as data');
    const mutable = node.type === 'VariableDeclaration' && node.kind !== 'const';
    const atTop = parent?.type === 'Program' || parent?.type === 'ExportNamedDeclaration';
    if (mutable && atTop) {
      add(node.start, 'has a module-level variable', 'keep state in fields, cursors in locals');
    }
  }
  return found;
}

function isMathRandom({ node }: Visited): boolean {
  return (
    node.type === 'MemberExpression' &&
    nameOf(node.object) === 'Math' &&
    nameOf(node.property) === 'random'
  );
}

/** Code made from text, unchecked types, and tests that were switched off. */
export function bannedSyntax(file: TextFile): string[] {
  const found: string[] = [];
  const add = (offset: number, what: string) => {
    found.push(`${file.path}:${lineOf(file.text, offset)} ${what}`);
  };
  for (const visited of nodes(parse(file))) {
    const { node } = visited;
    if (node.type === 'TSAnyKeyword') add(node.start, 'any: name the type, or use unknown');
    const callee = nameOf(node.callee);
    if (node.type === 'CallExpression' && callee === 'eval') {
      add(node.start, 'eval: compile to closures instead');
    }
    const calls = node.type === 'CallExpression' || node.type === 'NewExpression';
    if (calls && callee === 'Function') {
      add(node.start, 'new Function: compile to closures instead');
    }
    const runner = /^(test|it|describe|suite|bench)$/.test(nameOf(node.object));
    const switchedOff = /^(only|skip|todo|fails)$/.test(nameOf(node.property));
    if (node.type === 'MemberExpression' && runner && switchedOff) {
      add(node.start, `.${nameOf(node.property)}: mend the test or remove it`);
    }
  }
  return found;
}

const NOTES = new RegExp(['TO', 'DO|FIX', 'ME|XX', 'X'].join(''));
const NOTE_WORD = new RegExp(`\\b(${NOTES.source})\\b`, 'g');
const MACHINE_PATH = new RegExp(
  ['(?<![\\w.])/(wo', 'rk|ho', 'me|ro', 'ot|Us', 'ers)/\\w'].join(''),
  'g',
);
const REGISTRY_HOSTS = [
  ['npm', 'js'],
  ['npm', 'mirror'],
  ['yarn', 'pkg'],
  ['repo1', '.maven'],
  ['repo', '.maven.apache'],
  ['proxy', '.golang'],
  ['py', 'pi'],
];
const REGISTRY_HOST = new RegExp(
  `(?:${REGISTRY_HOSTS.map((parts) => parts.join('').replaceAll('.', '\\.')).join('|')})\\.(?:org|com|cn)`,
  'gi',
);

/** Notes to self, one machine's folders, and hosts that a mirror replaces. */
export function bannedText({ path, text }: TextFile): string[] {
  const found: string[] = [];
  const look = (pattern: RegExp, what: string) => {
    for (const match of text.matchAll(pattern)) {
      found.push(`${path}:${lineOf(text, match.index)} ${match[0]}: ${what}`);
    }
  };
  if (isTypeScript(path) || /\.(mjs|js|sql|css)$/.test(path)) {
    look(NOTE_WORD, 'do it, or write down in a document what is not done');
  }
  look(MACHINE_PATH, 'a path of one machine; use a path relative to the root or an option');
  look(REGISTRY_HOST, 'a registry host; people behind a mirror configure their own');
  return found;
}
