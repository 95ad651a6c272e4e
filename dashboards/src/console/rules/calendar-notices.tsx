/** Notices in force (现行放假通知): number, when, which years, how many days; what is provisional. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { API_PATHS, type CalendarReply } from '../../../../api/contract.ts';
import { get } from '../../shared/api.ts';
import { useMay } from '../session-context.tsx';
import { Failure, Loading } from '../states.tsx';

type Notice = CalendarReply['calendar']['notices'][number];

function useCalendar() {
  const may = useMay('calendar.read');
  return useQuery({
    queryKey: ['calendar'],
    queryFn: () => get<CalendarReply>(API_PATHS.calendar),
    enabled: may,
    staleTime: 60_000,
  });
}

function NoticeRow({ notice }: { readonly notice: Notice }) {
  const { t } = useTranslation();
  const { number, title, url, published, territory, years, off, work, hours } = notice;
  return (
    <tr>
      <th scope="row">
        <a href={url} target="_blank" rel="noreferrer">
          {number || title || url}
        </a>
        {number !== '' && title !== '' && <span className="quiet"> {title}</span>}
      </th>
      <td className="num">{published ?? t('calendar.unknown')}</td>
      <td>{territory === '' ? t('calendar.whole') : territory}</td>
      <td className="num">{years.join(' ')}</td>
      <td className="num right">{off}</td>
      <td className="num right">{work}</td>
      <td className="num right">{hours}</td>
    </tr>
  );
}

export function CalendarNotices() {
  const { t } = useTranslation();
  const reply = useCalendar();
  if (reply.isPending) return <Loading />;
  if (reply.isError) return <Failure error={reply.error} onRetry={() => reply.refetch()} />;
  const { calendar, provisional, uncomputable } = reply.data;
  return (
    <section className="sheet" aria-label={t('calendar.title')}>
      <h2>{t('calendar.title')}</h2>
      <p className="quiet num">
        {t('calendar.head', { version: calendar.version, until: calendar.publishedUntil })}
      </p>
      <p className={provisional + uncomputable > 0 ? 'notice notice-warn' : 'quiet'}>
        {t('calendar.unsure', { provisional, uncomputable })}
      </p>
      <div className="scroll-x">
        <table className="plain">
          <thead>
            <tr>
              {(['number', 'published', 'territory', 'years'] as const).map((column) => (
                <th scope="col" key={column}>
                  {t(`calendar.${column}`)}
                </th>
              ))}
              {(['off', 'work', 'hours'] as const).map((column) => (
                <th scope="col" key={column} className="right">
                  {t(`calendar.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {calendar.notices.map((notice) => (
              <NoticeRow
                key={`${notice.territory} ${notice.number} ${notice.url}`}
                notice={notice}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
