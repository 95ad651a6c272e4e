import { useTranslation } from 'react-i18next';
import { Sheet } from '../sheet.tsx';

const KEYS = [
  ['J / K', 'keys.move'],
  ['Enter', 'keys.open'],
  ['A', 'keys.acknowledge'],
  ['1 2 3 4', 'keys.category'],
  ['Ctrl Enter', 'keys.submit'],
  ['Esc', 'keys.leave'],
  ['/', 'keys.search'],
  ['?', 'keys.help'],
] as const;

interface Props {
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
}

/** The keys, in a line under the list and in full over it. */
export function KeyHelp({ open, onOpen }: Props) {
  const { t } = useTranslation();
  return (
    <footer className="keybar">
      {KEYS.slice(0, 5).map(([keys, text]) => (
        <span key={keys}>
          <kbd>{keys}</kbd> {t(text)}
        </span>
      ))}
      <button type="button" onClick={() => onOpen(true)}>
        <kbd>?</kbd> {t('keys.help')}
      </button>
      <Sheet open={open} place="middle" title={t('keys.title')} onClose={() => onOpen(false)}>
        <dl className="keys">
          {KEYS.map(([keys, text]) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{t(text)}</dd>
            </div>
          ))}
        </dl>
      </Sheet>
    </footer>
  );
}
