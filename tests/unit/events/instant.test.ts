import { describe, expect, it } from 'vitest';
import { epochDay, InstantParser, monthLength } from '../../../engine/events/instant.ts';

const HOUR = 3_600_000;

function parse(text: string, parser = new InstantParser()): number | string {
  const bytes = new TextEncoder().encode(text);
  const code = parser.parse(bytes, 0, bytes.length);
  return code === '' ? parser.value : code;
}

describe('instants', () => {
  it.each([
    ['2026-01-05T09:00:00+08:00', Date.UTC(2026, 0, 5, 1)],
    ['2026-01-05T09:00:00.123+08:00', Date.UTC(2026, 0, 5, 1, 0, 0, 123)],
    ['2026-01-05T09:00+08:00', Date.UTC(2026, 0, 5, 1)],
    ['2026-01-05T09:00:00Z', Date.UTC(2026, 0, 5, 9)],
    ['2026-01-05T00:30:00-03:30', Date.UTC(2026, 0, 5, 4)],
    ['2026-01-05T00:00:00+14:00', Date.UTC(2026, 0, 4, 10)],
    ['2026-01-05T09:00:00.1Z', Date.UTC(2026, 0, 5, 9, 0, 0, 100)],
    ['2026-01-05T09:00:00.123999999Z', Date.UTC(2026, 0, 5, 9, 0, 0, 123)],
    ['2024-02-29T23:59:59.999Z', Date.UTC(2024, 1, 29, 23, 59, 59, 999)],
    ['1990-01-01T00:00:00Z', Date.UTC(1990, 0, 1)],
    ['2100-12-31T23:59:59Z', Date.UTC(2100, 11, 31, 23, 59, 59)],
  ])('%s is %d', (text, ms) => {
    expect(parse(text)).toBe(ms);
  });

  it.each([
    ['2025-02-30', 'TIME_INVALID_DATE'],
    ['2025-02-29T00:00:00Z', 'TIME_INVALID_DATE'],
    ['2100-02-29T00:00:00Z', 'TIME_INVALID_DATE'],
    ['2025-00-10T00:00:00Z', 'TIME_INVALID_DATE'],
    ['2025-04-31T00:00:00Z', 'TIME_INVALID_DATE'],
    ['2025-12-31T23:59:60Z', 'TIME_LEAP_SECOND'],
    ['2025-01-01T24:00:00Z', 'TIME_FORMAT'],
    ['2025-01-01T10:60:00Z', 'TIME_FORMAT'],
    ['2025-01-01T10:00:61Z', 'TIME_FORMAT'],
    ['2025-01-01t10:00:00Z', 'TIME_FORMAT'],
    ['2025-01-01T10:00:00z', 'TIME_FORMAT'],
    ['2025-01-01T10:00:00', 'TIME_NO_ZONE'],
    ['2025-01-01', 'TIME_NO_ZONE'],
    ['2025-01-01 10:00', 'TIME_NO_ZONE'],
    ['2025-01-01 10:00Z', 'TIME_FORMAT'],
    ['2025-01-01T10:00:00+0800', 'TIME_FORMAT'],
    ['2025-01-01T10:00:00+08', 'TIME_FORMAT'],
    ['2025-01-01T10:00:00+08:60', 'TIME_FORMAT'],
    ['2025-01-01T10:00:00+14:01x', 'TIME_FORMAT'],
    ['2025-01-01T10:00:00.Z', 'TIME_FORMAT'],
    ['2025-01-01T10:00:00.0123456789Z', 'TIME_FORMAT'],
    ['2025-01-01T1', 'TIME_FORMAT'],
    ['2025-01-01T', 'TIME_FORMAT'],
    ['202A-01-01T10:00:00Z', 'TIME_FORMAT'],
    ['20250101T100000Z', 'TIME_FORMAT'],
    ['', 'TIME_FORMAT'],
    ['1989-12-31T23:59:59Z', 'TIME_OUT_OF_RANGE'],
    ['2101-01-01T00:00:00Z', 'TIME_OUT_OF_RANGE'],
    ['-000001-01-01T00:00:00Z', 'TIME_OUT_OF_RANGE'],
  ])('%s is refused: %s', (text, code) => {
    expect(parse(text)).toBe(code);
  });

  it('takes texts without a zone only where an offset is declared', () => {
    const declared = (): InstantParser => new InstantParser(8 * HOUR);
    expect(parse('2025-01-01 08:00:00', declared())).toBe(Date.UTC(2025, 0, 1));
    expect(parse('2025-01-01T08:00', declared())).toBe(Date.UTC(2025, 0, 1));
    expect(parse('2025-01-01', declared())).toBe(Date.UTC(2024, 11, 31, 16));
    expect(parse('2025-01-01 08:00:00Z', declared())).toBe(Date.UTC(2025, 0, 1, 8));
    expect(parse('2025-02-30', declared())).toBe('TIME_INVALID_DATE');
    expect(parse('2025-01-01', new InstantParser(0))).toBe(Date.UTC(2025, 0, 1));
  });

  it('agrees with the civil calendar on every day of the range', () => {
    for (let ms = Date.UTC(1990, 0, 1); ms <= Date.UTC(2100, 11, 31); ms += 24 * HOUR) {
      const date = new Date(ms);
      const [y, m, d] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
      if (epochDay(y, m, d) !== ms / 86_400_000) throw new Error(date.toISOString());
    }
    expect(monthLength(2000, 2)).toBe(29);
    expect(monthLength(2100, 2)).toBe(28);
  });

  it('remembers nothing that changes an answer', () => {
    const parser = new InstantParser();
    const common = (text: string): number | boolean => {
      const bytes = new TextEncoder().encode(`${text}"`);
      const padded = new Uint8Array(40);
      padded.set(bytes);
      const found = parser.parseCommon(padded, new DataView(padded.buffer), 0);
      return found ? parser.value : false;
    };
    const texts = [
      '2026-01-05T09:00:00.123+08:00',
      '2026-01-05T23:59:59.999+08:00',
      '2026-01-06T00:00:00.000+01:00',
      '2026-01-06T00:00:00.000-01:00',
      '2026-02-28T12:34:56.789+01:00',
    ];
    for (let round = 0; round < 3; round++) {
      for (const text of texts) {
        expect(common(text)).toBe(Date.parse(text));
        expect(parse('2027-03-01T00:00:00Z', parser)).toBe(Date.UTC(2027, 2, 1));
        expect(common(text)).toBe(Date.parse(text));
      }
    }
    for (const text of [
      '2026-02-28T24:34:56.789+01:00',
      '2026-02-28T12:60:56.789+01:00',
      '2026-02-28T12:34:60.789+01:00',
      '2026-02-28T12:34:5:.789+01:00',
      '2026-02-28T12:34:56,789+01:00',
      '2026-02-28 12:34:56.789+01:00',
      '2026-02-28T12-34:56.789+01:00',
      '2026-02-28T12:34:56.78a+01:00',
      '2026-02-30T12:34:56.789+01:00',
      '2026-02-28T12:34:56.789+01:60',
    ]) {
      expect(common(text), text).toBe(false);
    }
  });

  it('knows at the start nothing but its sample', () => {
    const nothing = new Uint8Array(40);
    expect(new InstantParser().parseCommon(nothing, new DataView(nothing.buffer), 0)).toBe(false);
  });
});
