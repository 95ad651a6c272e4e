/**
 * Reads a pack file and every file it names, each thing remembered with the place it was written.
 *
 * Owns: paths, folders, JSON syntax, schema validation of each file.
 * Does not own: relations between the parts (rule-checks.ts), the calendar (calendar-loader.ts).
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type {
  CardClockSource,
  CheckSource,
  ClockSource,
  DayMode,
  ItemSource,
  Label,
  LagSource,
  LevelSource,
  OrganSource,
  PackSource,
  SequenceSource,
  TerritorySource,
} from '../rules/source.ts';
import { type RuleProblem, show } from './rule-problem.ts';
import { type RuleSchemaName, schemaProblems } from './rule-schema.ts';

/** A thing and where its author wrote it. */
export interface Located<T> {
  readonly value: T;
  readonly file: string;
  readonly pointer: string;
}

export interface PackHead {
  readonly id: string;
  readonly version: number;
  readonly name: Label;
  readonly demo?: boolean;
  readonly place: string;
  readonly terminal: PackSource['terminal'];
  readonly retired?: NonNullable<PackSource['retired']>;
  readonly replyDays?: number;
  /** Mode of the clocks that name none. */
  readonly dayMode?: DayMode;
  readonly sources?: readonly LagSource[];
}

export interface PackParts {
  readonly levels: readonly Located<LevelSource>[];
  readonly territories: readonly Located<TerritorySource>[];
  readonly organs: readonly Located<OrganSource>[];
  readonly items: readonly Located<ItemSource>[];
  readonly clocks: readonly Located<ClockSource>[];
  readonly checks: readonly Located<CheckSource>[];
  readonly sequences: readonly Located<SequenceSource>[];
  /** Absent when the pack says nothing of clocks on cards. */
  readonly cardClocks?: readonly Located<CardClockSource>[];
  readonly sources: readonly Located<LagSource>[];
}

interface PackFile extends PackHead {
  readonly levels: string | readonly LevelSource[];
  readonly catalogue: string | readonly string[];
  readonly clocks: readonly string[];
  readonly checks: readonly string[];
  readonly sequences: readonly string[];
  readonly cardClocks?: readonly string[];
}

interface CatalogueFile {
  readonly territories?: readonly TerritorySource[];
  readonly organs?: readonly OrganSource[];
  readonly items?: readonly ItemSource[];
}

export class RuleFiles {
  readonly problems: RuleProblem[] = [];
  readonly #root: string;

  /** `packPath`: the pack file; every path inside it is relative to its folder. */
  constructor(packPath: string) {
    this.#root = resolve(packPath);
  }

  /** Null when the pack file itself cannot be read or is not one. */
  read(): { head: PackHead; parts: PackParts } | null {
    const pack = this.#readJson<PackFile>(this.#root, 'pack');
    if (pack === null) return null;
    const catalogue = typeof pack.catalogue === 'string' ? [pack.catalogue] : pack.catalogue;
    const files = this.#expand(catalogue, '/catalogue').map((file) => ({
      file,
      value: this.#readJson<CatalogueFile>(file, 'catalogue'),
    }));
    const collect = <T>(key: keyof CatalogueFile): Located<T>[] =>
      files.flatMap(({ file, value }) =>
        located((value?.[key] ?? []) as readonly T[], shown(file), `/${key}`),
      );
    const parts: PackParts = {
      levels: this.#readLevels(pack.levels),
      territories: collect<TerritorySource>('territories'),
      organs: collect<OrganSource>('organs'),
      items: collect<ItemSource>('items'),
      clocks: this.#readRules<ClockSource>(pack.clocks, 'clocks', 'clock').map((clock) => ({
        ...clock,
        value: withMode(clock.value, pack.dayMode),
      })),
      checks: this.#readRules<CheckSource>(pack.checks, 'checks', 'check'),
      sequences: this.#readRules<SequenceSource>(pack.sequences, 'sequences', 'sequence'),
      ...(pack.cardClocks === undefined
        ? {}
        : {
            cardClocks: this.#readRules<CardClockSource>(
              pack.cardClocks,
              'cardClocks',
              'card-clock',
            ),
          }),
      sources: located(pack.sources ?? [], shown(this.#root), '/sources'),
    };
    return { head: pack, parts };
  }

  #readLevels(levels: PackFile['levels']): Located<LevelSource>[] {
    if (typeof levels !== 'string') return located(levels, shown(this.#root), '/levels');
    const file = join(dirname(this.#root), levels);
    const ladder = this.#readJson<{ levels: readonly LevelSource[] }>(file, 'levels');
    return located(ladder?.levels ?? [], shown(file), '/levels');
  }

  #readRules<T>(paths: readonly string[], key: string, schema: RuleSchemaName): Located<T>[] {
    return this.#expand(paths, `/${key}`).flatMap((file) => {
      const value = this.#readJson<T>(file, schema);
      return value === null ? [] : [{ value, file: shown(file), pointer: '' }];
    });
  }

  /** Files stand for themselves, folders for the rule files in them, in the order of their names. */
  #expand(paths: readonly string[], pointer: string): string[] {
    const files: string[] = [];
    for (const [i, path] of paths.entries()) {
      const full = join(dirname(this.#root), path);
      const stat = statSync(full, { throwIfNoEntry: false });
      if (stat === undefined) {
        this.#fail(
          this.#root,
          `${pointer}/${i}`,
          '没有这个文件或文件夹',
          'no such file or folder',
          path,
        );
      } else if (stat.isDirectory()) {
        const names = readdirSync(full).filter(isRuleFile).sort();
        files.push(...names.map((name) => join(full, name)));
      } else {
        files.push(full);
      }
    }
    return files;
  }

  /** Null, with the problems noted, when the file cannot be read, parsed or does not fit. */
  #readJson<T>(file: string, schema: RuleSchemaName): T | null {
    let value: unknown;
    try {
      value = JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#fail(file, '', '读不出 JSON', 'cannot be read as JSON', why);
      return null;
    }
    const problems = schemaProblems(schema, value, shown(file));
    this.problems.push(...problems);
    return problems.length > 0 ? null : withoutSchemaKey<T>(value);
  }

  #fail(file: string, pointer: string, zh: string, en: string, found: string): void {
    const rest = { allowed: '', nearest: '', found: show(found) };
    this.problems.push({ severity: 'error', file: shown(file), pointer, zh, en, ...rest });
  }
}

/** `NAME.cases.json` beside a rule holds its cases and is no rule. */
function isRuleFile(name: string): boolean {
  return name.endsWith('.json') && !name.endsWith('.cases.json');
}

/** A clock that names no day mode has the pack's: a deployment chooses A, B or C in one place. */
export function withMode(clock: ClockSource, dayMode: DayMode = 'legal'): ClockSource {
  return { ...clock, mode: (clock as { mode?: DayMode }).mode ?? dayMode };
}

/** `$schema` helps the author's editor; it is not part of what the pack says. */
function withoutSchemaKey<T>(value: unknown): T {
  const { $schema: _, ...rest } = value as Record<string, unknown>;
  return rest as T;
}

export function located<T>(values: readonly T[], file: string, base: string): Located<T>[] {
  return values.map((value, i) => ({ value, file, pointer: `${base}/${i}` }));
}

function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path;
}
