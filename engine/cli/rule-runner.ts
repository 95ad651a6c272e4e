/**
 * A throw-away engine for rule cases: one partition of the kernel, one case at a time.
 *
 * Owns: turning a case's events into records and reading the cards that stand in the end.
 * Does not own: what the cards mean (the kernel), the comparison (rule-cases.ts).
 */

import { compileCalendars } from '../calendars/compile.ts';
import { CARD_STATES, type CardChange } from '../cards/card.ts';
import { Changes } from '../cards/changes.ts';
import { DECODE_REASONS, Decoder } from '../events/decode.ts';
import { Dictionaries } from '../events/dictionary.ts';
import {
  EventBatch,
  RECORD_COMMAND,
  RECORD_CONTROL,
  RECORD_EVENT,
  RECORD_TICK,
} from '../events/event.ts';
import { CardViews } from '../kernel/card-view.ts';
import { Partition } from '../kernel/partition.ts';
import { compileWith } from '../rules/compile.ts';
import type { PackSource } from '../rules/source.ts';
import type { CaseAct, CaseEngine, CaseEvent, StandingCard } from './rule-cases.ts';

const CASE_KEY = 'CASE-1';
const SOURCE = 'cases';
const WITHDRAWN = CARD_STATES.indexOf('withdrawn');
const REVOKED = CARD_STATES.indexOf('revoked');

/** A case that the engine cannot take: its events are wrong, not its cards. */
export class CaseInputError extends Error {}

export function caseEngine(pack: PackSource): CaseEngine {
  const calendars = compileCalendars(pack);
  return ({ events, acts = [], until, logEnds = false }) => {
    const dictionaries = new Dictionaries();
    const program = compileWith(pack, calendars, dictionaries.strings);
    const resolve = (hash: string): never => {
      throw new CaseInputError(`用例不发布规则包 (a case publishes no pack): ${hash}`);
    };
    const partition = new Partition({ index: 0, dictionaries, program, resolve });
    const decoder = new Decoder(dictionaries);
    const changes = new Changes();
    let stampMs = Number.NEGATIVE_INFINITY;
    const waiting = [...acts].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
    const actUntil = (ms: number): void => {
      while (waiting[0] !== undefined && Date.parse(waiting[0].at) < ms) {
        stampMs = Math.max(stampMs, Date.parse(waiting[0].at));
        perform(partition, waiting.shift() as CaseAct, stampMs, changes);
      }
    };
    for (const [i, event] of events.entries()) {
      actUntil(Date.parse(event.arrives ?? event.at));
      stampMs = Math.max(stampMs, Date.parse(event.arrives ?? event.at));
      const batch = eventBatch(recordOf(events, i, pack), stampMs, i);
      decoder.decode(batch, 0);
      partition.apply(batch, changes);
      refuseRejected(changes, batch, i);
    }
    actUntil(Number.POSITIVE_INFINITY);
    const endMs = Math.max(stampMs, Date.parse(until));
    partition.apply(tickBatch(endMs, events.length), changes);
    if (logEnds) partition.apply(logEndBatch(endMs, events.length + 1), changes);
    return standing(partition);
  };
}

/** Somebody acts on the newest standing card of the rule and level, with the version they see. */
function perform(partition: Partition, act: CaseAct, stampMs: number, changes: Changes): void {
  partition.apply(tickBatch(stampMs, 0), changes);
  const card = standingCards(partition).findLast(
    ({ ruleId, level }) => ruleId === act.ruleId && level === act.level,
  );
  const { type, ...command } = {
    ...{ commandId: 'case', type: act.act, caseKey: CASE_KEY, cardId: card?.cardId ?? '' },
    ...{ actor: act.actor ?? 'case', reason: 'case', expectedVersion: card?.version ?? 0 },
    data: { category: 'confirmed', text: 'case' },
  };
  const json = JSON.stringify({ type, ...command });
  const before = changes.commands.length;
  partition.apply(oneRecord(RECORD_COMMAND, json, stampMs, 0), changes);
  const { code } = changes.commands[before] ?? { code: 'JSON_SYNTAX' };
  if (code === '') return;
  const what = `${act.act} ${act.ruleId} ${act.level} ${act.at}`;
  throw new CaseInputError(`处理未被接受 (an act was refused): ${what}: ${code}`);
}

/** Item and organ are inherited from the event before, and the organ from the item. */
function recordOf(events: readonly CaseEvent[], i: number, pack: PackSource): string {
  const before = events.slice(0, i + 1).findLast((e) => e.itemCode !== undefined);
  const { arrives: _, ...event } = events[i] as CaseEvent;
  const itemCode = before?.itemCode;
  const item = pack.items.find((one) => one.code === itemCode);
  const organ = event.organ ?? item?.organ;
  const territory = event.territory ?? pack.organs.find((o) => o.code === organ)?.territory;
  const identity = { caseKey: CASE_KEY, source: SOURCE, seq: i + 1, rev: 0 };
  const place = { itemCode, itemVersion: item?.version, organ, territory };
  return JSON.stringify({ ...identity, ...place, ...event });
}

function eventBatch(record: string, stampMs: number, position: number): EventBatch {
  return oneRecord(RECORD_EVENT, record, stampMs, position);
}

function logEndBatch(stampMs: number, position: number): EventBatch {
  const control = JSON.stringify({ type: 'logEnd', at: stampMs });
  return oneRecord(RECORD_CONTROL, control, stampMs, position);
}

function tickBatch(stampMs: number, position: number): EventBatch {
  return oneRecord(RECORD_TICK, '', stampMs, position);
}

function oneRecord(kind: number, record: string, stampMs: number, position: number): EventBatch {
  const bytes = new TextEncoder().encode(record);
  const batch = new EventBatch(1);
  batch.reset(bytes);
  batch.count = 1;
  batch.kind[0] = kind;
  batch.rawOff[0] = 0;
  batch.rawLen[0] = bytes.length;
  batch.stamp[0] = stampMs;
  batch.position[0] = position;
  return batch;
}

function refuseRejected(changes: Changes, batch: EventBatch, i: number): void {
  const reject = changes.rejects[0];
  if (reject === undefined) return;
  const why = DECODE_REASONS[batch.reason[0] as number] || reject.code;
  throw new CaseInputError(`第 ${i + 1} 个事件未被接受 (event ${i + 1} was not applied): ${why}`);
}

function standing(partition: Partition): StandingCard[] {
  return standingCards(partition).map(
    ({ ruleId, level, state, dueMs, replyDueMs, superviseDueMs }) => ({
      ...{ ruleId, level, state, dueMs, replyDueMs, superviseDueMs },
    }),
  );
}

function standingCards(partition: Partition): CardChange[] {
  const { cards } = partition.store;
  const views = new CardViews(partition.store);
  const found: CardChange[] = [];
  for (let card = 0; card < cards.count; card++) {
    const state = cards.state[card];
    if (state === WITHDRAWN || state === REVOKED) continue;
    found.push(views.current(card));
  }
  return found;
}
