/**
 * Answers that the city's people will give, by the instant at which they give them: a binary heap.
 */
import type { CardCommand } from '../cards/card.ts';

interface Planned {
  readonly atMs: number;
  readonly command: CardCommand;
}

export class AnswerQueue {
  readonly #heap: Planned[] = [];

  add(atMs: number, command: CardCommand): void {
    const heap = this.#heap;
    let i = heap.push({ atMs, command }) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent]!.atMs <= heap[i]!.atMs) return;
      [heap[parent], heap[i]] = [heap[i]!, heap[parent]!];
      i = parent;
    }
  }

  /** Removes everything planned up to the instant, in order. */
  takeUntil(ms: number): CardCommand[] {
    const out: CardCommand[] = [];
    while (this.#heap.length > 0 && this.#heap[0]!.atMs <= ms) out.push(this.#pop());
    return out;
  }

  #pop(): CardCommand {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      this.#sink();
    }
    return first.command;
  }

  #sink(): void {
    const heap = this.#heap;
    let i = 0;
    for (;;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < heap.length && heap[child]!.atMs < heap[least]!.atMs) least = child;
      }
      if (least === i) return;
      [heap[least], heap[i]] = [heap[i]!, heap[least]!];
      i = least;
    }
  }
}
