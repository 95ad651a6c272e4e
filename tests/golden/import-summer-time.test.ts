/**
 * Sixty calendar days are sixty local days, never sixty times twenty-four hours: the import command,
 * with the real engine behind it, over both changes of the clock in Europe/Amsterdam.
 *
 * In 2011 summer time began on 27 March and ended on 30 October. Days were counted by hand.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runImportCommand } from '../../engine/cli/import.ts';
import { openEngineTarget } from '../../engine/cli/import-target.ts';
import { RULES } from '../fixtures/import/helpers.ts';

const folder = mkdtempSync(join(tmpdir(), 'mingcha-summer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, value: unknown): string {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
}

const label = { zh: '六十日', en: 'Sixty days' };
const shipped = (path: string): string => relative(join(folder, 'packs'), join(RULES, path));

function writeRules(): void {
  write('clocks/sixty-days.json', {
    ...{ id: 'sixty-days', version: 1, name: label, basis: 'Awb 4:13', category: 'deadline' },
    ...{ effect: 'statutory', start: [{ event: 'received' }], stop: [{ event: 'finished' }] },
    limit: { count: 60, unit: 'day' },
    rungs: [{ level: 'yellow', at: { due: true }, title: label }],
  });
  write('packs/summer.json', {
    ...{ id: 'summer', version: 1, name: label, place: 'NL', clocks: ['../clocks'] },
    ...{ levels: shipped('levels/standard.json'), catalogue: shipped('catalogue/receipt.json') },
    ...{ checks: [], sequences: [], terminal: ['finished'] },
  });
}

const profile = {
  ...{ id: 'summer', version: 1, name: label, format: 'csv', pack: 'summer', source: 'summer' },
  csv: { row: 'case', delimiter: ',', encoding: 'utf-8' },
  ...{ zone: 'Europe/Amsterdam', absent: [], caseKey: { case: 'key' } },
  fields: { itemCode: { const: 'RECEIPT' }, organ: { const: 'GEN' }, territory: { const: 'NL-1' } },
  perCase: [
    { type: 'received', at: { case: 'received' } },
    { type: 'finished', at: { case: 'finished' }, optional: true },
  ],
};

/** Rows of one case each → yellow cards of the rule. */
async function cardsOf(name: string, rows: readonly string[]): Promise<number> {
  const file = write(`${name}.csv`, ['key,received,finished', ...rows, ''].join('\n'));
  const out: string[] = [];
  const err: string[] = [];
  const argv = [file, '--profile', write('summer.json', profile), '--json', '--partitions', '1'];
  const code = await runImportCommand(
    [...argv, '--data', join(folder, name)],
    {
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      progress: { write: () => true },
    },
    (options) => openEngineTarget({ ...options, rulesDir: folder }),
  );
  expect([code, err]).toEqual([0, []]);
  const summary = JSON.parse(out.at(-1) as string) as {
    cases: number;
    cards: Record<string, Record<string, number>>;
  };
  expect(summary.cases).toBe(rows.length);
  return summary.cards['sixty-days']?.yellow ?? 0;
}

// The sixtieth day after Monday 31 January is Friday 1 April; after Monday 5 September, Friday
// 4 November. Sixty times 24 hours would end an hour after midnight in spring, before it in autumn.
const SPRING = '2011-01-31 23:30:00';
const AUTUMN = '2011-09-05 00:30:00';

test('an import of days over a change of the clock ends with the exact local day', async () => {
  writeRules();
  const inTime = [
    `S1,${SPRING},2011-04-01 23:59:59`,
    `A1,${AUTUMN},2011-11-03 23:45:00`,
    `A2,${AUTUMN},2011-11-04 23:59:59`,
  ];
  expect(await cardsOf('in-time', inTime)).toBe(0);
  const late = [
    `S2,${SPRING},2011-04-02 00:00:00`,
    `S3,${SPRING},2011-04-02 00:10:00`,
    `A3,${AUTUMN},2011-11-05 00:00:00`,
  ];
  expect(await cardsOf('late', late)).toBe(3);
}, 240_000);
