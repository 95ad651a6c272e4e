/**
 * Plain shapes of everything a deployment's pack says, as written in `rules/` and checked against
 * `rules/schema/*.schema.json` by the shell. The kernel compiles these into tables and closures
 * (compile.ts) and never looks at JSON afterwards.
 *
 * A *pack* (规则包) is the unit that is published: one calendar, one zone, one level ladder, one item
 * catalogue and the clocks, checks and sequences in force. Its canonical JSON is hashed; the hash is
 * the version that cards carry.
 */
import type { CardStateName } from '../cards/card.ts';
import type { EventTypeName } from '../events/event.ts';

export interface Label {
  readonly zh: string;
  readonly en: string;
}

/** 级别. Ranks order the ladder; labels and colours differ between cities and are data. */
export interface LevelSource {
  readonly code: string; // 'notice' | 'warning' | 'yellow' | 'red' | 'letter' or a city's own
  readonly rank: number; // 1..9, higher is worse
  readonly label: Label;
  readonly color: 'none' | 'yellow' | 'red';
}

export type CardCategory = 'deadline' | 'procedure' | 'material' | 'fee' | 'data' | 'supervision';

/** Unit of a limit (时限单位). `workday` counts by the calendar; the others as their names say. */
export type LimitUnit = 'workday' | 'day' | 'hour' | 'workhour' | 'month' | 'year';

/** 计时方式: A legal (start day not counted), B elapsed (to the millisecond), C inside office hours. */
export type DayMode = 'legal' | 'elapsed' | 'hours';

export interface LimitSource {
  readonly count: number;
  readonly unit: LimitUnit;
}

/** 环节 of an item, in order. */
export interface StageSource {
  readonly code: string;
  readonly name: Label;
  readonly limit?: LimitSource;
  /** 旁支环节: outside the order, may never happen (a hearing, an online filing). Listed last. */
  readonly aside?: true;
}

export interface MaterialSource {
  readonly code: string;
  readonly name: Label;
  readonly required: boolean;
}

/** 事项版本: what a case is an instance of. At most 32 stages and 32 materials. */
export interface ItemSource {
  readonly code: string;
  readonly version: number;
  readonly name: Label;
  readonly organ: string;
  readonly kind: 'instant' | 'promised'; // 即办件 | 承诺件
  readonly promised: LimitSource; // 承诺时限
  readonly statutory: LimitSource; // 法定时限
  readonly extensionMax: number; // days the statute lets the organ add once, in the statutory unit
  readonly stages: readonly StageSource[];
  readonly materials: readonly MaterialSource[];
  readonly feeFen: number; // 收费标准, 0 = free of charge
  readonly specials: readonly string[]; // permitted special procedures (SPECIAL_PROCEDURES)
  readonly basis: string; // legal basis, one line
  /** What kind of handling it has, beyond its kind: `joint`, `renewal`... Clocks may ask for one. */
  readonly traits?: readonly string[];
}

export interface OrganSource {
  readonly code: string;
  readonly name: Label;
  readonly short: Label;
  readonly territory: string;
}

export interface TerritorySource {
  readonly code: string;
  readonly name: Label;
  readonly parent?: string;
}

/** An event by type, optionally only for one stage. */
export interface EventSelector {
  readonly event: EventTypeName;
  readonly stage?: string;
}

/** An event that starts or stops a clock, optionally only for one special procedure it names. */
export interface ClockSelector extends EventSelector {
  readonly special?: string;
}

/**
 * What starts a clock. `opens`, on a clock that runs for each stage, starts it for stages that the event
 * does not name: the item's first, the one that follows the event's stage, or all of them. So a stage
 * that nobody touches has a clock. Such a start never repeats a run of the same stage, and none happens
 * after an event that stops the clocks of every stage.
 */
export interface StartSelector extends ClockSelector {
  readonly opens?: 'first' | 'next' | 'all';
}

/** A threshold (档) on a clock, relative to the instant the limit ends. */
export interface RungSource {
  readonly level: string;
  /** Exactly one: at the due instant, so many units before or after it, or at a share of the limit. */
  readonly at:
    | { readonly due: true }
    | { readonly before: number }
    | { readonly after: number }
    | { readonly percent: number };
  readonly title: Label;
}

/**
 * When one version of a rule is in force (生效区间): [validFrom, validTo), each an RFC 3339 instant with
 * its offset; absent means without end. A pack may hold several versions of one id whose intervals do
 * not overlap: a clock starts and ends under the version in force at its start, an event is checked by
 * the version in force at its `at`, the end of a case by the version in force then.
 */
export interface ValiditySource {
  readonly validFrom?: string;
  readonly validTo?: string;
  /**
   * How a publication puts this version in the place of the one before: as if it had been there from
   * the `start` (default), or from `now` on. A pack in force says the latter as `validFrom`.
   */
  readonly effective?: 'start' | 'now';
}

/**
 * 计时器定义. `start` (re)starts the clock when it is not running; `stop` ends it; each `suspend` pair
 * stops the countdown in between. `capDays` limits a special procedure to its announced days.
 */
