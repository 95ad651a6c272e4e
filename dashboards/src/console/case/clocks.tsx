/** All clocks of a case (时钟): what they allow, what was used, and how they stand. */
import { useContext } from 'react';
import { useTranslation } from 'react-i18next';
import type { ClockView } from '../../../../api/contract.ts';
import { useLabel } from '../../i18n/index.ts';
import { Countdown, useRemainingText } from '../../shared/countdown.tsx';
import { useDates } from '../../shared/pack.tsx';
import { Shape } from '../../shared/shape.tsx';
import { useUnit } from '../inbox/reason.tsx';
import { Past } from './past.ts';
import { isOver } from './verdict.ts';

/** How far a clock is. A stopped one says how it ended and no longer runs. */
export function ClockRemaining({ clock }: { readonly clock: ClockView }) {
  const { t } = useTranslation();
  const pastMs = useContext(Past);
  const textAt = useRemainingText();
  if (clock.state === 'uncomputable') {
    return (
      <span className="clock-unknown">
        <Shape name="unknown" /> {t('remaining.uncomputable')}
      </span>
    );
  }
  if (clock.state === 'stopped') {
    const over = clock.remaining !== null && clock.remaining < 0;
    const count = Math.abs(Math.floor(clock.remaining ?? 0));
    return <span>{over ? t('remaining.stoppedOver', { count }) : t('remaining.stopped')}</span>;
  }
  if (clock.state === 'suspended') {
    return (
      <span className="clock-paused">
        <Shape name="paused" /> {t('remaining.suspended')}
      </span>
    );
  }
  const input = { state: clock.state, dueMs: clock.dueMs, workdays: clock.remaining };
  if (pastMs === null) return <Countdown input={input} />;
  return (
    <span className="num" data-over={String(isOver(clock))}>
      {textAt(input, pastMs)}
    </span>
  );
}

/** Why a clock cannot be computed (无法计算的原因). */
export function useProblem(): (problem: string) => string {
  const { t } = useTranslation();
  return (problem) => {
    switch (problem) {
      case 'NO_ITEM':
      case 'NO_LIMIT':
      case 'NO_CALENDAR':
        return t(`problem.${problem}`);
      default:
        return problem;
    }
  };
}

function useEffectName(): (effect: string) => string {
  const { t } = useTranslation();
  return (effect) => {
    switch (effect) {
      case 'statutory':
      case 'promised':
      case 'internal':
      case 'reply':
        return t(`effect.${effect}`);
      default:
        return effect;
    }
  };
}

interface RowProps {
  readonly clock: ClockView;
  readonly on: boolean;
  readonly onChoose: () => void;
}

function ClockRow({ clock, on, onChoose }: RowProps) {
  const { t } = useTranslation();
  const label = useLabel();
  const dates = useDates();
  const unit = useUnit();
  const effect = useEffectName();
  const problem = useProblem();
  const used = Math.round(clock.used * 10) / 10;
  return (
    <tr className={`${on ? 'clock-on' : ''}${isOver(clock) ? ' clock-over' : ''}`}>
      <th scope="row">
        <button type="button" aria-pressed={on} onClick={onChoose} title={clock.basis}>
          {clock.stageName === null ? label(clock.name) : label(clock.stageName)}
        </button>
        <span className="quiet">{clock.basis}</span>
      </th>
      <td>
        {effect(clock.effect)}
        <span className="quiet">{t(`mode.${clock.mode}`)}</span>
      </td>
      <td className="num">{dates.short(clock.startMs)}</td>
      <td className="num">
        {clock.dueMs === null ? '—' : dates.deadline(clock.dueMs)}
        {clock.provisional && <em className="provisional">{t('common.provisional')}</em>}
      </td>
      <td className="num right">
        {used} / {clock.state === 'uncomputable' ? '—' : clock.limit}{' '}
        <span className="unit">{unit(clock.unit)}</span>
      </td>
      <td className="num right">{clock.excluded}</td>
      <td className="clock-left">
        <ClockRemaining clock={clock} />
        {clock.problem !== '' && <span className="quiet">{problem(clock.problem)}</span>}
      </td>
    </tr>
  );
}

interface Props {
  readonly clocks: readonly ClockView[];
  readonly chosen: string | null;
  readonly keyOf: (clock: ClockView) => string;
  readonly onChoose: (key: string) => void;
}

export function Clocks({ clocks, chosen, keyOf, onChoose }: Props) {
  const { t } = useTranslation();
  if (clocks.length === 0) return null;
  return (
    <div className="scroll-x">
      <table className="plain clocks">
        <thead>
          <tr>
            <th scope="col">{t('clock.name')}</th>
            <th scope="col">{t('clock.effect')}</th>
            <th scope="col">{t('clock.start')}</th>
            <th scope="col">{t('clock.due')}</th>
            <th scope="col" className="right">
              {t('clock.used')}
            </th>
            <th scope="col" className="right">
              {t('clock.excluded')}
            </th>
            <th scope="col">{t('clock.state')}</th>
          </tr>
        </thead>
        <tbody>
          {clocks.map((clock) => (
            <ClockRow
              key={keyOf(clock)}
              clock={clock}
              on={keyOf(clock) === chosen}
              onChoose={() => onChoose(keyOf(clock))}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
