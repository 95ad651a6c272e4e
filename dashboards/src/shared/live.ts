/**
 * The one socket of a page: summaries as they change, card changes as they fall.
 *
 * Owns: the connection, its place {epoch, seq}, resuming, and whether what is shown is live.
 * Does not own: what the page does with a card or a summary.
 *
 * Invariants
 * V1  A card change is handed on once and in order; a gap asks the server to resume from the last
 *     one seen, and another epoch starts anew from the snapshot.
 * V2  `status` is 'cut' as soon as the socket is gone, the browser is offline, or nothing was heard
 *     for `SILENCE_MS` (the server speaks at least every five seconds).
 */
import { io, type Socket } from 'socket.io-client';
import {
  type CardView,
  type ClientEvents,
  type LiveCard,
  type LiveNotice,
  type LiveSummary,
  type ServerEvents,
  SOCKET_PATH,
  type WallSummary,
} from '../../../api/contract.ts';
import { anchorAt, type ClockAnchor, engineNow, type ServerTimes } from './engine-clock.ts';

export type LiveStatus = 'connecting' | 'live' | 'cut';

const SILENCE_MS = 9_000;
const WATCH_MS = 1_000;
const REDIAL_MS = 2_000;

export interface LiveState {
  readonly status: LiveStatus;
  readonly summary: WallSummary | null;
  /** When the summary arrived, on the local monotonic clock. */
  readonly heardAtMs: number;
  readonly notice: LiveNotice | null;
}

const NOTHING: LiveState = { status: 'connecting', summary: null, heardAtMs: 0, notice: null };

type CardListener = (card: CardView) => void;
type ResetListener = () => void;

export class Live {
  #socket: Socket<ServerEvents, ClientEvents> | null = null;
  #state: LiveState = NOTHING;
  #epoch = '';
  #seq = 0;
  #anchor: ClockAnchor | null = null;
  #watch = 0;
  #askedAtMs = 0;
  readonly #watchers = new Set<() => void>();
  readonly #cards = new Set<CardListener>();
  readonly #resets = new Set<ResetListener>();

  readonly #offline = (): void => this.#set({ status: 'cut' });
  readonly #online = (): void => {
    if (this.#socket?.connected) this.#set({ status: 'live' });
  };

  start(): void {
    if (this.#socket !== null) return;
    const socket: Socket<ServerEvents, ClientEvents> = io({
      path: SOCKET_PATH,
      transports: ['websocket'],
      reconnectionDelay: 500,
      reconnectionDelayMax: 5_000,
    });
    this.#socket = socket;
    socket.on('connect', () => {
      if (this.#epoch !== '') socket.emit('resume', { epoch: this.#epoch, seq: this.#seq });
    });
    socket.on('disconnect', () => this.#lost(socket));
    socket.on('connect_error', () => this.#lost(socket));
    socket.on('snapshot', (body) => this.#snapshot(body));
    socket.on('frame', (body) => this.#heard(body));
    socket.on('card', (body) => this.#card(body));
    socket.on('session', (notice) => this.#set({ notice }));
    window.addEventListener('offline', this.#offline);
    window.addEventListener('online', this.#online);
    this.#watch = window.setInterval(() => this.#listen(), WATCH_MS);
  }

  stop(): void {
    window.clearInterval(this.#watch);
    window.removeEventListener('offline', this.#offline);
    window.removeEventListener('online', this.#online);
    this.#socket?.disconnect();
    this.#socket = null;
    this.#epoch = '';
    this.#seq = 0;
    this.#anchor = null;
    // What one person saw must not be shown to the next.
    this.#state = NOTHING;
    for (const watcher of this.#watchers) watcher();
  }

  readonly state = (): LiveState => this.#state;

  /** The engine's clock now, or null before anything was heard. */
  now(): number | null {
    return this.#anchor === null ? null : engineNow(this.#anchor, performance.now());
  }

  /** Takes the clock from a reply that carries one, on pages opened before the socket speaks. */
  tell(times: ServerTimes): void {
    this.#anchor = anchorAt(this.#anchor, times, performance.now());
  }

  readonly watch = (listener: () => void): (() => void) => {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  };

  onCard(listener: CardListener): () => void {
    this.#cards.add(listener);
    return () => this.#cards.delete(listener);
  }

  /** Called when card changes may have been missed: lists must be fetched again. */
  onReset(listener: ResetListener): () => void {
    this.#resets.add(listener);
    return () => this.#resets.delete(listener);
  }

  #set(change: Partial<LiveState>): void {
    const next = { ...this.#state, ...change };
    if (next.status === this.#state.status && change.summary === undefined && !change.notice)
      return;
    this.#state = next;
    for (const watcher of this.#watchers) watcher();
  }

  #listen(): void {
    if (this.#state.status !== 'live') return;
    if (performance.now() - this.#state.heardAtMs > SILENCE_MS) this.#set({ status: 'cut' });
  }

  #heard(body: LiveSummary): void {
    const { summary } = body;
    this.tell(summary);
    this.#set({ status: 'live', summary, heardAtMs: performance.now(), notice: null });
    if (body.epoch !== this.#epoch || body.seq > this.#seq) this.#ask();
  }

  /** Asks for what was missed, at most once a second. */
  #ask(): void {
    const nowMs = performance.now();
    if (nowMs - this.#askedAtMs < WATCH_MS) return;
    this.#askedAtMs = nowMs;
    this.#socket?.emit('resume', { epoch: this.#epoch, seq: this.#seq });
  }

  /** The library comes back by itself from a broken line, but not when the server hung up. */
  #lost(socket: Socket<ServerEvents, ClientEvents>): void {
    this.#set({ status: 'cut' });
    if (socket.active) return;
    setTimeout(() => {
      if (this.#socket === socket && !socket.connected) socket.connect();
    }, REDIAL_MS);
  }

  #snapshot(body: LiveSummary): void {
    const first = this.#epoch === '';
    const missed = !first && (body.epoch !== this.#epoch || body.seq > this.#seq);
    this.#epoch = body.epoch;
    this.#seq = body.seq;
    this.#anchor = null;
    this.#heard(body);
    if (missed) for (const reset of this.#resets) reset();
  }

  #card(body: LiveCard): void {
    const next = body.epoch === this.#epoch && body.seq === this.#seq + 1;
    if (!next) {
      // Seen already, or a gap: in a gap the server fills in, or sends a new snapshot.
      if (body.epoch === this.#epoch && body.seq <= this.#seq) return;
      this.#ask();
      return;
    }
    this.#seq = body.seq;
    for (const listener of this.#cards) listener(body.card);
  }
}
