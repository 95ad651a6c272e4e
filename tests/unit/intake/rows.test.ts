import { describe, expect, it } from 'vitest';
import { CatalogueError } from '../../../engine/base/errors.ts';
import { splitRows } from '../../../engine/intake/rows.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function rowsOf(text: string): [number, string][] {
  return splitRows(encode(text)).map(({ row, bytes }) => [row, new TextDecoder().decode(bytes)]);
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof CatalogueError) return error.code;
    throw error;
  }
  return '';
}

describe('splitting a body', () => {
  it('numbers records by their lines and skips blank ones', () => {
    expect(rowsOf('{"a":1}\n\n  {"b":2} \r\n\t\n{"c":3}')).toEqual([
      [1, '{"a":1}'],
      [3, '{"b":2}'],
      [5, '{"c":3}'],
    ]);
  });

  it('takes one object over several lines as one record', () => {
    const pretty = JSON.stringify({ a: 1, b: { c: [1, 2] } }, null, 2);
    expect(rowsOf(`\n${pretty}\n`)).toEqual([[2, pretty]]);
  });

  it('lets the good lines stand when the first one is broken', () => {
    expect(rowsOf('{"a":1\n{"b":2}')).toEqual([
      [1, '{"a":1'],
      [2, '{"b":2}'],
    ]);
  });

  it('passes over a byte order mark', () => {
    expect(rowsOf('\ufeff{"a":1}')).toEqual([[1, '{"a":1}']]);
    const pretty = '{\n"a":1\n}';
    expect(rowsOf(`\ufeff${pretty}`)).toEqual([[1, pretty]]);
  });

  it('works on a view that does not begin where its buffer does', () => {
    const padded = encode(`xxxx{\n"a":1\n}`).subarray(4);
    expect(new TextDecoder().decode(splitRows(padded)[0]!.bytes)).toBe('{\n"a":1\n}');
  });

  it('refuses a body without records and one with too many', () => {
    const limits = { bodyRowsMax: 2, recordBytesMax: 100 };
    expect(codeOf(() => splitRows(encode('')))).toBe('BODY_EMPTY');
    expect(codeOf(() => splitRows(encode('\n\n')))).toBe('BODY_EMPTY');
    expect(codeOf(() => splitRows(encode('{}\n{}\n\n'), limits))).toBe('');
    expect(codeOf(() => splitRows(encode('{}\n{}\n{}'), limits))).toBe('BODY_ROWS_MAX');
  });

  it('does not read a long first line as a whole body', () => {
    const limits = { bodyRowsMax: 10, recordBytesMax: 8 };
    expect(splitRows(encode('{\n"aaaaaa":1\n}'), limits)).toHaveLength(3);
  });
});
