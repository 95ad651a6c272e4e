/**
 * Instants as people read them, always in the deployment's zone and a 24-hour clock.
 *
 * The browser's own zone is never used: a supervisor abroad must read the same deadline.
 */
interface Parts {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
  readonly weekday: string;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string, lang: string): Intl.DateTimeFormat {
  const key = `${zone} ${lang}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : 'zh-CN', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    weekday: 'short',
  });
  formatters.set(key, made);
  return made;
}

function partsOf(ms: number, zone: string, lang: string): Parts {
  const found: Record<string, string> = {};
  for (const part of formatter(zone, lang).formatToParts(ms)) found[part.type] = part.value;
  return {
    year: found.year ?? '',
    month: found.month ?? '',
    day: found.day ?? '',
    hour: found.hour ?? '',
    minute: found.minute ?? '',
    second: found.second ?? '',
    weekday: found.weekday ?? '',
  };
}

export class DateText {
  readonly zone: string;
  readonly lang: string;
  /** Dates of this year are written without it. */
  readonly year: string;

  constructor(zone: string, lang: string, nowMs: number = Date.now()) {
    this.zone = zone;
    this.lang = lang;
    this.year = partsOf(nowMs, zone, lang).year;
  }

  /** 2026-12-03 */
  day(ms: number): string {
    const p = partsOf(ms, this.zone, this.lang);
    return `${p.year}-${p.month}-${p.day}`;
  }

  #date(p: Parts): string {
    return p.year === this.year ? `${p.month}-${p.day}` : `${p.year}-${p.month}-${p.day}`;
  }

  /** 12-03 17:30, and 2025-12-03 17:30 in another year. */
  short(ms: number): string {
    const p = partsOf(ms, this.zone, this.lang);
    return `${this.#date(p)} ${p.hour}:${p.minute}`;
  }

  /** 17:30:05 on the day of `nowMs`, else as `short`: a list of the newest may reach back. */
  recent(ms: number, nowMs: number): string {
    return this.day(ms) === this.day(nowMs) ? this.time(ms) : this.short(ms);
  }

  /** 2026-12-03 17:30 */
  full(ms: number): string {
    const p = partsOf(ms, this.zone, this.lang);
    return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}`;
  }

  /** 2026-12-03 17:30:05 */
  exact(ms: number): string {
    return `${this.day(ms)} ${this.time(ms)}`;
  }

  /** 17:30:05 */
  time(ms: number): string {
    const p = partsOf(ms, this.zone, this.lang);
    return `${p.hour}:${p.minute}:${p.second}`;
  }

  /** 17:30 */
  minute(ms: number): string {
    const p = partsOf(ms, this.zone, this.lang);
    return `${p.hour}:${p.minute}`;
  }

  /** 周四, Thu */
  weekday(ms: number): string {
    return partsOf(ms, this.zone, this.lang).weekday;
  }

  /**
   * A deadline. Midnight is the first instant of the next day, and nobody reads it as the end of a
   * day, so it is written as 24:00 of the day before: 12-03 24:00.
   */
  deadline(ms: number): string {
    const p = partsOf(ms, this.zone, this.lang);
    if (p.hour !== '00' || p.minute !== '00' || p.second !== '00') return this.short(ms);
    const before = partsOf(ms - 1, this.zone, this.lang);
    return `${this.#date(before)} 24:00`;
  }

  /** The instant a local day `YYYY-MM-DD` begins. */
  startOfDay(date: string): number {
    return this.instant(`${date}T00:00`);
  }

  /** The instant of a local time `YYYY-MM-DDThh:mm`. Corrected twice, for days when the offset changes. */
  instant(local: string): number {
    const wantedMs = Date.parse(`${local}Z`);
    let ms = wantedMs;
    for (let pass = 0; pass < 2; pass += 1) {
      const p = partsOf(ms, this.zone, 'en');
      const shownMs = Date.parse(
        `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}:${p.second}Z`,
      );
      ms += wantedMs - shownMs;
    }
    return ms;
  }
}
