/** Stages that begin though nobody says so (kernel/openings.ts), and what a late notice does (fold.ts D2). */
import { describe, expect, test } from 'vitest';
import type { CheckSource, ClockSource, ItemSource } from '../../../engine/rules/source.ts';
import { at, check, clock, item, pack, stage } from '../../fixtures/kernel/pack.ts';
import { type Line, live, Rig } from '../../fixtures/kernel/rig.ts';

type Step = readonly [type: Line['type'], time: string, data?: Line['data']];

const ENDS: ClockSource['stop'] = [
  { event: 'decided' },
  { event: 'refused' },
  { event: 'finished' },
];
const ITEM: Partial<ItemSource> = {
  stages: [stage('s1', 2), stage('s2', 3), stage('s3'), { ...stage('told', 1), aside: true }],
};

/** Rule, stage and run → due instant, of March 2024. */
function standing(
  clocks: readonly ClockSource[],
  steps: readonly Step[],
  own: Partial<ItemSource> = ITEM,
  checks: readonly CheckSource[] = [],
): Record<string, string> {
  const lines = steps.map(
    ([type, time, data = {}]): Line => ({
      ...{ caseKey: 'A', type, at: at(`2024-03-${time}`), itemCode: 'I1', data },
    }),
  );
  const rules = pack({ clocks, checks, items: [item('I1', own)] });
  const cards = new Rig(rules).run(live(lines, at('2024-04-30'))).standing();
  const short = (name: string): string => name.split('|').slice(1, 4).join('|');
  return Object.fromEntries(
    Object.entries(cards).map(([name, text]) => [short(name), text.slice(5, 16)]),
  );
}

const perStage = (start: ClockSource['start'], more: Partial<ClockSource> = {}): ClockSource =>
  clock('stage', {
    ...{ start, stop: [{ event: 'stageDone' }, ...ENDS], perStage: true, limit: { item: 'stage' } },
    ...more,
  });
const untouched = perStage([
  { event: 'stageEntered' },
  { event: 'accepted', opens: 'first' },
  { event: 'stageDone', opens: 'next' },
]);
const accepted: Step = ['accepted', '04 10:00'];

describe('a stage that nobody entered', () => {
  test('has a clock from the acceptance, when it is the first', () => {
    expect(standing([untouched], [accepted])).toEqual({ 'stage|s1|0': '03-07 00:00' });
  });

  test('has a clock from the end of the stage before it', () => {
    const steps: Step[] = [accepted, ['stageDone', '05 10:00', { stage: 's1' }]];
    expect(standing([untouched], steps)).toEqual({ 'stage|s2|0': '03-09 00:00' });
  });

  test('is not begun again when somebody enters it after all', () => {
    const steps: Step[] = [
      accepted,
      ['stageDone', '05 10:00', { stage: 's1' }],
      ['stageEntered', '07 10:00', { stage: 's2' }],
    ];
    expect(standing([untouched], steps)).toEqual({ 'stage|s2|0': '03-09 00:00' });
  });

  test('does not follow one outside the order, nor is that opened itself', () => {
    const steps: Step[] = [
      accepted,
      ['stageDone', '05 10:00', { stage: 's1' }],
      ['stageDone', '06 10:00', { stage: 's2' }],
      ['stageDone', '06 11:00', { stage: 's3' }],
      ['stageDone', '06 12:00', { stage: 'told' }],
    ];
    expect(standing([untouched], steps)).toEqual({});
  });

  test('does not begin after the case was decided, but does when it was reopened', () => {
    const done: Step = ['stageDone', '08 10:00', { stage: 's1' }];
    const decided: Step[] = [accepted, ['decided', '05 10:00']];
    expect(standing([untouched], [...decided, done])).toEqual({});
    expect(standing([untouched], [...decided, ['reopened', '07 10:00'], done])).toEqual({
      'stage|s2|0': '03-14 00:00',
    });
  });

  test('is not repeated by a second report of the stage before it', () => {
    const steps: Step[] = [
      accepted,
      ['stageDone', '05 10:00', { stage: 's1' }],
      ['stageDone', '06 10:00', { stage: 's2' }],
      ['stageDone', '06 10:00', { stage: 's1' }],
    ];
    expect(standing([untouched], steps)).toEqual({});
  });

  test('has a clock from the receipt when the acceptance was deemed', () => {
    const intake = clock('intake', { stop: [{ event: 'accepted' }], deemed: 'accepted' });
    expect(standing([intake, untouched], [['received', '04 10:00']])).toEqual({
      'intake||0': '03-12 00:00',
      'stage|s1|0': '03-07 00:00',
    });
  });
});

