/**
 * The error catalogue (错误目录): everything the outside world, or an operator's machine, can do wrong.
 *
 * Owns: the stable code, HTTP status, both texts, whose fault it is and whether repeating can help.
 * Does not own: assertions (assert.ts), the HTTP shape (api/), where a code is raised.
 *
 * Invariants
 * C1  A code is never renamed and never used again for something else.
 * C2  Both texts carry the same `{placeholders}`; Chinese comes first.
 * C3  A text says what is wrong, where, and what to do; no stack, path, SQL or unmasked person.
 * C4  `retry` is true only when sending the very same request again can succeed.
 */
import { DOOR_ERRORS } from './errors-door.ts';
import { IMPORT_ERRORS } from './errors-import.ts';

export type Fault = 'sender' | 'operator' | 'internal';

export interface CatalogueEntry {
  readonly status: number;
  readonly zh: string;
  readonly en: string;
  readonly fault: Fault;
  readonly retry: boolean;
}

function sender(status: number, zh: string, en: string, retry = false): CatalogueEntry {
  return { status, zh, en, fault: 'sender', retry };
}

function operator(status: number, zh: string, en: string, retry = true): CatalogueEntry {
  return { status, zh, en, fault: 'operator', retry };
}

const BODY_ERRORS = {
  BODY_EMPTY: sender(
    400,
    '请求中没有记录；请在请求体中放一个 JSON 对象，或每行一个对象',
    'the request holds no record; send one JSON object, or one object a line',
  ),
  BODY_TOO_LARGE: sender(
    413,
    '请求体超过 {limit} 字节；请分批发送',
    'the body exceeds {limit} bytes; send it in parts',
  ),
  BODY_INFLATES_TOO_LARGE: sender(
    413,
    '请求体解压后超过 {limit} 字节；请分批发送',
    'the body inflates beyond {limit} bytes; send it in parts',
  ),
  BODY_ROWS_MAX: sender(
    413,
    '一次最多 {limit} 条记录；请分批发送',
    'at most {limit} records in one request; send them in parts',
  ),
  BODY_LENGTH_AMBIGUOUS: sender(
    400,
    '请求给出两个互相矛盾的长度；请只保留一个',
    'the request states two contradictory lengths; keep one of them',
  ),
  ENCODING_UNSUPPORTED: sender(
    415,
    '不支持的内容编码“{encoding}”；只接受一层 gzip 或不压缩',
    'content encoding "{encoding}" is not supported; send gzip once, or none',
  ),
  MEDIA_TYPE: sender(
    415,
    '不支持的内容类型“{type}”；请用 {allowed}',
    'content type "{type}" is not supported; use {allowed}',
  ),
  RECORD_TOO_LARGE: sender(
    413,
    '单条记录超过 {limit} 字节；大附件请只传文号',
    'a record exceeds {limit} bytes; send a document number instead of the document',
  ),
} as const;

const JSON_ERRORS = {
  JSON_SYNTAX: sender(
    400,
    '第 {line} 行第 {column} 列不是有效的 JSON；请按 RFC 8259 书写',
    'not valid JSON at line {line}, column {column}; write it as RFC 8259 says',
  ),
  JSON_DUPLICATE_KEY: sender(
    400,
    '字段“{key}”出现两次；请只保留一个',
    'field "{key}" appears twice; keep one of them',
  ),
  JSON_FORBIDDEN_KEY: sender(
    400,
    '字段名“{key}”不允许使用；请改名',
    'the field name "{key}" is not allowed; choose another',
  ),
  JSON_TOO_DEEP: sender(
    400,
    'JSON 嵌套超过 {limit} 层；请减少嵌套',
    'JSON is nested more than {limit} levels; flatten it',
  ),
  JSON_TOO_MANY_KEYS: sender(
    413,
    '一条记录的字段超过 {limit} 个；请减少字段',
    'a record has more than {limit} fields; send fewer',
  ),
  TEXT_NOT_UTF8: sender(
    400,
    '第 {offset} 字节不是有效的 UTF-8；如果是 GBK，请声明 charset=GB18030',
    'byte {offset} is not valid UTF-8; if the text is GBK, declare charset=GB18030',
  ),
  TEXT_LONE_SURROGATE: sender(
    400,
    '第 {offset} 字节处的转义只有半个字符；请成对书写',
    'the escape at byte {offset} is half a character; write both halves',
  ),
  TEXT_CONTROL_CHAR: sender(
    400,
    '第 {offset} 字节处有控制字符 {char}；请删除',
    'control character {char} at byte {offset}; remove it',
  ),
} as const;

