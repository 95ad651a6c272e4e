import { useTranslation } from 'react-i18next';
import type { CardView, CaseDetail } from '../../../../api/contract.ts';
import { useLabel } from '../../i18n/index.ts';
import { LevelChip } from '../../shared/level-chip.tsx';
import { useDates } from '../../shared/pack.tsx';
import { StateTag } from '../state-tag.tsx';
import { Empty } from '../states.tsx';
import { clockKey } from './differences.ts';
import { Evidence } from './evidence.tsx';

interface Props {
  readonly detail: CaseDetail;
  /** Shows the bill of the clock a card speaks of. */
  readonly onBill: (key: string) => void;
}

/** Every card the case ever had: withdrawn ones stay and say what refuted them (law L5). */
export function CaseCards({ detail, onBill }: Props) {
  const { t } = useTranslation();
  if (detail.cards.length === 0) return <Empty title={t('case.noCards')} />;
  return (
    <ol className="case-cards">
      {detail.cards.map((card) => (
        <CaseCard key={card.cardId} card={card} detail={detail} onBill={onBill} />
      ))}
    </ol>
  );
}

function CaseCard({ card, detail, onBill }: Props & { readonly card: CardView }) {
  const { t } = useTranslation();
  const label = useLabel();
  const dates = useDates();
  const withdrawn = card.state === 'withdrawn';
  const evidence = detail.evidence.find(({ position }) => withdrawn && position === card.position);
  const clock = detail.clocks.find(
    (one) =>
      card.ruleKind === 'clock' &&
      one.ruleId === card.ruleId &&
      one.stage === card.stage &&
      one.occurrence === card.occurrence,
  );
  return (
    <li className={withdrawn ? 'card-withdrawn' : ''}>
      <div className="case-card-top">
        <LevelChip code={card.level} />
        <b>{label(card.ruleName)}</b>
        <StateTag state={card.state} />
      </div>
      <p>{label(card.title)}</p>
      {evidence !== undefined && <Evidence of={evidence} />}
      <p className="quiet num">
        {t('inbox.raisedAt', { time: dates.full(card.raisedAtMs) })} ·{' '}
        {t('case.cardVersions', { version: card.version, pack: card.packVersion })}
        {clock !== undefined && (
          <>
            {' · '}
            <button type="button" className="link" onClick={() => onBill(clockKey(clock))}>
              {t('case.toBill')}
            </button>
          </>
        )}
      </p>
      {card.answerText !== null && <blockquote>{card.answerText}</blockquote>}
    </li>
  );
}
