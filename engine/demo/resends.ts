/** Lines that a source will send once more, by the second in which it does. */
export class Resends {
  /** Earliest first; there are never more than a few. */
  readonly #waiting: { readonly sec: number; readonly line: string }[] = [];

  add(sec: number, line: string): void {
    let place = this.#waiting.length;
    while (place > 0 && (this.#waiting[place - 1]?.sec as number) > sec) place--;
    this.#waiting.splice(place, 0, { sec, line });
  }

  /** The earliest line that is due by `sec`, or null. */
  take(sec: number): string | null {
    const first = this.#waiting[0];
    if (first === undefined || first.sec > sec) return null;
    this.#waiting.shift();
    return first.line;
  }
}
