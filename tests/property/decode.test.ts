/**
 * The fast path against its definition, the strict path: on random records in every spelling, and on
 * records with random damage. Runs: MINGCHA_RUNS (default 300), seed: MINGCHA_SEED.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemOf } from '../../engine/events/batch-item.ts';
import { DECODE_REASONS, Decoder } from '../../engine/events/decode.ts';
import { Dictionaries } from '../../engine/events/dictionary.ts';
import {
  EVENT_TYPES,
  EventBatch,
  RECORD_EVENT,
  SPECIAL_PROCEDURES,
} from '../../engine/events/event.ts';
import { runs } from '../fixtures/property.ts';

/** Meaning of one row, with dictionary ids as texts, so that two dictionaries can be compared. */
function meaningOf(batch: EventBatch, row: number, dictionaries: Dictionaries): unknown {
  const text = (id: number | undefined): string | null =>
    id === undefined || id < 0 ? null : dictionaries.strings.text(id);
  const off = batch.materialOff[row] as number;
  const keyOff = batch.keyOff[row] as number;
  const count = batch.materialCount[row] as number;
  return {
    reason: DECODE_REASONS[batch.reason[row] as number],
    type: batch.type[row],
    flags: batch.flags[row],
    at: batch.at[row],
    recordedAt: batch.recordedAt[row],
    sentAt: batch.sentAt[row],
    key: new TextDecoder().decode(
      batch.bytes.subarray(keyOff, keyOff + (batch.keyLen[row] as number)),
    ),
    keyHash: batch.keyHash[row],
    item: text(itemOf(batch, row, dictionaries.strings)),
    itemVersion: batch.itemVersion[row],
    organ: text(batch.organ[row]),
    territory: text(batch.territory[row]),
    source: text(batch.source[row]),
    seq: batch.seq[row],
    rev: batch.rev[row],
    content: batch.content[row],
    stage: text(batch.stage[row]),
    days: batch.days[row],
    special: batch.special[row],
    amountFen: batch.amountFen[row],
    deadline: batch.deadline[row],
    materials: [...batch.materialIds.subarray(off, off + count)].map((id) => text(id)),
  };
}

/** The records one after the other in one batch, decoded with or without the fast path. */
function decodeAll(records: readonly Uint8Array[], strictly: boolean): unknown[] {
  const batch = new EventBatch(records.length);
  const length = records.reduce((sum, record) => sum + record.length + 1, 0);
  const bytes = new Uint8Array(length).fill(0x0a);
  batch.reset(bytes);
  batch.count = records.length;
  let at = 0;
  for (const [row, record] of records.entries()) {
    bytes.set(record, at);
    batch.kind[row] = RECORD_EVENT;
    batch.rawOff[row] = at;
    batch.rawLen[row] = record.length;
    at += record.length + 1;
  }
  const dictionaries = new Dictionaries();
  const decoder = new Decoder(dictionaries);
  if (strictly) for (let row = 0; row < batch.count; row++) decoder.decodeStrictly(batch, row);
  else decoder.decode(batch, 0);
  return records.map((_, row) => meaningOf(batch, row, dictionaries));
}

const two = (n: number): string => String(n).padStart(2, '0');

const instant = fc
  .record({
    year: fc.integer({ min: 1988, max: 2102 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 31 }),
    hour: fc.integer({ min: 0, max: 24 }),
    minute: fc.integer({ min: 0, max: 59 }),
    second: fc.integer({ min: 0, max: 60 }),
    fraction: fc.constantFrom('', '.1', '.123', '.123', '.123456789'),
    zone: fc.constantFrom('Z', '+08:00', '+08:00', '-03:30', '+15:00', ''),
  })
  .map(
    (t) =>
      `${t.year}-${two(t.month)}-${two(t.day)}T${two(t.hour)}:${two(t.minute)}:${two(t.second)}${t.fraction}${t.zone}`,
  );
