/**
 * Where cards are read from: as they stand, or as they were believed at an instant (认知时点), which is
 * the newest version of each that was known by then.
 */
export interface CardSource {
  /** Ready to stand after FROM. */
  readonly from: string;
  /** Of the source alone: changes of these cards, for what their newest version does not say. */
  readonly origins: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const NOW: CardSource = {
  from: 'cards_current',
  origins: `
    SELECT card_id AS cardId, toUnixTimestamp64Milli(raised_at) AS raisedAtMs, answer
    FROM card_origins WHERE card_id IN {ids:Array(String)}`,
  params: {},
};

const KNOWN = 'toUnixTimestamp64Milli(known_at) <= {asOf:Int64}';

/** `caseKey` narrows the past to one case, which spares going through all changes ever made. */
export function cardSource(asOfMs?: number, caseKey?: string): CardSource {
  if (asOfMs === undefined) return NOW;
  const ofCase = caseKey === undefined ? '' : 'AND case_key = {asOfCase:String}';
  return {
    from: `(
      SELECT * FROM card_changes_once WHERE ${KNOWN} ${ofCase}
      ORDER BY card_id, version DESC LIMIT 1 BY card_id)`,
    origins: `
      SELECT card_id AS cardId, toUnixTimestamp64Milli(argMin(at, version)) AS raisedAtMs,
        argMaxIf(detail, version, op = 'answered') AS answer
      FROM card_changes_once WHERE card_id IN {ids:Array(String)} AND ${KNOWN}
      GROUP BY card_id`,
    params: { asOf: asOfMs, ...(caseKey === undefined ? {} : { asOfCase: caseKey }) },
  };
}
