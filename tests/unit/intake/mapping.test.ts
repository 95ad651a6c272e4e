/** Mapping: bindings, rules, kinds, numbering, and every way a row is refused. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { importLimits } from '../../../engine/config/limits.ts';
import { ImportError } from '../../../engine/intake/import-error.ts';
import { RecordStore } from '../../../engine/intake/import-sort.ts';
import { LocalTime, parseInstant } from '../../../engine/intake/import-time.ts';
import { checkProfile, loadProfile, type Profile } from '../../../engine/intake/profile.ts';
import {
  codeOf,
  linesOf,
  ROOT,
  RULES,
  readFile,
  temporaryFile,
} from '../../fixtures/import/helpers.ts';

const EVENT_CSV = {
  id: 'test',
  version: 1,
  name: { zh: '测试', en: 'Test' },
  format: 'csv',
  csv: { row: 'event' },
  source: 'src',
  zone: 'Asia/Shanghai',
  absent: ['-'],
  caseKey: { case: 'case' },
  fields: { itemCode: { case: 'item' }, organ: { case: 'organ', map: { A局: 'A', B局: 'B' } } },
  perCase: [
    { type: 'received', at: { case: 'start' }, data: { deadline: { case: 'due' } } },
    { type: 'finished', at: { case: 'end' }, optional: true },
  ],
  perEvent: {
    activity: { event: 'activity' },
    lifecycle: { event: 'phase' },
    at: { event: 'time', dateOnly: '08:30' },
    fields: { actor: { event: 'who' } },
    rules: [
      { activity: 'note', skip: true },
      { prefix: '受理', type: 'accepted' },
      { activity: 'pay', type: 'feeCharged', data: { amount: { event: 'who' } } },
      { lifecycle: 'start', type: 'stageEntered', stage: { event: 'activity', take: 'firstWord' } },
      { lifecycle: 'done', type: 'stageDone', stage: { event: 'activity', take: 'firstWord' } },
    ],
  },
};

function profileOf(change: Record<string, unknown> = {}): Profile {
  return checkProfile({ ...EVENT_CSV, ...change }, 'test', RULES);
}

const HEADER = 'case,item,organ,start,due,end,activity,phase,time,who';
const CASE = 'c1,i1,A局,2026-01-05 09:00,2026-02-01T00:00:00+08:00,-';

async function read(rows: readonly string[], profile = profileOf()) {
  const result = await readFile(temporaryFile('a.csv', [HEADER, ...rows, ''].join('\n')), profile);
  return { ...result, lines: linesOf(result) };
}

test('activities become types and stages, the first rule that fits applies', async () => {
  const { lines, report } = await read([
    `${CASE},受理通知,done,2026-01-06 10:00,x`,
    `${CASE},S1 check,start,2026-01-07,x`,
    `${CASE},S1 check,done,2026/1/8 7:05:09.1239,-`,
    `${CASE},note,done,2026-01-09,x`,
  ]);
  expect(lines.map(({ type, at, data, actor }) => [type, at, data?.stage, actor])).toEqual([
    ['received', '2026-01-05T01:00:00.000Z', undefined, undefined],
    ['accepted', '2026-01-06T02:00:00.000Z', undefined, 'x'],
    ['stageEntered', '2026-01-07T00:30:00.000Z', 'S1', 'x'],
    ['stageDone', '2026-01-07T23:05:09.123Z', 'S1', undefined],
  ]);
  expect(lines[0]).toMatchObject({
    caseKey: 'c1',
    itemCode: 'i1',
    organ: 'A',
    source: 'src',
    data: { deadline: '2026-01-31T16:00:00.000Z' },
  });
  expect(report).toMatchObject({ cases: 1, events: 4, records: 4, skipped: 1, absent: 1 });
});

test('numbers depend on the place in the file, not on order, refusal or what is absent', async () => {
  const good = `${CASE},S1,start,2026-01-07,x`;
  const { lines } = await read([
    `${CASE},S1,done,2026-01-09,x`,
    `${CASE},unknown,,2026-01-09,x`,
    good,
  ]);
  expect(lines.map(({ type, seq }) => [type, seq])).toEqual([
    ['received', 0],
    ['stageEntered', 4], // 1: the absent end, 2: the first row, 3: the refused row
    ['stageDone', 2],
  ]);
});

test('a case that says something else later makes that record again', async () => {
  const ended = CASE.replace(/-$/, '2026-01-20 17:00');
  const { lines, report } = await read([
    `${CASE},S1,start,2026-01-07,x`,
    `${ended},S1,done,2026-01-08,x`,
    `${ended},S2,done,2026-01-09,x`,
  ]);
  expect(lines.map(({ type }) => type)).toEqual([
    'received',
    'stageEntered',
    'stageDone',
    'stageDone',
    'finished',
  ]);
  expect(report).toMatchObject({ cases: 1, changedCases: 1, caseRecords: 2 });
});

const REFUSALS: readonly (readonly [string, string, string])[] = [
  ['no case key', `${CASE.replace('c1', '')},S1,start,2026-01-07,x`, 'FIELD_REQUIRED'],
  [
    'a blank around a key',
    `${CASE.replace('c1', ' c1')},S1,start,2026-01-07,x`,
    'ID_NOT_CANONICAL',
  ],
  [
    'a converted number',
    `${CASE.replace('c1', '4.40301E+17')},S1,start,2026-01-07,x`,
    'CELL_LOOKS_CONVERTED',
  ],
  [
    'an organ not in the map',
    `${CASE.replace('A局', 'C局')},S1,start,2026-01-07,x`,
    'VALUE_NOT_MAPPED',
  ],
  ['no instant', `${CASE},S1,start,,x`, 'FIELD_REQUIRED'],
  ['a serial date', `${CASE},S1,start,45658,x`, 'TIME_FORMAT'],
  ['an unknown activity', `${CASE},S1,paused,2026-01-07,x`, 'ACTIVITY_NOT_MAPPED'],
  ['no activity', `${CASE},,start,2026-01-07,x`, 'FIELD_REQUIRED'],
  ['an amount that is none', `${CASE},pay,,2026-01-07,12.345`, 'NUMBER_INVALID'],
  ['a row too short', `${CASE},S1`, 'CSV_COLUMNS'],
];

test.for(REFUSALS)('%s refuses that row by name and no other', async ([, row, code]) => {
  const good = `c2,i1,B局,2026-01-05 09:00,2026-02-01,-,S1,start,2026-01-07,x`.replace(
    '2026-02-01,',
    '2026-02-01 00:00,',
  );
  const { report, lines } = await read([row, good]);
  const event = report.refusedRows.find((refused) => !refused.where.includes('received'));
  expect([event?.code, event?.where]).toEqual([code, 'row 2']);
  expect(report.refusedEvents).toBe(1);
  expect(report.events).toBe(2);
  expect(report.events).toBe(
    report.records - report.caseRecords + report.skipped + report.refusedEvents,
  );
  expect(lines.filter(({ caseKey }) => caseKey === 'c2').map(({ type }) => type)).toEqual([
    'received',
    'stageEntered',
  ]);
});

test('a record a case makes once is refused by its own name', async () => {
  const { report } = await read([
    `c1,i1,A局,2026-02-30 09:00,2026-02-01 00:00,,S1,start,2026-01-07,x`,
  ]);
  expect(report.refusedRows.map(({ where, code }) => [where, code])).toEqual([
    ['row 2, received', 'TIME_INVALID_DATE'],
  ]);
  expect(report).toMatchObject({ refused: 1, refusedEvents: 0, records: 1 });
});

const LOCAL = new LocalTime('Europe/Amsterdam');
const SHANGHAI = new LocalTime('Asia/Shanghai');

test.for<[string, string]>([
  ['2011-10-11T13:45:40.276+02:00', '2011-10-11T11:45:40.276Z'],
  ['2011-10-11 13:45:40.276000+02:00', '2011-10-11T11:45:40.276Z'],
  ['2011-10-11 13:45:40.276999999+0200', '2011-10-11T11:45:40.276Z'],
  ['2011-12-01 01:06:40+01:00', '2011-12-01T00:06:40.000Z'],
  ['2011-12-01 01:06:40', '2011-12-01T00:06:40.000Z'],
  ['2011-07-01 01:06', '2011-06-30T23:06:00.000Z'],
  ['2011/7/1 1:06', '2011-06-30T23:06:00.000Z'],
  ['2011-10-30 02:30:00', '2011-10-30T00:30:00.000Z'], // happens twice: the first
  ['2011-10-30 02:30:00+01:00', '2011-10-30T01:30:00.000Z'],
  ['2012-02-29T23:59:59Z', '2012-02-29T23:59:59.000Z'],
])('%s is %s', ([text, expected]) => {
  expect(new Date(parseInstant('t', text, LOCAL)).toISOString()).toBe(expected);
});

test.for<[string, string]>([
  ['2025-02-29 10:00', 'TIME_INVALID_DATE'],
  ['2025-13-01 10:00', 'TIME_INVALID_DATE'],
  ['2025-06-31T00:00:00+08:00', 'TIME_INVALID_DATE'],
  ['2025-12-31T23:59:60Z', 'TIME_LEAP_SECOND'],
  ['2025-01-01T24:00:00', 'TIME_FORMAT'],
  ['2025-01-01T10:60:00', 'TIME_FORMAT'],
  ['01/02/2025', 'TIME_FORMAT'],
  ['2025年1月1日', 'TIME_FORMAT'],
  ['1735689600', 'TIME_FORMAT'],
  ['2025-01-01T10:00:00+15:00', 'TIME_FORMAT'],
  ['2025-01/01 10:00', 'TIME_FORMAT'],
  ['0001-01-01T00:00:00Z', 'TIME_OUT_OF_RANGE'],
  ['2101-01-01T00:00:00Z', 'TIME_OUT_OF_RANGE'],
  ['2025-01-01', 'TIME_NO_HOUR'],
  ['2011-03-27 02:30:00', 'TIME_NOT_ON_CLOCK'],
])('%s is refused: %s', ([text, code]) => {
  expect(() => parseInstant('t', text, LOCAL)).toThrow(expect.objectContaining({ code }));
});

test('a bare date means the declared time of the local day', () => {
  const ms = parseInstant('t', '2026-03-06', SHANGHAI, 9 * 60);
  expect(new Date(ms).toISOString()).toBe('2026-03-06T01:00:00.000Z');
});

const XES = `<log><trace>
  <string key="id" value="t1"/>
  <event><string key="a" value="X"/><date key="time" value="2026-01-07T00:00:00Z"/>
    <string key="org"><string key="unit" value="U1"/></string></event>
  <event><string key="a" value="Y"/><date key="time" value="2026-01-05T00:00:00Z"/></event>
  <event><string key="a" value="Z"/><string key="a" value="Q"/>
    <date key="time" value="2026-01-01T00:00:00Z"/></event>
</trace><trace><string key="id" value="empty"/></trace></log>`.replace(
  '<string key="org">',
  '<string key="org" value="o">',
);

const XES_PROFILE = {
  ...{ id: 'x', version: 1, name: EVENT_CSV.name, format: 'xes', source: 'x' },
  zone: 'Asia/Shanghai',
  caseKey: { case: 'id' },
  fields: { itemCode: { const: 'I' } },
  perCase: [{ type: 'received', at: { firstEvent: true }, optional: true }],
  perEvent: {
    activity: { event: 'a' },
    at: { event: 'time' },
    fields: { organ: { event: ['org', 'unit'], otherwise: 'U0' } },
    rules: [{ type: 'stageDone', stage: { event: 'a' } }],
  },
};

test('nested attributes, the earliest event, ambiguous keys and empty traces', async () => {
  const profile = checkProfile(XES_PROFILE, 'x', RULES);
  const result = await readFile(temporaryFile('a.xes', XES), profile);
  const lines = linesOf(result);
  expect(lines.map(({ type, at, organ, data }) => [type, at, organ, data?.stage])).toEqual([
    ['received', '2026-01-01T00:00:00.000Z', undefined, undefined],
    ['stageDone', '2026-01-05T00:00:00.000Z', 'U0', 'Y'],
    ['stageDone', '2026-01-07T00:00:00.000Z', 'U1', 'X'],
  ]);
  expect(result.report.refusedByCode).toEqual({ XES_DUPLICATE_KEY: 1 });
  expect(result.report).toMatchObject({ cases: 2, events: 3, absent: 1 });
});

test('a profile for another format is refused before anything is read', async () => {
  const path = temporaryFile('a.csv', `${HEADER}\n`);
  expect(await codeOf(readFile(path, checkProfile(XES_PROFILE, 'x', RULES)))).toBe(
    'PROFILE_FORMAT',
  );
});

test('one row a case: each column that holds an instant is an event', async () => {
  const path = `${ROOT}/tests/fixtures/import/csv-case.csv`;
  const result = await readFile(path, loadProfile('csv-case', RULES));
  expect(result.report).toMatchObject({ cases: 4, events: 17, records: 17, refused: 0 });
  const types = linesOf(result)
    .filter(({ caseKey }) => caseKey === 'LC-2026-0002')
    .map(({ type, at }) => `${type} ${at}`);
  expect(types).toEqual([
    'received 2026-03-02T06:00:00.000Z',
    'accepted 2026-03-04T00:30:00.000Z',
    'suspended 2026-03-06T01:00:00.000Z',
    'resumed 2026-03-11T01:00:00.000Z',
    'decided 2026-03-30T02:00:00.000Z',
    'finished 2026-03-30T08:00:00.000Z',
  ]);
});

function storeOf(rows: number, memoryBytes?: number): RecordStore {
  const store = new RecordStore(memoryBytes);
  const padding = '件'.repeat(700);
  for (let i = 0; i < rows; i++) {
    const at = (i * 7919) % 997;
    store.add(at, rows - i, `{"at":${at},"seq":${rows - i},"text":"${padding}"}`);
  }
  return store;
}

function drain(store: RecordStore): { seen: { at: number; seq: number }[]; sizes: number[] } {
  const seen: { at: number; seq: number }[] = [];
  const sizes: number[] = [];
  for (const batch of store.batches()) {
    sizes.push(batch.rows);
    const text = Buffer.from(batch.lines).toString();
    for (const line of text.trimEnd().split('\n')) {
      const { at, seq } = JSON.parse(line) as { at: number; seq: number };
      seen.push({ at, seq });
    }
  }
  return { seen, sizes };
}

test('records leave sorted by instant, then number, in bounded batches', () => {
  const store = storeOf(12_345);
  const { seen, sizes } = drain(store);
  expect(seen).toHaveLength(12_345);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(importLimits.batchRows);
  expect(seen).toEqual([...seen].sort((a, b) => a.at - b.at || a.seq - b.seq));
  expect([store.count, store.lastMs]).toEqual([12_345, 996]);
});

test('beyond its memory a store goes through sorted runs on disk, with the same outcome', () => {
  const temporary = process.env.TMPDIR;
  process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'mingcha-own-')); // nobody else writes there
  onTestFinished(() => {
    if (temporary === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = temporary;
  });
  const store = storeOf(12_345, 1); // one block a run: about four runs
  expect(readdirSync(tmpdir())).toHaveLength(1);
  const { seen } = drain(store);
  expect(seen).toEqual(drain(storeOf(12_345)).seen);
  store.close();
  expect(readdirSync(tmpdir())).toEqual([]);
});

test('a record too large for a block is refused by name', () => {
  const store = new RecordStore();
  expect(() => store.add(0, 0, 'x'.repeat(9 * 1024 * 1024))).toThrow(ImportError);
});