describe('joint handling', () => {
  const parts = perStage([{ event: 'accepted', opens: 'all' }], { itemTrait: 'joint' });
  const whole = clock('whole', { ...{ start: [{ event: 'accepted' }], exceptTrait: 'joint' } });

  test('begins every part that has a limit at once, each on a clock of its own', () => {
    const steps: Step[] = [accepted, ['stageDone', '06 10:00', { stage: 's1' }]];
    const joint = { ...ITEM, traits: ['joint'] };
    expect(standing([parts, whole], steps, joint)).toEqual({ 'stage|s2|0': '03-08 00:00' });
    expect(standing([parts, whole], steps)).toEqual({ 'whole||0': '03-12 00:00' });
  });

  test('can be narrowed to named stages', () => {
    const only = perStage([{ event: 'accepted', opens: 'all' }], {
      ...{ stages: ['s3'], limit: { count: 1, unit: 'workday' } },
    });
    expect(standing([only], [accepted])).toEqual({ 'stage|s3|0': '03-06 00:00' });
  });
});

describe('after a deemed acceptance', () => {
  const clocks = [
    clock('intake', {
      stop: [{ event: 'accepted' }, { event: 'refused' }],
      deemed: 'accepted',
    }),
    clock('promise', { start: [{ event: 'accepted' }], stop: ENDS, limit: { item: 'promised' } }),
  ];
  const late = check('late', {
    on: [{ event: 'accepted' }, { event: 'refused' }],
    conditions: { fact: 'case.deemed', operator: 'equal', value: true },
  });
  const deemed = { 'intake||0': '03-12 00:00', 'promise||0': '03-14 00:00' };
  const cardsAfter = (...steps: Step[]) =>
    standing(clocks, [['received', '04 10:00'], ...steps], ITEM, [late]);

  test('a late refusal stops nothing that runs since the receipt, and is found', () => {
    expect(cardsAfter()).toEqual(deemed);
    expect(cardsAfter(['refused', '12 10:00'])).toEqual({ ...deemed, 'late||0': '03-12 10:00' });
    expect(cardsAfter(['refused', '11 10:00'])).toEqual({});
  });

  test('a late acceptance begins nothing anew, though the case was decided meanwhile', () => {
    const steps: Step[] = [
      ['decided', '13 10:00'],
      ['accepted', '13 11:00'],
    ];
    expect(cardsAfter(...steps)).toEqual({ 'intake||0': '03-12 00:00', 'late||0': '03-13 11:00' });
  });

  test('a late refusal does not end the case', () => {
    const rules = pack({ clocks, terminal: ['refused', 'finished'] });
    const lineOf = (type: Line['type'], time: string): Line => ({
      ...{ caseKey: 'A', type, at: at(`2024-03-${time}`), itemCode: 'I1' },
    });
    const lines = [lineOf('received', '04 10:00'), lineOf('refused', '12 10:00')];
    const rig = new Rig(rules).run(live(lines, at('2024-03-20')));
    expect(rig.explain('A')).toMatchObject({ deemed: true, closed: false });
  });
});

