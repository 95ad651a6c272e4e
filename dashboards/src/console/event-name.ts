import { useTranslation } from 'react-i18next';
import type { Label } from '../../../api/contract.ts';
import { useLabel } from '../i18n/index.ts';

/** An event in words: 环节进入:审查; a type this version does not know is shown as it is. */
export function useEventName(): (type: string, stage: Label | null) => string {
  const { t, i18n } = useTranslation();
  const label = useLabel();
  return (type, stage) => {
    const key = `event.${type}`;
    const name = i18n.exists(key) ? t(key as 'event.received') : type;
    return stage === null ? name : t('event.withStage', { name, stage: label(stage) });
  };
}
