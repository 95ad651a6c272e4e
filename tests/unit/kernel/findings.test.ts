/** When a finding becomes a card, is found again, withdrawn and restored (engine/kernel/findings.ts). */
import { describe, expect, test } from 'vitest';
import { at, check, clock, pack, rung } from '../../fixtures/kernel/pack.ts';
import { type Line, live, type Record_, Rig } from '../../fixtures/kernel/rig.ts';

const key = 'CASE-1';
const line = (type: Line['type'], time: string, more: Partial<Line> = {}): Line => ({
  caseKey: key,
  type,
  at: at(time),
  itemCode: 'I1',
  ...more,
});
const late = (one: Line, arrives: string): Record_ => ({
  kind: 'event',
  line: one,
  stamp: at(arrives),
});
const tick = (time: string): Record_ => ({ kind: 'tick', stamp: at(time) });

describe('a case that nobody reported as received', () => {
  const rules = pack({ checks: [check('seen', { on: [{ event: 'received' }] })] });

  test('is known as received before its own receipt is checked', () => {
    const records = [
      late(line('accepted', '2024-03-05 10:00', { seq: 2 }), '2024-03-05 10:00'),
      late(line('received', '2024-03-04 10:00', { seq: 1 }), '2024-03-06 10:00'),
    ];
    const { state } = new Rig(rules).run(records).changes.at(-1) ?? {};
    expect(state).toBe('issued');
  });

  test('has provisional cards until the receipt arrives, whenever that was', () => {
    const clocks = [clock('decide', { start: [{ event: 'accepted' }] })];
    const rig = new Rig(pack({ clocks })).run(
      live([line('accepted', '2024-03-04 10:00')], at('2024-03-20')),
    );
    expect(Object.values(rig.standing())).toEqual(['2024-03-12 00:00:00.000 provisional']);
    rig.run([late(line('received', '2024-03-01 10:00', { seq: 9 }), '2024-03-21 10:00')]);
    expect(Object.values(rig.standing())).toEqual(['2024-03-12 00:00:00.000 issued']);
  });

  test('falls back to provisional when a revision moves the receipt behind the card', () => {
    const clocks = [clock('decide', { start: [{ event: 'accepted' }] })];
    const received = line('received', '2024-03-01 10:00', { seq: 1 });
    const rig = new Rig(pack({ clocks })).run([
      late(received, '2024-03-01 10:00'),
      late(line('accepted', '2024-03-04 10:00', { seq: 2 }), '2024-03-04 10:00'),
      tick('2024-03-20'),
      late({ ...received, rev: 1, at: at('2024-03-19 10:00') }, '2024-03-20 10:00'),
    ]);
    expect(Object.values(rig.standing())).toEqual(['2024-03-12 00:00:00.000 provisional']);
  });
});

describe('a withdrawn card', () => {
  const clocks = [
    clock('promise', {
      start: [{ event: 'received' }],
      suspend: [{ from: 'suspended', to: 'resumed' }],
    }),
  ];
  const records: Record_[] = [
    late(line('received', '2024-03-04 10:00', { seq: 1 }), '2024-03-04 10:00'),
    tick('2024-03-12'),
    late(line('suspended', '2024-03-06 10:00', { seq: 2 }), '2024-03-13 10:00'),
    late(line('resumed', '2024-03-14 10:00', { seq: 3 }), '2024-03-14 10:00'),
    tick('2024-03-25'),
  ];

  test('is restored by the timer that finds it true in the end', () => {
    const rig = new Rig(pack({ clocks })).run(records);
    expect(rig.standing()).toEqual({
      'CASE-1|promise||0|yellow': '2024-03-20 00:00:00.000 issued',
    });
    expect(rig.changes.map(({ op, version }) => `${op} ${version}`)).toEqual([
      'raised 1',
      'withdrawn 2',
      'restored 3',
    ]);
    expect(rig.changes.at(-1)?.atMs).toBe(at('2024-03-20'));
  });

  test('keeps what people had done with it', () => {
    const rig = new Rig(pack({ clocks })).run(records.slice(0, 2));
    const card = rig.cards().get('CASE-1|promise||0|yellow');
    const command = {
      ...{ commandId: 'k1', type: 'acknowledge' as const, caseKey: key, actor: 'p' },
      ...{ cardId: card?.cardId ?? '', expectedVersion: 1 },
    };
    rig.run([{ kind: 'command', command, stamp: at('2024-03-12 09:00') }, ...records.slice(2)]);
    expect(rig.standing()).toEqual({
      'CASE-1|promise||0|yellow': '2024-03-20 00:00:00.000 acknowledged',
    });
  });

  test('of a check is restored by the next event that breaks the rule', () => {
    const checks = [
      check('twice', {
        on: [{ event: 'supplementRequested' }],
        conditions: { fact: 'count.supplementRequested', operator: 'greaterThan', value: 1 },
        occurrence: 'once',
      }),
    ];
    const asked = (time: string, seq: number, rev = 0): Line =>
      line('supplementRequested', time, { seq, rev });
    const rig = new Rig(pack({ checks })).run([
      late(asked('2024-03-04 10:00', 1), '2024-03-04 10:00'),
      late(asked('2024-03-05 10:00', 2), '2024-03-05 10:00'),
      late({ ...asked('2024-03-05 10:00', 2, 1), type: 'materialSubmitted' }, '2024-03-06 10:00'),
      late(asked('2024-03-07 10:00', 3), '2024-03-07 10:00'),
    ]);
    expect(rig.standing()).toEqual({
      'CASE-1|twice||0|yellow': '2024-03-07 10:00:00.000 provisional',
    });
  });
});

describe('one name, one card', () => {
  test('two rungs of one level make one card, due when the first fell', () => {
    const rungs = [rung('yellow', { due: true }), rung('yellow', { after: 2 })];
    const rig = new Rig(pack({ clocks: [clock('c', { rungs })] })).run(
      live([line('received', '2024-03-04 10:00')], at('2024-03-20')),
    );
    const before = rig.standing();
    expect(before).toEqual({ 'CASE-1|c||0|yellow': '2024-03-12 00:00:00.000 issued' });
    rig.explainAll();
    expect(rig.standing()).toEqual(before);
  });

  test('a check on several kinds of event finds each of them', () => {
    const checks = [check('off', { on: [{ event: 'accepted' }, { event: 'decided' }] })];
    const rig = new Rig(pack({ checks })).run(
      live(
        [line('accepted', '2024-03-04 10:00'), line('decided', '2024-03-05 10:00')],
        at('2024-03-06'),
      ),
    );
    expect(Object.keys(rig.standing())).toEqual(['CASE-1|off||0|yellow', 'CASE-1|off||1|yellow']);
  });
});
