/**
 * An NDJSON event file as batches, the way a partition reads its log: blocks of bytes, rows found by
 * their newlines, stamps as for history (the greatest instant so far).
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Decoder } from '../../engine/events/decode.ts';
import { EventBatch, RECORD_EVENT } from '../../engine/events/event.ts';
import { BenchError } from '../harness.ts';

const BLOCK_BYTES = 1 << 17;
const NEWLINE = 10;
/** Shortest line worth a row; decides how many rows a block can hold. */
const ROW_BYTES_MIN = 64;

/** Gives every row the stamp history has, from `previous` on; returns the last one. */
function stampRows(batch: EventBatch, previous: number): number {
  let stamp = previous;
  for (let row = 0; row < batch.count; row++) {
    if (batch.reason[row] !== 0) {
      throw new BenchError('BENCH_INPUT', `row at position ${batch.position[row]} does not decode`);
    }
    const at = batch.at[row] as number;
    if (at > stamp) stamp = at;
    batch.stamp[row] = stamp;
  }
  return stamp;
}

/** Decoded batches of a file; one batch object is reused, so use each before asking for the next. */
export function* decodedBatches(path: string, decoder: Decoder): Generator<EventBatch> {
  const batch = new EventBatch(BLOCK_BYTES / ROW_BYTES_MIN);
  const buffer = Buffer.alloc(BLOCK_BYTES * 2); // its indexOf is memchr, a plain array's is not
  const file = openSync(path, 'r');
  let carried = 0;
  let position = 0;
  let stamp = Number.NEGATIVE_INFINITY;
  try {
    for (;;) {
      const read = readSync(file, buffer, carried, BLOCK_BYTES, null);
      const filled = carried + read;
      if (read === 0 && filled > 0) throw new BenchError('BENCH_INPUT', `${path} ends in mid-line`);
      if (read === 0) return;
      batch.reset(buffer);
      let from = 0;
      for (let to = buffer.indexOf(NEWLINE); to >= 0 && to < filled; ) {
        const row = batch.count++;
        batch.kind[row] = RECORD_EVENT;
        batch.rawOff[row] = from;
        batch.rawLen[row] = to - from;
        batch.position[row] = position++;
        from = to + 1;
        to = buffer.indexOf(NEWLINE, from);
      }
      decoder.decode(batch, 0);
      stamp = stampRows(batch, stamp);
      yield batch;
      buffer.copyWithin(0, from, filled);
      carried = filled - from;
    }
  } finally {
    closeSync(file);
  }
}
