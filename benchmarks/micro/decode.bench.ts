/**
 * Decoding of NDJSON event records into columns, beside JSON.parse of the same bytes in the same run.
 *
 * Figures: `fast` ordinary 235-byte records, `strict` the same through the strict path, `chinese`
 * records with `data` and Chinese text, all in records a second on one core, and JSON.parse of the
 * ordinary ones. The two sides alternate, and the best round of each counts, so that a neighbour on
 * the machine does not decide the ratio. JSON.parse gets text that is already decoded, which flatters it.
 */
import { performance } from 'node:perf_hooks';
import { Prng } from '../../engine/base/prng.ts';
import { Decoder } from '../../engine/events/decode.ts';
import { Dictionaries } from '../../engine/events/dictionary.ts';
import { EventBatch, RECORD_EVENT } from '../../engine/events/event.ts';

export interface BenchResult {
  readonly name: string;
  readonly size: string;
  readonly figures: Record<string, number>;
  readonly ratios: Record<string, number>;
  readonly checksum: string;
}

const TYPES = ['received', 'accepted', 'stageDone', 'suspended', 'resumed', 'decided'];
const BATCH = 1000;

interface Records {
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
  readonly texts: readonly string[];
}

export async function run(options: { size: 'small' | 'large' }): Promise<BenchResult> {
  const count = options.size === 'small' ? 20_000 : 200_000;
  const rounds = options.size === 'small' ? 3 : 9;
  const plain = recordsOf(count, plainRecord);
  const chinese = recordsOf(count, chineseRecord);
  const best = { fast: 0, parse: 0, chinese: 0, strict: 0 };
  const decoder = new Decoder(new Dictionaries());
  const batch = new EventBatch(BATCH);
  let checksum = 0;
  let parsed = 0;
  for (let round = 0; round < rounds; round++) {
    best.fast = Math.max(
      best.fast,
      rate(count, () => {
        checksum = decodeAll(decoder, batch, plain, false);
      }),
    );
    best.parse = Math.max(
      best.parse,
      rate(count, () => {
        for (const text of plain.texts) parsed += (JSON.parse(text) as { seq: number }).seq & 1;
      }),
    );
    best.chinese = Math.max(
      best.chinese,
      rate(count, () => {
        decodeAll(decoder, batch, chinese, false);
      }),
    );
  }
  best.strict = rate(count, () => {
    decodeAll(decoder, batch, plain, true);
  });
  return {
    name: 'decode',
    size: options.size,
    figures: {
      'fast path, records/s': Math.round(best.fast),
      'with data and Chinese text, records/s': Math.round(best.chinese),
      'strict path, records/s': Math.round(best.strict),
      'JSON.parse, records/s': Math.round(best.parse),
      'bytes a record': Math.round(plain.bytes.length / count),
      'records checked by JSON.parse': parsed > 0 ? count : 0,
    },
    ratios: { 'JSON.parse': Math.round((best.fast / best.parse) * 100) / 100 },
    checksum: String(checksum >>> 0),
  };
}

/** Decodes all records in batches; sum of their content hashes. */
function decodeAll(decoder: Decoder, batch: EventBatch, records: Records, strict: boolean): number {
  const count = records.offsets.length - 1;
  let sum = 0;
  for (let first = 0; first < count; first += BATCH) {
    batch.reset(records.bytes);
    batch.count = Math.min(BATCH, count - first);
    for (let row = 0; row < batch.count; row++) {
      const from = records.offsets[first + row] as number;
      batch.kind[row] = RECORD_EVENT;
      batch.rawOff[row] = from;
      batch.rawLen[row] = (records.offsets[first + row + 1] as number) - from - 1;
    }
    if (strict) for (let row = 0; row < batch.count; row++) decoder.decodeStrictly(batch, row);
    else decoder.decode(batch, 0);
    for (let row = 0; row < batch.count; row++) {
      if (batch.reason[row] !== 0) throw new Error(`record ${first + row} was not decoded`);
      sum = (sum + (batch.content[row] as number)) | 0;
    }
  }
  return sum;
}

function rate(count: number, work: () => void): number {
  const start = performance.now();
  work();
  return (count / (performance.now() - start)) * 1000;
}

function recordsOf(count: number, record: (prng: Prng, seq: number) => string): Records {
  const prng = new Prng(20_260_105);
  const texts = Array.from({ length: count }, (_, seq) => record(prng, seq));
  const offsets = new Int32Array(count + 1);
  const lines = texts.map((text) => new TextEncoder().encode(`${text}\n`));
  for (const [i, line] of lines.entries()) offsets[i + 1] = (offsets[i] as number) + line.length;
  const bytes = new Uint8Array(offsets[count] as number);
  for (const [i, line] of lines.entries()) bytes.set(line, offsets[i] as number);
  return { bytes, offsets, texts };
}

/** Milliseconds as the text of that instant at +01:00. */
function iso(ms: number): string {
  return `${new Date(ms + 3_600_000).toISOString().slice(0, 23)}+01:00`;
}

/** About as many events a day as half a million live cases make. */
function instantOf(seq: number, prng: Prng): number {
  return Date.UTC(2026, 0, 5, 8) + seq * 700 + prng.int(0, 699);
}

function plainRecord(prng: Prng, seq: number): string {
  const at = instantOf(seq, prng);
  const key = `SPR-2026-${String(prng.int(0, 99_999_999)).padStart(8, '0')}${String(prng.int(0, 836_119)).padStart(7, '0')}`;
  const item = `RE-${prng.int(1000, 9999)}-${String.fromCharCode(prng.int(65, 90))}`;
  return JSON.stringify({
    seq: 1_000_000 + seq,
    caseKey: key,
    itemCode: item,
    organ: `PINB-${prng.int(1000, 1379)}`,
    territory: String(prng.int(1_000_000, 1_002_476)),
    type: prng.pick(TYPES),
    at: iso(at),
    recordedAt: iso(at + prng.int(1000, 3999)),
    actor: `u-${prng.int(1000, 5999)}`,
  });
}

function chineseRecord(prng: Prng, seq: number): string {
  const at = instantOf(seq, prng);
  return JSON.stringify({
    caseKey: `440300-${prng.int(0, 99_999_999)}`,
    type: prng.pick(['stageEntered', 'stageDone', 'extended', 'suspended']),
    at: iso(at),
    organ: prng.pick(['市住建局', '市规划局', '市场监管局']),
    itemCode: `XK-${prng.int(100, 160)}`,
    itemVersion: 3,
    source: '深圳市政务服务平台',
    seq,
    rev: 0,
    actor: prng.pick(['张三', '李四', '欧阳文']),
    document: `深建许〔2026〕${prng.int(1, 999)}号`,
    data: {
      stage: prng.pick(['审查', '现场勘验', '决定']),
      days: prng.int(1, 30),
      reason: '申请材料不齐，已书面告知',
      noticed: true,
      materials: ['CL-01', 'CL-02'],
      amount: 120.5,
    },
  });
}
