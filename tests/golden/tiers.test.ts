/**
 * One log, one digest (law L1): on any number of partitions, in batches of any size, in any process
 * time zone, and under every tier of the compiler. A miscompiled inner loop gives wrong numbers and no
 * error, so the tiers are compared and not trusted.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_OPENINGS, packOf } from '../fixtures/kernel/histories.ts';
import { writePlain } from '../fixtures/kernel/plain-javascript.ts';
import { seedOf } from '../fixtures/property.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const CHILD = join(ROOT, 'tests', 'fixtures', 'kernel', 'replay-child.ts');
const SEED = seedOf(20_261_124);
const EVENTS = 20_000;
const SMALL = 2_000;

interface Outcome {
  readonly digest: string;
  readonly states: Readonly<Record<string, number>>;
  readonly rejects: Readonly<Record<string, number>>;
}

interface Way {
  readonly events: number;
  readonly partitions?: number;
  readonly batch?: number;
  readonly flags?: readonly string[];
  readonly zone?: string;
  readonly entry?: string;
}

const run = promisify(execFile);
let folder = '';
let pack = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mingcha-tiers-'));
  pack = join(folder, 'pack.json');
  const choice = {
    ...{ intakeDays: 5, deemed: true, promised: { count: 7, unit: 'workday' as const } },
    ...{ statutory: 10, mode: 'legal' as const, resolutionMs: 1000, ladder: 2, extension: 5 },
    ...{ stageLimit: 2, complaint: { count: 5, unit: 'day' as const }, named: 'day' as const },
    ...{ each: true, checkedAt: undefined, ...NO_OPENINGS },
  };
  writeFileSync(pack, JSON.stringify(packOf(choice)));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function replay(way: Way): Promise<Outcome> {
  const { events, partitions = 1, batch = 1000, flags = [], zone = 'UTC', entry = CHILD } = way;
  const numbers = [SEED, events, partitions, batch].map(String);
  const { stdout } = await run(process.execPath, [...flags, entry, pack, ...numbers], {
    env: { ...process.env, TZ: zone, NODE_OPTIONS: '' },
    maxBuffer: 1 << 20,
  });
  return JSON.parse(stdout) as Outcome;
}

describe('twenty thousand events of one seed', () => {
  let first: Outcome;

  beforeAll(async () => {
    first = await replay({ events: EVENTS });
  });

  test('make cards of every state, and use every way a record can go', () => {
    expect(first.digest).toMatch(/^[0-9a-f]{16}$/);
    for (const state of ['issued', 'provisional', 'withdrawn']) {
      expect(first.states[state] ?? 0).toBeGreaterThan(10);
    }
    expect(Object.keys(first.rejects).sort()).toEqual([
      'held TIME_IN_FUTURE',
      'released TIME_IN_FUTURE',
    ]);
  });

  test.for([
    [1, 1],
    [1, 10_000],
    [4, 1],
    [4, 10_000],
  ] as const)('give the same on %i partitions in batches of %i', async ([partitions, batch]) => {
    expect(await replay({ events: EVENTS, partitions, batch })).toEqual(first);
  });

  test('give the same whatever the time zone of the process', async () => {
    expect(await replay({ events: EVENTS, zone: 'America/New_York' })).toEqual(first);
    expect(await replay({ events: EVENTS, zone: 'Asia/Kathmandu' })).toEqual(first);
  });

  test('give the same without the middle tier of the compiler', async () => {
    expect(await replay({ events: EVENTS, flags: ['--no-maglev'] })).toEqual(first);
  });

  test('give the same without any optimising compiler', async () => {
    expect(await replay({ events: EVENTS, flags: ['--no-opt'] })).toEqual(first);
  });
});

test('a small log gives the same when nothing is compiled at all', async () => {
  const entry = writePlain(CHILD, ROOT, folder);
  const compiled = await replay({ events: SMALL });
  expect(await replay({ events: SMALL, entry })).toEqual(compiled);
  expect(await replay({ events: SMALL, entry, flags: ['--jitless'] })).toEqual(compiled);
});
