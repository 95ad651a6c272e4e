/**
 * The dead man's check (失联核验): a timer that got lost is found within one sweep, and nothing else is:
 * not while late records come, not after a publication, not while the sink is behind.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeadMan, type DeadManSource } from '../../engine/audit/dead-man.ts';
import { suspicionOf, type Watermark } from '../../engine/audit/suspicion.ts';
import type { StoredCase } from '../../engine/sinks/query.ts';
import { at, clock, pack } from '../fixtures/kernel/pack.ts';
import { jsonOf, type Line, Rig } from '../fixtures/kernel/rig.ts';
import { CITY_END_MS, cityRecords, feedCity } from '../fixtures/running/city.ts';
import {
  demoPack,
  EVERYTHING,
  type Running,
  startEngine,
  TempDirs,
} from '../fixtures/running/engine.ts';
import { ndjson, record } from '../fixtures/running/records.ts';

describe('over the real kernel, stored in memory', () => {
  const rules = pack({ clocks: [clock('c')] });
  const DUE = at('2024-03-09 00:00');
  const lines = ['A', 'B'].map(
    (caseKey): Line => ({
      ...{ caseKey, type: 'received', at: at('2024-03-01 10:00'), seq: 1 },
      ...{ itemCode: 'I1', organ: 'bureau', territory: 'city' },
    }),
  );

  /** What is stored of the cases at the instant, by a kernel whose timer of `lost` vanished. */
  function stored(lost: string | null, until: number): StoredCase[] {
    const rig = new Rig(rules).run(
      lines.map((line) => ({ kind: 'event' as const, line, stamp: line.at })),
    );
    const [lane] = rig.lanes;
    if (lane === undefined) throw new Error('a rig has a lane');
    const row = lines.findIndex(({ caseKey }) => caseKey === lost);
    if (row >= 0) lane.partition.store.wheel.cancel(row);
    rig.run([{ kind: 'tick', stamp: until }]);
    return lines.map((line, position) => ({
      ...{ caseKey: line.caseKey, partition: 0 },
      records: [{ position, stampMs: line.at, raw: jsonOf(line) }],
      cards: rig.changes
        .filter(({ caseKey }) => caseKey === line.caseKey)
        .map(({ ruleId: rule, stage, occurrence, level, dueMs, state, provisional }) => ({
          ...{ rule, stage, occurrence, level, dueMs, state, provisional },
          ...{ organ: 'bureau', territory: 'city' },
        })),
    }));
  }

  function sweptOver(looks: readonly StoredCase[][], nowMs: number): Promise<DeadMan> {
    let look = -1;
    const cases = (): StoredCase[] => looks[Math.min(look, looks.length - 1)] ?? [];
    const mark: Watermark = { partition: 0, position: 9, nowMs, logEndMs: null, packHash: '' };
    const source: DeadManSource = {
      watermarks: async () => [mark],
      count: async () => lines.length,
      part: async () => (look++, cases()),
      of: async (keys) => (look++, cases().filter(({ caseKey }) => keys.includes(caseKey))),
      judge: async (given) => given.flatMap((one) => suspicionOf(rules, one, mark) ?? []),
    };
    const deadMan = new DeadMan(source, 0);
    return deadMan.sweep().then(() => deadMan);
  }

  test('a stuck timer is found within one sweep, by name, and nothing else', async () => {
    const { result } = await sweptOver([stored('B', DUE)], DUE);
    expect(result).toMatchObject({ cases: 2, trouble: '' });
    expect(result.suspicions).toEqual([
      {
        ...{ caseKey: 'B', organ: 'bureau', territory: 'city' },
        ...{ dueWithoutCard: ['c||0|yellow'], cardWithoutDue: [] },
      },
    ]);
  });

  test('the instant before it is due, and with every timer in place, there is nothing', async () => {
    expect((await sweptOver([stored('B', DUE - 1)], DUE - 1)).result.suspicions).toEqual([]);
    expect((await sweptOver([stored(null, DUE)], DUE)).result.suspicions).toEqual([]);
  });

  test('a card that nothing explains is found too; one that is due later is not judged', async () => {
    const early = stored(null, DUE - 1).map((one) => ({
      ...one,
      cards: [stored(null, DUE)[0]?.cards[0] as StoredCase['cards'][number]].map((card) => ({
        ...card,
        dueMs: one.caseKey === 'A' ? DUE - 2 : DUE,
      })),
    }));
    const { suspicions } = (await sweptOver([early], DUE - 1)).result;
    expect(suspicions.map(({ caseKey }) => caseKey)).toEqual(['A']);
    expect(suspicions[0]?.cardWithoutDue).toEqual(['c||0|yellow']);
  });

  test('what a second look does not find again was only on its way', async () => {
    const { result } = await sweptOver([stored('B', DUE), stored(null, DUE)], DUE);
    expect(result.suspicions).toEqual([]);
  });

  test('a sweep that fails does not look like a clean one', async () => {
    const failing = new DeadMan({
      watermarks: () => Promise.reject(new Error('behind')),
    } as unknown as DeadManSource);
    await failing.sweep();
    expect(failing.result).toMatchObject({ sweptAtMs: null, trouble: 'behind' });
  });
});

describe('over a running city', () => {
  const dirs = new TempDirs();
  let run: Running;

  beforeAll(async () => {
    const clockOf = { baseMs: CITY_END_MS, realBaseMs: Date.now(), speed: 0 };
    run = await startEngine({ dataDir: dirs.make(), clock: clockOf });
    await feedCity(run.engine, cityRecords(200));
  });

  afterAll(async () => {
    await run?.engine.stop();
    dirs.remove();
  });

  async function sweep() {
    await run.engine.audit.sweep();
    return run.engine.audit.report(EVERYTHING);
  }

  const WELL = { complete: true, dueWithoutCard: 0, cardWithoutDue: 0, organs: [] };

  test('finds nothing in what was fed, and says when it looked', async () => {
    const report = await sweep();
    expect(report).toMatchObject(WELL);
    expect(report.sweptAtMs).not.toBeNull();
    expect(run.engine.audit.sweptCases).toBeGreaterThan(0);
    expect((await run.cards()).length).toBeGreaterThan(0);
  });

  test('finds nothing while late records come', async () => {
    const late = Array.from({ length: 30 }, (_, i) =>
      record({ caseKey: `LATE-${i}`, type: 'received', at: '2026-10-08T09:00:00+08:00', seq: 1 }),
    );
    const sent = run.engine.submit(ndjson(...late), { id: 'hall', organs: null, stamps: 'live' });
    expect(await sweep()).toMatchObject(WELL);
    await sent;
    await run.moveTo(CITY_END_MS + 60_000);
    expect(await sweep()).toMatchObject(WELL);
  });

  test('finds nothing after a publication', async () => {
    const changed = demoPack();
    const clocks = changed.clocks.map((one) => ({ ...one, rungs: one.rungs.slice(0, 1) }));
    const next = { ...changed, version: changed.version + 1, clocks };
    await run.engine.publish(JSON.stringify(next), 'operator', '只留第一档');
    expect(await sweep()).toMatchObject(WELL);
  });

  test('says its numbers to those who watch machines', async () => {
    const text = await run.engine.metrics();
    expect(text).toContain('mingcha_due_without_card 0');
    expect(text).toContain('mingcha_card_without_due 0');
    expect(run.engine.health().deadMan).toMatchObject(WELL);
  });
});
