/**
 * Opens the wall (大屏): with a read-only device token in the address, or with the session of
 * somebody already logged in. There is no log-in box on a public screen.
 */
import '../shared/marks.css';
import './wall.css';
import './panels.css';
import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useTranslation } from 'react-i18next';
import { API_PATHS, type PackInfo } from '../../../api/contract.ts';
import { useLang } from '../i18n/index.ts';
import { ApiError, get } from '../shared/api.ts';
import { Boundary } from '../shared/boundary.tsx';
import { live } from '../shared/live-react.ts';
import { PackProvider } from '../shared/pack.tsx';
import { currentSession, openWall } from '../shared/session.ts';
import { systemName } from '../shared/system-name.ts';
import { dueForReload } from './freshness.ts';
import { Wall } from './wall.tsx';

type Opening =
  | { readonly step: 'opening' }
  | { readonly step: 'open'; readonly pack: PackInfo }
  | { readonly step: 'unpaired' }
  | { readonly step: 'failed' };

const RETRY_MS = 5_000;
const FAILED_RELOAD_MS = 30_000;

/** The token of the address, taken out of it so that it is neither shown nor kept in history. */
function takeToken(): string | null {
  const url = new URL(location.href);
  const fragment = new URLSearchParams(url.hash.slice(1));
  const token = fragment.get('token') ?? url.searchParams.get('token');
  if (token !== null) history.replaceState(null, '', url.pathname);
  return token;
}

async function open(token: string | null): Promise<Opening> {
  try {
    const session = token === null ? await currentSession() : await openWall(token);
    if (session === null || !session.actions.includes('wall.read')) return { step: 'unpaired' };
    return { step: 'open', pack: await get<PackInfo>(API_PATHS.pack) };
  } catch (error) {
    const refused = error instanceof ApiError && error.status >= 400 && error.status < 429;
    return refused ? { step: 'unpaired' } : { step: 'failed' };
  }
}

/** A wall stays open for months: it starts anew every night, and when its memory grows too far. */
function keepFresh(): () => void {
  const startedMs = performance.now();
  const firstHeap = heapBytes();
  const timer = window.setInterval(() => {
    const now = new Date();
    const due = dueForReload({
      minuteOfDay: now.getHours() * 60 + now.getMinutes(),
      openMinutes: (performance.now() - startedMs) / CHECK_MS,
      heap: heapBytes(),
      firstHeap,
    });
    // Without a server a reload would turn an honest old picture into an empty one.
    if (due && live.state().status === 'live') location.reload();
  }, CHECK_MS);
  return () => window.clearInterval(timer);
}

const CHECK_MS = 60_000;

/** Chromium tells; elsewhere the nightly start must do. */
function heapBytes(): number | null {
  const { memory } = performance as Performance & { memory?: { usedJSHeapSize: number } };
  return memory?.usedJSHeapSize ?? null;
}

function useOpening(): Opening {
  const [opening, setOpening] = useState<Opening>({ step: 'opening' });
  useEffect(() => {
    const token = takeToken();
    let timer = 0;
    const attempt = async (): Promise<void> => {
      const result = await open(token);
      setOpening(result);
      if (result.step === 'failed') timer = window.setTimeout(() => void attempt(), RETRY_MS);
      if (result.step === 'open') live.start();
    };
    void attempt();
    const letBe = keepFresh();
    return () => {
      window.clearTimeout(timer);
      letBe();
    };
  }, []);
  return opening;
}

function Opener() {
  const opening = useOpening();
  const { t } = useTranslation();
  const lang = useLang();
  const title =
    opening.step === 'open' ? systemName(opening.pack.name, lang, t('app.name')) : t('app.name');
  useEffect(() => {
    document.title = `${title} · ${t('wall.name')}`;
  }, [title, t]);
  if (opening.step === 'open') {
    return (
      <PackProvider pack={opening.pack}>
        <Wall />
      </PackProvider>
    );
  }
  return (
    <main className="wall-notice">
      <h1>{t('app.name')}</h1>
      <p>{t(`wall.${opening.step}`)}</p>
      {opening.step === 'unpaired' && <a href="/login?next=/wall">{t('wall.toLogin')}</a>}
    </main>
  );
}

/** Nobody stands at a wall to press a button: it tries again by itself. */
function FailedWall() {
  const { t } = useTranslation();
  useEffect(() => {
    const timer = window.setTimeout(() => location.reload(), FAILED_RELOAD_MS);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <main className="wall-notice">
      <h1>{t('app.name')}</h1>
      <p>{t('wall.broken')}</p>
    </main>
  );
}

const failedWall = () => <FailedWall />;

export function startWall(root: HTMLElement): void {
  document.documentElement.classList.add('is-wall');
  createRoot(root).render(
    <StrictMode>
      <Boundary place="wall" fallback={failedWall}>
        <Opener />
      </Boundary>
    </StrictMode>,
  );
}
