/**
 * A running countdown. The text node is written directly once a second: forty of them re-rendered
 * through React would cost more than everything else on the wall together.
 */
import type { TFunction } from 'i18next';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { live, onTick } from './live-react.ts';
import { type DeadlineInput, type Remaining, remaining } from './remaining.ts';

export function remainingText(reading: Remaining, t: TFunction): string {
  switch (reading.kind) {
    case 'uncomputable':
      return t('remaining.uncomputable');
    case 'suspended':
      return t('remaining.suspended');
    case 'none':
      return t('remaining.none');
    case 'workdays':
      return t(reading.over ? 'remaining.workdaysOver' : 'remaining.workdaysLeft', {
        count: reading.count,
      });
    case 'days':
      return t(reading.over ? 'remaining.daysOver' : 'remaining.daysLeft', {
        count: reading.count,
      });
    case 'hours':
      return t(reading.over ? 'remaining.hoursOver' : 'remaining.hoursLeft', {
        hours: reading.hours,
        minutes: reading.text,
      });
    case 'clock':
      return reading.over ? t('remaining.clockOver', { text: reading.text }) : reading.text;
  }
}

/** Stable text of a deadline at `nowMs`, for places that are rendered anew anyway. */
export function useRemainingText(): (input: DeadlineInput, nowMs: number) => string {
  const { t } = useTranslation();
  return (input, nowMs) => remainingText(remaining(input, nowMs), t);
}

interface Props {
  readonly input: DeadlineInput;
  readonly className?: string;
}

export function Countdown({ input, className }: Props) {
  const { t } = useTranslation();
  const element = useRef<HTMLSpanElement>(null);
  const { state, dueMs, workdays } = input;
  useEffect(() => {
    const write = (): void => {
      const nowMs = live.now();
      if (element.current === null || nowMs === null) return;
      const reading = remaining({ state, dueMs, workdays }, nowMs);
      const text = remainingText(reading, t);
      if (element.current.textContent === text) return;
      element.current.textContent = text;
      element.current.dataset.over = String('over' in reading && reading.over);
    };
    write();
    return onTick(write);
  }, [state, dueMs, workdays, t]);
  return <span ref={element} className={className === undefined ? 'num' : `num ${className}`} />;
}
