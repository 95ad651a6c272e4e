import { describe, expect, it } from 'vitest';
import { systemName } from '../../../dashboards/src/shared/system-name.ts';

describe('the name at the head of a page', () => {
  it.each([
    ['鹭城市电子监察规则包(演示)', '鹭城市电子监察'],
    ['云泽市演示规则包', '云泽市行政审批电子监察'],
    ['规则包', '行政审批电子监察'],
  ])('is the place and its system: %s', (zh, name) => {
    expect(systemName({ zh, en: '' }, 'zh', '行政审批电子监察')).toBe(name);
  });

  it.each([
    ['Lucheng supervision pack (demonstration)', 'Lucheng supervision'],
    ['Yunze demonstration pack', 'Yunze Approval Supervision'],
    ['Rule pack', 'Approval Supervision'],
  ])('says so in English: %s', (en, name) => {
    expect(systemName({ zh: '', en }, 'en', 'Approval Supervision')).toBe(name);
  });
});
