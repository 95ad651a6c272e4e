import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { CatalogueError, describe as describeCode, entryOf } from '../../../engine/base/errors.ts';
import { DECODE_REASONS, Decoder } from '../../../engine/events/decode.ts';
import { Dictionaries } from '../../../engine/events/dictionary.ts';
import { EVENT_TYPES, EventBatch, SPECIAL_PROCEDURES } from '../../../engine/events/event.ts';
import { F_RETRACTED, F_STAGE, FIELD_NAMES } from '../../../engine/events/fields.ts';
import { StrictEvent } from '../../../engine/events/strict-event.ts';
import { Door, type DoorAccepted, type DoorResult } from '../../../engine/intake/door.ts';
import { splitRows } from '../../../engine/intake/rows.ts';
import schema from '../../../rules/schema/event.schema.json' with { type: 'json' };
import {
  BAD_EVENTS,
  type BadEvent,
  NOW_MS,
  ORGANS,
  SENDER,
  TERRITORY_OF,
} from '../../fixtures/bad-events.ts';

const KEY = new Uint8Array(32).fill(7);
const door = new Door({
  organs: new Set(ORGANS),
  items: new Set(['XK-101']),
  pseudonymKey: KEY,
  organFits: (organ, territory) => TERRITORY_OF[organ] === territory,
});
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function check(text: string, organs: readonly string[] | null = SENDER.organs): DoorResult {
  return door.check(encode(text), SENDER.id, organs, NOW_MS);
}

function accepted(text: string, organs: readonly string[] | null = SENDER.organs): DoorAccepted {
  const result = check(text, organs);
  if (!result.ok) throw new Error(`${result.code}: ${result.messageEn}`);
  return result;
}

interface Verdict {
  readonly outcome: string;
  readonly pointer: string;
  readonly messages: string;
}

/** The verdict on a body of one record, whichever step gives it. */
function verdictOf({ body }: BadEvent): Verdict {
  const bytes = typeof body === 'string' ? encode(body) : body;
  try {
    const rows = splitRows(bytes);
    expect(rows).toHaveLength(1);
    const result = door.check(rows[0]!.bytes, SENDER.id, SENDER.organs, NOW_MS);
    if (result.ok) {
      return { outcome: result.held === null ? 'accepted' : 'held', pointer: '', messages: '' };
    }
    return {
      outcome: result.code,
      pointer: result.pointer,
      messages: `${result.message}\n${result.messageEn}`,
    };
  } catch (error) {
    if (!(error instanceof CatalogueError)) throw error;
    const { message, messageEn } = describeCode(error.code, error.params);
    return { outcome: error.code, pointer: error.pointer, messages: `${message}\n${messageEn}` };
  }
}

