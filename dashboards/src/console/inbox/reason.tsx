/** Why the card exists, as one sentence with its numbers in it. */
import { Trans, useTranslation } from 'react-i18next';
import type { CardView, CaseDetail, ClockView } from '../../../../api/contract.ts';
import { useLabel } from '../../i18n/index.ts';
import { useDates } from '../../shared/pack.tsx';

/** The clock whose expiry raised this card. */
export function clockOf(card: CardView, detail: CaseDetail | undefined): ClockView | null {
  if (card.ruleKind !== 'clock' || detail === undefined) return null;
  const same = detail.clocks.filter((clock) => clock.ruleId === card.ruleId);
  return same.find((clock) => clock.stage === card.stage) ?? same[0] ?? null;
}

export function useUnit(): (unit: string) => string {
  const { t } = useTranslation();
  return (unit) => {
    switch (unit) {
      case 'workday':
      case 'day':
      case 'hour':
      case 'workhour':
      case 'month':
      case 'year':
        return t(`unit.${unit}`);
      default:
        return unit;
    }
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;

export function ClockSentence({ clock }: { readonly clock: ClockView }) {
  const { t } = useTranslation();
  const label = useLabel();
  const unit = useUnit();
  const values = {
    name: label(clock.stageName ?? clock.name),
    limit: clock.limit,
    unit: unit(clock.unit),
    used: round(clock.used),
    over: Math.abs(Math.floor(clock.remaining ?? 0)),
    left: Math.max(0, Math.floor(clock.remaining ?? 0)),
    excluded: clock.excluded,
  };
  const components = { b: <b className="num" /> };
  if (clock.state === 'uncomputable') return <>{t('reason.uncomputable', values)}</>;
  const over = clock.remaining !== null && clock.remaining < 0;
  return (
    <>
      <Trans t={t} i18nKey="reason.used" values={values} components={components} />
      {clock.remaining !== null && (
        <Trans
          t={t}
          i18nKey={over ? 'reason.over' : 'reason.left'}
          values={values}
          components={components}
        />
      )}
      {clock.excluded > 0 && (
        <Trans t={t} i18nKey="reason.excluded" values={values} components={components} />
      )}
      {t('reason.end')}
    </>
  );
}

interface Props {
  readonly card: CardView;
  readonly detail: CaseDetail | undefined;
}

export function Reason({ card, detail }: Props) {
  const { t } = useTranslation();
  const label = useLabel();
  const dates = useDates();
  const clock = clockOf(card, detail);
  return (
    <div className={`reason reason-rank${card.levelRank >= 4 ? '-high' : ''}`} data-testid="reason">
      {clock === null ? (
        t('reason.check', { title: label(card.title), time: dates.full(card.dueMs) })
      ) : (
        <ClockSentence clock={clock} />
      )}
    </div>
  );
}
