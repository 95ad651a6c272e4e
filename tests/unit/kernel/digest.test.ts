/** The digest names a run by its cards, and by nothing else (engine/kernel/digest.ts). */
import { describe, expect, test } from 'vitest';
import { addDigests, digestOf, digestText } from '../../../engine/kernel/digest.ts';
import { at, clock, pack, rung } from '../../fixtures/kernel/pack.ts';
import { type Line, type Record_, Rig } from '../../fixtures/kernel/rig.ts';

const rules = pack({
  clocks: [clock('c', { rungs: [rung('warning', { before: 1 }), rung('yellow', { due: true })] })],
});
const received = (caseKey: string, seq: number): Record_ => {
  const line: Line = { caseKey, type: 'received', at: at('2024-03-04 10:00'), seq };
  return { kind: 'event', line, stamp: line.at };
};
const tick: Record_ = { kind: 'tick', stamp: at('2024-03-20') };

function rigOf(...keys: string[]): Rig {
  return new Rig(rules).run([...keys.map((key, i) => received(key, i + 1)), tick]);
}

describe('the digest', () => {
  test('of no cards is zero, of cards is a sum that knows no order', () => {
    expect(new Rig(rules).run([tick]).digest()).toBe('0000000000000000');
    expect(rigOf('A', 'B').digest()).toBe(rigOf('B', 'A').digest());
    const both = addDigests(
      ...(['A', 'B'].map((key) => {
        const [lane] = rigOf(key).lanes;
        return digestOf((lane as NonNullable<typeof lane>).partition.store);
      }) as [ReturnType<typeof digestOf>, ReturnType<typeof digestOf>]),
    );
    expect(digestText(both)).toBe(rigOf('A', 'B').digest());
    expect(both.cards).toBe(4);
  });

  const columns = ['due', 'state', 'pack', 'calendar', 'level'] as const;

  test.for(columns)('changes with the %s of one card', (column) => {
    const rig = rigOf('A', 'B');
    const before = rig.digest();
    const [lane] = rig.lanes;
    const { cards } = (lane as NonNullable<typeof lane>).partition.store;
    const values = cards[column];
    values[1] = (values[1] as number) + 1;
    expect(rig.digest()).not.toBe(before);
    values[1] = (values[1] as number) - 1;
    expect(rig.digest()).toBe(before);
    if (column !== 'due') return;
    // More than 32 bits of it count.
    values[1] = (values[1] as number) + 0x1_0000_0000;
    expect(rig.digest()).not.toBe(before);
  });

  test('does not change with version, row or marks', () => {
    const rig = rigOf('A', 'B');
    const before = rig.digest();
    const [lane] = rig.lanes;
    const { cards } = (lane as NonNullable<typeof lane>).partition.store;
    for (const column of ['version', 'row', 'marks', 'before'] as const) cards[column][0] = 7;
    expect(rig.digest()).toBe(before);
  });
});
