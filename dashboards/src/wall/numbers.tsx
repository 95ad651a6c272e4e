/** Six numbers, readable from the far side of a hall; what cannot be computed has its own count. */
import { useTranslation } from 'react-i18next';
import type { WallSummary } from '../../../api/contract.ts';
import { shapeOfRank, type Tone } from '../shared/levels.ts';
import { useNames, usePack } from '../shared/pack.tsx';
import { Shape } from '../shared/shape.tsx';

const grouped = new Intl.NumberFormat('en-US');

interface FigureProps {
  readonly id: string;
  readonly label: React.ReactNode;
  readonly value: number;
  readonly tone?: Tone;
  readonly children?: React.ReactNode;
}

function Figure({ id, label, value, tone = 'none', children }: FigureProps) {
  return (
    <div className={`figure figure-${tone}`} data-testid={`figure-${id}`}>
      <span className="figure-label">{label}</span>
      <span className="figure-value num">{grouped.format(value)}</span>
      {children !== undefined && <div className="figure-notes num">{children}</div>}
    </div>
  );
}

/** Up to three levels that a wall counts: the gravest below letters, mildest first. */
function useCountedLevels() {
  const { levels } = usePack();
  const names = useNames();
  return [...levels]
    .sort((a, b) => a.rank - b.rank)
    .filter((level) => level.rank <= 4)
    .slice(-3)
    .map((level) => names.level(level.code));
}

export function Numbers({ summary }: { readonly summary: WallSummary }) {
  const { t } = useTranslation();
  const { counts } = summary;
  const levels = useCountedLevels();
  return (
    <section className="wall-numbers" aria-label={t('wall.numbers')}>
      <Figure id="open" label={t('wall.open')} value={counts.open}>
        <span>
          <Shape name="paused" /> {t('wall.suspended')} {grouped.format(counts.suspended)}
        </span>
        <span>
          <Shape name="unknown" /> {t('wall.uncomputable')} {grouped.format(counts.uncomputable)}
        </span>
        <span>
          {t('wall.provisional')} {grouped.format(counts.provisional)}
        </span>
      </Figure>
      <Figure id="accepted" label={t('wall.acceptedToday')} value={counts.acceptedToday}>
        <span>
          {t('wall.receivedToday')} {grouped.format(counts.receivedToday)}
        </span>
      </Figure>
      <Figure id="finished" label={t('wall.finishedToday')} value={counts.finishedToday} />
      {levels.map((level) => (
        <Figure
          key={level.code}
          id={level.code}
          tone={level.tone}
          value={counts.cards[level.code] ?? 0}
          label={
            <>
              <Shape name={shapeOfRank(level.rank)} /> {level.name}
            </>
          }
        >
          <span>{t('wall.unanswered')}</span>
        </Figure>
      ))}
    </section>
  );
}
