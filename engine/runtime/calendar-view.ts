/** The calendar in force as people read it: its notices, and until when days are published. */
import type { CalendarNoticeView, CalendarView } from '../facade.ts';
import type { CalendarDaysSource, CalendarNoticeSource, CalendarSource } from '../rules/source.ts';

export function calendarView(calendar: CalendarSource): CalendarView {
  const { place, version, zone, officeHours, years, layers = [] } = calendar;
  const list = new NoticeList();
  for (const year of years) list.add(year, '', String(year.year));
  for (const layer of layers) {
    list.add(layer, layer.territory, '');
    list.addHours(layer.officeHoursNotice, layer.territory);
  }
  list.addHours(calendar.officeHoursNotice, '');
  const last = years.reduce((latest, { year }) => Math.max(latest, year), 0);
  return {
    ...{ place, version, zone, officeHours },
    publishedUntil: last === 0 ? '' : `${last}-12-31`,
    notices: list.newestFirst(),
  };
}

class NoticeList {
  readonly #views = new Map<string, CalendarNoticeView>();

  /** Notices of a year or a layer, with the days that still trace to each. */
  add(source: CalendarDaysSource, territory: string, year: string): void {
    for (const [i, notice] of source.notices.entries()) {
      const of = (day: { readonly notice?: number }): boolean => (day.notice ?? 0) === i;
      const before = this.#of(notice, territory);
      const own = [...source.off, ...source.work, ...(source.hours ?? [])].filter(of);
      this.#put({
        ...before,
        years: [
          ...new Set([
            ...before.years,
            ...(year === '' ? own.map(({ date }) => Number(date.slice(0, 4))) : [Number(year)]),
          ]),
        ].sort((a, b) => a - b),
        off: before.off + source.off.filter(of).length,
        work: before.work + source.work.filter(of).length,
        hours: before.hours + (source.hours ?? []).filter(of).length,
      });
    }
  }

  addHours(notice: CalendarNoticeSource | undefined, territory: string): void {
    if (notice !== undefined) this.#put({ ...this.#of(notice, territory), officeHours: true });
  }

  newestFirst(): CalendarNoticeView[] {
    return [...this.#views.values()].sort((a, b) => {
      const [one, other] = [a.published ?? '', b.published ?? ''];
      if (one !== other) return one < other ? 1 : -1;
      return (b.years.at(-1) ?? 0) - (a.years.at(-1) ?? 0);
    });
  }

  #key({ number, url, territory }: { number: string; url: string; territory: string }): string {
    return `${territory} ${number || url}`;
  }

  #of(notice: CalendarNoticeSource, territory: string): CalendarNoticeView {
    const { number, title = '', url, published } = notice;
    const known = this.#views.get(this.#key({ number, url, territory }));
    const none = { years: [], off: 0, work: 0, hours: 0, officeHours: false };
    return known ?? { number, title, url, published, territory, ...none };
  }

  #put(view: CalendarNoticeView): void {
    this.#views.set(this.#key(view), view);
  }
}
