/**
 * A snapshot: named sections of bytes behind one header, so that a partition is a copy of buffers.
 *
 * layout: magic "MCSN" · u32 format · u32 section count · for each: u32 name length, name (ASCII),
 * f64 byte length · then the sections, each starting at a multiple of 8.
 *
 * The store around it (runtime/checkpoint.ts) adds the hash; a reader here checks magic, format and
 * lengths before it trusts anything.
 */
const MAGIC = 0x4d43534e; // "MCSN"
export const SNAPSHOT_FORMAT = 6;
const NAME_MAX = 64;

export class SnapshotError extends Error {
  override name = 'SnapshotError';
}

export function writeSnapshot(sections: ReadonlyMap<string, Uint8Array>): Uint8Array {
  let head = 12;
  for (const name of sections.keys()) head += 12 + name.length;
  let total = align(head);
  for (const bytes of sections.values()) total += align(bytes.length);
  const out = new Uint8Array(total);
  const view = new DataView(out.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, SNAPSHOT_FORMAT, true);
  view.setUint32(8, sections.size, true);
  let at = 12;
  let body = align(head);
  for (const [name, bytes] of sections) {
    view.setUint32(at, name.length, true);
    for (let i = 0; i < name.length; i++) out[at + 4 + i] = name.charCodeAt(i);
    view.setFloat64(at + 4 + name.length, bytes.length, true);
    at += 12 + name.length;
    out.set(bytes, body);
    body += align(bytes.length);
  }
  return out;
}

/** Sections by name, as views into `bytes`. */
export function readSnapshot(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || view.getUint32(0, true) !== MAGIC) {
    throw new SnapshotError('不是快照 (not a snapshot): magic number missing');
  }
  const format = view.getUint32(4, true);
  if (format !== SNAPSHOT_FORMAT) {
    throw new SnapshotError(
      `快照格式 ${format},本版本只读 ${SNAPSHOT_FORMAT} (other snapshot format)`,
    );
  }
  const heads: { name: string; length: number }[] = [];
  let at = 12;
  for (let i = 0; i < view.getUint32(8, true); i++) {
    const nameLength = at + 4 <= bytes.length ? view.getUint32(at, true) : NAME_MAX + 1;
    const end = at + 12 + nameLength;
    if (nameLength > NAME_MAX || end > bytes.length) {
      throw new SnapshotError('快照目录损坏 (damaged list of sections)');
    }
    let name = '';
    for (let k = 0; k < nameLength; k++) name += String.fromCharCode(bytes[at + 4 + k]!);
    heads.push({ name, length: view.getFloat64(end - 8, true) });
    at = end;
  }
  const sections = new Map<string, Uint8Array>();
  let body = align(at);
  for (const { name, length } of heads) {
    const fits = length >= 0 && body + length <= bytes.length;
    if (!fits || !Number.isInteger(length))
      throw new SnapshotError(`快照缺少 ${name} 段 (section cut off)`);
    sections.set(name, bytes.subarray(body, body + length));
    body += align(length);
  }
  return sections;
}

function align(n: number): number {
  return (n + 7) & ~7;
}
