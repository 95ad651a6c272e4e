/**
 * Progress of an import on standard error: one line in place on a terminal, plain lines elsewhere,
 * silence for what takes less than two seconds.
 */
import { SECOND_MS } from '../base/units.ts';
import type { ProgressSink } from './import.ts';

const SILENT_MS = 2 * SECOND_MS;
const REDRAW_MS = 100;
const LINE_MS = 5 * SECOND_MS;
const BAR_WIDTH = 24;
const PHASES = { read: '读取 reading', submit: '提交 submitting' } as const;

export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

function bar(share: number): string {
  const full = Math.round(share * BAR_WIDTH);
  return '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / SECOND_MS);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export class ImportProgress implements ProgressSink {
  readonly #output: ProgressOutput;
  readonly #nowMs: () => number;
  #phase: keyof typeof PHASES = 'read';
  #total = 0;
  #beganMs = 0;
  #drawnMs = 0;
  #drawn = false;

  constructor(output: ProgressOutput, nowMs: () => number) {
    this.#output = output;
    this.#nowMs = nowMs;
  }

  begin(phase: 'read' | 'submit', total: number): void {
    this.#phase = phase;
    this.#total = total;
    this.#beganMs = this.#nowMs();
    this.#drawnMs = this.#beganMs;
    this.#drawn = false;
  }

  at(done: number, rows: number): void {
    const now = this.#nowMs();
    const terminal = this.#output.isTTY === true;
    if (now - this.#beganMs < SILENT_MS) return;
    if (this.#drawn && now - this.#drawnMs < (terminal ? REDRAW_MS : LINE_MS)) return;
    this.#drawnMs = now;
    this.#drawn = true;
    this.#output.write(
      terminal ? `\r${this.#line(done, rows, now)}\u001b[K` : `${this.#line(done, rows, now)}\n`,
    );
  }

  end(): void {
    if (this.#drawn && this.#output.isTTY === true) this.#output.write('\r\u001b[K');
    this.#drawn = false;
  }

  #line(done: number, rows: number, now: number): string {
    const share = this.#total === 0 ? 1 : Math.min(1, done / this.#total);
    const passed = now - this.#beganMs;
    const rate = Math.round((rows * SECOND_MS) / passed).toLocaleString('en');
    const left = share > 0 ? duration((passed * (1 - share)) / share) : '?';
    const percent = `${Math.floor(share * 100)} %`.padStart(5);
    const count = rows.toLocaleString('en');
    return `${PHASES[this.#phase]} ${bar(share)} ${percent}  ${count} rows  ${rate}/s  ETA ${left}`;
  }
}
