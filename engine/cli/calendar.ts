/**
 * The calendar command (日历命令): adds workdays, counts them, compares with a file of cases.
 *
 * Prints a table for people and, with --json, one JSON object as its last line. Exit code 1: bad
 * input; 2: bad usage.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Calendar } from '../calendars/calendar.ts';
import { CalendarError } from '../calendars/calendar-error.ts';
import { compileCalendar } from '../calendars/compile.ts';
import { formatDay, parseDate, weekdayOf } from '../calendars/days.ts';
import { loadCalendar } from '../runtime/calendar-loader.ts';
import { PackError } from '../runtime/rule-problem.ts';
import { zoneTable } from '../runtime/zone-table.ts';
import { CasesError, checkCases } from './calendar-cases.ts';
import { NOTICE_USAGE, NoticeUsageError, runNotice } from './calendar-notice.ts';
import { PublishError } from './rule-publish.ts';

const USAGE = `用法 usage:
  calendar add DATE N [--unit workday|day] [--place CN] [--json]   日期加 N 个工作日或自然日
  calendar count FROM TO [--place CN] [--json]                     起止两日之间（含）的工作日
  calendar check FILE [--place CN] [--json]                        与案例文件逐条比对
${NOTICE_USAGE}
  DATE: YYYY-MM-DD`;
const WEEKDAYS = ['周一', '周二', '周三', '周四', '周五', '周六', '周日'];
const UNITS = ['workday', 'day'] as const;
const SHOWN_MAX = 20;
const PROVISIONAL = '是，超出已公布的放假安排，通知公布后可能变动 (yes, beyond the last notice)';

class UsageError extends Error {}
class InputError extends Error {}

/** A table for people and the same as data. */
interface Outcome {
  readonly rows: readonly (readonly [string, string])[];
  readonly json: Readonly<Record<string, unknown>>;
  readonly code: number;
}

export interface Output {
  out(line: string): void;
  err(line: string): void;
}

/** Runs the command; the exit code. */
export function runCalendar(argv: readonly string[], output: Output): number {
  try {
    const { values, positionals } = parse(argv);
    const outcome = run(positionals, values);
    const width = Math.max(...outcome.rows.map(([label]) => columns(label)));
    for (const [label, value] of outcome.rows) {
      output.out(`${label}${' '.repeat(width - columns(label))}  ${value}`);
    }
    if (values.json) output.out(JSON.stringify(outcome.json));
    return outcome.code;
  } catch (error) {
    if (error instanceof UsageError) {
      output.err(`${error.message}\n${USAGE}`);
      return 2;
    }
    if (isBadInput(error)) {
      output.err(error.message);
      return 1;
    }
    throw error;
  }
}

function isBadInput(error: unknown): error is Error {
  const kinds = [InputError, CasesError, PackError, CalendarError, PublishError];
  return kinds.some((kind) => error instanceof kind);
}

interface Values {
  readonly unit: string;
  readonly place: string;
  readonly json: boolean;
}

