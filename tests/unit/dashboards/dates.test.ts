import { describe, expect, it } from 'vitest';
import { DateText } from '../../../dashboards/src/shared/dates.ts';

const at = (iso: string) => Date.parse(iso);
const NOW = at('2026-11-24T04:00:00Z');
const text = new DateText('Asia/Shanghai', 'zh', NOW);

describe('instants for people', () => {
  it('are shown in the deployment zone whatever the zone of the process', () => {
    expect(text.exact(at('2026-12-02T16:00:05Z'))).toBe('2026-12-03 00:00:05');
  });

  it('never show 24:00 for a plain instant at midnight', () => {
    expect(text.short(at('2026-12-02T16:00:00Z'))).toBe('12-03 00:00');
  });

  it('write a midnight deadline as the end of the day before', () => {
    expect(text.deadline(at('2026-12-02T16:00:00Z'))).toBe('12-02 24:00');
  });

  it('write any other deadline as it is', () => {
    expect(text.deadline(at('2026-12-03T09:30:00Z'))).toBe('12-03 17:30');
  });

  it('carry the year when it is another one', () => {
    expect(text.short(at('2025-12-03T09:30:00Z'))).toBe('2025-12-03 17:30');
    expect(text.deadline(at('2025-12-31T16:00:00Z'))).toBe('2025-12-31 24:00');
  });

  it('are a time today and a date on other days', () => {
    expect(text.recent(at('2026-11-24T01:00:05Z'), NOW)).toBe('09:00:05');
    expect(text.recent(at('2026-11-23T01:00:05Z'), NOW)).toBe('11-23 09:00');
  });

  it('find the instant at which a local day begins', () => {
    expect(text.startOfDay('2026-12-03')).toBe(at('2026-12-02T16:00:00Z'));
  });

  it('find it on the day clocks change', () => {
    const dutch = new DateText('Europe/Amsterdam', 'en');
    expect(dutch.startOfDay('2026-03-29')).toBe(at('2026-03-28T23:00:00Z'));
    expect(dutch.startOfDay('2026-03-30')).toBe(at('2026-03-29T22:00:00Z'));
  });

  it('name the weekday in the reader’s language', () => {
    expect(text.weekday(at('2026-12-03T04:00:00Z'))).toBe('周四');
    expect(new DateText('Asia/Shanghai', 'en').weekday(at('2026-12-03T04:00:00Z'))).toBe('Thu');
  });
});
