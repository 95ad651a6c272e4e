/** Organs by state: open and overdue cases as a bar, and their unanswered cards. */
import { useTranslation } from 'react-i18next';
import type { OrganState } from '../../../api/contract.ts';
import { byRankDown, shapeOfRank } from '../shared/levels.ts';
import { useNames, usePack } from '../shared/pack.tsx';
import { Shape } from '../shared/shape.tsx';
import { Panel } from './panel.tsx';

const SHOWN = 10;
/** Under this many open cases a share of them says little, so such organs sink (ui.md 10.5). */
const ENOUGH = 10;

/** Highest share of overdue cases first; organs with too few cases for a rate come after. */
export function worstOrgans(organs: readonly OrganState[], max: number): readonly OrganState[] {
  const share = (organ: OrganState): number =>
    organ.open >= ENOUGH ? organ.overdue / organ.open : -1 / (1 + organ.overdue);
  return [...organs].sort((a, b) => share(b) - share(a) || b.open - a.open).slice(0, max);
}

interface RowProps {
  readonly organ: OrganState;
  readonly most: number;
  readonly levels: readonly string[];
}

function OrganRow({ organ, most, levels }: RowProps) {
  const names = useNames();
  const share = organ.open === 0 ? 0 : Math.round((organ.overdue / organ.open) * 1000) / 10;
  return (
    <tr>
      <th scope="row">{names.organShort(organ.organ)}</th>
      <td className="organ-bar">
        <span className="bar" style={{ width: `${(organ.open / most) * 100}%` }}>
          <span className="bar-over" style={{ width: `${share}%` }} />
        </span>
      </td>
      <td>{organ.open}</td>
      <td className="organ-over">{organ.overdue}</td>
      <td className="organ-share">{organ.open >= ENOUGH ? `${share.toFixed(1)}%` : '—'}</td>
      {levels.map((code) => (
        <td key={code} className={`tone-${names.level(code).tone}`}>
          {organ.cards[code] ?? 0}
        </td>
      ))}
    </tr>
  );
}

export function Organs({ organs }: { readonly organs: readonly OrganState[] }) {
  const { t } = useTranslation();
  const names = useNames();
  const pack = usePack();
  const shown = worstOrgans(organs, SHOWN);
  const most = Math.max(1, ...shown.map((organ) => organ.open));
  const coloured = byRankDown(pack.levels.filter((level) => level.rank <= 4)).slice(0, 2);
  const levels = coloured.map((level) => level.code);
  return (
    <Panel
      className="panel-organs"
      title={t('wall.organs')}
      aside={t('wall.organsOf', { shown: shown.length, all: organs.length })}
    >
      <table className="organs num">
        <thead>
          <tr>
            <th scope="col">{t('wall.organ')}</th>
            <td />
            <th scope="col">{t('wall.openShort')}</th>
            <th scope="col">{t('wall.overdue')}</th>
            <th scope="col">{t('wall.share')}</th>
            {levels.map((code) => (
              <th scope="col" key={code} className={`tone-${names.level(code).tone}`}>
                <Shape name={shapeOfRank(names.level(code).rank)} title={names.level(code).name} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((organ) => (
            <OrganRow key={organ.organ} organ={organ} most={most} levels={levels} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
