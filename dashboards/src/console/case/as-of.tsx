/**
 * The case as it was believed at a time in the past (认知时点): the choice of that time, the banner that
 * says so, and what is told differently now.
 */
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CaseDetail } from '../../../../api/contract.ts';
import { useDates } from '../../shared/pack.tsx';
import { useCase } from '../use-case.ts';
import { differences } from './differences.ts';

interface ChoiceProps {
  /** '' for now. */
  readonly asOf: string;
  readonly onChoose: (asOf: string) => void;
}

/** Local time of the deployment, as its instants are shown. */
export function AsOfChoice({ asOf, onChoose }: ChoiceProps) {
  const { t } = useTranslation();
  const dates = useDates();
  const shown = asOf === '' ? '' : dates.full(Date.parse(asOf)).replace(' ', 'T');
  const [local, setLocal] = useState(shown);
  return (
    <form
      className="as-of"
      onSubmit={(event) => {
        event.preventDefault();
        if (local !== '') onChoose(new Date(dates.instant(local)).toISOString());
      }}
    >
      <label>
        {t('asOf.choose')}{' '}
        <input
          type="datetime-local"
          value={local}
          onChange={(event) => setLocal(event.target.value)}
        />
      </label>
      <Button htmlType="submit" disabled={local === ''}>
        {t('asOf.look')}
      </Button>
      {asOf !== '' && (
        <Button
          type="primary"
          onClick={() => {
            setLocal('');
            onChoose('');
          }}
        >
          {t('asOf.now')}
        </Button>
      )}
    </form>
  );
}

/** Never to be taken for the present: says since when it is past, and what has changed. */
export function PastBanner({ then }: { readonly then: CaseDetail }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useCase(then.caseKey).data;
  if (then.asOfMs === null) return null;
  const changed = now === undefined ? null : differences(then, now);
  return (
    <div className="notice notice-warn past" role="status" data-testid="past">
      <b>{t('asOf.banner', { time: dates.exact(then.asOfMs) })}</b>
      <p>{t('asOf.rules', { version: then.packVersion })}</p>
      {changed !== null && (
        <p>
          {changed.records + changed.cards.size + changed.clocks === 0
            ? t('asOf.same')
            : t('asOf.changed', {
                records: changed.records,
                cards: changed.cards.size,
                clocks: changed.clocks,
              })}
        </p>
      )}
    </div>
  );
}
