/**
 * Districts as equal tiles. A drawing of places and not a map: boundaries would need a reviewed map,
 * and most cards belong to city organs, which have no area.
 */
import { useTranslation } from 'react-i18next';
import type { WallSummary } from '../../../api/contract.ts';
import { useLabel } from '../i18n/index.ts';
import { usePack } from '../shared/pack.tsx';
import { Panel } from './panel.tsx';

type Territory = WallSummary['territories'][number];

/** A city's own code ends in two zeros (GB/T 2260); its tile stands beside those of the districts. */
const isCity = (territory: Territory): boolean => territory.code.endsWith('00');

const SHADES = 5;

/** Shade 1…5 by the share of the fullest tile. */
export function shadeOf(cards: number, most: number): number {
  if (most <= 0) return 1;
  return Math.min(SHADES, 1 + Math.floor((cards / most) * (SHADES - 0.001)));
}

export function Tiles({ territories }: { readonly territories: readonly Territory[] }) {
  const { t } = useTranslation();
  const label = useLabel();
  const { organs } = usePack();
  const most = Math.max(0, ...territories.map((territory) => territory.cards));
  const withOrgans = new Set(organs.map((organ) => organ.territory));
  // The city itself, above its organs, has no office of its own and no tile.
  const shown = territories.filter((one) => withOrgans.has(one.code) || one.open + one.cards > 0);
  const ordered = shown.sort((a, b) => Number(isCity(a)) - Number(isCity(b)));
  return (
    <Panel className="panel-tiles" title={t('wall.tiles')} aside={t('wall.notAMap')}>
      <ul className="tiles">
        {ordered.map((territory) => (
          <li
            key={territory.code}
            className={`tile shade-${shadeOf(territory.cards, most)}${isCity(territory) ? ' tile-city' : ''}`}
          >
            <span className="tile-name">{label(territory.name)}</span>
            <span className="tile-cards num">
              {territory.cards}
              {isCity(territory) && <i>{t('wall.cardsUnit')}</i>}
            </span>
            <span className="tile-open num">{t('wall.tileOpen', { count: territory.open })}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
