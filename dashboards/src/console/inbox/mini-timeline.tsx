/** The last steps of a case beside its card, the deadline and the card among them. */
import { useTranslation } from 'react-i18next';
import type { CardView, CaseDetail } from '../../../../api/contract.ts';
import { useDates, useNames } from '../../shared/pack.tsx';
import { useEventName } from '../event-name.ts';
import { standing } from '../standing.ts';
import { clockOf } from './reason.tsx';

const SHOWN = 7;

interface Step {
  readonly key: string;
  readonly atMs: number;
  readonly text: string;
  readonly look: 'event' | 'due' | 'card';
}

export function useSteps(card: CardView, detail: CaseDetail): readonly Step[] {
  const { t } = useTranslation();
  const names = useNames();
  const eventName = useEventName();
  const stageNames = new Map(detail.stages.map((stage) => [stage.code, stage.name]));
  const steps: Step[] = standing(detail.events).map((event) => ({
    key: `event ${event.position}`,
    atMs: event.atMs,
    text: eventName(event.type, stageNames.get(event.stage) ?? null),
    look: 'event',
  }));
  const dueMs = clockOf(card, detail)?.dueMs ?? null;
  if (dueMs !== null) {
    steps.push({ key: 'due', atMs: dueMs, text: t('inbox.stepDue'), look: 'due' });
  }
  const raised = t('inbox.stepCard', { level: names.level(card.level).name });
  steps.push({ key: 'card', atMs: card.raisedAtMs, text: raised, look: 'card' });
  return steps.sort((a, b) => a.atMs - b.atMs);
}

export function MiniTimeline({
  card,
  detail,
}: {
  readonly card: CardView;
  readonly detail: CaseDetail;
}) {
  const { t } = useTranslation();
  const dates = useDates();
  const steps = useSteps(card, detail);
  const hidden = Math.max(0, steps.length - SHOWN);
  return (
    <ol className="mini">
      {hidden > 0 && <li className="mini-more">{t('inbox.earlier', { count: hidden })}</li>}
      {steps.slice(-SHOWN).map((step) => (
        <li key={step.key} className={`mini-${step.look}`}>
          <time className="num">
            {step.look === 'due' ? dates.deadline(step.atMs) : dates.short(step.atMs)}
          </time>
          <span>{step.text}</span>
        </li>
      ))}
    </ol>
  );
}
