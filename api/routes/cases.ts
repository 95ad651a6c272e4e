/** The case page. */
import { eventLimits } from '../../engine/config/limits.ts';
import { API_PATHS, CaseDetail, CaseQuery, ErrorBody } from '../contract.ts';
import { DoorError } from '../errors.ts';
import { instantOf } from '../instant.ts';
import { type Route, route } from '../route.ts';

export const caseRoutes: readonly Route[] = [
  route<CaseQuery>({
    method: 'get',
    path: API_PATHS.case,
    action: 'cases.read',
    summary: '办件详情与计时账单 / One case with its clocks and time bill',
    query: CaseQuery,
    replies: {
      200: CaseDetail,
      ...{ 400: ErrorBody, 401: ErrorBody, 403: ErrorBody, 404: ErrorBody },
      ...{ 422: ErrorBody, 429: ErrorBody, 503: ErrorBody },
    },
    async handle({ engine, params, query, scope }) {
      const { caseKey = '' } = params;
      const asOfMs = query.asOf === undefined ? undefined : instantOf('asOf', query.asOf);
      const short = [...caseKey].length <= eventLimits.idCharsMax;
      const detail = short ? await engine.caseDetail(caseKey, scope, asOfMs) : null;
      if (detail === null) throw new DoorError('NOT_FOUND');
      return { status: 200, body: detail };
    },
  }),
];
