import { useTranslation } from 'react-i18next';
import type { CardView } from '../../../../api/contract.ts';
import { Countdown } from '../../shared/countdown.tsx';
import { useDates } from '../../shared/pack.tsx';

interface Props {
  readonly dueMs: number | null;
  readonly workdays: number | null;
}

/** How long there is, and until when. */
export function Due({ dueMs, workdays }: Props) {
  const dates = useDates();
  const { t } = useTranslation();
  if (dueMs === null) return <span className="quiet">{t('inbox.noReplyDue')}</span>;
  return (
    <span className="reply-due">
      <Countdown input={{ state: 'running', dueMs, workdays }} />
      <span className="quiet num">{dates.deadline(dueMs)}</span>
    </span>
  );
}

/** How long there is to answer, and until when (反馈期限). */
export function ReplyDue({ card }: { readonly card: CardView }) {
  return <Due dueMs={card.replyDueMs} workdays={card.replyWorkdays} />;
}

/** Why a card is provisional (暂定), and until when. */
export function WhyProvisional({ card }: { readonly card: CardView }) {
  const dates = useDates();
  const { t } = useTranslation();
  if (card.state !== 'provisional') return null;
  const { issueMs } = card;
  const why =
    issueMs === null
      ? t('inbox.noReceipt')
      : t('inbox.mayStillArrive', { time: dates.full(issueMs) });
  return (
    <p className="notice" data-testid="why-provisional">
      {why}
    </p>
  );
}
