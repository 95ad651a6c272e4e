/** Order, identity, books and controls of a partition (engine/kernel/partition.ts). */
import { describe, expect, test } from 'vitest';
import { OUTCOMES } from '../../../engine/kernel/balance.ts';
import { at, CALENDAR, check, clock, pack, rung, sequence } from '../../fixtures/kernel/pack.ts';
import { jsonOf, type Line, type Record_, Rig } from '../../fixtures/kernel/rig.ts';

const line = (type: Line['type'], time: string, more: Partial<Line> = {}): Line => ({
  ...{ caseKey: 'A', type, at: at(`2024-03-${time}`), itemCode: 'I1' },
  ...more,
});
const sent = (one: Line, arrives = one.at): Record_ => ({
  kind: 'event',
  line: one,
  stamp: arrives,
});
const tick = (time: string): Record_ => ({ kind: 'tick', stamp: at(`2024-03-${time}`) });
const outcomes = (rig: Rig): string[] =>
  rig.lanes.flatMap((lane) => lane.outcomes.map((outcome) => OUTCOMES[outcome] as string));

const clocks = [clock('c')];

describe('what a change tells', () => {
  test('a timer is told of the record that carried the time, also after a restart', () => {
    const records = [sent(line('received', '04 10:00')), tick('05 00:00'), tick('12 00:00')];
    const straight = new Rig(pack({ clocks })).run(records);
    expect(straight.changes.map(({ position }) => position)).toEqual([2]);
    const restored = new Rig(pack({ clocks }), { restoreBefore: [2] }).run(records);
    expect(restored.changes).toEqual(straight.changes);
  });

  test('a timer after a released record is told of the record that carried the time, too', () => {
    const early = line('received', '05 10:00', { caseKey: 'B', seq: 9 });
    const rig = new Rig(pack({ clocks })).run([
      sent(line('received', '04 10:00', { seq: 1 })),
      sent(early, at('2024-03-04 11:00')),
      tick('12 00:00'),
    ]);
    expect(rig.changes.map(({ caseKey, position }) => [caseKey, position])).toEqual([['A', 2]]);
  });

  test('is how things stood when it happened, however late it is read', () => {
    const one = pack({ clocks, version: 1 });
    const two = pack({ clocks: [clock('c', { category: 'fee' })], version: 2 });
    const other = pack({ version: 3 });
    const publish = (hash: string, time: string): Record_ => ({
      ...{ kind: 'control', stamp: at(`2024-03-${time}`) },
      control: { type: 'publish', hash, version: 0 },
    });
    const records = [
      sent(line('received', '04 10:00', { seq: 1 })),
      tick('12 00:00'),
      publish('two', '13 00:00'),
      sent(line('suspended', '13 01:00', { seq: 2, organ: 'bureau' })),
      publish('other', '14 00:00'),
    ];
    const packs = { two, other };
    const single = new Rig(one, { packs }).run(records);
    const batched = new Rig(one, { packs, batch: 100 }).run(records);
    expect(batched.changes).toEqual(single.changes);
    expect(batched.changes[0]).toMatchObject({ packVersion: 1, category: 'deadline', organ: '' });
  });

  test('a card keeps its category when its rule leaves the pack', () => {
    const packs = { other: pack({ version: 2 }) };
    const rig = new Rig(pack({ clocks }), { packs }).run([
      sent(line('received', '04 10:00')),
      tick('12 00:00'),
      {
        ...{ kind: 'control', stamp: at('2024-03-13') },
        control: { type: 'publish', hash: 'other', version: 2 },
      },
    ]);
    expect(rig.changes.at(-1)).toMatchObject({
      ...{ op: 'withdrawn', ruleKind: 'clock', category: 'deadline', levelRank: 3 },
    });
  });

  test('a deadline that a new notice confirms is told again, as sure', () => {
    const year = { year: 2027, notices: [], off: [], work: [] };
    const calendar = { ...CALENDAR, version: 21, years: [...CALENDAR.years, year] };
    const packs = { noticed: pack({ clocks, calendar, version: 2 }) };
    const rig = new Rig(pack({ clocks }), { packs }).run([
      sent({ ...line('received', '04 10:00'), at: at('2026-12-29 10:00') }),
      { kind: 'tick', stamp: at('2027-01-10') },
      {
        ...{ kind: 'control', stamp: at('2027-01-11') },
        control: { type: 'publish', hash: 'noticed', version: 2 },
      },
    ]);
    const told = rig.changes.map(({ op, provisional, version }) => ({ op, provisional, version }));
    expect(told).toEqual([
      { op: 'raised', provisional: true, version: 1 },
      { op: 'moved', provisional: false, version: 2 },
    ]);
  });
});

