/** Who is logged in decides what there is to see; the addresses of the console's pages. */
import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, Route, Routes, useLocation } from 'react-router';
import { API_PATHS, type PackInfo, type Session, type WallSummary } from '../../../api/contract.ts';
import { get } from '../shared/api.ts';
import { Boundary } from '../shared/boundary.tsx';
import { live } from '../shared/live-react.ts';
import { PackProvider } from '../shared/pack.tsx';
import { currentSession } from '../shared/session.ts';
import { SessionProvider } from './session-context.tsx';
import { Shell } from './shell.tsx';
import { Failure, Loading } from './states.tsx';

const LoginPage = lazy(() => import('./login/login-page.tsx'));
const InboxPage = lazy(() => import('./inbox/inbox-page.tsx'));
const CasePage = lazy(() => import('./case/case-page.tsx'));
const RulesPage = lazy(() => import('./rules/rules-page.tsx'));
const StatusPage = lazy(() => import('./status/status-page.tsx'));

/** The first page this person may open. */
function homeOf(session: Session): string {
  if (session.actions.includes('cards.read')) return '/inbox';
  if (session.actions.includes('rules.read')) return '/rules';
  if (session.actions.includes('balance.read')) return '/status';
  return '/wall';
}

function Home({ session }: { readonly session: Session }) {
  const home = homeOf(session);
  useEffect(() => {
    // The wall is another half of the site and not a page of the console.
    if (home === '/wall') location.assign(home);
  }, [home]);
  return home === '/wall' ? <Loading /> : <Navigate to={home} replace />;
}

const SOCKET_PATIENCE_MS = 3_000;

/** Where a proxy lets no socket through, the clock at least comes from a reply. */
function useClockWithoutSocket(may: boolean): void {
  useEffect(() => {
    if (!may) return;
    const timer = setTimeout(() => {
      if (live.now() !== null) return;
      // The socket's own state already tells the reader that nothing is live.
      get<WallSummary>(API_PATHS.wall).then(
        (summary) => live.tell(summary),
        () => undefined,
      );
    }, SOCKET_PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [may]);
}

/** Waits for session and pack, connects the socket, and turns strangers to the log-in. */
function Gate({ children }: { readonly children: (session: Session) => ReactNode }) {
  const session = useQuery({ queryKey: ['session'], queryFn: currentSession, staleTime: Infinity });
  const pack = useQuery({
    queryKey: ['pack'],
    queryFn: () => get<PackInfo>(API_PATHS.pack),
    enabled: session.data != null,
    staleTime: 60_000,
  });
  const { pathname, search } = useLocation();
  const mayListen = session.data?.actions.includes('live.connect') ?? false;
  const user = session.data?.user;
  useEffect(() => {
    if (!mayListen || user === undefined) return;
    live.start();
    return () => live.stop();
  }, [mayListen, user]);
  useClockWithoutSocket(mayListen);
  if (session.isError) return <Failure error={session.error} onRetry={() => session.refetch()} />;
  if (session.data === null) {
    return <Navigate to={`/login?next=${encodeURIComponent(pathname + search)}`} replace />;
  }
  if (pack.isError) return <Failure error={pack.error} onRetry={() => pack.refetch()} />;
  if (session.data === undefined || pack.data === undefined) return <Loading full />;
  return (
    <SessionProvider session={session.data}>
      <PackProvider pack={pack.data}>{children(session.data)}</PackProvider>
    </SessionProvider>
  );
}

function NotFound() {
  const { t } = useTranslation();
  return (
    <main className="page-state">
      <h1>{t('state.notFound')}</h1>
      <p>{t('state.notFoundHint')}</p>
    </main>
  );
}

/** A page that failed is loaded anew with everything: its code may have been replaced meanwhile. */
function failedPage(error: unknown): ReactNode {
  return <Failure error={error} onRetry={() => location.reload()} />;
}

function Page({ session }: { readonly session: Session }) {
  const { pathname } = useLocation();
  return (
    <Boundary place={pathname} fallback={failedPage}>
      <Suspense fallback={<Loading />}>
        <Routes>
          <Route path="/" element={<Home session={session} />} />
          <Route path="/inbox" element={<InboxPage />} />
          <Route path="/case/:caseKey" element={<CasePage />} />
          <Route path="/rules" element={<RulesPage />} />
          <Route path="/status" element={<StatusPage />} />
          <Route path="*" element={<NotFound />} />
        </Routes>
      </Suspense>
    </Boundary>
  );
}

function Pages() {
  return (
    <Gate>
      {(session) => (
        <Shell session={session}>
          <Page session={session} />
        </Shell>
      )}
    </Gate>
  );
}

export function Console() {
  return (
    <Routes>
      <Route
        path="/login"
        element={
          <Suspense fallback={<Loading full />}>
            <LoginPage />
          </Suspense>
        }
      />
      <Route path="*" element={<Pages />} />
    </Routes>
  );
}
