/**
 * The validity (生效区间) a rule's version states, as instants the kernel compares.
 */
import { InstantParser } from '../events/instant.ts';
import type { ValiditySource } from './source.ts';

export interface Validity {
  readonly validFrom: number;
  readonly validTo: number;
}

const encoder = new TextEncoder();

/** Throws an Error that names what cannot be read; the loader has reported such texts before. */
export function validityOf({ validFrom, validTo }: ValiditySource): Validity {
  return {
    validFrom: validFrom === undefined ? Number.NEGATIVE_INFINITY : instantOf(validFrom),
    validTo: validTo === undefined ? Number.POSITIVE_INFINITY : instantOf(validTo),
  };
}

function instantOf(text: string): number {
  const bytes = encoder.encode(text);
  const parser = new InstantParser();
  const code = parser.parse(bytes, 0, bytes.length);
  if (code !== '') throw new Error(`生效时刻写法不符 (validity is no instant): ${text} ${code}`);
  return parser.value;
}
