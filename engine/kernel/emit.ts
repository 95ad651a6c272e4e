/**
 * One change of one card into the change buffer, with everything that must be told as it is now: the
 * card, its case and the versions in force move on before the shell reads the buffer.
 */
import { cardClockOf } from '../rules/program.ts';
import { MARK_PROVISIONAL } from '../state/card-table.ts';
import { ITEM, ORGAN, TERRITORY } from '../state/case-table.ts';
import type { Store } from './store.ts';

/** Returns the index of the change. */
export function emitChange(store: Store, card: number, op: number, atMs: number): number {
  const { cards, out, table, position } = store;
  const row = cards.row[card]!;
  const i = out.add();
  out.card[i] = card;
  out.op[i] = op;
  out.state[i] = cards.state[card]!;
  out.version[i] = cards.version[card]!;
  out.due[i] = cards.due[card]!;
  out.at[i] = atMs;
  out.position[i] = position;
  out.known[i] = store.nowMs;
  out.pack[i] = cards.pack[card]!;
  out.ruleVersion[i] = cards.ruleVersion[card]!;
  out.calendar[i] = cards.calendar[card]!;
  out.packBefore[i] = cards.pack[card]!;
  out.ruleVersionBefore[i] = cards.ruleVersion[card]!;
  out.calendarBefore[i] = cards.calendar[card]!;
  out.dueBefore[i] = cards.due[card]!;
  out.marks[i] = cards.marks[card]! & MARK_PROVISIONAL;
  out.kind[i] = cards.kind[card]!;
  out.category[i] = cards.category[card]!;
  out.rank[i] = cards.rank[card]!;
  out.until[i] = cards.until[card]!;
  out.reply[i] = deadlineOf(store, card, true);
  out.supervise[i] = deadlineOf(store, card, false);
  out.item[i] = table.get(row, ITEM);
  out.organ[i] = table.get(row, ORGAN);
  out.territory[i] = table.get(row, TERRITORY);
  return i;
}

/**
 * The earliest running deadline of a card on one side: what the department owes (`reply`), or what the
 * supervisors owe. Infinity when nothing is owed.
 */
export function deadlineOf(store: Store, card: number, reply: boolean): number {
  const { clocks } = store.cards;
  let first = Number.POSITIVE_INFINITY;
  for (let run = clocks.first(card); run >= 0; run = clocks.after(run)) {
    const due = clocks.due[run]!;
    if (due >= first) continue;
    if (cardClockOf(store.program, clocks.def[run]!)?.reply === reply) first = due;
  }
  return first;
}
