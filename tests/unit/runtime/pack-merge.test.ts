/** What `effective` makes of a pack in force and the pack that is published (runtime/pack-merge.ts). */
import { expect, test } from 'vitest';
import type { CheckSource, PackSource } from '../../../engine/rules/source.ts';
import { packHash } from '../../../engine/runtime/pack-hash.ts';
import { instantText, mergePack, type RuleChange } from '../../../engine/runtime/pack-merge.ts';
import { at, check, clock, pack } from '../../fixtures/kernel/pack.ts';

const T1 = at('2026-03-02 10:00');
const T2 = at('2026-04-01 09:30');
const [A, B] = ['2026-03-02T10:00:00.000+08:00', '2026-04-01T09:30:00.000+08:00'];
const on = [{ event: 'decided' as const }];
const v = (version: number, over: Partial<CheckSource> = {}) =>
  check('x', { on, version, ...over });
const holding = (...checks: CheckSource[]): PackSource => pack({ checks });

function summary(merged: PackSource): string[] {
  return merged.checks.map(
    ({ id, version, validFrom = '', validTo = '' }) => `${id}${version} [${validFrom}, ${validTo})`,
  );
}
const said = (changes: readonly RuleChange[]) =>
  changes.map(
    ({ id, change, effective, from, to }) => `${id} ${change} ${effective} ${from}→${to}`,
  );

test('start leaves nothing of the version before, and the pack as its author wrote it', () => {
  const authored = holding(v(2, { level: 'red' }));
  const merged = mergePack(holding(v(1)), authored, T1);
  expect(packHash(merged.pack)).toBe(packHash(authored));
  expect(said(merged.changes)).toEqual(['x changed start 1→2']);
  const declared = mergePack(
    holding(v(1)),
    holding(v(2, { level: 'red', effective: 'start' })),
    T1,
  );
  expect(packHash(declared.pack)).toBe(packHash(authored));
});

test('now ends the version in force at the moment and begins the new one there, again and again', () => {
  const first = mergePack(holding(v(1)), holding(v(2, { level: 'red', effective: 'now' })), T1);
  expect(summary(first.pack)).toEqual([`x1 [, ${A})`, `x2 [${A}, )`]);
  expect(said(first.changes)).toEqual(['x changed now 1→2']);
  const same = mergePack(first.pack, holding(v(2, { level: 'red', effective: 'now' })), T2);
  expect(packHash(same.pack)).toBe(packHash(first.pack));
  expect(said(same.changes)).toEqual(['x unchanged now 2→2']);
  const third = mergePack(first.pack, holding(v(3, { effective: 'now' })), T2);
  expect(summary(third.pack)).toEqual([`x1 [, ${A})`, `x2 [${A}, ${B})`, `x3 [${B}, )`]);
  const back = mergePack(third.pack, holding(v(3)), T2);
  expect(summary(back.pack)).toEqual(['x3 [, )']);
});

test('two publications in one moment leave no version that was never in force', () => {
  const first = mergePack(holding(v(1)), holding(v(2, { level: 'red', effective: 'now' })), T1);
  const second = mergePack(first.pack, holding(v(3, { effective: 'now' })), T1);
  expect(summary(second.pack)).toEqual([`x1 [, ${A})`, `x3 [${A}, )`]);
});

test('a rule that is new from now on judges nothing before', () => {
  const merged = mergePack(holding(), holding(v(1, { effective: 'now' })), T1);
  expect(summary(merged.pack)).toEqual([`x1 [${A}, )`]);
  expect(said(merged.changes)).toEqual(['x added now 0→1']);
});

test('a rule left out is gone from the start, or ends now when it is retired so', () => {
  const without = mergePack(holding(v(1)), holding(), T1);
  expect(without.pack.checks).toEqual([]);
  expect(said(without.changes)).toEqual(['x retired start 1→0']);
  const retired = [{ id: 'x', effective: 'now' }] as const;
  const ended = mergePack(holding(v(1)), { ...holding(), retired }, T1);
  expect(summary(ended.pack)).toEqual([`x1 [, ${A})`]);
  expect(said(ended.changes)).toEqual(['x retired now 1→0']);
  expect('retired' in ended.pack).toBe(false);
  // Still retired with the next publication, and back from another moment on.
  const again = mergePack(ended.pack, { ...holding(), retired }, T2);
  expect(packHash(again.pack)).toBe(packHash(ended.pack));
  const returned = mergePack(ended.pack, holding(v(2, { effective: 'now' })), T2);
  expect(summary(returned.pack)).toEqual([`x1 [, ${A})`, `x2 [${B}, )`]);
});

test('what takes effect now needs a greater version number', () => {
  const changed = () =>
    mergePack(holding(v(1)), holding(v(1, { level: 'red', effective: 'now' })), T1);
  expect(changed).toThrow(/greater version number.*\n?.*> 1/);
});

test('validity the author states is taken as written', () => {
  const authored = holding(v(1, { validTo: A }), v(2, { validFrom: A }));
  expect(packHash(mergePack(holding(v(1)), authored, T2).pack)).toBe(packHash(authored));
});

test('clocks and the order of rules: a version stands beside the one it follows', () => {
  const before = pack({ clocks: [clock('a'), clock('b')] });
  const after = pack({
    clocks: [clock('a', { version: 2, mode: 'elapsed', effective: 'now' }), clock('b')],
  });
  const { clocks } = mergePack(before, after, T1).pack;
  expect(clocks.map(({ id, version }) => `${id}${version}`)).toEqual(['a1', 'a2', 'b1']);
});

test('an instant is written with the offset of its own moment', () => {
  const zone = {
    name: 'Europe/Amsterdam',
    firstOffsetMs: 3_600_000,
    transitions: [{ atMs: T2, offsetMs: 7_200_000 }],
  };
  expect(Date.parse(instantText(zone, T2 - 1))).toBe(T2 - 1);
  expect(instantText(zone, T2 - 1)).toMatch(/\+01:00$/);
  expect(instantText(zone, T2)).toMatch(/\+02:00$/);
  const west = { name: 'x', firstOffsetMs: -12_600_000, transitions: [] };
  expect(instantText(west, T2)).toMatch(/-03:30$/);
  expect(Date.parse(instantText(west, T2))).toBe(T2);
});
