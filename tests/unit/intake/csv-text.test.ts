/** Files as text: gzip by magic bytes, encodings strictly, and what is no text at all. */
import { expect, test } from 'vitest';
import { openText } from '../../../engine/intake/import-text.ts';
import { codeOf, temporaryFile } from '../../fixtures/import/helpers.ts';

async function textOf(path: string, encoding = 'utf-8'): Promise<string> {
  const file = await openText(path, encoding);
  let text = '';
  for await (const chunk of file.chunks()) text += chunk;
  return text;
}

const XES = '<log><trace/></log>';
const GBK_HEADER = [0xb0, 0xec, 0xbc, 0xfe, 0x0a]; // 办件

test('gzip is told by its first bytes, not by its name', async () => {
  expect(await textOf(temporaryFile('log.xes', XES, true))).toBe(XES);
  expect(await textOf(temporaryFile('log.xes.gz', XES))).toBe(XES);
});

test('the format is told by the first character, behind a byte order mark and blanks', async () => {
  const formats = ['\ufeff  \n<log/>', '<log/>', 'a,b\n1,2\n', '\ufeff办件,b\n'].map(
    async (text) => {
      return (await openText(temporaryFile('x', text), 'utf-8')).format;
    },
  );
  expect(await Promise.all(formats)).toEqual(['xes', 'xes', 'csv', 'csv']);
});

test('a byte order mark is no part of the text', async () => {
  expect(await textOf(temporaryFile('a.csv', '\ufeff办件\n1\n'))).toBe('办件\n1\n');
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('办件\n', 'utf16le')]);
  expect(await textOf(temporaryFile('a.csv', utf16))).toBe('办件\n');
});

test('GBK is read when the profile declares it and refused when it does not', async () => {
  const path = temporaryFile('a.csv', Uint8Array.from(GBK_HEADER));
  expect(await textOf(path, 'gb18030')).toBe('办件\n');
  expect(await codeOf(textOf(path))).toBe('FILE_ENCODING');
});

test('a character cut by a chunk is whole again', async () => {
  const text = `id\n${'办件编号'.repeat(30_000)}\n`;
  expect(await textOf(temporaryFile('a.csv', text, true))).toBe(text);
});

const declared = (encoding: string, rest: string) =>
  `<?xml version="1.0" encoding="${encoding}"?><log><trace>${rest}</trace></log>`;
const NAME = '<string key="a" value="é"/>';

test.for([
  ['UTF-8', 'utf8', 'é'],
  ['ISO-8859-1', 'latin1', 'é'],
] as const)('XML in its declared encoding %s is read', async ([encoding, bytes, expected]) => {
  const path = temporaryFile('a.xes', Buffer.from(declared(encoding, NAME), bytes));
  expect(await textOf(path)).toContain(`value="${expected}"`);
});

test.for(['GBK', 'ISO-8859-1', 'KOI8-R', 'UTF-16'])(
  'XML that declares %s and is UTF-8 is refused',
  async (encoding) => {
    const path = temporaryFile('a.xes', declared(encoding, NAME));
    expect(await codeOf(openText(path, 'utf-8'))).toBe('TEXT_ENCODING_MISMATCH');
  },
);

test.for([
  ['an empty file', '', 'FILE_EMPTY'],
  ['a spreadsheet', 'PK\u0003\u0004rest', 'FILE_TYPE'],
  ['a program', 'MZ\u0090\u0000', 'FILE_TYPE'],
  ['binary data', 'ab\u0000cd', 'FILE_TYPE'],
] as const)('%s is refused by name', async ([, content, code]) => {
  const path = temporaryFile('a.csv', Buffer.from(content, 'latin1'));
  expect(await codeOf(openText(path, 'utf-8'))).toBe(code);
});

test('gzip inside gzip is refused', async () => {
  const { gzipSync } = await import('node:zlib');
  const path = temporaryFile('a.gz', gzipSync(XES), true);
  expect(await codeOf(openText(path, 'utf-8'))).toBe('FILE_TYPE');
});

test('a cut or damaged gzip file is refused, and nothing of it is taken for whole', async () => {
  const { gzipSync } = await import('node:zlib');
  const text = Array.from({ length: 20_000 }, (_, i) => `row ${i * 7919}`).join('\n');
  const whole = gzipSync(text);
  const cut = temporaryFile('cut.gz', whole.subarray(0, whole.length - 20));
  expect(await codeOf(textOf(cut))).toBe('FILE_TRUNCATED');
  const damaged = Uint8Array.from(whole);
  damaged.fill(0xff, 30_000, 30_040);
  expect(await codeOf(textOf(temporaryFile('damaged.gz', damaged)))).toBe('FILE_DAMAGED');
});

test('a missing file and a folder are refused by name', async () => {
  const path = temporaryFile('a.csv', 'id\n');
  expect(await codeOf(openText(`${path}.gone`, 'utf-8'))).toBe('FILE_NOT_FOUND');
  expect(await codeOf(openText(`${path}/..`, 'utf-8'))).toBe('FILE_NOT_FOUND');
  expect(await codeOf(openText(path.slice(0, path.lastIndexOf('/')), 'utf-8'))).toBe(
    'FILE_NOT_READABLE',
  );
});
