/**
 * `npm run digest`: the card digest and the balance of a data folder, read through the engine itself;
 * with --dossier also the file the offline checker reads.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EmbeddedEngine } from '../engine.ts';
import type { Balance, BalanceRow } from '../facade.ts';
import { loadPack } from '../runtime/rule-loader.ts';
import { writeDossier } from './dossier.ts';

type Digest = Awaited<ReturnType<EmbeddedEngine['digest']>>;

const ROOT = resolve(import.meta.dirname, '../..');
const USAGE = '用法 / usage: npm run digest -- [--data DIR] [--dossier FILE.ndjson[.gz]] [--json]';

function fail(text: string, code: 1 | 2): never {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}

/** Paths are those of the folder the command was given in, also when npm changes to ours. */
function fromCaller(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

interface Options {
  readonly dataDir: string;
  readonly json: boolean;
  /** Where the dossier goes, null for none. */
  readonly dossier: string | null;
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        data: { type: 'string', default: join(ROOT, 'data') },
        json: { type: 'boolean', default: false },
        dossier: { type: 'string' },
      },
    });
    const dossier = values.dossier === undefined ? null : fromCaller(values.dossier);
    return { dataDir: fromCaller(values.data), json: values.json, dossier };
  } catch (error) {
    return fail(`${String(error instanceof Error ? error.message : error)}\n${USAGE}`, 2);
  }
}

/** Time stands still meanwhile: looking at a folder must not make anything overdue. */
async function read(
  dataDir: string,
  dossier: string | null,
): Promise<{ digest: Digest; balance: Balance }> {
  const engine = new EmbeddedEngine({
    dataDir,
    pack: loadPack(join(ROOT, 'rules/packs/demo.json')),
    pseudonymKey: new Uint8Array(32),
    clock: { baseMs: 0, realBaseMs: 0, speed: 0 },
    log: (message) => process.stderr.write(`${message}\n`),
  });
  await engine.start();
  const digest = await engine.digest();
  const balance = await engine.balance();
  if (dossier !== null) {
    const cases = await writeDossier(engine, dossier, (done) =>
      process.stderr.write(`卷宗 dossier: ${done}\n`),
    );
    process.stderr.write(`卷宗 dossier: ${cases} 件 cases → ${dossier}\n`);
  }
  await engine.stop();
  return { digest, balance };
}

/** One line a partition; the sources of each are in the JSON. */
function balanceLines({ rows }: Balance): string[] {
  const partitions = [...new Set(rows.map((row) => row.partition))];
  return partitions.map((partition) => {
    const own = rows.filter((row) => row.partition === partition);
    const sum = (pick: (row: BalanceRow) => number): number =>
      own.reduce((total, row) => total + pick(row), 0);
    return (
      `分区 partition ${partition}   accepted ${sum((row) => row.accepted)}` +
      ` = applied ${sum((row) => row.applied)} + duplicate ${sum((row) => row.duplicate)}` +
      ` + held ${sum((row) => row.held)} + dead ${sum((row) => row.deadLettered)}` +
      ` + pending ${sum((row) => row.pending)}   差额 difference ${sum((row) => row.difference)}`
    );
  });
}

async function main(): Promise<never> {
  const { dataDir, json, dossier } = readOptions();
  if (!existsSync(join(dataDir, 'log'))) {
    fail(`${dataDir} 没有日志;用 --data 指定数据目录 (no log there; name the folder by --data)`, 1);
  }
  const { digest, balance } = await read(dataDir, dossier);
  const lines = [
    `摘要 digest   ${digest.digest}`,
    `牌数 cards    ${digest.cards}`,
    ...balanceLines(balance),
    `平衡 balanced ${balance.balanced ? '是 yes' : '否 no'}`,
  ];
  if (json) lines.push(JSON.stringify({ ...digest, balance }));
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exit(balance.balanced ? 0 : 1);
}

main().catch((error: unknown) => fail(error instanceof Error ? error.message : String(error), 1));
