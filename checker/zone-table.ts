/**
 * Is a pack's table of offsets that of its zone? Compared with what this machine's own time zone data
 * says at noon and at midnight UTC of every day, which finds every change of offset that lasts a day.
 */
import type { ZoneTable } from '../engine/rules/source.ts';

const DAY = 86_400_000;
const FIRST = Date.UTC(2000, 0, 1);
const LAST = Date.UTC(2035, 0, 1);
const STEP = DAY / 2;

/** One line for each stretch of days on which the two differ. */
export function zoneFaults(zone: ZoneTable): string[] {
  const faults: string[] = [];
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone.name, ...FIELDS });
  let differed = false;
  for (let ms = FIRST; ms < LAST; ms += STEP) {
    const [table, own] = [tableOffset(zone, ms), ownOffset(format, ms)];
    if (table !== own && !differed) {
      faults.push(`${zone.name} ${new Date(ms).toISOString()}: ${table} ms ≠ ${own} ms`);
    }
    differed = table !== own;
  }
  return faults;
}

const FIELDS: Intl.DateTimeFormatOptions = {
  ...{ year: 'numeric', month: 'numeric', day: 'numeric', hourCycle: 'h23' },
  ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
};

function tableOffset({ firstOffsetMs, transitions }: ZoneTable, ms: number): number {
  return transitions.findLast(({ atMs }) => atMs <= ms)?.offsetMs ?? firstOffsetMs;
}

function ownOffset(format: Intl.DateTimeFormat, ms: number): number {
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const wall = Date.UTC(
    of('year'),
    of('month') - 1,
    of('day'),
    of('hour'),
    of('minute'),
    of('second'),
  );
  return wall - ms;
}
