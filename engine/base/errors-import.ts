/**
 * The part of the error catalogue that imported files (XES, CSV) and their mapping profiles need.
 * Same rules as errors.ts, which joins it into the one catalogue.
 */
import type { CatalogueEntry } from './errors.ts';

function bad(status: number, zh: string, en: string): CatalogueEntry {
  return { status, zh, en, fault: 'sender', retry: false };
}

const FILE_ERRORS = {
  FILE_NOT_FOUND: bad(
    404,
    '找不到文件“{name}”；请核对路径',
    'file "{name}" does not exist; check the path',
  ),
  FILE_NOT_READABLE: bad(
    422,
    '文件“{name}”无法读取（{reason}）；请核对权限，并确认它是普通文件',
    'file "{name}" cannot be read ({reason}); check its rights and that it is a plain file',
  ),
  FILE_EMPTY: bad(422, '文件是空的；请重新导出', 'the file is empty; export it again'),
  FILE_TYPE: bad(
    415,
    '文件内容是{found}，不是 XES 或 CSV 文本；请导出为 XES 或 CSV（可用 gzip 压缩）',
    'the file holds {found}, not XES or CSV text; export it as XES or CSV (gzip is fine)',
  ),
  FILE_TRUNCATED: bad(
    400,
    '压缩文件不完整，在中途结束；请重新传输',
    'the compressed file ends too early; transfer it again',
  ),
  FILE_DAMAGED: bad(
    400,
    '压缩文件已损坏（{reason}）；请重新传输',
    'the compressed file is damaged ({reason}); transfer it again',
  ),
  FILE_ENCODING: bad(
    400,
    '文件在第 {offset} 字节附近不是有效的 {encoding}；如果是 GBK，请在映射中写 "encoding": "gb18030"',
    'near byte {offset} the file is not valid {encoding}; if it is GBK, set "encoding": "gb18030"',
  ),
  TEXT_ENCODING_MISMATCH: bad(
    400,
    'XML 声明的编码“{declared}”与内容不符或不支持；请保存为 UTF-8',
    'the XML declares encoding "{declared}", which the bytes are not or we do not read; use UTF-8',
  ),
  FILE_INFLATES_TOO_LARGE: bad(
    413,
    '文件解压后超过 {limit} 字节；请分成几个文件',
    'the file inflates beyond {limit} bytes; split it',
  ),
} as const;

const XML_ERRORS = {
  XML_SYNTAX: bad(
    400,
    '第 {line} 行第 {column} 列不是有效的 XML：{reason}',
    'not valid XML at line {line}, column {column}: {reason}',
  ),
  XML_DOCTYPE_FORBIDDEN: bad(
    400,
    '第 {line} 行有 DOCTYPE，不予接受；XES 不需要它，请删除',
    'line {line} holds a DOCTYPE, which is refused; XES needs none, remove it',
  ),
  XML_TOO_DEEP: bad(
    400,
    '第 {line} 行嵌套超过 {limit} 层；请减少嵌套',
    'line {line} is nested more than {limit} levels; flatten it',
  ),
  XML_TOO_MANY_ATTRIBUTES: bad(
    400,
    '第 {line} 行的标签有超过 {limit} 个 XML 属性',
    'the tag at line {line} has more than {limit} XML attributes',
  ),
  XML_TOKEN_TOO_LONG: bad(
    413,
    '第 {line} 行起有一段超过 {limit} 个字符仍未结束；请核对文件',
    'a piece of markup or text from line {line} on exceeds {limit} characters; check the file',
  ),
  XML_NAMESPACE: bad(
    422,
    '第 {line} 行的命名空间“{found}”不是 XES 的；应为 {expected}',
    'the namespace "{found}" at line {line} is not that of XES; expected {expected}',
  ),
  XES_ROOT: bad(
    422,
    '根元素是“{found}”，不是 XES 的 log；请核对文件格式',
    'the root element is "{found}" and not log, as XES has it; check the file',
  ),
  XES_ELEMENT: bad(
    422,
    '第 {line} 行：XES 中 {parent} 之内没有元素“{found}”',
    'line {line}: XES knows no element "{found}" inside {parent}',
  ),
  XES_ATTRIBUTE: bad(
    422,
    '第 {line} 行：{type} 属性缺少 {missing}',
    'line {line}: the {type} attribute has no {missing}',
  ),
  XES_TRACE_TOO_LONG: bad(
    413,
    '第 {line} 行的 trace 超过 {limit} 个事件；请核对案件标识的选取',
    'the trace at line {line} has more than {limit} events; check how cases were chosen',
  ),
  XES_DUPLICATE_KEY: bad(
    422,
    '属性“{field}”出现两次而值不同；请只保留一个',
    'attribute "{field}" appears twice with different values; keep one of them',
  ),
} as const;

