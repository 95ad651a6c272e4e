/** What shows that nothing vanished: balance (收支平衡), dead letters, digest. */
import {
  API_PATHS,
  Balance,
  DeadLetterPage,
  DeadLettersQuery,
  DigestReply,
  ErrorBody,
} from '../contract.ts';
import { type Route, route } from '../route.ts';

const PAGE_DEFAULT = 50;
const refused = { 401: ErrorBody, 403: ErrorBody, 503: ErrorBody };

export const proofRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: API_PATHS.balance,
    action: 'balance.read',
    summary: '收支平衡 / accepted = applied + duplicate + held + dead-lettered + pending',
    replies: { 200: Balance, ...refused },
    handle: async ({ engine }) => ({ status: 200, body: await engine.balance() }),
  }),
  route<DeadLettersQuery>({
    method: 'get',
    path: API_PATHS.deadLetters,
    action: 'deadLetters.read',
    summary: '死信与挂起记录 / Dead letters and held records',
    query: DeadLettersQuery,
    replies: { 200: DeadLetterPage, 400: ErrorBody, ...refused },
    async handle({ engine, query }) {
      const letters = await engine.deadLetters(query.limit ?? PAGE_DEFAULT, query.offset ?? 0);
      return { status: 200, body: { letters } satisfies DeadLetterPage };
    },
  }),
  route({
    method: 'get',
    path: API_PATHS.digest,
    action: 'digest.read',
    summary: '牌摘要 / Digest of all cards, comparable between runs',
    replies: { 200: DigestReply, ...refused },
    handle: async ({ engine }) => ({ status: 200, body: await engine.digest() }),
  }),
];
