import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Messages = { readonly [key: string]: string | Messages };

function read(lang: string): Messages {
  const url = new URL(`../../../dashboards/src/i18n/${lang}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Messages;
}

function flat(messages: Messages, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(messages)) {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof value === 'string') found.set(path, value);
    else for (const [inner, text] of flat(value, path)) found.set(inner, text);
  }
  return found;
}

const zh = flat(read('zh'));
const en = flat(read('en'));

function parts(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}|<(\w+)>/g)].map((match) => match[0]).sort();
}

describe('message files', () => {
  it('hold the same keys in both languages', () => {
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort());
  });

  it('leave no text empty', () => {
    const empty = [...zh, ...en].filter(([, text]) => text.trim() === '').map(([key]) => key);
    expect(empty).toEqual([]);
  });

  it('name no part in English that the Chinese sentence does not have', () => {
    const odd = [...en].filter(([key, text]) =>
      parts(text).some((part) => !parts(zh.get(key) ?? '').includes(part)),
    );
    expect(odd.map(([key]) => key)).toEqual([]);
  });

  it('write Chinese with full-width punctuation', () => {
    const bare = [...zh].filter(([, text]) =>
      /[,;:?()]/.test(text.replace(/\{\{.*?\}\}|<.*?>/g, '')),
    );
    expect(bare.map(([key]) => key)).toEqual([]);
  });
});
