import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readPeerLine } from '../../../benchmarks/peers/job/runner.ts';

const LOAD = join(import.meta.dirname, '../../../engine/cli/load.ts');
const folder = mkdtempSync(join(tmpdir(), 'mingcha-load-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  return spawnSync(process.execPath, [LOAD, ...args], { encoding: 'utf8', env, timeout: 30_000 });
}

test.for([
  [[], 'one of ingest, walls is needed'],
  [['all'], 'one of ingest, walls is needed'],
  [['walls', 'ingest'], 'one of ingest, walls is needed'],
  [['walls', '--duration', '1m'], '--duration is seconds'],
  [['walls', '--sockets', 'many'], '--sockets is a number'],
  [['ingest', '--url', 'nowhere'], '--url is not an address'],
  [['ingest', '--wrong'], "'--wrong'"],
] as const)('bad usage %j is named and exits with 2', ([args, message]) => {
  const { status, stderr } = load(args);
  expect(stderr).toContain('LOAD_USAGE: ');
  expect(stderr).toContain(message);
  expect(status).toBe(2);
});

test('without k6 it says how to get it and exits with 1', () => {
  const { status, stderr } = load(['ingest'], { PATH: folder });
  expect(status).toBe(1);
  expect(stderr).toContain('K6_NOT_FOUND');
  expect(stderr).toContain('go install go.k6.io/k6@v1.8.1');
});

test('a missing key and a missing server are told apart', () => {
  const noKey = load(['ingest', '--k6', process.execPath, '--data', folder]);
  expect(noKey.stderr).toContain('K6_NOT_FOUND');
  const k6 = join(folder, 'k6');
  writeFileSync(k6, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  expect(load(['ingest', '--k6', k6, '--data', folder]).stderr).toContain('KEY_NOT_FOUND');
  const given = ['--key', 'k'.repeat(20), '--token', 't'.repeat(20), '--url', 'http://127.0.0.1:9'];
  const noServer = load(['walls', '--k6', k6, ...given]);
  expect(noServer.stderr).toContain('SERVER_NOT_FOUND');
  expect(noServer.status).toBe(1);
});

test('the line a peer prints is read, whatever stands around it', () => {
  const line =
    'flink-part-hashmap run=0 events=597972 wall=3.57s ev/s=167,458 cpu_s_per_M=11.773 cards=49082 ' +
    'sum=768276137360 VmHWM: 764508 fired=13606';
  expect(readPeerLine(`SLF4J: noise\n${line}\n`)).toEqual({
    name: 'flink-part-hashmap',
    events: 597_972,
    eventsPerSecond: 167_458,
    cpuSecondsPerMillion: 11.773,
    cards: 49_082,
    checksum: '768276137360',
  });
  expect(readPeerLine('no figures here')).toBeNull();
});
