/** The wall's one screen: everything in rem, so that 1080p and 4K show the same picture. */
import { useTranslation } from 'react-i18next';
import { useLive } from '../shared/live-react.ts';
import { useDates } from '../shared/pack.tsx';
import { DeadManAlarm } from './dead-man.tsx';
import { Header } from './header.tsx';
import { Hourly } from './hourly.tsx';
import { Latest } from './latest.tsx';
import { Numbers } from './numbers.tsx';
import { Organs } from './organs.tsx';
import { Pressing } from './pressing.tsx';
import { Strip } from './strip.tsx';
import { Tiles } from './tiles.tsx';

export function Wall() {
  const { summary, status } = useLive();
  const { t } = useTranslation();
  const dates = useDates();
  if (summary === null) {
    return (
      <main className="wall-notice">
        <h1>{t('app.name')}</h1>
        <p>{t(status === 'cut' ? 'wall.failed' : 'wall.opening')}</p>
      </main>
    );
  }
  return (
    <main className={`wall${status === 'cut' ? ' wall-stale' : ''}`}>
      <Header summary={summary} />
      {status === 'cut' && (
        <div className="wall-cut" role="alert">
          {t('live.cut', { time: dates.time(summary.nowMs) })}
        </div>
      )}
      {status !== 'cut' && <DeadManAlarm report={summary.deadMan} />}
      <Numbers summary={summary} />
      <section className="wall-middle">
        <Organs organs={summary.organs} />
        <div className="wall-centre">
          <Hourly hourly={summary.hourly} readable={summary.storeReadable} />
          <Tiles territories={summary.territories} />
        </div>
        <Latest latest={summary.latest} />
      </section>
      <section className="wall-bottom">
        <Pressing pressing={summary.pressing} />
        <Strip strip={summary.strip} />
      </section>
    </main>
  );
}
