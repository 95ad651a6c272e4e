/** What stands above the list: the view's name and count, order, export, search, news. */
import { Button } from 'antd';
import { type RefObject, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { API_PATHS } from '../../../../api/contract.ts';
import { withQuery } from '../../shared/api.ts';
import { live } from '../../shared/live-react.ts';
import { useDates } from '../../shared/pack.tsx';
import { Choice } from '../choice.tsx';
import { useMay } from '../session-context.tsx';
import { Empty } from '../states.tsx';
import { type InboxFilter, isNarrowed, readFilter, toQuery } from './inbox-filter.ts';
import type { Inbox } from './use-inbox.ts';

export interface FilterProps {
  readonly filter: InboxFilter;
  readonly onFilter: (filter: InboxFilter) => void;
}

export function Heading({ inbox, filter, onFilter }: FilterProps & { readonly inbox: Inbox }) {
  const { t } = useTranslation();
  const mayExport = useMay('cards.export');
  return (
    <header className="inbox-head">
      <h1>
        {t(`view.${filter.view}`)}
        <span className="num" data-testid="total">
          {inbox.total}
        </span>
      </h1>
      <div className="inbox-tools">
        <Choice<InboxFilter['order']>
          label={t('inbox.order')}
          value={filter.order}
          options={[
            { value: 'worst', label: t('inbox.worst') },
            { value: 'newest', label: t('inbox.newest') },
          ]}
          onChange={(order) => onFilter({ ...filter, order })}
        />
        {mayExport && (
          <Button href={withQuery(API_PATHS.cardsExport, toQuery(filter))} download>
            {t('inbox.export')}
          </Button>
        )}
      </div>
    </header>
  );
}

/** New cards are announced and wait: nothing moves while somebody writes. */
export function FreshBar({ inbox }: { readonly inbox: Inbox }) {
  const { t } = useTranslation();
  return (
    <div className="fresh" aria-live="polite">
      {inbox.fresh > 0 && (
        <button type="button" onClick={inbox.refresh} data-testid="fresh">
          {t('inbox.fresh', { count: inbox.fresh })}
        </button>
      )}
    </div>
  );
}

export function NoCards({ filter, onFilter }: FilterProps) {
  const { t } = useTranslation();
  const dates = useDates();
  const nowMs = live.now();
  if (filter.view === 'todo' && !isNarrowed(filter)) {
    return (
      <Empty title={t('inbox.cleared')}>
        {nowMs !== null && t('inbox.clearedAt', { time: dates.full(nowMs) })}
      </Empty>
    );
  }
  return (
    <Empty title={t('inbox.none')}>
      <Button onClick={() => onFilter(readFilter(new URLSearchParams()))}>
        {t('inbox.clear')}
      </Button>
    </Empty>
  );
}

interface SearchProps extends FilterProps {
  readonly boxRef: RefObject<HTMLInputElement | null>;
}

export function SearchBox({ filter, onFilter, boxRef }: SearchProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(filter.text);
  useEffect(() => setText(filter.text), [filter.text]);
  return (
    <search className="inbox-search">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onFilter({ ...filter, text: text.trim() });
        }}
      >
        <input
          ref={boxRef}
          type="search"
          value={text}
          maxLength={100}
          aria-label={t('inbox.search')}
          placeholder={t('inbox.search')}
          onChange={(event) => {
            setText(event.target.value);
            // Emptied by its cross or by hand: the whole list comes back at once.
            if (event.target.value === '' && filter.text !== '') onFilter({ ...filter, text: '' });
          }}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
        />
        <button type="submit">{t('inbox.find')}</button>
      </form>
    </search>
  );
}
