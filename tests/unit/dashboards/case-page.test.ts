import { describe, expect, it } from 'vitest';
import type { BillDay, CaseDetail, ClockView } from '../../../api/contract.ts';
import {
  billMonths,
  lookOf,
  sumBill,
  weekdayOf,
} from '../../../dashboards/src/console/case/bill-months.ts';
import { layOut } from '../../../dashboards/src/console/case/timeline-layout.ts';
import { decidingClock, isOver } from '../../../dashboards/src/console/case/verdict.ts';
import { DateText } from '../../../dashboards/src/shared/dates.ts';

const name = { zh: '承诺时限', en: 'Promised' };
const at = (iso: string) => Date.parse(`${iso}+08:00`);

function clock(change: Partial<ClockView>): ClockView {
  return {
    ruleId: 'promise',
    occurrence: 0,
    name,
    basis: '',
    effect: 'promised',
    stage: '',
    stageName: null,
    mode: 'legal',
    state: 'running',
    problem: '',
    startMs: at('2026-11-02T09:00:00'),
    dueMs: at('2026-11-10T00:00:00'),
    stoppedMs: null,
    limit: 5,
    unit: 'workday',
    used: 1,
    remaining: 4,
    excluded: 0,
    provisional: false,
    bill: [],
    ...change,
  };
}

function day(date: string, change: Partial<BillDay> = {}): BillDay {
  const base = { date, counted: true, reason: 'workday', note: '', notice: '' };
  return { ...base, provisional: false, used: 1, ...change };
}

describe('the clock that decides how a case stands', () => {
  const promise = clock({ ruleId: 'promise' });
  const statute = clock({ ruleId: 'statute', effect: 'statutory' });

  it('is the promise while nothing has expired', () => {
    expect(decidingClock([statute, promise])).toBe(promise);
  });

  it('is the law’s once both have expired', () => {
    const gone = { state: 'expired', remaining: -2 } as const;
    const law = clock({ ...statute, ...gone });
    expect(decidingClock([clock({ ...promise, ...gone }), law])).toBe(law);
  });

  it('is any expired one before a running one', () => {
    const stage = clock({ effect: 'internal', stage: 'sc', state: 'expired', remaining: -1 });
    expect(decidingClock([promise, stage])).toBe(stage);
  });

  it('counts a clock that stopped late as over', () => {
    expect(isOver(clock({ state: 'stopped', remaining: -1 }))).toBe(true);
    expect(isOver(clock({ state: 'stopped', remaining: 1 }))).toBe(false);
  });

  it('is none for a case without clocks', () => {
    expect(decidingClock([])).toBe(null);
  });
});

describe('a time bill as a calendar', () => {
  const bill = [
    day('2026-09-30', { reason: 'start', counted: false, used: 0 }),
    day('2026-10-01', { reason: 'holiday', counted: false, used: 0, notice: '甲号' }),
    day('2026-10-10', { reason: 'makeup', used: 1, notice: '甲号' }),
    day('2026-10-12', { used: 2, provisional: true }),
  ];

  it('puts every day under its weekday, Monday first', () => {
    expect(weekdayOf('2026-11-02')).toBe(0);
    expect(weekdayOf('2026-11-08')).toBe(6);
    for (const { month, weeks } of billMonths(bill)) {
      for (const week of weeks) {
        expect(week).toHaveLength(7);
        for (const [index, cell] of week.entries()) {
          if (cell.day === null) continue;
          expect(weekdayOf(cell.day.date)).toBe(index);
          expect(cell.day.date).toBe(`${month}-${String(cell.number).padStart(2, '0')}`);
        }
      }
    }
  });

  it('loses no day and shows none twice', () => {
    const shown = billMonths(bill).flatMap(({ weeks }) =>
      weeks.flat().flatMap((cell) => (cell.day === null ? [] : [cell.day.date])),
    );
    expect(shown).toEqual(bill.map((one) => one.date));
  });

  it('tells days past the limit from days within it', () => {
    expect(lookOf(day('2026-10-12', { used: 2 }), 2)).toBe('counted');
    expect(lookOf(day('2026-10-12', { used: 3 }), 2)).toBe('over');
  });

  it('shows a make-up workday as what it is until the limit is passed', () => {
    expect(lookOf(day('2026-10-10', { reason: 'makeup' }), 5)).toBe('makeup');
  });

  it('does not invent a look for a reason it does not know', () => {
    expect(lookOf(day('2026-10-10', { reason: 'new', counted: false }), 5)).toBe('outside');
  });

  it('adds up to the days of the bill and names each notice once', () => {
    const sums = sumBill(bill, 5);
    expect([...sums.byLook.values()].reduce((a, b) => a + b, 0)).toBe(bill.length);
    expect(sums.notices).toEqual(['甲号']);
    expect(sums.provisional).toBe(1);
  });
});

