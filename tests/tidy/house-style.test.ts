/**
 * House style as tests: lengths, names, directions, purity, bans. Each failure says what to do.
 */
import { describe, expect, test } from 'vitest';
import {
  FILE_LINES_ASK,
  FILE_LINES_MAX,
  longFiles,
  longFunctions,
  oddNames,
} from './checks/budgets.ts';
import { forbiddenImports, KERNEL_FOLDERS } from './checks/directions.ts';
import { expectTidy, isTypeScript, projectPaths, textFiles } from './checks/files.ts';
import { bannedSyntax, bannedText, impurities } from './checks/purity.ts';

const paths = projectPaths();
const files = textFiles(paths);
const sources = files.filter((file) => isTypeScript(file.path));
const kernel = sources.filter(({ path }) => KERNEL_FOLDERS.some((f) => path.startsWith(`${f}/`)));

describe('lengths and names', () => {
  test('no function is longer than a screen', () => {
    expectTidy(
      sources.flatMap(longFunctions),
      'A function of more than 70 lines cannot be read at once. Split it by what its parts do.',
    );
  });

  test('no file outgrows its budget', () => {
    const asked = longFiles(files, FILE_LINES_ASK);
    if (asked.length > 0) {
      console.warn(`one noun a file? over ${FILE_LINES_ASK} lines:\n  ${asked.join('\n  ')}`);
    }
    expectTidy(
      longFiles(files, FILE_LINES_MAX),
      `A file of more than ${FILE_LINES_MAX} lines holds more than one noun. Move one out.`,
    );
  });

  test('file names are kebab-case', () => {
    expectTidy(
      oddNames(paths),
      'Name files in lower case with hyphens, so that every system agrees.',
    );
  });
});

describe('structure', () => {
  test('imports follow the arrows', () => {
    expectTidy(
      sources.flatMap(forbiddenImports),
      'The import order is the learning order (tests/tidy/checks/directions.ts). Move the shared ' +
        'part down, or hand it in as an argument.',
    );
  });

  test('kernel folders are pure and synchronous', () => {
    expect(kernel.length).toBeGreaterThan(5);
    expectTidy(
      kernel.flatMap(impurities),
      'The kernel is a function of its input (laws L1 and L2): the same log must give the same ' +
        'cards on any machine at any time.',
    );
  });
});

describe('bans', () => {
  test('no code from text, no unchecked type, no test switched off', () => {
    expectTidy(sources.flatMap(bannedSyntax), 'Banned everywhere:');
  });

  test('no notes to self, no machine paths, no registry hosts', () => {
    const own = files.filter(({ path }) => path !== 'package-lock.json' && path !== 'LICENSE');
    expectTidy(own.flatMap(bannedText), 'Banned in every text file of the project:');
  });
});
