/** The starter: usage, exit codes, and signals that reach the program once. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');
const project = mkdtempSync(join(tmpdir(), 'mingcha-bin-'));
const starter = join(project, 'bin/mingcha.mjs');

/** A project of three files around the real starter; packages are the ones installed here. */
beforeAll(() => {
  cpSync(join(ROOT, 'bin'), join(project, 'bin'), { recursive: true });
  cpSync(join(ROOT, 'package-lock.json'), join(project, 'package-lock.json'));
  mkdirSync(join(project, 'node_modules'));
  for (const name of ['.bin', '.package-lock.json', 'vite', 'vitest', 'typescript']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  }
  mkdirSync(join(project, 'engine/cli'), { recursive: true });
  mkdirSync(join(project, 'api'));
  writeFileSync(
    join(project, 'engine/cli/digest.ts'),
    `console.log(JSON.stringify(process.argv.slice(2)));
     process.exitCode = Number(process.argv[2] ?? 0);`,
  );
  writeFileSync(
    join(project, 'api/main.ts'),
    `let signals = 0;
     for (const name of ['SIGINT', 'SIGTERM'] as const) {
       process.on(name, () => { signals++; });
     }
     console.log('ready');
     const timer = setInterval(() => {
       if (signals === 0) return;
       clearInterval(timer);
       setTimeout(() => { console.log('stopped after ' + signals); process.exit(7); }, 300);
     }, 20);`,
  );
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

function run(...args: string[]) {
  return spawnSync(process.execPath, [starter, ...args], { encoding: 'utf8', timeout: 30_000 });
}

describe('usage', () => {
  test('without a command it explains itself and exits with 2', () => {
    const { status, stdout } = run();
    expect(status).toBe(2);
    expect(stdout).toContain('COMMAND');
  });

  test('an unknown command is named and exits with 2, before anything is installed', () => {
    const { status, stderr } = run('strat');
    expect(status).toBe(2);
    expect(stderr).toContain('COMMAND_UNKNOWN');
    expect(stderr).toContain('"strat"');
  });

  test('names of object properties are not commands', () => {
    expect(run('constructor').status).toBe(2);
  });
});

describe('installation', () => {
  test('packages that match the lock file are taken as they are and stamped', () => {
    const { status, stderr } = run('digest');
    expect(status).toBe(0);
    expect(stderr).toBe('');
    expect(existsSync(join(project, 'node_modules/.mingcha-lock'))).toBe(true);
  });

  test('an install that cannot reach anything fails with a name and a way out', () => {
    const bare = mkdtempSync(join(tmpdir(), 'mingcha-bare-'));
    cpSync(join(ROOT, 'bin'), join(bare, 'bin'), { recursive: true });
    for (const name of ['package.json', 'package-lock.json']) {
      cpSync(join(ROOT, name), join(bare, name));
    }
    const env = {
      ...process.env,
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_cache: join(bare, 'cache'),
      npm_config_fetch_retries: '0',
    };
    const args = [join(bare, 'bin/mingcha.mjs'), 'digest'];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
    rmSync(bare, { recursive: true, force: true });
    expect(status).toBe(1);
    expect(stderr).toContain('INSTALL_FAILED');
    expect(stderr).toContain('npm config set registry');
  });
});

describe('programs', () => {
  test('arguments arrive as they are and the exit code comes back', () => {
    const { status, stdout } = run('digest', '3', '--data', 'a b');
    expect(stdout).toBe('["3","--data","a b"]\n');
    expect(status).toBe(3);
  });

  test('a signal reaches the program once, and its clean stop is waited for', async () => {
    const child = spawn(process.execPath, [starter, 'start'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (!output.endsWith('ready\n')) return;
      child.kill('SIGINT');
      setTimeout(() => child.kill('SIGINT'), 50);
    });
    const [code] = await once(child, 'exit');
    expect(output).toBe('ready\nstopped after 1\n');
    expect(code).toBe(7);
  });

  test('when npm is killed, the program is stopped cleanly and does not run on unseen', async () => {
    const spawning = `require('node:child_process').spawn(process.execPath,
      [${JSON.stringify(starter)}, 'start'], { stdio: 'inherit' });`;
    const parent = spawn(process.execPath, ['-e', spawning], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, npm_lifecycle_event: 'start' },
    });
    let output = '';
    for await (const chunk of parent.stdout) {
      output += String(chunk);
      if (output === 'ready\n') parent.kill('SIGKILL');
    }
    expect(output).toBe('ready\nstopped after 1\n');
  });
});