const VALUE_ERRORS = {
  TEXT_FORBIDDEN_CHAR: sender(
    400,
    '字段 {field} 含有不可见或改变书写方向的字符 {char}；请删除',
    'field {field} holds the invisible or direction-changing character {char}; remove it',
  ),
  TEXT_TOO_LONG: sender(
    400,
    '字段 {field} 超过 {limit} 个字符；请缩短',
    'field {field} exceeds {limit} characters; shorten it',
  ),
  LIST_TOO_LONG: sender(
    400,
    '字段 {field} 超过 {limit} 项；请减少',
    'field {field} has more than {limit} elements; send fewer',
  ),
  ID_NOT_CANONICAL: sender(
    400,
    '字段 {field} 不是规范写法；规范写法是“{canonical}”',
    'field {field} is not in canonical form; the canonical form is "{canonical}"',
  ),
  ID_TOO_LONG: sender(
    400,
    '字段 {field} 超过 {limit} 个字符；请核对编号',
    'field {field} exceeds {limit} characters; check the number',
  ),
  ID_NUMBER_INVALID: sender(
    422,
    '身份证号码“{masked}”不符合 GB 11643 的 18 位规则或校验码；请核对',
    'resident id "{masked}" fails the 18-digit form or check digit of GB 11643; check it',
  ),
  NUMBER_NOT_SAFE: sender(
    400,
    '字段 {field} 的数值超出 ±9007199254740991，不能精确表示；请改用较小的号码',
    'field {field} is beyond ±9007199254740991 and cannot be exact; use a smaller number',
  ),
  NUMBER_INVALID: sender(
    400,
    '字段 {field} 的数值写法无效；应为 {expected}',
    'field {field} is not written as a valid number; expected {expected}',
  ),
  LIMIT_OUT_OF_RANGE: sender(
    400,
    '字段 {field} 应为 {min} 至 {max} 之间的整数；请核对天数',
    'field {field} must be a whole number from {min} to {max}; check the days',
  ),
  FIELD_REQUIRED: sender(
    422,
    '缺少必填字段 {field}，或其值为空；请补上',
    'required field {field} is missing or empty; supply it',
  ),
  FIELD_UNKNOWN: sender(
    422,
    '未知字段 {field}；附加内容请放入 data',
    'unknown field {field}; put additional content into data',
  ),
  FIELD_TYPE: sender(
    422,
    '字段 {field} 的类型不对；应为 {expected}',
    'field {field} has the wrong type; expected {expected}',
  ),
  FIELD_NOT_WRITABLE: sender(
    422,
    '字段 {field} 不能由调用方填写；请删除',
    'field {field} cannot be set by the caller; remove it',
  ),
  TYPE_UNKNOWN: sender(
    422,
    '未知的事件类型“{value}”；最接近的是 {nearest}；可用：{allowed}',
    'unknown event type "{value}"; the nearest is {nearest}; allowed: {allowed}',
  ),
  SPECIAL_UNKNOWN: sender(
    422,
    '未知的特别程序“{value}”；最接近的是 {nearest}；可用：{allowed}',
    'unknown special procedure "{value}"; the nearest is {nearest}; allowed: {allowed}',
  ),
} as const;

const TIME_ERRORS = {
  TIME_FORMAT: sender(
    400,
    '字段 {field} 不是有效的时间；请写成 2026-01-05T09:00:00+08:00',
    'field {field} is not a time; write it as 2026-01-05T09:00:00+08:00',
  ),
  TIME_INVALID_DATE: sender(
    400,
    '字段 {field} 的日期在日历上不存在；请核对',
    'field {field} is not a calendar date; check it',
  ),
  TIME_LEAP_SECOND: sender(
    400,
    '字段 {field} 的秒为 60；请改写为 59 秒或下一分钟',
    'field {field} has second 60; write second 59 or the next minute',
  ),
  TIME_NO_ZONE: sender(
    400,
    '字段 {field} 没有时区；请加上 +08:00，或为来源声明时区',
    'field {field} has no zone; add +08:00, or declare a zone for the source',
  ),
  TIME_OUT_OF_RANGE: sender(
    400,
    '字段 {field} 的年份不在 {min} 至 {max} 之间；请核对',
    'the year of field {field} is not from {min} to {max}; check it',
  ),
  RETRACTION_UNNUMBERED: sender(
    422,
    '撤回记录须带被撤回记录的 seq 和更高的 rev（从 1 起）；请补上',
    'a retraction must carry the seq of the record it takes back and a higher rev (from 1); add them',
  ),
  TIME_ORDER: sender(
    422,
    '{later} 早于 {earlier}；请核对两个时间',
    '{later} is before {earlier}; check both times',
  ),
  TIME_IN_FUTURE: sender(
    202,
    '发生时间晚于现在，记录已挂起，到时自动生效；如有误请更正',
    'the event lies in the future; the record is held until then; correct it if wrong',
  ),
} as const;