describe('a case on the day axis', () => {
  const dates = new DateText('Asia/Shanghai', 'zh');
  const detail: CaseDetail = {
    ...{ asOfMs: null, packVersion: 1, evidence: [] },
    caseKey: 'X',
    itemCode: 'I',
    itemName: name,
    itemVersion: 1,
    organ: 'O',
    organName: name,
    territory: 'T',
    receivedMs: at('2026-11-02T09:00:00'),
    acceptedMs: null,
    closedMs: null,
    deemed: false,
    nowMs: at('2026-11-12T12:00:00'),
    zone: 'Asia/Shanghai',
    stages: [
      stage('sc', at('2026-11-02T09:00:00'), at('2026-11-05T09:00:00'), false),
      stage('jd', at('2026-11-05T09:00:00'), null, true),
      stage('bz', null, null, false),
    ],
    clocks: [clock({ bill: [day('2026-11-07', { counted: false, reason: 'weekend' })] })],
    ledger: [
      {
        kind: 'suspension',
        fromMs: at('2026-11-03T09:00:00'),
        toMs: at('2026-11-04T09:00:00'),
        days: 1,
        label: '补正',
      },
    ],
    cards: [],
    events: [],
  };
  const line = layOut(
    detail,
    detail.clocks[0] ?? null,
    (date) => dates.startOfDay(date),
    (ms) => dates.day(ms),
  );

  it('has a bar for each stage that was entered, in order and inside the axis', () => {
    expect(line.stages.map((row) => row.code)).toEqual(['sc', 'jd']);
    for (const bar of [...line.stages, ...line.pauses, line.whole]) {
      expect(bar.left).toBeGreaterThanOrEqual(0);
      expect(bar.left + bar.width).toBeLessThanOrEqual(1);
    }
    expect(line.stages[1]?.left).toBeCloseTo(
      (line.stages[0]?.left ?? 0) + (line.stages[0]?.width ?? 0),
    );
  });

  it('ends an open stage and the open case at now', () => {
    const last = line.stages[1];
    expect((last?.left ?? 0) + (last?.width ?? 0)).toBeCloseTo(line.axis.now ?? -1);
    expect(line.whole.left + line.whole.width).toBeCloseTo(line.axis.now ?? -1);
  });

  it('puts the limit line between the days it lies between', () => {
    const [limit] = line.limits;
    const stageEnd = (line.stages[0]?.left ?? 0) + (line.stages[0]?.width ?? 0);
    expect(limit?.at).toBeGreaterThan(stageEnd);
    expect(limit?.at).toBeLessThan(line.axis.now ?? 0);
  });

  it('greys only days that a clock said were off', () => {
    expect(line.axis.off).toHaveLength(1);
  });

  it('labels no more days than can be read', () => {
    expect(line.axis.labels.length).toBeGreaterThan(3);
    expect(line.axis.labels.length).toBeLessThanOrEqual(12);
  });
});

function stage(code: string, enteredMs: number | null, doneMs: number | null, over: boolean) {
  return { code, name, enteredMs, doneMs, limit: 3, unit: 'workday', over };
}
