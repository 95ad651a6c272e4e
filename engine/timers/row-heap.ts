/**
 * A binary heap of rows in the order (due, row), for the few rows a wheel arms into a tick that is
 * already open.
 *
 * Owns: the heap order. Does not own the columns: `due` is read, `place[row]` is kept equal to the
 * row's index in the heap, so that a row can be taken out from the middle. Both are arguments because
 * the wheel replaces them when it grows.
 *
 * Cost: push and remove O(log n), head O(1); 4 bytes a row.
 */
const NIL = -1;

export class RowHeap {
  #rows = new Int32Array(64);
  #size = 0;

  get bytes(): number {
    return this.#rows.byteLength;
  }

  /** The row that is due first, -1 when there is none. */
  get head(): number {
    return this.#size === 0 ? NIL : (this.#rows[0] as number);
  }

  push(row: number, due: Float64Array, place: Int32Array): void {
    if (this.#size === this.#rows.length) this.#grow();
    this.#siftUp(this.#size++, row, due, place);
  }

  /** Takes out the row at index `at`. */
  remove(at: number, due: Float64Array, place: Int32Array): void {
    const last = this.#rows[--this.#size] as number;
    if (at === this.#size) return;
    const parent = (at - 1) >> 1;
    if (at > 0 && before(last, this.#rows[parent] as number, due)) {
      this.#siftUp(at, last, due, place);
    } else this.#siftDown(at, last, due, place);
  }

  #siftUp(from: number, row: number, due: Float64Array, place: Int32Array): void {
    const rows = this.#rows;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = rows[parent] as number;
      if (!before(row, above, due)) break;
      rows[at] = above;
      place[above] = at;
      at = parent;
    }
    rows[at] = row;
    place[row] = at;
  }

  #siftDown(from: number, row: number, due: Float64Array, place: Int32Array): void {
    const rows = this.#rows;
    const size = this.#size;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      const right = child + 1;
      if (right < size && before(rows[right] as number, rows[child] as number, due)) child = right;
      const below = rows[child] as number;
      if (!before(below, row, due)) break;
      rows[at] = below;
      place[below] = at;
      at = child;
    }
    rows[at] = row;
    place[row] = at;
  }

  #grow(): void {
    const rows = new Int32Array(2 * this.#rows.length);
    rows.set(this.#rows);
    this.#rows = rows;
  }
}

function before(a: number, b: number, due: Float64Array): boolean {
  const dueA = due[a] as number;
  const dueB = due[b] as number;
  return dueA < dueB || (dueA === dueB && a < b);
}