const OWNERSHIP_ERRORS = {
  ORG_UNKNOWN: sender(
    422,
    '机构“{organ}”不在机构名录中；请先登记机构',
    'organ "{organ}" is not in the registry; register it first',
  ),
  ORG_MISMATCH: sender(
    422,
    '机构“{organ}”不属于辖区“{territory}”；请核对',
    'organ "{organ}" does not belong to territory "{territory}"; check both',
  ),
  SOURCE_NOT_OWNER: sender(
    403,
    '来源“{source}”无权报送机构“{organ}”的办件；请用该机构的密钥',
    'source "{source}" may not report cases of organ "{organ}"; use that organ\'s key',
  ),
  SOURCE_MISMATCH: sender(
    403,
    '记录的来源“{recordSource}”与密钥的来源“{source}”不一致；请删去该字段或换密钥',
    'record source "{recordSource}" differs from the key\'s source "{source}"; drop it or change keys',
  ),
  SIGNATURE_INVALID: sender(
    401,
    '签名无效；请用登记的密钥重新签名',
    'the signature is invalid; sign again with the registered key',
  ),
  KEY_UNKNOWN: sender(
    401,
    '密钥未登记；请向监察机构申请密钥',
    'the key is not registered; ask the supervision bureau for one',
  ),
  KEY_EXPIRED: sender(
    401,
    '密钥已于 {date} 过期；请换新密钥',
    'the key expired on {date}; renew it',
  ),
  DUPLICATE: sender(
    200,
    '该记录此前已收到；回执为原回执',
    'the record was received before; this is its original receipt',
  ),
  ID_REUSED_WITH_OTHER_CONTENT: sender(
    409,
    '同一编号的记录内容不同；更正请用新的 rev',
    'the same record number came with other content; to correct it, raise rev',
  ),
  CASE_TOO_LARGE: sender(
    422,
    '办件的事件已达上限，未再接收；请核对来源是否重复生成事件',
    'the case has as many events as it may have; check whether the source repeats itself',
  ),
  SEQUENCE_REPLAY: sender(
    409,
    '来源序号 {seq} 已倒退；请从 {expected} 继续',
    'the source number {seq} goes back; continue from {expected}',
  ),
} as const;

/** Accepted but waiting (挂起): understood, and something can still come. */
const HELD_ERRORS = {
  CASE_UNKNOWN: sender(
    202,
    '办件“{caseKey}”尚未收件，记录已挂起；请补报收件',
    'case "{caseKey}" was never received; the record is held; send the receipt of the case',
  ),
  SEQUENCE_GAP: sender(
    202,
    '来源序号从 {last} 跳到 {seq}；请补报缺失的记录',
    'the source number jumps from {last} to {seq}; send the missing records',
  ),
  REVISION_GAP: sender(
    202,
    '记录的前一版本尚未收到，已挂起；请补报',
    'an earlier revision has not arrived; the record is held; send it',
  ),
  HELD_FULL: operator(
    503,
    '挂起的记录已达上限，未能挂起；请先处理挂起记录',
    'held records are at their limit and this one was not held; release some first',
  ),
} as const;

