/**
 * The part of the error catalogue that only doors need: log-in, requests that HTTP itself cannot read,
 * and sockets. Same rules as errors.ts, which joins it into the one catalogue.
 */
import type { CatalogueEntry } from './errors.ts';

function sender(status: number, zh: string, en: string, retry = false): CatalogueEntry {
  return { status, zh, en, fault: 'sender', retry };
}

export const DOOR_ERRORS = {
  LOGIN_FAILED: sender(
    401,
    '用户名或密码不正确；请核对后重试',
    'user name or password is wrong; check both and try again',
  ),
  REQUEST_MALFORMED: sender(
    400,
    '请求不符合 HTTP 规范；请检查客户端',
    'the request is not well-formed HTTP; check the client',
  ),
  HEADERS_TOO_LARGE: sender(
    431,
    '请求标头超过 {limit} 字节或 {count} 个；请减少标头',
    'the headers exceed {limit} bytes or {count} in number; send fewer',
  ),
  REQUEST_TIMEOUT: sender(
    408,
    '请求在规定时间内没有发完；请检查网络后重试',
    'the request was not sent completely in time; check the network and try again',
    true,
  ),
  COMMAND_REUSED: sender(
    409,
    '命令编号“{commandId}”已用于另一项操作；请换一个编号',
    'command id "{commandId}" was used for another act; choose a new one',
  ),
  SOCKET_LIMIT: sender(
    429,
    '同时打开的实时连接已达上限 {limit}；请关闭不用的页面',
    'live connections are at their limit of {limit}; close pages you do not need',
    true,
  ),
  SOCKET_EVENT: sender(
    400,
    '实时连接不接受该消息；只可发送 resume',
    'the live connection does not take this message; only resume may be sent',
  ),
  SOCKET_SLOW: sender(
    408,
    '接收过慢，连接已断开；重新连接后会收到最新画面',
    'the receiver is too slow and was cut; reconnect to get the newest picture',
    true,
  ),
  AS_OF_FUTURE: sender(
    422,
    '认知时点 {asOf} 晚于系统当前时间；请选择过去的时间',
    'asOf {asOf} lies after the time of the engine; choose a time in the past',
  ),
  AS_OF_UNKNOWN: sender(
    404,
    '该时点系统尚未收到该办件的任何记录；请选择更晚的时间',
    'at that time no record of the case had arrived; choose a later time',
  ),
  AS_OF_BUSY: sender(
    429,
    '正在处理的认知时点查询已达上限 {limit}；请稍后重试',
    'questions about the past are at their limit of {limit}; try again shortly',
    true,
  ),
  AS_OF_BEHIND: {
    status: 503,
    zh: '分析库还没有写到该时点；请稍后重试',
    en: 'ClickHouse has not been written up to that time yet; try again shortly',
    fault: 'operator',
    retry: true,
  },
  AS_OF_TOO_LARGE: sender(
    422,
    '该办件的记录超过 {limit} 条，不能回看；请用日志离线重放',
    'the case has more than {limit} records and cannot be looked back on; replay the log offline',
  ),
  ORIGIN: sender(
    403,
    '请求来自其他网站；请从本系统页面操作',
    'the request comes from another site; use the pages of this system',
  ),
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
