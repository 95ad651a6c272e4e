/**
 * How the departments of the demonstration city deal with their cards, so that its inbox is not two
 * years of unanswered ones.
 *
 * Owns: who answers, how late, and with what words. Does not own: sending it (the demonstration's
 * feeder does, as a command through the log, like a person's).
 *
 * About 97 % of cards are answered, nine of ten of those within five days; so whatever is older than
 * two weeks is nearly all answered, and what fell in the last days is partly open.
 */
import type { Prng } from '../base/prng.ts';
import { HOUR_MS } from '../base/units.ts';
import type { AnswerCategory, CardChange, CardCommandType } from '../cards/card.ts';

export interface DemoAnswer {
  readonly type: CardCommandType;
  readonly category: AnswerCategory;
  readonly text: string;
  /** How long after the card was raised. */
  readonly delayMs: number;
}

const NEVER_ANSWERED = 0.03;
/** Of the answered ones: only signed for so far. */
const SIGNED_ONLY = 0.015;
const LATE_ANSWER = 0.1;

type Texts = Readonly<Record<'confirmed' | 'objective' | 'mistaken', readonly string[]>>;

const DEADLINE: Texts = {
  confirmed: [
    '属实。已约谈经办人,该件已优先办理,并在科室例会上通报。',
    '属实。因经办人休假未及时移交,已调整A/B岗安排,杜绝再次发生。',
    '属实。已向申请人致歉并说明情况,本周内办结。',
    '属实。已完善到期提醒,由窗口负责人每日核对临期办件。',
  ],
  objective: [
    '该件涉及多部门意见,征求意见函回复较晚,已督促并办结。',
    '申请人补充的图纸存在较大修改,现场复核用时较长。',
    '系统切换当日无法登录,次日已补办,情况说明已存档。',
    '材料较多且需专家复核,已向申请人说明原因并取得理解。',
  ],
  mistaken: [
    '该件实际已按期办结,数据上报延迟,已补报,申请撤牌。',
    '经核对,办结时间录入有误,已更正,申请撤牌。',
  ],
};

const PROCEDURE: Texts = {
  confirmed: [
    '属实。窗口人员未按流程操作,已补正手续并组织培训。',
    '属实。文书已补制送达,责任人已作书面检查。',
    '属实。已退回重新办理,并完善内部审核环节。',
  ],
  objective: [
    '应急事项,经负责人口头同意先行办理,手续已补齐。',
    '系统流程配置与实际不符,已申请调整。',
  ],
  mistaken: ['纸质档案手续齐全,系统漏填,已补录,申请撤牌。'],
};

const FEE: Texts = {
  confirmed: ['属实。多收部分已退还申请人,收费窗口已对照标准自查。'],
  objective: ['合并开票包含另一办件的费用,明细已附。'],
  mistaken: ['金额录入错误,实际按标准收取,票据已上传,申请撤牌。'],
};

const DATA: Texts = {
  confirmed: ['属实。纸质件集中补录所致,今后当日录入。', '属实。已要求经办人随办随录。'],
  objective: ['当日网络中断,恢复后已补录。', '周末集中办理日,录入安排在次工作日。'],
  mistaken: ['接口推送时间有误,已联系系统承建方修正。'],
};

/** Null when nobody will answer. Deterministic for one state of `rng`. */
export function demoAnswer(change: CardChange, rng: Prng): DemoAnswer | null {
  if (rng.chance(NEVER_ANSWERED)) return null;
  const category = pickCategory(rng);
  const text = rng.pick(textsOf(change.category)[category]);
  const type = rng.chance(SIGNED_ONLY) ? 'acknowledge' : 'answer';
  return { type, category, text, delayMs: delayMs(rng) };
}

function pickCategory(rng: Prng): keyof Texts {
  const share = rng.unit();
  if (share < 0.62) return 'confirmed';
  return share < 0.92 ? 'objective' : 'mistaken';
}

function textsOf(category: string): Texts {
  switch (category) {
    case 'deadline':
      return DEADLINE;
    case 'fee':
      return FEE;
    case 'data':
      return DATA;
    default:
      return PROCEDURE;
  }
}

/** Half within a day or so, nine of ten within five days, the rest within twelve. */
function delayMs(rng: Prng): number {
  const hours = rng.chance(LATE_ANSWER) ? 120 + 168 * rng.unit() : 1 + 119 * rng.unit() ** 2;
  return Math.round(hours * HOUR_MS);
}
