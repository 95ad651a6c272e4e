/**
 * Every record of the case with its four times and what lies between them: late entry and back-dating
 * are seen there. What was replaced or taken back stays, struck through, and names what ended it.
 */
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CaseDetail, CaseEventView } from '../../../../api/contract.ts';
import { useDates } from '../../shared/pack.tsx';
import { useEventName } from '../event-name.ts';
import { Json } from '../json.tsx';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `+3 天`, `+5 小时`, `+2 分`; less than a minute is no delay to speak of. */
function useDelay(): (ms: number | null) => string {
  const { t } = useTranslation();
  return (ms) => {
    if (ms === null || Math.abs(ms) < MINUTE_MS) return '';
    const sign = ms < 0 ? '−' : '+';
    const size = Math.abs(ms);
    if (size >= DAY_MS) return `${sign}${t('delay.days', { count: Math.floor(size / DAY_MS) })}`;
    if (size >= HOUR_MS) return `${sign}${t('delay.hours', { count: Math.floor(size / HOUR_MS) })}`;
    return `${sign}${t('delay.minutes', { count: Math.floor(size / MINUTE_MS) })}`;
  };
}

function Time({ ms, delayMs }: { readonly ms: number | null; readonly delayMs: number | null }) {
  const dates = useDates();
  const delay = useDelay()(delayMs);
  const long = delayMs !== null && Math.abs(delayMs) >= DAY_MS;
  return (
    <td>
      {ms === null ? '—' : dates.exact(ms)}
      {delay !== '' && <span className={long ? 'delay delay-long' : 'delay'}>{delay}</span>}
    </td>
  );
}

function Status({ event }: { readonly event: CaseEventView }) {
  const { t } = useTranslation();
  const { status, endedBy, rev } = event;
  return (
    <>
      {rev > 0 && status !== 'retraction' && (
        <span className="state">{t('events.revision', { rev })}</span>
      )}
      {status !== 'current' && (
        <span className="state state-waiting">{t(`events.status.${status}`)}</span>
      )}
      {endedBy !== null && (
        <a className="quiet" href={`#record-${endedBy}`}>
          {t('events.endedBy', { position: endedBy })}
        </a>
      )}
    </>
  );
}

export function Events({ detail }: { readonly detail: CaseDetail }) {
  const { t } = useTranslation();
  const eventName = useEventName();
  const [open, setOpen] = useState<number | null>(null);
  const stages = new Map(detail.stages.map((stage) => [stage.code, stage.name]));
  const heads = ['type', 'at', 'recorded', 'sent', 'stamp', 'position'] as const;
  return (
    <div className="scroll-x">
      <table className="plain events">
        <thead>
          <tr>
            {heads.map((head) => (
              <th scope="col" key={head}>
                {t(`events.${head}`)}
              </th>
            ))}
            <th scope="col">
              <span className="visually-hidden">{t('events.record')}</span>
            </th>
          </tr>
        </thead>
        <tbody className="num">
          {detail.events.map((event) => (
            <Fragment key={event.position}>
              <tr id={`record-${event.position}`} className={`event-${event.status}`}>
                <th scope="row">
                  <span className="event-name">
                    {eventName(event.type, stages.get(event.stage) ?? null)}
                  </span>
                  {event.late && <span className="state state-waiting">{t('events.late')}</span>}
                  <Status event={event} />
                </th>
                <Time ms={event.atMs} delayMs={null} />
                <Time ms={event.recordedAtMs} delayMs={event.recordDelayMs} />
                <Time ms={event.sentAtMs} delayMs={event.sendDelayMs} />
                <Time
                  ms={event.stampMs}
                  delayMs={event.status === 'retraction' ? null : event.arrivalDelayMs}
                />
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
                  <td colSpan={7}>
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
