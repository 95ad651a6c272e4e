/** Lengths: a function fits a screen, a file fits a head. */
import { basename } from 'node:path';
import { isTypeScript, lineOf, type TextFile } from './files.ts';
import { isFunction, type Node, nameOf, nodes, parse } from './syntax.ts';

export const FUNCTION_LINES_MAX = 70;
export const FILE_LINES_ASK = 500;
export const FILE_LINES_MAX = 800;

export function longFunctions(file: TextFile): string[] {
  const found: string[] = [];
  for (const { node, parent } of nodes(parse(file))) {
    if (!isFunction(node)) continue;
    if (file.path.startsWith('tests/') && isChapter(node)) continue;
    const first = lineOf(file.text, node.start);
    const lines = lineOf(file.text, node.end) - first + 1;
    if (lines <= FUNCTION_LINES_MAX) continue;
    const name = nameOf(node.id) || nameOf(parent?.key) || nameOf(parent?.id);
    found.push(`${file.path}:${first} ${name || '(anonymous)'} has ${lines} lines`);
  }
  return found;
}

/**
 * What holds tests is a table of contents, not a function: one of its own statements is a call with a
 * title and a function, such as `test('…', () => …)`, by whatever name.
 */
function isChapter(node: Node): boolean {
  const statements = (node.body as Node | undefined)?.body;
  if (!Array.isArray(statements)) return false;
  return statements.some((statement: Node) => {
    const call = statement.expression as Node | undefined;
    if (call?.type !== 'CallExpression') return false;
    const [title, ...rest] = call.arguments as readonly Node[];
    const titled = title?.type === 'Literal' || title?.type === 'TemplateLiteral';
    return titled && rest.some(isFunction);
  });
}

/** Files longer than `limit`. Data, lock and styles have no budget. */
export function longFiles(files: readonly TextFile[], limit: number): string[] {
  const found: string[] = [];
  for (const { path, text } of files) {
    if (!isTypeScript(path) && !path.endsWith('.mjs')) continue;
    const lines = text.split('\n').length - 1;
    if (lines > limit) found.push(`${path} has ${lines} lines`);
  }
  return found;
}

const KEBAB = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const CUSTOMARY = new Set(['README.md', 'SPEC.md', 'CONTRIBUTING.md', 'LICENSE', 'NOTICE']);

export function oddNames(paths: readonly string[]): string[] {
  return paths.filter((path) => {
    const name = basename(path);
    return !CUSTOMARY.has(name) && !KEBAB.test(name);
  });
}