const CSV_ERRORS = {
  CSV_HEADER: bad(
    422,
    '表头不符：{reason}；映射要求的列：{expected}',
    'the header does not fit: {reason}; the profile needs the columns: {expected}',
  ),
  CSV_QUOTE: bad(
    422,
    '第 {row} 行的引号没有配对；请核对该行',
    'a quote in row {row} is not paired; check that row',
  ),
  CSV_COLUMNS: bad(
    422,
    '第 {row} 行有 {found} 列，应为 {expected} 列；请核对该行',
    'row {row} has {found} columns instead of {expected}; check that row',
  ),
  CSV_CELL_TOO_LARGE: bad(
    413,
    '第 {row} 行超过 {limit} 个字符；请核对引号和换行',
    'row {row} exceeds {limit} characters; check its quotes and line ends',
  ),
  CSV_SYNTAX: bad(400, '第 {row} 行无法解析：{reason}', 'row {row} cannot be parsed: {reason}'),
  CELL_LOOKS_CONVERTED: bad(
    422,
    '“{field}”的值“{value}”像是被表格软件改写过的编号；请把该列设为文本格式后重新导出',
    'the value "{value}" of "{field}" looks like a number a spreadsheet rewrote; format it as text',
  ),
} as const;

const PROFILE_ERRORS = {
  PROFILE_NOT_FOUND: bad(
    404,
    '没有映射“{name}”；可用：{known}，或给出 .json 文件的路径',
    'there is no profile "{name}"; known: {known}, or give the path of a .json file',
  ),
  PROFILE_JSON: bad(
    400,
    '映射“{name}”不是有效的 JSON：{reason}',
    'profile "{name}" is not valid JSON: {reason}',
  ),
  PROFILE_INVALID: bad(
    422,
    '映射“{name}”有 {count} 处错误',
    'profile "{name}" has {count} problems',
  ),
  PROFILE_FORMAT: bad(
    422,
    '映射“{name}”用于 {expected}，而文件是 {found}；请换映射',
    'profile "{name}" is for {expected}, but the file is {found}; choose another',
  ),
  VALUE_NOT_MAPPED: bad(
    422,
    '“{field}”的值“{value}”不在映射表中；请补充 map 或 otherwise',
    'the value "{value}" of "{field}" is not in its map; add it, or an otherwise',
  ),
  ACTIVITY_NOT_MAPPED: bad(
    422,
    '活动“{value}”没有对应的规则；请在 perEvent.rules 中补充',
    'no rule maps activity "{value}"; add one to perEvent.rules',
  ),
  BOOLEAN_INVALID: bad(
    422,
    '“{field}”的值“{value}”不是真假值；请写 true 或 false',
    'the value "{value}" of "{field}" is not a truth value; write true or false',
  ),
  TIME_NO_HOUR: bad(
    422,
    '“{field}”的值“{value}”只有日期；请补充时刻，或在映射中设定 dateOnly',
    'the value "{value}" of "{field}" has no time of day; add one, or set dateOnly in the profile',
  ),
  TIME_NOT_ON_CLOCK: bad(
    422,
    '“{field}”的值“{value}”在时区 {zone} 不存在（时钟拨快）；请核对',
    'the value "{value}" of "{field}" is no time in {zone}: the clocks skipped it; check it',
  ),
} as const;

const SIZE_ERRORS = {
  IMPORT_TOO_MANY_RECORDS: bad(
    413,
    '文件产生的记录超过 {limit} 条；请分成几个文件',
    'the file makes more than {limit} records; split it',
  ),
  IMPORT_TOO_MANY_CASES: bad(
    413,
    '文件中的办件超过 {limit} 个；请分成几个文件',
    'the file holds more than {limit} cases; split it',
  ),
} as const;

export const IMPORT_ERRORS = {
  ...FILE_ERRORS,
  ...XML_ERRORS,
  ...CSV_ERRORS,
  ...PROFILE_ERRORS,
  ...SIZE_ERRORS,
} as const;
