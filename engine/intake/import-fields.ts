/** Attributes of XES elements and cells of CSV rows, seen through the one interface of mapping.ts. */
import { RowProblem } from './import-error.ts';
import type { Fields } from './mapping.ts';
import type { FieldPath } from './profile.ts';
import type { XesAttribute } from './xes.ts';

export class XesFields implements Fields {
  readonly #attributes: readonly XesAttribute[];

  constructor(attributes: readonly XesAttribute[]) {
    this.#attributes = attributes;
  }

  get(path: FieldPath): string | undefined {
    if (typeof path === 'string') return attributeOf(this.#attributes, path)?.value;
    let level = this.#attributes;
    let found: XesAttribute | undefined;
    for (const key of path) {
      found = attributeOf(level, key);
      if (found === undefined) return undefined;
      level = found.children;
    }
    return found?.value;
  }
}

function attributeOf(attributes: readonly XesAttribute[], key: string): XesAttribute | undefined {
  let found: XesAttribute | undefined;
  for (const attribute of attributes) {
    if (attribute.key !== key) continue;
    if (found !== undefined && found.value !== attribute.value) {
      throw new RowProblem('XES_DUPLICATE_KEY', { field: key });
    }
    found = attribute;
  }
  return found;
}

/** One object for all rows of a file: set `cells`, then read. */
export class CsvFields implements Fields {
  readonly #columns: ReadonlyMap<string, number>;
  cells: readonly string[] = [];

  constructor(columns: ReadonlyMap<string, number>) {
    this.#columns = columns;
  }

  get(path: FieldPath): string | undefined {
    const index = this.#columns.get(path as string); // nested paths are refused for CSV profiles
    return index === undefined ? undefined : this.cells[index];
  }
}
