/** The case page. */
import { eventLimits } from '../../engine/config/limits.ts';
import { API_PATHS, CaseDetail, ErrorBody } from '../contract.ts';
import { DoorError } from '../errors.ts';
import { type Route, route } from '../route.ts';

export const caseRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: API_PATHS.case,
    action: 'cases.read',
    summary: '办件详情与计时账单 / One case with its clocks and time bill',
    replies: { 200: CaseDetail, 401: ErrorBody, 403: ErrorBody, 404: ErrorBody },
    async handle({ engine, params, scope }) {
      const { caseKey = '' } = params;
      const short = [...caseKey].length <= eventLimits.idCharsMax;
      const detail = short ? await engine.caseDetail(caseKey, scope) : null;
      if (detail === null) throw new DoorError('NOT_FOUND');
      return { status: 200, body: detail };
    },
  }),
];
