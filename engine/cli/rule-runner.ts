/**
 * A throw-away engine for rule cases: one partition of the kernel, one case at a time.
 *
 * Owns: turning a case's events into records and reading the cards that stand in the end.
 * Does not own: what the cards mean (the kernel), the comparison (rule-cases.ts).
 */

import { compileCalendars } from '../calendars/compile.ts';
import { CARD_STATES } from '../cards/card.ts';
import { Changes } from '../cards/changes.ts';
import { DECODE_REASONS, Decoder } from '../events/decode.ts';
import { Dictionaries } from '../events/dictionary.ts';
import { EventBatch, RECORD_CONTROL, RECORD_EVENT, RECORD_TICK } from '../events/event.ts';
import { CardViews } from '../kernel/card-view.ts';
import { Partition } from '../kernel/partition.ts';
import { compileWith } from '../rules/compile.ts';
import type { PackSource } from '../rules/source.ts';
import type { CaseEngine, CaseEvent, StandingCard } from './rule-cases.ts';

const CASE_KEY = 'CASE-1';
const SOURCE = 'cases';
const WITHDRAWN = CARD_STATES.indexOf('withdrawn');
const REVOKED = CARD_STATES.indexOf('revoked');

/** A case that the engine cannot take: its events are wrong, not its cards. */
export class CaseInputError extends Error {}

export function caseEngine(pack: PackSource): CaseEngine {
  const calendars = compileCalendars(pack);
  return (events, until, logEnds) => {
    const dictionaries = new Dictionaries();
    const program = compileWith(pack, calendars, dictionaries.strings);
    const resolve = (hash: string): never => {
      throw new CaseInputError(`用例不发布规则包 (a case publishes no pack): ${hash}`);
    };
    const partition = new Partition({ index: 0, dictionaries, program, resolve });
    const decoder = new Decoder(dictionaries);
    const changes = new Changes();
    let stampMs = Number.NEGATIVE_INFINITY;
    for (const [i, event] of events.entries()) {
      stampMs = Math.max(stampMs, Date.parse(event.arrives ?? event.at));
      const batch = eventBatch(recordOf(events, i, pack), stampMs, i);
      decoder.decode(batch, 0);
      partition.apply(batch, changes);
      refuseRejected(changes, batch, i);
    }
    const endMs = Math.max(stampMs, Date.parse(until));
    partition.apply(tickBatch(endMs, events.length), changes);
    if (logEnds) partition.apply(logEndBatch(endMs, events.length + 1), changes);
    return standing(partition);
  };
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
  const { cards } = partition.store;
  const views = new CardViews(partition.store);
  const found: StandingCard[] = [];
  for (let card = 0; card < cards.count; card++) {
    const state = cards.state[card];
    if (state === WITHDRAWN || state === REVOKED) continue;
    const { ruleId, level, dueMs } = views.current(card);
    found.push({ ruleId, level, dueMs });
  }
  return found;
}
