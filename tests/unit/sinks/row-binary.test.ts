import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodedText, RowBinary } from '../../../engine/sinks/row-binary.ts';

const written = (write: (out: RowBinary) => void, capacity = 1): Buffer => {
  const out = new RowBinary(capacity);
  write(out);
  return Buffer.from(out.copy());
};

describe('row binary', () => {
  it('writes integers little-endian, negative ones too', () => {
    expect(written((out) => out.u16(0xabcd)).toString('hex')).toBe('cdab');
    expect(written((out) => out.u32(-2)).toString('hex')).toBe('feffffff');
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(written((out) => out.i64(value)).readBigInt64LE()).toBe(BigInt(value));
      }),
    );
  });

  it('refuses what is no safe integer', () => {
    for (const value of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => written((out) => out.i64(value))).toThrow(/safe integer/);
    }
  });

  it('writes null as one byte and a value after a zero byte', () => {
    expect(written((out) => out.nullableI64(Number.NaN)).toString('hex')).toBe('01');
    expect(written((out) => out.nullableI64(1)).toString('hex')).toBe('000100000000000000');
  });

  it('writes any text as its UTF-8 length and bytes, from a tiny buffer on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 160 }), (value) => {
        const bytes = Buffer.from(value, 'utf8');
        const length =
          bytes.length < 128
            ? Buffer.from([bytes.length])
            : Buffer.from([(bytes.length & 127) | 128, bytes.length >> 7]);
        const expected = Buffer.concat([length, bytes]).toString('hex');
        expect(written((out) => out.text(value)).toString('hex')).toBe(expected);
        expect(written((out) => out.encoded(encodedText(value))).toString('hex')).toBe(expected);
        expect(written((out) => out.bytes(bytes, 0, bytes.length)).toString('hex')).toBe(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('starts again after a reset and keeps copies apart', () => {
    const out = new RowBinary(4);
    out.text('first');
    const first = out.copy();
    out.reset();
    out.text('2');
    expect(Buffer.from(out.view()).toString('hex')).toBe('0132');
    expect(Buffer.from(first).toString('latin1')).toBe('\u0005first');
  });
});
