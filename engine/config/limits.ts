/**
 * Every limit of the system in one place (law L4), by subject. Plain numbers; imports nothing.
 * At a limit the engine refuses, counts and says so.
 */

/** Of one event record; the decoder, the door and rules/schema/event.schema.json agree on them. */
export const eventLimits = {
  recordBytesMax: 256 * 1024,
  jsonDepthMax: 32,
  jsonKeysMax: 512,
  /** Characters (Unicode code points) of an identifier: case key, codes. */
  idCharsMax: 64,
  /** Characters of a free text: actor, document number, reason, approver. */
  textCharsMax: 2000,
  /** Codes in `data.materials`. */
  materialsMax: 64,
  /** Days of `data.days`. */
  daysMin: 1,
  daysMax: 1000,
  /** Yuan of `data.amount`. */
  amountYuanMax: 1_000_000_000_000,
  /** Records in one body, and bytes of one body once unpacked. */
  bodyRowsMax: 50_000,
  bodyBytesMax: 16 * 1024 * 1024,
} as const;
