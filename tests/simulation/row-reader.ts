/** Reads the RowBinary bytes that the sink sends, column by column as the table names them. */
import type { Table } from '../../engine/sinks/rows.ts';

export type Row = Readonly<Record<string, string | number | null>>;

class Reader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get ended(): boolean {
    return this.at >= this.#bytes.length;
  }

  value(type: string): string | number | null {
    const nullable = /^Nullable\((.*)\)$/.exec(type);
    if (nullable !== null) {
      return this.#number(1) === 1 ? null : this.value(nullable[1] as string);
    }
    if (type === 'String') return this.#text();
    if (type === 'Bool' || type === 'UInt8') return this.#number(1);
    if (type === 'UInt16') return this.#number(2);
    if (type === 'UInt32' || type === 'Int32') return this.#number(4);
    return this.#number(8);
  }

  #number(bytes: 1 | 2 | 4 | 8): number {
    const { at } = this;
    this.at += bytes;
    if (bytes === 1) return this.#view.getUint8(at);
    if (bytes === 2) return this.#view.getUint16(at, true);
    if (bytes === 4) return this.#view.getUint32(at, true);
    return Number(this.#view.getBigInt64(at, true));
  }

  /** Bytes as Latin-1, so that no byte of a raw record is lost. */
  #text(): string {
    let length = 0;
    let shift = 0;
    for (;;) {
      const byte = this.#number(1);
      length |= (byte & 127) << shift;
      if (byte < 128) break;
      shift += 7;
    }
    const from = this.at;
    this.at += length;
    return Buffer.from(this.#bytes.subarray(from, this.at)).toString('latin1');
  }
}

export function rowsOf(table: Table, bytes: Uint8Array): Row[] {
  const reader = new Reader(bytes);
  const rows: Row[] = [];
  while (!reader.ended) {
    rows.push(
      Object.fromEntries(table.columns.map(({ name, type }) => [name, reader.value(type)])),
    );
  }
  return rows;
}
