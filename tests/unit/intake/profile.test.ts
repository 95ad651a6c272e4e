/** Profiles: the shipped ones are valid, a bad one is told all of its problems with pointers. */
import { expect, test } from 'vitest';
import { ImportError } from '../../../engine/intake/import-error.ts';
import { checkProfile, loadProfile, pathsOf } from '../../../engine/intake/profile.ts';
import { RULES, temporaryFile } from '../../fixtures/import/helpers.ts';

const SHIPPED = ['bpic15', 'csv-case', 'receipt', 'receipt-csv'];

test.for(SHIPPED)('the shipped profile %s is valid', (name) => {
  const profile = loadProfile(name, RULES);
  expect(profile.id).toBe(name);
});

function failureOf(work: () => unknown): ImportError {
  try {
    work();
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('an unknown name is refused with the names there are', () => {
  const error = failureOf(() => loadProfile('reciept', RULES));
  expect(error.code).toBe('PROFILE_NOT_FOUND');
  expect(error.params.known).toBe(SHIPPED.join(', '));
});

test('a file that is not there, or no JSON, is refused', () => {
  expect(failureOf(() => loadProfile('/nowhere/x.json', RULES)).code).toBe('PROFILE_NOT_FOUND');
  const broken = temporaryFile('p.json', '{"id": ');
  expect(failureOf(() => loadProfile(broken, RULES)).code).toBe('PROFILE_JSON');
});

const GOOD = {
  ...{ id: 'p', version: 1, name: { zh: '试', en: 'Try' }, source: 's', zone: 'Asia/Shanghai' },
  format: 'csv',
  csv: { row: 'case' },
  caseKey: { case: 'id' },
  fields: { itemCode: { case: 'item' } },
  perCase: [{ type: 'received', at: { case: 'start' } }],
};
const EVENTS = {
  activity: { event: 'a' },
  at: { event: 't' },
  rules: [{ type: 'stageDone', stage: { event: 'a' } }],
};

test('the profile that the bad ones are made from is good', () => {
  expect(checkProfile(GOOD, 'p', RULES)).toEqual(GOOD);
});

const BAD: readonly (readonly [string, Record<string, unknown>, string])[] = [
  ['an unknown key', { colour: 'red' }, '/: .*colour'],
  [
    'a type that is none',
    { perCase: [{ type: 'recieved', at: { case: 's' } }] },
    '/perCase/0/type',
  ],
  ['two origins', { caseKey: { case: 'a', event: 'b' } }, '/caseKey: .*exactly one'],
  ['no origin', { fields: { organ: {} } }, '/fields/organ: .*exactly one'],
  ['a field that is none', { fields: { colour: { case: 'c' } } }, '/fields: .*colour'],
  [
    'a wrong time of day',
    { perCase: [{ type: 'received', at: { case: 's', dateOnly: '24:00' } }] },
    '/perCase/0/at',
  ],
  ['a zone that is none', { zone: 'Asia/Shanghia' }, '/zone: .*Shanghia'],
  [
    'an event column where a row is a case',
    { fields: { organ: { event: 'o' } } },
    '/fields/organ/event',
  ],
  ['nested attributes in CSV', { caseKey: { case: ['a', 'b'] } }, '/caseKey: .*nested'],
  [
    'the first event in CSV',
    { perCase: [{ type: 'received', at: { firstEvent: true } }] },
    '/perCase/0/at/firstEvent',
  ],
  ['CSV without its section', { csv: undefined }, "/: .*'csv'"],
  ['events where a row is a case', { perEvent: EVENTS }, '/perEvent'],
  ['rows that are events without a mapping', { csv: { row: 'event' } }, "/: .*'perEvent'"],
  ['a CSV section for XES', { format: 'xes', perEvent: EVENTS }, '/csv'],
  [
    'an instant of an event that is another’s',
    { format: 'xes', csv: undefined, perEvent: { ...EVENTS, at: { firstEvent: true } } },
    '/perEvent/at/firstEvent',
  ],
  [
    'a rule that does nothing',
    { csv: { row: 'event' }, perEvent: { ...EVENTS, rules: [{ prefix: 'T' }] } },
    '/perEvent/rules/0: .*type, skip',
  ],
];

test.for(BAD)('%s is refused with its pointer', ([, change, expected]) => {
  const bad = JSON.parse(JSON.stringify({ ...GOOD, ...change }));
  const error = failureOf(() => checkProfile(bad, 'p', RULES));
  expect(error.code).toBe('PROFILE_INVALID');
  expect(error.details.join('\n')).toMatch(new RegExp(expected));
});

test('all problems come in one report', () => {
  const bad = { ...GOOD, id: 'P P', version: 0, caseKey: {}, perCase: [{ type: 'x', at: {} }] };
  const pointers = failureOf(() => checkProfile(bad, 'p', RULES)).details.join('\n');
  for (const pointer of ['/id', '/version', '/caseKey', '/perCase/0/type', '/perCase/0/at']) {
    expect(pointers).toContain(pointer);
  }
});

test('the paths of a profile are its columns, each once', () => {
  const profile = loadProfile('receipt-csv', RULES);
  const columns = [...pathsOf(profile, 'case'), ...pathsOf(profile, 'event')];
  expect(new Set(columns).size).toBe(columns.length);
  expect(columns).toContain('case:deadline');
  expect(columns).toContain('time:timestamp');
});
