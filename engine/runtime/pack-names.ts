/**
 * Names for people: rule titles, items, organs, levels out of the pack in force.
 *
 * Owns: look-ups from codes to labels, and CardView. A code the pack no longer knows
 * is shown as itself: nothing disappears because a rule was retired.
 */
import type { Calendar } from '../calendars/calendar.ts';
import { compileCalendar } from '../calendars/compile.ts';
import { formatDay } from '../calendars/days.ts';
import type { CardView, PackInfo } from '../facade.ts';
import { cardClocksOf } from '../rules/compile-cards.ts';
import type { ItemSource, Label, OrganSource, PackSource } from '../rules/source.ts';
import type { CardRecord } from '../sinks/query.ts';

interface Named {
  readonly id: string;
  readonly version: number;
  readonly name: Label;
  readonly basis: string;
}

interface RuleNames {
  readonly version: number;
  readonly name: Label;
  readonly basis: string;
  /** Title by level code; checks and sequences have one level. */
  readonly titles: ReadonlyMap<string, Label>;
}

export class PackNames {
  readonly pack: PackSource;
  readonly hash: string;
  readonly calendar: Calendar;
  readonly #items = new Map<string, ItemSource>();
  readonly #organs = new Map<string, OrganSource>();
  /** By id, the newest version; by id and version, each of them. */
  readonly #rules = new Map<string, RuleNames>();

  constructor(pack: PackSource, hash: string) {
    this.pack = pack;
    this.hash = hash;
    this.calendar = compileCalendar(pack.calendar, pack.zone);
    for (const item of pack.items) {
      const known = this.#items.get(item.code);
      if (known === undefined || known.version < item.version) this.#items.set(item.code, item);
    }
    for (const organ of pack.organs) this.#organs.set(organ.code, organ);
    for (const rule of pack.clocks) {
      this.#learn(rule, new Map(rule.rungs.map((rung) => [rung.level, rung.title])));
    }
    for (const rule of cardClocksOf(pack)) {
      const raised = rule.rungs.flatMap(({ raise, title }) =>
        raise === undefined ? [] : [[raise, title] as const],
      );
      this.#learn(rule, new Map(raised));
    }
    for (const rule of [...pack.checks, ...pack.sequences]) {
      this.#learn(rule, new Map([[rule.level, rule.title]]));
    }
  }

  #learn(rule: Named, titles: ReadonlyMap<string, Label>): void {
    const { id, version, name, basis } = rule;
    const names = { version, name, basis, titles };
    this.#rules.set(`${id}@${version}`, names);
    if (version > (this.#rules.get(id)?.version ?? 0)) this.#rules.set(id, names);
  }

  item(code: string): Label {
    return this.#items.get(code)?.name ?? plain(code === '' ? '未知事项' : code);
  }

  /** The version of the item, or the newest when that one is unknown. */
  itemSource(code: string, version: number): ItemSource | undefined {
    const exact = this.pack.items.find((item) => item.code === code && item.version === version);
    return exact ?? this.#items.get(code);
  }

  organ(code: string): Label {
    return this.#organs.get(code)?.name ?? plain(code);
  }

  organShort(code: string): Label {
    return this.#organs.get(code)?.short ?? plain(code);
  }

  organTerritory(code: string): string {
    return this.#organs.get(code)?.territory ?? '';
  }

  rule(id: string): Label {
    return this.#rules.get(id)?.name ?? plain(id);
  }

  basis(id: string): string {
    return this.#rules.get(id)?.basis ?? '';
  }

  /** Codes of items whose name holds the text (searching cards by item name). */
  itemCodesLike(text: string): string[] {
    const wanted = text.toLowerCase();
    const codes: string[] = [];
    for (const item of this.#items.values()) {
      const { zh, en } = item.name;
      if (zh.includes(text) || en.toLowerCase().includes(wanted)) codes.push(item.code);
    }
    return codes;
  }

  /** `nowMs`: the engine's time, for the workdays that are left. */
  card(record: CardRecord, nowMs: number): CardView {
    const { ruleId, ruleVersion } = record;
    const rule = this.#rules.get(`${ruleId}@${ruleVersion}`) ?? this.#rules.get(ruleId);
    return {
      ...record,
      provisional: Boolean(record.provisional),
      ruleName: rule?.name ?? plain(ruleId),
      title: rule?.titles.get(record.level) ?? this.rule(record.ruleId),
      itemName: this.item(record.itemCode),
      organName: this.organ(record.organ),
      replyWorkdays: this.#workdaysLeft(record.replyDueMs, nowMs),
      superviseWorkdays: this.#workdaysLeft(record.superviseDueMs, nowMs),
    };
  }

  info(): PackInfo {
    const { pack } = this;
    return {
      id: pack.id,
      version: pack.version,
      hash: this.hash,
      name: pack.name,
      demo: pack.demo === true,
      levels: pack.levels.map(({ code, rank, label, color }) => ({ code, rank, label, color })),
      organs: pack.organs.map(({ code, name, short, territory }) => ({
        code,
        name,
        short,
        territory,
      })),
      territories: pack.territories.map(({ code, name }) => ({ code, name })),
      zone: pack.calendar.zone,
      publishedUntil: this.publishedUntil,
    };
  }

  get publishedUntil(): string {
    const last = this.calendar.publishedLastDay;
    return Number.isFinite(last) ? formatDay(last) : '';
  }

  /** Whole workdays after today until a deadline, its last day counted; negative when it is over. */
  #workdaysLeft(dueMs: number | null, nowMs: number): number | null {
    const { calendar } = this;
    if (dueMs === null || !Number.isFinite(nowMs)) return null;
    const last = calendar.dayOf(dueMs - 1);
    const today = calendar.dayOf(nowMs);
    if (!calendar.covers(last) || !calendar.covers(today)) return null;
    return calendar.ordinal(last) - calendar.ordinal(today);
  }
}

function plain(text: string): Label {
  return { zh: text, en: text };
}
