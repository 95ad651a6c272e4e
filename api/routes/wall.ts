/** The wall's picture over HTTP; live frames carry the same (live.ts). */
import { API_PATHS, ErrorBody, PackInfo, WallSummary } from '../contract.ts';
import { type Route, route } from '../route.ts';

const refused = { 401: ErrorBody, 403: ErrorBody, 503: ErrorBody };

export const wallRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: API_PATHS.wall,
    action: 'wall.read',
    summary: '大屏概况 / Wall summary in scope',
    replies: { 200: WallSummary, ...refused },
    handle: async ({ engine, scope }) => ({ status: 200, body: await engine.summary(scope) }),
  }),
  route({
    method: 'get',
    path: API_PATHS.pack,
    action: 'pack.read',
    summary: '现行规则包：级别、单位、区划 / The rule pack in force: levels, organs, territories',
    replies: { 200: PackInfo, ...refused },
    handle: ({ engine }) => ({ status: 200, body: engine.pack() }),
  }),
];
