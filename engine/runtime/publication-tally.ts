/** What one publication did, counted out of the changes of the call that applied it. */
import { type Changes, OP_MOVED, OP_RAISED, OP_RESTORED, OP_WITHDRAWN } from '../cards/changes.ts';

export interface PublicationTally {
  readonly raised: number;
  readonly withdrawn: number;
  readonly moved: number;
  /** Cases whose next timer is another one. */
  readonly retimed: number;
}

export const NO_TALLY: PublicationTally = { raised: 0, withdrawn: 0, moved: 0, retimed: 0 };

export type TallyKind = 'raised' | 'withdrawn' | 'moved';

/** What a change is to whoever answers for cards: one that stands again is a new one; null: neither. */
export function tallyKind(op: number): TallyKind | null {
  if (op === OP_RAISED || op === OP_RESTORED) return 'raised';
  if (op === OP_WITHDRAWN) return 'withdrawn';
  return op === OP_MOVED ? 'moved' : null;
}

/** Null when the call applied no publication. */
export function tallyOf(changes: Changes): PublicationTally | null {
  const { publication } = changes;
  if (publication === null) return null;
  const counts = { raised: 0, withdrawn: 0, moved: 0 };
  for (let i = publication.from; i < publication.to; i++) {
    const kind = tallyKind(changes.op[i]!);
    if (kind !== null) counts[kind]++;
  }
  return { ...counts, retimed: publication.retimed };
}

export function sumTallies(all: readonly PublicationTally[]): PublicationTally {
  return all.reduce(
    (sum, one) => ({
      raised: sum.raised + one.raised,
      withdrawn: sum.withdrawn + one.withdrawn,
      moved: sum.moved + one.moved,
      retimed: sum.retimed + one.retimed,
    }),
    NO_TALLY,
  );
}
