/**
 * What happens at a door: a door is any call by which the engine touches the world (commit, file call,
 * insert, word to the sink). The scenario arms a fate; the n-th call of an armed door meets it.
 *
 * A process that died takes no further effect: what its code does while the stack unwinds is refused
 * with the same error.
 */
import type { Prng } from '../../../engine/base/prng.ts';

/** `torn`: some of what the call wrote is there, some is not, and the process is gone. */
export type Fate = 'go' | 'before' | 'after' | 'torn' | 'ioError' | 'ioErrorKept' | 'full';

export class SimulatedCrash extends Error {
  constructor(door: string) {
    super(`simulated crash at ${door}`);
  }
}

/** A process of the simulated deployment, as the doors see it. */
export interface Owner {
  readonly name: string;
  dead: boolean;
}

export interface Armed {
  /** The fate meets the n-th call from now, of a door whose name begins with `door`. */
  calls: number;
  readonly door: string;
  readonly fate: Exclude<Fate, 'go'>;
  /** The machine loses its power: what was not synced may be gone. */
  readonly power: boolean;
}

interface Handle {
  readonly owner: Owner;
  /** The file as the next process will find it. */
  capture(power: boolean): void;
}

class Doors {
  /** Owner of each partition's files. */
  readonly owners = new Map<number, Owner>();
  readonly handles = new Set<Handle>();
  /** Broken promises seen at a door, for the oracles. */
  readonly violations: string[] = [];
  readonly trace: string[] = [];
  random: Prng | null = null;
  armed: Armed | null = null;
  crashes = 0;
  calls = 0;
  /** Called once a loss of power has ended every process. */
  onPower: () => void = () => {};

  reset(random: Prng): void {
    this.owners.clear();
    this.handles.clear();
    this.violations.length = 0;
    this.trace.length = 0;
    this.random = random;
    this.armed = null;
    this.crashes = 0;
    this.calls = 0;
  }

  /** Decides a call: throws when the caller is dead or dies before the effect. */
  enter(owner: Owner, door: string): Fate {
    if (owner.dead) throw new SimulatedCrash(`${door} of a dead process`);
    this.calls++;
    this.trace.push(`${owner.name} ${door}`);
    const { armed } = this;
    if (armed === null || !door.startsWith(armed.door) || --armed.calls > 0) return 'go';
    const fate = fateAt(door, armed.fate);
    if (fate !== 'before') return fate;
    this.crash(owner, armed.power);
    throw new SimulatedCrash(`${door}, before`);
  }

  /** After the effect: throws when the caller dies now. */
  leave(owner: Owner, door: string, fate: Fate): void {
    if (fate === 'go') return;
    const power = this.armed?.power ?? false;
    this.armed = null;
    if (fate !== 'after' && fate !== 'torn') return;
    this.crash(owner, power);
    throw new SimulatedCrash(`${door}, ${fate}`);
  }

  /** The process is gone, without power all of them; their files are what the next ones find. */
  crash(owner: Owner, power: boolean): void {
    this.armed = null;
    if (owner.dead) return;
    this.trace.push(`${owner.name} dies${power ? ' without power' : ''}`);
    this.crashes++;
    for (const one of power ? new Set(this.owners.values()) : [owner]) this.#end(one, power);
    if (power) this.onPower();
  }

  #end(owner: Owner, power: boolean): void {
    for (const handle of this.handles) if (handle.owner === owner) handle.capture(power);
    owner.dead = true;
  }
}

/** Errors of the disk are told by the log's commits; elsewhere the process dies instead. */
function fateAt(door: string, fate: Fate): Fate {
  if (door === 'log.commit') return fate;
  return fate === 'ioError' || fate === 'ioErrorKept' || fate === 'full' ? 'before' : fate;
}

export const doors = new Doors();
