/** Walls while the store behind the hours chart does not answer (engine/runtime/summary-desk.ts). */
import { expect, test } from 'vitest';
import type { Scope } from '../../../engine/facade.ts';
import { Summarizer } from '../../../engine/kernel/summary.ts';
import { PackNames } from '../../../engine/runtime/pack-names.ts';
import { SummaryDesk, type SummaryDeskOptions } from '../../../engine/runtime/summary-desk.ts';
import { ALL_WELL } from '../../fixtures/fake-city.ts';
import { NO_OPENINGS, packOf } from '../../fixtures/kernel/histories.ts';
import { seededLog } from '../../fixtures/kernel/log.ts';
import { at } from '../../fixtures/kernel/pack.ts';
import { Rig } from '../../fixtures/kernel/rig.ts';

const NOW = at('2026-06-10 11:20');
const rules = packOf({
  ...{ intakeDays: 5, deemed: true, promised: { count: 7, unit: 'workday' as const } },
  ...{ statutory: 10, mode: 'legal' as const, resolutionMs: 1000, ladder: 2, extension: 5 },
  ...{ stageLimit: 2, complaint: { count: 5, unit: 'day' as const }, named: 'day' as const },
  ...{ each: true, checkedAt: ['caseEnd'] as const, ...NO_OPENINGS },
});
const SCOPE: Scope = { organs: null, territories: null };

function deskOver(reader: Partial<SummaryDeskOptions['reader']>, heard: unknown[]): SummaryDesk {
  const rig = new Rig(rules, { partitions: 1, batch: 200 });
  rig.run([
    ...seededLog(4, 2_000).filter(({ stamp }) => stamp <= NOW),
    { kind: 'tick', stamp: NOW },
  ]);
  const workers = {
    ask: async () => new Summarizer(rig.lanes[0]!.partition).summarize(SCOPE),
  } as unknown as SummaryDeskOptions['workers'];
  return new SummaryDesk({
    partitions: 1,
    workers,
    reader: reader as SummaryDeskOptions['reader'],
    clock: { nowMs: () => NOW, settings: { speed: 1 } } as SummaryDeskOptions['clock'],
    names: () => new PackNames(rules, 'hash'),
    deadMan: () => ALL_WELL,
    onUnreadable: (error) => heard.push(error),
  });
}

test('a wall stands without the store, says so, and the reason is told once', async () => {
  const heard: unknown[] = [];
  const refuse = () => Promise.reject(new Error('connection refused'));
  const desk = deskOver({ hourly: refuse, latestCards: refuse }, heard);
  const wall = await desk.summary(SCOPE);
  expect(wall.storeReadable).toBe(false);
  expect(wall.counts.open).toBeGreaterThan(0);
  expect(wall.latest).toEqual([]);
  await desk.summary(SCOPE);
  expect(heard.map(String)).toEqual(['Error: connection refused']);
});

test('a wall whose store answers says nothing of it', async () => {
  const heard: unknown[] = [];
  const desk = deskOver({ hourly: async () => [], latestCards: async () => [] }, heard);
  expect((await desk.summary(SCOPE)).storeReadable).toBe(true);
  expect(heard).toEqual([]);
});
