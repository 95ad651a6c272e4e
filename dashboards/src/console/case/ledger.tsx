import { useTranslation } from 'react-i18next';
import type { LedgerEntry } from '../../../../api/contract.ts';
import { useDates } from '../../shared/pack.tsx';
import { Empty } from '../states.tsx';

/** What changed the countdown (台账): suspensions, special procedures, extensions, deemed acceptance. */
export function Ledger({ entries }: { readonly entries: readonly LedgerEntry[] }) {
  const { t } = useTranslation();
  const dates = useDates();
  if (entries.length === 0) return <Empty title={t('case.noLedger')} />;
  return (
    <ol className="ledger">
      {entries.map((entry) => (
        <li key={`${entry.kind} ${entry.fromMs}`} className={`ledger-${entry.kind}`}>
          <b>{t(`ledger.${entry.kind}`)}</b> <span>{entry.label}</span>
          <span className="quiet num">
            {dates.short(entry.fromMs)}
            {entry.kind === 'deemed'
              ? ''
              : ` — ${entry.toMs === null ? t('case.untilNow') : dates.short(entry.toMs)}`}
          </span>
          {entry.days > 0 && (
            <span className="num">{t('case.ledgerDays', { count: entry.days })}</span>
          )}
        </li>
      ))}
    </ol>
  );
}
