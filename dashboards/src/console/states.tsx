/** Loading, failed and empty: each says what is the matter and what can be done. */
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useLang } from '../i18n/index.ts';
import { ApiError } from '../shared/api.ts';

/** Widths of the lines that stand for what is coming, in percent. */
const LINES = [34, 92, 88, 95, 71];

export function Loading({ full = false }: { readonly full?: boolean }) {
  const { t } = useTranslation();
  return (
    <div className={full ? 'loading loading-full' : 'loading'} role="status">
      <span className="visually-hidden">{t('state.loading')}</span>
      {LINES.map((width) => (
        <span key={width} className="loading-line" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}

interface FailureProps {
  readonly error: unknown;
  readonly onRetry?: () => unknown;
}

export function Failure({ error, onRetry }: FailureProps) {
  const { t } = useTranslation();
  const lang = useLang();
  const api = error instanceof ApiError ? error : null;
  // Trying again changes nothing about what one may do.
  const forbidden = api?.status === 403;
  const known = api?.status === 0 ? t('state.offline') : api?.text(lang) || t('state.failed');
  return (
    <div className="page-state" role="alert">
      <h2>{known}</h2>
      {!forbidden && <p>{t(api?.status === 0 ? 'state.offlineHint' : 'state.failedHint')}</p>}
      {api !== null && <p className="page-state-code">{api.code}</p>}
      {onRetry !== undefined && !forbidden && (
        <Button type="primary" onClick={() => void onRetry()}>
          {t('state.retry')}
        </Button>
      )}
    </div>
  );
}

export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children !== undefined && <div className="empty-hint">{children}</div>}
    </div>
  );
}
