import { useTranslation } from 'react-i18next';
import type { BillDay } from '../../../../api/contract.ts';
import { lookOf, weekdayOf } from './bill-months.ts';

interface Props {
  readonly bill: readonly BillDay[];
  readonly limit: number;
  readonly zone: string;
}

/** The same days as rows, for checking one against a notice. */
export function BillTable({ bill, limit }: Props) {
  const { t } = useTranslation();
  const days = t('bill.weekdays').split(' ');
  return (
    <div className="bill-table">
      <table className="plain num">
        <thead>
          <tr>
            <th scope="col">{t('bill.date')}</th>
            <th scope="col">{t('bill.weekday')}</th>
            <th scope="col">{t('bill.counts')}</th>
            <th scope="col">{t('bill.why')}</th>
            <th scope="col">{t('bill.notice')}</th>
            <th scope="col" className="right">
              {t('bill.running')}
            </th>
          </tr>
        </thead>
        <tbody>
          {bill.map((day) => (
            <tr key={day.date} className={`bill-${lookOf(day, limit)}`}>
              <td>{day.date}</td>
              <td>{days[weekdayOf(day.date)]}</td>
              <td>{t(day.counted ? 'bill.yes' : 'bill.no')}</td>
              <td>
                {t(`bill.${lookOf(day, limit)}`)}
                {day.note !== '' && <span className="quiet"> {day.note}</span>}
                {day.provisional && <em className="provisional">{t('common.provisional')}</em>}
              </td>
              <td>{day.notice || '—'}</td>
              <td className="right">{Math.round(day.used * 10) / 10}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
