import { describe, expect, it } from 'vitest';
import { isErrorCode } from '../../../engine/base/errors.ts';
import { fnv1a } from '../../../engine/base/hash.ts';
import { itemOf } from '../../../engine/events/batch-item.ts';
import { DECODE_REASONS, Decoder } from '../../../engine/events/decode.ts';
import { Dictionaries, Dictionary } from '../../../engine/events/dictionary.ts';
import {
  ABSENT,
  EVENT_TYPES,
  EventBatch,
  FLAG_ACTOR,
  FLAG_APPROVED,
  FLAG_DOCUMENT,
  FLAG_NO_SEQ,
  FLAG_NOTICED,
  FLAG_REASON,
  RECORD_COMMAND,
  RECORD_EVENT,
  SPECIAL_PROCEDURES,
} from '../../../engine/events/event.ts';
import { canonicalId, nearest, shown } from '../../../engine/events/text.ts';

const MINIMAL = { caseKey: 'A-1', type: 'received', at: '2026-01-05T09:00:00+08:00' };
const FULL = {
  caseKey: '440300-2026-1',
  type: 'specialOpened',
  at: '2026-01-05T09:00:00.123+08:00',
  recordedAt: '2026-01-05T09:00:01+08:00',
  sentAt: '2026-01-05T01:00:02Z',
  itemCode: 'XK-101',
  itemVersion: 3,
  organ: '市住建局',
  territory: '440304',
  actor: '张三',
  document: '深建听〔2026〕3号',
  source: 'gov-platform',
  seq: 1_234_567_890_123,
  rev: 2,
  parentKey: 'J-9',
  data: {
    stage: '审查',
    days: 15,
    specialType: 'hearing',
    amount: 120.5,
    deadline: '2026-02-01T00:00:00+08:00',
    materials: ['CL-01', 'CL-02', 'CL-01'],
    reason: '申请人要求听证',
    noticed: true,
    approver: '李四',
  },
};

interface Decoded {
  readonly batch: EventBatch;
  readonly dictionaries: Dictionaries;
  readonly decoder: Decoder;
}

function decode(
  records: readonly string[],
  dictionaries = new Dictionaries(),
  options?: { readonly defaultOffsetMs?: number },
): Decoded {
  const decoder = new Decoder(dictionaries, options);
  const batch = new EventBatch(Math.max(1, records.length));
  const bytes = new TextEncoder().encode(records.join('\n'));
  batch.reset(bytes);
  batch.count = records.length;
  let at = 0;
  for (const [row, record] of records.entries()) {
    const length = new TextEncoder().encode(record).length;
    batch.kind[row] = RECORD_EVENT;
    batch.rawOff[row] = at;
    batch.rawLen[row] = length;
    at += length + 1;
  }
  decoder.decode(batch, 0);
  return { batch, dictionaries, decoder };
}

function keyOf(batch: EventBatch, row: number): string {
  const from = batch.keyOff[row]!;
  return new TextDecoder().decode(batch.bytes.subarray(from, from + batch.keyLen[row]!));
}

