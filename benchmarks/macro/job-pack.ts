/**
 * The supervision job as a rule pack: what a program of a hundred lines in another engine does, said
 * in rules. A day is a continuous 24-hour workday (weekends and five holidays off, fixed +01:00).
 *
 * - received → 5 workdays until it is accepted or decided;
 * - accepted → 20 workdays until it is decided;
 * - each warns at 80 % of its limit, is late at the limit and red 5 workdays after;
 * - suspended keeps the remainder and the rungs that have not fired, resumed starts them again;
 * - decided without accepted is a finding of its own.
 */

import { HOUR_MS } from '../../engine/base/units.ts';
import type {
  CalendarSource,
  ClockSource,
  EventSelector,
  LevelSource,
  PackSource,
  RungSource,
} from '../../engine/rules/source.ts';

const label = (text: string) => ({ zh: text, en: text });

const OFF_DAYS = ['2026-01-01', '2026-01-06', '2026-04-06', '2026-05-01', '2026-05-03'] as const;

const CALENDAR: CalendarSource = {
  place: 'BENCH',
  version: 1,
  zone: '+01:00',
  weekmask: '1111100',
  officeHours: [],
  years: [
    {
      year: 2026,
      notices: [{ number: 'benchmark', url: '', published: null }],
      off: OFF_DAYS.map((date) => ({ date, name: 'holiday' })),
      work: [],
    },
  ],
};

/** Ranks are the digit of the level in the checksum. */
const LEVELS: readonly LevelSource[] = [
  { code: 'warning', rank: 1, label: label('warning'), color: 'none' },
  { code: 'yellow', rank: 2, label: label('deadline'), color: 'yellow' },
  { code: 'red', rank: 3, label: label('red'), color: 'red' },
  { code: 'procedure', rank: 4, label: label('procedure'), color: 'red' },
];

const RUNGS: readonly RungSource[] = [
  { level: 'warning', at: { percent: 80 }, title: label('80 % used') },
  { level: 'yellow', at: { due: true }, title: label('due') },
  { level: 'red', at: { after: 5 }, title: label('5 workdays over') },
];

function clock(
  id: string,
  count: number,
  start: readonly EventSelector[],
  stop: readonly EventSelector[],
): ClockSource {
  return {
    id,
    version: 1,
    name: label(id),
    basis: 'benchmark',
    category: 'deadline',
    effect: 'promised',
    start,
    stop,
    suspend: [{ from: 'suspended', to: 'resumed' }],
    limit: { count, unit: 'workday' },
    mode: 'elapsed',
    resolutionMs: 0,
    rungs: RUNGS,
  };
}

export const JOB_PACK: PackSource = {
  id: 'supervision-job',
  version: 1,
  name: label('supervision job'),
  calendar: CALENDAR,
  zone: { name: '+01:00', firstOffsetMs: HOUR_MS, transitions: [] },
  levels: LEVELS,
  territories: [],
  organs: [],
  items: [],
  clocks: [
    clock('intake5', 5, [{ event: 'received' }], [{ event: 'accepted' }, { event: 'decided' }]),
    clock('promise20', 20, [{ event: 'accepted' }], [{ event: 'decided' }]),
  ],
  checks: [],
  sequences: [
    {
      id: 'accept-before-decide',
      version: 1,
      name: label('decided without acceptance'),
      basis: 'benchmark',
      category: 'procedure',
      level: 'procedure',
      title: label('decided without acceptance'),
      template: 'precedence',
      a: { event: 'accepted' },
      b: { event: 'decided' },
    },
  ],
  terminal: ['decided'],
};
