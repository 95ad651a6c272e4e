/** Appends numbered records for ever in batches of 1 to 9 and prints the last position after each. */
import { writeSync } from 'node:fs';
import { SqliteLog } from '../../engine/log/sqlite-log.ts';

const log = new SqliteLog({ dir: process.argv[2]!, partition: 0, partitions: 1 });
for (let turn = 0; ; turn++) {
  const count = 1 + (turn % 9);
  const parts = Array.from({ length: count }, (_, i) => Buffer.from(`record ${log.end + i}`));
  const offsets = new Int32Array(count + 1);
  for (let i = 0; i < count; i++) offsets[i + 1] = offsets[i]! + parts[i]!.length;
  log.append({
    count,
    bytes: Buffer.concat(parts),
    offsets,
    kinds: new Uint8Array(count),
    stamps: new Float64Array(count).fill(log.end),
  });
  writeSync(1, `${log.end - 1}\n`);
}