test('a rung that is due when its clock starts rings at once, not at the next record', () => {
  const rungs = [rung('warning', { before: 3 }), rung('yellow', { due: true })];
  const short = pack({ clocks: [clock('c', { limit: { count: 1, unit: 'workday' }, rungs })] });
  const rig = new Rig(short).run([sent(line('received', '06 10:00'))]);
  const card = { 'A|c||0|warning': '2024-03-05 00:00:00.000 issued' };
  expect(rig.standing()).toEqual(card);
  rig.explainAll();
  expect(rig.standing()).toEqual(card);
});

test('the declared end of a log is remembered through a snapshot', () => {
  const decides = sequence('decides', { template: 'existence', a: { event: 'decided' } });
  const records: Record_[] = [
    sent(line('received', '04 10:00', { seq: 1 })),
    {
      ...{ kind: 'control', stamp: at('2024-03-10') },
      control: { type: 'logEnd', at: at('2024-03-10') },
    },
    sent(line('rated', '05 10:00', { seq: 2 }), at('2024-03-11')),
  ];
  const rig = new Rig(pack({ sequences: [decides] }), { restoreBefore: [2] }).run(records);
  expect(rig.standing()).toEqual({ 'A|decides||0|red': '2024-03-10 00:00:00.000 issued' });
  expect(rig.changes.length).toBe(1);
});

describe('identity', () => {
  const first = line('received', '04 10:00', { seq: 1 });

  test('the same record again is a duplicate, a newer revision replaces, an older does not', () => {
    const rig = new Rig(pack({ clocks })).run([
      sent(first),
      sent(first, at('2024-03-05')),
      sent({ ...first, rev: 2, at: at('2024-03-05 10:00') }, at('2024-03-05 10:00')),
      sent({ ...first, rev: 1, at: at('2024-03-03 10:00') }, at('2024-03-06')),
      tick('31 00:00'),
    ]);
    expect(outcomes(rig)).toEqual(['applied', 'duplicate', 'applied', 'duplicate', 'applied']);
    expect(rig.standing()).toEqual({ 'A|c||0|yellow': '2024-03-13 00:00:00.000 issued' });
  });

  test('the same identity with other content is a dead letter with its bytes', () => {
    const other = sent({ ...first, actor: 'somebody' }, at('2024-03-05'));
    const rig = new Rig(pack({ clocks })).run([sent(first), other]);
    expect(outcomes(rig)).toEqual(['applied', 'dead']);
    expect(rig.rejects).toEqual([
      {
        ...{ kind: 'dead', code: 'ID_REUSED_WITH_OTHER_CONTENT', position: 1 },
        ...{ stamp: at('2024-03-05'), text: jsonOf({ ...first, actor: 'somebody' }) },
      },
    ]);
  });

  test('numbers of two sources are two records', () => {
    const second = { ...line('accepted', '05 10:00', { seq: 1 }), source: 'other' };
    expect(outcomes(new Rig(pack()).run([sent(first), sent(second)]))).toEqual([
      'applied',
      'applied',
    ]);
  });

  test('records without a number are the same when all they say is', () => {
    const bare = line('received', '04 10:00');
    const rig = new Rig(pack()).run([
      sent(bare),
      sent(bare, at('2024-03-05')),
      sent({ ...bare, actor: 'somebody' }, at('2024-03-05')),
    ]);
    expect(outcomes(rig)).toEqual(['applied', 'duplicate', 'applied']);
  });

  test('a record refused for its identity names nothing of the case', () => {
    const bare: Line = { caseKey: 'A', type: 'received', at: first.at, seq: 1 };
    const rig = new Rig(pack({ clocks: [clock('c', { limit: { item: 'promised' } })] })).run([
      sent(bare),
      sent({ ...bare, itemCode: 'I1', organ: 'bureau' }, at('2024-03-05')),
      tick('31 00:00'),
    ]);
    expect(outcomes(rig).slice(0, 2)).toEqual(['applied', 'dead']);
    expect(rig.explain('A')).toMatchObject({ itemCode: '', organ: '' });
  });
});