describe('a deadline in workdays', () => {
  const renewal = clock('renewal', {
    ...{ stop: [{ event: 'decided' }], deemed: 'decided' },
    limit: { event: 'deadline', by: 'day', least: 3 },
  });
  const delivery = clock('delivery', {
    start: [{ event: 'decided' }],
    stop: [{ event: 'delivered' }],
  });

  test('that passes without a decision renews the permit from then on', () => {
    const deadline = '2024-03-15T00:00:00+08:00';
    const expect_ = { 'renewal||0': '03-16 00:00', 'delivery||0': '03-23 00:00' };
    const steps = (time: string): Step[] => [['received', time, { deadline }]];
    expect(standing([renewal, delivery], steps('04 10:00'))).toEqual(expect_);
    expect(standing([renewal, delivery], steps('13 10:00'))).toEqual({});
  });

  test('renews it too when a refusal came after the deemed acceptance', () => {
    const intake = clock('intake', { stop: [{ event: 'accepted' }], deemed: 'accepted' });
    const stop: ClockSource['stop'] = [{ event: 'decided' }, { event: 'refused' }];
    const data = { deadline: '2024-03-15T00:00:00+08:00' };
    const steps: Step[] = [
      ['received', '04 10:00', data],
      ['refused', '13 10:00'],
    ];
    const cards = standing([intake, { ...renewal, stop }, delivery], steps);
    expect(cards['delivery||0']).toBe('03-23 00:00');
  });

  test('counts workdays back from the day that was named', () => {
    const notice = clock('notice', {
      limit: { event: 'deadline', by: 'workday' },
      rungs: [{ level: 'yellow', at: { before: 3 }, title: { zh: 'x', en: 'x' } }],
    });
    // Saturday 16 March: the last workday is the 15th, three before it the 12th.
    const steps: Step[] = [['received', '04 10:00', { deadline: '2024-03-16T09:00:00+08:00' }]];
    expect(standing([notice], steps)).toEqual({ 'notice||0': '03-13 00:00' });
  });
});

describe('what else a clock may ask for', () => {
  test('one special procedure of several', () => {
    const hearing = clock('hearing', {
      start: [{ event: 'specialOpened', special: 'hearing' }],
      stop: [{ event: 'specialClosed', special: 'hearing' }],
    });
    const opened: Step = ['specialOpened', '04 10:00', { specialType: 'hearing', days: 1 }];
    const closed = (specialType: string): Step => ['specialClosed', '05 10:00', { specialType }];
    expect(standing([hearing], [opened, closed('testing')])).toEqual({
      'hearing||0': '03-12 00:00',
    });
    expect(standing([hearing], [opened, closed('hearing')])).toEqual({});
    expect(
      standing([hearing], [['specialOpened', '04 10:00', { specialType: 'testing' }]]),
    ).toEqual({});
  });

  test('that something has not come before', () => {
    const certificate = clock('certificate', {
      ...{ start: [{ event: 'finished' }], stop: [{ event: 'certificateIssued' }] },
      unless: ['certificateIssued'],
    });
    expect(standing([certificate], [['finished', '04 10:00']])).toEqual({
      'certificate||0': '03-12 00:00',
    });
    const issued: Step[] = [
      ['certificateIssued', '04 09:00'],
      ['finished', '04 10:00'],
    ];
    expect(standing([certificate], issued)).toEqual({});
  });

  test('a clock started three hundred times has three hundred names', () => {
    const day = clock('day', { stop: [{ event: 'suspended' }], limit: { count: 1, unit: 'hour' } });
    const steps = Array.from({ length: 300 }, (_, i): Step[] => {
      const time = (minute: number): string =>
        `${String(1 + Math.floor(i / 12)).padStart(2, '0')} ${String((i % 12) * 2).padStart(2, '0')}:${minute}`;
      return [
        ['received', time(10)],
        ['suspended', `${time(10).slice(0, 3)}${String((i % 12) * 2 + 1).padStart(2, '0')}:30`],
      ];
    }).flat();
    const cards = standing([day], steps);
    expect(Object.keys(cards).length).toBe(300);
    expect(cards['day||299']).toBe('03-25 23:10');
  });
});
