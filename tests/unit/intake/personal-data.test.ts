import { describe, expect, it } from 'vitest';
import {
  isResidentId,
  maskedId,
  maskedName,
  maskedPhone,
  pseudonym,
} from '../../../engine/intake/personal-data.ts';

const key = new Uint8Array(32).fill(1);
const nobody = { name: '', id: '', phone: '' };

describe('personal data', () => {
  it('knows a resident identity number by its form, birth date and check character', () => {
    expect(isResidentId('11010519491231002X')).toBe(true);
    expect(isResidentId('440524188001010014')).toBe(true);
    for (const wrong of [
      '11010519491231002x',
      '110105194912310021',
      '110105491231002',
      '01010519491231002X',
      '110105194913310023',
      ' 11010519491231002X',
      '',
    ]) {
      expect(isResidentId(wrong), wrong).toBe(false);
    }
  });

  it('notices every single wrong digit', () => {
    const good = '440524188001010014';
    for (let at = 14; at < 17; at++) {
      for (const digit of '0123456789') {
        const changed = good.slice(0, at) + digit + good.slice(at + 1);
        expect(isResidentId(changed), changed).toBe(changed === good);
      }
    }
  });

  it('masks all but a few characters, and short texts wholly', () => {
    expect(maskedId('11010519491231002X')).toBe('110*************2X');
    expect(maskedId('12345')).toBe('*****');
    expect(maskedPhone('13800001234')).toBe('138****1234');
    expect(maskedPhone('123')).toBe('***');
    expect(maskedName('张三')).toBe('张*');
    expect(maskedName('𠮷田太郎')).toBe('𠮷***');
    expect(maskedName('张')).toBe('*');
  });

  it('gives one person one pseudonym: by number, or else telephone, or else name', () => {
    const full = { name: '张三', id: '11010519491231002X', phone: '13800001234' };
    const byId = pseudonym(key, full);
    expect(byId).toMatch(/^[0-9a-f]{32}$/);
    expect(pseudonym(key, { ...nobody, id: full.id })).toBe(byId);
    const byPhone = pseudonym(key, { ...full, id: '' });
    expect(byPhone).toBe(pseudonym(key, { ...nobody, phone: full.phone }));
    const byName = pseudonym(key, { ...nobody, name: full.name });
    expect(new Set([byId, byPhone, byName]).size).toBe(3);
    expect(pseudonym(key, nobody)).toBe('');
    expect(pseudonym(new Uint8Array(32), full)).not.toBe(byId);
  });
});
