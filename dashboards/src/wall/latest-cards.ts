/**
 * The list of newest cards on the wall: what the last summary said, and what fell since.
 *
 * Cards arrive twice (at once by the socket, and again in the next summary), so they are merged by
 * id; the higher version wins, the newest stand first.
 */
import type { CardView } from '../../../api/contract.ts';

const GONE = new Set(['withdrawn', 'revoked']);

export function mergeLatest(
  shown: readonly CardView[],
  incoming: readonly CardView[],
  max: number,
): readonly CardView[] {
  const byId = new Map<string, CardView>();
  for (const card of [...shown, ...incoming]) {
    const known = byId.get(card.cardId);
    if (known === undefined || known.version < card.version) byId.set(card.cardId, card);
  }
  return [...byId.values()]
    .filter((card) => !GONE.has(card.state))
    .sort((a, b) => b.raisedAtMs - a.raisedAtMs || (a.cardId < b.cardId ? -1 : 1))
    .slice(0, max);
}
