/**
 * Roll rules (顺延规则): what to do with a day that is no workday before workdays are counted from it.
 *
 * The engine's own clocks need only `forward` (calendar.ts); the others exist because libraries
 * disagree, and a comparison with them must say which rule each answer follows.
 */
import type { Calendar } from './calendar.ts';
import { civilOf } from './days.ts';

export const ROLLS = [
  'raise', // such a day is an error
  'none', // stay
  'forward', // the next workday
  'backward', // the workday before
  'modifiedfollowing', // forward, unless that is another month: then backward
  'modifiedpreceding', // backward, unless that is another month: then forward
] as const;

export type Roll = (typeof ROLLS)[number];

/** The rolled day; NaN when the rule is `raise` and the day is no workday, or outside the table. */
export function rollDay(calendar: Calendar, day: number, roll: Roll): number {
  if (calendar.isWorkday(day)) return day;
  const forward = calendar.rollForward(day);
  const backward = calendar.rollBackward(day);
  switch (roll) {
    case 'raise':
      return Number.NaN;
    case 'none':
      return day;
    case 'forward':
      return forward;
    case 'backward':
      return backward;
    case 'modifiedfollowing':
      return sameMonth(day, forward) ? forward : backward;
    case 'modifiedpreceding':
      return sameMonth(day, backward) ? backward : forward;
  }
}

function sameMonth(a: number, b: number): boolean {
  const first = civilOf(a);
  const second = civilOf(b);
  return first.year === second.year && first.month === second.month;
}
