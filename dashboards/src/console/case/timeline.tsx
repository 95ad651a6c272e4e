/** Stages on a day axis: limit line, hatched suspensions, grey days that did not count. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { CaseDetail, ClockView } from '../../../../api/contract.ts';
import { useLabel, useLang } from '../../i18n/index.ts';
import { DateText } from '../../shared/dates.ts';
import { useUnit } from '../inbox/reason.tsx';
import { type Axis, type Bar, layOut, type PauseBar, type StageRow } from './timeline-layout.ts';

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;
const placed = (bar: Bar) => ({ left: percent(bar.left), width: percent(bar.width) });

function Off({ axis }: { readonly axis: Axis }) {
  return (
    <>
      {axis.off.map((bar) => (
        <span key={bar.left} className="line-off" style={placed(bar)} />
      ))}
    </>
  );
}

function StageText({ row, now }: { readonly row: StageRow; readonly now: boolean }) {
  const { t } = useTranslation();
  const unit = useUnit();
  const used = row.clock === null ? null : Math.round(row.clock.used * 10) / 10;
  const parts = [
    used === null ? '' : t('case.stageUsed', { used, unit: unit(row.unit || 'workday') }),
    row.limit === null ? '' : t('case.stageLimit', { limit: row.limit, unit: unit(row.unit) }),
    row.over ? t('case.stageOver') : '',
    now ? t('case.stageRunning') : '',
  ].filter((part) => part !== '');
  return <>{parts.join(' · ')}</>;
}

function Stage({
  row,
  pauses,
  name,
  axis,
}: {
  readonly row: StageRow;
  readonly pauses: readonly PauseBar[];
  readonly name: string;
  readonly axis: Axis;
}) {
  const inside = pauses.filter(
    (pause) => pause.left < row.left + row.width && pause.left + pause.width > row.left,
  );
  // The text stands beside the bar, on the side that has room.
  const before = row.left + row.width > 0.62;
  const end = row.left + row.width;
  const place = before
    ? { right: percent(1 - row.left), paddingRight: 8 }
    : { left: percent(end), paddingLeft: 8 };
  return (
    <div className="line-row">
      <span className="line-name">{name}</span>
      <div className="line-track">
        <Off axis={axis} />
        <span
          className={`line-bar${row.over ? ' line-over' : ''}${row.running ? ' line-running' : ''}`}
          style={placed(row)}
        />
        {inside.map((pause) => {
          const left = Math.max(pause.left, row.left);
          const right = Math.min(pause.left + pause.width, end);
          return (
            <span
              key={pause.left}
              className="line-bar line-paused"
              style={placed({ left, width: right - left })}
            />
          );
        })}
        <span className="line-text num" style={place}>
          <StageText row={row} now={row.running} />
        </span>
      </div>
    </div>
  );
}

function Pauses({ pauses, axis }: { readonly pauses: readonly PauseBar[]; readonly axis: Axis }) {
  const { t } = useTranslation();
  if (pauses.length === 0) return null;
  return (
    <div className="line-row">
      <span className="line-name">{t('case.pauses')}</span>
      <div className="line-track">
        <Off axis={axis} />
        {pauses.map((pause) => (
          <span
            key={`${pause.left} ${pause.label}`}
            className="line-bar line-paused"
            style={placed(pause)}
          />
        ))}
        {pauses.map((pause) => {
          const end = pause.left + pause.width;
          const place =
            end > 0.7
              ? { right: percent(1 - pause.left), paddingRight: 8 }
              : { left: percent(end), paddingLeft: 8 };
          return (
            <span key={`text ${pause.left} ${pause.label}`} className="line-text num" style={place}>
              {t(`ledger.${pause.kind}`)} {pause.label}
              {pause.open ? t('case.pauseOpen') : ''}
            </span>
          );
        })}
      </div>
    </div>
  );
}

interface Props {
  readonly detail: CaseDetail;
  readonly deciding: ClockView | null;
}

export function Timeline({ detail, deciding }: Props) {
  const { t } = useTranslation();
  const label = useLabel();
  const lang = useLang();
  const dates = useMemo(() => new DateText(detail.zone, lang), [detail.zone, lang]);
  const line = useMemo(
    () =>
      layOut(
        detail,
        deciding,
        (date) => dates.startOfDay(date),
        (ms) => dates.day(ms),
      ),
    [detail, deciding, dates],
  );
  const { axis } = line;
  const names = new Map(detail.stages.map((stage) => [stage.code, label(stage.name)]));
  return (
    <figure className="line" data-testid="timeline">
      <div className="line-row line-whole">
        <span className="line-name">{t('case.whole')}</span>
        <div className="line-track">
          <Off axis={axis} />
          <span
            className={`line-bar${line.whole.over ? ' line-over' : ''}`}
            style={placed(line.whole)}
          />
        </div>
      </div>
      {line.stages.map((row) => (
        <Stage
          key={row.code}
          row={row}
          pauses={line.pauses}
          axis={axis}
          name={names.get(row.code) ?? row.code}
        />
      ))}
      <Pauses pauses={line.pauses} axis={axis} />
      <div className="line-marks">
        {line.limits.map((limit) => (
          <span key={limit.at} className="line-limit" style={{ left: percent(limit.at) }}>
            <em className="num">
              {t('case.limitLine', {
                name: label(limit.clock.name),
                time: dates.deadline(limit.dueMs),
              })}
            </em>
          </span>
        ))}
        {axis.now !== null && (
          <span className="line-now" style={{ left: percent(axis.now) }}>
            <em>{t(detail.asOfMs === null ? 'case.now' : 'case.then')}</em>
          </span>
        )}
      </div>
      <div className="line-row line-axis">
        <span className="line-name">{t('case.axis')}</span>
        <div className="line-track">
          {axis.labels.map(({ at, ms }) => (
            <span key={ms} className="line-day num" style={{ left: percent(at) }}>
              {dates.day(ms).slice(5)}
            </span>
          ))}
        </div>
      </div>
    </figure>
  );
}
