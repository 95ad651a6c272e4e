import { createContext, type ReactNode, useContext } from 'react';
import type { Action, Session } from '../../../api/contract.ts';

const Context = createContext<Session | null>(null);

export function SessionProvider(props: {
  readonly session: Session;
  readonly children: ReactNode;
}) {
  return <Context.Provider value={props.session}>{props.children}</Context.Provider>;
}

export function useSession(): Session {
  const session = useContext(Context);
  if (session === null) throw new Error('useSession: no session above this component');
  return session;
}

/** Whether the person may do `action`. The server decides anyway; this only hides what it refuses. */
export function useMay(action: Action): boolean {
  return useSession().actions.includes(action);
}
