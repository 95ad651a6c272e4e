/** The order of things inside a case: deemed acceptance, ends, the end of the log (kernel/fold.ts). */
import { describe, expect, test } from 'vitest';
import { at, clock, pack, rung, sequence } from '../../fixtures/kernel/pack.ts';
import { type Line, live, type Record_, Rig } from '../../fixtures/kernel/rig.ts';

const line = (type: Line['type'], time: string, more: Partial<Line> = {}): Line => ({
  ...{ caseKey: 'A', type, at: at(`2024-03-${time}`), itemCode: 'I1' },
  ...more,
});
const sent = (one: Line, arrives = one.at): Record_ => ({
  kind: 'event',
  line: one,
  stamp: arrives,
});
const tick = (time: string): Record_ => ({ kind: 'tick', stamp: at(time) });
const end = (time: string): Record_ => {
  const stamp = at(`2024-03-${time}`);
  return { kind: 'control', control: { type: 'logEnd', at: stamp }, stamp };
};

describe('deemed acceptance', () => {
  const intake = clock('intake', {
    start: [{ event: 'received' }, { event: 'supplementReceived' }],
    stop: [{ event: 'accepted' }, { event: 'supplementRequested' }],
    deemed: 'accepted',
  });
  const promise = clock('promise', { start: [{ event: 'accepted' }], limit: { item: 'promised' } });
  const rules = pack({ clocks: [intake, promise] });

  test('runs the promise from the day of receipt, not from the day the answer was due', () => {
    const rig = new Rig(rules).run(live([line('received', '04 10:00')], at('2024-03-31')));
    expect(rig.standing()).toEqual({
      'A|intake||0|yellow': '2024-03-12 00:00:00.000 issued',
      'A|promise||0|yellow': '2024-03-14 00:00:00.000 issued',
    });
  });

  test('counts from the receipt that began the wait, not from one reported during it', () => {
    const lines = [line('received', '04 10:00'), line('received', '06 10:00')];
    const rig = new Rig(rules).run(live(lines, at('2024-03-31')));
    expect(rig.standing()['A|promise||0|yellow']).toBe('2024-03-14 00:00:00.000 issued');
  });

  test('counts from the supplement when one was asked for', () => {
    const lines = [
      line('received', '04 10:00'),
      line('supplementRequested', '05 10:00'),
      line('supplementReceived', '07 10:00'),
      line('supplementReceived', '08 10:00'),
    ];
    const rig = new Rig(rules).run(live(lines, at('2024-03-31')));
    expect(rig.standing()).toEqual({
      'A|intake||1|yellow': '2024-03-15 00:00:00.000 issued',
      'A|promise||0|yellow': '2024-03-19 00:00:00.000 issued',
    });
  });

  test('survives a real acceptance after it', () => {
    const lines = [line('received', '04 10:00'), line('accepted', '13 10:00')];
    const rig = new Rig(rules).run(live(lines, at('2024-03-31')));
    expect(rig.standing()['A|promise||0|yellow']).toBe('2024-03-14 00:00:00.000 issued');
  });

  test('is withdrawn, and the promise moved, by an acceptance that only arrives late', () => {
    const rig = new Rig(rules).run([
      sent(line('received', '04 10:00', { seq: 1 })),
      tick('2024-03-20'),
      sent(line('accepted', '07 10:00', { seq: 2 }), at('2024-03-20 09:00')),
    ]);
    expect(rig.standing()).toEqual({
      'A|promise||0|yellow': '2024-03-19 00:00:00.000 issued',
    });
    const refuted = rig.changes.find(({ op }) => op === 'withdrawn');
    expect(refuted).toMatchObject({ ruleId: 'intake', detail: '{"evidence":2}', version: 2 });
  });

  test('also happens when the rung at the end of the limit is written as 100 percent', () => {
    const written = clock('intake', { ...intake, rungs: [rung('yellow', { percent: 100 })] });
    const rig = new Rig(pack({ clocks: [written, promise] })).run(
      live([line('received', '04 10:00')], at('2024-03-31')),
    );
    expect(rig.standing()['A|promise||0|yellow']).toBe('2024-03-14 00:00:00.000 issued');
  });
});

describe('the declared end of a log', () => {
  const decides = sequence('decides', { template: 'existence', a: { event: 'decided' } });
  const rules = pack({ sequences: [decides] });
  const card = { 'A|decides||0|red': '2024-03-10 10:00:00.000 issued' };

  test('decides what was still open', () => {
    const rig = new Rig(rules).run([sent(line('received', '04 10:00')), end('10 10:00')]);
    expect(rig.standing()).toEqual(card);
  });

  test('comes after an event of its own instant, also when that arrives after it', () => {
    const rig = new Rig(rules).run([
      sent(line('received', '04 10:00', { seq: 1 })),
      end('10 10:00'),
      sent(line('decided', '10 10:00', { seq: 2 }), at('2024-03-10 10:00')),
    ]);
    expect(rig.standing()).toEqual({});
  });

  test('decides for a case that is only reported after it, if the case was there', () => {
    const received = line('received', '04 10:00', { seq: 1 });
    const rig = new Rig(rules).run([end('10 10:00'), sent(received, at('2024-03-12'))]);
    expect(rig.standing()).toEqual(card);
  });

  test('says nothing of a case that began after it', () => {
    const rig = new Rig(rules).run([
      end('10 10:00'),
      sent(line('received', '12 10:00', { seq: 1 })),
      sent(line('accepted', '12 10:00', { seq: 2 })),
    ]);
    expect(rig.standing()).toEqual({});
    rig.explainAll();
  });

  test('declared again, later, replaces the first', () => {
    const rig = new Rig(rules).run([
      sent(line('received', '04 10:00', { seq: 1 })),
      end('10 10:00'),
      sent(line('decided', '12 10:00', { seq: 2 })),
      end('14 10:00'),
    ]);
    expect(rig.standing()).toEqual({});
    rig.explainAll();
  });

  test('ahead of the time that has come is the time that has come', () => {
    const ahead: Record_ = {
      ...{ kind: 'control', stamp: at('2024-03-10 10:00') },
      control: { type: 'logEnd', at: at('2024-03-30') },
    };
    const clocks = [clock('c')];
    const rig = new Rig(pack({ sequences: [decides], clocks })).run([
      sent(line('received', '04 10:00')),
      ahead,
    ]);
    expect(rig.standing()).toEqual(card);
    rig.explainAll();
  });
});

describe('ends of a case', () => {
  const answers = sequence('answers', {
    ...{ template: 'response', a: { event: 'complaintFiled' }, b: { event: 'complaintAnswered' } },
    checkedAt: ['caseEnd'],
  });
  const rules = pack({ sequences: [answers] });

  test('an open response is decided by the event that ends the case', () => {
    const lines = [line('complaintFiled', '04 10:00'), line('finished', '05 10:00')];
    const rig = new Rig(rules).run(live(lines, at('2024-03-31')));
    expect(Object.values(rig.standing())).toEqual(['2024-03-05 10:00:00.000 provisional']);
  });

  test('only the first end counts until the case is reopened', () => {
    const lines = [
      line('finished', '04 10:00'),
      line('complaintFiled', '05 10:00'),
      line('finished', '06 10:00'),
      line('reopened', '07 10:00'),
      line('finished', '08 10:00'),
    ];
    const rig = new Rig(rules).run(live(lines, at('2024-03-31')));
    expect(Object.values(rig.standing())).toEqual(['2024-03-08 10:00:00.000 provisional']);
  });
});
