/**
 * Levels (级别) as things to draw.
 *
 * Shape comes from the rank, name and colour from the deployment's pack, because cities disagree
 * about what a colour means. Colour is never the only signal: every rank has its own shape.
 */
export type ShapeName =
  | 'ring'
  | 'quarter'
  | 'triangle'
  | 'square'
  | 'letter'
  | 'spent'
  | 'paused'
  | 'unknown'
  | 'none';

export type Tone = 'none' | 'yellow' | 'red';

const BY_RANK: readonly ShapeName[] = ['none', 'ring', 'quarter', 'triangle', 'square', 'letter'];

/** ○ 提示 · ◔ 预警 · ▲ 黄牌 · ■ 红牌 · ✉ 监察函 and anything above. */
export function shapeOfRank(rank: number): ShapeName {
  if (rank <= 0) return 'none';
  return BY_RANK[Math.min(Math.floor(rank), BY_RANK.length - 1)] ?? 'letter';
}

/** Codes in the strip of open cases that are not ranks. */
export const STRIP_SUSPENDED = 10;
export const STRIP_UNCOMPUTABLE = 11;

export function shapeOfStripCode(code: number): ShapeName {
  if (code === STRIP_SUSPENDED) return 'paused';
  if (code === STRIP_UNCOMPUTABLE) return 'unknown';
  return shapeOfRank(code);
}

export interface LevelLike {
  readonly code: string;
  readonly rank: number;
  readonly color: string;
}

export function toneOf(level: LevelLike | undefined): Tone {
  return level?.color === 'red' || level?.color === 'yellow' ? level.color : 'none';
}

/** Worst first. */
export function byRankDown<T extends LevelLike>(levels: readonly T[]): T[] {
  return [...levels].sort((a, b) => b.rank - a.rank);
}
