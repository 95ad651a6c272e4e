/** The error catalogue against itself and against the sources that use it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  CATALOGUE,
  type CatalogueEntry,
  CatalogueError,
  describe as describeCode,
  type ErrorCode,
  isErrorCode,
} from '../../engine/base/errors.ts';

const root = join(import.meta.dirname, '../..');
const entries = Object.entries(CATALOGUE) as [ErrorCode, CatalogueEntry][];

/** Folders in which every quoted name of this shape is a code, but for those listed. */
const CODE_FOLDERS = ['engine/kernel', 'engine/events', 'engine/runtime'];
const ANY_NAME = /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g;
/** Everywhere else: names given to what raises or words a code of the catalogue. */
const GIVEN_NAME =
  /\b(?:CatalogueError|DoorError|ImportError|RowProblem|describe|describeCode|refused|refusal|entryOf|isErrorCode)\(\s*'([A-Z][A-Z0-9_]*)'/g;
const NO_CODES: ReadonlySet<string> = new Set([
  'NO_CALENDAR', // ClockView.problem
  'NO_LIMIT', // ClockView.problem
  'NO_ITEM', // ClockView.problem
  'LOG_FULL', // LogError, between log and partition host
]);

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string).sort();
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}

describe('the error catalogue', () => {
  it('says everything in both languages, with the same placeholders', () => {
    for (const [code, entry] of entries) {
      expect(entry.zh, code).toMatch(/[\u4e00-\u9fff]/);
      expect(entry.en, code).not.toMatch(/[\u4e00-\u9fff]/);
      expect(placeholders(entry.en), code).toEqual(placeholders(entry.zh));
    }
  });

  it('gives each code a status of its kind', () => {
    for (const [code, { status, fault, retry }] of entries) {
      expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
      expect(Number.isInteger(status) && status >= 200 && status < 600, code).toBe(true);
      expect(fault === 'sender' ? status < 500 : status >= 500, code).toBe(true);
      if (status < 400) expect(retry, code).toBe(false);
    }
  });

  it('knows every code that the engine and the API use', () => {
    const unknown: string[] = [];
    let found = 0;
    for (const path of [...sources('engine'), ...sources('api')]) {
      const all = CODE_FOLDERS.some((folder) => path.startsWith(`${folder}/`));
      const text = readFileSync(join(root, path), 'utf8');
      for (const [, code = ''] of text.matchAll(all ? ANY_NAME : GIVEN_NAME)) {
        found++;
        if (!isErrorCode(code) && !NO_CODES.has(code)) unknown.push(`${path}: ${code}`);
      }
    }
    expect(unknown).toEqual([]);
    expect(found).toBeGreaterThan(100);
  });

  it('fills in parameters and leaves a missing one to be seen', () => {
    expect(describeCode('ID_TOO_LONG', { field: 'caseKey', limit: 64 })).toEqual({
      message: '字段 caseKey 超过 64 个字符；请核对编号',
      messageEn: 'field caseKey exceeds 64 characters; check the number',
    });
    expect(describeCode('ID_TOO_LONG', { field: 'a' }).messageEn).toContain('{limit}');
    expect(describeCode('FIELD_REQUIRED', { field: '{limit}$&' }).messageEn).toContain('{limit}$&');
  });

  it('takes nothing for a code that is only inherited', () => {
    expect(isErrorCode('toString')).toBe(false);
    expect(isErrorCode('JSON_SYNTAX')).toBe(true);
  });

  it('travels in an error that names code, parameters and place', () => {
    const error = new CatalogueError('TYPE_UNKNOWN', { value: 'x' }, '/type');
    expect(error).toMatchObject({ code: 'TYPE_UNKNOWN', pointer: '/type', params: { value: 'x' } });
    expect(error.message).toContain('TYPE_UNKNOWN: unknown event type "x"');
  });
});
