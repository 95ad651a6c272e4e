/**
 * Syntax trees for the tidy checks. TypeScript 7 is a native program without a stable JavaScript API,
 * so the parser is the bundler's (ESTree with TypeScript nodes), which is installed anyway.
 */
import { parseAst } from 'vite';
import type { TextFile } from './files.ts';

export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export interface Visited {
  readonly node: Node;
  readonly parent: Node | null;
  /** Name of the parent's field this node is in. */
  readonly field: string;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

const parsed = new Map<string, Node>();

export function parse(file: TextFile): Node {
  const known = parsed.get(file.text);
  if (known !== undefined) return known;
  const lang = file.path.endsWith('x') ? 'tsx' : 'ts';
  const root = parseAst(file.text, { lang }, file.path) as unknown as Node;
  parsed.set(file.text, root);
  return root;
}

/** All nodes, parents first, without recursion (deep trees come from real code). */
export function* nodes(root: Node): Generator<Visited> {
  const stack: Visited[] = [{ node: root, parent: null, field: '' }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    yield top;
    for (const [field, value] of Object.entries(top.node)) {
      if (isNode(value)) stack.push({ node: value, parent: top.node, field });
      else if (Array.isArray(value)) {
        for (const item of value) {
          if (isNode(item)) stack.push({ node: item, parent: top.node, field });
        }
      }
    }
  }
}

export function isFunction(node: Node): boolean {
  return (
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression'
  );
}

export function nameOf(node: unknown): string {
  return isNode(node) && typeof node.name === 'string' ? node.name : '';
}

/** True when an identifier is a use of that name, not a property or a key that happens to share it. */
export function isReference({ node, parent, field }: Visited): boolean {
  if (node.type !== 'Identifier' || parent === null) return false;
  if (parent.computed === true) return true;
  if (parent.type === 'MemberExpression' && field === 'property') return false;
  if (parent.type === 'TSQualifiedName' && field === 'right') return false;
  return field !== 'key' && field !== 'label';
}

export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly offset: number;
}

/** Static and dynamic imports and re-exports. A dynamic import of an expression has no specifier. */
export function importsOf(file: TextFile): Import[] {
  const found: Import[] = [];
  for (const { node } of nodes(parse(file))) {
    const source = node.source;
    const isImport = /^(Import(Declaration|Expression)|Export(All|Named)Declaration)$/;
    if (!isImport.test(node.type) || !isNode(source)) continue;
    const specifier = source.value;
    if (typeof specifier !== 'string') continue;
    const typeOnly = node.importKind === 'type' || node.exportKind === 'type';
    found.push({ specifier, typeOnly, offset: node.start });
  }
  return found;
}
