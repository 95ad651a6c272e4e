/**
 * The one thing that goes out of procedure in about one case of a hundred.
 */
import type { Prng } from '../base/prng.ts';
import type { ItemSource } from '../rules/source.ts';

const FLAWED = 0.0105;

const INSTANT_FLAWS = [
  'notAccepted',
  'acceptedWithoutDocument',
  'decidedOnDayOff',
  'processAfterFinish',
] as const;

const PROMISED_FLAWS = [
  ...INSTANT_FLAWS,
  'stageSkipped',
  'stageForeign',
  'supplementTwice',
  'supplementAfterAcceptance',
  'refusedWithoutReason',
  'specialUnnoticed',
  'specialNotPermitted',
  'extensionUnapproved',
  'extensionLate',
  'certificateUndecided',
] as const;

export type Flaw = (typeof PROMISED_FLAWS)[number] | 'none';

export function pickFlaw(rng: Prng, item: ItemSource): Flaw {
  if (!rng.chance(FLAWED)) return 'none';
  return rng.pick<Flaw>(item.kind === 'instant' ? INSTANT_FLAWS : PROMISED_FLAWS);
}
