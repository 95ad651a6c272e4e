/**
 * The bytes of one stored segment: a run of records with consecutive positions.
 *
 * Owns: the layout, and the check that bytes read back are the bytes written.
 * Does not own: where segments are kept (sqlite-log.ts).
 *
 * Layout, little-endian, every column aligned so that reading makes views and copies nothing:
 *
 *   0  u32 magic   4  u32 count   8  f64 position of the first record   16  u32 bytes   20  u32 0
 *   24           f64 stamps[count]
 *   24 + 8n      i32 offsets[count + 1]     from the first byte of the record area
 *   28 + 12n     u8  kinds[count]
 *   28 + 13n     u8  record bytes
 *
 * Invariants
 * SG1  The position lies inside the checked bytes: a segment moved to another place is found.
 * SG2  Decoding never reads past the blob, whatever the header says.
 */
import type { RecordBatch, StoredBatch } from './log.ts';

const MAGIC = 0x3147534d; // 'MSG1'
const HEADER_BYTES = 24;
const PER_RECORD_BYTES = 13; // stamp 8, offset 4, kind 1

/** Bytes a segment takes for `count` records that hold `dataBytes` bytes together. */
export function segmentBytes(count: number, dataBytes: number): number {
  return HEADER_BYTES + 4 + PER_RECORD_BYTES * count + dataBytes;
}

/**
 * Writes records `from..to` of the batch into `target` (8-byte aligned at its start) and returns how
 * many bytes they took.
 */
export function encodeSegment(
  batch: RecordBatch,
  from: number,
  to: number,
  position: number,
  target: Uint8Array,
): number {
  const count = to - from;
  const base = batch.offsets[from]!;
  const dataBytes = batch.offsets[to]! - base;
  const view = new DataView(target.buffer, target.byteOffset, HEADER_BYTES);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, count, true);
  view.setFloat64(8, position, true);
  view.setUint32(16, dataBytes, true);
  view.setUint32(20, 0, true);
  const at = target.byteOffset + HEADER_BYTES;
  new Float64Array(target.buffer, at, count).set(batch.stamps.subarray(from, to));
  const offsets = new Int32Array(target.buffer, at + 8 * count, count + 1);
  for (let i = 0; i <= count; i++) offsets[i] = batch.offsets[from + i]! - base;
  const kindsAt = HEADER_BYTES + 12 * count + 4;
  target.set(batch.kinds.subarray(from, to), kindsAt);
  target.set(batch.bytes.subarray(base, base + dataBytes), kindsAt + count);
  return kindsAt + count + dataBytes;
}

/** Views over a stored blob, or the reason (text) why it is not a segment. */
export function decodeSegment(blob: Uint8Array): StoredBatch | string {
  if (blob.length < HEADER_BYTES + 4) return 'shorter than a header';
  const data = blob.byteOffset % 8 === 0 ? blob : blob.slice();
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  if (view.getUint32(0, true) !== MAGIC) return 'wrong magic number';
  const count = view.getUint32(4, true);
  const dataBytes = view.getUint32(16, true);
  if (segmentBytes(count, dataBytes) !== data.length) return 'length does not match the header';
  const at = data.byteOffset + HEADER_BYTES;
  const offsets = new Int32Array(data.buffer, at + 8 * count, count + 1);
  if (!offsetsAreSound(offsets, dataBytes)) return 'record offsets out of order';
  const kindsAt = HEADER_BYTES + 12 * count + 4;
  return {
    position: view.getFloat64(8, true),
    count,
    stamps: new Float64Array(data.buffer, at, count),
    offsets,
    kinds: data.subarray(kindsAt, kindsAt + count),
    bytes: data.subarray(kindsAt + count),
  };
}

function offsetsAreSound(offsets: Int32Array, dataBytes: number): boolean {
  const last = offsets.length - 1;
  if (offsets[0] !== 0 || offsets[last] !== dataBytes) return false;
  for (let i = 0; i < last; i++) if (offsets[i]! > offsets[i + 1]!) return false;
  return true;
}

/** Records `from..to` of a stored batch, as views; offsets keep pointing into the same bytes. */
export function sliceBatch(batch: StoredBatch, from: number, to: number): StoredBatch {
  if (from === 0 && to === batch.count) return batch;
  return {
    position: batch.position + from,
    count: to - from,
    stamps: batch.stamps.subarray(from, to),
    offsets: batch.offsets.subarray(from, to + 1),
    kinds: batch.kinds.subarray(from, to),
    bytes: batch.bytes,
  };
}
