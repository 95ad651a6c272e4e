/** Saved views and facets. Counts stand even at 0: an empty red facet is news worth having. */
import { Button } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CARD_CATEGORIES, type CardPage } from '../../../../api/contract.ts';
import { LevelChip } from '../../shared/level-chip.tsx';
import { byRankDown } from '../../shared/levels.ts';
import { useNames, usePack } from '../../shared/pack.tsx';
import { useSession } from '../session-context.tsx';
import { type InboxFilter, isNarrowed, toggled, VIEWS } from './inbox-filter.ts';

interface FacetProps {
  readonly on: boolean;
  readonly count: number | null;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Facet({ on, count, onClick, children }: FacetProps) {
  return (
    <li>
      <button type="button" className="facet" aria-pressed={on} onClick={onClick}>
        <span className="facet-name">{children}</span>
        {count !== null && <span className="facet-count num">{count}</span>}
      </button>
    </li>
  );
}

const ORGANS_SHOWN = 8;

interface Props {
  readonly filter: InboxFilter;
  readonly facets: CardPage['facets'] | null;
  readonly total: number;
  readonly onChange: (filter: InboxFilter) => void;
}

/** Organs that this person may see: those with cards first, then the others of the pack at 0. */
function useOrgans(facets: CardPage['facets'] | null): readonly string[] {
  const pack = usePack();
  const { scope } = useSession();
  const counts = facets?.organ ?? {};
  const visible = pack.organs.filter(
    (organ) =>
      (scope.organs === null || scope.organs.includes(organ.code)) &&
      (scope.territories === null || scope.territories.includes(organ.territory)),
  );
  const codes = new Set([...Object.keys(counts), ...visible.map((organ) => organ.code)]);
  return [...codes].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0));
}

function OrganFacets({ filter, facets, onChange }: Omit<Props, 'total'>) {
  const { t } = useTranslation();
  const names = useNames();
  const organs = useOrgans(facets);
  const [all, setAll] = useState(false);
  if (organs.length < 2) return null;
  const shown = all ? organs : organs.slice(0, ORGANS_SHOWN);
  return (
    <section>
      <h3>{t('inbox.organs')}</h3>
      <ul>
        {shown.map((code) => (
          <Facet
            key={code}
            on={filter.organ === code}
            count={facets?.organ[code] ?? 0}
            onClick={() => onChange({ ...filter, organ: filter.organ === code ? '' : code })}
          >
            {names.organShort(code)}
          </Facet>
        ))}
      </ul>
      {organs.length > ORGANS_SHOWN && (
        <Button type="link" size="small" onClick={() => setAll(!all)}>
          {all ? t('inbox.fewer') : t('inbox.allOrgans', { count: organs.length })}
        </Button>
      )}
    </section>
  );
}

export function Facets({ filter, facets, total, onChange }: Props) {
  const { t } = useTranslation();
  const { levels } = usePack();
  return (
    <aside className="facets" aria-label={t('inbox.facets')}>
      <section>
        <h3>{t('inbox.views')}</h3>
        <ul>
          {VIEWS.map((view) => (
            <Facet
              key={view}
              on={filter.view === view}
              count={filter.view === view ? total : null}
              onClick={() => onChange({ ...filter, view })}
            >
              {t(`view.${view}`)}
            </Facet>
          ))}
        </ul>
      </section>
      <section>
        <h3>{t('inbox.levels')}</h3>
        <ul>
          {byRankDown(levels).map(({ code }) => (
            <Facet
              key={code}
              on={filter.levels.includes(code)}
              count={facets?.level[code] ?? 0}
              onClick={() => onChange({ ...filter, levels: toggled(filter.levels, code) })}
            >
              <LevelChip code={code} />
            </Facet>
          ))}
        </ul>
      </section>
      <section>
        <h3>{t('inbox.categories')}</h3>
        <ul>
          {CARD_CATEGORIES.map((code) => (
            <Facet
              key={code}
              on={filter.categories.includes(code)}
              count={facets?.category[code] ?? 0}
              onClick={() => onChange({ ...filter, categories: toggled(filter.categories, code) })}
            >
              {t(`category.${code}`)}
            </Facet>
          ))}
        </ul>
      </section>
      <OrganFacets filter={filter} facets={facets} onChange={onChange} />
      {isNarrowed(filter) && (
        <Button
          size="small"
          onClick={() => onChange({ ...filter, levels: [], categories: [], organ: '', text: '' })}
        >
          {t('inbox.clear')}
        </Button>
      )}
    </aside>
  );
}
