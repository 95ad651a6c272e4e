/**
 * A notice (通知) and a calendar make the next version of the calendar.
 *
 * Owns: what a notice may say of a calendar, and the merge. A day that the notice names loses what was
 * said of it before in the same layer and is traced to the notice from then on; the notices before stay
 * in the lists, so that what they still decide can be traced too.
 * Does not own: files, schemas (the shell), whether the merged days make a whole calendar (read.ts).
 */
import type {
  CalendarDaysSource,
  CalendarHoursSource,
  CalendarLayerSource,
  CalendarNoticeSource,
  CalendarSource,
  CalendarYearSource,
  NoticeSource,
} from '../rules/source.ts';
import { CalendarError, type CalendarProblem, type CalendarProblemCode } from './calendar-error.ts';
import { calendarProblems } from './compile.ts';
import { parseDate } from './days.ts';

const KINDS = ['off', 'work', 'hours'] as const;
type Kind = (typeof KINDS)[number];
/** Days of one layer or year while they are changed; `hours` only for half days. */
type Entry = CalendarHoursSource;

/** The next version of the calendar. Throws CalendarError with every problem at once. */
export function withNotice(calendar: CalendarSource, notice: NoticeSource): CalendarSource {
  const merge = new Merge(calendar, notice);
  const merged = merge.run();
  const problems = [
    ...merge.problems,
    ...(merge.problems.length > 0 ? [] : calendarProblems(merged)),
  ];
  if (problems.length > 0) throw new CalendarError(calendar.place, problems);
  return merged;
}

class Merge {
  readonly problems: CalendarProblem[] = [];
  readonly #calendar: CalendarSource;
  readonly #notice: NoticeSource;

  constructor(calendar: CalendarSource, notice: NoticeSource) {
    this.#calendar = calendar;
    this.#notice = notice;
  }

  run(): CalendarSource {
    const { territory, effect } = this.#notice;
    this.#checkHead();
    this.#checkDates();
    const version = this.#calendar.version + 1;
    if (territory !== undefined) {
      return { ...this.#calendar, version, layers: this.#layers(territory) };
    }
    const hours =
      effect.officeHours === undefined
        ? {}
        : { officeHours: effect.officeHours, officeHoursNotice: this.#entry() };
    return { ...this.#calendar, version, years: this.#years(), ...hours };
  }

  /** The notice as calendars keep it. */
  #entry(): CalendarNoticeSource {
    const { number, title, url, published } = this.#notice;
    return { number, title, url, published };
  }

  #checkHead(): void {
    const { place, number, effect, territory, supersedes = [] } = this.#notice;
    if (place !== this.#calendar.place) {
      const zh = `通知是另一个地方的；现行日历是 ${this.#calendar.place}`;
      const en = `the notice is of another place; the calendar in force is of ${this.#calendar.place}`;
      this.#fail('NOTICE_PLACE', '/place', zh, en, place);
    }
    if (this.#lists().some((list) => list.notices.some((known) => known.number === number))) {
      const zh = '这份通知已经载入；更正请另用文号，并在 supersedes 写明';
      const en = 'this notice is loaded already; correct it by another number that supersedes it';
      this.#fail('NOTICE_KNOWN', '/number', zh, en, number);
    }
    for (const [i, { number: old }] of supersedes.entries()) {
      const known = this.#lists().some((list) => list.notices.some((one) => one.number === old));
      if (known) continue;
      const zh = '现行日历里没有这份通知，无从废止';
      const en = 'the calendar in force has no such notice to supersede';
      this.#fail('NOTICE_SUPERSEDES', `/supersedes/${i}/number`, zh, en, old);
    }
    const { publishes = [], plain = [], officeHours } = effect;
    const says = KINDS.some((kind) => (effect[kind] ?? []).length > 0);
    if (!says && publishes.length + plain.length + supersedes.length === 0 && !officeHours) {
      const zh = '通知什么也没有改变；请写明 effect';
      const en = 'the notice changes nothing; say what in effect';
      this.#fail('NOTICE_EMPTY', '/effect', zh, en, '{}');
    }
    if (territory !== undefined && publishes.length > 0) {
      const zh = '地方通知不能公布整年安排';
      const en = 'a notice of a territory publishes no year';
      this.#fail('NOTICE_YEAR', '/effect/publishes', zh, en, publishes.join(', '));
    }
    const published = new Set(this.#calendar.years.map(({ year }) => year));
    for (const [i, year] of publishes.entries()) {
      if (!published.has(year)) continue;
      const zh = '这一年已经公布；改动其中的日子时不必写在 publishes';
      const en = 'the year is published already; to change days of it leave it out of publishes';
      this.#fail('NOTICE_YEAR', `/effect/publishes/${i}`, zh, en, year);
    }
  }

  #checkDates(): void {
    const { effect, territory } = this.#notice;
    const seen = new Set<string>();
    const years = new Set([
      ...this.#calendar.years.map(({ year }) => year),
      ...(effect.publishes ?? []),
    ]);
    for (const { kind, index, date } of this.#dates()) {
      const pointer = `/effect/${kind}/${index}`;
      if (seen.has(date)) {
        const zh = '通知里同一天写了两次';
        this.#fail('NOTICE_DATE', pointer, zh, 'the notice names the date twice', date);
      }
      seen.add(date);
      if (Number.isNaN(parseDate(date))) {
        const zh = '不是有效日期；请写成 YYYY-MM-DD';
        this.#fail('NOTICE_DATE', pointer, zh, 'no such date; write YYYY-MM-DD', date);
      } else if (territory === undefined && !years.has(Number(date.slice(0, 4)))) {
        const zh = '这一天所在的年份尚未公布；由本通知公布的年份写在 publishes';
        const en =
          'no notice has published the year of this date; publishes names those this one does';
        this.#fail('NOTICE_DATE', pointer, zh, en, date);
      }
    }
    for (const [i, date] of (effect.plain ?? []).entries()) {
      const named = this.#lists().some((list) => KINDS.some((kind) => has(list, kind, date)));
      if (named) continue;
      const zh = '没有通知写到这一天，无从恢复';
      const en = 'no notice names this date: there is nothing to take back';
      this.#fail('NOTICE_DATE', `/effect/plain/${i}`, zh, en, date);
    }
  }

  #dates(): { kind: string; index: number; date: string }[] {
    const { effect } = this.#notice;
    return [
      ...KINDS.flatMap((kind) =>
        (effect[kind] ?? []).map(({ date }, index) => ({ kind, index, date })),
      ),
      ...(effect.plain ?? []).map((date, index) => ({ kind: 'plain', index, date })),
    ];
  }

