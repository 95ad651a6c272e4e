/** System status (系统状态): do the books balance, is everything moving, what could not be read. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import {
  API_PATHS,
  type Balance,
  type DeadLetterPage,
  type HealthReply,
} from '../../../../api/contract.ts';
import { get, withQuery } from '../../shared/api.ts';
import { usePack } from '../../shared/pack.tsx';
import { useMay } from '../session-context.tsx';
import { Failure, Loading } from '../states.tsx';
import { useTitle } from '../use-title.ts';
import { BalanceSheet } from './balance-sheet.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { HealthSheet } from './health-sheet.tsx';

const AGAIN_MS = 5_000;
const LETTERS = 50;

function useWatched<T>(name: string, path: string, may: boolean) {
  return useQuery({
    queryKey: ['status', name],
    queryFn: () => get<T>(path),
    enabled: may,
    refetchInterval: AGAIN_MS,
  });
}

export default function StatusPage() {
  const { t } = useTranslation();
  useTitle(t('nav.status'));
  const pack = usePack();
  const mayLetters = useMay('deadLetters.read');
  const balance = useWatched<Balance>('balance', API_PATHS.balance, useMay('balance.read'));
  const health = useWatched<HealthReply>('health', API_PATHS.health, useMay('health.read'));
  const letters = useWatched<DeadLetterPage>(
    'letters',
    withQuery(API_PATHS.deadLetters, { limit: LETTERS, offset: 0 }),
    mayLetters,
  );
  return (
    <main className="page">
      <header className="page-head">
        <div>
          <h1>{t('nav.status')}</h1>
          <p className="quiet num">{t('status.until', { date: pack.publishedUntil })}</p>
        </div>
      </header>
      <section className="sheet">
        <h2>{t('status.balance')}</h2>
        {balance.isPending && <Loading />}
        {balance.isError && <Failure error={balance.error} onRetry={() => balance.refetch()} />}
        {balance.data !== undefined && <BalanceSheet balance={balance.data} />}
      </section>
      <section className="sheet">
        <h2>{t('status.health')}</h2>
        {health.isPending && <Loading />}
        {health.isError && <Failure error={health.error} onRetry={() => health.refetch()} />}
        {health.data !== undefined && <HealthSheet health={health.data} />}
      </section>
      {mayLetters && (
        <section className="sheet">
          <h2>{t('status.letters')}</h2>
          {letters.isError && <Failure error={letters.error} onRetry={() => letters.refetch()} />}
          {letters.data !== undefined && <DeadLetters letters={letters.data.letters} />}
        </section>
      )}
    </main>
  );
}
