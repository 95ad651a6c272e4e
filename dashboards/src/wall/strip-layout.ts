/**
 * Where every open case stands in the strip (全部在办件).
 *
 * Each organ is a block, worst cases first, so a block reads as a bar of its own: how much of it is red
 * can be seen before any number is read. Blocks stand in columns, in order; the cell is the largest with
 * which all of them fit, and a block is never lower than its name.
 *
 * Example: 35 organs with 8 cases each do not fit below one another at a readable size; in two columns
 * they do. 12 organs with 200 cases each get one column, whose rows are longer.
 *
 * Cost: columns x sizes x blocks, a few thousand steps, once a second at most.
 */
export interface StripBlock {
  readonly organ: string;
  readonly cells: readonly number[];
}

export interface StripBox {
  readonly width: number;
  readonly height: number;
  readonly labelWidth: number;
  /** Least height of a block, so that its name can be read. */
  readonly lineHeight: number;
  /** Air between blocks, and ten times that between columns. */
  readonly gap: number;
}

export interface StripPlace {
  readonly left: number;
  readonly top: number;
  readonly height: number;
  /** Cells that find room; fewer than the block has only when nothing smaller can be drawn. */
  readonly shown: number;
}

export interface StripPlan {
  readonly cell: number;
  readonly perRow: number;
  readonly labelWidth: number;
  /** In the order of the blocks. */
  readonly places: readonly StripPlace[];
}

const COLUMNS_MAX = 3;
const CELL_MIN = 3;
/** A cell taller than a line of text would only make the strip coarse. */
const CELL_PER_LINE = 0.9;
const CELL_TOLD = 0.45;

/** Severity of a strip code: ranks first, then what cannot be computed, then suspended, then fine. */
function severity(code: number): number {
  if (code === 11) return 0.6;
  if (code === 10) return 0.4;
  return code;
}

export function worstFirst(cells: readonly number[]): number[] {
  return [...cells].sort((a, b) => severity(b) - severity(a));
}

export function planStrip(blocks: readonly StripBlock[], box: StripBox): StripPlan {
  let best: StripPlan | null = null;
  for (let columns = 1; columns <= COLUMNS_MAX; columns += 1) {
    const plan = largestFit(blocks, box, columns);
    if (plan !== null && (best === null || plan.cell > best.cell)) best = plan;
    // Few long columns read better than many narrow ones, once a cell's shape can be told.
    if (best !== null && best.cell >= box.lineHeight * CELL_TOLD) return best;
  }
  return best ?? place(blocks, box, COLUMNS_MAX, CELL_MIN);
}

function largestFit(
  blocks: readonly StripBlock[],
  box: StripBox,
  columns: number,
): StripPlan | null {
  for (let cell = Math.floor(box.lineHeight * CELL_PER_LINE); cell >= CELL_MIN; cell -= 1) {
    const plan = place(blocks, box, columns, cell);
    const complete = plan.places.every(
      (one, index) => one.shown === (blocks[index]?.cells.length ?? 0) && one.height > 0,
    );
    if (complete) return plan;
  }
  return null;
}

/** Fills the columns one after another with cells of one size. */
function place(
  blocks: readonly StripBlock[],
  box: StripBox,
  columns: number,
  cell: number,
): StripPlan {
  const { width, height, labelWidth, lineHeight, gap } = box;
  const columnWidth = (width - (columns - 1) * gap * 10) / columns;
  const perRow = Math.max(1, Math.floor((columnWidth - labelWidth) / cell));
  const places: StripPlace[] = [];
  let column = 0;
  let top = 0;
  for (const { cells } of blocks) {
    const rows = Math.max(1, Math.ceil(cells.length / perRow));
    const wanted = Math.max(lineHeight, rows * cell);
    if (top > 0 && top + wanted > height && column < columns - 1) {
      column += 1;
      top = 0;
    }
    const given = Math.max(0, Math.min(wanted, height - top));
    const shown = Math.min(cells.length, Math.floor(given / cell + 1e-6) * perRow);
    const left = column * (columnWidth + gap * 10);
    places.push({ left, top, height: given < lineHeight ? 0 : given, shown });
    top += given + gap;
  }
  return { cell, perRow, labelWidth, places };
}
