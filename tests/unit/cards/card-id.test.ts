/**
 * Card ids: MurmurHash3 x86-128 by an independent, straightforward implementation in BigInt, by vectors
 * that others publish, and by vectors of our own that must never change (they name stored cards).
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CardIdHasher, cardIdText, parseCardId } from '../../../engine/cards/card-id.ts';
import { at, clock, item, pack, stage } from '../../fixtures/kernel/pack.ts';
import { type Line, live, Rig } from '../../fixtures/kernel/rig.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Only what a begin of raw bytes hashes: the algorithm without the separators of an id. */
function ours(bytes: Uint8Array): string {
  const hasher = new CardIdHasher();
  hasher.begin(bytes, 0, bytes.length);
  hasher.finish();
  return cardIdText(hasher.words, 0);
}

const MASK = 0xffff_ffffn;
const mul = (a: bigint, b: bigint): bigint => (a * b) & MASK;
const add = (...parts: bigint[]): bigint => parts.reduce((sum, part) => sum + part, 0n) & MASK;
const rotate = (x: bigint, n: bigint): bigint => ((x << n) | (x >> (32n - n))) & MASK;

function mixed(h: bigint): bigint {
  let x = h;
  x = mul(x ^ (x >> 16n), 0x85eb_ca6bn);
  x = mul(x ^ (x >> 13n), 0xc2b2_ae35n);
  return x ^ (x >> 16n);
}

const C = [0x239b_961bn, 0xab0e_9789n, 0x38b3_4ae5n, 0xa1e3_8b93n];
const ROUND = [15n, 16n, 17n, 18n];
const TURN = [19n, 17n, 15n, 13n];
const PLUS = [0x561c_cd1bn, 0x0bca_a747n, 0x96cd_1c35n, 0x32ac_3b17n];

/** The published algorithm, word by word, with seed 0. */
function reference(bytes: Uint8Array): string {
  const h = [0n, 0n, 0n, 0n];
  const length = BigInt(bytes.length);
  const wordAt = (off: number): bigint => {
    let word = 0n;
    for (let i = 3; i >= 0; i--) word = (word << 8n) | BigInt(bytes[off + i] ?? 0);
    return word;
  };
  const key = (off: number, lane: number): bigint =>
    mul(
      rotate(mul(wordAt(off), C[lane] as bigint), ROUND[lane] as bigint),
      C[(lane + 1) % 4] as bigint,
    );
  const whole = bytes.length - (bytes.length % 16);
  for (let off = 0; off < whole; off += 16) {
    for (let lane = 0; lane < 4; lane++) {
      const turned = rotate((h[lane] as bigint) ^ key(off + lane * 4, lane), TURN[lane] as bigint);
      h[lane] = add(mul(add(turned, h[(lane + 1) % 4] as bigint), 5n), PLUS[lane] as bigint);
    }
  }
  for (let lane = 0; lane < 4; lane++) h[lane] = (h[lane] as bigint) ^ key(whole + lane * 4, lane);
  return finished(h.map((word) => word ^ length));
}

function finished(h: bigint[]): string {
  const spread = (words: bigint[]): bigint[] => {
    const first = add(...words);
    return [first, ...words.slice(1).map((word) => add(word, first))];
  };
  return spread(spread(h).map(mixed))
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
}

describe('the hash', () => {
  test.for([
    ['', '00000000000000000000000000000000'],
    ['The quick brown fox jumps over the lazy dog', '2f1583c3ecee2c675d7bf66ce5e91d2c'],
  ])('of %j is what others publish', ([text, hex]) => {
    expect(reference(bytesOf(text as string))).toBe(hex);
    expect(ours(bytesOf(text as string))).toBe(hex);
  });

  test('of any bytes is what the algorithm says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(ours(bytes)).toBe(reference(bytes));
      }),
      { numRuns: 500 },
    );
  });
});

