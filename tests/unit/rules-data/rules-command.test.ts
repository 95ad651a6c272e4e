/** The rules command: its output, its exit codes, and what it sends to a server. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_URL, serverUrl } from '../../../engine/cli/rule-publish.ts';
import { runRules } from '../../../engine/cli/rules.ts';
import { RULES_DIR } from '../../../engine/runtime/rule-schema.ts';

const DEMO = join(RULES_DIR, 'packs', 'demo.json');
const KEY = 'operator-key-of-a-test';

async function run(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runRules(argv, { out: (l) => out.push(l), err: (l) => err.push(l) });
  return { code, out, err: err.join('\n'), json: () => JSON.parse(out.at(-1) ?? '') };
}

describe('test', () => {
  test('prints one line a rule and ends with one JSON object', async () => {
    const result = await run('test', '--pack', DEMO, '--json');
    expect(result.err).toBe('');
    expect(result.code).toBe(0);
    expect(result.json()).toMatchObject({ packs: 1, failed: 0, untested: [] });
    expect(result.json().cases).toBe(result.json().passed);
    expect(result.out.length - 1).toBe(result.json().rules);
  });

  test('a pack that does not load is exit code 1 with the report', async () => {
    const result = await run('test', '--pack', 'nowhere.json');
    expect([result.code, result.err]).toEqual([1, expect.stringContaining('nowhere.json')]);
  });
});

describe('usage', () => {
  test.each([
    [[]],
    [['prove']],
    [['test', 'extra']],
    [['test', '--fast']],
    [['publish', '--pack', DEMO]],
  ])('%j is exit code 2', async (argv) => {
    const result = await run(...argv);
    expect([result.code, result.err]).toEqual([2, expect.stringContaining('usage')]);
  });
});

describe('publish', () => {
  let dir = '';
  let server: Server;
  let seen: {
    url: string;
    authorization: string;
    body: { reason: string; pack: { id: string } };
  }[];
  let status = 200;
  let answer: unknown;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mingcha-publish-'));
    seen = [];
    status = 200;
    answer = undefined;
    server = createServer(async (req, res) => {
      const parts: Buffer[] = [];
      for await (const part of req) parts.push(part as Buffer);
      const body = JSON.parse(Buffer.concat(parts).toString());
      seen.push({ url: req.url ?? '', authorization: req.headers.authorization ?? '', body });
      res.statusCode = status;
      const counts = { raised: 3, withdrawn: 1, moved: 0 };
      const done = { version: 2, hash: 'ab'.repeat(32), ...counts, rules: [CHANGED] };
      res.end(JSON.stringify(answer ?? done));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    writeFileSync(join(dir, 'address.txt'), `http://127.0.0.1:${port}/\n`);
    const rows = [
      '# name\tkind\trole\tsecret',
      `operator-key\tkey\toperator\t${KEY}\t运维\tOperator`,
    ];
    writeFileSync(join(dir, 'credentials.txt'), rows.join('\n'));
  });

  afterEach(async () => {
    await new Promise((done) => server.close(done));
    rmSync(dir, { recursive: true, force: true });
  });

  const CHANGED = { id: 'promise', change: 'changed', effective: 'now', from: 1, to: 2 };
  const publish = () =>
    run('publish', '--pack', DEMO, '--data', dir, '--reason', '调整阈值', '--json');

  test('sends the whole pack and the reason with the operator key', async () => {
    const result = await publish();
    expect(result.err).toBe('');
    expect(result.code).toBe(0);
    expect(result.json()).toMatchObject({ pack: 'demo', version: 2, raised: 3, withdrawn: 1 });
    expect(result.out).toContain('  promise  changed  v1 → v2  自现在起 from now');
    expect(seen[0]).toMatchObject({
      url: '/api/v1/rules/publish',
      authorization: `Bearer ${KEY}`,
      body: { reason: '调整阈值', pack: { id: 'demo' } },
    });
  });

  test('a refusal is exit code 1 and shows the answer', async () => {
    status = 422;
    const result = await publish();
    expect([result.code, result.err]).toEqual([1, expect.stringContaining('422')]);
  });

  test('an error answer is told in words, not as JSON', async () => {
    status = 422;
    answer = { error: { code: 'PACK_INVALID', message: '规则包有误', messageEn: 'pack is wrong' } };
    const { err } = await publish();
    expect(err).toContain('PACK_INVALID\n规则包有误\npack is wrong');
    expect(err).not.toContain('{');
  });

  test('without a key it says where one is looked for', async () => {
    rmSync(join(dir, 'credentials.txt'));
    const result = await publish();
    expect([result.code, result.err]).toEqual([1, expect.stringContaining('credentials.txt')]);
    expect(seen).toEqual([]);
  });

  test('a server that does not answer is exit code 1 and names --url', async () => {
    writeFileSync(join(dir, 'address.txt'), 'http://127.0.0.1:9\n');
    const result = await publish();
    expect([result.code, result.err]).toEqual([1, expect.stringContaining('--url')]);
  });

  test('the address given wins over the one left by a server, and that over the default', () => {
    expect(serverUrl(dir, 'http://example.test:1/')).toBe('http://example.test:1');
    expect(serverUrl(dir, undefined)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(serverUrl(join(dir, 'empty'), undefined)).toBe(DEFAULT_URL);
  });
});
