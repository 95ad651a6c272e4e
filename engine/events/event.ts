/**
 * The event vocabulary and the columns a decoded record is written into.
 *
 * Owns: the list of event types, the closed list of special procedures, and `EventBatch`, the
 * struct-of-arrays that decode.ts fills and kernel/step.ts reads.
 * Does not own: parsing (decode.ts), strings (dictionary.ts), what an event does (kernel/fold.ts).
 *
 * Invariants
 * E1  `EVENT_TYPES` is append-only: the index of a type is stored in snapshots and event lists.
 * E2  A column holds `ABSENT` (-1) or NaN where the record has no such field; never 0 for "nothing".
 * E3  Times are milliseconds since the epoch, UTC, as integers in float64.
 * E4  Key bytes are read from `bytes` at `keyOff`; the batch owns them until it is reused.
 */

/** Order matters twice: the index is stored (E1), and it breaks ties of equal instants (`TYPE_RANK`). */
export const EVENT_TYPES = [
  'received', // 收件
  'supplementRequested', // 补正告知
  'supplementReceived', // 补正受理
  'accepted', // 受理
  'refused', // 不予受理
  'stageEntered', // 环节开始
  'stageDone', // 环节结束
  'specialOpened', // 特别程序开始
  'specialClosed', // 特别程序结束
  'suspended', // 暂停
  'resumed', // 恢复
  'extended', // 延期
  'decided', // 审批决定
  'feeCharged', // 收费
  'certificateIssued', // 出证
  'delivered', // 送达
  'finished', // 办结
  'withdrawn', // 申请人撤回
  'voided', // 作废
  'returned', // 退件
  'reopened', // 重新办理
  'materialSubmitted', // 材料提交
  'corrected', // 更正
  'itemChanged', // 事项变更
  'complaintFiled', // 投诉
  'complaintAnswered', // 投诉答复
  'rated', // 评价
] as const;

export type EventTypeName = (typeof EVENT_TYPES)[number];

/** Closed list of article 45 of the Administrative Licensing Law, in the law's order. */
export const SPECIAL_PROCEDURES = [
  'hearing', // 听证
  'tender', // 招标
  'auction', // 拍卖
  'inspection', // 检验
  'testing', // 检测
  'quarantine', // 检疫
  'appraisal', // 鉴定
  'expertReview', // 专家评审
] as const;

export const ABSENT = -1;
/** In `EventBatch.item`: named, but not looked up yet (see batch-item.ts). */
export const PENDING = -3;

/** What a log record is; the byte stored in front of it in the log. */
export const RECORD_EVENT = 0;
export const RECORD_COMMAND = 1;
export const RECORD_CONTROL = 2;
export const RECORD_TICK = 3;

/** Bits of `EventBatch.flags`: facts about a record that only need one bit each. */
export const FLAG_DOCUMENT = 1; // `document` present and not empty
export const FLAG_REASON = 2; // `data.reason` present and not empty
export const FLAG_ACTOR = 4; // `actor` present and not empty
export const FLAG_NOTICED = 8; // `data.noticed` is true: the applicant was told in writing (告知)
export const FLAG_APPROVED = 16; // `data.approver` present and not empty
export const FLAG_NO_SEQ = 32; // source gave no number: identity is the content hash
/** The source takes back (撤回) what it sent under this number; only on the way into a case. */
export const FLAG_RETRACTED = 64;

export class EventBatch {
  readonly capacity: number;
  count = 0;
  /** The buffer all records of this batch lie in. */
  bytes: Uint8Array = new Uint8Array(0);

  /** RECORD_*; commands, controls and ticks carry only stamp, position and raw range. */
  readonly kind: Uint8Array;
  /** 0 when decoded; otherwise an index into decode.ts `DECODE_REASONS` (a dead letter). */
  readonly reason: Uint8Array;
  /** What became of the record (kernel/balance.ts), written by the kernel. */
  readonly outcome: Uint8Array;
  readonly rawOff: Int32Array;
  readonly rawLen: Int32Array;
  readonly position: Float64Array;
  readonly stamp: Float64Array;

