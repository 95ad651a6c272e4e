/**
 * One decoded event on its way into a case: batch columns → one History row.
 *
 * Owns: the copy, and the mapping of material codes to the item's bit mask (the only operand whose
 * form depends on the item).
 */
import { ABSENT, type EventBatch, FLAG_NO_SEQ, FLAG_RETRACTED } from '../events/event.ts';
import type { Program } from '../rules/program.ts';
import { CONTENT_MASK, type History, RETRACTED_AT, TYPE_RETRACTED } from '../state/history.ts';

export function fillIncoming(
  h: History,
  at: number,
  batch: EventBatch,
  i: number,
  program: Program,
  item: number,
): void {
  h.type[at] = batch.type[i]!;
  h.flags[at] = batch.flags[i]!;
  h.at[at] = batch.at[i]!;
  h.recordedAt[at] = batch.recordedAt[i]!;
  h.stamp[at] = batch.stamp[i]!;
  h.position[at] = batch.position[i]!;
  h.source[at] = batch.source[i]!;
  h.seq[at] = batch.seq[i]!;
  h.rev[at] = batch.rev[i]!;
  h.content[at] = batch.content[i]! & CONTENT_MASK;
  h.stage[at] = batch.stage[i]!;
  h.days[at] = batch.days[i]!;
  h.special[at] = batch.special[i]!;
  h.amountFen[at] = batch.amountFen[i]!;
  h.deadline[at] = batch.deadline[i]!;
  h.materials[at] = batch.materialCount[i] === 0 ? 0 : materialMask(batch, i, program, item);
  if ((batch.flags[i]! & FLAG_RETRACTED) !== 0) emptied(h, at);
}

/** Nothing but who took what back (H2). */
function emptied(h: History, at: number): void {
  h.type[at] = TYPE_RETRACTED;
  h.flags[at] = h.flags[at]! & FLAG_NO_SEQ;
  h.at[at] = RETRACTED_AT;
  h.recordedAt[at] = Number.NaN;
  h.stage[at] = ABSENT;
  h.days[at] = ABSENT;
  h.special[at] = ABSENT;
  h.amountFen[at] = Number.NaN;
  h.deadline[at] = Number.NaN;
  h.materials[at] = 0;
}

function materialMask(batch: EventBatch, i: number, program: Program, item: number): number {
  if (item < 0) return 0;
  const { materialFirst, materialCode } = program.items;
  const first = materialFirst[item]!;
  const end = materialFirst[item + 1]!;
  const from = batch.materialOff[i]!;
  let mask = 0;
  for (let k = from; k < from + batch.materialCount[i]!; k++) {
    const code = batch.materialIds[k]!;
    for (let m = first; m < end; m++) if (materialCode[m] === code) mask |= 1 << (m - first);
  }
  return mask >>> 0;
}
