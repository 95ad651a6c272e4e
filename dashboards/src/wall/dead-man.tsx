/**
 * The dead man's check (失联核验) on the wall: one calm line while nothing is wrong, a banner with a mark,
 * numbers and organs when something is.
 */
import { useTranslation } from 'react-i18next';
import { useNames } from '../shared/pack.tsx';
import { Shape } from '../shared/shape.tsx';
import { type DeadManReport, isLoud, quietKey } from './dead-man-state.ts';

const ORGANS_SHOWN = 3;

export function DeadManLine({ report }: { readonly report: DeadManReport }) {
  const { t } = useTranslation();
  return (
    <span className="wall-dead-man num" data-testid="dead-man">
      {isLoud(report) ? t('wall.deadManBad') : t(quietKey(report))}
    </span>
  );
}

export function DeadManAlarm({ report }: { readonly report: DeadManReport }) {
  const { t } = useTranslation();
  const names = useNames();
  if (!isLoud(report)) return null;
  const { dueWithoutCard, cardWithoutDue, organs } = report;
  const shown = organs.slice(0, ORGANS_SHOWN);
  return (
    <div className="wall-dead-man-alarm" role="alert" data-testid="dead-man-alarm">
      <Shape name="triangle" />
      <b>{t('wall.deadManBad')}</b>
      <span className="num">{t('wall.dueWithoutCard', { count: dueWithoutCard })}</span>
      <span className="num">{t('wall.cardWithoutDue', { count: cardWithoutDue })}</span>
      <span className="wall-dead-man-organs">
        {shown
          .map(({ organ, caseKeys }) => `${names.organ(organ)} ${caseKeys[0] ?? ''}`)
          .join(' · ')}
      </span>
    </div>
  );
}