const goodInstant = fc
  .date({ min: new Date('2026-01-01'), max: new Date('2026-12-31'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 23)}+08:00`);
const time = fc.oneof({ weight: 6, arbitrary: goodInstant }, { weight: 1, arbitrary: instant });
const id = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[A-Z]{1,4}-[0-9]{1,9}$/) },
  { weight: 2, arbitrary: fc.constantFrom('市住建局', '审查', '深圳市-01', '㐀甲', 'é', 'a b') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(' A', 'A ', '１２', 'é', 'a\u200bb', '', '\ud83d\ude00'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 70 }) },
);
const text = fc.oneof(
  fc.constantFrom('张三', '深建许〔2026〕12号', 'plain', 'a\nb', '"', '\\', '\u0007', ''),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);
const number = fc.oneof(
  { weight: 5, arbitrary: fc.nat({ max: 100_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 0, 1.5, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 1e300) },
);
const odd = fc.constantFrom(null, true, false, 7, '', [], {}, ['x'], { a: 1 });

function usually<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 30, arbitrary }, { weight: 1, arbitrary: odd });
}

const data = fc.record(
  {
    stage: usually(id),
    days: usually(fc.oneof(fc.integer({ min: 1, max: 1000 }), number)),
    specialType: usually(fc.constantFrom(...SPECIAL_PROCEDURES, 'hearings')),
    amount: usually(fc.constantFrom(0, 1, 12.5, 12.34, 0.01, 12.345, -1, 1e12)),
    deadline: usually(time),
    materials: usually(fc.array(id, { maxLength: 4 })),
    reason: usually(text),
    noticed: usually(fc.boolean()),
    approver: usually(text),
    applicantName: usually(text),
    note: fc.anything(),
  },
  { requiredKeys: [] },
);

const event = fc.record(
  {
    caseKey: usually(id),
    type: usually(fc.constantFrom(...EVENT_TYPES, 'ACCPET')),
    at: usually(time),
    recordedAt: usually(time),
    sentAt: usually(time),
    itemCode: usually(id),
    itemVersion: usually(number),
    organ: usually(id),
    territory: usually(id),
    actor: usually(text),
    document: usually(text),
    source: usually(id),
    seq: usually(number),
    rev: usually(number),
    retracted: usually(fc.boolean()),
    parentKey: usually(id),
    data: fc.oneof({ weight: 9, arbitrary: data }, { weight: 1, arbitrary: odd }),
    extra: fc.constant(1),
  },
  { requiredKeys: ['caseKey', 'type', 'at'] },
);

/** One record as some serialiser would write it: key order, spacing, escapes. */
const spelling = fc
  .record({
    event: event.map((fields) => {
      const { extra: _, ...known } = fields;
      return fields.extra !== undefined && Object.keys(fields).length % 7 === 0 ? fields : known;
    }),
    order: fc.infiniteStream(fc.nat()),
    indent: fc.constantFrom('', '', '', ' ', '\t'),
    spaced: fc.boolean(),
    escaped: fc.constantFrom(false, false, true),
  })
  .map((made) => {
    const keys = Object.keys(made.event)
      .map((key) => ({ key, rank: made.order.next().value as number }))
      .sort((a, b) => a.rank - b.rank);
    const shuffled = Object.fromEntries(
      keys.map(({ key }) => [key, (made.event as Record<string, unknown>)[key]]),
    );
    let json = JSON.stringify(shuffled, null, made.indent);
    if (made.spaced && made.indent === '')
      json = json.replaceAll('":', '": ').replaceAll(',"', ', "');
    if (made.escaped) {
      json = json.replace(
        /[\u0080-\uffff]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
    }
    return new TextEncoder().encode(json);
  });

describe('decoding', () => {
  it('gives the fast path the meaning of the strict path, whatever the spelling', () => {
    fc.assert(
      fc.property(fc.array(spelling, { minLength: 1, maxLength: 12 }), (records) => {
        expect(decodeAll(records, false)).toEqual(decodeAll(records, true));
      }),
      runs(300),
    );
  });

  it('never throws and never means something else on damaged bytes', () => {
    const damage = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom('flip', 'drop', 'copy', 'set', 'cut'),
      byte: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(spelling, fc.array(damage, { maxLength: 3 })), {
          minLength: 1,
          maxLength: 8,
        }),
        (cases) => {
          const records = cases.map(([record, damages]) => damages.reduce(damaged, record));
          expect(decodeAll(records, false)).toEqual(decodeAll(records, true));
        },
      ),
      runs(300),
    );
  });

  it('hashes content by values: key order, spacing and escapes do not count', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('actor', 'document', 'organ'), fc.constantFrom('张三', 'x')),
        (extra) => {
          const fields = {
            caseKey: 'A-1',
            type: 'received',
            at: '2026-01-05T09:00:00+08:00',
            ...extra,
          };
          const reversed = Object.fromEntries(Object.entries(fields).reverse());
          const plain = JSON.stringify(fields);
          const escaped = plain.replace('张', '\\u5f20').replace('A-1', '\\u0041-1');
          const spellings = [
            plain,
            JSON.stringify(reversed),
            JSON.stringify(fields, null, 2),
            escaped,
          ];
          const meanings = decodeAll(
            spellings.map((json) => new TextEncoder().encode(json)),
            false,
          );
          for (const meaning of meanings) expect(meaning).toEqual(meanings[0]);
        },
      ),
      runs(300),
    );
  });
});

function damaged(
  record: Uint8Array,
  damage: { at: number; kind: string; byte: number },
): Uint8Array {
  if (record.length === 0) return record;
  const at = damage.at % record.length;
  const copy = record.slice();
  if (damage.kind === 'flip') copy[at] = (copy[at] as number) ^ (1 << (damage.byte & 7));
  else if (damage.kind === 'set') copy[at] = damage.byte;
  else if (damage.kind === 'cut') return copy.slice(0, at);
  else if (damage.kind === 'drop') copy.copyWithin(at, at + 1);
  else copy.copyWithin(at, damage.byte % record.length);
  return copy;
}
