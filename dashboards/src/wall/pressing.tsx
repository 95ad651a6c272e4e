/** The forty cases that press most, in reading size, each with a running countdown. */
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { PressingCase } from '../../../api/contract.ts';
import { useLabel } from '../i18n/index.ts';
import { Countdown } from '../shared/countdown.tsx';
import { type ShapeName, shapeOfRank } from '../shared/levels.ts';
import { useNames } from '../shared/pack.tsx';
import { Shape } from '../shared/shape.tsx';
import { Panel } from './panel.tsx';

function shapeOf(row: PressingCase): ShapeName {
  if (row.state === 'uncomputable') return 'unknown';
  if (row.state === 'suspended') return 'paused';
  if (row.levelRank > 0) return shapeOfRank(row.levelRank);
  // Without a card: the dial is filling, or it is full and the answer has been given.
  return row.state === 'expired' ? 'spent' : 'quarter';
}

const Cell = memo(function Cell({ row }: { readonly row: PressingCase }) {
  const { t } = useTranslation();
  const label = useLabel();
  const tone = useNames().level(row.level).tone;
  return (
    <li className={`press press-${tone}`} title={`${row.caseKey} · ${label(row.clockName)}`}>
      <b className="press-item">
        <Shape name={shapeOf(row)} />
        <span>{label(row.itemName)}</span>
        {row.provisional && <em className="provisional">{t('common.provisional')}</em>}
      </b>
      <span className="press-place">{label(row.organShort)}</span>
      <Countdown
        className="press-time"
        input={{ state: row.state, dueMs: row.dueMs, workdays: row.remainingWorkdays }}
      />
    </li>
  );
}, sameRow);

/** A frame brings forty new objects four times a second; most say what is already shown. */
function sameRow(a: { readonly row: PressingCase }, b: { readonly row: PressingCase }): boolean {
  return (
    a.row.caseKey === b.row.caseKey &&
    a.row.level === b.row.level &&
    a.row.state === b.row.state &&
    a.row.dueMs === b.row.dueMs &&
    a.row.remainingWorkdays === b.row.remainingWorkdays &&
    a.row.provisional === b.row.provisional &&
    a.row.clockName.zh === b.row.clockName.zh
  );
}

export function Pressing({ pressing }: { readonly pressing: readonly PressingCase[] }) {
  const { t } = useTranslation();
  return (
    <Panel
      className="panel-pressing"
      title={t('wall.pressing', { count: pressing.length })}
      aside={t('wall.pressingNote')}
    >
      <ol className="pressing" data-testid="pressing">
        {pressing.map((row) => (
          <Cell key={`${row.caseKey} ${row.clockName.zh}`} row={row} />
        ))}
        {pressing.length === 0 && <li className="wall-empty">{t('wall.noPressing')}</li>}
      </ol>
    </Panel>
  );
}
