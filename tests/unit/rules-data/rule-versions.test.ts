/** What the loader says of several versions of one rule in one pack. */
import { expect, test } from 'vitest';
import type { CheckSource, PackSource } from '../../../engine/rules/source.ts';
import { checkPack, loadPack } from '../../../engine/runtime/rule-loader.ts';
import { PackError } from '../../../engine/runtime/rule-problem.ts';
import { RULES_DIR } from '../../../engine/runtime/rule-schema.ts';

const DEMO = loadPack(`${RULES_DIR}/packs/demo.json`);
const [RULE, ...OTHERS] = DEMO.checks as readonly [CheckSource, ...CheckSource[]];
const A = '2026-01-01T00:00:00+08:00';
const B = '2026-06-01T00:00:00+08:00';
const C = '2026-09-01T00:00:00+08:00';

function versions(...list: Partial<CheckSource>[]): PackSource {
  const own = list.map((over, i) => ({ ...RULE, version: i + 1, ...over }));
  return { ...DEMO, checks: [...own, ...OTHERS] };
}

/** Pointers and English words of what is refused, or of the warnings when nothing is. */
function said(pack: PackSource): string[] {
  try {
    return checkPack(pack).warnings.map((w) => `${w.severity} ${w.pointer} ${w.en}`);
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    return error.problems.map((p) => `${p.severity} ${p.pointer} ${p.en}`);
  }
}

test('versions that follow each other stand beside each other', () => {
  expect(said(versions({ validTo: A }, { validFrom: A, validTo: B }, { validFrom: B }))).toEqual(
    [],
  );
  expect(said(versions({ validFrom: B }, { validTo: B }))).toEqual([]);
});

test.each([
  ['no validity', [{}, {}], '/checks/1/id the same name twice'],
  ['overlap', [{ validTo: B }, { validFrom: A }], '/checks/1/validFrom the validity of two'],
  ['one of them without end', [{}, { validFrom: A }], '/checks/1/validFrom the validity of two'],
  ['one number', [{ validTo: A }, { validFrom: A, version: 1 }], '/checks/1/version two versions'],
  ['an end before the beginning', [{ validFrom: B, validTo: A }], '/checks/0/validTo it ends'],
  ['a day that is none', [{ validFrom: '2026-02-30T00:00:00Z' }], '/checks/0/validFrom not an'],
  ['a time without its zone', [{ validFrom: '2026-02-20T00:00:00' }], '/checks/0/validFrom'],
  ['now with a date', [{ validFrom: A, effective: 'now' }], '/checks/0/effective effective: now'],
  ['now with a date', [{ validTo: A }, { validFrom: A, effective: 'now' }], '/checks/1/effective'],
] as const)('is refused: %s', (_, list, words) => {
  expect(said(versions(...list)).join('\n')).toContain(`error ${words}`);
});

test('a gap is told and not refused', () => {
  expect(said(versions({ validTo: A }, { validFrom: C }))).toEqual([
    'warning /checks/1/validFrom between two versions no rule is in force',
  ]);
});

test('a rule keeps its kind, and what is retired is gone', () => {
  const [sequence] = DEMO.sequences as [(typeof DEMO.sequences)[number]];
  const renamed = { ...sequence, id: RULE.id, version: 2, validFrom: A };
  const pack = { ...versions({ validTo: A }), sequences: [...DEMO.sequences, renamed] };
  expect(said(pack).join('\n')).toContain('the same name twice');
  const retired = [{ id: RULE.id, effective: 'now' }] as const;
  expect(said({ ...DEMO, retired })).toEqual([
    'error /retired/0/id a rule still in the pack is not retired',
  ]);
  expect(said({ ...DEMO, checks: OTHERS, retired })).toEqual([]);
});

test('clocks may have more versions than there may be clocks, within what a slot holds', () => {
  const [clock, ...rest] = DEMO.clocks as [(typeof DEMO.clocks)[number]];
  const many = (count: number) => {
    const chain = Array.from({ length: count }, (_, i) => ({
      ...clock,
      version: i + 1,
      validFrom: `2025-01-01T00:00:00.${String(i).padStart(3, '0')}Z`,
      validTo: `2025-01-01T00:00:00.${String(i + 1).padStart(3, '0')}Z`,
    }));
    return { ...DEMO, clocks: [...rest, ...chain] };
  };
  const room = 128 - rest.length;
  expect(said(many(room))).toEqual([]);
  expect(said(many(room + 1)).join()).toContain('too many clocks with their older versions');
});
