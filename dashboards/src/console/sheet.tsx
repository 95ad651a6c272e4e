/**
 * A panel over the page, from the right or in the middle, on the browser's own <dialog>: focus stays
 * inside, Esc closes it, and nothing writes styles at run time.
 */
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
  readonly open: boolean;
  readonly title: string;
  readonly place: 'right' | 'middle' | 'full';
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Sheet({ open, title, place, onClose, children }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element === null || element.open === open) return;
    if (open) element.showModal();
    else element.close();
  }, [open]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes a dialog; the click is on the backdrop
    <dialog
      ref={dialog}
      className={`sheet-over sheet-${place}`}
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" className="sheet-close" onClick={onClose}>
          {t('state.close')}
        </button>
      </header>
      <div className="sheet-body">{open && children}</div>
    </dialog>
  );
}
