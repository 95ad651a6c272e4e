import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeJobEvents } from '../../../benchmarks/macro/job-events.ts';

const folder = mkdtempSync(join(tmpdir(), 'mingcha-job-events-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

test('the events are the very bytes that the peers’ own generator writes', () => {
  const { events, whole, parts } = writeJobEvents(folder, 2000);
  expect(events).toBe(11_951);
  expect([whole, ...parts].map(sha256)).toEqual([
    '85df43aae0d813d198ebec7cef33746173350d3fb5377c0d96101ce655335bf7',
    'bf62058f6a2d416fc248f2f7ba4fabf3240a2b7240ad90c1a65dbceaf3242b72',
    '98132b172c675f2e7e2f93f94fcc88f838d33af28ba6b90440ce53cf7d38f8a1',
  ]);
});

test('the parts hold every line once, a case in one part only', () => {
  const { events, whole, parts } = writeJobEvents(folder, 300);
  const lines = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n');
  const halves = parts.map(lines);
  expect(halves.flat().sort()).toEqual(lines(whole).sort());
  expect(halves.flat()).toHaveLength(events);
  const keys = halves.map((half) => new Set(half.map((line) => JSON.parse(line).caseKey)));
  expect(keys[0]?.intersection(keys[1] as Set<string>).size).toBe(0);
});

test('more cases than the case number has room for are refused', () => {
  expect(() => writeJobEvents(folder, 1 << 20)).toThrow(RangeError);
});
