/** The frame of every console page: navy header, navigation by rights, and the state of the data. */
import { useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink, useNavigate } from 'react-router';
import type { Action, Session } from '../../../api/contract.ts';
import { useLabel } from '../i18n/index.ts';
import { DemoMark } from '../shared/demo-mark.tsx';
import { LanguageSwitch } from '../shared/language-switch.tsx';
import { useLive } from '../shared/live-react.ts';
import { Mark } from '../shared/mark.tsx';
import { useDates, usePack, useSystemName } from '../shared/pack.tsx';
import { logOut } from '../shared/session.ts';

const PAGES = [
  { to: '/inbox', action: 'cards.read', name: 'nav.inbox' },
  { to: '/rules', action: 'rules.read', name: 'nav.rules' },
  { to: '/status', action: 'balance.read', name: 'nav.status' },
] as const satisfies readonly { to: string; action: Action; name: string }[];

function Person({ session }: { readonly session: Session }) {
  const { t } = useTranslation();
  const label = useLabel();
  const client = useQueryClient();
  const navigate = useNavigate();
  const leave = async (): Promise<void> => {
    await logOut();
    client.clear();
    client.setQueryData(['session'], null);
    await navigate('/login');
  };
  return (
    <div className="person">
      <span className="person-name" title={session.user}>
        {label(session.label)}
      </span>
      <Button type="text" size="small" className="person-leave" onClick={() => void leave()}>
        {t('nav.logOut')}
      </Button>
    </div>
  );
}

/** Stale data is said, not hidden. */
function CutBanner() {
  const { t } = useTranslation();
  const { status, summary, notice } = useLive();
  const dates = useDates();
  const client = useQueryClient();
  const ended = notice?.state === 'ended';
  useEffect(() => {
    // The server ended the session: asking for it again leads to the log-in.
    if (ended) void client.invalidateQueries({ queryKey: ['session'] });
  }, [ended, client]);
  if (status !== 'cut') return null;
  const text =
    summary === null ? t('live.never') : t('live.cut', { time: dates.time(summary.nowMs) });
  return (
    <div className="cut-banner" role="alert">
      {text}
    </div>
  );
}

export function Shell(props: { readonly session: Session; readonly children: ReactNode }) {
  const { session, children } = props;
  const { t } = useTranslation();
  const systemName = useSystemName();
  const pack = usePack();
  const { summary } = useLive();
  const may = (action: Action): boolean => session.actions.includes(action);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t('nav.skip')}
      </a>
      <header className="topbar">
        <div className="topbar-name">
          <Mark />
          <span>{systemName}</span>
        </div>
        <nav className="topnav" aria-label={t('nav.label')}>
          {PAGES.filter((page) => may(page.action)).map((page) => (
            <NavLink key={page.to} to={page.to}>
              {t(page.name)}
            </NavLink>
          ))}
          {may('wall.read') && (
            <a href="/wall" target="_blank" rel="noreferrer">
              {t('nav.wall')}
              <span aria-hidden="true"> ↗</span>
            </a>
          )}
        </nav>
        <div className="topbar-side">
          {pack.demo && <DemoMark speed={summary?.speed ?? 1} />}
          <LanguageSwitch />
          <Person session={session} />
        </div>
      </header>
      <CutBanner />
      <div id="main" className="shell-body" tabIndex={-1}>
        {children}
      </div>
    </div>
  );
}
