/** Rules as data become what the kernel runs, or an error that names the rule (rules/compile.ts). */
import { describe, expect, test } from 'vitest';
import { Dictionaries } from '../../../engine/events/dictionary.ts';
import { ConditionError } from '../../../engine/rules/conditions.ts';
import { itemIndexOf, stageIndexOf } from '../../../engine/rules/program.ts';
import type { ConditionSource, PackSource } from '../../../engine/rules/source.ts';
import { at, check, clock, item, pack, rung, sequence, stage } from '../../fixtures/kernel/pack.ts';
import { type Line, live, programOf, Rig } from '../../fixtures/kernel/rig.ts';

function compile(source: PackSource) {
  const dictionaries = new Dictionaries();
  return { program: programOf(source, dictionaries), dictionary: dictionaries.strings };
}

describe('what cannot be run is refused by name', () => {
  const on = [{ event: 'received' as const }];
  const bad: readonly (readonly [string, PackSource, RegExp])[] = [
    [
      'a level that is not on the ladder',
      pack({
        clocks: [clock('lost', { rungs: [{ ...rung('red', { due: true }), level: 'blue' }] })],
      }),
      /lost.*blue/,
    ],
    [
      'an event nobody knows',
      pack({ checks: [check('odd', { on: [{ event: 'vanished' as never }] })] }),
      /vanished/,
    ],
    [
      'a template without its second event',
      pack({ sequences: [sequence('half', { template: 'response', a: { event: 'received' } })] }),
      /half.*response/,
    ],
    ['an id that is not ASCII', pack({ checks: [check('规则', { on })] }), /规则/],
    [
      'more rungs than a clock counts',
      pack({
        clocks: [
          clock('steep', {
            rungs: Array.from({ length: 16 }, (_, i) => rung('red', { after: i + 1 })),
          }),
        ],
      }),
      /steep.*15/,
    ],
    [
      'a unit nobody knows',
      pack({ items: [item('I1', { promised: { count: 1, unit: 'fortnight' as never } })] }),
      /fortnight/,
    ],
    [
      'more materials than a mask holds',
      pack({
        items: [
          item('I1', {
            materials: Array.from({ length: 33 }, (_, i) => ({
              ...{ code: `m${i}`, required: true, name: { zh: 'm', en: 'm' } },
            })),
          }),
        ],
      }),
      /I1.*32/,
    ],
    [
      'a special procedure nobody knows',
      pack({ items: [item('I1', { specials: ['séance'] })] }),
      /séance/,
    ],
  ];

  test.for(bad)('%s', ([, source, message]) => {
    expect(() => compile(source)).toThrow(message);
  });

  const wrong: readonly (readonly [string, ConditionSource, string])[] = [
    [
      'an unknown fact',
      { all: [{ fact: 'case.mood', operator: 'equal', value: 1 }] },
      '/conditions/all/0/fact',
    ],
    [
      'an unknown operator',
      { fact: 'event.days', operator: 'near', value: 1 },
      '/conditions/operator',
    ],
    [
      'an order between texts',
      { not: { fact: 'event.stage', operator: 'lessThan', value: 'a' } },
      '/conditions/not',
    ],
    [
      'a value of another type',
      { fact: 'event.noticed', operator: 'equal', value: 1 },
      '/conditions/value',
    ],
    ['an empty list', { fact: 'event.days', operator: 'in', value: [] }, '/conditions/value'],
    [
      'a list with a stranger in it',
      { any: [{ fact: 'event.days', operator: 'notIn', value: [1, 'x'] }] },
      '/conditions/any/0/value/1',
    ],
    [
      'a fact of another type to compare with',
      { fact: 'event.days', operator: 'equal', value: { fact: 'event.noticed' } },
      '/conditions/value/fact',
    ],
    [
      'a clock that is not in the pack',
      { fact: 'clock.ghost.expired', operator: 'equal', value: true },
      '/conditions/fact',
    ],
  ];

  test.for(wrong)('%s in a condition, with its place', ([, conditions, pointer]) => {
    let found: unknown;
    try {
      compile(pack({ checks: [check('c', { on, conditions })] }));
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(ConditionError);
    expect((found as ConditionError).pointer).toBe(pointer);
  });

  test('conditions nested without end', () => {
    let conditions: ConditionSource = { fact: 'event.days', operator: 'equal', value: 1 };
    for (let depth = 0; depth < 20; depth++) conditions = { not: conditions };
    expect(() => compile(pack({ checks: [check('c', { on, conditions })] }))).toThrow(
      /nested too deep/,
    );
  });
});

describe('items', () => {
  const versions = [1, 3, 2].map((version) =>
    item('I1', { version, promised: { count: version, unit: 'workday' } }),
  );
  const { program, dictionary } = compile(pack({ items: [...versions, item('I2')] }));
  const code = dictionary.idOf('I1');

  test('are found by code and version, the newest when none is named', () => {
    const { items } = program;
    const promised = (version: number) => items.promisedCount[itemIndexOf(items, code, version)];
    expect([1, 2, 3].map(promised)).toEqual([1, 2, 3]);
    expect(promised(0)).toBe(3);
    expect(itemIndexOf(items, code, 9)).toBe(-1);
    expect(itemIndexOf(items, dictionary.idOf('yellow'), 0)).toBe(-1);
    expect(itemIndexOf(items, -1, 0)).toBe(-1);
  });

  test('a case keeps the version it began with, and an unknown one cannot be computed', () => {
    const clocks = [clock('c', { limit: { item: 'promised' } })];
    const source = pack({ items: versions, clocks });
    const due = (itemVersion: number | undefined): string[] => {
      const line: Line = {
        ...{ caseKey: 'A', type: 'received', at: at('2024-03-04 10:00'), itemCode: 'I1' },
        ...(itemVersion === undefined ? {} : { itemVersion }),
      };
      return Object.values(new Rig(source).run(live([line], at('2024-03-31'))).standing());
    };
    expect(due(1)).toEqual(['2024-03-06 00:00:00.000 issued']);
    expect(due(2)).toEqual(['2024-03-07 00:00:00.000 issued']);
    expect(due(undefined)).toEqual(['2024-03-08 00:00:00.000 issued']);
    expect(due(7)).toEqual([]);
    // 65,537 is not version 1 though its last sixteen bits are.
    expect(due(65_537)).toEqual([]);
  });
});

test('stages keep their order, each in its own item', () => {
  const items = [
    item('I1', { stages: [stage('a'), stage('b')] }),
    item('I2', { stages: [stage('b')] }),
  ];
  const { program, dictionary } = compile(pack({ items }));
  const index = (code: string, name: string): number => {
    const found = itemIndexOf(program.items, dictionary.idOf(code), 0);
    return stageIndexOf(program.items, found, dictionary.idOf(name));
  };
  expect([index('I1', 'a'), index('I1', 'b'), index('I2', 'a'), index('I2', 'b')]).toEqual([
    0, 1, -1, 0,
  ]);
});
