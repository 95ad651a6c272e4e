/** The case page (办件详情): the verdict in one line, then everything it rests on. */

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearchParams } from 'react-router';
import type { CardView, CaseDetail } from '../../../../api/contract.ts';
import { useLabel } from '../../i18n/index.ts';
import { ApiError } from '../../shared/api.ts';
import { LevelChip } from '../../shared/level-chip.tsx';
import { live } from '../../shared/live-react.ts';
import { useDates, useNames } from '../../shared/pack.tsx';
import { ClockSentence } from '../inbox/reason.tsx';
import { Empty, Failure, Loading } from '../states.tsx';
import { useCase } from '../use-case.ts';
import { useTitle } from '../use-title.ts';
import { AsOfChoice, PastBanner } from './as-of.tsx';
import { Bill } from './bill.tsx';
import { CaseCards } from './case-cards.tsx';
import { ClockRemaining, Clocks } from './clocks.tsx';
import { clockKey } from './differences.ts';
import { Events } from './events.tsx';
import { Ledger } from './ledger.tsx';
import { Past } from './past.ts';
import { Timeline } from './timeline.tsx';
import { decidingClock, isOver } from './verdict.ts';

const OVER = new Set<CardView['state']>(['withdrawn', 'revoked', 'closed']);

function gravest(cards: readonly CardView[]): CardView | null {
  const open = cards.filter((card) => !OVER.has(card.state));
  return open.reduce<CardView | null>(
    (worst, card) => (worst === null || card.levelRank > worst.levelRank ? card : worst),
    null,
  );
}

function Head({ detail }: { readonly detail: CaseDetail }) {
  const { t } = useTranslation();
  const label = useLabel();
  const names = useNames();
  const dates = useDates();
  const card = gravest(detail.cards);
  const facts = [
    label(detail.organName),
    names.territory(detail.territory),
    detail.receivedMs === null
      ? t('case.neverReceived')
      : t('case.receivedAt', { time: dates.full(detail.receivedMs) }),
    detail.acceptedMs === null ? '' : t('case.acceptedAt', { time: dates.full(detail.acceptedMs) }),
    detail.closedMs === null ? '' : t('case.closedAt', { time: dates.full(detail.closedMs) }),
  ];
  return (
    <div className="case-title">
      <p className="case-key num">{detail.caseKey}</p>
      <h1>
        {label(detail.itemName)}
        {card !== null && <LevelChip code={card.level} />}
        {detail.deemed && <span className="state state-waiting">{t('case.deemed')}</span>}
      </h1>
      <p className="case-facts num">{facts.filter((fact) => fact !== '').join(' · ')}</p>
    </div>
  );
}

function Verdict({ detail }: { readonly detail: CaseDetail }) {
  const { t } = useTranslation();
  const dates = useDates();
  const clock = decidingClock(detail.clocks);
  if (clock === null) return <div className="verdict">{t('case.noClock')}</div>;
  return (
    <div className={`verdict${isOver(clock) ? ' verdict-over' : ''}`} data-testid="verdict">
      <p className="verdict-main">
        <ClockRemaining clock={clock} />
        {clock.provisional && <em className="provisional">{t('common.provisional')}</em>}
      </p>
      <p className="verdict-sentence">
        <ClockSentence clock={clock} />
      </p>
      {clock.dueMs !== null && (
        <p className="quiet num">{t('case.dueAt', { time: dates.deadline(clock.dueMs) })}</p>
      )}
    </div>
  );
}

/** A changed card means a changed case: it is asked for again. */
function useFreshCase(caseKey: string): void {
  const client = useQueryClient();
  useEffect(
    () =>
      live.onCard((card) => {
        if (card.caseKey === caseKey) {
          void client.invalidateQueries({ queryKey: ['case', caseKey] });
        }
      }),
    [client, caseKey],
  );
}

function Body({ detail }: { readonly detail: CaseDetail }) {
  const { t } = useTranslation();
  const deciding = decidingClock(detail.clocks);
  const [chosen, choose] = useState<string | null>(null);
  const clock = detail.clocks.find((one) => clockKey(one) === chosen) ?? deciding;
  const showBill = (key: string): void => {
    choose(key);
    document.getElementById('bill')?.scrollIntoView();
  };
  return (
    <>
      <header className="case-head">
        <Head detail={detail} />
        <Verdict detail={detail} />
      </header>
      <section className="sheet">
        <h2>{t('case.course')}</h2>
        <Timeline detail={detail} deciding={deciding} />
      </section>
      <section className="sheet" id="bill">
        <h2>{t('case.clocks')}</h2>
        {detail.clocks.length === 0 && <Empty title={t('case.noClock')} />}
        <Clocks
          clocks={detail.clocks}
          chosen={clock === null ? null : clockKey(clock)}
          keyOf={clockKey}
          onChoose={choose}
        />
        {clock !== null && <Bill key={clockKey(clock)} clock={clock} zone={detail.zone} />}
      </section>
      <div className="case-pair">
        <section className="sheet">
          <h2>{t('case.cards', { count: detail.cards.length })}</h2>
          <CaseCards detail={detail} onBill={showBill} />
        </section>
        <section className="sheet">
          <h2>{t('case.ledger')}</h2>
          <Ledger entries={detail.ledger} />
        </section>
      </div>
      <section className="sheet">
        <h2>{t('case.events', { count: detail.events.length })}</h2>
        <Events detail={detail} />
      </section>
    </>
  );
}

function Unknown({ notYet }: { readonly notYet: boolean }) {
  const { t } = useTranslation();
  if (notYet) return <Empty title={t('asOf.unknown')}>{t('asOf.unknownHint')}</Empty>;
  return <Empty title={t('case.unknown')}>{t('case.unknownHint')}</Empty>;
}

export default function CasePage() {
  const { t } = useTranslation();
  const { caseKey = '' } = useParams();
  useTitle(`${t('case.name')} ${caseKey}`);
  useFreshCase(caseKey);
  const [query, setQuery] = useSearchParams();
  const asOf = query.get('asOf') ?? '';
  const detail = useCase(caseKey, asOf);
  const refused = detail.error instanceof ApiError ? detail.error : null;
  const unknown = refused?.status === 404;
  return (
    <main className="case">
      <p className="crumb">
        <Link to="/inbox">{t('nav.inbox')}</Link> / {t('case.name')}
      </p>
      {(detail.data !== undefined || asOf !== '') && (
        <AsOfChoice asOf={asOf} onChoose={(next) => setQuery(next === '' ? {} : { asOf: next })} />
      )}
      {detail.isPending && <Loading />}
      {unknown && <Unknown notYet={refused?.code === 'AS_OF_UNKNOWN'} />}
      {detail.isError && !unknown && (
        <Failure error={detail.error} onRetry={() => detail.refetch()} />
      )}
      {detail.data !== undefined && <PastBanner then={detail.data} />}
      {detail.data !== undefined && (
        <Past value={detail.data.asOfMs}>
          <Body key={asOf} detail={detail.data} />
        </Past>
      )}
    </main>
  );
}