describe('item, organ and territory named late', () => {
  const bare = (type: Line['type'], time: string, seq: number): Line => ({
    ...{ caseKey: 'A', type, at: at(`2024-03-${time}`), seq },
  });

  test('a clock that waited for the item is computed once it is named', () => {
    const rules = pack({ clocks: [clock('c', { limit: { item: 'promised' } })] });
    const rig = new Rig(rules).run([
      sent(bare('received', '04 10:00', 1)),
      sent({ ...bare('accepted', '05 10:00', 2), itemCode: 'I1' }),
      tick('31 00:00'),
    ]);
    expect(rig.standing()).toEqual({ 'A|c||0|yellow': '2024-03-14 00:00:00.000 issued' });
    rig.explainAll();
  });

  test('cards that stand are told again with the organ that must answer them', () => {
    const rig = new Rig(pack({ clocks })).run([
      sent(bare('received', '04 10:00', 1)),
      tick('12 00:00'),
      sent({ ...bare('decided', '12 10:00', 2), organ: 'bureau', territory: 'city' }),
    ]);
    const told = rig.changes.map(({ op, organ, territory, version }) => [
      op,
      organ,
      territory,
      version,
    ]);
    expect(told).toEqual([
      ['raised', '', '', 1],
      ['moved', 'bureau', 'city', 2],
    ]);
  });

  test('materials handed in with the record that names the item count', () => {
    const form = { code: 'form', name: { zh: 'f', en: 'f' }, required: true };
    const rules = pack({
      items: [
        {
          ...(pack().items[0] as NonNullable<ReturnType<typeof pack>['items'][0]>),
          materials: [form],
        },
      ],
      checks: [
        check('missing', {
          on: [{ event: 'accepted' }],
          conditions: { fact: 'case.materialsMissing', operator: 'greaterThan', value: 0 },
        }),
      ],
    });
    const rig = new Rig(rules).run([
      sent(bare('received', '04 10:00', 1)),
      sent({ ...bare('accepted', '05 10:00', 2), itemCode: 'I1', data: { materials: ['form'] } }),
    ]);
    expect(rig.standing()).toEqual({});
  });
});

