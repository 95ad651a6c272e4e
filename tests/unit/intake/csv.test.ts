/** CSV reading: header, row numbers whatever the line ends, and each refusal with its row. */
import { expect, test } from 'vitest';
import { importLimits } from '../../../engine/config/limits.ts';
import { type CsvRow, openCsv } from '../../../engine/intake/csv.ts';
import { ImportError } from '../../../engine/intake/import-error.ts';
import { chunked, codeOf } from '../../fixtures/import/helpers.ts';

async function rowsOf(text: string, required = ['id'], size = 1 << 20): Promise<CsvRow[]> {
  const table = await openCsv(chunked(text, size), { delimiter: ',', required });
  const rows: CsvRow[] = [];
  for await (const row of table.rows) rows.push(row);
  return rows;
}

async function failure(text: string, required = ['id']): Promise<ImportError> {
  try {
    await rowsOf(text, required);
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test.for([
  ['\n', 'LF'],
  ['\r\n', 'CRLF'],
  ['\r', 'CR'],
] as const)('row numbers are lines with line ends %j', async ([end]) => {
  const text = ['id,note', '1,"two', 'lines"', '', '2,plain', '3,"say ""ja"""'].join(end);
  for (const size of [1, 5, 1000]) {
    const rows = await rowsOf(text, ['id'], size);
    expect(rows.map((row) => [row.row, row.cells[1]])).toEqual([
      [2, `two${end}lines`],
      [5, 'plain'],
      [6, 'say "ja"'],
    ]);
  }
});

test('mixed line ends are rows all the same', async () => {
  const rows = await rowsOf('id\r\n1\n2\r3\r\n');
  expect(rows.map((row) => [row.row, row.cells[0]])).toEqual([
    [2, '1'],
    [3, '2'],
    [4, '3'],
  ]);
});

test('columns may come in any order and formulas stay text', async () => {
  const table = await openCsv(chunked('b,id\n=1+1,x\n', 4), {
    delimiter: ',',
    required: ['id', 'b'],
  });
  expect(Object.fromEntries(table.columns)).toEqual({ b: 0, id: 1 });
  for await (const row of table.rows) expect(row.cells).toEqual(['=1+1', 'x']);
});

test.for([
  ['1', 1],
  ['1,2,3', 3],
] as const)('row %j of another width is yielded with its problem', async ([line, found]) => {
  const rows = await rowsOf(`id,b\n1,2\n${line}\n4,5\n`);
  expect(rows.map((row) => row.problem?.code ?? '')).toEqual(['', 'CSV_COLUMNS', '']);
  expect(rows[1]?.problem?.params).toEqual({ row: 3, found, expected: 2 });
});

test('missing columns are named together with all that are expected', async () => {
  const error = await failure('id,x\n1,2\n', ['id', '收件时间', '办结时间']);
  expect(error.code).toBe('CSV_HEADER');
  expect(error.params.reason).toContain('收件时间, 办结时间');
  expect(error.params.expected).toBe('id, 收件时间, 办结时间');
});

test('another delimiter is recognised in the header', async () => {
  const error = await failure('id;b;c\n1;2;3\n', ['id', 'b']);
  expect(error.code).toBe('CSV_HEADER');
  expect(error.params.reason).toContain('“;”');
});

test('a column that is there twice is refused', async () => {
  expect((await failure('id,b,b\n1,2,3\n')).params.reason).toContain('“b”');
});

test('an open quote is named by the row it opens in', async () => {
  const error = await failure('id,b\n1,2\n2,"open\n3,4\n4,5\n');
  expect([error.code, error.params.row]).toEqual(['CSV_QUOTE', 3]);
});

test('a quote in the middle of a cell is named by its row', async () => {
  const error = await failure('id,b\n1,2\n2,"a"b\n3,4\n');
  expect([error.code, error.params.row]).toEqual(['CSV_QUOTE', 3]);
});

test('a line without an end stops at the limit', async () => {
  async function* endless(): AsyncGenerator<string> {
    yield 'id,b\n1,2\n3,"';
    for (;;) yield 'x'.repeat(65_536);
  }
  const drain = async () => {
    const table = await openCsv(endless(), { delimiter: ',', required: ['id'] });
    let bytes = 0;
    for await (const row of table.rows) bytes += row.cells.length;
    expect(bytes).toBeLessThan(importLimits.csvRowCharsMax);
  };
  expect(await codeOf(drain())).toBe('CSV_CELL_TOO_LARGE');
});

test('an error in the source reaches the reader', async () => {
  async function* broken(): AsyncGenerator<string> {
    yield 'id\n1\n';
    throw new ImportError('FILE_TRUNCATED');
  }
  const drain = async () => {
    const table = await openCsv(broken(), { delimiter: ',', required: ['id'] });
    for await (const row of table.rows) expect(row.cells).toEqual(['1']);
  };
  expect(await codeOf(drain())).toBe('FILE_TRUNCATED');
});
