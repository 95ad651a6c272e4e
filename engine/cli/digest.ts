/**
 * `npm run digest`: the card digest and the balance of a data folder, read through the engine itself.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EmbeddedEngine } from '../engine.ts';
import { loadPack } from '../runtime/rule-loader.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const USAGE = '用法 / usage: npm run digest -- [--data DIR] [--json]';

function fail(text: string, code: 1 | 2): never {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}

function readOptions(): { dataDir: string; json: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        data: { type: 'string', default: join(ROOT, 'data') },
        json: { type: 'boolean', default: false },
      },
    });
    return { dataDir: resolve(values.data), json: values.json };
  } catch (error) {
    return fail(`${String(error instanceof Error ? error.message : error)}\n${USAGE}`, 2);
  }
}

const options = readOptions();
if (!existsSync(join(options.dataDir, 'log'))) {
  fail(`${options.dataDir} 没有日志 / no log there; 用 --data 指定数据目录 (name it by --data)`, 1);
}
const engine = new EmbeddedEngine({
  dataDir: options.dataDir,
  pack: loadPack(join(ROOT, 'rules/packs/demo.json')),
  pseudonymKey: new Uint8Array(32),
  clock: { baseMs: 0, realBaseMs: 0, speed: 0 },
  log: (message) => process.stderr.write(`${message}\n`),
});
await engine.start();
const digest = await engine.digest();
const balance = await engine.balance();
await engine.stop();
process.stdout.write(`摘要 digest   ${digest.digest}\n牌数 cards    ${digest.cards}\n`);
for (const row of balance.rows) {
  process.stdout.write(
    `分区 ${row.partition}  来源 ${row.source || '-'}  accepted ${row.accepted} = applied ${row.applied}` +
      ` + duplicate ${row.duplicate} + held ${row.held} + dead ${row.deadLettered}` +
      ` + pending ${row.pending}  差额 difference ${row.difference}\n`,
  );
}
process.stdout.write(`平衡 balanced ${balance.balanced ? '是 yes' : '否 no'}\n`);
if (options.json) process.stdout.write(`${JSON.stringify({ ...digest, balance })}\n`);
process.exit(balance.balanced ? 0 : 1);
