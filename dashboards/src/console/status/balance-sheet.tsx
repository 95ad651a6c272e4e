import { useTranslation } from 'react-i18next';
import type { Balance } from '../../../../api/contract.ts';

const COLUMNS = ['accepted', 'applied', 'duplicate', 'held', 'deadLettered', 'pending'] as const;
const grouped = new Intl.NumberFormat('en-US');

/** accepted = applied + duplicate + held + dead-lettered + pending, per source and partition (law L5). */
export function BalanceSheet({ balance }: { readonly balance: Balance }) {
  const { t } = useTranslation();
  const refused = Object.entries(balance.refused).filter(([, count]) => count > 0);
  return (
    <>
      <p className={`verdict-line${balance.balanced ? '' : ' verdict-bad'}`} data-testid="balanced">
        {t(balance.balanced ? 'status.balanced' : 'status.unbalanced')}
      </p>
      <div className="scroll-x">
        <table className="plain num">
          <thead>
            <tr>
              <th scope="col">{t('status.source')}</th>
              <th scope="col" className="right">
                {t('status.partition')}
              </th>
              {COLUMNS.map((column) => (
                <th scope="col" className="right" key={column}>
                  {t(`status.${column}`)}
                </th>
              ))}
              <th scope="col" className="right">
                {t('status.difference')}
              </th>
            </tr>
          </thead>
          <tbody>
            {balance.rows.map((row) => (
              <tr key={`${row.source} ${row.partition}`}>
                <th scope="row">{row.source}</th>
                <td className="right">{row.partition}</td>
                {COLUMNS.map((column) => (
                  <td className="right" key={column}>
                    {grouped.format(row[column])}
                  </td>
                ))}
                <td className={row.difference === 0 ? 'right' : 'right bad'}>{row.difference}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="quiet num">
        {refused.length === 0
          ? t('status.noneRefused')
          : t('status.refused', {
              list: refused.map(([code, count]) => `${code} ${count}`).join(' · '),
            })}
      </p>
    </>
  );
}
