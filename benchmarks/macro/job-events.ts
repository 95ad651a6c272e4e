/**
 * The events of the supervision job: a city's worth of cases, made by arithmetic alone, so that any
 * engine in any language can be given the very same bytes (the peers' generator writes them too).
 *
 * Half a million cases are live in the middle of the run. A case is received, accepted within three
 * workdays, has one stage, is suspended and resumed once and decided; 2 % are never decided, 3 % late,
 * and 0.5 % are decided without having been accepted. Offsets are in working time, so that nothing
 * happens on a day off.
 *
 * Numbers are 64-bit (`mix` is splitmix64's finaliser), hence BigInt; about a million lines in
 * ten seconds, which is why generated files can be kept.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS, HOUR_MS } from '../../engine/base/units.ts';

const MASK_64 = (1n << 64n) - 1n;
const TYPES = ['received', 'accepted', 'stageDone', 'suspended', 'resumed', 'decided'] as const;
const LIVE = 500_000;
const LIFE_DAYS = 20.2;
const OFFSET_MS = HOUR_MS; // the job's zone is a fixed +01:00
const FIRST_DAY = 20454; // 2026-01-01 as days since 1970
const DAYS = 3660;
/** 1 and 6 January, 6 April, 1 and 3 May 2026. */
const HOLIDAYS = new Set([20454, 20459, 20549, 20574, 20576]);
const BLOCK_BYTES = 1 << 20;

export interface JobFiles {
  readonly events: number;
  /** All events in one file, in order. */
  readonly whole: string;
  /** The same, split by case. */
  readonly parts: readonly string[];
}

function mix(value: bigint): bigint {
  let z = (value + 0x9e3779b97f4a7c15n) & MASK_64;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK_64;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK_64;
  return z ^ (z >> 31n);
}

/** The k-th uniform number in [0, 1) of case c. */
function unit(c: number, k: number): number {
  return Number(mix(BigInt(c * 31 + k)) >> 11n) * 2 ** -53;
}

/** Start of the n-th workday from 2026-01-01 on, as epoch days. */
function workdays(): Int32Array {
  const days: number[] = [];
  for (let day = FIRST_DAY; day < FIRST_DAY + DAYS; day++) {
    const weekday = (day + 3) % 7; // 0 = Monday
    if (weekday < 5 && !HOLIDAYS.has(day)) days.push(day);
  }
  return Int32Array.from(days);
}

const WORKDAYS = workdays();

/** The instant at which `workMs` of working time (24-hour workdays) have passed. */
function instantOf(workMs: number): number {
  const n = Math.floor(workMs / DAY_MS);
  return (WORKDAYS[n] as number) * DAY_MS + (workMs - n * DAY_MS) - OFFSET_MS;
}

function isoLocal(ms: number): string {
  return `${new Date(ms + OFFSET_MS).toISOString().slice(0, 23)}+01:00`;
}

/** The parts of a line that are the same for every event of a case. */
class CaseText {
  readonly key: string;
  readonly head: string;
  readonly actor: string;
  readonly typingMs: number;
  readonly part: number;

  constructor(c: number) {
    const number = (mix(BigInt(c)) >> 1n) % 100_000_000n;
    const r = mix(BigInt(c + 77)) >> 1n;
    const item = `RE-${1000n + (r % 9000n)}-${String.fromCharCode(65 + Number(r % 26n))}`;
    const organ = `PINB-${1000n + ((r >> 8n) % 380n)}`;
    const territory = 1_000_000n + ((r >> 16n) % 2477n);
    this.key = `SPR-2026-${String(number).padStart(8, '0')}${String(c).padStart(7, '0')}`;
    this.head = `"caseKey":"${this.key}","itemCode":"${item}","organ":"${organ}","territory":"${territory}"`;
    this.actor = `"actor":"u-${1000n + ((r >> 20n) % 5000n)}"`;
    this.typingMs = 1000 + Number(r % 3000n);
    this.part = Number(mix(BigInt(c + 5)) & 1n);
  }