describe('held records', () => {
  const early = sent(line('received', '05 10:00', { seq: 1 }), at('2024-03-04'));

  test('wait until the instant they name and then count as if they had come then', () => {
    const rig = new Rig(pack({ clocks })).run([early, tick('05 09:59:59.999')]);
    expect(rig.lanes[0]?.partition.store.table.count).toBe(0);
    rig.run([tick('13 00:00')]);
    expect(rig.standing()).toEqual({ 'A|c||0|yellow': '2024-03-13 00:00:00.000 issued' });
    expect(rig.rejects.map(({ kind, code }) => `${kind} ${code}`)).toEqual([
      'held TIME_IN_FUTURE',
      'released TIME_IN_FUTURE',
    ]);
  });

  test('wait on through a snapshot', () => {
    const records = [early, tick('05 09:59'), tick('13 00:00')];
    const rig = new Rig(pack({ clocks }), { restoreBefore: [1, 2] }).run(records);
    expect(rig.standing()).toEqual({ 'A|c||0|yellow': '2024-03-13 00:00:00.000 issued' });
    expect(rig.rejects.map(({ kind }) => kind)).toEqual(['held', 'released']);
  });

  test('wake the partition when nothing else does', () => {
    const rig = new Rig(pack({ clocks })).run([early]);
    expect(rig.lanes[0]?.partition.quietUntilMs()).toBe(at('2024-03-05 10:00'));
  });

  test('of one instant are released in the order in which they came', () => {
    const rungs = [rung('yellow', { due: true })];
    const rig = new Rig(pack({ clocks: [clock('c', { rungs })] })).run([
      sent(line('received', '06 10:00', { seq: 7, caseKey: 'B' }), at('2024-03-04')),
      sent(line('received', '05 10:00', { seq: 2 }), at('2024-03-04')),
      sent(line('finished', '05 10:00', { seq: 1 }), at('2024-03-04')),
      tick('31 00:00'),
    ]);
    expect(rig.rejects.filter(({ kind }) => kind === 'released').map((r) => r.position)).toEqual([
      1, 2, 0,
    ]);
    // Number 1 ends the case before number 2 begins it: the clock of A runs on.
    expect(Object.keys(rig.standing())).toEqual(['A|c||0|yellow', 'B|c||0|yellow']);
  });
});

describe('records that cannot be applied', () => {
  test('bytes that are no event are kept as they came', () => {
    const text = '{"caseKey":"A","type":"received","at":"2024-02-30T00:00:00Z"';
    const rig = new Rig(pack()).run([{ kind: 'raw', text, stamp: at('2024-03-04') }]);
    expect(outcomes(rig)).toEqual(['dead']);
    expect(rig.rejects).toMatchObject([{ kind: 'dead', code: 'JSON_SYNTAX', text }]);
  });

  test('a control that is not known is a dead letter and does nothing', () => {
    const control = { type: 'rewind' } as never;
    const rig = new Rig(pack({ clocks })).run([
      sent(line('received', '04 10:00')),
      { kind: 'control', control, stamp: at('2024-03-05') },
    ]);
    expect(rig.rejects).toMatchObject([{ kind: 'dead', text: '{"type":"rewind"}' }]);
    expect(rig.standing()).toEqual({});
  });

  test('a case too large takes no more events, says so, and goes on', () => {
    const rules = pack({ clocks });
    const rig = new Rig(rules, { batch: 500 });
    const records = Array.from({ length: 2100 }, (_, i) =>
      sent(line('rated', '04 10:00', { seq: i + 1, at: at('2024-03-04') + i * 1000 })),
    );
    rig.run(records);
    const dead = outcomes(rig).filter((outcome) => outcome === 'dead').length;
    expect(dead).toBeGreaterThan(0);
    expect(rig.rejects.length).toBe(dead);
    expect(new Set(rig.rejects.map(({ code }) => code))).toEqual(new Set(['CASE_TOO_LARGE']));
    rig.explainAll();
  });

  test('a revision that does not fit into a full case is refused, not fatal', () => {
    const rig = new Rig(pack(), { batch: 500 });
    const far = 9_007_199_254_000_000;
    const wide = (i: number, rev: number): Line =>
      line('rated', '04 10:00', {
        ...{ seq: far + i, rev, at: at('2024-03-04') + i * 86_400_000 },
        recordedAt: at('2024-03-04') + i * 86_400_000,
        ...(rev === 0
          ? {}
          : { data: { days: 900, amount: 99_999_999_999, specialType: 'hearing' } }),
      });
    const stamp = at('2030-03-04');
    for (let i = 0; i < 2044; i++) rig.run([sent(wide(i, 0), stamp)]);
    const revisions = Array.from({ length: 2044 }, (_, i) => sent(wide(i, 2_000_000_000), stamp));
    rig.run(revisions);
    const { length } = rig.rejects;
    expect(rig.rejects.every(({ code }) => code === 'CASE_TOO_LARGE')).toBe(true);
    expect(outcomes(rig).filter((outcome) => outcome === 'dead').length).toBe(length);
  });
});

