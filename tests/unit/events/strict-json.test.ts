import { describe, expect, it } from 'vitest';
import type { JsonNode } from '../../../engine/events/json-node.ts';
import { StrictJson } from '../../../engine/events/strict-json.ts';

const reader = new StrictJson();
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The value a node stands for, numbers by JSON.parse of their digits. */
function meaningOf(node: JsonNode, bytes: Uint8Array): unknown {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(
        node.members.map(({ key, value }) => [key, meaningOf(value, bytes)]),
      );
    case 'array':
      return node.elements.map((element) => meaningOf(element, bytes));
    case 'string':
      return node.text;
    case 'number':
      return JSON.parse(new TextDecoder().decode(bytes.subarray(node.from, node.to)));
    default:
      return node.kind === 'null' ? null : node.kind === 'true';
  }
}

function read(text: string | Uint8Array): unknown {
  const bytes = typeof text === 'string' ? encode(text) : text;
  const node = reader.read(bytes, 0, bytes.length);
  return node === null ? { code: reader.code, ...reader.params } : meaningOf(node, bytes);
}

describe('strict JSON', () => {
  it.each([
    '{}',
    '[]',
    ' {"a" : [ 1 , -2.5e+3 , 0.1E-2, true,false , null ] , "b":{"c":"d"}} ',
    '"\\"\\\\\\/\\n\\r\\t\\u5f20\\ud83d\\ude00\\u00e9"',
    '"张三 \u{20bb7}"',
    '0',
    '-0',
    '12345678901234567890',
  ])('reads %s as JSON.parse does', (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  it('keeps the span of every value', () => {
    const bytes = encode('xx{"a": 1.50, "b": ["c"]}xx');
    const node = reader.read(bytes, 2, bytes.length - 2)!;
    const span = (from: number, to: number): string =>
      new TextDecoder().decode(bytes.subarray(from, to));
    const [a, b] = node.members;
    expect(span(node.from, node.to)).toBe('{"a": 1.50, "b": ["c"]}');
    expect(span(a!.value.from, a!.value.to)).toBe('1.50');
    expect(span(b!.value.from, b!.value.to)).toBe('["c"]');
  });

  it.each([
    ['', 1, 1],
    ['{', 1, 2],
    ['{"a"', 1, 5],
    ['{"a":}', 1, 6],
    ['{"a":1,}', 1, 8],
    ['{a:1}', 1, 2],
    ['[1,]', 1, 4],
    ['[1 2]', 1, 4],
    ['{"a":1}}', 1, 8],
    ['tru', 1, 4],
    ['nul1', 1, 4],
    ['-', 1, 2],
    ['01', 1, 2],
    ['1.', 1, 3],
    ['1e', 1, 3],
    ['.5', 1, 1],
    ['+1', 1, 1],
    ['"abc', 1, 5],
    ['"\\u12g4"', 1, 2],
    ['"\\', 1, 2],
    ['{\n "张": 1,\n x}', 3, 2],
    ['"张三" x', 1, 6],
    ['\ufeff{}', 1, 1],
  ])('finds the fault of %j at line %d, column %d', (text, line, column) => {
    expect(read(text)).toEqual({ code: 'JSON_SYNTAX', line, column });
  });

  it('never reads beyond its range', () => {
    const bytes = encode('{"a":12345}');
    for (let to = 0; to < bytes.length; to++) {
      expect(reader.read(bytes, 0, to)).toBeNull();
      expect(reader.code).toBe('JSON_SYNTAX');
    }
    expect(reader.read(bytes, 5, 8)).toMatchObject({ kind: 'number', from: 5, to: 8 });
  });

  it('allows 32 levels and 512 keys, and not one more', () => {
    expect(read(`${'['.repeat(32)}${']'.repeat(32)}`)).toEqual(expect.any(Array));
    expect(read(`${'['.repeat(33)}${']'.repeat(33)}`)).toEqual({
      code: 'JSON_TOO_DEEP',
      limit: 32,
    });
    const keys = (count: number): string =>
      JSON.stringify({
        a: Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i])),
      });
    expect(read(keys(511))).toHaveProperty('a');
    expect(read(keys(512))).toEqual({ code: 'JSON_TOO_MANY_KEYS', limit: 512 });
  });

  it('stops at the first fault of a hostile text, in linear time', () => {
    const start = performance.now();
    expect(read('['.repeat(5_000_000))).toMatchObject({ code: 'JSON_TOO_DEEP' });
    expect(read(`"${'\\u0041'.repeat(200_000)}`)).toMatchObject({ code: 'JSON_SYNTAX' });
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it('refuses a forbidden or repeated key at any depth, however it is spelt', () => {
    for (const key of ['__proto__', 'constructor', 'prototype', '\\u005f_proto__']) {
      expect(read(`[{"a":{"${key}":1}}]`)).toMatchObject({ code: 'JSON_FORBIDDEN_KEY' });
    }
    expect(read('[{"a":1,"\\u0061":2}]')).toEqual({ code: 'JSON_DUPLICATE_KEY', key: 'a' });
    expect(read('[{"a":1},{"a":2}]')).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it.each([
    [[0x80], 'a continuation byte alone'],
    [[0xc0, 0x80], 'over-long NUL'],
    [[0xe0, 0x80, 0xaf], 'over-long slash'],
    [[0xf0, 0x80, 0x80, 0xaf], 'over-long slash of four'],
    [[0xed, 0xbf, 0xbf], 'a low surrogate'],
    [[0xf4, 0x90, 0x80, 0x80], 'beyond U+10FFFF'],
    [[0xf5, 0x80, 0x80, 0x80], 'no lead'],
    [[0xe4, 0xbd], 'a cut character'],
  ])('refuses bytes %j: %s', (bytes) => {
    const text = Uint8Array.from([0x22, 0x61, ...bytes, 0x22]);
    expect(read(text)).toEqual({ code: 'TEXT_NOT_UTF8', offset: 2 });
  });

  it('agrees with the platform on which texts are UTF-8', () => {
    const fatal = new TextDecoder('utf-8', { fatal: true });
    for (let lead = 0xc0; lead < 0x100; lead++) {
      for (let second = 0x80; second < 0xd0; second += 0x0f) {
        const tail = lead < 0xe0 ? [] : lead < 0xf0 ? [0x81] : [0x81, 0x82];
        const inner = Uint8Array.from([lead, second, ...tail]);
        let right = lead !== 0xc2 || second >= 0xa0; // C1 controls are text, but not for us
        try {
          fatal.decode(inner);
        } catch {
          right = false;
        }
        const node = reader.read(Uint8Array.from([0x22, ...inner, 0x22]), 0, inner.length + 2);
        expect(node !== null, `${lead.toString(16)} ${second.toString(16)}`).toBe(right);
      }
    }
  });

  it('can be used again after a fault', () => {
    expect(read('{"a":')).toMatchObject({ code: 'JSON_SYNTAX' });
    expect(read('{"a":1}')).toEqual({ a: 1 });
    expect(reader.code).toBe('');
  });
});
