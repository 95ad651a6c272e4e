/** Log-in (登录): system name, two fields, and errors that say what to do. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import type { LoginBody } from '../../../../api/contract.ts';
import { useLang } from '../../i18n/index.ts';
import { ApiError } from '../../shared/api.ts';
import { LanguageSwitch } from '../../shared/language-switch.tsx';
import { Mark } from '../../shared/mark.tsx';
import { logIn } from '../../shared/session.ts';
import { safeNext } from './next.ts';

function useErrorText(error: Error | null): string | null {
  const { t } = useTranslation();
  const lang = useLang();
  if (error === null) return null;
  if (!(error instanceof ApiError)) return t('login.failed');
  if (error.status === 401) return t('login.wrong');
  if (error.status === 429) {
    return error.retryAfterS === null
      ? t('login.limited')
      : t('login.limitedFor', { seconds: Math.ceil(error.retryAfterS) });
  }
  if (error.status === 0) return t('state.offline');
  return error.text(lang) || t('login.failed');
}

function LoginForm() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const next = safeNext(params.get('next'));
  const login = useMutation({
    mutationFn: (body: LoginBody) => logIn(body),
    onSuccess: async (session) => {
      client.clear();
      client.setQueryData(['session'], session);
      if (next.startsWith('/wall')) location.assign(next);
      else await navigate(next, { replace: true });
    },
  });
  const problem = useErrorText(login.error);
  return (
    <Form
      layout="vertical"
      requiredMark={false}
      className="login-form"
      onFinish={(values: LoginBody) => login.mutate(values)}
    >
      <h2>{t('login.title')}</h2>
      <Form.Item
        name="user"
        label={t('login.user')}
        rules={[{ required: true, message: t('login.userMissing') }]}
      >
        <Input size="large" autoComplete="username" autoFocus />
      </Form.Item>
      <Form.Item
        name="password"
        label={t('login.password')}
        rules={[{ required: true, message: t('login.passwordMissing') }]}
      >
        <Input.Password size="large" autoComplete="current-password" />
      </Form.Item>
      {problem !== null && (
        <div className="login-problem" role="alert">
          {problem}
        </div>
      )}
      <Button type="primary" size="large" htmlType="submit" block loading={login.isPending}>
        {t('login.submit')}
      </Button>
      <p className="login-note">{t('login.note')}</p>
    </Form>
  );
}

export default function LoginPage() {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${t('login.title')} · ${t('app.name')}`;
  }, [t]);
  return (
    <main className="login">
      <section className="login-side">
        <div className="login-brand">
          <Mark />
          <span>{t('app.brand')}</span>
        </div>
        <div>
          <h1>{t('app.name')}</h1>
          <p>{t('app.sentence')}</p>
        </div>
        <p className="login-foot">{t('app.foot')}</p>
      </section>
      <section className="login-main">
        <div className="login-lang">
          <LanguageSwitch />
        </div>
        <LoginForm />
      </section>
    </main>
  );
}
