/**
 * The course of one case in the demonstration city, right or wrong, as a list of records.
 *
 * Owns: which steps happen, how long they take, and the share of cases in which something is amiss.
 * Does not own: how steps are typed in and sent (case-pen.ts), the order of the stream (stream.ts).
 */
import type { Prng } from '../base/prng.ts';
import { CasePen } from './case-pen.ts';
import type { DayBook } from './day-book.ts';
import { type Flaw, pickFlaw } from './flaws.ts';
import { actorName, applicantName, pickReason } from './people.ts';
import type { PlannedCase, PlannedRecord } from './planned-record.ts';
import type { ItemTraits, Population } from './population.ts';
import { SpecialSteps } from './special-steps.ts';

const REFUSED = 0.018;
const WITHDRAWN = 0.012;
const SUPPLEMENT = 0.07;
const NEVER_SUPPLEMENTED = 0.08;
const SILENT = 0.008;
const STUCK = 0.007;
/** Of the stuck ones. */
const NEVER_MOVES = 0.2;
const RATED = 0.06;
const SLOW_DELIVERY = 0.012;
/** Workdays until the applicant comes for the result; an instant item has no other delivery. */
const COLLECT_WORKDAYS_MAX = 60;
const COLLECT_INSTANT_MAX = 9;
const MATERIAL_MISSING = 0.01;
const FEE_ABOVE = 0.04;
const FEE_ON_FREE = 0.0006;
/** Workdays from receipt to acceptance of a promised item, as cumulative shares. */
const ACCEPT_AFTER = [0.5, 0.78, 0.9, 0.96, 0.99];

export class CasePlanner {
  readonly #population: Population;
  readonly #book: DayBook;

  constructor(population: Population, book: DayBook) {
    this.#population = population;
    this.#book = book;
  }

