/**
 * The engine's reading of a case against the checker's: cards, due instants, states and time bills.
 */
import type { OracleCard, OracleRun, Verdict } from './case-fold.ts';
import type { DossierCard, DossierCase, DossierClock } from './dossier.ts';

export type Subject = 'card' | 'clock' | 'due' | 'state' | 'pauses' | 'bill';

export interface Disagreement {
  readonly caseKey: string;
  readonly subject: Subject;
  /** Which card or clock. */
  readonly name: string;
  readonly engine: string;
  readonly checker: string;
}

export interface Comparison {
  readonly cards: number;
  readonly clocks: number;
  readonly days: number;
  readonly disagreements: readonly Disagreement[];
}

/** A card that was taken back does not stand; what people did with one does not unsay it. */
const TAKEN_BACK = new Set(['withdrawn']);
const BY_ENGINE = new Set(['issued', 'provisional']);
const NOTHING = '没有 none';

export function nameOf(one: { rule: string; stage: string; occurrence: number }): string {
  return [one.rule, one.stage, one.occurrence].join('|');
}

export function compare(one: DossierCase, verdict: Verdict): Comparison {
  const found: Disagreement[] = [];
  const differ = (subject: Subject, name: string, engine: string, checker: string): void => {
    if (engine !== checker) found.push({ caseKey: one.caseKey, subject, name, engine, checker });
  };
  const cards = standingCards(one.cards);
  for (const name of new Set([...cards.keys(), ...verdict.cards.keys()])) {
    const [card, expected] = [cards.get(name), verdict.cards.get(name)];
    const byPeople = card !== undefined && !BY_ENGINE.has(card.state);
    differ('card', name, engineCard(card, byPeople), checkerCard(expected, byPeople));
  }
  const clocks = new Map(one.clocks.map((clock) => [nameOf(clock), clock]));
  const runs = new Map(verdict.runs.map((run) => [nameOf(run), run]));
  let days = 0;
  for (const name of new Set([...clocks.keys(), ...runs.keys()])) {
    const [clock, run] = [clocks.get(name), runs.get(name)];
    if (clock === undefined || run === undefined) {
      differ('clock', name, clock?.state ?? NOTHING, run?.state ?? NOTHING);
      continue;
    }
    compareClock(name, clock, run, differ);
    days += run.bill?.length ?? 0;
  }
  return { cards: verdict.cards.size, clocks: runs.size, days, disagreements: found };
}

function compareClock(
  name: string,
  clock: DossierClock,
  run: OracleRun,
  differ: (subject: Subject, name: string, engine: string, checker: string) => void,
): void {
  differ('state', name, clock.state, run.state);
  differ('clock', `${name} start`, instant(clock.start), instant(run.start));
  differ('due', name, instant(clock.due), instant(run.due));
  differ('clock', `${name} stop`, instant(clock.stopped), instant(run.stopped));
  differ('clock', `${name} extended`, String(clock.extended), String(run.extended));
  const pauses = (list: DossierClock['pauses'] | OracleRun['pauses']): string =>
    list.map((p) => `${p.kind} ${instant(p.from)}…${instant(p.to)} ${p.announced}`).join('; ');
  differ('pauses', name, pauses(clock.pauses), pauses(run.pauses));
  if (run.bill === null) return;
  const theirs = new Map(clock.bill.map((day) => [day[0], day]));
  const ours = new Map(run.bill.map((day) => [day.date, day]));
  for (const date of [...new Set([...theirs.keys(), ...ours.keys()])].sort()) {
    const [engine, own] = [theirs.get(date), ours.get(date)];
    if (engine?.[1] === own?.reason && engine?.[2] === own?.used) continue;
    const text = (reason?: string, used?: number): string =>
      reason === undefined ? NOTHING : `${reason} (${used})`;
    differ('bill', `${name} ${date}`, text(engine?.[1], engine?.[2]), text(own?.reason, own?.used));
    // The days after it count on from there.
    return;
  }
}

function standingCards(cards: readonly DossierCard[]): Map<string, DossierCard> {
  const standing = cards.filter(({ state }) => !TAKEN_BACK.has(state));
  return new Map(standing.map((card) => [`${nameOf(card)}|${card.level}`, card]));
}

function engineCard(card: DossierCard | undefined, byPeople: boolean): string {
  if (card === undefined) return NOTHING;
  return cardText(card.due, byPeople ? '' : card.state, card.provisional);
}

function checkerCard(card: OracleCard | undefined, byPeople: boolean): string {
  if (card === undefined) return NOTHING;
  return cardText(card.due, byPeople ? '' : card.state, card.unsure);
}

function cardText(due: number, state: string, unsure: boolean): string {
  return `${instant(due)} ${state}${unsure ? ' 暂定 provisional' : ''}`.trim();
}

function instant(ms: number | null): string {
  return ms === null || !Number.isFinite(ms) ? '–' : new Date(ms).toISOString();
}
