/** The inbox (收件箱): own cards, worst first; everything can be done from the keyboard. */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { Sheet } from '../sheet.tsx';
import { Empty, Failure, Loading } from '../states.tsx';
import { useTitle } from '../use-title.ts';
import { useWide } from '../use-wide.ts';
import { CardStack, CardTable } from './card-list.tsx';
import { CardPanel } from './card-panel.tsx';
import { Facets } from './facets.tsx';
import { type InboxFilter, readFilter, writeFilter } from './inbox-filter.ts';
import { type FilterProps, FreshBar, Heading, NoCards, SearchBox } from './inbox-head.tsx';
import { KeyHelp } from './key-help.tsx';
import { type Inbox, useInbox } from './use-inbox.ts';
import { useWork, useWorkKeys, type Work } from './use-work.ts';

function useFilter(): FilterProps {
  const [params, setParams] = useSearchParams();
  return {
    filter: readFilter(params),
    onFilter: (filter: InboxFilter) => setParams(writeFilter(filter), { replace: true }),
  };
}

interface ListProps extends FilterProps {
  readonly inbox: Inbox;
  readonly work: Work;
  readonly wide: boolean;
}

function List({ inbox, work, wide, filter, onFilter }: ListProps) {
  if (inbox.error !== null && inbox.cards.length === 0) {
    return <Failure error={inbox.error} onRetry={inbox.refresh} />;
  }
  if (inbox.loading) return <Loading />;
  if (inbox.cards.length === 0) return <NoCards filter={filter} onFilter={onFilter} />;
  const Cards = wide ? CardTable : CardStack;
  return (
    <Cards
      cards={inbox.cards}
      selectedId={work.selected?.cardId ?? null}
      onSelect={work.select}
      onOpen={work.open}
      onEnd={inbox.more}
      complete={inbox.cards.length >= inbox.total}
    />
  );
}

export default function InboxPage() {
  const { t } = useTranslation();
  useTitle(t('nav.inbox'));
  const filtering = useFilter();
  const inbox = useInbox(filtering.filter);
  const wide = useWide();
  const work = useWork(inbox);
  const [help, setHelp] = useState(false);
  const { search, text } = useWorkKeys(work, () => setHelp(true));
  const { selected, select } = work;
  const first = inbox.cards[0]?.cardId;
  useEffect(() => {
    if (wide && selected === null && first !== undefined) select(first);
  }, [wide, selected, first, select]);
  const panel = selected !== null && (
    <CardPanel
      key={selected.cardId}
      card={selected}
      draft={work.draft}
      onDraft={work.setDraft}
      handling={work.handling}
      textRef={text}
    />
  );
  return (
    <main className="inbox">
      <div className="inbox-left">
        <SearchBox {...filtering} boxRef={search} />
        {wide && (
          <Facets
            filter={filtering.filter}
            facets={inbox.facets}
            total={inbox.total}
            onChange={filtering.onFilter}
          />
        )}
      </div>
      <section className="inbox-middle">
        <Heading {...filtering} inbox={inbox} />
        <FreshBar inbox={inbox} />
        <List {...filtering} inbox={inbox} work={work} wide={wide} />
        {wide && <KeyHelp open={help} onOpen={setHelp} />}
      </section>
      {wide ? (
        <aside className="inbox-right" aria-label={t('inbox.card')}>
          {panel || (first !== undefined && <Empty title={t('inbox.pick')} />)}
        </aside>
      ) : (
        <Sheet
          open={selected !== null}
          place="full"
          title={t('inbox.card')}
          onClose={() => select(null)}
        >
          {panel}
        </Sheet>
      )}
    </main>
  );
}