describe.each([
  ['the fast path', (event: unknown) => JSON.stringify(event), 0],
  ['the strict path', (event: unknown) => JSON.stringify(event, null, '\t'), 2],
])('columns by %s', (_, spelling, strictCount) => {
  const { batch, dictionaries, decoder } = decode([spelling(FULL), spelling(MINIMAL)]);
  const text = (id: number | undefined): string => dictionaries.strings.text(id!);

  it('is the path that was taken', () => {
    expect(decoder.strictCount).toBe(strictCount);
    expect([...batch.reason]).toEqual([0, 0]);
  });

  it('hold every field of a full record', () => {
    expect(keyOf(batch, 0)).toBe('440300-2026-1');
    const key = new TextEncoder().encode('440300-2026-1');
    expect(batch.keyHash[0]).toBe(fnv1a(key, 0, key.length));
    expect(EVENT_TYPES[batch.type[0]!]).toBe('specialOpened');
    expect(batch.at[0]).toBe(Date.UTC(2026, 0, 5, 1, 0, 0, 123));
    expect(batch.recordedAt[0]).toBe(Date.UTC(2026, 0, 5, 1, 0, 1));
    expect(batch.sentAt[0]).toBe(Date.UTC(2026, 0, 5, 1, 0, 2));
    expect(itemOf(batch, 0, dictionaries.strings)).toBe(dictionaries.strings.idOf('XK-101'));
    expect(
      [batch.item, batch.organ, batch.territory, batch.source, batch.stage].map((column) =>
        text(column[0]),
      ),
    ).toEqual(['XK-101', '市住建局', '440304', 'gov-platform', '审查']);
    expect(batch.itemVersion[0]).toBe(3);
    expect(batch.seq[0]).toBe(1_234_567_890_123);
    expect(batch.rev[0]).toBe(2);
    expect(batch.days[0]).toBe(15);
    expect(SPECIAL_PROCEDURES[batch.special[0]!]).toBe('hearing');
    expect(batch.amountFen[0]).toBe(12_050);
    expect(batch.deadline[0]).toBe(Date.UTC(2026, 0, 31, 16));
    const off = batch.materialOff[0]!;
    const materials = [...batch.materialIds.subarray(off, off + batch.materialCount[0]!)];
    expect(materials.map(text)).toEqual(['CL-01', 'CL-02', 'CL-01']);
    const all = FLAG_DOCUMENT | FLAG_REASON | FLAG_ACTOR | FLAG_NOTICED | FLAG_APPROVED;
    expect(batch.flags[0]).toBe(all);
  });

  it('say what a record does not say', () => {
    expect(keyOf(batch, 1)).toBe('A-1');
    expect(batch.flags[1]).toBe(FLAG_NO_SEQ);
    for (const column of [
      batch.item,
      batch.itemVersion,
      batch.organ,
      batch.territory,
      batch.source,
    ]) {
      expect(column[1]).toBe(ABSENT);
    }
    for (const column of [batch.stage, batch.days, batch.special]) expect(column[1]).toBe(ABSENT);
    for (const column of [
      batch.recordedAt,
      batch.sentAt,
      batch.seq,
      batch.amountFen,
      batch.deadline,
    ]) {
      expect(column[1]).toBeNaN();
    }
    expect([batch.rev[1], batch.materialCount[1]]).toEqual([0, 0]);
  });
});

