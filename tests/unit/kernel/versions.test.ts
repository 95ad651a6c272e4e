/** Several versions of one rule in one pack: which decides, how findings are numbered and named. */
import { expect, test } from 'vitest';
import type { ClockSource } from '../../../engine/rules/source.ts';
import { at, check, clock, pack, rung, sequence } from '../../fixtures/kernel/pack.ts';
import { type Line, live, type Record_, Rig } from '../../fixtures/kernel/rig.ts';

const CUT = '2024-03-11T00:00:00+08:00';
const line = (type: Line['type'], time: string): Line => {
  return { caseKey: 'C', type, at: at(time), itemCode: 'I1' };
};
const names = (rig: Rig) => Object.entries(rig.standing()).map(([name, card]) => `${name} ${card}`);

const answer = {
  start: [{ event: 'complaintFiled' as const }],
  stop: [{ event: 'complaintAnswered' as const }],
};
const older = clock('answer', { ...answer, limit: { count: 5, unit: 'workday' }, validTo: CUT });
const newer = clock('answer', {
  ...answer,
  version: 2,
  validFrom: CUT,
  limit: { count: 1, unit: 'workday' },
  rungs: [rung('red', { due: true })],
});

test('a clock runs to its end under the version in force at its start, whatever comes meanwhile', () => {
  const rules = pack({ clocks: [older, newer] });
  const filed = [line('complaintFiled', '2024-03-08 10:00'), line('received', '2024-03-12 10:00')];
  const rig = new Rig(rules).run(live(filed, at('2024-03-20')));
  expect(names(rig)).toEqual(['C|answer||0|yellow 2024-03-16 00:00:00.000 issued']);
});

test('runs are numbered through all versions and share a slot; facts read whichever ran last', () => {
  const checks = [
    check('late', {
      on: [{ event: 'decided' }],
      conditions: { all: [{ fact: 'clock.answer.expired', operator: 'equal', value: true }] },
    }),
  ];
  const events = [
    line('complaintFiled', '2024-03-04 10:00'),
    line('suspended', '2024-03-05 10:00'),
    line('complaintAnswered', '2024-03-06 10:00'),
    line('complaintFiled', '2024-03-11 10:00'),
    line('suspended', '2024-03-11 11:00'),
    line('resumed', '2024-03-11 12:00'),
    line('decided', '2024-03-14 10:00'),
  ];
  const suspend = [{ from: 'suspended', to: 'resumed' } as const];
  const clocks = [
    { ...newer, suspend },
    { ...older, suspend },
  ];
  const rig = new Rig(pack({ clocks, checks })).run(live(events, at('2024-03-20')));
  expect(names(rig)).toEqual([
    'C|answer||1|red 2024-03-13 00:00:00.000 provisional',
    'C|late||0|yellow 2024-03-14 10:00:00.000 provisional',
  ]);
  const { clocks: told } = rig.explain('C');
  expect(told.map(({ ruleVersion, occurrence }) => [ruleVersion, occurrence])).toEqual([
    [1, 0],
    [2, 1],
  ]);
  // During a pause the slot and its note, not a pair a version; afterwards the note says nothing.
  const paused = new Rig(pack({ clocks, checks })).run(
    live(events.slice(0, 5), at('2024-03-11 11:30')),
  );
  const slots = ({ lanes }: Rig) => lanes[0]?.partition.store.clocks.count(0);
  expect([slots(paused), slots(rig)]).toEqual([2, 1]);
});

test('a check numbers the events that each version judged; a version that says once adds nothing', () => {
  const on = [{ event: 'decided' as const }];
  const others = [{ event: 'accepted' as const }];
  const checks = [
    check('each', { on, validTo: CUT }),
    check('each', { on: others, version: 2, validFrom: CUT }),
    check('once', { on, occurrence: 'once', validTo: CUT }),
    check('once', { on: others, occurrence: 'once', level: 'red', version: 2, validFrom: CUT }),
  ];
  const events = [
    line('accepted', '2024-03-04 10:00'),
    line('decided', '2024-03-05 10:00'),
    line('decided', '2024-03-06 10:00'),
    line('decided', '2024-03-12 10:00'),
    line('accepted', '2024-03-13 10:00'),
  ];
  const rig = new Rig(pack({ checks })).run(live(events, at('2024-03-20')));
  expect(names(rig)).toEqual([
    'C|each||0|yellow 2024-03-05 10:00:00.000 provisional',
    'C|each||1|yellow 2024-03-06 10:00:00.000 provisional',
    'C|each||2|yellow 2024-03-13 10:00:00.000 provisional',
    'C|once||0|yellow 2024-03-05 10:00:00.000 provisional',
  ]);
});

