/** The right side: why the card exists, by which rule, what happened, and what to answer. */
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { CardView, CaseDetail } from '../../../../api/contract.ts';
import { useLabel } from '../../i18n/index.ts';
import { LevelChip } from '../../shared/level-chip.tsx';
import { useDates, useNames } from '../../shared/pack.tsx';
import { useRule } from '../rules/use-rules.ts';
import { useMay } from '../session-context.tsx';
import { StateTag } from '../state-tag.tsx';
import { Failure } from '../states.tsx';
import { useCase } from '../use-case.ts';
import { HandleForm } from './handle-form.tsx';
import { MiniTimeline } from './mini-timeline.tsx';
import { clockOf, Reason } from './reason.tsx';
import { Due, ReplyDue, WhyProvisional } from './reply-due.tsx';
import { type Draft, type Handling, mayAnswer } from './use-handling.ts';

function Facts({ card, detail }: { readonly card: CardView; readonly detail?: CaseDetail }) {
  const { t } = useTranslation();
  const label = useLabel();
  const names = useNames();
  const dates = useDates();
  const rule = useRule(card.ruleId);
  const clock = clockOf(card, detail);
  const basis = clock?.basis || rule?.basis || '';
  const stage = detail?.stages.find((one) => one.code === card.stage);
  const version = rule === null ? '' : t('inbox.ruleVersion', { version: rule.version });
  return (
    <dl className="facts">
      <dt>{t('inbox.rule')}</dt>
      <dd>
        {label(card.ruleName)} <span className="quiet num">{`${card.ruleId} ${version}`}</span>
      </dd>
      <dt>{t('inbox.basis')}</dt>
      <dd>{basis || t('inbox.noBasis')}</dd>
      <dt>{t('inbox.organ')}</dt>
      <dd>
        {names.organ(card.organ)}
        {stage !== undefined && ` · ${label(stage.name)}`}
      </dd>
      <dt>{t('inbox.raised')}</dt>
      <dd className="num">
        {dates.full(card.raisedAtMs)}{' '}
        <span className="quiet">{t('inbox.packVersion', { version: card.packVersion })}</span>
      </dd>
      <dt>{t('inbox.replyBy')}</dt>
      <dd>
        <ReplyDue card={card} />
      </dd>
      {card.superviseDueMs !== null && (
        <>
          <dt>{t('inbox.superviseBy')}</dt>
          <dd>
            <Due dueMs={card.superviseDueMs} workdays={card.superviseWorkdays} />
          </dd>
        </>
      )}
    </dl>
  );
}

/** An answer that was given already (反馈). */
function Given({ card }: { readonly card: CardView }) {
  const { t } = useTranslation();
  const dates = useDates();
  if (card.answerText === null) return null;
  const known = ['confirmed', 'objective', 'mistaken', 'transfer'] as const;
  const category = known.find((one) => one === card.answerCategory);
  return (
    <div className="given">
      <b>{category === undefined ? card.answerCategory : t(`answer.${category}`)}</b>
      <blockquote>{card.answerText}</blockquote>
      <span className="quiet num">
        {card.actor} · {dates.full(card.atMs)}
      </span>
    </div>
  );
}

interface Props {
  readonly card: CardView;
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  readonly handling: Handling;
  readonly textRef: RefObject<HTMLTextAreaElement | null>;
}

export function CardPanel({ card, draft, onDraft, handling, textRef }: Props) {
  const { t } = useTranslation();
  const label = useLabel();
  const detail = useCase(card.caseKey);
  const mayHandle = useMay('cards.handle');
  const open = mayHandle && mayAnswer(card);
  return (
    <article className="card-panel" data-testid="card-panel" data-card={card.cardId}>
      <header>
        <div className="panel-marks">
          <LevelChip code={card.level} />
          <StateTag state={card.state} />
          {card.provisional && <em className="provisional">{t('common.provisional')}</em>}
        </div>
        <h2>{label(card.itemName)}</h2>
        <Link to={`/case/${encodeURIComponent(card.caseKey)}`} className="num">
          {card.caseKey}
        </Link>
      </header>
      <WhyProvisional card={card} />
      <Reason card={card} detail={detail.data} />
      <Facts card={card} detail={detail.data} />
      <h3>{t('inbox.course')}</h3>
      {detail.isError && <Failure error={detail.error} onRetry={() => detail.refetch()} />}
      {detail.data !== undefined && <MiniTimeline card={card} detail={detail.data} />}
      <Given card={card} />
      {open && (
        <HandleForm
          card={card}
          draft={draft}
          onDraft={onDraft}
          handling={handling}
          textRef={textRef}
        />
      )}
      {!open && draft.text !== '' && (
        <div className="notice notice-warn">
          <b>{t('handle.keptTitle')}</b>
          <blockquote>{draft.text}</blockquote>
        </div>
      )}
    </article>
  );
}
