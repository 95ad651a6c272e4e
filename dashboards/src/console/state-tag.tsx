import { useTranslation } from 'react-i18next';
import type { CardView } from '../../../api/contract.ts';

const WAITING = new Set<CardView['state']>(['issued', 'escalated', 'reopened', 'rejected']);
const GONE = new Set<CardView['state']>(['withdrawn', 'revoked', 'closed']);

/** A card's state: strong while somebody must act, quiet once it is over. */
export function StateTag({ state }: { readonly state: CardView['state'] }) {
  const { t } = useTranslation();
  const look = WAITING.has(state) ? 'waiting' : GONE.has(state) ? 'gone' : 'plain';
  return <span className={`state state-${look}`}>{t(`cardState.${state}`)}</span>;
}
