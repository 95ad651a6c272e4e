/** Newest cards as they fall: one fade of the newest row, no scrolling, no flashing. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CardView } from '../../../api/contract.ts';
import { useLabel } from '../i18n/index.ts';
import { LevelChip } from '../shared/level-chip.tsx';
import { live, useCards } from '../shared/live-react.ts';
import { useDates, useNames } from '../shared/pack.tsx';
import { mergeLatest } from './latest-cards.ts';
import { Panel } from './panel.tsx';

const SHOWN = 10;

function useLatest(latest: readonly CardView[]): readonly CardView[] {
  const [cards, setCards] = useState<readonly CardView[]>(latest);
  const add = useCallback((card: CardView) => {
    setCards((shown) => mergeLatest(shown, [card], SHOWN));
  }, []);
  useCards(add);
  useEffect(() => setCards((shown) => mergeLatest(shown, latest, SHOWN)), [latest]);
  return cards;
}

export function Latest({ latest }: { readonly latest: readonly CardView[] }) {
  const { t } = useTranslation();
  const label = useLabel();
  const names = useNames();
  const dates = useDates();
  const cards = useLatest(latest);
  const first = useRef(new Set(cards.map((card) => card.cardId)));
  return (
    <Panel className="panel-latest" title={t('wall.latest')}>
      <ol className="latest" data-testid="latest">
        {cards.map((card) => (
          <li
            key={card.cardId}
            className={first.current.has(card.cardId) ? 'fall' : 'fall fall-new'}
            data-card={card.cardId}
          >
            <LevelChip code={card.level} />
            <span className="fall-text">
              <b>{label(card.itemName)}</b>
              <i>
                {names.organShort(card.organ)} · {label(card.ruleName)}
              </i>
            </span>
            <time className="num">
              {dates.recent(card.raisedAtMs, live.now() ?? card.raisedAtMs)}
            </time>
          </li>
        ))}
        {cards.length === 0 && <li className="wall-empty">{t('wall.noCards')}</li>}
      </ol>
    </Panel>
  );
}
