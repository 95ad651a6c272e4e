/**
 * Remembers the answers of human commands by their id, so that a double click or a retry after a lost
 * reply is answered as the first time (the kernel, too, knows command ids; this also covers the time
 * while the first is still under way).
 *
 * Bounded: the oldest is forgotten. The same id with other content is refused.
 */
import { apiLimits } from '../engine/config/limits.ts';
import { DoorError } from './errors.ts';

interface Remembered<T> {
  readonly content: string;
  readonly answer: Promise<T>;
}

export class CommandMemory {
  readonly #kept = new Map<string, Remembered<unknown>>();

  once<T>(actor: string, commandId: string, content: string, act: () => Promise<T>): Promise<T> {
    const key = `${actor} ${commandId}`;
    const known = this.#kept.get(key) as Remembered<T> | undefined;
    if (known !== undefined) {
      if (known.content !== content) throw new DoorError('COMMAND_REUSED', { commandId });
      return known.answer;
    }
    const answer = act();
    this.#kept.set(key, { content, answer });
    // A failure is not an answer to keep: the next try may succeed.
    answer.catch(() => this.#kept.delete(key));
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= apiLimits.commandsRememberedMax) break;
      this.#kept.delete(oldest);
    }
    return answer;
  }
}
