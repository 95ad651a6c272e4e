/**
 * The change buffer: everything one call of the kernel decided, in the order it decided it.
 *
 * Owns: append-only columns of card changes, and the few rarer results (answers to commands, counts of
 * a publication). The shell drains it after each call and may keep nothing else.
 *
 * Columns hold what a change looked like *when it happened*: the card, its case and the rules move on
 * before the shell reads it, and what it reads must not depend on how records were cut into batches.
 */
export const OP_RAISED = 0;
export const OP_MOVED = 1;
export const OP_WITHDRAWN = 2;
export const OP_RESTORED = 3;
export const OP_ACKNOWLEDGED = 4;
export const OP_ANSWERED = 5;
export const OP_ISSUED = 6;
export const OP_ESCALATED = 7;
export const OP_ACCEPTED = 8;
export const OP_REJECTED = 9;
export const OP_CLOSED = 10;
export const OP_REOPENED = 11;
export const OP_REVOKE_PROPOSED = 12;
export const OP_REVOKED = 13;
export const OP_REVOKE_KEPT = 14;

export interface CommandOutcome {
  readonly commandId: string;
  readonly outcome: 'applied' | 'refused';
  readonly code: string; // '' when applied
  readonly card: number; // -1 when unknown
  /** Index of the change it made, -1 when refused. */
  readonly change: number;
}

/** A record that was not applied: dead (bad for ever) or held (may still become good). */
export interface Reject {
  readonly position: number;
  readonly stamp: number;
  readonly kind: 'dead' | 'held' | 'released';
  readonly code: string;
  readonly source: number; // dictionary id or -1
  readonly raw: Uint8Array;
}

export class Changes {
  count = 0;
  card: Int32Array;
  op: Uint8Array;
  state: Uint8Array;
  version: Int32Array;
  due: Float64Array;
  at: Float64Array;
  position: Float64Array;
  known: Float64Array;
  /** Of the card: versions that decided it, marks, and what its rule says it is (program.ts). */
  pack: Int32Array;
  ruleVersion: Int32Array;
  calendar: Int32Array;
  marks: Uint8Array;
  /** Versions and due instant before the change: 0 and NaN where there were none. */
  packBefore: Int32Array;
  ruleVersionBefore: Int32Array;
  calendarBefore: Int32Array;
  dueBefore: Float64Array;
  kind: Uint8Array;
  category: Uint8Array;
  rank: Uint8Array;
  /** Deadlines of the card itself; Infinity for none. */
  reply: Float64Array;
  supervise: Float64Array;
  until: Float64Array;
  /** Of the case: dictionary ids or -1. */
  item: Int32Array;
  organ: Int32Array;
  territory: Int32Array;
  /** Who and what else, for the few changes that have it: index → text. */
  readonly actors = new Map<number, string>();
  readonly details = new Map<number, string>();
  commands: CommandOutcome[] = [];
  rejects: Reject[] = [];
  /** Of a publication, when there was one: its changes, and cases with another next timer. */
  publication: {
    readonly from: number;
    readonly to: number;
    readonly retimed: number;
  } | null = null;

  constructor(capacity = 1024) {
    this.card = new Int32Array(capacity);
    this.op = new Uint8Array(capacity);
    this.state = new Uint8Array(capacity);
    this.version = new Int32Array(capacity);
    this.due = new Float64Array(capacity);
    this.at = new Float64Array(capacity);
    this.position = new Float64Array(capacity);
    this.known = new Float64Array(capacity);
    this.pack = new Int32Array(capacity);
    this.ruleVersion = new Int32Array(capacity);
    this.calendar = new Int32Array(capacity);
    this.marks = new Uint8Array(capacity);
    this.packBefore = new Int32Array(capacity);
    this.ruleVersionBefore = new Int32Array(capacity);
    this.calendarBefore = new Int32Array(capacity);
    this.dueBefore = new Float64Array(capacity);
    this.kind = new Uint8Array(capacity);
    this.category = new Uint8Array(capacity);
    this.rank = new Uint8Array(capacity);
    this.reply = new Float64Array(capacity);
    this.supervise = new Float64Array(capacity);
    this.until = new Float64Array(capacity);
    this.item = new Int32Array(capacity);
    this.organ = new Int32Array(capacity);
    this.territory = new Int32Array(capacity);
  }

  /** Index of a new change; the caller fills its columns (kernel/emit.ts). */
  add(): number {
    if (this.count === this.card.length) this.#grow();
    return this.count++;
  }

  reset(): void {
    this.count = 0;
    if (this.actors.size > 0) this.actors.clear();
    if (this.details.size > 0) this.details.clear();
    if (this.commands.length > 0) this.commands = [];
    if (this.rejects.length > 0) this.rejects = [];
    this.publication = null;
  }

  #grow(): void {
    const n = this.card.length * 2;
    const wide = <T extends Int32Array | Float64Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.card = wide(this.card, new Int32Array(n));
    this.op = wide(this.op, new Uint8Array(n));
    this.state = wide(this.state, new Uint8Array(n));
    this.version = wide(this.version, new Int32Array(n));
    this.due = wide(this.due, new Float64Array(n));
    this.at = wide(this.at, new Float64Array(n));
    this.position = wide(this.position, new Float64Array(n));
    this.known = wide(this.known, new Float64Array(n));
    this.pack = wide(this.pack, new Int32Array(n));
    this.ruleVersion = wide(this.ruleVersion, new Int32Array(n));
    this.calendar = wide(this.calendar, new Int32Array(n));
    this.marks = wide(this.marks, new Uint8Array(n));
    this.packBefore = wide(this.packBefore, new Int32Array(n));
    this.ruleVersionBefore = wide(this.ruleVersionBefore, new Int32Array(n));
    this.calendarBefore = wide(this.calendarBefore, new Int32Array(n));
    this.dueBefore = wide(this.dueBefore, new Float64Array(n));
    this.kind = wide(this.kind, new Uint8Array(n));
    this.category = wide(this.category, new Uint8Array(n));
    this.rank = wide(this.rank, new Uint8Array(n));
    this.reply = wide(this.reply, new Float64Array(n));
    this.supervise = wide(this.supervise, new Float64Array(n));
    this.until = wide(this.until, new Float64Array(n));
    this.item = wide(this.item, new Int32Array(n));
    this.organ = wide(this.organ, new Int32Array(n));
    this.territory = wide(this.territory, new Int32Array(n));
  }
}
