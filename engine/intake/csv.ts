/**
 * CSV (RFC 4180) as a stream of numbered rows under a checked header.
 *
 * Owns: the header check, row numbers, and naming what is wrong in a row.
 * Does not own: what a column means (mapping.ts), files and encodings (import-text.ts).
 *
 * Invariants
 * V1  `row` is the line on which a row begins, counting every line of the file, header = 1.
 * V2  A row with too few or too many columns is yielded with `problem`, never padded or cut.
 * V3  A quote that is not closed stops the import and names the row where it opened.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, type Options, parse } from 'csv-parse';
import { importLimits } from '../config/limits.ts';
import { ImportError, RowProblem } from './import-error.ts';

export interface CsvRow {
  readonly row: number;
  readonly cells: readonly string[];
  readonly problem: RowProblem | null;
}

export interface CsvOptions {
  readonly delimiter: string;
  /** Columns that must be there, in any order. */
  readonly required: readonly string[];
}

export interface CsvTable {
  /** Column name → index in `cells`. */
  readonly columns: ReadonlyMap<string, number>;
  readonly rows: AsyncGenerator<CsvRow>;
}

interface NumberedRow {
  readonly row: number;
  readonly cells: readonly string[];
}

const LINE_END = /\r\n|\n|\r/;
const DELIMITERS = [',', ';', '\t', '|'];

function named(delimiter: string): string {
  return delimiter === '\t' ? 'TAB' : `“${delimiter}”`;
}

function headerError(reason: string, required: readonly string[]): ImportError {
  return new ImportError('CSV_HEADER', { reason, expected: required.join(', ') });
}

/** The header as a map; every way it can be wrong is told with the columns that are expected. */
export function readHeader(cells: readonly string[], options: CsvOptions): Map<string, number> {
  const columns = new Map<string, number>();
  for (const [index, cell] of cells.entries()) {
    const name = cell.trim();
    if (columns.has(name)) {
      throw headerError(`列“${name}”出现两次 (column "${name}" twice)`, options.required);
    }
    columns.set(name, index);
  }
  const missing = options.required.filter((name) => !columns.has(name));
  if (missing.length === 0) return columns;
  const other = DELIMITERS.find((d) => d !== options.delimiter && cells.some((c) => c.includes(d)));
  const hint = other === undefined ? '' : `;分隔符可能是 ${named(other)} (other delimiter?)`;
  const list = missing.join(', ');
  throw headerError(`缺少列 ${list} (missing columns)${hint}`, options.required);
}

function translate(error: unknown, row: number): unknown {
  if (!(error instanceof CsvError)) return error;
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'INVALID_OPENING_QUOTE':
      return new ImportError('CSV_QUOTE', { row }, { cause: error });
    case 'CSV_MAX_RECORD_SIZE':
      return new ImportError('CSV_CELL_TOO_LARGE', { row, limit: importLimits.csvRowCharsMax });
    default:
      return new ImportError('CSV_SYNTAX', { row, reason: error.code }, { cause: error });
  }
}

/** Lines a record takes in the file: one, and one more for each line end inside its quotes. */
function linesOf(cells: readonly string[]): number {
  let lines = 1;
  for (const cell of cells) {
    if (cell.includes('\n') || cell.includes('\r')) lines += cell.split(LINE_END).length - 1;
  }
  return lines;
}

/** Rows with the number of the line each begins on. */
async function* parsedRows(
  chunks: AsyncIterable<string>,
  delimiter: string,
): AsyncGenerator<NumberedRow> {
  let nextRow = 1;
  const options: Options<NumberedRow, string[]> = {
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    max_record_size: importLimits.csvRowCharsMax,
    // Counted as records are parsed: an error discards what waits to be read, not the count.
    on_record: (cells: string[]): NumberedRow => {
      const row = nextRow;
      nextRow += linesOf(cells);
      return { row, cells };
    },
  };
  // Without named columns the package's types admit only rows of text; it passes on what it is given.
  const parser = parse(options as unknown as Options);
  let failure: unknown = null;
  const fed = pipeline(Readable.from(chunks), parser).catch((error: unknown) => {
    failure = error;
  });
  try {
    for await (const row of parser) yield row as NumberedRow;
  } catch (error) {
    await fed;
    throw translate(failure ?? error, nextRow);
  }
}

async function* checkedRows(
  rows: AsyncGenerator<NumberedRow>,
  width: number,
): AsyncGenerator<CsvRow> {
  for await (const { row, cells } of rows) {
    if (cells.length === 1 && cells[0] === '') continue; // an empty line is not a row
    const params = { row, found: cells.length, expected: width };
    const problem = cells.length === width ? null : new RowProblem('CSV_COLUMNS', params);
    yield { row, cells, problem };
  }
}

export async function openCsv(
  chunks: AsyncIterable<string>,
  options: CsvOptions,
): Promise<CsvTable> {
  const rows = parsedRows(chunks, options.delimiter);
  const first = await rows.next();
  if (first.done === true) throw new ImportError('FILE_EMPTY');
  const header = first.value.cells;
  try {
    const columns = readHeader(header, options);
    return { columns, rows: checkedRows(rows, header.length) };
  } catch (error) {
    await rows.return(undefined); // closes the file behind it
    throw error;
  }
}