test('the end of a case is judged by the version in force then', () => {
  const decides = { template: 'existence', a: { event: 'decided' } } as const;
  const sequences = [
    sequence('decides', { ...decides, validTo: CUT }),
    sequence('decides', { ...decides, version: 2, validFrom: CUT, level: 'yellow' }),
  ];
  const early = [line('finished', '2024-03-08 10:00')];
  const late = [line('received', '2024-03-08 10:00'), line('finished', '2024-03-11 00:00')];
  const levels = (events: Line[]) =>
    names(new Rig(pack({ sequences })).run(live(events, at('2024-03-20'))));
  expect(levels(early)).toEqual(['C|decides||0|red 2024-03-08 10:00:00.000 provisional']);
  expect(levels(late)).toEqual(['C|decides||0|yellow 2024-03-11 00:00:00.000 issued']);
});

test('deemed acceptance counts from the receipt that the version which deems began with', () => {
  const wait = {
    start: [{ event: 'received' as const }],
    stop: [{ event: 'accepted' as const }],
    deemed: 'accepted' as const,
    rungs: [rung('yellow', { due: true })],
    limit: { count: 1, unit: 'workday' as const },
  };
  const clocks = [
    // Not for cases of this kind: its receipts begin nothing.
    clock('intake', { ...wait, itemKind: 'instant', validTo: CUT }),
    clock('intake', { ...wait, version: 2, validFrom: CUT }),
    clock('promise', { start: [{ event: 'accepted' }], limit: { count: 5, unit: 'workday' } }),
  ];
  const events = [line('received', '2024-03-04 10:00'), line('received', '2024-03-11 10:00')];
  const rig = new Rig(pack({ clocks })).run(live(events, at('2024-03-25')));
  expect(names(rig)).toEqual([
    'C|intake||0|yellow 2024-03-13 00:00:00.000 issued',
    'C|promise||0|yellow 2024-03-19 00:00:00.000 issued',
  ]);
});

test('a card is called the same with and without validity', () => {
  const events = [line('complaintFiled', '2024-03-04 10:00')];
  const ids = [older, { ...older, validTo: '2030-01-01T00:00:00Z' }, clock('answer', answer)].map(
    (one) => {
      const rig = new Rig(pack({ clocks: [one] })).run(live(events, at('2024-03-20')));
      return [...rig.cards().values()].map((card) => card.cardId);
    },
  );
  expect(new Set(ids.flat()).size).toBe(1);
  expect(ids.map((list) => list.length)).toEqual([1, 1, 1]);
});

test('a change by a publication names the version that judged and the one before', () => {
  const later = (over: Partial<ClockSource>) => clock('answer', { ...answer, version: 2, ...over });
  const packs = {
    shorter: pack({ version: 2, clocks: [later({ limit: { count: 3, unit: 'workday' } })] }),
    gone: pack({ version: 3 }),
    ...{ back: pack({ version: 4, clocks: [{ ...later({}), version: 5 }] }) },
  };
  const publish = (hash: keyof typeof packs, time: string): Record_ => ({
    ...{ kind: 'control', stamp: at(time) },
    control: { type: 'publish', hash, version: packs[hash].version },
  });
  const rig = new Rig(pack({ clocks: [clock('answer', answer)] }), { packs }).run([
    ...live([line('complaintFiled', '2024-03-04 10:00')], at('2024-03-20')),
    publish('shorter', '2024-03-20'),
    publish('gone', '2024-03-21'),
    publish('back', '2024-03-22'),
  ]);
  const said = rig.changes.map(
    ({ op, ruleVersion, previousRuleVersion }) => `${op} ${previousRuleVersion}→${ruleVersion}`,
  );
  expect(said).toEqual(['raised 0→1', 'moved 1→2', 'withdrawn 2→0', 'restored 0→5']);
});

test('a card raised by a publication names the version in force before, one by time none', () => {
  const strict = check('late', { version: 2, on: [{ event: 'decided' }] });
  const packs = { strict: pack({ version: 2, checks: [strict] }) };
  const mild = check('late', {
    on: [{ event: 'decided' }],
    conditions: { all: [{ fact: 'case.accepted', operator: 'equal', value: true }] },
  });
  const rig = new Rig(pack({ checks: [mild] }), { packs }).run([
    ...live([line('decided', '2024-03-04 10:00')], at('2024-03-05')),
    {
      kind: 'control',
      stamp: at('2024-03-05'),
      control: { type: 'publish', hash: 'strict', version: 2 },
    },
    {
      kind: 'event',
      line: { ...line('decided', '2024-03-06 10:00'), seq: 9 },
      stamp: at('2024-03-06 10:00'),
    },
  ]);
  const said = rig.changes.map(
    ({ op, occurrence, ruleVersion, previousRuleVersion }) =>
      `${op} ${occurrence} ${previousRuleVersion}→${ruleVersion}`,
  );
  expect(said).toEqual(['raised 0 1→2', 'raised 1 0→2']);
});
