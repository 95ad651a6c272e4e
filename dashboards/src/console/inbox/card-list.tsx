/** The middle of the inbox: a virtual table on a desk, a plain list on a phone. */
import { Table, type TableColumnsType } from 'antd';
import { type UIEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CardView } from '../../../../api/contract.ts';
import { useLabel, useLang } from '../../i18n/index.ts';
import { LevelChip } from '../../shared/level-chip.tsx';
import { useDates, useNames, usePack } from '../../shared/pack.tsx';
import { StateTag } from '../state-tag.tsx';
import { ReplyDue } from './reply-due.tsx';

const HEADER_PX = 40;
/** Rows from the end at which the next page is asked for. */
const AHEAD_PX = 800;

interface Props {
  readonly cards: readonly CardView[];
  readonly selectedId: string | null;
  readonly onSelect: (cardId: string) => void;
  readonly onOpen: (card: CardView) => void;
  readonly onEnd: () => void;
  /** Whether all cards of the filter are here. */
  readonly complete: boolean;
}

function useHeight(): [React.RefObject<HTMLDivElement | null>, number] {
  const box = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(480);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [box, height];
}

function ItemCell({ card }: { readonly card: CardView }) {
  const label = useLabel();
  const names = useNames();
  return (
    <span className="two-lines">
      <b>{label(card.itemName)}</b>
      <span className="quiet">
        {names.organShort(card.organ)} · <span className="num">{card.caseKey}</span>
      </span>
    </span>
  );
}

function RuleCell({ card }: { readonly card: CardView }) {
  const { t } = useTranslation();
  const label = useLabel();
  const dates = useDates();
  return (
    <span className="two-lines">
      <span>
        {label(card.ruleName)}
        {card.provisional && <em className="provisional">{t('common.provisional')}</em>}
      </span>
      <span className="quiet num">
        {t('inbox.raisedAt', { time: dates.short(card.raisedAtMs) })}
      </span>
    </span>
  );
}

/** English words are longer than Chinese ones. */
const WIDTHS = {
  zh: { letter: 13, rule: 192, reply: 124, state: 92 },
  en: { letter: 7.4, rule: 180, reply: 124, state: 128 },
} as const;
/** What a chip has beside its letters: paddings and shape. */
const CHIP_PX = 58;

/** Wide enough for the longest name of a level, which is the deployment's to choose. */
function useLevelWidth(): number {
  const { levels } = usePack();
  const lang = useLang();
  const longest = Math.max(...levels.map((level) => level.label[lang].length));
  return Math.ceil(CHIP_PX + longest * WIDTHS[lang].letter);
}

function useColumns(): TableColumnsType<CardView> {
  const { t } = useTranslation();
  const widths = WIDTHS[useLang()];
  const levelWidth = useLevelWidth();
  return useMemo(
    () => [
      {
        title: t('inbox.level'),
        key: 'level',
        width: levelWidth,
        render: (_, card) => <LevelChip code={card.level} />,
      },
      { title: t('inbox.item'), key: 'item', render: (_, card) => <ItemCell card={card} /> },
      {
        title: t('inbox.rule'),
        key: 'rule',
        width: widths.rule,
        render: (_, card) => <RuleCell card={card} />,
      },
      {
        title: t('inbox.replyBy'),
        key: 'reply',
        width: widths.reply,
        render: (_, card) => <ReplyDue card={card} />,
      },
      {
        title: t('inbox.state'),
        key: 'state',
        width: widths.state,
        render: (_, card) => <StateTag state={card.state} />,
      },
    ],
    [t, widths, levelWidth],
  );
}

export function CardTable({ cards, selectedId, onSelect, onOpen, onEnd }: Props) {
  const [box, height] = useHeight();
  const columns = useColumns();
  const table = useRef<React.ComponentRef<typeof Table>>(null);
  useEffect(() => {
    if (selectedId !== null) table.current?.scrollTo({ key: selectedId });
  }, [selectedId]);
  const onScroll = (event: UIEvent<HTMLDivElement>): void => {
    const { scrollTop, clientHeight, scrollHeight } = event.currentTarget;
    if (scrollTop + clientHeight > scrollHeight - AHEAD_PX) onEnd();
  };
  return (
    <div className="card-table" ref={box}>
      <Table<CardView>
        ref={table}
        virtual
        rowKey="cardId"
        size="middle"
        pagination={false}
        columns={columns}
        dataSource={cards as CardView[]}
        scroll={{ x: 700, y: Math.max(120, height - HEADER_PX) }}
        onScroll={onScroll}
        rowClassName={(card) => (card.cardId === selectedId ? 'row row-on' : 'row')}
        onRow={(card) => ({
          onClick: () => onSelect(card.cardId),
          onDoubleClick: () => onOpen(card),
        })}
      />
    </div>
  );
}

export function CardStack({ cards, selectedId, onSelect, onEnd, complete }: Props) {
  const { t } = useTranslation();
  const label = useLabel();
  const names = useNames();
  return (
    <ul className="card-stack">
      {cards.map((card) => (
        <li key={card.cardId}>
          <button
            type="button"
            className={card.cardId === selectedId ? 'stack-card stack-on' : 'stack-card'}
            onClick={() => onSelect(card.cardId)}
          >
            <span className="stack-top">
              <LevelChip code={card.level} />
              <StateTag state={card.state} />
              <ReplyDue card={card} />
            </span>
            <b>{label(card.itemName)}</b>
            <span className="quiet">
              {names.organShort(card.organ)} · {label(card.ruleName)}
            </span>
            <span className="quiet num">{card.caseKey}</span>
          </button>
        </li>
      ))}
      {!complete && (
        <li>
          <button type="button" className="stack-more" onClick={onEnd}>
            {t('inbox.more')}
          </button>
        </li>
      )}
    </ul>
  );
}
