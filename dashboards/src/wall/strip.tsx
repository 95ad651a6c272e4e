/** Every open case as one cell, on a canvas: thousands of text nodes would repaint for 100 ms. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { WallSummary } from '../../../api/contract.ts';
import { byRankDown, shapeOfRank, toneOf } from '../shared/levels.ts';
import { useNames, usePack } from '../shared/pack.tsx';
import { Shape } from '../shared/shape.tsx';
import { Panel } from './panel.tsx';
import { paintStrip, type StripLook } from './strip-paint.ts';

/** The strip is repainted at most this often, whatever the frames bring. */
const REPAINT_MS = 1_000;

function Legend() {
  const { t } = useTranslation();
  const names = useNames();
  const levels = byRankDown(usePack().levels).filter((level) => level.rank > 1);
  return (
    <ul className="legend">
      {levels.map((level) => (
        <li key={level.code} className={`tone-${toneOf(level)}`}>
          <Shape name={shapeOfRank(level.rank)} /> {names.level(level.code).name}
        </li>
      ))}
      <li>
        <Shape name="paused" /> {t('wall.suspended')}
      </li>
      <li>
        <Shape name="unknown" /> {t('wall.uncomputable')}
      </li>
    </ul>
  );
}

function fitToBox(canvas: HTMLCanvasElement): void {
  const box = canvas.getBoundingClientRect();
  const ratio = window.devicePixelRatio;
  const width = Math.round(box.width * ratio);
  const height = Math.round(box.height * ratio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

export function Strip({ strip }: { readonly strip: WallSummary['strip'] }) {
  const { t } = useTranslation();
  const names = useNames();
  const { levels } = usePack();
  const canvas = useRef<HTMLCanvasElement>(null);
  const newest = useRef(strip);
  newest.current = strip;
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const style = getComputedStyle(document.documentElement);
    const paint = (): void => {
      fitToBox(element);
      const look: StripLook = {
        rem: Number.parseFloat(style.fontSize) * window.devicePixelRatio,
        font: getComputedStyle(element).fontFamily,
        toneOfRank: (rank) => toneOf(levels.find((level) => level.rank === rank)),
        nameOf: (organ) => names.organShort(organ),
      };
      paintStrip(element, newest.current, look);
    };
    paint();
    void document.fonts.ready.then(paint);
    const observer = new ResizeObserver(paint);
    observer.observe(element);
    const timer = window.setInterval(paint, REPAINT_MS);
    return () => {
      observer.disconnect();
      window.clearInterval(timer);
    };
  }, [names, levels]);
  const total = strip.reduce((sum, block) => sum + block.cells.length, 0);
  return (
    <Panel className="panel-strip" title={t('wall.strip')} aside={<Legend />}>
      <canvas ref={canvas} role="img" aria-label={t('wall.stripLabel', { count: total })} />
    </Panel>
  );
}
