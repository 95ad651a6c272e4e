/**
 * The kernel and the checker (checker/) on random case histories: cards by name, every run of every
 * clock, and the time bills day by day. `npm run agree -- --cases 1000000` is the long run of the same.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { DossierCase, DossierHead } from '../../checker/dossier.ts';
import { agree, conclusionsOf } from '../agreement/agree.ts';
import { pausedWorld, play, world } from '../fixtures/kernel/histories.ts';
import { at, clock, pack } from '../fixtures/kernel/pack.ts';
import { jsonOf, type Line, live, Rig } from '../fixtures/kernel/rig.ts';
import { runs } from '../fixtures/property.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'mingcha-agreement-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a few thousand random cases: cards, clocks and bills are the same by both', () => {
  let cases = 0;
  fc.assert(
    fc.property(fc.oneof(world, pausedWorld), (one) => {
      const agreed = agree(play(one), (i) => (i * 7919) % 1000);
      expect(agreed.disagreements).toEqual([]);
      cases += agreed.cases;
    }),
    runs(600),
  );
  expect(cases).toBeGreaterThan(0);
});

describe('npm run check', () => {
  const lines: Line[] = [
    { caseKey: 'A', type: 'received', at: at('2024-02-07 10:00'), seq: 1, itemCode: 'I1' },
    { caseKey: 'A', type: 'suspended', at: at('2024-02-08 10:00'), seq: 2 },
    { caseKey: 'A', type: 'resumed', at: at('2024-02-18 10:00'), seq: 3 },
  ];
  const suspend = [{ from: 'suspended', to: 'resumed' }] as const;
  const one = pack({ clocks: [clock('c', { suspend })] });
  const rig = new Rig(one).run(live(lines, at('2024-03-05')));
  const told = conclusionsOf(rig).get('A') as DossierCase;
  const records = lines.map((line, position) => ({
    ...{ position, stampMs: line.at },
    record: JSON.parse(jsonOf(line)) as Record<string, unknown>,
  }));

  function checked(change: Partial<DossierCase>) {
    const head: DossierHead = {
      kind: 'mingcha-dossier',
      format: 1,
      packs: [{ hash: 'x', publishedMs: null, pack: one }],
    };
    const file = join(folder, 'dossier.ndjson.gz');
    const body = [head, { ...told, records, ...change }].map((line) => JSON.stringify(line));
    writeFileSync(file, gzipSync(body.join('\n')));
    const args = ['--disable-warning=ExperimentalWarning', join(ROOT, 'checker/main.ts'), file];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { status, stdout };
  }

  test('agrees with what the kernel concluded', () => {
    const { status, stdout } = checked({});
    expect(stdout).toContain('1 件 cases, 1 张牌 cards, 1 个时钟 clocks');
    expect(status).toBe(0);
  });

  test('finds a card that is missing, one that is too much, and one an instant late', () => {
    const [card] = told.cards;
    if (card === undefined) throw new Error('the case has a card');
    expect(checked({ cards: [] })).toMatchObject({ status: 1 });
    expect(checked({ cards: [card, { ...card, level: 'red' }] })).toMatchObject({ status: 1 });
    const late = checked({ cards: [{ ...card, due: card.due + 1 }] });
    expect(late.status).toBe(1);
    expect(late.stdout).toContain(`引擎 engine   ${new Date(card.due + 1).toISOString()}`);
    expect(late.stdout).toContain(`核验 checker  ${new Date(card.due).toISOString()}`);
  });

  test('finds a due instant, and a day of a bill, that the engine read otherwise', () => {
    const [run] = told.clocks;
    if (run === undefined) throw new Error('the case has a clock');
    const moved = checked({ clocks: [{ ...run, due: (run.due ?? 0) + 86_400_000 }] });
    expect(moved.stdout).toContain('到期时刻 due instant');
    const bill = run.bill.map(([date, reason, used]) =>
      date === '2024-02-18'
        ? ([date, 'makeup', used + 1] as const)
        : ([date, reason, used] as const),
    );
    const billed = checked({ clocks: [{ ...run, bill }] });
    expect(billed.stdout).toContain('c||0 2024-02-18');
    expect(billed.stdout).toContain('核验 checker  suspended (1)');
    expect(billed.status).toBe(1);
  });
});