  line(seq: number, type: string, at: number): string {
    const times = `"at":"${isoLocal(at)}","recordedAt":"${isoLocal(at + this.typingMs)}"`;
    return `{"seq":${seq},${this.head},"type":"${type}",${times},${this.actor}}\n`;
  }
}

/** Working-time offsets in days of the six events of a case; negative: it never happens. */
function offsets(c: number): number[] {
  const accepted = 0.3 + 2.7 * unit(c, 1);
  const stage = 4 + 6 * unit(c, 2) * 0.9;
  const suspended = 10 + 3 * unit(c, 3);
  const resumed = suspended + 2 + 4 * unit(c, 4);
  const fate = unit(c, 5);
  const used = fate < 0.02 ? -1 : fate < 0.05 ? 20.5 + 6.5 * unit(c, 6) : 14.2 + 2.8 * unit(c, 6);
  const decided = used < 0 ? -1 : used - (suspended - accepted) + resumed;
  return [0, accepted, stage, suspended, resumed, decided];
}

/** One word an event, in the order of happening: working time, case, type. */
function plan(cases: number): BigUint64Array {
  const spacingMs = Math.floor((LIFE_DAYS * DAY_MS) / LIVE);
  const words = new BigUint64Array(cases * TYPES.length);
  let count = 0;
  for (let c = 0; c < cases; c++) {
    const unaccepted = unit(c, 7) < 0.005;
    const when = offsets(c);
    for (let k = 0; k < when.length; k++) {
      const offset = when[k] as number;
      if (offset < 0) continue;
      const work = c * spacingMs + Math.floor(offset * DAY_MS);
      const type = k === 1 && unaccepted ? 2 : k;
      words[count++] = (BigInt(work) << 23n) | BigInt((c << 3) | type);
    }
  }
  return words.subarray(0, count).sort();
}

/** Appends text to a file in large blocks. */
class BlockWriter {
  readonly path: string;
  readonly #descriptor: number;
  #pending: string[] = [];
  #size = 0;

  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, 'w');
  }

  write(line: string): void {
    this.#pending.push(line);
    this.#size += line.length;
    if (this.#size >= BLOCK_BYTES) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #flush(): void {
    writeSync(this.#descriptor, this.#pending.join(''));
    this.#pending = [];
    this.#size = 0;
  }
}

/** Working time at the start of the first event: Monday 5 January 2026. */
function startWorkMs(): number {
  const monday = FIRST_DAY + 4;
  return WORKDAYS.indexOf(monday) * DAY_MS;
}

/** Writes `events.jsonl` and its two parts into `folder`. At most 2^20 cases. */
export function writeJobEvents(folder: string, cases: number): JobFiles {
  if (!(cases >= 1 && cases < 1 << 20)) throw new RangeError(`cases must be 1..2^20, not ${cases}`);
  const words = plan(cases);
  const whole = new BlockWriter(join(folder, 'events.jsonl'));
  const parts = [0, 1].map((p) => new BlockWriter(join(folder, `part${p}.jsonl`)));
  const texts = new Map<number, CaseText>();
  const start = startWorkMs();
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as bigint;
    const type = Number(word & 7n);
    const c = Number((word >> 3n) & 0xfffffn);
    let text = texts.get(c);
    if (text === undefined) {
      text = new CaseText(c);
      texts.set(c, text);
    }
    const at = instantOf(start + Number(word >> 23n));
    const line = text.line(i, TYPES[type] as string, at);
    whole.write(line);
    (parts[text.part] as BlockWriter).write(line);
    if (type === TYPES.length - 1) texts.delete(c);
  }
  for (const file of [whole, ...parts]) file.close();
  return { events: words.length, whole: whole.path, parts: parts.map((part) => part.path) };
}
