import { useTranslation } from 'react-i18next';

/** Stands on every page that shows demonstration data (演示数据). */
export function DemoMark({ speed }: { readonly speed: number }) {
  const { t } = useTranslation();
  const text = speed === 1 ? t('demo.mark') : t('demo.speed', { speed });
  return (
    <span className="demo-mark" data-testid="demo">
      {text}
    </span>
  );
}
