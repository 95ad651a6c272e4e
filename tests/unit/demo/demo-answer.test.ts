import { expect, test } from 'vitest';
import { Prng } from '../../../engine/base/prng.ts';
import { DAY_MS } from '../../../engine/base/units.ts';
import type { CardChange } from '../../../engine/cards/card.ts';
import { demoAnswer } from '../../../engine/demo/demo-answer.ts';

const CARD = { category: 'deadline', ruleId: 'promise', level: 'yellow' } as CardChange;

function answers(count: number) {
  const rng = new Prng(5);
  return Array.from({ length: count }, () => demoAnswer(CARD, rng));
}

test('about 97 of 100 cards are answered', () => {
  const answered = answers(10_000).filter((a) => a !== null).length;
  expect(answered).toBeGreaterThan(9600);
  expect(answered).toBeLessThan(9800);
});

test('nine of ten answers come within five days, all within twelve', () => {
  const delays = answers(10_000).flatMap((a) => (a === null ? [] : [a.delayMs]));
  const inTime = delays.filter((d) => d <= 5 * DAY_MS).length / delays.length;
  expect(inTime).toBeGreaterThan(0.87);
  expect(inTime).toBeLessThan(0.93);
  expect(Math.max(...delays)).toBeLessThanOrEqual(12 * DAY_MS);
  expect(Math.min(...delays)).toBeGreaterThan(0);
});

test('the same state of the generator gives the same answer', () => {
  expect(demoAnswer(CARD, new Prng(9))).toEqual(demoAnswer(CARD, new Prng(9)));
});

test('a fee card is answered about fees', () => {
  const rng = new Prng(1);
  const texts = Array.from(
    { length: 50 },
    () => demoAnswer({ ...CARD, category: 'fee' }, rng)?.text,
  );
  const said = texts.filter((t) => t !== undefined);
  expect(said.length).toBeGreaterThan(30);
  expect(said.every((t) => /收|费|票/.test(t))).toBe(true);
});
