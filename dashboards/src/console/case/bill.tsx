/**
 * The time bill (计时账单) of one clock: every day between start and deadline, counted or not, why,
 * and by which notice. As a calendar for people, as a table for those who check it.
 */
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BillDay, ClockView } from '../../../../api/contract.ts';
import { useLabel, useLang } from '../../i18n/index.ts';
import { DateText } from '../../shared/dates.ts';
import { Choice } from '../choice.tsx';
import { useUnit } from '../inbox/reason.tsx';
import { Empty } from '../states.tsx';
import {
  type BillCell,
  type BillMonth,
  billMonths,
  type DayLook,
  lookOf,
  sumBill,
} from './bill-months.ts';
import { BillTable } from './bill-table.tsx';
import { useProblem } from './clocks.tsx';

const LOOKS: readonly DayLook[] = [
  'start',
  'counted',
  'makeup',
  'over',
  'weekend',
  'holiday',
  'suspended',
  'special',
  'outside',
];

const PLAIN = new Set<DayLook>(['counted', 'weekend', 'over']);

/** The words in a cell; a plain day's colour and number say enough. */
function useDayNote(day: BillDay | null, look: DayLook): string {
  const { t } = useTranslation();
  if (day === null) return '';
  if (day.reason === 'makeup') return t('bill.makeupNote');
  return PLAIN.has(look) ? '' : day.note || t(`bill.${look}`);
}

interface DayProps {
  readonly cell: BillCell;
  readonly limit: number;
  /** The day on which the limit ends. */
  readonly dueDay: string;
}

function Day({ cell, limit, dueDay }: DayProps) {
  const { t } = useTranslation();
  const { day, number } = cell;
  const look = day === null ? 'outside' : lookOf(day, limit);
  const note = useDayNote(day, look);
  if (day === null) {
    return (
      <td className="day day-none">
        {number > 0 && <span className="day-number num">{number}</span>}
      </td>
    );
  }
  const due = day.date === dueDay;
  const name = t(`bill.${look}`);
  const title = [day.date, name, day.note, day.notice].filter((part) => part !== '').join(' · ');
  return (
    <td
      className={`day day-${look}${due ? ' day-due' : ''}${day.provisional ? ' day-provisional' : ''}`}
      title={title}
    >
      <span className="day-number num">{number}</span>
      {day.counted && <b className="day-count num">{Math.round(day.used * 10) / 10}</b>}
      <span className="day-note">{due ? t('bill.due') : note}</span>
      <span className="visually-hidden">{day.counted ? t('bill.isCounted') : name}</span>
    </td>
  );
}

function Month({ month, limit, dueDay }: { readonly month: BillMonth } & Omit<DayProps, 'cell'>) {
  const { t } = useTranslation();
  const [year = '', index = ''] = month.month.split('-');
  const days = t('bill.weekdays').split(' ');
  return (
    <table className="month">
      <caption className="num">{t('bill.month', { year, month: Number(index) })}</caption>
      <thead>
        <tr>
          {days.map((day) => (
            <th scope="col" key={day}>
              {day}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {month.weeks.map((week, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a month's weeks never change places
          <tr key={row}>
            {week.map((cell, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: nor do the days of a week
              <Day key={column} cell={cell} limit={limit} dueDay={dueDay} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The sums beside the calendar; the legend is the arithmetic, so it needs no second place. */
function Sums({ clock }: { readonly clock: ClockView }) {
  const { t } = useTranslation();
  const unit = useUnit();
  const sums = sumBill(clock.bill, clock.limit);
  return (
    <div className="bill-sums">
      <h4>{t('bill.sum', { days: sums.days })}</h4>
      <ul>
        {LOOKS.filter((look) => sums.byLook.has(look)).map((look) => (
          <li key={look}>
            <span className={`swatch day-${look}`} aria-hidden="true" />
            <span>{t(`bill.${look}`)}</span>
            <b className="num">{t('bill.days', { count: sums.byLook.get(look) ?? 0 })}</b>
          </li>
        ))}
      </ul>
      {Number.isFinite(clock.limit) && (
        <p className="bill-total num">
          {t('bill.total', {
            used: Math.round(clock.used * 10) / 10,
            limit: clock.limit,
            unit: unit(clock.unit),
          })}
        </p>
      )}
      <p className="quiet">{t(`modeLong.${clock.mode}`)}</p>
      {sums.provisional > 0 && (
        <p className="notice notice-warn">{t('bill.provisional', { count: sums.provisional })}</p>
      )}
      <h4>{t('bill.notices')}</h4>
      {sums.notices.length === 0 ? (
        <p className="quiet">{t('bill.noNotice')}</p>
      ) : (
        <ul className="bill-notices">
          {sums.notices.map((notice) => (
            <li key={notice}>{notice}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** More months than this are folded away behind the ones up to the deadline. */
const MONTHS_SHOWN = 4;

function Months({ clock, dueDay }: { readonly clock: ClockView; readonly dueDay: string }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const months = billMonths(clock.bill);
  const due = months.findIndex(({ month }) => month === dueDay.slice(0, 7));
  const wanted = Math.max(MONTHS_SHOWN, due + 2);
  const shown = all ? months : months.slice(0, wanted);
  const hidden = months.length - shown.length;
  return (
    <div>
      <div className="months">
        {shown.map((month) => (
          <Month key={month.month} month={month} limit={clock.limit} dueDay={dueDay} />
        ))}
      </div>
      {hidden > 0 && (
        <Button className="months-more" onClick={() => setAll(true)}>
          {t('bill.more', { count: hidden })}
        </Button>
      )}
    </div>
  );
}

type Form = 'calendar' | 'table';

export function Bill({ clock: given, zone }: { readonly clock: ClockView; readonly zone: string }) {
  // Where there is no limit, no day is over it.
  const unlimited = given.state === 'uncomputable';
  const clock = unlimited ? { ...given, limit: Number.POSITIVE_INFINITY } : given;
  const { t } = useTranslation();
  const label = useLabel();
  const lang = useLang();
  const problem = useProblem();
  const [form, setForm] = useState<Form>('calendar');
  // A deadline is the first instant that is too late: the last day that was allowed is before it.
  const dueDay = clock.dueMs === null ? '' : new DateText(zone, lang).day(clock.dueMs - 1);
  return (
    <div className="bill" data-testid="bill">
      <header className="bill-head">
        <h3>{t('bill.title', { name: label(clock.stageName ?? clock.name) })}</h3>
        <Choice<Form>
          label={t('bill.form')}
          value={form}
          options={[
            { value: 'calendar', label: t('bill.calendar') },
            { value: 'table', label: t('bill.table') },
          ]}
          onChange={setForm}
        />
      </header>
      {clock.state === 'uncomputable' && (
        <p className="notice notice-warn">
          {t('bill.uncomputable', { why: problem(clock.problem) })}
        </p>
      )}
      {clock.bill.length === 0 ? (
        <Empty title={t('bill.none')}>
          {clock.state === 'uncomputable' ? t('reason.uncomputableHint') : t('bill.noneHint')}
        </Empty>
      ) : (
        <div className="bill-body">
          {form === 'calendar' ? (
            <Months clock={clock} dueDay={dueDay} />
          ) : (
            <BillTable bill={clock.bill} limit={clock.limit} zone={zone} />
          )}
          <Sums clock={clock} />
        </div>
      )}
    </div>
  );
}
