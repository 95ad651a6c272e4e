/** Starts the console: inbox, case page, rules and status behind one log-in. */
import '../shared/marks.css';
import './console.css';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { useLang } from '../i18n/index.ts';
import { ApiError } from '../shared/api.ts';
import { Console } from './console.tsx';
import { theme } from './theme.ts';
import { Toasts } from './toast.tsx';

/** The server's nonce for this document: antd writes its styles at run time. */
function cspNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
}

function makeClient(): QueryClient {
  const onError = (error: Error): void => {
    // The session ended on the server: every page falls back to the log-in.
    if (error instanceof ApiError && error.status === 401) client.setQueryData(['session'], null);
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // A closed network is often "offline" to the browser and reaches our server all the same.
      mutations: { networkMode: 'always' },
      queries: {
        networkMode: 'always',
        staleTime: 15_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) =>
          failures < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
      },
    },
  });
  return client;
}

const client = makeClient();

function Root() {
  const lang = useLang();
  return (
    <ConfigProvider
      theme={theme}
      locale={lang === 'en' ? enUS : zhCN}
      csp={{ nonce: cspNonce() }}
      button={{ autoInsertSpace: false }}
    >
      <QueryClientProvider client={client}>
        <BrowserRouter>
          <Console />
        </BrowserRouter>
        <Toasts />
      </QueryClientProvider>
    </ConfigProvider>
  );
}

export function startConsole(root: HTMLElement): void {
  createRoot(root).render(
    <StrictMode>
      <Root />
    </StrictMode>,
  );
}