export interface ClockSource extends ValiditySource {
  readonly id: string;
  readonly version: number;
  readonly name: Label;
  readonly basis: string;
  readonly category: CardCategory;
  readonly effect: 'statutory' | 'promised' | 'internal' | 'reply';
  readonly start: readonly StartSelector[];
  readonly stop: readonly ClockSelector[];
  readonly suspend?: readonly {
    readonly from: EventTypeName;
    readonly to: EventTypeName;
    readonly cap?: 'announced';
  }[];
  readonly extend?: { readonly event: EventTypeName; readonly max: 'item' | number };
  /** One running instance for each stage, keyed by the start event's stage. */
  readonly perStage?: boolean;
  /** Of a clock for each stage: only these stages. */
  readonly stages?: readonly string[];
  readonly limit:
    | LimitSource
    | { readonly item: 'promised' | 'statutory' | 'stage' }
    | { readonly event: 'days'; readonly unit: LimitUnit }
    | {
        readonly event: 'deadline';
        /** By a workday: rungs before and after it count workdays. */
        readonly by: 'instant' | 'day' | 'workday';
        /** Starts only if at least so many of them are left. */
        readonly least?: number;
      };
  readonly mode: DayMode;
  /** Milliseconds past the exact end that still count as in time (modes B and C); default 1000. */
  readonly resolutionMs?: number;
  readonly rungs: readonly RungSource[];
  /**
   * At the due instant the engine itself supplies this event: an acceptance that counts from the start
   * (视为受理), a decision that counts from the due instant (视为准予延续).
   */
  readonly deemed?: 'accepted' | 'decided';
  /** Does not start once an event of these types has come before. */
  readonly unless?: readonly EventTypeName[];
  /** Only for these item kinds; default both. */
  readonly itemKind?: 'instant' | 'promised';
  /** Only for items with this trait; only for items without that one. */
  readonly itemTrait?: string;
  readonly exceptTrait?: string;
}

/** A leaf of json-rules-engine's condition format. */
export interface ConditionLeaf {
  readonly fact: string;
  readonly operator: string;
  readonly value: unknown;
  readonly path?: string;
}

export type ConditionSource =
  | { readonly all: readonly ConditionSource[] }
  | { readonly any: readonly ConditionSource[] }
  | { readonly not: ConditionSource }
  | ConditionLeaf;

/** 检查规则: json-rules-engine conditions over documented facts, evaluated when `on` events arrive. */
export interface CheckSource extends ValiditySource {
  readonly id: string;
  readonly version: number;
  readonly name: Label;
  readonly basis: string;
  readonly category: CardCategory;
  readonly level: string;
  readonly title: Label;
  readonly on: readonly EventSelector[];
  readonly conditions: ConditionSource;
  /** `once` a case, or for `each` match. */
  readonly occurrence: 'once' | 'each';
}

/**
 * 流程约束, the Declare templates of this version.
 * precedence(a,b): b only after a. absence(a): a never happens. existence(a), response(a,b): checked
 * when the case ends or the log is declared ended.
 */
export interface SequenceSource extends ValiditySource {
  readonly id: string;
  readonly version: number;
  readonly name: Label;
  readonly basis: string;
  readonly category: CardCategory;
  readonly level: string;
  readonly title: Label;
  readonly template: 'precedence' | 'absence' | 'existence' | 'response';
  readonly a: EventSelector;
  readonly b?: EventSelector;
  readonly checkedAt?: readonly ('caseEnd' | 'logEnd')[];
}

/**
 * 牌上的计时器: a clock that runs on a card, not on a case: the reply, the supervision letter, the
 * supervisors' own deadlines. It is counted from the instant at which a state of the card became known
 * to the engine, never from a due instant of the past, and a re-fold of the case does not move it.
 */
export interface CardClockSource {
  readonly id: string;
  readonly version: number;
  readonly name: Label;
  readonly basis: string;
  /** Category of the cards it raises. */
  readonly category: CardCategory;
  /** `reply`: what the department owes; `internal`: what the supervisors owe. */
  readonly effect: 'reply' | 'internal';
  /** Cards it runs on; default every level, every category. */
  readonly levels?: readonly string[];
  readonly categories?: readonly CardCategory[];
  /** Coming into one of these states starts it when it does not run, or ends it. */
  readonly start: readonly CardStateName[];
  readonly stop: readonly CardStateName[];
  readonly limit: LimitSource;
  readonly mode: DayMode;
  readonly resolutionMs?: number;
  readonly rungs: readonly CardRungSource[];
}

/** What happens at an instant of a card's clock: the card escalates (逾期未复), a new card, or both. */
export interface CardRungSource {
  readonly at: RungSource['at'];
  readonly escalate?: true;
  /** Level of the card that is raised about this card. */
  readonly raise?: string;
  readonly title: Label;
}

/**
 * 数据来源: how long after it happened a source may deliver an event. A finding about a case of its
 * organs is provisional (暂定) until then.
 */
