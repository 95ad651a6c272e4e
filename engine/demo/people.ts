/**
 * Invented people and firms of the demonstration city, written only as already masked text.
 */
import type { Prng } from '../base/prng.ts';

const SURNAMES = [...'陈林黄张李王吴蔡刘郑许杨洪叶苏曾谢郭'];
const TRADES = ['贸易', '餐饮', '建设', '物流', '文化', '科技', '医药', '置业'];
const REASONS = [
  '不属于本机关职权范围',
  '申请事项依法不需要取得行政许可',
  '申请材料不符合法定形式且未按期补正',
  '场所条件不符合规定',
];

export function actorName(rng: Prng): string {
  return `${rng.pick(SURNAMES)}*`;
}

export function applicantName(rng: Prng): string {
  if (rng.chance(0.45)) return `${rng.pick(SURNAMES)}**`;
  return `鹭城**${rng.pick(TRADES)}有限公司`;
}

export function pickReason(rng: Prng): string {
  return rng.pick(REASONS);
}
