import { useTranslation } from 'react-i18next';
import { switchLang, useLang } from '../i18n/index.ts';

/** Names the other language in that language, so that its reader finds it. */
export function LanguageSwitch() {
  const { t } = useTranslation();
  const other = useLang() === 'zh' ? 'en' : 'zh';
  return (
    <button
      type="button"
      className="lang-switch"
      lang={other === 'en' ? 'en' : 'zh-CN'}
      data-testid="lang"
      onClick={() => void switchLang(other)}
    >
      {t('lang.other')}
    </button>
  );
}
