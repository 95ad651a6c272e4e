import { describe, expect, it } from 'vitest';
import { fnv1a } from '../../../engine/base/hash.ts';
import { Dictionary, FULL, UNKNOWN } from '../../../engine/events/dictionary.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the dictionary', () => {
  it('numbers strings densely in the order of first sight', () => {
    const dictionary = new Dictionary();
    expect(['甲', 'b', '甲', '', 'b'].map((text) => dictionary.internText(text))).toEqual([
      0, 1, 0, 2, 1,
    ]);
    expect(dictionary.size).toBe(3);
    expect([0, 1, 2].map((id) => dictionary.text(id))).toEqual(['甲', 'b', '']);
  });

  it('looks up without taking in', () => {
    const dictionary = new Dictionary();
    dictionary.internText('a');
    expect(dictionary.idOf('a')).toBe(0);
    expect(dictionary.idOf('b')).toBe(UNKNOWN);
    expect(dictionary.size).toBe(1);
  });

  it('reads a range out of a larger buffer', () => {
    const dictionary = new Dictionary();
    const bytes = encode('xxSZ-ZJxx');
    const id = dictionary.intern(bytes, 2, 7);
    expect(dictionary.text(id)).toBe('SZ-ZJ');
    expect(dictionary.equals(id, bytes, 2, 7)).toBe(true);
    expect(dictionary.equals(id, bytes, 2, 8)).toBe(false);
    expect(dictionary.equals(id, bytes, 1, 6)).toBe(false);
  });

  it('keeps every string apart while it grows', () => {
    const dictionary = new Dictionary();
    const texts = Array.from({ length: 20_000 }, (_, i) => `code-${(i * 7919) % 20_000}`);
    for (const text of texts) dictionary.internText(text);
    expect(dictionary.size).toBe(20_000);
    for (const [id, text] of texts.entries()) {
      if (dictionary.idOf(text) !== id || dictionary.text(id) !== text) throw new Error(text);
    }
    expect(dictionary.byteLength).toBeGreaterThan(20_000 * 8);
  });

  it('keeps strings of equal hash apart', () => {
    const dictionary = new Dictionary();
    // A known pair of FNV-1a 32.
    const [a, b] = [encode('costarring'), encode('liquid')];
    expect(fnv1a(a, 0, a.length)).toBe(fnv1a(b, 0, b.length));
    expect(dictionary.internText('costarring')).toBe(0);
    expect(dictionary.idOf('liquid')).toBe(UNKNOWN);
    expect(dictionary.internText('liquid')).toBe(1);
    expect(dictionary.idOf('costarring')).toBe(0);
  });

  it('comes back from a snapshot with the same ids', () => {
    const dictionary = new Dictionary();
    for (let i = 0; i < 1000; i++) dictionary.internText(`键-${i}`);
    const bytes = dictionary.snapshot();
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const restored = Dictionary.restore(shifted.subarray(3));
    expect(restored.size).toBe(1000);
    for (let i = 0; i < 1000; i++) expect(restored.idOf(`键-${i}`)).toBe(i);
    expect(restored.snapshot()).toEqual(bytes);
    expect(restored.internText('new')).toBe(1000);
  });

  it('refuses a snapshot that is not whole', () => {
    const bytes = new Dictionary().snapshot();
    expect(() => Dictionary.restore(bytes.subarray(0, 8))).toThrow('header');
    expect(() => Dictionary.restore(new Uint8Array(12))).toThrow('magic');
    const dictionary = new Dictionary();
    dictionary.internText('abc');
    expect(() => Dictionary.restore(dictionary.snapshot().subarray(0, 17))).toThrow('whole');
  });

  it('says when it is full, keeps what it has, and goes on finding it', () => {
    const byEntries = new Dictionary({ entriesMax: 2, bytesMax: 100 });
    byEntries.internText('a');
    byEntries.internText('b');
    expect(byEntries.internText('c')).toBe(FULL);
    expect(byEntries.internText('b')).toBe(1);
    const byBytes = new Dictionary({ entriesMax: 100, bytesMax: 3 });
    expect(byBytes.internText('abc')).toBe(0);
    expect(byBytes.internText('d')).toBe(FULL);
    expect(byBytes.size).toBe(1);
  });

  it('asserts on an id it never gave', () => {
    expect(() => new Dictionary().text(0)).toThrow('dictionary id 0');
  });
});
