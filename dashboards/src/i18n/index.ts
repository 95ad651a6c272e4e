/**
 * Languages. Chinese first; English by a switch that is remembered in this browser.
 *
 * Sentences are templates with named parts. Names of rules, levels, items and organs are data and
 * come with both languages from the server (`Label`).
 */
import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import zh from './zh.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof zh };
  }
}

export type Lang = 'zh' | 'en';
const STORED = 'mingcha.lang';

function storedLang(): Lang {
  return localStorage.getItem(STORED) === 'en' ? 'en' : 'zh';
}

function mark(lang: Lang): void {
  document.documentElement.lang = lang === 'en' ? 'en' : 'zh-CN';
}

/** Chinese comes with the page, being the fallback too; English is fetched for its readers. */
async function load(lang: Lang): Promise<void> {
  if (lang === 'zh' || i18next.hasResourceBundle(lang, 'translation')) return;
  const { default: en } = await import('./en.json');
  i18next.addResourceBundle(lang, 'translation', en);
}

export async function startLanguages(): Promise<void> {
  const lng = storedLang();
  mark(lng);
  await i18next.use(initReactI18next).init({
    lng,
    fallbackLng: 'zh',
    partialBundledLanguages: true,
    resources: { zh: { translation: zh } },
    interpolation: { escapeValue: false },
  });
  await load(lng);
}

export async function switchLang(lang: Lang): Promise<void> {
  await load(lang);
  localStorage.setItem(STORED, lang);
  mark(lang);
  await i18next.changeLanguage(lang);
}

export function useLang(): Lang {
  const { i18n } = useTranslation();
  return i18n.language === 'en' ? 'en' : 'zh';
}

/** Reads a two-language text of the server in the reader's language. */
export function useLabel(): (label: { readonly zh: string; readonly en: string }) => string {
  const lang = useLang();
  return (label) => label[lang] || label.zh;
}