const REQUEST_ERRORS = {
  QUERY_INVALID: sender(
    400,
    '查询参数 {parameter} 无效；应为 {expected}',
    'query parameter {parameter} is invalid; expected {expected}',
  ),
  RANGE_TOO_WIDE: sender(
    422,
    '查询范围过大，最多 {limit}；请缩小范围',
    'the range is too wide, at most {limit}; narrow it',
  ),
  SORT_FIELD: sender(
    400,
    '不能按“{field}”排序；可用：{allowed}',
    'cannot sort by "{field}"; allowed: {allowed}',
  ),
  CARD_UNKNOWN: sender(
    404,
    '没有这张牌，或不在您的范围内；请核对编号',
    'no such card, or it is outside your scope; check the id',
  ),
  CARD_VERSION: sender(
    409,
    '牌已被他人更新到第 {version} 版；请刷新后再处理',
    'the card has moved on to version {version}; reload and try again',
  ),
  CARD_STATE: sender(
    409,
    '牌当前为“{state}”，不能执行“{action}”；请刷新后再处理',
    'the card is "{state}" and cannot take "{action}"; reload and look again',
  ),
  REVOKE_PROPOSED: sender(
    409,
    '已有人提请撤牌；请由另一人撤牌或维持',
    'somebody has proposed to revoke the card; another person revokes or keeps it',
  ),
  REVOKE_NOT_PROPOSED: sender(
    409,
    '撤牌须先由一人提请；请先提请撤牌',
    'revoking takes a proposal first; propose to revoke the card',
  ),
  REVOKE_SAME_PERSON: sender(
    409,
    '撤牌须由提请人以外的人决定；请交由另一人处理',
    'nobody revokes what they proposed themselves; another person must decide',
  ),
  REASON_REQUIRED: sender(
    422,
    '请写明理由，{min} 至 {max} 个字符',
    'give a reason of {min} to {max} characters',
  ),
  NOT_FOUND: sender(
    404,
    '没有找到，或不在您的范围内；请核对地址',
    'not found, or outside your scope; check the address',
  ),
  UNAUTHENTICATED: sender(401, '请先登录', 'log in first'),
  FORBIDDEN: sender(
    403,
    '您没有这项权限；请联系管理员',
    'you do not have this right; ask your administrator',
  ),
  CSRF: sender(
    403,
    '缺少防伪标头或标头不符；请刷新页面后重试',
    'the anti-forgery header is missing or wrong; reload the page and try again',
  ),
  RATE_LIMITED: sender(
    429,
    '请求过于频繁；请在 {seconds} 秒后重试',
    'too many requests; try again in {seconds} seconds',
    true,
  ),
  METHOD_NOT_ALLOWED: sender(
    405,
    '该地址不支持 {method}；可用：{allowed}',
    'this address does not take {method}; allowed: {allowed}',
  ),
  PACK_INVALID: sender(
    422,
    '规则包无效：{reason}；请修改后再发布',
    'the rule pack is invalid: {reason}; correct it and publish again',
  ),
  NOTICE_INVALID: sender(
    422,
    '通知不能载入：{reason}；请修改后再试',
    'the notice cannot be loaded: {reason}; correct it and try again',
  ),
  PREVIEW_BUSY: sender(
    409,
    '另一次试算正在进行；请等它结束或取消它',
    'another preview is running; wait for it or cancel it',
    true,
  ),
} as const;

const ENGINE_ERRORS = {
  NOT_READY: operator(
    503,
    '系统正在启动或恢复；请稍后重试',
    'the system is starting or recovering; try again shortly',
  ),
  DISK_FULL: operator(
    507,
    '磁盘已满，未接收；请联系运维清理后重试',
    'the disk is full and nothing was accepted; free space and try again',
  ),
  QUEUE_FULL: operator(
    503,
    '待处理队列已满，未接收；请稍后重试',
    'the queue is full and nothing was accepted; try again shortly',
  ),
  DICTIONARY_FULL: operator(
    503,
    '编码字典已满，字段 {field} 的新编码未能登记；请提高上限后重放',
    'the code dictionary is full and the code in {field} was not taken in; raise its limit, replay',
    false,
  ),
  INTERNAL: {
    status: 500,
    zh: '系统内部错误，已记录；请凭请求编号联系运维',
    en: 'internal error, recorded; contact the operator with the request id',
    fault: 'internal',
    retry: false,
  } satisfies CatalogueEntry as CatalogueEntry,
} as const;

export const CATALOGUE = {
  ...BODY_ERRORS,
  ...JSON_ERRORS,
  ...VALUE_ERRORS,
  ...TIME_ERRORS,
  ...OWNERSHIP_ERRORS,
  ...HELD_ERRORS,
  ...REQUEST_ERRORS,
  ...ENGINE_ERRORS,
  ...IMPORT_ERRORS,
  ...DOOR_ERRORS,
} as const;

export type ErrorCode = keyof typeof CATALOGUE;

export type ErrorParams = Readonly<Record<string, string | number>>;

export interface Described {
  readonly message: string;
  readonly messageEn: string;
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(CATALOGUE, code);
}

export function entryOf(code: ErrorCode): CatalogueEntry {
  return CATALOGUE[code];
}

/** Both texts with the placeholders filled; a parameter not given stays visible as `{name}`. */
export function describe(code: ErrorCode, params: ErrorParams = {}): Described {
  const entry: CatalogueEntry = CATALOGUE[code];
  return { message: fill(entry.zh, params), messageEn: fill(entry.en, params) };
}

/** Thrown inside the shell; every door turns it into the same answer. */
export class CatalogueError extends Error {
  override name = 'CatalogueError';
  readonly code: ErrorCode;
  readonly params: ErrorParams;
  /** JSON pointer to the offending value, '' when there is none. */
  readonly pointer: string;

  constructor(code: ErrorCode, params: ErrorParams = {}, pointer = '') {
    super(`${code}: ${describe(code, params).messageEn}`);
    this.code = code;
    this.params = params;
    this.pointer = pointer;
  }
}

function fill(text: string, params: ErrorParams): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(params, name) ? String(params[name]) : whole,
  );
}
