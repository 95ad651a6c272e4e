/** The demonstration city: determinism, order, rates, and records that the event format accepts. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../engine/base/units.ts';
import { DemoCity, type DemoCityOptions } from '../../../engine/demo/city.ts';
import { Decoder } from '../../../engine/events/decode.ts';
import { Dictionaries } from '../../../engine/events/dictionary.ts';
import { EventBatch, RECORD_EVENT } from '../../../engine/events/event.ts';
import { loadPack } from '../../../engine/runtime/rule-loader.ts';
import { RULES_DIR } from '../../../engine/runtime/rule-schema.ts';

interface CityRecord {
  readonly caseKey: string;
  readonly type: string;
  readonly at: string;
  readonly recordedAt: string;
  readonly sentAt: string;
  readonly itemCode: string;
  readonly actor: string;
  readonly source: string;
  readonly seq: number;
  readonly data?: { readonly materials?: readonly string[]; readonly amount?: number };
}

const pack = loadPack(join(RULES_DIR, 'packs', 'demo.json'));
const OPTIONS: DemoCityOptions = {
  seed: 7,
  pack,
  startMs: Date.parse('2024-11-25T00:00:00+08:00'),
  endMs: Date.parse('2026-11-24T14:00:00+08:00'),
  // A tenth of the city: the rates are those of the whole.
  cases: 12_000,
};
const TERMINAL = new Set<string>(pack.terminal);

function linesOf(chunks: Iterable<Uint8Array>): string[] {
  const text = new TextDecoder();
  return [...chunks].flatMap((chunk) =>
    text
      .decode(chunk)
      .split('\n')
      .filter((l) => l !== ''),
  );
}

function parse(line: string): CityRecord {
  return JSON.parse(line) as CityRecord;
}

function identity(record: CityRecord): string {
  return `${record.source} ${record.seq}`;
}

let lines: string[] = [];
let records: CityRecord[] = [];
/** Without those sent twice. */
let unique: CityRecord[] = [];
let cases = new Map<string, CityRecord[]>();

beforeAll(() => {
  lines = linesOf(new DemoCity(OPTIONS).history());
  records = lines.map(parse);
  const seen = new Set<string>();
  unique = records.filter((r) => !seen.has(identity(r)) && seen.add(identity(r)));
  cases = Map.groupBy(unique, (record) => record.caseKey);
});

function shareOfCases(has: (events: readonly CityRecord[]) => boolean): number {
  return [...cases.values()].filter(has).length / cases.size;
}

const hasType = (type: string) => (events: readonly CityRecord[]) =>
  events.some((e) => e.type === type);

describe('determinism', () => {
  test('one seed gives one stream, another seed another', () => {
    const digest = (seed: number) => {
      const hash = createHash('sha256');
      let left = 10_000;
      for (const chunk of new DemoCity({ ...OPTIONS, seed }).history()) {
        hash.update(chunk);
        left -= 2000;
        if (left <= 0) break;
      }
      return hash.digest('hex');
    };
    expect(digest(7)).toBe(digest(7));
    expect(digest(7)).not.toBe(digest(8));
  });

  test('live goes on exactly where history ends', () => {
    const cutMs = Date.parse('2026-03-10T10:30:00+08:00');
    const until = cutMs + 2 * DAY_MS;
    const city = new DemoCity({ ...OPTIONS, endMs: cutMs });
    const before = linesOf(city.history());
    const after = linesOf([city.live(cutMs).nextUntil(until, 1e6) as Uint8Array]);
    const whole = linesOf(new DemoCity({ ...OPTIONS, endMs: until }).history());
    expect(after.length).toBeGreaterThan(20);
    expect([...before, ...after]).toEqual(whole);
  });

  test('a restart repeats no record that was already sent', () => {
    const city = new DemoCity(OPTIONS);
    const from = OPTIONS.endMs;
    const once = linesOf([city.live(from).nextUntil(from + 4 * HOUR_MS, 1e6) as Uint8Array]);
    const first = city.live(from);
    const start = linesOf([first.nextUntil(from + 2 * HOUR_MS, 1e6) as Uint8Array]);
    const again = new DemoCity(OPTIONS).live(from + 2 * HOUR_MS);
    const rest = linesOf([again.nextUntil(from + 4 * HOUR_MS, 1e6) as Uint8Array]);
    expect([...start, ...rest]).toEqual(once);
  });

  test('a higher rate adds cases and leaves the identities of the others as they are', () => {
    const until = OPTIONS.endMs + 2 * DAY_MS;
    const read = (rate: number) => {
      const feed = new DemoCity(OPTIONS).live(OPTIONS.endMs, { rate });
      return linesOf([feed.nextUntil(until, 1e6) as Uint8Array]);
    };
    const plain = read(1);
    const busy = new Set(read(5));
    expect(busy.size).toBeGreaterThan(plain.length * 2);
    expect(plain.filter((line) => !busy.has(line))).toEqual([]);
  });
});

