/** The case page out of a real explanation: names, problems, stages, ledger (runtime/case-view.ts). */
import { describe, expect, test } from 'vitest';
import type { CaseDetail } from '../../../engine/facade.ts';
import type { CourseRecord } from '../../../engine/runtime/case-records.ts';
import { caseView } from '../../../engine/runtime/case-view.ts';
import { PackNames } from '../../../engine/runtime/pack-names.ts';
import { at, clock, item, pack, stage } from '../../fixtures/kernel/pack.ts';
import { type Line, live, Rig } from '../../fixtures/kernel/rig.ts';

const rules = pack({
  items: [item('I1', { stages: [stage('s1', 2), stage('s2', 3, 'hour'), stage('s3')] })],
  clocks: [
    clock('promise', {
      ...{ start: [{ event: 'accepted' }], limit: { item: 'promised' } },
      suspend: [
        { from: 'suspended', to: 'resumed' },
        { from: 'specialOpened', to: 'specialClosed', cap: 'announced' },
      ],
      extend: { event: 'extended', max: 'item' },
    }),
    clock('statute', { start: [{ event: 'accepted' }], limit: { item: 'statutory' } }),
    clock('stage', {
      ...{ start: [{ event: 'stageEntered' }], stop: [{ event: 'stageDone' }] },
      ...{ perStage: true, limit: { item: 'stage' } },
    }),
  ],
});

function viewOf(lines: readonly Omit<Line, 'caseKey'>[], until: string): CaseDetail {
  const rig = new Rig(rules).run(
    live(
      lines.map((line) => ({ caseKey: 'A', itemCode: 'I1', organ: 'bureau', ...line })),
      at(until),
    ),
  );
  const names = new PackNames(rules, 'hash');
  const explained = rig.explain('A');
  return caseView({ explained, course: COURSE, cards: [], evidence: [], names, asOfMs: null });
}

const noon = at('2024-03-04 12:00');
const COURSE: readonly CourseRecord[] = [
  {
    ...{ position: 7, type: 'received', atMs: noon, recordedAtMs: noon + 1000, sentAtMs: null },
    ...{ stampMs: noon + 90_000_000, source: 'src', seq: 4, rev: 0, stage: '', retracted: false },
    ...{ json: '{"type":"received"}', status: 'superseded', endedBy: 9 },
  },
];

const step = (type: Line['type'], time: string, data?: Line['data']) => ({
  ...{ type, at: at(`2024-03-${time}`) },
  ...(data === undefined ? {} : { data }),
});

describe('a case in the middle of its life', () => {
  const view = viewOf(
    [
      step('received', '01 10:00'),
      step('accepted', '04 10:00'),
      step('stageEntered', '04 11:00', { stage: 's1' }),
      step('suspended', '05 10:00'),
      step('resumed', '06 10:00'),
      step('specialOpened', '07 10:00', { noticed: true, days: 2, specialType: 'hearing' }),
      step('extended', '08 10:00', { days: 1 }),
    ],
    '2024-03-14',
  );

  test('says who, what and since when', () => {
    expect(view).toMatchObject({
      ...{ caseKey: 'A', itemCode: 'I1', itemName: { zh: 'I1' }, organName: { zh: 'bureau' } },
      ...{ receivedMs: at('2024-03-01 10:00'), acceptedMs: at('2024-03-04 10:00') },
      ...{ closedMs: null, deemed: false, zone: 'Asia/Shanghai' },
    });
  });

  test('gives each clock its limit in its unit, and what was left out', () => {
    const promise = view.clocks.find(({ ruleId }) => ruleId === 'promise');
    expect(promise).toMatchObject({
      ...{ state: 'running', problem: '', limit: 8, unit: 'workday', excluded: 3, mode: 'legal' },
    });
    expect(promise?.used).toBe(5);
    expect(promise?.remaining).toBe(3);
  });

  test('lists each change of a countdown once, in time', () => {
    expect(view.ledger.map(({ kind, days }) => [kind, days])).toEqual([
      ['suspension', 0],
      ['special', 2],
      ['extension', 1],
    ]);
  });

  test('shows the stages of the item, entered or not', () => {
    expect(
      view.stages.map(({ code, enteredMs, limit, unit, over }) => [
        code,
        enteredMs,
        limit,
        unit,
        over,
      ]),
    ).toEqual([
      ['s1', at('2024-03-04 11:00'), 2, 'workday', true],
      ['s2', null, 3, 'hour', false],
      ['s3', null, null, 'workday', false],
    ]);
  });

  test('dates an extension when it was granted', () => {
    const extension = view.ledger.find(({ kind }) => kind === 'extension');
    expect(extension).toMatchObject({ fromMs: at('2024-03-08 10:00'), days: 1 });
  });

  test('gives each record its four times, what lies between, and what became of it', () => {
    expect(view.events).toEqual([
      {
        ...{ position: 7, type: 'received', atMs: noon, recordedAtMs: noon + 1000, sentAtMs: null },
        ...{ stampMs: noon + 90_000_000, recordDelayMs: 1000, sendDelayMs: null },
        ...{ arrivalDelayMs: 89_999_000, late: true, source: 'src', seq: 4, rev: 0, stage: '' },
        ...{ status: 'superseded', endedBy: 9, record: { type: 'received' } },
      },
    ]);
  });
});

test('a clock that cannot be computed says why', () => {
  const unknown = viewOf([{ ...step('accepted', '04 10:00'), itemCode: 'NOWHERE' }], '2024-03-05');
  expect(unknown.clocks.map(({ state, problem }) => [state, problem])).toEqual([
    ['uncomputable', 'NO_ITEM'],
    ['uncomputable', 'NO_ITEM'],
  ]);
  const early = viewOf([{ type: 'accepted', at: at('2006-03-01 10:00') }], '2006-03-05');
  expect(early.clocks.map(({ problem }) => problem)).toEqual(['NO_CALENDAR', 'NO_CALENDAR']);
});

test('a finished case was closed by its last end', () => {
  const view = viewOf(
    [step('finished', '04 10:00'), step('reopened', '05 10:00'), step('finished', '06 10:00')],
    '2024-03-10',
  );
  expect(view.closedMs).toBe(at('2024-03-06 10:00'));
});
