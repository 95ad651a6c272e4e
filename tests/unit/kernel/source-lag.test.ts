/** A source that delivers a day late, and what is found before it has (engine/kernel/card-life.ts). */
import { describe, expect, test } from 'vitest';
import { at, clock, local, pack } from '../../fixtures/kernel/pack.ts';
import { type Line, type Record_, Rig } from '../../fixtures/kernel/rig.ts';

// The bureau sends each day's events in the night after it: by the end of the next workday at the latest.
const rules = pack({
  clocks: [clock('promise')],
  sources: [
    {
      ...{ code: 'src', name: { zh: '日终批量', en: 'nightly batch' }, organs: ['bureau'] },
      lag: { count: 1, unit: 'workday' },
    },
  ],
});
const line = (type: Line['type'], time: string, seq: number, organ = 'bureau'): Line => ({
  ...{ caseKey: 'A', type, at: at(time), itemCode: 'I1', seq, organ },
});
const arrives = (one: Line, time: string): Record_ => ({
  ...{ kind: 'event', line: one, stamp: at(time) },
});
const tick = (time: string): Record_ => ({ kind: 'tick', stamp: at(time) });
const told = (rig: Rig): string[] =>
  rig.changes.map(({ op, state, atMs }) => `${op} ${state} ${local(atMs)}`);

// Received on Monday 4 March 2024: five workdays end with Monday 11 March.
const received = arrives(line('received', '2024-03-04 10:00', 1), '2024-03-05 02:00');
const RAISED = 'raised provisional 2024-03-12 00:00:00.000';

describe('a finding about a case of a source that delivers late', () => {
  test('is issued at the instant at which nothing can refute it any more', () => {
    const rig = new Rig(rules).run([received, tick('2024-03-12 23:59:59.999')]);
    expect(told(rig)).toEqual([RAISED]);
    expect(rig.changes[0]?.issueMs).toBe(at('2024-03-13'));
    rig.run([tick('2024-03-20')]);
    expect(told(rig)).toEqual([RAISED, 'issued issued 2024-03-13 00:00:00.000']);
  });

  test('is withdrawn with the evidence when the batch refutes it', () => {
    const finished = arrives(line('finished', '2024-03-11 16:00', 2), '2024-03-12 02:00');
    const rig = new Rig(rules).run([received, finished, tick('2024-03-20')]);
    expect(told(rig)).toEqual([RAISED, 'withdrawn withdrawn 2024-03-12 02:00:00.000']);
    expect(rig.changes[1]?.detail).toBe('{"evidence":1}');
  });

  test('is issued as soon as the source says that it has delivered everything', () => {
    const mark = (time: string, stamp: string): Record_ => ({
      kind: 'control',
      control: { type: 'watermark', source: 'src', at: at(time) },
      stamp: at(stamp),
    });
    const rig = new Rig(rules).run([
      received,
      mark('2024-03-11 20:00', '2024-03-12 01:00'),
      mark('2024-03-12', '2024-03-12 02:00'),
    ]);
    expect(told(rig)).toEqual([RAISED, 'issued issued 2024-03-12 02:00:00.000']);
  });

  test('is not held back for a case of another organ', () => {
    const other = line('received', '2024-03-04 10:00', 1, 'office');
    const rig = new Rig(rules).run([arrives(other, '2024-03-04 10:00'), tick('2024-03-20')]);
    expect(told(rig)).toEqual(['raised issued 2024-03-12 00:00:00.000']);
  });

  test('is issued at once when it is found after the source had time enough', () => {
    const late = arrives(line('received', '2024-03-04 10:00', 1), '2024-03-18 02:00');
    const rig = new Rig(rules).run([late]);
    expect(told(rig)).toEqual(['raised issued 2024-03-12 00:00:00.000']);
  });
});
