/** The calendar in force, loading a notice, and trying a change before it is published. */
import type { Request } from 'express';
import { apiLimits, previewLimits } from '../../engine/config/limits.ts';
import type { Draft, PreviewView as EngineView } from '../../engine/facade.ts';
import {
  API_PATHS,
  CalendarReply,
  DraftBody,
  ErrorBody,
  NoticeBody,
  NoticeQuery,
  PreviewView,
  PublishResult,
} from '../contract.ts';
import { DoorError } from '../errors.ts';
import { allows, type Principal } from '../policy/policy.ts';
import { type Call, type Reply, type Route, route } from '../route.ts';
import { draftProblem } from './rules.ts';

const PREVIEW_REPLIES = { 202: PreviewView, 400: ErrorBody, 401: ErrorBody, 403: ErrorBody };

/** Trying is allowed to more than may publish. */
function triesOnly(req: Request): boolean {
  return new URL(req.url, 'http://localhost').searchParams.get('preview') === 'true';
}

/** Whoever may not read cases is told what would happen, not to whom. */
function shown(view: EngineView, principal: Principal): PreviewView {
  const { result } = view;
  if (result === null || allows(principal.role, 'cases.read')) return view;
  const samples = result.samples.map((change) => ({ ...change, caseKey: '' }));
  return { ...view, result: { ...result, samples } };
}

function start(
  { engine, principal }: Call<unknown, unknown>,
  draft: Draft,
  closedWindowDays: number | undefined,
): Reply {
  const window = closedWindowDays === undefined ? {} : { closedWindowDays };
  return { status: 202, body: shown(engine.changes.startPreview(draft, window), principal) };
}

function previewOr404(view: EngineView | null, principal: Principal): Reply {
  if (view === null) throw new DoorError('NOT_FOUND');
  return { status: 200, body: shown(view, principal) };
}

export const calendarRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: API_PATHS.calendar,
    action: 'calendar.read',
    summary: '现行日历 / The calendar in force: its notices, and until when days are published',
    replies: { 200: CalendarReply, 401: ErrorBody, 403: ErrorBody },
    async handle({ engine, scope }) {
      const { provisional, uncomputable } = (await engine.summary(scope)).counts;
      const calendar = engine.changes.calendar();
      return { status: 200, body: { calendar, provisional, uncomputable } satisfies CalendarReply };
    },
  }),
  route<NoticeQuery, NoticeBody>({
    method: 'post',
    path: API_PATHS.calendarNotices,
    action: 'notices.publish',
    summary: '载入通知 / Load a notice: a new version of the calendar; ?preview=true only tries it',
    query: NoticeQuery,
    body: NoticeBody,
    bodyBytesMax: apiLimits.packBytesMax,
    alsoAllows: (req, { principal }) => triesOnly(req) && allows(principal.role, 'packs.preview'),
    replies: { ...PREVIEW_REPLIES, 200: PublishResult, 409: ErrorBody, 422: ErrorBody },
    async handle(call) {
      const { engine, body, query, principal } = call;
      const { notice, reason, closedWindowDays = previewLimits.closedWindowDays } = body;
      try {
        if (query.preview === 'true') return start(call, { notice }, closedWindowDays);
        if (!allows(principal.role, 'notices.publish')) throw new DoorError('FORBIDDEN');
        const options = { closedWindowDays };
        const result = await engine.changes.publish({ notice }, principal.name, reason, options);
        return { status: 200, body: result };
      } catch (error) {
        throw draftProblem(error, 'NOTICE_INVALID');
      }
    },
  }),
  route<unknown, DraftBody>({
    method: 'post',
    path: API_PATHS.rulesPreview,
    action: 'packs.preview',
    summary: '试算规则包 / Try a rule pack: what its publication would do, before it is published',
    body: DraftBody,
    bodyBytesMax: apiLimits.packBytesMax,
    replies: { ...PREVIEW_REPLIES, 409: ErrorBody, 422: ErrorBody },
    handle(call) {
      try {
        return start(call, { pack: call.body.pack }, call.body.closedWindowDays);
      } catch (error) {
        throw draftProblem(error, 'PACK_INVALID');
      }
    },
  }),
  route({
    method: 'get',
    path: API_PATHS.preview,
    action: 'previews.read',
    summary: '试算进度与结果 / Progress and result of a preview',
    replies: { 200: PreviewView, 401: ErrorBody, 403: ErrorBody, 404: ErrorBody },
    handle: ({ engine, params, principal }) =>
      previewOr404(engine.changes.previewOf(params.previewId ?? ''), principal),
  }),
  route({
    method: 'delete',
    path: API_PATHS.preview,
    action: 'packs.preview',
    summary: '取消试算 / Cancel a preview',
    replies: { 200: PreviewView, 401: ErrorBody, 403: ErrorBody, 404: ErrorBody },
    handle: ({ engine, params, principal }) =>
      previewOr404(engine.changes.cancelPreview(params.previewId ?? ''), principal),
  }),
];
