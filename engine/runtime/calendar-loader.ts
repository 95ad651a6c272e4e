/**
 * Reads the calendar of a place from `rules/calendars/PLACE`: `place.json` (zone, week, office hours,
 * version), one file for each year that a notice was published for, and in `layers` one file for each
 * territory that has days of its own.
 *
 * Owns: files, JSON syntax, schema, and telling the author in which file and where a problem lies.
 * Does not own: what makes a calendar whole (calendars/compile.ts).
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { calendarProblems } from '../calendars/compile.ts';
import type { CalendarLayerSource, CalendarSource, CalendarYearSource } from '../rules/source.ts';
import { PackError, pointerTo, type RuleProblem, show } from './rule-problem.ts';

export const CALENDARS_DIR = join(import.meta.dirname, '..', '..', 'rules', 'calendars');
const SCHEMA = join(CALENDARS_DIR, '..', 'schema', 'calendar.schema.json');
const FILE_BYTES_MAX = 256 * 1024;
const PLACE_FILE = 'place.json';
const YEAR_FILE = /^[0-9]{4}\.json$/;
const LAYERS_FOLDER = 'layers';

type PlaceFile = Omit<CalendarSource, 'years' | 'layers'>;
type Definition = 'place' | 'year' | 'layer';

/** Places that have a calendar. */
export function calendarPlaces(root = CALENDARS_DIR): string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Throws PackError with every problem at once. */
export function loadCalendar(place: string, root = CALENDARS_DIR): CalendarSource {
  return new CalendarFiles(place, root).load();
}

class CalendarFiles {
  readonly #problems: RuleProblem[] = [];
  readonly #place: string;
  readonly #root: string;
  readonly #validators = compileSchema();

  constructor(place: string, root: string) {
    this.#place = place;
    this.#root = root;
  }

  load(): CalendarSource {
    const folder = this.#folder();
    const head = this.#read<PlaceFile>(join(folder, PLACE_FILE), 'place');
    const files = this.#yearFiles(folder);
    const years = files.map((file) => this.#read<CalendarYearSource>(file, 'year'));
    const layerFiles = this.#layerFiles(folder);
    const layers = layerFiles.map((file) => this.#read<CalendarLayerSource>(file, 'layer'));
    if (head === null || this.#problems.length > 0) throw new PackError(this.#problems);
    const source: CalendarSource = {
      ...head,
      years: years as CalendarYearSource[],
      ...(layers.length === 0 ? {} : { layers: layers as CalendarLayerSource[] }),
    };
    this.#checkNames(source, files, layerFiles, join(folder, PLACE_FILE));
    const lists = { years: files, layers: layerFiles };
    for (const { pointer, ...problem } of calendarProblems(source)) {
      const [, list = '', index = '', rest = ''] =
        /^\/(years|layers)\/([0-9]+)(.*)$/.exec(pointer) ?? [];
      const file = lists[list as 'years' | 'layers']?.[Number(index)];
      if (file === undefined) {
        this.#fail(join(folder, PLACE_FILE), pointer, problem.zh, problem.en, problem.found);
      } else this.#fail(file, rest, problem.zh, problem.en, problem.found);
    }
    if (this.#problems.length > 0) throw new PackError(this.#problems);
    return source;
  }

  #folder(): string {
    const known = calendarPlaces(this.#root);
    if (known.includes(this.#place)) return join(this.#root, this.#place);
    const zh = `没有这个地方的日历；现有 ${known.join('、')}`;
    const en = `there is no calendar of this place; there are ${known.join(', ')}`;
    this.#fail(this.#root, '', zh, en, this.#place);
    throw new PackError(this.#problems);
  }

  #yearFiles(folder: string): string[] {
    const files: string[] = [];
    for (const name of readdirSync(folder).sort()) {
      if (name === PLACE_FILE || name === LAYERS_FOLDER) continue;
      if (YEAR_FILE.test(name)) files.push(join(folder, name));
      else {
        const zh = '文件名应为年份，如 2027.json';
        this.#fail(join(folder, name), '', zh, 'name the file after its year: 2027.json', name);
      }
    }
    return files;
  }

  #layerFiles(folder: string): string[] {
    const layers = join(folder, LAYERS_FOLDER);
    if (!existsSync(layers)) return [];
    return readdirSync(layers)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => join(layers, name));
  }

  #checkNames(
    source: CalendarSource,
    files: readonly string[],
    layerFiles: readonly string[],
    placeFile: string,
  ): void {
    if (source.place !== this.#place) {
      const zh = '地方代码与文件夹名不同';
      const en = 'the place differs from the name of its folder';
      this.#fail(placeFile, '/place', zh, en, source.place);
    }
    for (const [i, { year }] of source.years.entries()) {
      const file = files[i] as string;
      if (file.endsWith(`${year}.json`)) continue;
      const zh = '年份与文件名不同';
      this.#fail(file, '/year', zh, 'the year differs from the name of the file', year);
    }
    for (const [i, { territory }] of (source.layers ?? []).entries()) {
      const file = layerFiles[i] as string;
      if (file.endsWith(`${sep}${territory}.json`)) continue;
      const zh = '区划与文件名不同';
      this.#fail(file, '/territory', zh, 'the territory differs from the file name', territory);
    }
  }

  /** Null, with the problems noted, when the file cannot be read, parsed or does not fit. */
  #read<T>(file: string, definition: Definition): T | null {
    let value: unknown;
    try {
      const { size } = statSync(file);
      if (size > FILE_BYTES_MAX) throw new RangeError(`${size} > ${FILE_BYTES_MAX} bytes`);
      value = JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#fail(file, '', '读不出 JSON', 'cannot be read as JSON', why);
      return null;
    }
    const validate = this.#validators[definition];
    if (!validate(value)) {
      for (const finding of validate.errors ?? []) this.#refuse(file, finding);
      return null;
    }
    const { $schema: _, ...rest } = value as Record<string, unknown>;
    return rest as T;
  }

  #refuse(file: string, finding: ErrorObject): void {
    const params = finding.params as Record<string, unknown>;
    const extra = params.additionalProperty;
    const pointer =
      typeof extra === 'string' ? pointerTo(finding.instancePath, extra) : finding.instancePath;
    const en = finding.message ?? finding.keyword;
    this.#fail(file, pointer, `不符合 ${finding.keyword}`, en, finding.data);
  }

  #fail(file: string, pointer: string, zh: string, en: string, found: unknown): void {
    const path = relative(process.cwd(), file);
    const shown = path.startsWith('..') ? file : path;
    const rest = { allowed: '', nearest: '', found: show(found) };
    this.#problems.push({ severity: 'error', file: shown, pointer, zh, en, ...rest });
  }
}

function compileSchema(): Record<Definition, ValidateFunction> {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true });
  ajv.addSchema(JSON.parse(readFileSync(SCHEMA, 'utf8')), 'calendar');
  const definition = (name: Definition) =>
    ajv.compile({ $ref: `calendar#/$defs/${name}` }) as ValidateFunction;
  return { place: definition('place'), year: definition('year'), layer: definition('layer') };
}