function parse(argv: readonly string[]) {
  // A negative number is an argument here, not an option.
  const args = argv.map((arg) => (/^-[0-9]+$/.test(arg) ? `−${arg.slice(1)}` : arg));
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        unit: { type: 'string', default: 'workday' },
        place: { type: 'string', default: 'CN' },
        json: { type: 'boolean', default: false },
      },
    });
    return { values: values as Values, positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function run(positionals: readonly string[], values: Values): Outcome {
  const [command, ...args] = positionals;
  const expected = { add: 2, count: 2, check: 1 }[command ?? ''];
  if (expected === undefined) {
    throw new UsageError(`没有这个命令 / no such command: ${command ?? '(空 none)'}`);
  }
  if (args.length !== expected) {
    throw new UsageError(
      `${command} 需要 ${expected} 个参数，给了 ${args.length} 个 / ` +
        `takes ${expected} arguments, found ${args.length}`,
    );
  }
  const [first = '', second = ''] = args;
  if (command === 'add') return add(first, second, values);
  if (command === 'count') return count(first, second, values);
  return check(first, values);
}

function add(dateText: string, nText: string, values: Values): Outcome {
  const unit = UNITS.find((known) => known === values.unit);
  if (unit === undefined) {
    throw new UsageError(`--unit 应为 / must be ${UNITS.join(' | ')}: ${values.unit}`);
  }
  const n = integerIn(nText);
  const calendar = open(values.place);
  const from = dayIn(dateText, calendar);
  const result = unit === 'workday' ? calendar.addWorkdays(from, n) : from + n;
  if (!calendar.covers(result)) throw new InputError(outside(calendar, dateText));
  const rolled = calendar.rollForward(result);
  const provisional = calendar.isProvisional(rolled);
  const rows: [string, string][] = [
    ['起始日 from', shown(calendar, from)],
    [unit === 'workday' ? '工作日 workdays' : '自然日 days', String(n)],
    ['结果 result', shown(calendar, result)],
  ];
  if (rolled !== result) rows.push(['顺延 rolls to', shown(calendar, rolled)]);
  if (provisional) rows.push(['暂定 provisional', PROVISIONAL]);
  return {
    rows,
    json: {
      ...{ date: dateText, n, unit, place: values.place, result: formatDay(result) },
      ...{ rolled: formatDay(rolled), provisional, calendarVersion: calendar.version },
    },
    code: 0,
  };
}

function count(fromText: string, toText: string, values: Values): Outcome {
  const calendar = open(values.place);
  const from = dayIn(fromText, calendar);
  const to = dayIn(toText, calendar);
  if (from > to) {
    throw new InputError(
      `起始日 ${fromText} 晚于截止日 ${toText}；请调换 / ` +
        `${fromText} is after ${toText}; put the earlier date first`,
    );
  }
  const workdays = calendar.countWorkdays(from - 1, to);
  const provisional = calendar.isProvisional(to);
  const rows: [string, string][] = [
    ['自 from', shown(calendar, from)],
    ['至 to', shown(calendar, to)],
    ['自然日 days', String(to - from + 1)],
    ['工作日 workdays', String(workdays)],
  ];
  if (provisional) rows.push(['暂定 provisional', PROVISIONAL]);
  return {
    rows,
    json: {
      ...{ from: fromText, to: toText, place: values.place, days: to - from + 1, workdays },
      ...{ provisional, calendarVersion: calendar.version },
    },
    code: 0,
  };
}

function check(path: string, values: Values): Outcome {
  let file: unknown;
  try {
    file = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InputError(`${path}: 读不出 JSON / cannot be read as JSON: ${why}`);
  }
  const { disagreements, ...counts } = checkCases(file, open(values.place));
  const rows: [string, string][] = [
    ['案例 cases', String(counts.cases)],
    ['一致 agree', String(counts.agree)],
    ['不一致 disagree', String(counts.disagree)],
  ];
  for (const { id, expected, found } of disagreements.slice(0, SHOWN_MAX)) {
    rows.push([`  ${id}`, `应为 expected ${expected}，得 found ${found}`]);
  }
  return { rows, json: counts, code: counts.disagree === 0 ? 0 : 1 };
}

function open(place: string): Calendar {
  const source = loadCalendar(place);
  return compileCalendar(source, zoneTable(source.zone));
}

function dayIn(text: string, calendar: Calendar): number {
  const day = parseDate(text);
  if (Number.isNaN(day)) {
    throw new InputError(
      `“${text}”不是有效日期；请写成 YYYY-MM-DD / "${text}" is no date; write YYYY-MM-DD`,
    );
  }
  if (!calendar.covers(day)) throw new InputError(outside(calendar, text));
  return day;
}

function outside(calendar: Calendar, text: string): string {
  const from = formatDay(calendar.coveredFrom);
  const to = formatDay(calendar.lastDay);
  return (
    `${text}: 超出 ${calendar.place} 日历的范围 ${from} 至 ${to}，无法计算 / ` +
    `beyond the calendar of ${calendar.place}, ${from} to ${to}: cannot be computed`
  );
}

function integerIn(text: string): number {
  if (/^[+−]?[0-9]{1,6}$/.test(text)) return Number(text.replace('−', '-'));
  throw new InputError(`“${text}”不是整数 / "${text}" is not an integer`);
}

function shown(calendar: Calendar, day: number): string {
  const parts = [formatDay(day), WEEKDAYS[weekdayOf(day)] as string];
  parts.push(calendar.isWorkday(day) ? '工作日 workday' : '非工作日 day off');
  if (calendar.nameOf(day) !== '') parts.push(`${calendar.nameOf(day)} ${calendar.noticeOf(day)}`);
  return parts.join('  ');
}

/** Columns on a terminal: Chinese characters take two. */
function columns(text: string): number {
  let width = 0;
  for (const character of text) width += (character.codePointAt(0) as number) > 0x2e80 ? 2 : 1;
  return width;
}

/** The command that talks to a server; every other one is answered at once. */
export async function runCalendarCommand(
  argv: readonly string[],
  output: Output,
  signal?: AbortSignal,
): Promise<number> {
  if (argv[0] !== 'notice') return runCalendar(argv, output);
  try {
    return await runNotice(argv.slice(1), output, signal);
  } catch (error) {
    if (error instanceof NoticeUsageError) {
      output.err(`${error.message}\n${USAGE}`);
      return 2;
    }
    if (!isBadInput(error)) throw error;
    output.err(error.message);
    return 1;
  }
}

if (import.meta.main) {
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  process.exitCode = await runCalendarCommand(
    process.argv.slice(2),
    {
      out: (line) => process.stdout.write(`${line}\n`),
      err: (line) => process.stderr.write(`${line}\n`),
    },
    abort.signal,
  );
}