describe('a record that its source takes back', () => {
  const first = line('received', '04 10:00', { seq: 1 });
  const back: Line = { ...first, rev: 1, retracted: true };
  const yellow = { 'A|c||0|yellow': '2024-03-12 00:00:00.000 issued' };

  test('counts no more, its cards are withdrawn with the record that refuted them', () => {
    const rig = new Rig(pack({ clocks })).run([
      sent(first),
      tick('12 00:00'),
      sent(back, at('2024-03-13')),
    ]);
    expect(outcomes(rig)).toEqual(['applied', 'applied', 'applied']);
    expect(rig.standing()).toEqual({});
    expect(rig.changes.map(({ op, detail }) => [op, detail])).toEqual([
      ['raised', ''],
      ['withdrawn', '{"evidence":2}'],
    ]);
  });

  test('comes back with a later revision, and the same card stands again', () => {
    const rig = new Rig(pack({ clocks })).run([
      sent(first),
      tick('12 00:00'),
      sent(back, at('2024-03-13')),
      sent({ ...first, rev: 2 }, at('2024-03-14')),
    ]);
    expect(rig.standing()).toEqual(yellow);
    expect(rig.changes.map(({ op }) => op)).toEqual(['raised', 'withdrawn', 'restored']);
  });

  test('may be taken back before it arrives: nothing is lost, nothing is raised', () => {
    const records = [sent(back, at('2024-03-03')), sent(first), tick('12 00:00')];
    const rig = new Rig(pack({ clocks })).run(records);
    expect(outcomes(rig)).toEqual(['applied', 'duplicate', 'applied']);
    expect(rig.changes).toEqual([]);
    const again = new Rig(pack({ clocks })).run([
      ...records,
      sent({ ...first, rev: 2 }, at('2024-03-13')),
    ]);
    expect(again.standing()).toEqual(yellow);
  });

  test('may be taken back while it is held for the future', () => {
    const rig = new Rig(pack({ clocks })).run([
      sent(first, at('2024-03-01')),
      sent(back, at('2024-03-02')),
      tick('12 00:00'),
    ]);
    expect(outcomes(rig)).toEqual(['held', 'applied', 'applied']);
    expect(rig.changes).toEqual([]);
    const books = rig.lanes[0]?.partition.balance.entries()[0]?.[1];
    expect(books).toEqual([1, 1, 0, 0]);
  });

  test('leaves no case to end, and lets a new one begin under the same key', () => {
    const decides = sequence('decides', { template: 'existence', a: { event: 'decided' } });
    const end = at('2024-03-06');
    const rig = new Rig(pack({ clocks, sequences: [decides] })).run([
      sent(first),
      sent(back, at('2024-03-05')),
      { kind: 'control', stamp: end, control: { type: 'logEnd', at: end } },
    ]);
    expect(rig.standing()).toEqual({});
    const anew = new Rig(pack({ clocks })).run([
      sent(first),
      sent(back, at('2024-03-05')),
      sent(line('received', '06 10:00', { seq: 2 })),
      tick('20 00:00'),
    ]);
    expect(anew.standing()).toEqual({ 'A|c||0|yellow': '2024-03-14 00:00:00.000 issued' });
  });

  test('sent twice is a duplicate; otherwise under the same revision, a dead letter', () => {
    const rig = new Rig(pack({ clocks })).run([
      sent(first),
      sent(back, at('2024-03-05')),
      sent(back, at('2024-03-06')),
      sent({ ...back, actor: 'somebody' }, at('2024-03-07')),
    ]);
    expect(outcomes(rig)).toEqual(['applied', 'applied', 'duplicate', 'dead']);
  });
});
