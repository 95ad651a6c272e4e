/**
 * One person's work on the list: which card is open, what was typed for it, and the keys.
 *
 * The selection is an id and not a place, so a list that changes does not move it.
 */
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { ANSWER_CATEGORIES, type CardView } from '../../../../api/contract.ts';
import { useMay } from '../session-context.tsx';
import { toast } from '../toast.tsx';
import {
  type Draft,
  EMPTY_DRAFT,
  type Handling,
  mayAcknowledge,
  mayAnswer,
  useDrafts,
  useHandling,
} from './use-handling.ts';
import type { Inbox } from './use-inbox.ts';
import { useKeys } from './use-keys.ts';

export interface Work {
  readonly selected: CardView | null;
  readonly select: (cardId: string | null) => void;
  readonly step: (by: number) => void;
  readonly open: (card: CardView) => void;
  readonly draft: Draft;
  readonly setDraft: (draft: Draft) => void;
  readonly handling: Handling;
}

function useSelection(cards: readonly CardView[]) {
  const [selectedId, select] = useState<string | null>(null);
  const index = cards.findIndex((card) => card.cardId === selectedId);
  return {
    selected: cards[index] ?? null,
    select,
    step: (by: number): void => {
      const next = cards[Math.min(cards.length - 1, Math.max(0, index + by))];
      if (next !== undefined) select(next.cardId);
    },
    neighbour: (cards[index + 1] ?? cards[index - 1])?.cardId ?? null,
  };
}

export function useWork(inbox: Inbox): Work {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { selected, select, step, neighbour } = useSelection(inbox.cards);
  const [draftOf, setDraftOf] = useDrafts();
  const handling = useHandling({
    onChanged: inbox.put,
    onAnswered: (card) => {
      setDraftOf(card.cardId, EMPTY_DRAFT);
      toast(t('handle.done'));
      select(neighbour);
      inbox.refresh();
    },
  });
  const { acknowledge, answer } = handling;
  const cardId = selected?.cardId ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a problem belongs to the card it came from
  useEffect(() => {
    acknowledge.reset();
    answer.reset();
  }, [cardId]);
  return {
    selected,
    select,
    step,
    open: (card) => void navigate(`/case/${encodeURIComponent(card.caseKey)}`),
    draft: cardId === null ? EMPTY_DRAFT : draftOf(cardId),
    setDraft: (draft) => {
      if (cardId !== null) setDraftOf(cardId, draft);
    },
    handling,
  };
}

interface KeyTargets {
  readonly search: RefObject<HTMLInputElement | null>;
  readonly text: RefObject<HTMLTextAreaElement | null>;
}

export function useWorkKeys(work: Work, onHelp: () => void): KeyTargets {
  const search = useRef<HTMLInputElement>(null);
  const text = useRef<HTMLTextAreaElement>(null);
  const mayHandle = useMay('cards.handle');
  const { selected } = work;
  const open = (): void => {
    if (selected !== null) work.open(selected);
  };
  const pick = (index: number) => (): void => {
    const category = ANSWER_CATEGORIES[index];
    if (selected === null || category === undefined || !mayHandle || !mayAnswer(selected)) return;
    work.setDraft({ ...work.draft, category });
    text.current?.focus();
  };
  useKeys({
    j: () => work.step(1),
    k: () => work.step(-1),
    Enter: open,
    '1': pick(0),
    '2': pick(1),
    '3': pick(2),
    '4': pick(3),
    a: () => {
      const { acknowledge } = work.handling;
      const may = mayHandle && selected !== null && mayAcknowledge(selected);
      if (may && !acknowledge.isPending) acknowledge.mutate(selected);
    },
    '/': () => search.current?.focus(),
    '?': onHelp,
  });
  return { search, text };
}
