/** The import command around a target made by hand: usage, exit codes, what is printed where. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type OpenTarget, runImportCommand } from '../../../engine/cli/import.ts';
import type { EngineReport, ImportTarget } from '../../../engine/intake/import.ts';
import { ImportProgress } from '../../../engine/intake/import-progress.ts';
import { FolderError } from '../../../engine/runtime/data-folder.ts';
import { ROOT, temporaryFile } from '../../fixtures/import/helpers.ts';

const REPORT: EngineReport = {
  ...{ applied: 17, duplicate: 0, held: 0, deadLettered: 0, open: 1, openOverdue: 1 },
  cards: { promise: { warning: 2, yellow: 1 } },
  digest: 'd1g357',
};
const FIXTURE = join(ROOT, 'tests', 'fixtures', 'import', 'csv-case.csv');
const GOOD = [FIXTURE, '--profile', 'csv-case', '--data', '/nowhere'];

class RecordingTarget implements ImportTarget {
  readonly calls: string[] = [];
  lines = '';

  async submit(lines: Uint8Array) {
    this.lines += Buffer.from(lines).toString();
    this.calls.push('submit');
    const problem = { code: 'ORG_UNKNOWN', message: '机构未知', messageEn: 'unknown' } as const;
    return { accepted: 16, duplicate: 0, held: 0, refused: [{ where: 'k, seq 3', ...problem }] };
  }

  async endLog(atMs: number) {
    this.calls.push(`end ${new Date(atMs).toISOString()}`);
  }

  async report() {
    this.calls.push('report');
    return REPORT;
  }

  async close() {
    this.calls.push('close');
  }
}

async function command(argv: readonly string[], openTarget?: OpenTarget) {
  const target = new RecordingTarget();
  const out: string[] = [];
  const err: string[] = [];
  const output = {
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
    progress: { write: () => true },
  };
  const code = await runImportCommand(argv, output, openTarget ?? (async () => target));
  return { code, out, err: err.join('\n'), target };
}

test('records go in, then the log ends at its last instant, then the engine is asked', async () => {
  const { code, target } = await command(GOOD);
  expect(code).toBe(0);
  expect(target.calls).toEqual(['submit', 'end 2026-03-30T08:00:00.000Z', 'report', 'close']);
  expect(target.lines.trimEnd().split('\n')).toHaveLength(17);
});

test('the table names what was read, found and refused; the last line is one JSON object', async () => {
  const { out, err } = await command([...GOOD, '--json']);
  expect(out.join('\n')).toMatch(/cases read +4\n/);
  expect(out.join('\n')).toMatch(/cards {2}promise +warning 2 {2}yellow 1/);
  expect(err).toContain('k, seq 3: ORG_UNKNOWN: 机构未知 / unknown');
  expect(JSON.parse(out.at(-1) ?? '')).toEqual({
    ...{ cases: 4, events: 17, records: 17, skipped: 0, refused: 1 },
    ...{ applied: 17, duplicate: 0, held: 0, deadLettered: 0, open: 1, overdue: 1 },
    ...{ cards: REPORT.cards, digest: REPORT.digest },
  });
});

test.for<[string, string[]]>([
  ['no file', ['--profile', 'receipt']],
  ['two files', ['a', 'b', '--profile', 'receipt']],
  ['no profile', ['a.xes']],
  ['an unknown option', ['a.xes', '--profile', 'receipt', '--fast']],
  ['no partition', ['a.xes', '--profile', 'receipt', '--partitions', '0']],
  ['half a partition', ['a.xes', '--profile', 'receipt', '--partitions', '1.5']],
])('%s is bad usage', async ([, argv]) => {
  const { code, err, out } = await command(argv);
  expect([code, out]).toEqual([2, []]);
  expect(err).toContain('usage');
});

const cut = '<log><trace><string key="concept:name" value="a"/>';

test.for<[string, string[], string]>([
  ['a file that is not there', ['/nowhere/a.xes', '--profile', 'receipt'], 'FILE_NOT_FOUND'],
  ['a profile there is none of', [FIXTURE, '--profile', 'nope'], 'PROFILE_NOT_FOUND'],
  ['another format', [FIXTURE, '--profile', 'receipt'], 'PROFILE_FORMAT'],
  ['other columns', [FIXTURE, '--profile', 'receipt-csv'], 'CSV_HEADER'],
  ['a file cut off', [temporaryFile('a.xes', cut), '--profile', 'receipt'], 'XML_SYNTAX'],
])('%s is bad input, and nothing is submitted', async ([, argv, code]) => {
  const result = await command(argv);
  expect([result.code, result.out]).toEqual([1, []]);
  expect(result.err).toContain(`${code}: `);
  expect(result.target.calls).toEqual([]);
});

test('every problem of a bad profile is printed', async () => {
  const profile = temporaryFile('p.json', '{"id": "P P", "version": 0}');
  const { code, err } = await command([FIXTURE, '--profile', profile]);
  expect(code).toBe(1);
  for (const problem of ['/id:', '/version:', "property 'source'"]) expect(err).toContain(problem);
});

test('a data folder that cannot be used is bad input', async () => {
  const { code, err } = await command(GOOD, async () => {
    throw new FolderError('in use');
  });
  expect([code, err]).toEqual([1, 'in use']);
});

test('the target is closed when submitting fails', async () => {
  const target = new RecordingTarget();
  target.submit = async () => {
    throw new Error('disk');
  };
  await expect(command(GOOD, async () => target)).rejects.toThrow('disk');
  expect(target.calls).toEqual(['close']);
});

function progressOn(isTTY: boolean) {
  let nowMs = 0;
  const written: string[] = [];
  const output = { isTTY, write: (text: string) => written.push(text) };
  const progress = new ImportProgress(output, () => nowMs);
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { progress, written, pass };
}

test('progress is silent for two seconds, then tells rows, share, rate and time left', () => {
  const { progress, written, pass } = progressOn(false);
  progress.begin('submit', 1000);
  pass(1999);
  progress.at(200, 200);
  expect(written).toEqual([]);
  pass(2001);
  progress.at(400, 400);
  expect(written).toEqual([expect.stringMatching(/40 % {2}400 rows {2}100\/s {2}ETA 6 s\n$/)]);
  pass(1000);
  progress.at(500, 500);
  expect(written).toHaveLength(1); // not a terminal: a line every five seconds
});

test('on a terminal the line is redrawn in place and wiped in the end', () => {
  const { progress, written, pass } = progressOn(true);
  progress.begin('read', 0);
  pass(3000);
  progress.at(0, 1);
  progress.end();
  expect(written.map((text) => text.startsWith('\r'))).toEqual([true, true]);
});
