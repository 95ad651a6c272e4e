/** The API's own figures for Prometheus. Labels are closed lists: route patterns, roles, codes. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export class ApiMetrics {
  readonly registry = new Registry();
  readonly requests: Histogram<'method' | 'route' | 'status'>;
  readonly refusals: Counter<'code'>;
  readonly logins: Counter<'outcome'>;
  readonly sockets: Gauge<'room'>;
  readonly framesSent: Counter;
  readonly framesSkipped: Counter;
  readonly cardsSent: Counter;
  readonly socketsCut: Counter<'reason'>;
  readonly summarySeconds: Histogram;

  constructor() {
    const registers = [this.registry];
    this.requests = new Histogram({
      name: 'mingcha_api_request_seconds',
      help: 'Time from the request to the end of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    });
    this.refusals = new Counter({
      name: 'mingcha_api_refusals_total',
      help: 'Requests answered with an error, by catalogue code.',
      labelNames: ['code'],
      registers,
    });
    this.logins = new Counter({
      name: 'mingcha_api_logins_total',
      help: 'Log-ins by outcome.',
      labelNames: ['outcome'],
      registers,
    });
    this.sockets = new Gauge({
      name: 'mingcha_live_sockets',
      help: 'Open live connections by kind of room.',
      labelNames: ['room'],
      registers,
    });
    this.framesSent = this.#counter(
      'mingcha_live_frames_total',
      'Frames sent to rooms.',
      registers,
    );
    this.framesSkipped = this.#counter(
      'mingcha_live_frames_skipped_total',
      'Frames not sent to a receiver that was behind.',
      registers,
    );
    this.cardsSent = this.#counter('mingcha_live_cards_total', 'Cards sent to rooms.', registers);
    this.socketsCut = new Counter({
      name: 'mingcha_live_cut_total',
      help: 'Live connections ended by the server.',
      labelNames: ['reason'],
      registers,
    });
    this.summarySeconds = new Histogram({
      name: 'mingcha_live_summary_seconds',
      help: 'Time to compute the wall summary of one scope.',
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
      registers,
    });
  }

  #counter(name: string, help: string, registers: Registry[]): Counter {
    return new Counter({ name, help, registers });
  }
}
