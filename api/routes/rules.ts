/** Rules in force, and putting another pack in force. */
import { apiLimits } from '../../engine/config/limits.ts';
import { API_PATHS, ErrorBody, PublishBody, PublishResult, RuleList } from '../contract.ts';
import { DoorError } from '../errors.ts';
import { type Route, route } from '../route.ts';

const REPORT_CHARS_MAX = 4000;

/** The loader lists every problem of a pack at once; its author must see that list. */
export function draftProblem(error: unknown, code: 'PACK_INVALID' | 'NOTICE_INVALID'): unknown {
  const known = error instanceof Error && ['PackError', 'CalendarError'].includes(error.name);
  if (!known) return error;
  return new DoorError(code, { reason: error.message.slice(0, REPORT_CHARS_MAX) });
}

export const ruleRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: API_PATHS.rules,
    action: 'rules.read',
    summary: '现行规则 / Rules in force with the number of their cards',
    replies: { 200: RuleList, 401: ErrorBody, 403: ErrorBody },
    async handle({ engine, scope }) {
      return { status: 200, body: { rules: await engine.rules(scope) } satisfies RuleList };
    },
  }),
  route<unknown, PublishBody>({
    method: 'post',
    path: API_PATHS.rulesPublish,
    action: 'rules.publish',
    summary: '发布规则包 / Put a rule pack in force, without a restart',
    body: PublishBody,
    bodyBytesMax: apiLimits.packBytesMax,
    replies: {
      200: PublishResult,
      400: ErrorBody,
      401: ErrorBody,
      403: ErrorBody,
      413: ErrorBody,
      422: ErrorBody,
    },
    async handle({ engine, body, principal }) {
      try {
        const { pack, reason, closedWindowDays } = body;
        const window = closedWindowDays === undefined ? {} : { closedWindowDays };
        const result = await engine.changes.publish({ pack }, principal.name, reason, window);
        return { status: 200, body: result };
      } catch (error) {
        throw draftProblem(error, 'PACK_INVALID');
      }
    },
  }),
];
