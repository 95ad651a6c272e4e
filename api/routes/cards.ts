/** The inbox: list, one card, acknowledge, answer, review. */
import { randomUUID } from 'node:crypto';
import type { CardCommand } from '../../engine/cards/card.ts';
import type { CardQuery } from '../../engine/facade.ts';
import {
  AcknowledgeBody,
  AnswerBody,
  API_PATHS,
  CardDetail,
  CardPage,
  type CardsExportQuery,
  CardsQuery,
  type CardView,
  CommandReply,
  ErrorBody,
  ReviewBody,
} from '../contract.ts';
import { DoorError } from '../errors.ts';
import { instantOf } from '../instant.ts';
import { type Call, type Reply, type Route, route } from '../route.ts';

const PAGE_DEFAULT = 50;
const CARD_ID = /^[0-9a-f]{32}$/;

/** The engine's query; shared with the export, so that both mean the same by a filter. */
export function cardQueryOf(
  query: CardsExportQuery,
  page: { limit: number; offset: number },
  order: CardQuery['order'],
): CardQuery {
  const { state, level, category, asOf, ...rest } = query;
  return {
    ...rest,
    ...(asOf === undefined ? {} : { asOfMs: instantOf('asOf', asOf) }),
    ...(state === undefined ? {} : { states: state }),
    ...(level === undefined ? {} : { levels: level }),
    ...(category === undefined ? {} : { categories: category }),
    order: query.order ?? order,
    ...page,
  };
}

/** Unknown, misspelt and out of scope are one answer. */
async function visibleCard(call: Call<unknown, unknown>): Promise<CardView> {
  const { cardId = '' } = call.params;
  const card = CARD_ID.test(cardId) ? await call.engine.card(cardId, call.scope) : null;
  if (card === null) throw new DoorError('CARD_UNKNOWN');
  return card;
}

type CommandBody = AcknowledgeBody | AnswerBody | ReviewBody;

async function command(
  call: Call<unknown, CommandBody>,
  type: CardCommand['type'],
): Promise<Reply> {
  const { body, principal, services } = call;
  const { cardId = '' } = call.params;
  const commandId = body.commandId ?? randomUUID();
  const { commandId: _, ...content } = body;
  const fingerprint = JSON.stringify([type, cardId, content]);
  const reply = await services.commands.once(principal.name, commandId, fingerprint, () =>
    apply(call, type, commandId),
  );
  return { status: 200, body: reply };
}

async function apply(
  call: Call<unknown, CommandBody>,
  type: CardCommand['type'],
  commandId: string,
): Promise<CommandReply> {
  const { engine, scope, principal, body } = call;
  const view = await visibleCard(call);
  const data =
    'category' in body
      ? { category: body.category, text: cleanText(body.text, '/text') }
      : undefined;
  const reason = 'reason' in body ? cleanText(body.reason, '/reason') : undefined;
  const result = await engine.command(
    {
      commandId,
      type,
      caseKey: view.caseKey,
      cardId: view.cardId,
      actor: principal.name,
      expectedVersion: body.expectedVersion,
      ...(data === undefined ? {} : { data }),
      ...(reason === undefined ? {} : { reason }),
    },
    scope,
  );
  const current: CardView = { ...view, ...(result.card ?? {}) };
  if (result.outcome === 'refused') throw refusal(result.code, type, current);
  // The projection that `view` came from may lag behind the change: what we know ourselves wins.
  const answered = data === undefined ? {} : answeredFields(data);
  return { commandId, outcome: 'applied', card: { ...current, ...answered } };
}

function answeredFields(data: { category: string; text: string }): Partial<CardView> {
  return { answerCategory: data.category, answerText: data.text };
}

function refusal(code: string | undefined, action: string, current: CardView): DoorError {
  switch (code) {
    case 'CARD_VERSION':
      return new DoorError('CARD_VERSION', { version: current.version }, { current });
    case 'CARD_STATE':
      return new DoorError('CARD_STATE', { state: current.state, action }, { current });
    case 'CARD_UNKNOWN':
      return new DoorError('CARD_UNKNOWN');
    case 'REVOKE_PROPOSED':
    case 'REVOKE_NOT_PROPOSED':
    case 'REVOKE_SAME_PERSON':
      return new DoorError(code, {}, { current });
    default:
      return new DoorError('INTERNAL');
  }
}

/** The strict reader has refused control characters and half characters; blanks are no reason. */
function cleanText(text: string, pointer: string): string {
  const trimmed = text.trim();
  if (trimmed.length >= 2) return trimmed;
  throw new DoorError('REASON_REQUIRED', { min: 2, max: 2000 }, { pointer });
}

const changed = {
  200: CommandReply,
  400: ErrorBody,
  401: ErrorBody,
  403: ErrorBody,
  404: ErrorBody,
  409: ErrorBody,
  422: ErrorBody,
};

export const cardRoutes: readonly Route[] = [
  route<CardsQuery>({
    method: 'get',
    path: API_PATHS.cards,
    action: 'cards.read',
    summary: '牌列表 / Cards in scope, filtered and counted',
    query: CardsQuery,
    replies: {
      200: CardPage,
      ...{ 400: ErrorBody, 401: ErrorBody, 403: ErrorBody },
      ...{ 422: ErrorBody, 429: ErrorBody, 503: ErrorBody },
    },
    async handle({ engine, query, scope }) {
      const page = { limit: query.limit ?? PAGE_DEFAULT, offset: query.offset ?? 0 };
      const { limit: _limit, offset: _offset, ...filters } = query;
      return { status: 200, body: await engine.cards(cardQueryOf(filters, page, 'worst'), scope) };
    },
  }),
  route({
    method: 'get',
    path: API_PATHS.card,
    action: 'cards.read',
    summary: '一张牌及其计时账单与撤牌依据 / One card with its time bill and what refuted it',
    replies: { 200: CardDetail, 401: ErrorBody, 403: ErrorBody, 404: ErrorBody },
    async handle({ engine, params, scope }) {
      const { cardId = '' } = params;
      const card = CARD_ID.test(cardId) ? await engine.cardDetail(cardId, scope) : null;
      if (card === null) throw new DoorError('CARD_UNKNOWN');
      return { status: 200, body: card };
    },
  }),
  route<unknown, AcknowledgeBody>({
    method: 'post',
    path: API_PATHS.acknowledge,
    action: 'cards.handle',
    summary: '签收 / Acknowledge a card',
    body: AcknowledgeBody,
    replies: changed,
    handle: (call) => command(call, 'acknowledge'),
  }),
  route<unknown, AnswerBody>({
    method: 'post',
    path: API_PATHS.answer,
    action: 'cards.handle',
    summary: '反馈 / Answer a card with category and text',
    body: AnswerBody,
    replies: changed,
    handle: (call) => command(call, 'answer'),
  }),
  route<unknown, ReviewBody>({
    method: 'post',
    path: API_PATHS.review,
    action: 'cards.review',
    summary: '认可、退回、办结、再监察、撤牌 / Accept, reject, close, reopen or revoke a card',
    body: ReviewBody,
    replies: changed,
    handle: (call) => command(call, call.body.act),
  }),
];