describe('ids of cards', () => {
  const VECTORS: readonly (readonly [string, string, number, string, string])[] = [
    ['A-1', 'promise', 0, 'yellow', ''],
    ['A-1', 'promise', 0, 'red', ''],
    ['A-1', 'promise', 1, 'yellow', ''],
    ['A-1', 'stage/s1', 0, 'yellow', ''],
    ['鹭发〔2026〕1号', 'intake', 12, 'warning', ''],
  ];

  function idOf(key: string, rule: string, occurrence: number, level: string): string {
    const hasher = new CardIdHasher();
    const bytes = bytesOf(key);
    hasher.begin(bytes, 0, bytes.length);
    const [name = '', stageCode] = rule.split('/');
    hasher.part(bytesOf(name));
    if (stageCode !== undefined) {
      hasher.join(bytesOf('/'));
      hasher.join(bytesOf(stageCode));
    }
    hasher.number(occurrence);
    hasher.part(bytesOf(level));
    hasher.finish();
    return cardIdText(hasher.words, 0);
  }

  test.for(VECTORS)('%s %s %i %s', ([key, rule, occurrence, level]) => {
    const text = [key, rule, String(occurrence), level].join('\0');
    expect(idOf(key, rule, occurrence, level)).toBe(reference(bytesOf(text)));
  });

  test('that are stored never change', () => {
    expect(
      VECTORS.map(([key, rule, n, level]) => idOf(key, rule, n, level)),
    ).toMatchInlineSnapshot(`
      [
        "c4b4fa4ce09e2e61213af80d48ec325f",
        "4f9c6c9a188ff5b4c7ed90f7fa2639aa",
        "466d9873e7e74efdae6318793c7d0d65",
        "ce5f66b4c1f72b74cdca097254473477",
        "62008012804982a2c50073684c4d19a3",
      ]
    `);
  });

  test('are read back from their text, and nothing else is', () => {
    const words = new Int32Array(4);
    expect(parseCardId('2f1583c3ecee2c675d7bf66ce5e91d2c', words)).toBe(true);
    expect(cardIdText(words, 0)).toBe('2f1583c3ecee2c675d7bf66ce5e91d2c');
    for (const wrong of [
      '',
      '2F1583c3ecee2c675d7bf66ce5e91d2c',
      '2f1583c3ecee2c675d7bf66ce5e91d2',
      'x'.repeat(32),
    ]) {
      expect(parseCardId(wrong, words)).toBe(false);
    }
  });

  test('hold the longest key, stage and level there can be', () => {
    // 64 characters of 4 bytes each, the most that an identifier may have.
    const long = '𠮷'.repeat(64);
    const stages = [`${'𠮷'.repeat(63)}甲`, `${'𠮷'.repeat(63)}乙`];
    const rules = pack({
      items: [item('I1', { stages: stages.map((code) => stage(code, 1)) })],
      clocks: [
        clock('a-clock-with-quite-a-long-identifier-for-a-stage', {
          ...{ start: [{ event: 'stageEntered' }], perStage: true, limit: { item: 'stage' } },
        }),
      ],
    });
    const lines = stages.map(
      (code, i): Line => ({
        ...{ caseKey: long, type: 'stageEntered', at: at('2024-03-04 10:00') + i * 1000 },
        ...{ itemCode: 'I1', data: { stage: code } },
      }),
    );
    const rig = new Rig(rules).run(live(lines, at('2024-03-31')));
    expect(rig.lanes[0]?.partition.store.table.count).toBe(1);
    const cards = [...rig.cards().entries()];
    expect(cards.length).toBe(2);
    expect(new Set(cards.map(([, { cardId }]) => cardId)).size).toBe(2);
    for (const [name, { cardId }] of cards) {
      const [caseKey, ruleId, stageCode, occurrence, level] = name.split('|');
      const bytes = bytesOf([caseKey, `${ruleId}/${stageCode}`, occurrence, level].join('\0'));
      expect(cardId).toBe(reference(bytes));
    }
  });
});