  /** Adds the records of case number `index` of that day to `out`. */
  plan(day: number, index: number, out: PlannedRecord[]): void {
    const rng = this.#population.caseRng(day, index);
    const traits = this.#population.pick(rng);
    const of: PlannedCase = {
      key: caseKey(this.#book, day, index),
      born: day,
      index,
      traits,
      actor: actorName(rng),
    };
    const pen = new CasePen(of, this.#book.officeTime(day, rng), rng, this.#book, out);
    const course = new CaseCourse(of, pen, pickFlaw(rng, traits.item));
    if (traits.item.kind === 'instant') course.instant();
    else course.promised();
  }
}

/** `LC-2026-0610123-4`: year, day of the year and number of that day, and a check digit. */
function caseKey(book: DayBook, day: number, index: number): string {
  const { year, yearDay } = book.yearDay(day);
  const number = String(yearDay * 10_000 + index).padStart(7, '0');
  let sum = year;
  for (let i = 0; i < number.length; i++) sum += (number.charCodeAt(i) - 48) * (i + 2);
  return `LC-${year}-${number}-${sum % 10}`;
}

class CaseCourse {
  readonly #of: PlannedCase;
  readonly #traits: ItemTraits;
  readonly #pen: CasePen;
  readonly #rng: Prng;
  readonly #flaw: Flaw;

  constructor(of: PlannedCase, pen: CasePen, flaw: Flaw) {
    this.#of = of;
    this.#traits = of.traits;
    this.#pen = pen;
    this.#rng = pen.rng;
    this.#flaw = flaw;
  }

  /** 即办件: done while the applicant waits, or the next day. */
  instant(): void {
    const pen = this.#pen;
    this.#receive(this.#materialsAtHand());
    pen.minutes(1, 15);
    this.#accept();
    pen.minutes(4, 50);
    this.#charge();
    const wait = this.#rng.unit();
    if (wait < 0.07) pen.workdays(1);
    else if (wait < 0.07 + this.#traits.organ.overRate / 2) pen.workdays(this.#rng.int(2, 6));
    if (this.#flaw === 'decidedOnDayOff') this.#toDayOff();
    pen.note('decided', '', this.#document('决'));
    this.#collect(COLLECT_INSTANT_MAX);
    this.#finish();
  }

  /** 承诺件: receipt, perhaps a supplement, acceptance, stages, decision, certificate, end. */
  promised(): void {
    const rng = this.#rng;
    const supplement = rng.chance(SUPPLEMENT) || this.#flaw === 'supplementTwice';
    const have = this.#materialsAtHand();
    const split = supplement ? Math.max(1, have.length - rng.int(1, 2)) : have.length;
    this.#receive(have.slice(0, split));
    if (supplement && !this.#supplement(have.slice(split))) return;
    if (!this.#decideOnAcceptance()) return;
    if (!this.#work()) return;
    this.#deliver();
    this.#finish();
  }

  #receive(materials: readonly string[]): void {
    const list = materials.map((m) => `"${m}"`).join(',');
    const applicant = applicantName(this.#rng);
    this.#pen.note('received', `{"materials":[${list}],"applicantName":"${applicant}"}`);
  }

  /** What the applicant brings; now and then a required paper is overlooked by everybody. */
  #materialsAtHand(): readonly string[] {
    const { required, optional } = this.#traits;
    const extra = optional.filter(() => this.#rng.chance(0.7));
    const missing = this.#rng.chance(MATERIAL_MISSING);
    return [...(missing ? required.slice(0, -1) : required), ...extra];
  }

  /** False when the applicant never comes back. */
  #supplement(rest: readonly string[]): boolean {
    const pen = this.#pen;
    const rng = this.#rng;
    pen.workdays(rng.int(0, 3));
    pen.note('supplementRequested', '{"noticed":true}', this.#document('补'));
    if (this.#flaw === 'supplementTwice') {
      pen.workdays(1);
      pen.note('supplementRequested', '{"noticed":true}', this.#document('补'));
    }
    if (rng.chance(NEVER_SUPPLEMENTED)) {
      pen.workdays(rng.int(15, 30));
      pen.note('returned', '{"reason":"申请人逾期未补正材料"}');
      return false;
    }
    pen.workdays(rng.int(1, 10));
    const list = rest.map((m) => `"${m}"`).join(',');
    pen.note('supplementReceived', `{"materials":[${list}]}`);
    return true;
  }

  /** Accepts, refuses, or lets the five days pass; false when the case ends here. */
  #decideOnAcceptance(): boolean {
    const pen = this.#pen;
    const rng = this.#rng;
    if (rng.chance(REFUSED) || this.#flaw === 'refusedWithoutReason') {
      pen.workdays(rng.int(0, 3));
      const given = this.#flaw !== 'refusedWithoutReason';
      const reason = given ? `{"reason":"${pickReason(rng)}"}` : '';
      pen.note('refused', reason, this.#document('不受'));
      return false;
    }
    if (rng.chance(SILENT)) {
      pen.workdays(rng.int(6, 9));
      if (rng.chance(0.5)) this.#accept();
      return true;
    }
    const share = rng.unit();
    const after = ACCEPT_AFTER.findIndex((upTo) => share < upTo);
    pen.workdays(after < 0 ? ACCEPT_AFTER.length : after);
    this.#accept();
    if (this.#flaw === 'supplementAfterAcceptance') {
      pen.workdays(1);
      pen.note('supplementRequested', '{"noticed":true}', this.#document('补'));
      pen.workdays(rng.int(1, 4));
      pen.note('supplementReceived', '{"materials":[]}');
    }
    pen.minutes(5, 60);
    this.#charge();
    return true;
  }

  #accept(): void {
    if (this.#flaw === 'notAccepted') return;
    const document = this.#flaw === 'acceptedWithoutDocument' ? '' : this.#document('受');
    this.#pen.note('accepted', '', document);
  }

  #charge(): void {
    const fee = this.#traits.item.feeFen / 100;
    if (fee > 0) {
      const above = this.#rng.chance(FEE_ABOVE) ? this.#rng.int(1, 5) * 10 : 0;
      this.#pen.note('feeCharged', `{"amount":${fee + above}}`);
    } else if (this.#rng.chance(FEE_ON_FREE)) {
      this.#pen.note('feeCharged', `{"amount":${this.#rng.int(2, 20) * 10}}`);
    }
  }

  /** The stages up to the decision; false when the case stops on the way. */
  #work(): boolean {
    const pen = this.#pen;
    const rng = this.#rng;
    const { stages, promised } = this.#traits.item;
    const total = this.#workdaysNeeded(promised.count);
    const limits = stages.map((s) => s.limit?.count ?? 1);
    const limitSum = limits.reduce((a, b) => a + b, 0);
    const special = new SpecialSteps(this.#traits.item, pen, this.#flaw);
    const stopAt = rng.chance(STUCK) ? rng.int(0, stages.length - 1) : -1;
    const leaveAt = rng.chance(WITHDRAWN) ? rng.int(0, stages.length - 1) : -1;
    let done = 0;
    let limitsSoFar = 0;
    for (const [i, stage] of stages.entries()) {
      limitsSoFar += limits[i] as number;
      const due = Math.round((total * limitsSoFar) / limitSum);
      if (this.#flaw === 'stageSkipped' && i === 1 && stages.length > 2) continue;
      pen.note('stageEntered', `{"stage":"${stage.code}"}`);
      if (this.#flaw === 'stageForeign' && i === 0) this.#foreignStage();
      if (i === stopAt && this.#stuck()) return false;
      if (i === leaveAt) return this.#withdraw();
      special.during(i, stages.length);
      pen.workdays(due - done);
      done = due;
      if (stage.code === 'decide') this.#decide(total, special);
      pen.note('stageDone', `{"stage":"${stage.code}"}`);
      pen.minutes(1, 20);
    }
    return true;
  }

  /** Mostly well inside the promise; an organ's share of cases runs over, some of them by far. */
  #workdaysNeeded(promise: number): number {
    const rng = this.#rng;
    if (rng.chance(this.#traits.organ.overRate)) {
      const far = rng.chance(0.2) ? 1.2 + 2.2 * rng.unit() : 0.5 * rng.unit();
      return promise + Math.max(1, Math.round(promise * far));
    }
    const share = 0.3 + 0.7 * ((rng.unit() + rng.unit()) / 2);
    return Math.max(1, Math.min(promise, Math.round(promise * share)));
  }

  #decide(total: number, special: SpecialSteps): void {
    const { promised, statutory } = this.#traits.item;
    const over = total > promised.count && total < statutory.count;
    if (this.#flaw === 'extensionLate') special.extend(true);
    else if (over && this.#rng.chance(0.3)) special.extend(false);
    if (this.#flaw === 'decidedOnDayOff') this.#toDayOff();
    if (this.#flaw !== 'certificateUndecided') this.#pen.note('decided', '', this.#document('决'));
  }

  #foreignStage(): void {
    this.#pen.note('stageEntered', '{"stage":"recheck"}');
    this.#pen.minutes(20, 120);
    this.#pen.note('stageDone', '{"stage":"recheck"}');
  }

  /** Nobody touches the case for a long time; true when nobody ever does. */
  #stuck(): boolean {
    if (this.#rng.chance(NEVER_MOVES)) return true;
    this.#pen.workdays(this.#rng.int(15, 70));
    return false;
  }

  #withdraw(): false {
    this.#pen.workdays(this.#rng.int(1, 4));
    this.#pen.note('withdrawn', '{"reason":"申请人主动撤回申请"}');
    return false;
  }

  /** The certificate, or where there is none the written decision, reaches the applicant. */
  #deliver(): void {
    const pen = this.#pen;
    const rng = this.#rng;
    pen.workdays(rng.chance(SLOW_DELIVERY) ? rng.int(11, 16) : rng.int(0, 2));
    if (this.#traits.certificate) pen.note('certificateIssued', '', this.#document('证'));
    if (!this.#traits.certificate || rng.chance(0.25)) {
      pen.minutes(20, 200);
      pen.note('delivered');
    }
    this.#collect(COLLECT_WORKDAYS_MAX);
  }

  /** The applicant comes for the result: many at once, the others within so many workdays. */
  #collect(workdaysMax: number): void {
    const sooner = this.#rng.unit() * this.#rng.unit();
    this.#pen.workdays(this.#rng.chance(0.4) ? 0 : Math.ceil(workdaysMax * sooner));
  }

  #finish(): void {
    const pen = this.#pen;
    pen.note('finished');
    if (this.#flaw === 'processAfterFinish') {
      pen.workdays(this.#rng.int(1, 3));
      pen.note('stageEntered', '{"stage":"review"}');
    }
    if (this.#rng.chance(RATED)) {
      pen.minutes(10, 300);
      pen.note('rated');
    }
  }

  #toDayOff(): void {
    const book = this.#pen.book;
    let day = this.#pen.day;
    while (book.isWorkday(day)) day++;
    this.#pen.toDay(day);
  }

  /** 文书编号, e.g. 市发改受〔2026〕610123号. */
  #document(kind: string): string {
    const { year, yearDay } = this.#pen.book.yearDay(this.#of.born);
    const number = yearDay * 10_000 + this.#of.index;
    return `${this.#traits.organ.stamp}${kind}〔${year}〕${number}号`;
  }
}