describe('order and form', () => {
  test('records come in the order of sentAt, but for those sent twice', () => {
    const back = unique.filter((r, i) => r.sentAt < (unique[i - 1]?.sentAt ?? ''));
    expect(back).toEqual([]);
    expect(records.length).toBeGreaterThan(unique.length);
  });

  test('the numbers of a source only grow', () => {
    for (const sent of Map.groupBy(unique, (r) => r.source).values()) {
      expect(sent.filter((r, i) => r.seq <= (sent[i - 1]?.seq ?? -1))).toEqual([]);
    }
  });

  test('every record fits the event schema', () => {
    const ajv = new Ajv2020({ allErrors: true, strict: false });
    addFormats.default(ajv);
    const schema = readFileSync(join(RULES_DIR, 'schema', 'event.schema.json'), 'utf8');
    const validate = ajv.compile(JSON.parse(schema));
    const bad = records.filter((record) => !validate(record));
    expect(bad.slice(0, 3)).toEqual([]);
  });

  test('the decoder takes every record', () => {
    const decoder = new Decoder(new Dictionaries());
    const bytes = new TextEncoder().encode(lines.join('\n'));
    const batch = new EventBatch(lines.length);
    batch.reset(bytes);
    batch.count = lines.length;
    let from = 0;
    for (let i = 0; i < lines.length; i++) {
      const end = bytes.indexOf(10, from);
      const to = end < 0 ? bytes.length : end;
      batch.kind[i] = RECORD_EVENT;
      batch.rawOff[i] = from;
      batch.rawLen[i] = to - from;
      from = to + 1;
    }
    decoder.decode(batch, 0);
    expect(batch.reason.subarray(0, batch.count).every((reason) => reason === 0)).toBe(true);
  });

  test('people appear only as masked text', () => {
    const masked = /^\p{Script=Han}\*$/u;
    expect(records.filter((r) => !masked.test(r.actor))).toEqual([]);
    const names = lines.flatMap((l) => /"applicantName":"([^"]*)"/.exec(l)?.[1] ?? []);
    expect(names.length).toBeGreaterThan(1000);
    expect(names.filter((name) => !name.includes('**'))).toEqual([]);
  });
});

describe('rates', () => {
  test('about 120,000 cases and 0.85 million records in two years, at the full size', () => {
    expect(cases.size * 10).toBeGreaterThan(114_000);
    expect(cases.size * 10).toBeLessThan(126_000);
    expect(records.length / cases.size).toBeGreaterThan(6.5);
    expect(records.length / cases.size).toBeLessThan(7.8);
  });

  test('about 3 % of records come a working day late', () => {
    const lagMs = (r: CityRecord) => Date.parse(r.sentAt) - Date.parse(r.at);
    const late = unique.filter((r) => lagMs(r) > 14 * HOUR_MS).length / unique.length;
    expect(late).toBeGreaterThan(0.018);
    expect(late).toBeLessThan(0.04);
  });

  test('about 5 % of cases are suspended or in a special procedure', () => {
    const share = shareOfCases((e) => hasType('suspended')(e) || hasType('specialOpened')(e));
    expect(share).toBeGreaterThan(0.04);
    expect(share).toBeLessThan(0.07);
  });

  test('supplements, refusals, withdrawals and extensions happen', () => {
    expect(shareOfCases(hasType('supplementRequested'))).toBeGreaterThan(0.015);
    expect(shareOfCases(hasType('refused'))).toBeGreaterThan(0.003);
    expect(shareOfCases(hasType('withdrawn'))).toBeGreaterThan(0.002);
    expect(shareOfCases(hasType('extended'))).toBeGreaterThan(0.0005);
  });

  test('in about 1 % of cases a required material is missing at acceptance', () => {
    const required = new Map(
      pack.items.map((i) => [i.code, i.materials.filter((m) => m.required).map((m) => m.code)]),
    );
    const share = shareOfCases((events) => {
      if (!hasType('accepted')(events)) return false;
      const have = new Set(events.flatMap((e) => e.data?.materials ?? []));
      return (required.get(events[0]?.itemCode ?? '') ?? []).some((m) => !have.has(m));
    });
    expect(share).toBeGreaterThan(0.006);
    expect(share).toBeLessThan(0.016);
  });

  test('about 0.3 to 0.7 % of cases pay more than the standard', () => {
    const standard = new Map(pack.items.map((i) => [i.code, i.feeFen / 100]));
    const share = shareOfCases((events) =>
      events.some((e) => (e.data?.amount ?? 0) > (standard.get(e.itemCode) ?? 0)),
    );
    expect(share).toBeGreaterThan(0.002);
    expect(share).toBeLessThan(0.008);
  });

  test('one record in a thousand is sent twice', () => {
    const share = (records.length - unique.length) / records.length;
    expect(share).toBeGreaterThan(0.0005);
    expect(share).toBeLessThan(0.0016);
  });

  test('at the end 2,000 to 5,000 cases are open, at the full size', () => {
    const open = shareOfCases((events) => !events.some((e) => TERMINAL.has(e.type)));
    expect(open * 120_000).toBeGreaterThan(1800);
    expect(open * 120_000).toBeLessThan(5000);
  });

  test('some organs hand over their day in one nightly batch', () => {
    const nightly = unique.filter((r) => r.sentAt.slice(11, 13) === '22');
    const sources = new Set(nightly.map((r) => r.source));
    expect(sources.size).toBe(4);
    expect(nightly.length / unique.length).toBeGreaterThan(0.05);
  });

  test('nobody comes on a day off', () => {
    const received = unique.filter((r) => r.type === 'received').map((r) => r.at.slice(0, 10));
    expect(received.filter((date) => date >= '2026-02-15' && date <= '2026-02-23')).toEqual([]);
    // A Saturday that is worked (调休上班).
    expect(received).toContain('2026-02-14');
  });
});
