/** A level as a chip: shape, name and colour together. */
import { shapeOfRank } from './levels.ts';
import { useNames } from './pack.tsx';
import { Shape } from './shape.tsx';

export function LevelChip({
  code,
  quiet = false,
}: {
  readonly code: string;
  readonly quiet?: boolean;
}) {
  const level = useNames().level(code);
  return (
    <span className={`chip chip-${level.tone}${quiet ? ' chip-quiet' : ''}`}>
      <Shape name={shapeOfRank(level.rank)} />
      {level.name}
    </span>
  );
}