describe('the door', () => {
  it.each(BAD_EVENTS)('$id $name: $expect', (event) => {
    const verdict = verdictOf(event);
    expect(verdict.outcome).toBe(event.expect);
    if (event.pointer !== undefined && event.expect !== 'accepted') {
      expect(verdict.pointer).toBe(event.pointer);
    }
    if (event.says !== undefined) expect(verdict.messages).toContain(event.says);
    if (event.hides !== undefined) expect(verdict.messages).not.toContain(event.hides);
    expect(verdict.messages).not.toMatch(/\{\w+\}/);
  });

  it('has a case for every row of its catalogue', () => {
    const ids = new Set(BAD_EVENTS.map(({ id }) => id));
    const rows = [...range(1, 8), ...range(11, 35), ...range(41, 43)];
    expect(rows.map((n) => `E${n}`).filter((id) => !ids.has(id))).toEqual([]);
  });

  it('stores what was sent when nothing is missing', () => {
    const text =
      '{ "caseKey" : "A-1", "type":"received","at":"2026-01-05T09:00:00+08:00","source":"gov-platform","organ":"SZ-ZJ"}';
    expect(decode(accepted(text).bytes)).toBe(text);
  });

  it('fills in the source, and leaves every other byte as it was', () => {
    const rest =
      '"caseKey":"A-1","type":"received","at":"2026-01-05T09:00:00+08:00","organ":"SZ-ZJ"}';
    expect(decode(accepted(`{${rest}`).bytes)).toBe(`{"source":"gov-platform",${rest}`);
    expect(decode(accepted(`{ ${rest}`).bytes)).toBe(`{"source":"gov-platform", ${rest}`);
  });

  it('puts the source in the place of an empty one', () => {
    const record = (source: string): string =>
      `{"caseKey":"A-1","type":"received","source":${source},"at":"2026-01-05T09:00:00+08:00","organ":"SZ-ZJ"}`;
    expect(decode(accepted(record('null')).bytes)).toBe(record('"gov-platform"'));
    expect(decode(accepted(record('""')).bytes)).toBe(record('"gov-platform"'));
  });

  it('fills in the organ of a source that has only one', () => {
    const text = '{"caseKey":"A-1","type":"received","at":"2026-01-05T09:00:00+08:00"}';
    const stored = JSON.parse(decode(accepted(text, ['SZ-GH']).bytes)) as Record<string, unknown>;
    expect(stored).toMatchObject({ source: 'gov-platform', organ: 'SZ-GH' });
    expect(decode(accepted(text, null).bytes)).not.toContain('organ');
  });

  it('names the partition by the joint case, or else by the case', () => {
    const text =
      '{"caseKey":"A-1","type":"received","at":"2026-01-05T09:00:00+08:00","organ":"SZ-ZJ"}';
    expect(accepted(text)).toMatchObject({ caseKey: 'A-1', partitionKey: 'A-1' });
    const joint = text.replace('{', '{"parentKey":"J-9",');
    expect(accepted(joint)).toMatchObject({ caseKey: 'A-1', partitionKey: 'J-9' });
    const escaped = text.replace('"A-1"', '"\\u0041-1"');
    expect(accepted(escaped)).toMatchObject({ caseKey: 'A-1', partitionKey: 'A-1' });
  });

  it('says whether the item is known, and takes the record either way', () => {
    const text =
      '{"caseKey":"A-1","type":"received","at":"2026-01-05T09:00:00+08:00","organ":"SZ-ZJ","itemCode":"XK-101"}';
    expect(accepted(text).itemKnown).toBe(true);
    expect(accepted(text.replace('101', '999')).itemKnown).toBe(false);
  });

  it('keeps no person in clear, and the same person has the same pseudonym', () => {
    const record = (data: unknown): string =>
      JSON.stringify({
        caseKey: 'A-1',
        type: 'received',
        at: '2026-01-05T09:00:00+08:00',
        organ: 'SZ-ZJ',
        data,
      });
    const stored = (data: unknown): Record<string, string> =>
      (JSON.parse(decode(accepted(record(data)).bytes)) as { data: Record<string, string> }).data;
    const one = stored({
      stage: '审查',
      applicantName: '欧阳文',
      applicantId: '11010519491231002X',
      applicantPhone: '13800001234',
    });
    expect(one).toEqual({
      stage: '审查',
      applicantName: '欧**',
      applicantId: '110*************2X',
      applicantPhone: '138****1234',
      applicantHash: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    const again = stored({ applicantId: '11010519491231002X' });
    const other = stored({ applicantName: '欧阳文' });
    expect(again.applicantHash).toBe(one.applicantHash);
    expect(other.applicantHash).not.toBe(one.applicantHash);
    const otherKey = new Door({
      organs: null,
      items: null,
      pseudonymKey: KEY.map((byte) => byte + 1),
    });
    const elsewhere = otherKey.check(
      encode(record({ applicantId: '11010519491231002X' })),
      's',
      null,
      NOW_MS,
    );
    expect(elsewhere.ok && decode(elsewhere.bytes)).not.toContain(one.applicantHash);
  });

  it('stores nothing that the decoder would not decode', () => {
    const decoder = new Decoder(new Dictionaries());
    const batch = new EventBatch(1);
    let seen = 0;
    for (const event of BAD_EVENTS) {
      const bytes = typeof event.body === 'string' ? encode(event.body) : event.body;
      const result = door.check(bytes, SENDER.id, SENDER.organs, NOW_MS);
      if (!result.ok) continue;
      batch.reset(result.bytes);
      batch.count = 1;
      batch.rawLen[0] = result.bytes.length;
      decoder.decode(batch, 0);
      expect(DECODE_REASONS[batch.reason[0]!], event.name).toBe('');
      expect(batch.at[0]).toBe(result.atMs);
      seen++;
    }
    expect(seen).toBeGreaterThan(15);
  });

  it('goes on when its own dictionary is full', () => {
    const small = new Door({ organs: null, items: null, pseudonymKey: KEY });
    for (let i = 0; i < 100_010; i++) {
      const row = encode(
        `{"caseKey":"A","type":"received","at":"2026-01-05T09:00:00+08:00","itemCode":"I-${i}"}`,
      );
      if (!small.check(row, 's', null, NOW_MS).ok) throw new Error(`row ${i} was refused`);
    }
  });

  it('does not begin with a key too short to hide anything', () => {
    expect(() => new Door({ organs: null, items: null, pseudonymKey: new Uint8Array(8) })).toThrow(
      RangeError,
    );
  });

  it('answers with the status and retry of the catalogue', () => {
    const result = check('{"caseKey":"A"}');
    expect(result).toMatchObject({ ok: false, code: 'FIELD_REQUIRED', status: 422, retry: false });
    expect(entryOf('FIELD_REQUIRED').status).toBe(422);
  });
});

describe('the schema of an event record', () => {
  const validate = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    multipleOfPrecision: 6,
  }).compile(schema);
  const strict = new StrictEvent();

  it.each(BAD_EVENTS.filter(({ beyondSchema }) => !beyondSchema))(
    'agrees with the strict path on $id $name',
    ({ body }) => {
      const bytes = typeof body === 'string' ? encode(body) : body;
      const form = strict.read(bytes, 0, bytes.length);
      expect(validate(JSON.parse(decode(bytes))), JSON.stringify(validate.errors)).toBe(form);
    },
  );

  it('accepts its own examples, and so does the strict path', () => {
    for (const example of schema.examples) {
      expect(validate(example)).toBe(true);
      const bytes = encode(JSON.stringify(example));
      expect(strict.read(bytes, 0, bytes.length)).toBe(true);
    }
  });

  it('lists exactly the fields, event types and special procedures that are decoded', () => {
    const { properties } = schema;
    const whole = [...FIELD_NAMES.slice(0, F_STAGE), ...FIELD_NAMES.slice(F_RETRACTED)];
    expect(new Set(Object.keys(properties))).toEqual(new Set(whole));
    const inside = FIELD_NAMES.slice(F_STAGE, F_RETRACTED);
    expect(Object.keys(properties.data.properties)).toEqual(inside);
    expect(properties.type.enum).toEqual([...EVENT_TYPES]);
    expect(properties.data.properties.specialType.enum).toEqual([...SPECIAL_PROCEDURES, '', null]);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
