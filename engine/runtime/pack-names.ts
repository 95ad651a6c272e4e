/**
 * Names for people: rule titles, items, organs, levels out of the pack in force.
 *
 * Owns: look-ups from codes to labels, CardView and the reply deadline. A code the pack no longer knows
 * is shown as itself: nothing disappears because a rule was retired.
 */
import type { Calendar } from '../calendars/calendar.ts';
import { compileCalendar } from '../calendars/compile.ts';
import { formatDay } from '../calendars/days.ts';
import type { CardView, PackInfo } from '../facade.ts';
import type { ItemSource, Label, OrganSource, PackSource } from '../rules/source.ts';
import type { CardRecord } from '../sinks/query.ts';

const DEFAULT_REPLY_DAYS = 5;
const WAITING = new Set([
  'provisional',
  'issued',
  'acknowledged',
  'rejected',
  'escalated',
  'reopened',
]);

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

  card(record: CardRecord): CardView {
    const { ruleId, ruleVersion } = record;
    const rule = this.#rules.get(`${ruleId}@${ruleVersion}`) ?? this.#rules.get(ruleId);
    return {
      ...record,
      provisional: Boolean(record.provisional),
      ruleName: rule?.name ?? plain(ruleId),
      title: rule?.titles.get(record.level) ?? this.rule(record.ruleId),
      itemName: this.item(record.itemCode),
      organName: this.organ(record.organ),
      replyDueMs: WAITING.has(record.state) ? this.#replyDue(record.raisedAtMs) : null,
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

  /** Reply within so many workdays of issue, mode A. */
  #replyDue(raisedAtMs: number): number | null {
    const { calendar } = this;
    const day = calendar.dayOf(raisedAtMs);
    if (!calendar.covers(day)) return null;
    const last = calendar.workdayAt(
      calendar.ordinal(day) + (this.pack.replyDays ?? DEFAULT_REPLY_DAYS),
    );
    return calendar.dayStart(last + 1);
  }
}

function plain(text: string): Label {
  return { zh: text, en: text };
}
