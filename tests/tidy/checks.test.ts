/** The tidy checks see what they are there to see: each is shown one sinner and one saint. */
import { describe, expect, test } from 'vitest';
import { FUNCTION_LINES_MAX, longFiles, longFunctions, oddNames } from './checks/budgets.ts';
import { forbiddenImports } from './checks/directions.ts';
import { unguardedLaws, untruths } from './checks/documents.ts';
import { expectTidy } from './checks/files.ts';
import { bannedSyntax, bannedText, impurities } from './checks/purity.ts';

const file = (text: string, path = 'engine/kernel/sample.ts') => ({ path, text });
const lines = (count: number) => '  step();\n'.repeat(count);

describe('budgets', () => {
  test('a function of 70 lines passes and one of 71 is named with its line', () => {
    const ok = `\nfunction short() {\n${lines(FUNCTION_LINES_MAX - 2)}}\n`;
    const bad = `\nclass A {\n  long() {\n${lines(FUNCTION_LINES_MAX - 1)}}\n}\n`;
    expect(longFunctions(file(ok))).toEqual([]);
    expect(longFunctions(file(bad))).toEqual(['engine/kernel/sample.ts:3 long has 71 lines']);
  });

  test('what holds tests is a chapter, the tests themselves are not', () => {
    const inner = `test('x', () => {\n${lines(80)}});\n`;
    const shorts = "  onPage('x', stage, () => {});\n".repeat(80);
    const found = (text: string, path = 'tests/a.test.ts') => longFunctions({ path, text });
    expect(found(`describe('a', () => {\n${shorts}});\n`)).toEqual([]);
    expect(found(`function contract() {\n${shorts}}\n`)).toEqual([]);
    expect(found(`describe('a', () => {\n${inner}});\n`)).toHaveLength(1);
    expect(found(`function routes() {\n${shorts}}\n`, 'api/app.ts')).toHaveLength(1);
  });

  test('long files are counted for code only', () => {
    expect(longFiles([file(lines(9)), file(lines(9), 'rules/a.json')], 8)).toHaveLength(1);
  });

  test('names with capitals or underscores are odd, customary ones are not', () => {
    const names = [
      'engine/Kernel.ts',
      'engine/a_b.ts',
      'engine/a-b.test.ts',
      'README.md',
      '.npmrc',
    ];
    expect(oddNames(names)).toEqual(['engine/Kernel.ts', 'engine/a_b.ts']);
  });
});

describe('directions', () => {
  test.for([
    ['engine/kernel/step.ts', '../base/hash.ts', true],
    ['engine/kernel/step.ts', '../log/log.ts', false],
    ['engine/base/hash.ts', '../config/limits.ts', false],
    ['engine/runtime/runner.ts', '../log/log.ts', true],
    ['engine/runtime/runner.ts', '../sinks/chdb-connection.ts', false],
    ['engine/engine.ts', './log/sqlite-log.ts', true],
    ['engine/engine.ts', '../api/app.ts', false],
    ['api/contract.ts', '../engine/facade.ts', false],
    ['dashboards/src/wall/wall.tsx', '../../../api/contract.ts', true],
    ['dashboards/src/wall/wall.tsx', '../../../engine/facade.ts', false],
    ['engine/kernel/step.ts', '../../tests/x.ts', false],
  ] as const)('%s may import %s: %s', ([path, specifier, allowed]) => {
    const text = `import type { A } from '${specifier}';\n`;
    expect(forbiddenImports(file(text, path))).toHaveLength(allowed ? 0 : 1);
  });
});

describe('purity', () => {
  test.for([
    ["import { readFileSync } from 'node:fs';", 1],
    ["import ajv from 'ajv';", 1],
    ['const t = Date.now();', 1],
    ['function f(d: Date): void {}', 1],
    ['const x = Math.random();', 1],
    ['async function f() {}', 1],
    ['let cursor = 0;', 1],
    ['export let cursor = 0;', 1],
    ['new Intl.DateTimeFormat();', 1],
    ['function f() { let cursor = 0; return { Date: cursor, at: row.Date, console: 1 }; }', 0],
    ['const TABLE = new Int32Array(4);', 0],
  ] as const)('%s has %i impurities', ([text, count]) => {
    expect(impurities(file(text))).toHaveLength(count);
  });

  test('code from text, any and switched-off tests are found, look-alikes are not', () => {
    const calls = ['ev' + "al('1');", 'new Func' + "tion('1');"].join('\n');
    expect(bannedSyntax(file(calls))).toHaveLength(2);
    expect(bannedSyntax(file('const x: any = 1;'))).toHaveLength(1);
    expect(bannedSyntax(file("describe.only('x', f); test.skip('y', g);"))).toHaveLength(2);
    expect(bannedSyntax(file("test.skipIf(!java)('x', f); list.only(1);"))).toEqual([]);
  });

  test('notes, machine paths and registry hosts are found in text', () => {
    const text = ['// TO', 'DO later\nconst a = "/ho', 'me/me/x"; // registry.npm', 'js.org'].join(
      '',
    );
    expect(bannedText(file(text))).toHaveLength(3);
    expect(bannedText(file('const url = "https://example.org/work/list";'))).toEqual([]);
  });
});

describe('documents', () => {
  const known = {
    paths: ['engine/kernel/step.ts', 'README.md', 'docs/a.md'],
    scripts: ['start', 'bench'],
    benchmarks: ['job'],
  };
  const untrue = (text: string) => untruths(file(text, 'README.md'), known);

  test('existing paths, globs, braces and placeholders pass', () => {
    const ok =
      '`engine/kernel/step.ts` `engine/*/step.ts` `engine/kernel/{step}.ts` `rules/NAME.json`';
    expect(untrue(`${ok} [a](docs/a.md) npm start, npm run bench -- job`)).toEqual([]);
  });

  test('a missing path, link, script and benchmark are each named', () => {
    const text = '`engine/gone.ts` `gone.md` [b](docs/b.md) npm run gone, npm run bench -- gone';
    expect(untrue(text)).toHaveLength(5);
  });

  test('a law needs a test that exists or an admission', () => {
    const rows =
      '| L1 | x | tests/a.test.ts |\n| L2 | x | |\n| L3 | x | 尚未 |\n| L4 | x | tests/b/ |\n';
    const spec = file(rows, 'engine/SPEC.md');
    expect(unguardedLaws(spec, ['tests/a.test.ts', 'tests/b/c.test.ts'])).toEqual([
      'engine/SPEC.md:2 L2 names no test',
    ]);
    expect(unguardedLaws(spec, ['tests/b/c.test.ts'])).toHaveLength(2);
  });
});

test('a violation fails with the advice and every place', () => {
  expect(() => expectTidy(['a.ts:1 x', 'b.ts:2 y'], 'Do this instead.')).toThrow(
    'Do this instead.\n  - a.ts:1 x\n  - b.ts:2 y',
  );
  expect(() => expectTidy([], 'unused')).not.toThrow();
});
