/**
 * Where every open case stands in the strip (全部在办件).
 *
 * Each organ is a block of rows, worst cases first, so a block reads as a bar of its own: how much of
 * it is red can be seen before any number is read. The cell is the largest that lets all blocks fit.
 *
 * Cost: cells + blocks x sizes tried (at most `CELL_MAX`).
 */
export interface StripBlock {
  readonly organ: string;
  readonly cells: readonly number[];
}

export interface StripPlan {
  readonly cell: number;
  readonly perRow: number;
  readonly labelWidth: number;
  /** Top of each block, in the order given. */
  readonly tops: readonly number[];
  /** Rows each block may use; a block that does not fit is cut and `cut` counts what is not shown. */
  readonly rows: readonly number[];
  readonly cut: number;
}

const CELL_MAX = 40;
const CELL_MIN = 3;

/** Severity of a strip code: ranks above all, then what cannot be computed, then suspended, then fine. */
function severity(code: number): number {
  if (code === 11) return 0.6;
  if (code === 10) return 0.4;
  return code;
}

export function worstFirst(cells: readonly number[]): number[] {
  return [...cells].sort((a, b) => severity(b) - severity(a));
}

export function planStrip(
  blocks: readonly StripBlock[],
  width: number,
  height: number,
  labelWidth: number,
  gap: number,
): StripPlan {
  const usable = Math.max(1, width - labelWidth);
  for (let cell = CELL_MAX; cell >= CELL_MIN; cell -= 1) {
    const perRow = Math.max(1, Math.floor(usable / cell));
    const rows = blocks.map((block) => Math.max(1, Math.ceil(block.cells.length / perRow)));
    const total = rows.reduce((sum, count) => sum + count * cell, 0) + gap * (blocks.length - 1);
    if (total <= height || cell === CELL_MIN) {
      const extra = Math.max(
        0,
        Math.min(gap * 3, (height - total) / Math.max(1, blocks.length - 1)),
      );
      return place(blocks, rows, cell, perRow, labelWidth, gap + extra, height);
    }
  }
  throw new Error('planStrip: the smallest cell is always taken');
}

function place(
  blocks: readonly StripBlock[],
  wanted: readonly number[],
  cell: number,
  perRow: number,
  labelWidth: number,
  gap: number,
  height: number,
): StripPlan {
  const tops: number[] = [];
  const rows: number[] = [];
  let top = 0;
  let cut = 0;
  for (const [index, block] of blocks.entries()) {
    const fits = Math.max(0, Math.floor((height - top) / cell + 1e-6));
    const given = Math.min(wanted[index] ?? 0, fits);
    tops.push(top);
    rows.push(given);
    cut += Math.max(0, block.cells.length - given * perRow);
    top += given * cell + gap;
  }
  return { cell, perRow, labelWidth, tops, rows, cut };
}
