/** The rule pack in force (规则包), as pages use it: names of levels, organs, places; the zone. */
import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { PackInfo } from '../../../api/contract.ts';
import { useLabel, useLang } from '../i18n/index.ts';
import { DateText } from './dates.ts';
import { type Tone, toneOf } from './levels.ts';
import { live } from './live-react.ts';
import { systemName } from './system-name.ts';

export type Level = PackInfo['levels'][number];

const Context = createContext<PackInfo | null>(null);

export function PackProvider(props: { readonly pack: PackInfo; readonly children: ReactNode }) {
  return <Context.Provider value={props.pack}>{props.children}</Context.Provider>;
}

export function usePack(): PackInfo {
  const pack = useContext(Context);
  if (pack === null) throw new Error('usePack: no pack above this component');
  return pack;
}

export interface LevelFacts {
  readonly code: string;
  readonly rank: number;
  readonly name: string;
  readonly tone: Tone;
}

export interface PackNames {
  level(code: string): LevelFacts;
  organ(code: string): string;
  organShort(code: string): string;
  territory(code: string): string;
}

/** Names in the reader's language; an unknown code is shown as itself. */
export function useNames(): PackNames {
  const pack = usePack();
  const lang = useLang();
  const label = useLabel();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `label` is new each time, `lang` decides it
  return useMemo(() => {
    const levels = new Map(pack.levels.map((level) => [level.code, level]));
    const organs = new Map(pack.organs.map((organ) => [organ.code, organ]));
    const territories = new Map(pack.territories.map((place) => [place.code, place]));
    const nameOf = (found: { name: { zh: string; en: string } } | undefined, code: string) =>
      found === undefined ? code : label(found.name);
    return {
      level: (code) => {
        const level = levels.get(code);
        const name = level === undefined ? code : label(level.label);
        return { code, rank: level?.rank ?? 0, name, tone: toneOf(level) };
      },
      organ: (code) => nameOf(organs.get(code), code),
      organShort: (code) => {
        const organ = organs.get(code);
        return organ === undefined ? code : label(organ.short);
      },
      territory: (code) => nameOf(territories.get(code), code),
    };
  }, [pack, lang]);
}

export function useDates(): DateText {
  const { zone } = usePack();
  const lang = useLang();
  const nowMs = live.now() ?? Date.now();
  const year = new Date(nowMs).getUTCFullYear();
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the year of now matters
  return useMemo(() => new DateText(zone, lang, nowMs), [zone, lang, year]);
}

/** The name that stands at the head of every page. */
export function useSystemName(): string {
  const { name } = usePack();
  const { t } = useTranslation();
  return systemName(name, useLang(), t('app.name'));
}
