import { useTranslation } from 'react-i18next';
import type { CardView } from '../../../../api/contract.ts';
import { useLabel } from '../../i18n/index.ts';
import { LevelChip } from '../../shared/level-chip.tsx';
import { useDates } from '../../shared/pack.tsx';
import { StateTag } from '../state-tag.tsx';
import { Empty } from '../states.tsx';

/** Every card the case ever had: withdrawn ones stay and say so (law L5). */
export function CaseCards({ cards }: { readonly cards: readonly CardView[] }) {
  const { t } = useTranslation();
  const label = useLabel();
  const dates = useDates();
  if (cards.length === 0) return <Empty title={t('case.noCards')} />;
  return (
    <ol className="case-cards">
      {cards.map((card) => (
        <li key={card.cardId}>
          <div className="case-card-top">
            <LevelChip code={card.level} />
            <b>{label(card.ruleName)}</b>
            <StateTag state={card.state} />
          </div>
          <p>{label(card.title)}</p>
          <p className="quiet num">
            {t('inbox.raisedAt', { time: dates.full(card.raisedAtMs) })} ·{' '}
            {t('case.cardVersions', { version: card.version, pack: card.packVersion })}
          </p>
          {card.answerText !== null && <blockquote>{card.answerText}</blockquote>}
        </li>
      ))}
    </ol>
  );
}
