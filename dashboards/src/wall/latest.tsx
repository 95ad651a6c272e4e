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

/** A storm of cards is drawn at most this often; a single card is drawn at once. */
const DRAW_MS = 250;

/** After this much quiet the newest row fades in; in a storm nothing moves. */
const CALM_MS = 2_000;

interface LatestCards {
  readonly cards: readonly CardView[];
  /** The card that fades in, '' for none. */
  readonly fadingId: string;
}

function useLatest(latest: readonly CardView[]): LatestCards {
  const [fadingId, setFadingId] = useState('');
  const [cards, setCards] = useState<readonly CardView[]>(latest);
  const waiting = useRef<CardView[]>([]);
  const drawnAtMs = useRef(0);
  const timer = useRef(0);
  const draw = useCallback(() => {
    timer.current = 0;
    const fallen = waiting.current.splice(0);
    const calm = performance.now() - drawnAtMs.current > CALM_MS;
    setFadingId(calm ? (fallen.at(-1)?.cardId ?? '') : '');
    drawnAtMs.current = performance.now();
    setCards((shown) => mergeLatest(shown, fallen, SHOWN));
  }, []);
  const add = useCallback(
    (card: CardView) => {
      waiting.current.push(card);
      if (timer.current !== 0) return;
      const restMs = Math.max(0, drawnAtMs.current + DRAW_MS - performance.now());
      timer.current = window.setTimeout(draw, restMs);
    },
    [draw],
  );
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useCards(add);
  useEffect(() => setCards((shown) => mergeLatest(shown, latest, SHOWN)), [latest]);
  return { cards, fadingId };
}

export function Latest({ latest }: { readonly latest: readonly CardView[] }) {
  const { t } = useTranslation();
  const label = useLabel();
  const names = useNames();
  const dates = useDates();
  const { cards, fadingId } = useLatest(latest);
  return (
    <Panel className="panel-latest" title={t('wall.latest')}>
      <ol className="latest" data-testid="latest">
        {cards.map((card) => (
          <li
            key={card.cardId}
            className={card.cardId === fadingId ? 'fall fall-new' : 'fall'}
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
