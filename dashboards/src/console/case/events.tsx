import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CaseDetail } from '../../../../api/contract.ts';
import { useDates } from '../../shared/pack.tsx';
import { useEventName } from '../event-name.ts';
import { Json } from '../json.tsx';

/** What happened, with its times; the stored record is one click away, personal data masked. */
export function Events({ detail }: { readonly detail: CaseDetail }) {
  const { t } = useTranslation();
  const dates = useDates();
  const eventName = useEventName();
  const [open, setOpen] = useState<number | null>(null);
  const stages = new Map(detail.stages.map((stage) => [stage.code, stage.name]));
  return (
    <div className="scroll-x">
      <table className="plain events">
        <thead>
          <tr>
            <th scope="col">{t('events.type')}</th>
            <th scope="col">{t('events.at')}</th>
            <th scope="col">{t('events.recorded')}</th>
            <th scope="col">{t('events.stamp')}</th>
            <th scope="col">{t('events.position')}</th>
            <th scope="col">
              <span className="visually-hidden">{t('events.record')}</span>
            </th>
          </tr>
        </thead>
        <tbody className="num">
          {detail.events.map((event) => (
            <Fragment key={event.position}>
              <tr>
                <th scope="row">
                  {eventName(event.type, stages.get(event.stage) ?? null)}
                  {event.late && <span className="state state-waiting">{t('events.late')}</span>}
                </th>
                <td>{dates.exact(event.atMs)}</td>
                <td>{event.recordedAtMs === null ? '—' : dates.exact(event.recordedAtMs)}</td>
                <td>{dates.exact(event.stampMs)}</td>
                <td>{event.position}</td>
                <td className="right">
                  <button
                    type="button"
                    className="link"
                    aria-expanded={open === event.position}
                    onClick={() => setOpen(open === event.position ? null : event.position)}
                  >
                    {t('events.record')}
                  </button>
                </td>
              </tr>
              {open === event.position && (
                <tr>
                  <td colSpan={6}>
                    <Json value={event.record} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}
