/**
 * Evidence (依据): the record for which a card was withdrawn, in the few words a person needs to find it.
 */
import type { EvidenceView } from '../facade.ts';
import type { Witness } from './messages.ts';

const NO_RECORD = { type: '', atMs: null, source: '', seq: null, rev: 0, retracted: false };
const NO_PUBLICATION = { packVersion: null, actor: '', reason: '' };

export function evidenceOf({ position, stampMs, record, json }: Witness): EvidenceView {
  if (record !== null) {
    const { type, atMs, source, seq, rev, retracted } = record;
    const said = { type, atMs, source, seq, rev, retracted };
    return { kind: 'event', position, stampMs, ...said, ...NO_PUBLICATION };
  }
  const said = JSON.parse(json || '{}') as {
    type?: string;
    version?: number;
    actor?: string;
    reason?: string;
  };
  return {
    ...{ kind: said.type === 'publish' ? 'publication' : 'other', position, stampMs },
    ...NO_RECORD,
    ...{ packVersion: said.version ?? null, actor: said.actor ?? '', reason: said.reason ?? '' },
  };
}