describe('the decoder', () => {
  it('gives a dead letter its reason and leaves no column behind', () => {
    const { batch } = decode([
      JSON.stringify(FULL),
      JSON.stringify({ ...FULL, at: '2026-02-30T00:00:00Z' }),
      '{"caseKey":"A","type"',
      JSON.stringify(MINIMAL),
    ]);
    expect([...batch.reason].map((reason) => DECODE_REASONS[reason])).toEqual([
      '',
      'TIME_INVALID_DATE',
      'JSON_SYNTAX',
      '',
    ]);
    expect(batch.item[1]).toBe(ABSENT);
    expect(batch.at[1]).toBeNaN();
    expect([batch.keyLen[1], batch.materialCount[1]]).toEqual([0, 0]);
    expect(batch.materialUsed).toBe(3);
  });

  it('leaves rows of other kinds without a meaning', () => {
    const decoder = new Decoder(new Dictionaries());
    const batch = new EventBatch(2);
    const bytes = new TextEncoder().encode(JSON.stringify(MINIMAL));
    batch.reset(bytes);
    batch.count = 2;
    batch.kind[0] = RECORD_COMMAND;
    batch.rawLen.fill(bytes.length);
    batch.item.fill(77);
    decoder.decode(batch, 0);
    expect([batch.item[0], batch.keyLen[0], batch.keyLen[1]]).toEqual([ABSENT, 0, 3]);
  });

  it('decodes only from the row it is told', () => {
    const { batch, decoder } = decode([JSON.stringify(FULL), JSON.stringify(MINIMAL)]);
    batch.rev[0] = 99;
    decoder.decode(batch, 1);
    expect(batch.rev[0]).toBe(99);
    expect(keyOf(batch, 1)).toBe('A-1');
  });

  it('puts the bytes of a key written with escapes where the kernel can read them', () => {
    const escaped = (key: string): string => JSON.stringify(MINIMAL).replace('A-1', key);
    const records = [
      escaped('\\u6d4b-1'),
      JSON.stringify({ ...MINIMAL, caseKey: '测-1' }),
      ...Array.from({ length: 40 }, (_, i) => escaped(`\\u0042-${i}`)),
    ];
    const { batch } = decode(records);
    expect(keyOf(batch, 0)).toBe('测-1');
    expect(batch.keyHash[0]).toBe(batch.keyHash[1]);
    expect(batch.content[0]).toBe(batch.content[1]);
    for (let i = 0; i < 40; i++) expect(keyOf(batch, i + 2)).toBe(`B-${i}`);
    const raw = batch.bytes.subarray(batch.rawOff[5]!, batch.rawOff[5]! + batch.rawLen[5]!);
    expect(new TextDecoder().decode(raw)).toBe(records[5]);
  });

  it('changes the content hash when any value changes, in any field', () => {
    const variants: unknown[] = [FULL];
    for (const key of Object.keys(FULL).filter((name) => name !== 'data')) {
      const value = (FULL as Record<string, unknown>)[key];
      const other =
        typeof value === 'number'
          ? value - 1
          : key === 'type'
            ? 'received'
            : key.endsWith('At') || key === 'at'
              ? (value as string).replace('2026-01-05T0', '2026-01-06T0').replace('05T01', '05T02')
              : `${value as string}x`;
      variants.push({
        ...FULL,
        [key]: other,
        sentAt: key === 'recordedAt' ? undefined : key === 'sentAt' ? other : FULL.sentAt,
      });
    }
    const data = {
      stage: 'x',
      days: 16,
      specialType: 'tender',
      amount: 120.51,
      deadline: '2026-02-01T00:00:01+08:00',
      reason: 'y',
      noticed: false,
      approver: 'z',
      note: 1,
    };
    for (const [key, value] of Object.entries(data)) {
      variants.push({ ...FULL, data: { ...FULL.data, [key]: value } });
    }
    for (const materials of [
      ['CL-02', 'CL-01', 'CL-01'],
      ['CL-01', 'CL-02'],
      ['CL-01', 'CL-02', 'CL-03'],
    ]) {
      variants.push({ ...FULL, data: { ...FULL.data, materials } });
    }
    variants.push({ ...FULL, data: { ...FULL.data, note: 2 } });
    variants.push({ ...FULL, data: { ...FULL.data, note: [2] } });
    const { batch } = decode(variants.map((variant) => JSON.stringify(variant)));
    expect([...batch.reason].every((reason) => reason === 0)).toBe(true);
    expect(new Set(batch.content.subarray(0, batch.count)).size).toBe(variants.length);
  });

  it('tells swapped values of two fields apart', () => {
    const { batch } = decode([
      JSON.stringify({ ...MINIMAL, organ: 'a', territory: 'b' }),
      JSON.stringify({ ...MINIMAL, organ: 'b', territory: 'a' }),
    ]);
    expect(batch.content[0]).not.toBe(batch.content[1]);
  });

  it('takes times without a zone where an offset is declared', () => {
    const record = JSON.stringify({ ...MINIMAL, at: '2026-01-05 09:00:00' });
    expect(DECODE_REASONS[decode([record]).batch.reason[0]!]).toBe('TIME_NO_ZONE');
    const { batch } = decode([record], new Dictionaries(), { defaultOffsetMs: 8 * 3_600_000 });
    expect(batch.at[0]).toBe(Date.UTC(2026, 0, 5, 1));
  });

  it('makes a record a dead letter when its dictionary is full, and goes on with known codes', () => {
    const strings = new Dictionary({ entriesMax: 2, bytesMax: 1000 });
    const record = (organ: string, materials: string[] = []): string =>
      JSON.stringify({ ...MINIMAL, organ, data: { materials } });
    const { batch } = decode(
      [record('a'), record('b'), record('c'), record('a', ['b']), record('a', ['b', 'd'])],
      new Dictionaries(strings),
    );
    expect([...batch.reason].map((reason) => DECODE_REASONS[reason])).toEqual([
      '',
      '',
      'DICTIONARY_FULL',
      '',
      'DICTIONARY_FULL',
    ]);
    expect(batch.materialUsed).toBe(1);
  });

  it('follows a source that changes the order of its keys', () => {
    const reversed = Object.fromEntries(Object.entries(FULL).reverse());
    const { batch, decoder } = decode(
      [FULL, reversed, MINIMAL, reversed, FULL].map((e) => JSON.stringify(e)),
    );
    expect(decoder.strictCount).toBe(0);
    expect(batch.content[1]).toBe(batch.content[0]);
    expect(batch.content[4]).toBe(batch.content[0]);
  });

  it('names only codes of the catalogue, each once', () => {
    const codes = DECODE_REASONS.slice(1);
    expect(codes.filter((code) => !isErrorCode(code))).toEqual([]);
    expect(new Set(codes).size).toBe(codes.length);
    expect(DECODE_REASONS.length).toBeLessThan(256);
  });
});

describe('texts in messages', () => {
  it('show what cannot be seen and stay short', () => {
    expect(shown('a\u202eb\u0000c\u200b')).toBe('a<U+202E>b<U+0000>c<U+200B>');
    expect(shown('长'.repeat(100))).toBe(`${'长'.repeat(64)}…`);
  });

  it('offer the canonical form', () => {
    expect(canonicalId('　Ａ－１２\t')).toBe('A－12');
    expect(canonicalId('e\u0301')).toBe('é');
  });

  it('offer the nearest word', () => {
    expect(nearest('ACCPET', EVENT_TYPES)).toBe('accepted');
    expect(nearest('stage_done', EVENT_TYPES)).toBe('stageDone');
    expect(nearest('', ['abc', 'a'])).toBe('a');
  });
});
