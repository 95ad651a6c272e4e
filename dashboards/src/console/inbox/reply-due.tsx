import { useTranslation } from 'react-i18next';
import type { CardView } from '../../../../api/contract.ts';
import { Countdown } from '../../shared/countdown.tsx';
import { useDates } from '../../shared/pack.tsx';

/** How long there is to answer, and until when (反馈期限). */
export function ReplyDue({ card }: { readonly card: CardView }) {
  const dates = useDates();
  const { t } = useTranslation();
  if (card.replyDueMs === null) return <span className="quiet">{t('inbox.noReplyDue')}</span>;
  return (
    <span className="reply-due">
      <Countdown input={{ state: 'running', dueMs: card.replyDueMs, workdays: null }} />
      <span className="quiet num">{dates.deadline(card.replyDueMs)}</span>
    </span>
  );
}