export interface LagSource {
  readonly code: string;
  readonly name: Label;
  readonly lag: LimitSource;
  /** Organs whose cases it reports; default every organ. */
  readonly organs?: readonly string[];
}

/** A notice (通知) that days are traced to. */
export interface CalendarNoticeSource {
  readonly number: string;
  readonly title?: string;
  readonly url: string;
  readonly published: string | null;
}

/** Days that notices name. A day stands in one list only; dates are local, YYYY-MM-DD. */
export interface CalendarDaysSource {
  readonly notices: readonly CalendarNoticeSource[];
  readonly off: readonly CalendarDaySource[];
  readonly work: readonly CalendarDaySource[];
  /** 半日: workdays with office hours of their own; whole workdays where only days are counted. */
  readonly hours?: readonly CalendarHoursSource[];
}

/** One year of the national calendar, each day traceable to its notice. */
export interface CalendarYearSource extends CalendarDaysSource {
  readonly year: number;
}

/** A day a notice names; `notice` is an index into the notices beside it, by default the first. */
export interface CalendarDaySource {
  readonly date: string;
  readonly name: string;
  readonly notice?: number;
}

/** Local office hours as minutes of the day; e.g. [[540,720],[810,1050]]. */
export type OfficeHours = readonly (readonly [number, number])[];

export interface CalendarHoursSource extends CalendarDaySource {
  readonly hours: OfficeHours;
}

/**
 * What a territory says otherwise (地方层): local closures, local workdays, local office hours. It holds
 * for the territory and everything below it; of several that name a day the nearest decides.
 */
export interface CalendarLayerSource extends CalendarDaysSource {
  readonly territory: string;
  readonly officeHours?: OfficeHours;
  /** The notice that set them. */
  readonly officeHoursNotice?: CalendarNoticeSource;
}

/** Days outside `years` follow the week mask; after the last year they are *provisional* (暂定). */
export interface CalendarSource {
  readonly place: string; // e.g. 'CN'
  readonly version: number;
  readonly zone: string; // IANA name
  /** Monday first, '1' = working day. */
  readonly weekmask: string;
  /** For mode C. */
  readonly officeHours: OfficeHours;
  readonly officeHoursNotice?: CalendarNoticeSource;
  readonly years: readonly CalendarYearSource[];
  readonly layers?: readonly CalendarLayerSource[];
}

/** 通知: one official notice, and what it changes in the calendar. */
export interface NoticeSource {
  readonly place: string;
  /** Only this territory and what is below it; absent: the whole place. */
  readonly territory?: string;
  readonly number: string; // 发文字号
  readonly title: string;
  readonly url: string;
  /** A date or an instant. */
  readonly published: string;
  readonly effect: {
    /** Years it arranges as a whole: deadlines in them are no longer provisional. */
    readonly publishes?: readonly number[];
    readonly off?: readonly Omit<CalendarDaySource, 'notice'>[];
    readonly work?: readonly Omit<CalendarDaySource, 'notice'>[];
    readonly hours?: readonly Omit<CalendarHoursSource, 'notice'>[];
    readonly officeHours?: OfficeHours;
    /** Days named before that go back to the week, or to what the layer below says. */
    readonly plain?: readonly string[];
  };
  /** Notices that no longer hold, wholly or for some dates. */
  readonly supersedes?: readonly { readonly number: string; readonly dates?: readonly string[] }[];
}

/** UTC offset changes of the zone, compiled by the shell: the kernel has no Intl. Sorted by instant. */
export interface ZoneTable {
  readonly name: string;
  /** Offset before the first transition, milliseconds east of UTC. */
  readonly firstOffsetMs: number;
  readonly transitions: readonly { readonly atMs: number; readonly offsetMs: number }[];
}

export interface PackSource {
  readonly id: string;
  readonly version: number;
  readonly name: Label;
  /** Marked on every page when true: 演示数据. */
  readonly demo?: boolean;
  readonly calendar: CalendarSource;
  readonly zone: ZoneTable;
  readonly levels: readonly LevelSource[];
  readonly territories: readonly TerritorySource[];
  readonly organs: readonly OrganSource[];
  readonly items: readonly ItemSource[];
  readonly clocks: readonly ClockSource[];
  readonly checks: readonly CheckSource[];
  readonly sequences: readonly SequenceSource[];
  /** Events that end a case (办结). */
  readonly terminal: readonly EventTypeName[];
  /**
   * Rules left out of this pack that only end now, with their findings kept; others that are missing
   * are withdrawn from the start. Said to a publication: a pack in force has them with `validTo`.
   */
  readonly retired?: readonly { readonly id: string; readonly effective: 'start' | 'now' }[];
  /** Clocks on cards; without them `replyDays` alone says when an answer is due. */
  readonly cardClocks?: readonly CardClockSource[];
  /** Reply limit of an issued card in workdays, without consequence; ignored beside `cardClocks`. */
  readonly replyDays?: number;
  /** Sources that deliver late. */
  readonly sources?: readonly LagSource[];
}
