/** Cards of the last 24 hours. ECharts comes lazily: the numbers stand before the chart does. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { WallSummary } from '../../../api/contract.ts';
import { shapeOfRank } from '../shared/levels.ts';
import { useDates, useNames, usePack } from '../shared/pack.tsx';
import { Shape } from '../shared/shape.tsx';
import type { HourlyChart, HourlySeries } from './hourly-chart.ts';
import { Panel } from './panel.tsx';

const REDRAW_MS = 1_000;

/** The three gravest levels below letters, gravest first. */
function useSeries(hourly: WallSummary['hourly']): readonly HourlySeries[] {
  const { levels } = usePack();
  const names = useNames();
  return [...levels]
    .filter((level) => level.rank <= 4)
    .sort((a, b) => b.rank - a.rank)
    .slice(0, 3)
    .map((level) => ({
      ...names.level(level.code),
      values: hourly.map((hour) => hour.byLevel[level.code] ?? 0),
    }));
}

interface Props {
  readonly hourly: WallSummary['hourly'];
  /** False: the store does not answer, and the chart shows what was last read. */
  readonly readable: boolean;
}

export function Hourly({ hourly, readable }: Props) {
  const { t } = useTranslation();
  const dates = useDates();
  const series = useSeries(hourly);
  const box = useRef<HTMLDivElement>(null);
  const newest = useRef({ hours: [] as string[], series });
  newest.current = { hours: hourly.map((hour) => dates.minute(hour.hourMs)), series };
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    let chart: HourlyChart | null = null;
    let gone = false;
    const open = async (): Promise<void> => {
      const [{ HourlyChart }] = await Promise.all([
        import('./hourly-chart.ts'),
        document.fonts.ready,
      ]);
      if (gone) return;
      chart = new HourlyChart(element);
      chart.draw(newest.current.hours, newest.current.series);
    };
    // The legend above carries the day's sums, so a chart that does not come hides no card.
    open().catch((error: unknown) => console.error('hourly chart not loaded', error));
    const timer = window.setInterval(
      () => chart?.draw(newest.current.hours, newest.current.series),
      REDRAW_MS,
    );
    return () => {
      gone = true;
      window.clearInterval(timer);
      chart?.dispose();
    };
  }, []);
  const total = (one: HourlySeries): number => one.values.reduce((sum, value) => sum + value, 0);
  return (
    <Panel
      className="panel-hourly"
      title={t('wall.hourly')}
      aside={
        <ul className="legend num">
          {series.map((one) => (
            <li key={one.code} className={`tone-${one.tone}`}>
              <Shape name={shapeOfRank(one.rank)} /> {one.name} {total(one)}
            </li>
          ))}
        </ul>
      }
    >
      {!readable && (
        <p className="panel-note" role="status">
          {t('wall.unreadable')}
        </p>
      )}
      <div ref={box} className="hourly" role="img" aria-label={t('wall.hourlyLabel')} />
    </Panel>
  );
}
