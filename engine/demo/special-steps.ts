/**
 * What may stop the countdown of a case: special procedures (特别程序), suspension, extension.
 */

import { SPECIAL_PROCEDURES } from '../events/event.ts';
import type { ItemSource } from '../rules/source.ts';
import type { CasePen } from './case-pen.ts';
import type { Flaw } from './flaws.ts';

const SPECIAL = 0.17;
const SUSPENDED = 0.03;
const OVER_ANNOUNCED = 0.08;

export class SpecialSteps {
  readonly #item: ItemSource;
  readonly #pen: CasePen;
  readonly #flaw: Flaw;
  #used = false;

  constructor(item: ItemSource, pen: CasePen, flaw: Flaw) {
    this.#item = item;
    this.#pen = pen;
    this.#flaw = flaw;
  }

  /** Called inside each stage; at most one procedure or suspension a case, never in the first. */
  during(stage: number, stages: number): void {
    if (this.#used || stage !== Math.min(1, stages - 1)) return;
    this.#used = true;
    const rng = this.#pen.rng;
    const wrong = this.#flaw === 'specialUnnoticed' || this.#flaw === 'specialNotPermitted';
    if (wrong || (this.#item.specials.length > 0 && rng.chance(SPECIAL))) this.#special();
    else if (rng.chance(SUSPENDED)) this.#suspend();
    if (this.#flaw === 'extensionUnapproved')
      this.#pen.note('extended', '{"days":5,"noticed":true}');
  }

  /** 延期, before the statute ends or, wrongly, far beyond it. */
  extend(late: boolean): void {
    if (late) this.#pen.workdays(this.#item.statutory.count + 2);
    const days = Math.max(1, Math.min(10, this.#item.extensionMax));
    const told = '"reason":"情况复杂,需进一步核查","noticed":true,"approver":"分管负责人"';
    this.#pen.note('extended', `{"days":${days},${told}}`);
    this.#pen.minutes(5, 30);
  }

  #special(): void {
    const pen = this.#pen;
    const rng = pen.rng;
    const permitted = this.#item.specials;
    const other = SPECIAL_PROCEDURES.filter((s) => !permitted.includes(s));
    const wrong = this.#flaw === 'specialNotPermitted' || permitted.length === 0;
    const type = rng.pick(wrong ? other : permitted);
    const days = rng.int(1, 4) * 5;
    const noticed = this.#flaw !== 'specialUnnoticed';
    pen.workdays(1);
    pen.note('specialOpened', `{"specialType":"${type}","days":${days},"noticed":${noticed}}`);
    pen.workdays(rng.chance(OVER_ANNOUNCED) ? days + rng.int(1, 4) : rng.int(2, days));
    pen.note('specialClosed', `{"specialType":"${type}"}`);
  }

  #suspend(): void {
    const pen = this.#pen;
    pen.workdays(1);
    pen.note('suspended', '{"reason":"等待申请人提供说明"}');
    pen.workdays(pen.rng.int(2, 12));
    pen.note('resumed');
  }
}
