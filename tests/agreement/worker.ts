/** Draws worlds from a seed, one block after the other, and says how each block agreed. */
import { parentPort, workerData } from 'node:worker_threads';
import fc from 'fast-check';
import type { Disagreement } from '../../checker/compare.ts';
import { Prng } from '../../engine/base/prng.ts';
import { pausedWorld, play, world } from '../fixtures/kernel/histories.ts';
import { agree } from './agree.ts';

/** Worlds drawn at a time: a block is repeated by its own seed. */
const BLOCK_WORLDS = 50;

export interface BlockRequest {
  readonly block: number;
  readonly seed: number;
}

export interface BlockReport {
  readonly block: number;
  cases: number;
  cards: number;
  clocks: number;
  billDays: number;
  readonly disagreements: { readonly world: number; readonly found: Disagreement }[];
}

function run({ block, seed }: BlockRequest): BlockReport {
  const kind = block % 2 === 0 ? world : pausedWorld;
  const report: BlockReport = {
    ...{ block, cases: 0, cards: 0, clocks: 0, billDays: 0 },
    disagreements: [],
  };
  const ties = new Prng(seed);
  const drawn: number[] = [];
  const tieBreak = (i: number): number => (drawn[i] ??= ties.int(0, 1000));
  for (const [w, one] of fc.sample(kind, { numRuns: BLOCK_WORLDS, seed }).entries()) {
    const agreed = agree(play(one), tieBreak);
    report.cases += agreed.cases;
    report.cards += agreed.cards;
    report.clocks += agreed.clocks;
    report.billDays += agreed.billDays;
    for (const found of agreed.disagreements) report.disagreements.push({ world: w, found });
  }
  return report;
}

const port = parentPort;
if (port === null) throw new Error('worker.ts runs in a thread of main.ts');
port.on('message', (request: BlockRequest) => port.postMessage(run(request)));
port.postMessage({ ready: workerData });
