/**
 * Decoding of NDJSON event records into columns, beside JSON.parse of the same records in the same run.
 *
 * Figures are records a second of processor time: `fast` for ordinary 235-byte records, `strict` for
 * the same through the strict path, `chinese` for records with `data` and Chinese text. The sides take
 * turns and the best round of each counts, so that a neighbour on the machine does not decide the
 * ratio. JSON.parse is given strings that are made already, which flatters it.
 */
import { Prng } from '../../engine/base/prng.ts';
import { Decoder } from '../../engine/events/decode.ts';
import { Dictionaries } from '../../engine/events/dictionary.ts';
import { EventBatch, RECORD_EVENT } from '../../engine/events/event.ts';
import { type Bench, BenchError, type BenchResult, Stopwatch } from '../harness.ts';

const TYPES = ['received', 'accepted', 'stageDone', 'suspended', 'resumed', 'decided'];
const BATCH = 1000;

interface Records {
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
  readonly texts: readonly string[];
}

export function run(bench: Bench): BenchResult {
  const count = bench.parameter('records', 10_000, 200_000);
  const rounds = bench.parameter('rounds', 2, 12);
  const plain = recordsOf(count, plainRecord);
  const chinese = recordsOf(count, chineseRecord);
  const decoder = new Decoder(new Dictionaries());
  const batch = new EventBatch(BATCH);
  const best = { fast: 0, chinese: 0, parse: 0 };
  let checksum = 0;
  for (let round = 0; round < rounds; round++) {
    const fast = timed(count, () => decodeAll(decoder, batch, plain, false));
    const parse = timed(count, () => parseAll(plain.texts));
    const other = timed(count, () => decodeAll(decoder, batch, chinese, false));
    if (parse.sum !== count) throw new BenchError('BENCH_PARSE', 'JSON.parse lost a record');
    best.fast = Math.max(best.fast, fast.rate);
    best.parse = Math.max(best.parse, parse.rate);
    best.chinese = Math.max(best.chinese, other.rate);
    checksum = fast.sum;
  }
  if (decoder.strictCount > 0) throw new BenchError('BENCH_PATH', 'a record left the fast path');
  const strict = timed(count, () => decodeAll(decoder, batch, plain, true));
  if (strict.sum !== checksum) throw new BenchError('BENCH_SUM', 'the paths do not agree');
  const figures = {
    'fast records/s': best.fast,
    'chinese records/s': best.chinese,
    'strict records/s': strict.rate,
    'JSON.parse records/s': best.parse,
    'bytes/record': plain.bytes.length / count,
  };
  const ratios = { 'JSON.parse': best.fast / best.parse };
  return bench.result(figures, String(checksum >>> 0), ratios);
}

/** Records a second of processor time, and what the work answers. */
function timed(count: number, work: () => number): { rate: number; sum: number } {
  const watch = new Stopwatch();
  const sum = work();
  return { rate: count / watch.read().cpuSeconds, sum };
}

function parseAll(texts: readonly string[]): number {
  let parsed = 0;
  for (const text of texts) if ((JSON.parse(text) as { seq: number }).seq > 0) parsed++;
  return parsed;
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
