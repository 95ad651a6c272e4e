/** CSV cells: quoting, and the guard against formulas. */
import { expect, test } from 'vitest';
import { csvRow, scopeSentence } from '../../../api/routes/cards-export.ts';

test.each([
  ['plain', 'plain'],
  ['市住建局', '市住建局'],
  ['a,b', '"a,b"'],
  ['say "yes"', '"say ""yes"""'],
  ['two\nlines', '"two\nlines"'],
  ['=1+1', "'=1+1"],
  ['+86', "'+86"],
  ['-3', "'-3"],
  ['@sum', "'@sum"],
  ['\tx', "'\tx"],
  ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
  ['a=b', 'a=b'],
  ['', ''],
])('cell %j is written as %j', (value, cell) => {
  expect(csvRow([value])).toBe(`${cell}\r\n`);
});

test('the scope is said in words', () => {
  expect(scopeSentence({ organs: null, territories: null })).toBe('全部单位');
  expect(scopeSentence({ organs: ['ZJ', 'ZR'], territories: null })).toBe('单位 ZJ、ZR');
  expect(scopeSentence({ organs: null, territories: ['1'] })).toBe('全部单位，区划 1');
});