  readonly type: Uint8Array;
  readonly flags: Uint8Array;
  readonly at: Float64Array;
  readonly recordedAt: Float64Array;
  readonly sentAt: Float64Array;
  readonly keyOff: Int32Array;
  readonly keyLen: Int32Array;
  /** fnv1a of the key bytes. */
  readonly keyHash: Int32Array;
  /**
   * Dictionary ids (dictionary.ts), ABSENT when the field is missing. `item` may also be PENDING: only
   * the first event of a case needs it, and a city's item list is too large to stay in the cache.
   */
  readonly item: Int32Array;
  /** Where a PENDING item's code lies, and its fnv1a. */
  readonly itemOff: Int32Array;
  readonly itemLen: Int32Array;
  readonly itemHash: Int32Array;
  readonly itemVersion: Int32Array;
  readonly organ: Int32Array;
  readonly territory: Int32Array;
  readonly source: Int32Array;
  /** Source's own number and revision; NaN and 0 when the source gives none. */
  readonly seq: Float64Array;
  readonly rev: Int32Array;
  /** Hash of every field of the record except stamp and position (content, not formatting). */
  readonly content: Int32Array;

  /** Operands out of `data`. */
  readonly stage: Int32Array; // data.stage, dictionary id
  readonly days: Int32Array; // data.days: announced days of a special procedure, granted extension
  readonly special: Int32Array; // data.specialType: index into SPECIAL_PROCEDURES
  readonly amountFen: Float64Array; // data.amount, yuan with at most 2 decimals, as fen (分)
  readonly deadline: Float64Array; // data.deadline: an absolute due instant given by the source
  /** data.materials: `materialCount[i]` dictionary ids from `materialIds[materialOff[i]]`. */
  readonly materialOff: Int32Array;
  readonly materialCount: Int32Array;
  materialIds: Int32Array;
  materialUsed = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.kind = new Uint8Array(capacity);
    this.reason = new Uint8Array(capacity);
    this.outcome = new Uint8Array(capacity);
    this.rawOff = new Int32Array(capacity);
    this.rawLen = new Int32Array(capacity);
    this.position = new Float64Array(capacity);
    this.stamp = new Float64Array(capacity);
    this.type = new Uint8Array(capacity);
    this.flags = new Uint8Array(capacity);
    this.at = new Float64Array(capacity);
    this.recordedAt = new Float64Array(capacity);
    this.sentAt = new Float64Array(capacity);
    this.keyOff = new Int32Array(capacity);
    this.keyLen = new Int32Array(capacity);
    this.keyHash = new Int32Array(capacity);
    this.item = new Int32Array(capacity);
    this.itemOff = new Int32Array(capacity);
    this.itemLen = new Int32Array(capacity);
    this.itemHash = new Int32Array(capacity);
    this.itemVersion = new Int32Array(capacity);
    this.organ = new Int32Array(capacity);
    this.territory = new Int32Array(capacity);
    this.source = new Int32Array(capacity);
    this.seq = new Float64Array(capacity);
    this.rev = new Int32Array(capacity);
    this.content = new Int32Array(capacity);
    this.stage = new Int32Array(capacity);
    this.days = new Int32Array(capacity);
    this.special = new Int32Array(capacity);
    this.amountFen = new Float64Array(capacity);
    this.deadline = new Float64Array(capacity);
    this.materialOff = new Int32Array(capacity);
    this.materialCount = new Int32Array(capacity);
    this.materialIds = new Int32Array(capacity * 2);
  }

  /** Forgets all records; columns are overwritten, not cleared. */
  reset(bytes: Uint8Array): void {
    this.count = 0;
    this.materialUsed = 0;
    this.bytes = bytes;
  }
}