  /** The lists of days that the notice may change: all years, or the layer of its territory. */
  #lists(): readonly CalendarDaysSource[] {
    const { territory } = this.#notice;
    if (territory === undefined) return this.#calendar.years;
    return (this.#calendar.layers ?? []).filter((layer) => layer.territory === territory);
  }

  #years(): CalendarYearSource[] {
    const fresh = (this.#notice.effect.publishes ?? [])
      .filter((year) => !this.#calendar.years.some((one) => one.year === year))
      .map((year): CalendarYearSource => ({ year, notices: [], off: [], work: [] }));
    return [...this.#calendar.years, ...fresh]
      .map((one) => ({ ...this.#days(one, String(one.year)), year: one.year }))
      .sort((a, b) => a.year - b.year);
  }

  #layers(territory: string): CalendarLayerSource[] {
    const layers = this.#calendar.layers ?? [];
    const [own] = this.#lists() as readonly CalendarLayerSource[];
    const before = own ?? { territory, notices: [], off: [], work: [] };
    const { officeHours } = this.#notice.effect;
    const hours =
      officeHours === undefined ? {} : { officeHours, officeHoursNotice: this.#entry() };
    const next = { ...before, ...this.#days(before, ''), ...hours };
    return [...layers.filter((layer) => layer !== own), next].sort((a, b) =>
      a.territory < b.territory ? -1 : 1,
    );
  }

  /** `prefix`: only the notice's dates that begin so belong here. */
  #days<D extends CalendarDaysSource>(before: D, prefix: string): CalendarDaysSource {
    const { effect } = this.#notice;
    const here = this.#dates().filter(({ date }) => date.startsWith(prefix));
    const gone = new Set(here.map(({ date }) => date));
    const publishes = (effect.publishes ?? []).some((year) => String(year) === prefix);
    const touched = here.length > 0 || publishes || prefix === '';
    const notices = touched ? [...before.notices, this.#entry()] : before.notices;
    const index = notices.length - 1;
    const list = (kind: Kind): Entry[] => {
      const kept = ((before[kind] ?? []) as readonly Entry[]).filter(
        (day) => !gone.has(day.date) && !this.#superseded(before, day),
      );
      const added = ((effect[kind] ?? []) as readonly Entry[])
        .filter(({ date }) => date.startsWith(prefix))
        .map((day) => ({ ...day, ...(index === 0 ? {} : { notice: index }) }));
      return [...kept, ...added].sort((a, b) => (a.date < b.date ? -1 : 1));
    };
    const hours = list('hours');
    return {
      ...{ notices, off: list('off'), work: list('work') },
      ...(hours.length === 0 ? {} : { hours }),
    };
  }

  #superseded(days: CalendarDaysSource, day: Entry): boolean {
    const number = days.notices[day.notice ?? 0]?.number;
    return (this.#notice.supersedes ?? []).some(
      (one) => one.number === number && (one.dates === undefined || one.dates.includes(day.date)),
    );
  }

  #fail(
    code: CalendarProblemCode,
    pointer: string,
    zh: string,
    en: string,
    found: string | number,
  ): void {
    this.problems.push({ code, pointer, zh, en, found: String(found) });
  }
}

function has(list: CalendarDaysSource, kind: Kind, date: string): boolean {
  return (list[kind] ?? []).some((day) => day.date === date);
}
