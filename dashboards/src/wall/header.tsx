import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { WallSummary } from '../../../api/contract.ts';
import type { DateText } from '../shared/dates.ts';
import { DemoMark } from '../shared/demo-mark.tsx';
import { LanguageSwitch } from '../shared/language-switch.tsx';
import { live, onTick, useLive } from '../shared/live-react.ts';
import { Mark } from '../shared/mark.tsx';
import { useDates, useSystemName } from '../shared/pack.tsx';
import { DeadManLine } from './dead-man.tsx';

/** The engine's clock, written directly once a second. */
function WallClock({ dates }: { readonly dates: DateText }) {
  const day = useRef<HTMLSpanElement>(null);
  const time = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const write = (): void => {
      const nowMs = live.now();
      if (nowMs === null || day.current === null || time.current === null) return;
      day.current.textContent = `${dates.day(nowMs)} ${dates.weekday(nowMs)}`;
      time.current.textContent = dates.time(nowMs);
    };
    write();
    return onTick(write);
  }, [dates]);
  return (
    <div className="wall-clock num">
      <span ref={day} className="wall-date" />
      <span ref={time} className="wall-time" data-testid="wall-time" />
    </div>
  );
}

/** How old the newest record is; a wall that shows old figures must say so (数据时延). */
function DataAge({ summary }: { readonly summary: WallSummary }) {
  const { t } = useTranslation();
  const { status, heardAtMs } = useLive();
  const element = useRef<HTMLSpanElement>(null);
  // The server counts the age on the engine's clock, which the demonstration runs faster.
  const ageMs = summary.dataAgeMs / Math.max(1, summary.speed);
  useEffect(() => {
    const write = (): void => {
      if (element.current === null) return;
      const seconds = Math.round((ageMs + performance.now() - heardAtMs) / 1000);
      element.current.textContent =
        seconds < 120
          ? t('wall.ageSeconds', { seconds })
          : t('wall.ageMinutes', { minutes: Math.floor(seconds / 60) });
    };
    write();
    return onTick(write);
  }, [ageMs, heardAtMs, t]);
  return (
    <div className="wall-age">
      <b>{t(status === 'live' ? 'live.live' : 'live.cutShort')}</b>
      <span ref={element} className="num" />
    </div>
  );
}

export function Header({ summary }: { readonly summary: WallSummary }) {
  const systemName = useSystemName();
  const dates = useDates();
  const { t } = useTranslation();
  return (
    <header className="wall-header">
      <Mark />
      <h1>{systemName}</h1>
      <span className="wall-subtitle">{t('wall.subtitle')}</span>
      {summary.demo && <DemoMark speed={summary.speed} />}
      <span className="wall-gap" />
      <DeadManLine report={summary.deadMan} />
      <LanguageSwitch />
      <DataAge summary={summary} />
      <WallClock dates={dates} />
    </header>
  );
}
