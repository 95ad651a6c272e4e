/**
 * The engine's metrics in Prometheus form.
 *
 * Names follow `mingcha_<noun>_<unit>`; labels are bounded (partition, outcome, source). Values are read
 * when they are asked for: nothing is counted twice in two places.
 */
import { Gauge, Registry } from 'prom-client';

/** What is read of one partition's state. */
export interface PartitionFigures {
  readonly partition: number;
  readonly end: number;
  readonly applied: number;
  readonly nowMs: number;
  readonly quietUntilMs: number;
  readonly sunk: number;
  readonly checkpoint: number;
  readonly stopped: string;
  readonly cases: number;
  readonly cards: number;
  readonly bytes: number;
  /** Counts by outcome, in the order of the names given at construction. */
  readonly balance: readonly { readonly source: string; readonly counts: readonly number[] }[];
}

export interface Books {
  readonly rows: readonly { readonly difference: number }[];
  readonly refused: Readonly<Record<string, number>>;
}

interface SinkStatus {
  readonly ok: boolean;
  readonly delayMs: number;
  readonly waitingBytes: number;
}

interface DeadManFigures {
  readonly sweptAtMs: number | null;
  readonly complete: boolean;
  readonly dueWithoutCard: number;
  readonly cardWithoutDue: number;
}

export class EngineMetrics {
  readonly #registry = new Registry();
  readonly #gauges = new Map<string, Gauge>();
  readonly #outcomes: readonly string[];

  constructor(outcomes: readonly string[]) {
    this.#outcomes = outcomes;
  }

  async text(
    states: readonly PartitionFigures[],
    books: Books,
    sink: SinkStatus,
    nowMs: number,
    deadMan: DeadManFigures,
  ): Promise<string> {
    this.#deadMan(deadMan);
    for (const state of states) this.#partition(state, nowMs);
    const difference = books.rows.reduce((sum, row) => sum + Math.abs(row.difference), 0);
    this.#set('mingcha_balance_difference', 'Records unaccounted for; must be 0', difference);
    for (const [source, count] of Object.entries(books.refused)) {
      this.#set('mingcha_refused_records', 'Records refused at the door', count, { source });
    }
    this.#set('mingcha_sink_ok', 'Sink accepts writes (1) or not (0)', Number(sink.ok));
    this.#set('mingcha_sink_delay_seconds', 'Age of the oldest unsunk effect', sink.delayMs / 1000);
    this.#set('mingcha_sink_waiting_bytes', 'Effects waiting for the sink', sink.waitingBytes);
    return this.#registry.metrics();
  }

  #deadMan({ sweptAtMs, complete, dueWithoutCard, cardWithoutDue }: DeadManFigures): void {
    this.#set('mingcha_due_without_card', 'Cards due and not there; must be 0', dueWithoutCard);
    this.#set('mingcha_card_without_due', 'Cards there and not due; must be 0', cardWithoutDue);
    this.#set('mingcha_dead_man_complete', "Last dead man's sweep ended (1)", Number(complete));
    if (sweptAtMs === null) return;
    this.#set('mingcha_dead_man_swept_seconds', 'Instant of the newest sweep', sweptAtMs / 1000);
  }

  #partition(state: PartitionFigures, nowMs: number): void {
    const partition = String(state.partition);
    const set = (name: string, help: string, value: number): void =>
      this.#set(name, help, value, { partition });
    set('mingcha_log_end', 'Next log position', state.end);
    set('mingcha_lag_records', 'Records in the log not applied yet', state.end - state.applied);
    set('mingcha_sink_position', 'Last position whose effects are durable', state.sunk);
    set('mingcha_checkpoint_position', 'Position of the newest checkpoint', state.checkpoint);
    set('mingcha_cases', 'Cases in memory', state.cases);
    set('mingcha_cards', 'Cards in memory', state.cards);
    set('mingcha_state_bytes', 'Bytes of partition state', state.bytes);
    set(
      'mingcha_partition_stopped',
      'Partition stopped by a broken invariant',
      Number(state.stopped !== ''),
    );
    if (Number.isFinite(state.nowMs)) {
      set(
        'mingcha_watermark_lag_seconds',
        'Engine time behind the clock',
        lagMs(state, nowMs) / 1000,
      );
    }
    for (const { source, counts } of state.balance) {
      this.#outcomes.forEach((outcome, i) => {
        this.#set('mingcha_records', 'Records by outcome', counts[i] ?? 0, {
          partition,
          source,
          outcome,
        });
      });
    }
  }

  #set(name: string, help: string, value: number, labels: Record<string, string> = {}): void {
    let gauge = this.#gauges.get(name);
    if (gauge === undefined) {
      gauge = new Gauge({
        name,
        help,
        labelNames: Object.keys(labels),
        registers: [this.#registry],
      });
      this.#gauges.set(name, gauge);
    }
    gauge.set(labels, value);
  }
}

/** A partition is up to date while nothing waits and no timer is due, however long nothing came. */
function lagMs(state: PartitionFigures, nowMs: number): number {
  if (state.applied === state.end && state.quietUntilMs > nowMs) return 0;
  return Math.max(0, nowMs - state.nowMs);
}
