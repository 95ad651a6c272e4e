/** Paints the strip of all open cases on a canvas; shapes as everywhere else, by rank. */
import { type ShapeName, shapeOfStripCode, type Tone } from '../shared/levels.ts';
import {
  planStrip,
  type StripBlock,
  type StripPlace,
  type StripPlan,
  worstFirst,
} from './strip-layout.ts';

export interface StripLook {
  /** Pixels of one rem. */
  readonly rem: number;
  readonly font: string;
  readonly toneOfRank: (rank: number) => Tone;
  readonly nameOf: (organ: string) => string;
}

/** A line of text in the strip, in rem. */
const LINE = 1.75;
const FINE = '#17395a';
const PLAIN = '#8fb1d1';
const DIM = '#9db3c8';
const FILL: Readonly<Record<Tone, string>> = { none: PLAIN, yellow: '#f2c400', red: '#e2495d' };
const PAUSE = '#6f66a3';

function mark(
  pen: CanvasRenderingContext2D,
  shape: ShapeName,
  x: number,
  y: number,
  s: number,
): void {
  const mid = s / 2;
  pen.beginPath();
  switch (shape) {
    case 'triangle':
      pen.moveTo(x + mid, y);
      pen.lineTo(x + s, y + s);
      pen.lineTo(x, y + s);
      pen.fill();
      return;
    case 'ring':
      pen.arc(x + mid, y + mid, Math.max(0.5, mid - 0.5), 0, Math.PI * 2);
      pen.stroke();
      return;
    case 'quarter':
      pen.arc(x + mid, y + mid, mid, 0, Math.PI * 2);
      pen.stroke();
      pen.beginPath();
      pen.moveTo(x + mid, y + mid);
      pen.arc(x + mid, y + mid, mid, -Math.PI / 2, 0);
      pen.fill();
      return;
    case 'paused':
      pen.fillRect(x, y, s * 0.36, s);
      pen.fillRect(x + s * 0.64, y, s * 0.36, s);
      return;
    case 'unknown':
      pen.font = `700 ${s * 1.25}px sans-serif`;
      pen.fillText('?', x + s * 0.18, y + s * 0.52);
      return;
    default:
      pen.fillRect(x, y, s, s);
  }
}

function paintCell(
  pen: CanvasRenderingContext2D,
  code: number,
  x: number,
  y: number,
  cell: number,
  look: StripLook,
): void {
  const air = Math.max(1, Math.round(cell * 0.16));
  const size = cell - air;
  if (code === 0) {
    pen.fillStyle = FINE;
    pen.fillRect(x, y, size, size);
    return;
  }
  const shape = shapeOfStripCode(code);
  const colour = code === 10 ? PAUSE : FILL[code >= 10 ? 'none' : look.toneOfRank(code)];
  pen.fillStyle = colour;
  pen.strokeStyle = colour;
  pen.lineWidth = Math.max(1, cell * 0.12);
  mark(pen, shape, x, y, size);
}

/** `text` cut to `width` with an ellipsis; squeezing letters, as canvas would, cannot be read. */
function shortened(pen: CanvasRenderingContext2D, text: string, width: number): string {
  if (pen.measureText(text).width <= width) return text;
  let kept = text;
  while (kept !== '' && pen.measureText(`${kept}\u2026`).width > width) kept = kept.slice(0, -1);
  return `${kept}\u2026`;
}

/** Draws all blocks, each with the name of its organ before it. */
export function paintStrip(
  canvas: HTMLCanvasElement,
  blocks: readonly StripBlock[],
  look: StripLook,
): void {
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  const { rem } = look;
  pen.clearRect(0, 0, canvas.width, canvas.height);
  const plan = planStrip(blocks, {
    width: canvas.width,
    height: canvas.height,
    labelWidth: rem * 9.4,
    lineHeight: rem * LINE,
    gap: rem * 0.2,
  });
  for (const [index, block] of blocks.entries()) {
    const place = plan.places[index];
    if (place === undefined || place.height === 0) continue;
    pen.textBaseline = 'middle';
    pen.font = `400 ${rem * 1.6}px ${look.font}`;
    pen.fillStyle = DIM;
    const name = shortened(pen, look.nameOf(block.organ), plan.labelWidth - rem);
    pen.fillText(name, place.left, place.top + (rem * LINE) / 2);
    paintCells(pen, worstFirst(block.cells), place, plan, look);
  }
}

function paintCells(
  pen: CanvasRenderingContext2D,
  cells: readonly number[],
  place: StripPlace,
  plan: StripPlan,
  look: StripLook,
): void {
  const rows = Math.max(1, Math.ceil(place.shown / plan.perRow));
  // One short row stands in the middle of its line of text, more begin at its top.
  const air = rows === 1 ? Math.max(0, (look.rem * LINE - plan.cell) / 2) : 0;
  for (let i = 0; i < place.shown; i += 1) {
    const x = place.left + plan.labelWidth + (i % plan.perRow) * plan.cell;
    const y = place.top + air + Math.floor(i / plan.perRow) * plan.cell;
    paintCell(pen, cells[i] ?? 0, x, y, plan.cell, look);
  }
}
