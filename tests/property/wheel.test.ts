/**
 * The wheel against a sorted list: the same commands, and after every call of `next` the list is
 * searched anew for the least (due, row). The list shares nothing with the wheel.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Wheel } from '../../engine/timers/wheel.ts';

const START = Date.UTC(2026, 0, 5, 2);
const MINUTE = 60_000;
const DAY = 86_400_000;
const TICK = 2 ** 20;
const ROWS = 40;
const RUNS = Number(process.env.MINGCHA_PROPERTY_RUNS ?? 400);

/** Everything armed, as [row, due]; `first` looks at all of it, every time. */
class SortedList {
  readonly #due = new Map<number, number>();

  arm(row: number, due: number): void {
    if (due === Number.POSITIVE_INFINITY) this.#due.delete(row);
    else this.#due.set(row, due);
  }

  get size(): number {
    return this.#due.size;
  }

  dueOf(row: number): number {
    return this.#due.get(row) ?? Number.POSITIVE_INFINITY;
  }

  takeFirst(to: number): [row: number, due: number] | null {
    const sorted = [...this.#due].sort((a, b) => a[1] - b[1] || a[0] - b[0]);
    const first = sorted[0];
    if (first === undefined || first[1] > to) return null;
    this.#due.delete(first[0]);
    return first;
  }
}

/** Distances from now: equal dues, the open bucket, neighbours, the other levels, and the past. */
const distance = fc.oneof(
  fc.constantFrom(0, 0, 1, -1, TICK - 1, TICK, TICK + 1, 70 * MINUTE, DAY, 30 * DAY, 900 * DAY),
  fc.integer({ min: -5000, max: 5000 }),
  fc.integer({ min: -DAY, max: 3 * DAY }),
  fc.integer({ min: 0, max: 800 * DAY }),
  fc.integer({ min: 0, max: 26_000 * DAY }),
);
const row = fc.integer({ min: 0, max: ROWS - 1 });
const arming = fc.record({ row, distance });
const command = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('arm' as const), row, distance }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), row }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forever' as const), row }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      by: fc.oneof(
        fc.constantFrom(0, 1, TICK - 1, TICK),
        fc.integer({ min: 0, max: 10_000 }),
        fc.integer({ min: 0, max: 2 * DAY }),
        fc.integer({ min: 0, max: 1000 * DAY }),
      ),
      /** What the caller arms or cancels while rows come out; null: nothing this time. */
      during: fc.array(
        fc.oneof(
          fc.constant(null),
          arming,
          fc.record({ same: distance }),
          fc.record({ cancel: row }),
        ),
        { maxLength: 12 },
      ),
    }),
  },
);

describe('Wheel against a sorted list', () => {
  test('gives the same rows in the same order, whatever is armed while they come out', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const wheel = new Wheel(START);
        const list = new SortedList();
        let now = START;
        const arm = (at: number, due: number) => {
          wheel.arm(at, due);
          list.arm(at, due);
        };
        for (const step of commands) {
          if (step.kind === 'arm') arm(step.row, now + step.distance);
          else if (step.kind === 'forever') arm(step.row, Number.POSITIVE_INFINITY);
          else if (step.kind === 'cancel') {
            wheel.cancel(step.row);
            list.arm(step.row, Number.POSITIVE_INFINITY);
          } else {
            now = Math.min(now + step.by, Date.UTC(2100, 0, 1));
            const during = [...step.during];
            for (;;) {
              const expected = list.takeFirst(now);
              const fired = wheel.next(now);
              expect(fired).toBe(expected === null ? -1 : expected[0]);
              if (expected === null) break;
              expect(wheel.firedDue).toBe(expected[1]);
              const act = during.shift();
              if (!act) continue;
              if ('cancel' in act) {
                wheel.cancel(act.cancel);
                list.arm(act.cancel, Number.POSITIVE_INFINITY);
              } else if ('same' in act) arm(fired, now + act.same);
              else arm(act.row, now + act.distance);
            }
          }
          expect(wheel.size).toBe(list.size);
        }
        for (let at = 0; at < ROWS; at++) expect(wheel.dueOf(at)).toBe(list.dueOf(at));
      }),
      { numRuns: RUNS },
    );
  });

  test('sorts large buckets by due and then row', () => {
    const due = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 3_000_000 }), { minLength: 50, maxLength: 400 }),
        fc.array(fc.oneof(due, fc.integer({ min: 0, max: TICK - 1 })), {
          minLength: 400,
          maxLength: 400,
        }),
        (rows, offsets) => {
          const wheel = new Wheel(START);
          const base = Math.ceil(START / TICK) * TICK;
          const expected = rows.map((at, i) => [base + (offsets[i] as number), at] as const);
          for (const [at, armed] of expected) wheel.arm(armed, at);
          const fired: (readonly [number, number])[] = [];
          for (let at = wheel.next(base + TICK); at !== -1; at = wheel.next(base + TICK)) {
            fired.push([wheel.firedDue, at]);
          }
          expect(fired).toEqual([...expected].sort((a, b) => a[0] - b[0] || a[1] - b[1]));
        },
      ),
      { numRuns: 40 },
    );
  });
});
