import { useTranslation } from 'react-i18next';
import type { HealthReply } from '../../../../api/contract.ts';

const COLUMNS = ['end', 'applied', 'sinkPosition', 'checkpoint'] as const;
const grouped = new Intl.NumberFormat('en-US');

export function HealthSheet({ health }: { readonly health: HealthReply }) {
  const { t } = useTranslation();
  const { sink, partitions } = health;
  return (
    <>
      <p className={`verdict-line${health.ready ? '' : ' verdict-bad'}`}>
        {t(health.ready ? 'status.ready' : 'status.notReady')}
        {sink !== undefined && (
          <span className="num">
            {sink.ok
              ? t('status.sinkOk', { seconds: Math.round(sink.delayMs / 100) / 10 })
              : t('status.sinkBad', { message: sink.message })}
          </span>
        )}
      </p>
      {partitions !== undefined && (
        <div className="scroll-x">
          <table className="plain num">
            <thead>
              <tr>
                <th scope="col">{t('status.partition')}</th>
                {COLUMNS.map((column) => (
                  <th scope="col" className="right" key={column}>
                    {t(`status.${column}`)}
                  </th>
                ))}
                <th scope="col" className="right">
                  {t('status.behind')}
                </th>
                <th scope="col">{t('status.state')}</th>
              </tr>
            </thead>
            <tbody>
              {partitions.map((one) => (
                <tr key={one.partition}>
                  <th scope="row">{one.partition}</th>
                  {COLUMNS.map((column) => (
                    <td className="right" key={column}>
                      {grouped.format(one[column])}
                    </td>
                  ))}
                  <td className="right">{grouped.format(Math.max(0, one.end - one.applied))}</td>
                  <td className={one.stopped === '' ? '' : 'bad'}>
                    {one.stopped === '' ? t('status.running') : one.stopped}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
