import { useTranslation } from 'react-i18next';
import type { EvidenceView } from '../../../../api/contract.ts';
import { useDates } from '../../shared/pack.tsx';
import { useEventName } from '../event-name.ts';

/** Why a card was withdrawn (撤牌依据): the record that refuted it, one click away. */
export function Evidence({ of }: { readonly of: EvidenceView }) {
  const { t } = useTranslation();
  const dates = useDates();
  const eventName = useEventName();
  if (of.kind !== 'event') {
    return (
      <p className="evidence num">
        {t('evidence.publication', {
          ...{ version: of.packVersion ?? '—', actor: of.actor || '—' },
          ...{ reason: of.reason || '—', time: dates.exact(of.stampMs) },
        })}
      </p>
    );
  }
  const said = {
    position: of.position,
    type: eventName(of.type, null),
    at: of.atMs === null ? '—' : dates.full(of.atMs),
    source: of.source || '—',
    time: dates.exact(of.stampMs),
  };
  return (
    <p className="evidence num">
      <a href={`#record-${of.position}`}>
        {of.retracted ? t('evidence.retraction', said) : t('evidence.event', said)}
      </a>
    </p>
  );
}
