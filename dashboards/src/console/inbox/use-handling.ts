/**
 * Acknowledging and answering one card (签收、反馈).
 *
 * Invariants
 * H1  What was typed is kept until the server has taken it: a conflict, a lost network or a look at
 *     another card loses nothing.
 * H2  Every command names the version the person saw. After a conflict the newer card is shown first
 *     and the person decides again.
 */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import {
  type AnswerBody,
  API_PATHS,
  type CardView,
  type CommandReply,
  pathOf,
} from '../../../../api/contract.ts';
import { ApiError, newCommandId, post } from '../../shared/api.ts';

export type AnswerCategory = AnswerBody['category'];

export interface Draft {
  readonly category: AnswerCategory | null;
  readonly text: string;
}

export const EMPTY_DRAFT: Draft = { category: null, text: '' };

/** Drafts by card, for as long as the page is open. */
export function useDrafts(): [(cardId: string) => Draft, (cardId: string, draft: Draft) => void] {
  const [drafts, setDrafts] = useState<ReadonlyMap<string, Draft>>(new Map());
  return [
    (cardId) => drafts.get(cardId) ?? EMPTY_DRAFT,
    (cardId, draft) => setDrafts((known) => new Map(known).set(cardId, draft)),
  ];
}

const ACKNOWLEDGEABLE = new Set<CardView['state']>(['provisional', 'issued']);
const ANSWERABLE = new Set<CardView['state']>([
  ...ACKNOWLEDGEABLE,
  ...(['acknowledged', 'rejected', 'escalated', 'reopened'] as const),
]);

export const mayAcknowledge = (card: CardView): boolean => ACKNOWLEDGEABLE.has(card.state);
export const mayAnswer = (card: CardView): boolean => ANSWERABLE.has(card.state);

async function sendAcknowledge(card: CardView): Promise<CardView> {
  const path = pathOf(API_PATHS.acknowledge, { cardId: card.cardId });
  const body = { expectedVersion: card.version, commandId: newCommandId() };
  return (await post<CommandReply>(path, body)).card;
}

async function sendAnswer(card: CardView, draft: Draft): Promise<CardView> {
  if (draft.category === null) throw new Error('sendAnswer: no category; the form asks for one');
  const path = pathOf(API_PATHS.answer, { cardId: card.cardId });
  const body: AnswerBody = {
    expectedVersion: card.version,
    category: draft.category,
    text: draft.text.trim(),
    commandId: newCommandId(),
  };
  return (await post<CommandReply>(path, body)).card;
}

/** The newer card that a version conflict came with. */
export function conflictOf(error: Error | null): CardView | null {
  if (!(error instanceof ApiError) || error.status !== 409) return null;
  return (error.current as CardView | undefined) ?? null;
}

interface Options {
  readonly onChanged: (card: CardView) => void;
  readonly onAnswered: (card: CardView) => void;
}

export interface Answering {
  readonly card: CardView;
  readonly draft: Draft;
}

export function useHandling({ onChanged, onAnswered }: Options) {
  const onError = (error: Error): void => {
    const current = conflictOf(error);
    if (current !== null) onChanged(current);
  };
  const acknowledge = useMutation({ mutationFn: sendAcknowledge, onSuccess: onChanged, onError });
  const answer = useMutation({
    mutationFn: ({ card, draft }: Answering) => sendAnswer(card, draft),
    onSuccess: onAnswered,
    onError,
  });
  return { acknowledge, answer };
}

export type Handling = ReturnType<typeof useHandling>;
