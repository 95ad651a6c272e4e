import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Balance } from '../../../../api/contract.ts';

const COLUMNS = ['accepted', 'applied', 'duplicate', 'held', 'deadLettered', 'pending'] as const;
const grouped = new Intl.NumberFormat('en-US');

type Row = Omit<Balance['rows'][number], 'partition'>;

const FIGURES = [...COLUMNS, 'difference'] as const;

/** One row a source over all partitions, busiest first; differences may not cancel each other out. */
export function bySource(rows: Balance['rows']): readonly Row[] {
  const sums = new Map<string, Record<(typeof FIGURES)[number], number>>();
  for (const row of rows) {
    const sum = sums.get(row.source) ?? {
      accepted: 0,
      applied: 0,
      duplicate: 0,
      held: 0,
      deadLettered: 0,
      pending: 0,
      difference: 0,
    };
    for (const column of COLUMNS) sum[column] += row[column];
    sum.difference += Math.abs(row.difference);
    sums.set(row.source, sum);
  }
  return [...sums]
    .map(([source, sum]) => ({ source, ...sum }))
    .sort((a, b) => b.accepted - a.accepted);
}

function total(rows: readonly Row[], column: (typeof FIGURES)[number]): number {
  return rows.reduce((sum, row) => sum + row[column], 0);
}

function BalanceRow({ name, figures }: { readonly name: string; readonly figures: Row }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      {COLUMNS.map((column) => (
        <td className="right" key={column}>
          {grouped.format(figures[column])}
        </td>
      ))}
      <td className={figures.difference === 0 ? 'right' : 'right bad'}>{figures.difference}</td>
    </tr>
  );
}

function BalanceTable({ rows }: { readonly rows: readonly Row[] }) {
  const { t } = useTranslation();
  const all: Row = {
    source: '',
    accepted: total(rows, 'accepted'),
    applied: total(rows, 'applied'),
    duplicate: total(rows, 'duplicate'),
    held: total(rows, 'held'),
    deadLettered: total(rows, 'deadLettered'),
    pending: total(rows, 'pending'),
    difference: total(rows, 'difference'),
  };
  return (
    <div className="scroll-x sources">
      <table className="plain num">
        <thead>
          <tr>
            <th scope="col">{t('status.source')}</th>
            {FIGURES.map((column) => (
              <th scope="col" className="right" key={column}>
                {t(`status.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <BalanceRow name={t('status.total')} figures={all} />
          {rows.map((row) => (
            <BalanceRow key={row.source} name={row.source} figures={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** accepted = applied + duplicate + held + dead-lettered + pending, per source and partition (law L5). */
export function BalanceSheet({ balance }: { readonly balance: Balance }) {
  const { t } = useTranslation();
  const rows = useMemo(() => bySource(balance.rows), [balance.rows]);
  const refused = Object.entries(balance.refused).filter(([, count]) => count > 0);
  const list = refused.map(([code, count]) => `${code} ${count}`).join(' · ');
  return (
    <>
      <p className={`verdict-line${balance.balanced ? '' : ' verdict-bad'}`} data-testid="balanced">
        {t(balance.balanced ? 'status.balanced' : 'status.unbalanced')}
      </p>
      <BalanceTable rows={rows} />
      <p className="quiet num sources-note">
        {refused.length === 0 ? t('status.noneRefused') : t('status.refused', { list })}
      </p>
    </>
  );
}
